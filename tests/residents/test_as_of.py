"""Extracts that no date speaks for: the century comes from the births told in full, ages stay unknown, nothing asks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import nikdedup
from nikdedup.config import Config
from nikdedup.residents.as_of import NEWEST_TABLE, day_to_read_by
from nikdedup.residents.normalise import normalise

Call = Callable[..., Any]
PEOPLE = {
    "NIK": ["6212010107809001", "6212014107809002", "6212014107559003", "6212011503159004"],
    "NAMA": ["ALI AMIN", "RUSMINI", "SITI AMINAH", "BUDI AMIN"],
    "TGL LAHIR": ["01-07-80", "01-07-1980", "01-07-55", "15-03-2015"],
    "JK": ["L", "P", "P", "L"],
    "STATUS KAWIN": ["KAWIN", None, None, None],
    "STATUS REKAM": ["SUDAH REKAM", "BELUM REKAM", "SUDAH REKAM", "BELUM REKAM"],
}


@pytest.mark.parametrize(
    ("births", "day"),
    [
        (["01-07-1980", "15-03-2015", "02-02-78"], date(2015, 12, 31)),
        (["01-07-80", "15-03-15"], NEWEST_TABLE),
        ([None, "-", "SALAH"], NEWEST_TABLE),
        (["01-07-1980"] * 2000 + ["01-07-2019", "01-07-2081"], date(1980, 12, 31)),
        (["01-07-1980"] * 2000 + ["01-07-1981"], date(1981, 12, 31)),
    ],
)
def test_the_latest_birth_told_in_full_decides_the_century(births: list[str | None], day: date) -> None:
    frame = pl.DataFrame({"tgl_lhr": births}, schema={"tgl_lhr": pl.String})
    assert day_to_read_by(frame, Config()) == day


def test_no_births_at_all() -> None:
    assert day_to_read_by(pl.DataFrame({"nik": ["6212010107809001"]}), Config()) == NEWEST_TABLE


def test_without_a_reference_date_nobody_has_an_age() -> None:
    frame = pl.DataFrame(
        {
            "row": [0, 1, 2, 3],
            "record_id": list("0123"),
            "tgl_lhr": ["01-07-1880", "01-07-2015", "01-07-16", "01-07-15"],
            "stat_kwn": ["KAWIN", None, None, None],
        }
    )
    residents = normalise(frame, config=Config(), reference_date=None)
    assert [day.year for day in residents["tgl_lhr_clean"]] == [1880, 2015, 1916, 2015]
    assert residents["wajib_ktp_clean"].to_list() == [True, None, None, None]
    assert not {"birth_too_old", "birth_in_future"} & set(residents["flags"].explode().drop_nulls())
    known = normalise(frame, config=Config(), reference_date=date(2015, 1, 1))
    assert "birth_too_old" in known["flags"][0]
    assert "birth_in_future" in known["flags"][1]


def test_a_run_goes_on_without_a_reference_date(tmp_path: Path, nikdedup_cli: Call) -> None:
    pl.DataFrame(PEOPLE).write_csv(tmp_path / "a.csv")
    done = nikdedup_cli("dedupe", tmp_path / "a.csv", "--out", tmp_path / "run", "--lang", "en")
    assert done.code == 0
    assert done.out.count("No reference date") == 1
    assert "Coverage cannot be computed" in done.out
    result = nikdedup.open(tmp_path / "run")
    assert (result.run["reference_date"], result.run["counts"]["coverage"]) == (None, None)
    assert [day.year for day in result.residents["tgl_lhr_clean"]] == [1980, 1980, 1955, 2015]
    assert not {"nik_birth_differs", "birth_in_future"} & set(
        result.residents["flags"].explode().drop_nulls()
    )
    assert result.recheck().ok
    assert result.explain(0, 1).text()


def test_profile_and_clean_ask_for_no_date(tmp_path: Path, nikdedup_cli: Call) -> None:
    pl.DataFrame(PEOPLE).write_csv(tmp_path / "a.csv")
    assert nikdedup_cli("profile", tmp_path / "a.csv").code == 0
    assert nikdedup_cli("clean", tmp_path / "a.csv", "--out", tmp_path / "b.csv").code == 0
    assert pl.read_csv(tmp_path / "b.csv", infer_schema=False)["TGL LAHIR"][0] == "01-07-80"
