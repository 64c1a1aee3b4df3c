"""NIKs that are not those of their rows: columns that slid or were sorted by themselves, and dates of another epoch."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nikdedup import dedupe
from nikdedup.columnar.calendar import NO_DATE
from nikdedup.residents.damage.agreement import same_day, share_at_most, slid
from tests.residents.damage.test_survey import cleaned, having, people

FOREIGN = "nik_of_other_row"


def moved(frame: pl.DataFrame, by: int, first: int = 0, last: int | None = None) -> pl.DataFrame:
    """Slide the NIKs of some rows down by so many rows (up if negative), round about."""
    niks = frame["nik"].to_numpy().copy()
    niks[first:last] = np.roll(niks[first:last], by)
    return frame.with_columns(nik=pl.Series(niks, dtype=pl.String))


@pytest.mark.parametrize("by", [1, -1, 2, 3])
def test_a_column_that_slid(by):
    found = cleaned(moved(people(40), by))
    assert len(having(found, FOREIGN)) == 40
    assert found["nik_clean"].null_count() == 40
    assert found["nik_birth"].null_count() == 40


def test_a_column_sorted_by_itself():
    frame = people(60)
    found = cleaned(frame.with_columns(nik=frame["nik"].sort()))
    assert len(having(found, FOREIGN)) == 60


@pytest.mark.parametrize("by", [1, -1, 3])
def test_only_the_stretch_that_slid_is_accused(by):
    found = cleaned(moved(people(500), by, first=200, last=240))
    at = having(found, FOREIGN)
    assert set(at) <= set(range(200, 240))
    assert len(at) >= 40 - 2 * abs(by)


def test_rows_of_other_sources_are_left_alone():
    sound = people(40, seed=2, file="b.xlsx", first=40)
    found = cleaned(pl.concat([moved(people(40), 1), sound]))
    assert having(found, FOREIGN) == list(range(40))


def test_a_list_of_residents_whose_birth_date_was_corrected_is_no_damage():
    """PP 40/2019: the NIK stays as issued where the date is corrected."""
    frame = people(50).with_columns(tgl_lhr=people(50, seed=9)["tgl_lhr"])
    found = cleaned(frame)
    assert having(found, FOREIGN) == []
    assert len(having(found, "nik_birth_differs")) == 50


@pytest.mark.parametrize("ordered", [False, True])
def test_healthy_rows_are_left_alone(ordered):
    assert having(cleaned(people(5_000, ordered=ordered)), FOREIGN) == []


def test_brothers_and_sisters_of_one_default_date_are_left_alone():
    frame = people(40).with_columns(
        tgl_lhr=pl.lit("01-07-1980"),
        nik=pl.concat_str(pl.lit("621201010780"), (pl.col("row") + 9001).cast(pl.String)),
        jenis_klmin=pl.lit("L"),
    )
    assert having(cleaned(frame), FOREIGN) == []


def test_dates_that_count_from_1904():
    frame = people(30)
    early = pl.col("tgl_lhr").str.to_date("%d-%m-%Y").dt.offset_by("-1462d").dt.strftime("%Y-%m-%d")
    found = cleaned(frame.with_columns(tgl_lhr=early))
    assert found["tgl_lhr_clean"].equals(cleaned(frame)["tgl_lhr_clean"])
    assert len(having(found, "birth_epoch_1904")) == 30
    assert having(found, "nik_birth_differs") == []


def test_one_date_of_1904_is_a_slip_and_stays():
    frame = people(30)
    days = frame["tgl_lhr"].str.to_date("%d-%m-%Y")
    early = pl.select(
        pl.when(pl.int_range(30) < 2).then(days.dt.offset_by("-1462d")).otherwise(days)
    ).to_series()
    found = cleaned(frame.with_columns(tgl_lhr=early.dt.strftime("%Y-%m-%d")))
    assert having(found, "birth_epoch_1904") == []
    assert having(found, "nik_birth_differs") == [0, 1]


def test_every_run_counts_by_source_how_often_niks_and_columns_agree(tmp_path):
    sound, slipped = people(40), moved(people(40, seed=2), 1)
    for name, frame in (("a.csv", sound), ("b.csv", slipped)):
        columns = {"nik": "NIK", "nama_lgkp": "NAMA_LGKP", "jenis_klmin": "JENIS_KLMIN", "tgl_lhr": "TGL_LHR"}
        frame.select(list(columns)).rename(columns).write_csv(tmp_path / name)
    run = dedupe(tmp_path, reference_date="2026-06-30").run
    first, second = run["quality"]["niks"]
    assert (first["file"], first["rows"], first["birth_known"], first["birth_agrees"]) == (
        "a.csv",
        40,
        40,
        40,
    )
    assert (first["sex_known"], first["sex_agrees"]) == (40, 40)
    assert (second["file"], second["birth_known"], second["birth_agrees"]) == ("b.csv", 40, 0)
    failed = {check["check"]: check["text_en"] for check in run["health"] if not check["ok"]}
    assert list(failed) == ["nik_agrees_with_birth"]
    assert "b.csv (0/40)" in failed["nik_agrees_with_birth"]
    assert "a.csv" not in failed["nik_agrees_with_birth"]


FIELD = Path(__file__).parents[2] / "cases" / "field"


def test_a_slid_column_gives_no_second_nik_and_nothing_to_deactivate():
    result = dedupe(FIELD / "nik_column_shifted.csv", reference_date="2026-06-30")
    assert [check["check"] for check in result.run["health"] if not check["ok"]] == ["nik_agrees_with_birth"]
    assert not set(result.decisions["kind"]) & {"B", "C"}
    assert "propose_deactivation" not in set(result.decisions["action"])
    assert result.people["person_id"][1] == result.people["person_id"][5]


def test_serials_of_a_workbook_that_counts_from_1904():
    result = dedupe(FIELD / "dates_from_1904.xlsx", reference_date="2026-06-30")
    assert all(check["ok"] for check in result.run["health"])
    assert result.run["quality"]["flags"]["birth_epoch_1904"] == 6
    assert result.people["person_id"][1] == result.people["person_id"][5]


DAYS = st.lists(st.integers(-9_000, 16_000), min_size=0, max_size=40)


@given(DAYS, st.integers(1, 3), st.booleans())
def test_slid_accuses_no_row_whose_own_date_is_in_its_nik(days, by, up):
    column = np.array(days, np.int32)
    niks = np.roll(column, -by if up else by)
    at = slid(column, niks)
    assert not same_day(column, niks)[at].any()
    assert len(slid(column, column)) == 0
    assert len(slid(column, np.full(len(column), NO_DATE))) == 0


@given(st.integers(0, 200), st.integers(1, 200))
def test_the_upper_bound_of_a_share_holds_the_share(found, more):
    of = found + more
    assert found / of < share_at_most(found, of) <= 1
