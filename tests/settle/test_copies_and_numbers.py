"""Situations met in the field, whole: what becomes of broken numbers, copies and old cards."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from nikdedup import Result, dedupe, generate
from tests.settle.household import decided

FIELD = Path(__file__).parent.parent / "cases" / "field"
DAY = "2026-06-30"


def told(result: Result) -> dict[int, tuple[str | None, str, int | None]]:
    found = result.decisions.select("row", "kind", "action", "survivor_row").iter_rows()
    return {row: (kind, action, kept) for row, kind, action, kept in found}


def test_a_broken_nik_beside_the_whole_one_is_corrected() -> None:
    """15 digits, 17 digits, letters, two digits swapped; and dots, which are nothing but another way of writing."""
    decisions = told(dedupe(FIELD / "nik-15-17-dots.csv", reference_date=DAY, report=False))
    for whole, broken in ((0, 1), (2, 3), (4, 5), (6, 7)):
        assert decisions[whole] == ("E", "keep", whole)
        assert decisions[broken] == ("E", "correct_nik", whole)
    assert decisions[8] == ("D", "keep", 8)
    assert decisions[9] == ("D", "close_kk", 8)


def test_a_broken_number_is_corrected_also_where_its_record_is_the_recorded_one() -> None:
    decisions = told(dedupe(FIELD / "recorded-row-has-broken-nik.csv", reference_date=DAY, report=False))
    for broken, whole in ((0, 1), (2, 3), (4, 5)):
        assert decisions[broken] == ("E", "correct_nik", whole)
        assert decisions[whole] == ("E", "keep", whole)
    assert decisions[6] == ("F", "correct_nik", 7)
    assert decisions[7] == ("F", "keep", 7)


def test_numbers_cut_to_15_digits_are_no_copies_and_are_not_sent_for_deactivation() -> None:
    """A whole column went through Excel; the second numbers differ in digit 6 and in the serial."""
    decisions = dedupe(FIELD / "nik-excel-15-digits.xlsx", reference_date=DAY, report=False).decisions
    joined = decisions.filter(pl.len().over("person_id") == 2)
    assert len(joined) == 40
    assert joined["kind"].unique().to_list() == ["C"]
    assert not decisions["action"].is_in(["propose_deactivation", "drop_copy", "close_kk"]).any()


def test_two_equal_rows_are_settled_without_a_visit() -> None:
    row = pl.read_csv(FIELD / "nik-15-17-dots.csv", infer_schema=False)[:1]
    decisions = dedupe(pl.concat([row, row]), reference_date=DAY, lang="en").decisions.sort("row")
    assert decisions["kind"].to_list() == ["A", "A"]
    assert decisions["action"].to_list() == ["keep", "drop_copy"]
    assert "No visit is needed." in decisions["reasons_en"][1]


@pytest.mark.parametrize("profile", ["murung-raya", "hard", "simduk", "movers"])
def test_nobody_can_send_a_nik_that_stays_for_deactivation_by_copying_a_column(
    profile: str, tmp_path: Path
) -> None:
    generate(tmp_path / "all.parquet", rows=2_000, seed=96, profile=profile)
    frame = pl.read_parquet(tmp_path / "all.parquet").cast(pl.String)
    more = frame[::9].with_columns(NO_KK=pl.lit("6212010101199002"))  # every ninth a second or third card
    result = dedupe(pl.concat([frame, more, frame[::40]]), reference_date=DAY, report=False)
    about = result.residents.select("row", "nik", "nik_clean", "nik_verdict")
    decisions = result.decisions.join(about, on="row")
    both = decisions.join(about, left_on="survivor_row", right_on="row", suffix="_kept", how="left")
    sent = both.filter(action="propose_deactivation")
    assert len(sent) > 5
    assert not (sent["nik_clean"] == sent["nik_clean_kept"]).any()
    assert not sent["nik_verdict"].is_in(["invalid", "suspect_truncated"]).any()
    for action in ("close_kk", "drop_copy"):
        gone = both.filter(action=action)
        assert len(gone) > 5
        assert (gone["nik_clean"] == gone["nik_clean_kept"]).all()
    copies = result.decisions.filter(kind="A", rule="exact_copy")
    assert set(copies["action"]) == {"keep", "drop_copy"}
    assert result.recheck().ok


def test_a_record_without_a_number_is_told_by_the_one_that_has_it() -> None:
    """Two copies without a number are like each other most of all; what becomes of them hangs on the NIK."""
    decisions = decided(
        """0 nik=none verdict=temporary kk=6212010101109002
        1 nik=none verdict=missing
        2 nik=6212010107809001 class=unique
        0~1 same_person confirmed 18
        0~2 same_person confirmed 12
        1~2 same_person confirmed 16"""
    )
    assert decisions["other_row"].to_list() == [2, 2, 1]
    assert decisions["action"].to_list() == ["propose_deactivation", "propose_deactivation", "keep"]
    assert decisions["kind"].to_list() == ["F", "F", "F"]
    assert decisions["weight_log2"].to_list() == [12.0, 16.0, 16.0]
