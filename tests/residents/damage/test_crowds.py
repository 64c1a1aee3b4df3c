"""Values on too many records are taken as missing: one rule for NIKs, cards, dates and names."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from nikdedup import Result, dedupe
from nikdedup.residents.damage import crowds
from nikdedup.run import health
from tests.run.cutting import cut

ONE = {
    "NIK": "6212014107909001",
    "NO_KK": "6212010101019001",
    "TGL_LHR": "01-07-1990",
    "NAMA_LGKP": "SITI AMINAH",
    "NAMA_LGKP_IBU": "RUSMINI",
    "NAMA_LGKP_AYAH": "ALI RAHMAN",
}
CLEAN = {
    "NIK": ("nik_clean", "nik"),
    "NO_KK": ("no_kk_clean", "kk"),
    "NAMA_LGKP": ("nama_lgkp_clean", "name"),
    "NAMA_LGKP_IBU": ("nama_lgkp_ibu_clean", "mother"),
    "NAMA_LGKP_AYAH": ("nama_lgkp_ayah_clean", "father"),
}
DAY = "2026-06-30"


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowds, "MANY", 100)
    monkeypatch.setattr(health, "SHARED_BY", dict.fromkeys(health.SHARED_BY, 100))


@pytest.fixture
def people(small_extract: Path) -> pl.DataFrame:
    return pl.read_parquet(small_extract)


def filled(people: pl.DataFrame, *columns: str, rows: int | None = None) -> pl.DataFrame:
    """The extract with one value in all of the first rows of some columns."""
    here = pl.int_range(pl.len()) < (len(people) if rows is None else rows)
    return people.with_columns(
        pl.when(here).then(pl.lit(ONE[name])).otherwise(name).alias(name) for name in dict.fromkeys(columns)
    )


def told(result: Result) -> str:
    """What the health check says, or nothing where it holds."""
    check = next(one for one in result.run["health"] if one["check"] == "values_vary")
    return "" if check["ok"] else check["text_en"] + check["text_id"]


@pytest.mark.parametrize("column", CLEAN)
def test_a_value_of_more_than_may_have_one_is_taken_away_and_of_fewer_stays(
    people: pl.DataFrame, column: str
) -> None:
    clean, name = CLEAN[column]
    alike = filled(
        people, "NO_KK", "TGL_LHR"
    )  # of one family and day a text is not known for a filler otherwise
    many = dedupe(filled(alike, column), reference_date=DAY)
    assert many.run["quality"]["flags"][f"{name}_crowded"] == 600
    assert many.residents[clean].null_count() == 600
    assert "(600/600)" in told(many)
    few = dedupe(filled(alike if column != "NO_KK" else people, column, rows=80), reference_date=DAY)
    assert f"{name}_crowded" not in few.run["quality"]["flags"]


def test_a_filler_on_many_families_keeps_its_own_reason(people: pl.DataFrame) -> None:
    result = dedupe(filled(people, "NAMA_LGKP_IBU"), reference_date=DAY)
    assert result.run["quality"]["flags"]["mother_on_many"] == 600
    assert "mother's name (600/600)" in told(result)
    assert not told(dedupe(filled(people, "NAMA_LGKP_IBU", rows=50), reference_date=DAY))


def test_a_birth_date_of_most_comes_from_the_niks(people: pl.DataFrame) -> None:
    plain = dedupe(people, reference_date=DAY)
    result = dedupe(filled(people, "TGL_LHR"), reference_date=DAY)
    flags = result.run["quality"]["flags"]
    assert flags["birth_crowded"] == 600
    assert flags["birth_from_nik"] > 550
    same = result.residents["tgl_lhr_clean"] == plain.residents["tgl_lhr_clean"]
    assert same.sum() > 550
    assert "birth date (600/600)" in told(result)
    assert "tanggal lahir (600/600)" in told(result)
    failed = {one["check"] for one in result.run["health"] if not one["ok"]}
    assert failed == {"values_vary"}


def test_a_default_date_of_many_but_not_of_most_stays(people: pl.DataFrame) -> None:
    result = dedupe(filled(people, "TGL_LHR", rows=290), reference_date=DAY)
    assert "birth_crowded" not in result.run["quality"]["flags"]


def test_one_card_and_parents_on_all_leave_the_people_that_the_other_columns_tell(
    people: pl.DataFrame,
) -> None:
    columns = ("NO_KK", "NAMA_LGKP_IBU", "NAMA_LGKP_AYAH")
    result = dedupe(filled(people, *columns), reference_date=DAY)
    without = dedupe(
        people.with_columns(pl.lit(None, pl.String).alias(c) for c in columns), reference_date=DAY
    )
    assert result.people.equals(without.people)
    assert result.pairs.equals(without.pairs)
    assert len(result.pairs) < 100


def test_one_nik_on_all_brings_nobody_together(people: pl.DataFrame) -> None:
    result = dedupe(filled(people, "NIK", "TGL_LHR"), reference_date=DAY)
    without = dedupe(
        people.with_columns(pl.lit(None, pl.String).alias(c) for c in ("NIK", "TGL_LHR")), reference_date=DAY
    )
    assert result.people.equals(without.people)
    assert "NIK (600/600)" in told(result)
    assert {one["check"] for one in result.run["health"] if not one["ok"]} == {"values_vary"}


def test_copies_of_one_record_are_written_and_said(people: pl.DataFrame, tmp_path: Path) -> None:
    result = dedupe(pl.concat([people.head(1)] * 600), reference_date=DAY)
    result.write(tmp_path / "run")
    assert result.pairs.is_empty()
    assert result.run["counts"]["people"] == 600
    for name in ("NIK", "No. KK", "birth date", "name", "mother's name", "father's name", "nama ayah"):
        assert f"{name} (600/600)" in told(result)


def test_a_few_copies_under_one_nik_are_settled(people: pl.DataFrame) -> None:
    once = dedupe(people, reference_date=DAY).people["person_id"].n_unique()
    result = dedupe(pl.concat([people, *[people.head(1)] * 4]), reference_date=DAY)
    assert result.people["person_id"].n_unique() == once
    assert (result.decisions["action"] == "drop_copy").sum() >= 4
    assert not told(result)


def test_parts_take_away_the_same(
    people: pl.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(people, "NO_KK", "NAMA_LGKP_IBU", "TGL_LHR").write_parquet(tmp_path / "a.parquet")
    options = {"reference_date": DAY, "residents": False, "report": False, "threads": 2}
    whole = dedupe(tmp_path / "a.parquet", **options)
    cut(monkeypatch, tmp_path / "scratch")
    in_parts = dedupe(tmp_path / "a.parquet", **options)
    assert len(in_parts.residents.columns) == 2
    for name in ("people", "pairs", "decisions"):
        assert getattr(in_parts, name).equals(getattr(whole, name)), name
    assert in_parts.run["quality"]["flags"] == whole.run["quality"]["flags"]
    assert told(in_parts) == told(whole) != ""
