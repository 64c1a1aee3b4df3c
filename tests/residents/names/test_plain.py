"""Names by no rules of one language: kept as they are, in the letters A to Z, with nothing taken off."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nikdedup
from nikdedup.config import Config
from nikdedup.residents.names import clean_plain_names, in_latin, plain_sounds


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Dr. H. Smith", "DR H SMITH"),
        ("Mary-Jane O'Brien", "MARY JANE OBRIEN"),
        ("Abdul bin Said", "ABDUL BIN SAID"),
        ("Miss Test", "MISS TEST"),
        ("  ", None),
        ("n/a", None),
        ("UNKNOWN", None),
        (None, None),
    ],
)
def test_a_name_says_nothing_but_itself(text, clean):
    found = clean_plain_names(pl.Series([text], dtype=pl.String))
    assert found["clean"].to_list() == [clean]
    assert found.select("patronymic", "mother", "alias").null_count().row(0) == (1, 1, 1)


@pytest.mark.parametrize(
    ("text", "latin"),
    [
        ("Дмитрий Иванов", "DMITRIY IVANOV"),
        ("Jürgen Groß", "JURGEN GROSS"),
        ("Ελένη", "ELENI"),
        ("王伟", "WANGWEI"),
    ],
)
def test_other_scripts_are_written_in_latin_letters(text, latin):
    pytest.importorskip("anyascii")
    assert in_latin(text) == latin
    assert clean_plain_names(pl.Series([text]))["clean"].to_list() == [latin]


@given(st.lists(st.one_of(st.none(), st.text("abC -'.ZphQ7")), max_size=8))
def test_columns_are_null_together_and_cleaning_twice_changes_nothing(texts):
    found = clean_plain_names(pl.Series(texts, dtype=pl.String))
    assert found["clean"].is_null().to_list() == found["skeleton"].is_null().to_list()
    again = clean_plain_names(found["clean"])
    assert again["clean"].to_list() == found["clean"].to_list()


def test_letters_written_in_two_ways_sound_the_same():
    one, other = plain_sounds(["PHILLIP", "CATHERINE"]), plain_sounds(["FILIP", "KATERINE"])
    assert one == other
    assert plain_sounds(["MARK"]) != plain_sounds(["MARY"])


PEOPLE = pl.DataFrame(
    {
        "ID": ["A1", "B2", "C3", "D4"],
        "NAMA_LGKP": ["Miss Ali Hasan", "Ali Hasan", "Siti Test", "Drs. Wong"],
        "TGL_LHR": ["12-04-1988"] * 4,
    }
)


@pytest.mark.parametrize(
    ("options", "plain"),
    [
        ({"nik_scheme": "opaque"}, True),
        ({}, False),
        ({"names": "plain"}, True),
        ({"nik_scheme": "opaque", "names": "indonesian"}, False),
    ],
)
def test_whose_rules_names_follow(options, plain):
    assert Config.of(options).plain_names == plain
    cleaned = nikdedup.dedupe(PEOPLE, config=options, record_id="ID").residents["nama_lgkp_clean"].to_list()
    assert (cleaned[3] == "DRS WONG") == plain


def test_a_surname_on_many_records_is_a_name():
    """One man in a hundred is a Smith; a register of surnames alone loses none of them."""
    smiths = pl.DataFrame(
        {
            "NAMA_LGKP": [("SMITH" if k % 20 == 0 else f"SURNAME{k}") for k in range(2_000)],
            "TGL_LHR": [f"{1 + k % 28:02d}-{1 + k % 12:02d}-{1930 + k % 70}" for k in range(2_000)],
        }
    )
    for options, lost in (({"nik_scheme": "opaque"}, 0), ({}, 100)):
        residents = nikdedup.dedupe(smiths, config=options).residents
        assert residents["nama_lgkp_clean"].null_count() == lost


@pytest.mark.parametrize("born", ["26 7 1961", "? 7 1961"])
def test_a_foreign_list_goes_the_whole_way(born):
    pytest.importorskip("anyascii")
    day = born.split()[0].strip("?") or None
    frame = pl.DataFrame(
        {
            "id": ["x1", "x2", "x3"],
            "given": ["Наталья", "Natalya", "Olga"], "family": ["Кузнецова", "Kuznetsova", "Petrova"],
            "d": [day, day, "1"], "m": ["7", "7", "2"], "y": ["1961", "1961", "1970"],
            "sex": ["F", "F", "M"], "street": ["улица Мира 4", "ulitsa Mira 4", "4 Elm Row"],
        }
    )  # fmt: skip
    result = nikdedup.dedupe(
        frame, nik_scheme="opaque",
        columns={"nik": "id", "nama_lgkp": ["given", "family"], "tgl_lhr": ["d", "m", "y"], "jenis_klmin": "sex",
                 "alamat": "street"},
    )  # fmt: skip
    assert result.residents["jenis_klmin_clean"].to_list() == ["P", "P", "L"]
    assert result.residents["nama_lgkp_clean"][0] == "NATALYA KUZNETSOVA"
    partial = result.residents["flags"].list.contains("birth_partial").to_list()
    assert partial == [day is None, day is None, False]
    if day is not None:
        assert result.pairs["level_name"].to_list() == [6]
