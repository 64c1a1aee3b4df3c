"""Damage is recognised and healthy rows are left alone: 300 cases of each, and a labelled file of each.

The labelled files are made by `python -m benchmarks.damage --labelled tests/cases/damage`.
"""

import sys
from pathlib import Path

import polars as pl
import pytest

from nikdedup.config import Config
from nikdedup.residents import understand
from nikdedup.residents.read.extract import read

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.damage import (  # noqa: E402
    FLOOR,
    READING,
    healthy_accused,
    healthy_records,
    measure,
)
from benchmarks.damage_kinds import DAMAGES  # noqa: E402
from benchmarks.damage_rows import READ_AGAIN, bip_layout, repeated_headers  # noqa: E402

CASES = 300
LABELLED = ROOT / "tests" / "cases" / "damage"
DAMAGE_IDS = [damage.slug for damage in DAMAGES]


@pytest.fixture(scope="module")
def healthy():
    return healthy_records(6_000)


@pytest.mark.parametrize("damage", DAMAGES, ids=DAMAGE_IDS)
def test_recognised_at_least_as_often_as_the_floor(damage, healthy):
    figure = measure(damage, healthy, cases=CASES)
    assert figure.cases == CASES
    assert figure.share >= FLOOR
    assert figure.accused_share <= damage.most_accused


def test_healthy_rows_are_accused_of_nothing(healthy):
    rows, accused = healthy_accused(healthy)
    assert rows == len(healthy)
    assert {name: count for name, count in accused.items() if count} == {}


@pytest.mark.parametrize("step", [repeated_headers, bip_layout])
def test_rows_that_are_no_records(step, healthy):
    figure = step(healthy, cases=CASES)
    assert (figure.share, figure.accused) == (1.0, 0)
    assert figure.cases >= CASES


@pytest.mark.parametrize("damage", DAMAGES, ids=DAMAGE_IDS)
def test_labelled_file(damage):
    path = next(LABELLED.glob(f"{damage.slug}.*"))
    config = Config.of(READING | damage.config)
    residents = understand(read(path, config=config), config)[1]
    damaged, nik, birth = labels(path)
    if damage.codes:
        carries = residents["flags"].list.set_intersection(list(damage.codes)).list.len() > 0
        assert carries.filter(damaged).mean() >= (1 if damage.known else 0.9)
        assert damage.everywhere or carries.filter(~damaged).mean() <= damage.most_accused
    if damage.hides:
        assert residents["nik"].to_list() == nik.to_list()
    if "nik_clean" in damage.right:
        assert residents["nik_clean"].to_list() == nik.to_list()
    if "tgl_lhr_clean" in damage.right:
        assert (
            residents["tgl_lhr_clean"].dt.to_string("%d-%m-%Y").filter(damaged).to_list()
            == birth.filter(damaged).to_list()
        )


def test_labelled_repeated_headers():
    path = LABELLED / "header_rows_repeated_inside.csv"
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    repeated = [i for i, line in enumerate(lines, 2) if line.upper().replace(" ", "_") == header]
    extract = read(path, config=Config())
    assert [(one.source_row, one.reason) for one in extract.skipped] == [
        (row, "header_repeated") for row in repeated
    ]
    assert extract.frame["nik"].to_list() == truth()["NIK"].to_list()


def test_labelled_printout():
    extract = read(LABELLED / "bip_layout_b.xlsx", config=Config())
    right = truth().sort("NIK")
    found = extract.frame.sort("nik")
    assert found["nik"].to_list() == right["NIK"].to_list()
    for field, column in READ_AGAIN.items():
        assert found[field].to_list() == right[column].to_list(), field
    reasons = {one.reason for one in extract.skipped}
    assert reasons == {"title", "blank", "continued", "footer", "header_repeated"}
    assert found["source_sheet"].n_unique() == 3


def truth():
    return pl.read_csv(LABELLED / "rows.truth.csv", separator=";", infer_schema=False)


def labels(path):
    """Return which rows are damaged, and the true NIK and date of birth."""
    if path.suffix == ".xlsx":
        frame = pl.read_excel(path, infer_schema_length=0)
    elif path.suffix == ".parquet":
        frame = pl.read_parquet(path)
    else:
        frame = pl.read_csv(path, separator=";", infer_schema=False)
    return frame["LABEL"].is_not_null(), frame["TRUE_NIK"], frame["TRUE_TGL"]
