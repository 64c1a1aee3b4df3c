"""NIKs of the parents: damage is told with a reason, as that of the own NIK, and nothing else changes."""

import polars as pl
import pytest

import nikdedup
from nikdedup.config import Config
from nikdedup.residents.read.extract import read
from nikdedup.residents.understanding import understand

ROWS = 60
FIELDS = pytest.mark.parametrize("field", ["NIK_IBU", "NIK_AYAH"])


def people(**columns):
    """Return residents, three to a mother and a father; the last digits of all numbers are spread evenly."""
    niks = [f"62120101{i % 12 + 1:02d}90{9001 + 7 * i}" for i in range(ROWS)]
    parents = [f"62120141{i // 3 % 12 + 1:02d}60{9001 + 7 * (i // 3)}" for i in range(ROWS)]
    names = ["SITI AMINAH", "BUDI SANTOSO", "SRI WAHYUNI", "RUSLAN EFENDI"] * (ROWS // 4)
    whole = {"NIK": niks, "NAMA_LGKP": names, "NIK_IBU": parents, "NIK_AYAH": parents}
    return pl.DataFrame(whole | columns)


def codes(frame, **options):
    """Return per record the codes about its parents' NIKs."""
    config = Config(reference_date="2026-06-30", **options)
    flags = understand(read(frame, config=config), config)[1]["flags"].to_list()
    return [[code for code in found if code.startswith("parent_nik_")] for found in flags]


def test_healthy_numbers_are_accused_of_nothing():
    assert codes(people()) == [[]] * ROWS
    assert codes(people().drop("NIK_IBU", "NIK_AYAH")) == [[]] * ROWS


@FIELDS
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("0", ["parent_nik_placeholder"], id="zero"),
        pytest.param("-", ["parent_nik_placeholder"], id="dash"),
        pytest.param("6,21201E+15", ["parent_nik_scientific"], id="scientific"),
        pytest.param("621201410760900", ["parent_nik_unusable"], id="15 digits"),
        pytest.param("62120141O760900I", ["parent_nik_unusable"], id="letters"),
        pytest.param("SUMIATI", ["parent_nik_unusable"], id="a name"),
        pytest.param("6212014107600000", ["parent_nik_truncated"], id="serial 0000"),
        pytest.param("'62.1201 410760\u00a09001", [], id="separators"),
        pytest.param(None, [], id="blank"),
        pytest.param("  ", [], id="spaces"),
    ],
)
def test_one_cell(field, text, expected):
    frame = people()
    frame = frame.with_columns(pl.Series(field, [text, *frame[field][1:]]))
    assert codes(frame) == [expected] + [[]] * (ROWS - 1)
    assert codes(frame, nik_scheme="opaque") == [[]] * ROWS


@FIELDS
def test_a_column_that_excel_cut(field):
    cut = people().with_columns(pl.col(field).str.head(15) + "0")
    assert codes(cut) == [["parent_nik_truncated"]] * ROWS


def test_one_parent_of_many_children_does_not_accuse_the_column():
    parents = ["6212014107609010"] * (ROWS - 3) + ["6212014107609011", "6212014107609012", "6212014107609013"]
    assert codes(people(NIK_IBU=parents)) == [[]] * ROWS


def test_a_float_column_above_what_floats_hold():
    papua = [float(9_103_014_107_609_001 + 7 * i) for i in range(ROWS)]
    assert codes(people(NIK_IBU=papua)) == [["parent_nik_float_rounded"]] * ROWS
    assert codes(people(NIK_IBU=people()["NIK_IBU"].cast(pl.Int64).cast(pl.Float64))) == [[]] * ROWS


@FIELDS
def test_profile_and_run_count_them(field):
    frame = people()
    frame = frame.with_columns(pl.Series(field, ["6,21201E+15", "0", *frame[field][2:]]))
    found = nikdedup.profile(frame, reference_date="2026-06-30").frame
    assert dict(found.filter(section="reasons").select("measure", "count").rows()).items() >= {
        ("parent_nik_scientific", 1),
        ("parent_nik_placeholder", 1),
    }
    unread = found.filter(section="columns", column=field.lower(), measure="not_understood")
    assert unread.select("count", "rows").rows() == [(2, [0, 1])]
    flags = nikdedup.dedupe(frame, reference_date="2026-06-30").run["quality"]["flags"]
    assert (flags["parent_nik_scientific"], flags["parent_nik_placeholder"]) == (1, 1)
