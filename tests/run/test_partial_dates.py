"""Dates that are none, or not whole, through a whole run: evidence and keys, with the reason code kept."""

from __future__ import annotations

import polars as pl
import pytest

import nikdedup
from nikdedup.lab import generate

HOME = {
    "NAMA_LGKP_IBU": "SELVIANA QUARTINE",
    "NAMA_LGKP": "ZWENDOLF QUAXTIR",
    "JENIS_KLMIN": "L",
    "TMPT_LHR": "PURUK CAHU",
}


@pytest.mark.parametrize(
    ("written", "flag", "level"),
    [
        ("31-06-1980", "birth_impossible", 19),
        ("70-06-1980", "birth_impossible", 19),
        ("00-06-1980", "birth_partial", 19),
        ("1980", "birth_partial", 18),
        ("30-06-1112", "birth_impossible", 19),
        ("30-06-1955", None, 17),
    ],
)
def test_a_date_that_is_none_still_tells(tmp_path, written, flag, level):
    generate(tmp_path / "a.parquet", rows=2_000, seed=7)
    two = [
        HOME | {"TGL_LHR": "30-06-1980", "NIK": "6212013006809001"},
        HOME | {"TGL_LHR": written, "NIK": None},
    ]
    people = pl.concat([pl.read_parquet(tmp_path / "a.parquet"), pl.DataFrame(two)], how="diagonal_relaxed")
    result = nikdedup.dedupe(people, reference_date="2026-06-30")
    pair = result.pairs.filter(row_l=2000, row_r=2001)
    assert pair["level_nik_birth_sex"].to_list() == [level]
    residents = result.residents[2001]
    if flag is not None:
        assert residents["tgl_lhr_clean"].to_list() == [None]
        assert flag in residents["flags"][0]
        assert "birth_known" not in residents.columns
