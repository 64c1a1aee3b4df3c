"""Titles apart from the name: known as those of a name are, and nothing that a match rests on."""

import doctest

import polars as pl
import pytest

import nikdedup
from nikdedup.residents.names import title_columns as titles
from nikdedup.residents.names.parse import parse_name

PEOPLE = pl.DataFrame(
    {
        "NIK": ["6212010107909001", "6212010107909002", "6212010107909003", "6212010107909004"],
        "NAMA_LGKP": ["SITI AMINAH", "BUDI SANTOSO", "SRI WAHYUNI", "SITI AMINAH"],
        "TGL_LHR": ["01-07-1990"] * 4,
    }
)
APART = pl.DataFrame(
    {
        "GELAR": ["1", "0", None, "1"],
        "GLR_AGAMA": ["Hj.", None, " - ", "HJ"],
        "GLR_AKADEMIS": ["S.Pd., M.Si", "Drs", None, "S. Pd"],
        "GLR_BANGSAWAN": [None, "Raden", None, None],
    }
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("S.Pd", "SPD"),
        ("s. pd.", "SPD"),
        ("SPd, MSi", "SPD MSI"),
        ("Drs. H.", "DRS H"),
        ("K.H.", "KH"),
        ("Sp.Xy", "SP XY"),
        ("Teuku", "TEUKU"),
        ("H, H.", "H"),
        ("0", None),
        ("TIDAK ADA", None),
        (" ", None),
        (".,.", None),
    ],
)
def test_titles_of_a_cell(text, expected):
    assert titles.read_titles(text) == expected


@pytest.mark.parametrize("title", ["S.Pd., M.Si", "S.H.", "Ph.D", "A.Md.Keb", "S.Kep., Ns", "dr."])
def test_the_same_titles_behind_a_name_are_known_alike(title):
    assert titles.read_titles(title).split() == list(parse_name(f"SITI AMINAH, {title}").titles)


def test_titles_of_all_columns_stand_together():
    found = nikdedup.dedupe(PEOPLE.hstack(APART), reference_date="2026-06-30").residents
    # GELAR is a code here: whether the titles are printed.
    assert found["gelar_clean"].to_list() == ["HJ SPD MSI", "DRS RADEN", None, "HJ SPD"]
    assert found["glr_akademis"].to_list() == APART["GLR_AKADEMIS"].to_list()


def test_titles_apart_change_no_pair():
    with_titles, without = (
        nikdedup.dedupe(frame, reference_date="2026-06-30") for frame in (PEOPLE.hstack(APART), PEOPLE)
    )
    assert with_titles.pairs.equals(without.pairs)
    assert with_titles.people.equals(without.people)
    assert len(without.pairs)
    assert "gelar_clean" not in without.residents.columns


def test_doctests():
    failed, ran = doctest.testmod(titles)
    assert ran
    assert not failed
