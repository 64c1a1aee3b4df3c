"""Cells of whole pages: a reason code, the original kept, the beginning read."""

from pathlib import Path

import polars as pl
import pytest

import nikdedup
from nikdedup.residents.long_cells import LONGEST, LONGEST_NAME, shortened

CASES = Path(__file__).parents[1] / "cases" / "attack"
DAY = "2026-06-30"


FIELDS = (
    "NAMA_LGKP",
    "NAMA_LGKP_IBU",
    "ALAMAT",
    "TMPT_LHR",
    "NIK",
    "TGL_LHR",
    "EKTP_STATUS",
    "JENIS_KLMIN",
    "NO_RT",
)
WORDS = ("BIN ", "ALIAS ", "H. ", "(", "S.Pd, ", "A@", "A DAN ", "BAYI ", "\0", "\u202e", "5 ")


@pytest.mark.parametrize("word", WORDS, ids=ascii)
def test_a_page_in_any_cell_is_a_value(word: str) -> None:
    """Record i has the page in field i; the last record has none."""
    page, n = "ALI " + word * (200_000 // len(word)), len(FIELDS) + 1
    people = pl.DataFrame(
        {name: [page if at == i else "X" for at in range(n)] for i, name in enumerate(FIELDS)}
    )
    residents = nikdedup.dedupe(people, reference_date=DAY).residents.sort("row")
    assert [residents[name.lower()][i] == page for i, name in enumerate(FIELDS)] == [True] * len(FIELDS)
    assert ["cell_long" in flags for flags in residents["flags"].to_list()] == [True] * len(FIELDS) + [False]


def test_a_thousand_words_for_child_of() -> None:
    found = nikdedup.dedupe(CASES / "bin1000.csv", reference_date=DAY).residents.sort("row")
    assert "cell_long" in found["flags"][0]
    assert found["nama_lgkp"][0].count("BIN") == 1000


def test_records_without_long_cells_are_handed_back_themselves() -> None:
    frame = pl.DataFrame({"nama_lgkp": ["A" * LONGEST_NAME], "alamat": ["B" * LONGEST]})
    assert shortened(frame).frame is frame


def test_letters_are_counted_not_bytes() -> None:
    frame = pl.DataFrame({"nama_lgkp": ["É" * LONGEST_NAME, "É" * (LONGEST_NAME + 1)]})
    found = shortened(frame)
    assert found.where.tolist() == [False, True]
    assert found.frame["nama_lgkp"].str.len_chars().to_list() == [LONGEST_NAME] * 2
    assert found.restored(found.frame).equals(frame)
