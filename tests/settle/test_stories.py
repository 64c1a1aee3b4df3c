"""A small household for every rule of the shipped policy, and the decisions it must get."""

from __future__ import annotations

import re
from functools import cache

import polars as pl
import pytest

from nikdedup.config import Config
from nikdedup.schema import ACTIONS, DECISIONS, DISPLACED, KINDS
from nikdedup.settle.policy import load_policy
from tests.settle.household import decided, outcome

A, B = "6212010107809001", "6212035703809002"
"""Two undamaged NIKs far apart."""
TYPO = "6212010107809003"
"""One digit from A."""

STORIES: dict[str, tuple[str, dict[int, tuple[str, int | None]]]] = {
    "large_person": (
        "\n".join(f"{row} nik={A[:-1]}{row} class=belum" for row in range(7))
        + "\n"
        + "\n".join(f"{row}~{row + 1} same_person confirmed 20" for row in range(6)),
        dict.fromkeys(range(7), ("verify", None)),
    ),
    "relatives_in_person": (
        f"""0 nik={A} class=unique
        1 nik={B} class=belum
        2 nik={TYPO} class=belum
        0~1 same_person confirmed 14
        1~2 same_person confirmed 14
        0~2 twin - 3""",
        {0: ("verify", None), 1: ("verify", None), 2: ("verify", None)},
    ),
    "shared_nik_and_recorded": (
        f"""0 nik={A} class=belum
        1 nik={B} class=unique
        2 nik={A} class=unique name=BUDI_SANTOSO sex=L
        0~1 same_person confirmed 19
        0~2 shared_nik - -6""",
        {0: ("separate", 1), 1: ("keep", 1), 2: ("keep", 2)},
    ),
    "shared_nik_in_person": (
        f"""0 nik={A} class=belum
        1 nik={B} class=belum
        2 nik={A} class=unique name=BUDI_SANTOSO sex=L
        0~1 same_person confirmed 19
        0~2 shared_nik - -6""",
        {0: ("separate", None), 1: ("separate", None), 2: ("keep", 2)},
    ),
    "presumed_two_people": (
        f"""0 nik={A} class=unique
        1 nik={B} class=unique
        0~1 same_person confirmed 22""",
        {0: ("adjudicate", None), 1: ("adjudicate", None)},
    ),
    "deceased_and_recorded": (
        f"""0 nik={A} class=unique life=dead
        1 nik={B} class=belum life=alive
        0~1 same_person confirmed 22""",
        {0: ("keep", 0), 1: ("verify", 0)},
    ),
    "deceased_none_recorded": (
        f"""0 nik={A} class=belum life=dead
        1 nik={B} class=belum life=unknown
        0~1 same_person confirmed 22""",
        {0: ("verify", None), 1: ("verify", None)},
    ),
    "temporary_number_recorded": (
        f"""0 nik=0212010107800001 verdict=temporary class=captured
        1 nik={B} class=belum
        0~1 same_person confirmed 16""",
        {0: ("correct_nik", 1), 1: ("keep", 1)},
    ),
    "temporary_number_to_record": (
        f"""0 nik=0212010107800001 verdict=temporary class=belum changed=2025-05-01
        1 nik={B} class=belum
        0~1 same_person confirmed 16""",
        {0: ("propose_deactivation", 1), 1: ("record", 1)},
    ),
    "temporary_number": (
        f"""0 nik={A} class=unique
        1 nik=none class=belum
        0~1 same_person confirmed 16""",
        {0: ("keep", 0), 1: ("propose_deactivation", 0)},
    ),
    "same_nik_two_kk": (
        f"""0 nik={A} class=unique kk=6212010101059001
        1 nik={A} class=unique kk=6212010101199002
        0~1 same_person confirmed 30""",
        {0: ("close_kk", 1), 1: ("keep", 1)},
    ),
    "exact_copy": (
        f"""0 nik={A} class=unique changed=2024-02-01
        1 nik={A} class=unique changed=2021-02-01
        0~1 same_person confirmed 30""",
        {0: ("keep", 0), 1: ("drop_copy", 0)},
    ),
    "broken_nik": (
        f"""0 nik=none verdict=invalid class=unique
        1 nik={A} class=belum
        0~1 same_person confirmed 14""",
        {0: ("correct_nik", 1), 1: ("keep", 1)},
    ),
    "broken_nik_to_record": (
        f"""0 nik={A} class=belum
        1 nik=none verdict=invalid class=belum changed=2026-01-01
        0~1 same_person confirmed 14""",
        {0: ("record", 0), 1: ("correct_nik", 0)},
    ),
    "recorded_number_damaged": (
        f"""0 nik={B[:-1]}0 verdict=suspect_truncated class=unique
        1 nik={A} class=belum
        0~1 same_person confirmed 14""",
        {0: ("verify", None), 1: ("verify", None)},
    ),
    "damaged_number": (
        f"""0 nik={A[:-1]}0 verdict=suspect_truncated class=belum
        1 nik={A[:-1]}0 verdict=suspect_truncated class=unique
        0~1 same_person confirmed 18""",
        {0: ("correct_nik", 1), 1: ("keep", 1)},
    ),
    "deceased_all": (
        f"""0 nik={A} class=belum life=dead
        1 nik={B} class=unique life=dead
        0~1 same_person confirmed 18""",
        {0: ("propose_deactivation", 1), 1: ("keep", 1)},
    ),
    "moved_and_recorded": (
        f"""0 nik={A} class=unique life=abroad
        1 nik={B} class=belum
        0~1 same_person confirmed 18""",
        {0: ("keep", 0), 1: ("verify", 0)},
    ),
    "moved_none_recorded": (
        f"""0 nik={A} class=belum life=moved
        1 nik={B} class=belum
        0~1 same_person confirmed 18""",
        {0: ("verify", None), 1: ("verify", None)},
    ),
    "recorded_but_inactive": (
        f"""0 nik={A} class=unique life=inactive
        1 nik={B} class=belum
        0~1 same_person confirmed 18""",
        {0: ("keep", 0), 1: ("verify", 0)},
    ),
    "already_inactive": (
        f"""0 nik={A} class=belum life=inactive
        1 nik={B} class=unique
        0~1 same_person confirmed 18""",
        {0: ("keep", 1), 1: ("keep", 1)},
    ),
    "recorded_and_in_dispute": (
        f"""0 nik={A} class=in_dispute
        1 nik={B} class=unique
        0~1 same_person confirmed 18""",
        {0: ("adjudicate", 1), 1: ("keep", 1)},
    ),
    "in_dispute": (
        f"""0 nik={A} class=in_dispute
        1 nik={B} class=belum
        0~1 same_person confirmed 18""",
        {0: ("adjudicate", None), 1: ("adjudicate", None)},
    ),
    "recorded_and_duplicate": (
        f"""0 nik={A} class=duplicate recorded_on=2018-01-01
        1 nik={B} class=unique recorded_on=2012-01-01
        0~1 same_person confirmed 18""",
        {0: ("propose_deactivation", 1), 1: ("keep", 1)},
    ),
    "duplicate_none_recorded": (
        f"""0 nik={A} class=duplicate
        1 nik={B} class=belum
        0~1 same_person confirmed 18""",
        {0: ("verify", None), 1: ("verify", None)},
    ),
    "nik_typo_against_recording": (
        f"""0 nik={TYPO} class=unique nik_birth=1908-03-17 nik_sex=P
        1 nik={A} class=belum nik_birth=1980-03-17 nik_sex=P
        0~1 same_person confirmed 24""",
        {0: ("verify", None), 1: ("verify", None)},
    ),
    "nik_typo": (
        f"""0 nik={TYPO} class=belum
        1 nik={A} class=unique
        0~1 same_person confirmed 24""",
        {0: ("correct_nik", 1), 1: ("keep", 1)},
    ),
    "nik_typo_to_record": (
        f"""0 nik={TYPO} class=belum
        1 nik={A} class=belum nik_birth=1980-03-17
        0~1 same_person confirmed 24""",
        {0: ("verify", None), 1: ("record", None)},
    ),
    "nik_typo_by_fit": (
        f"""0 nik={TYPO} class=belum wajib=no!
        1 nik={A} class=belum wajib=no! nik_birth=1980-03-17 nik_sex=P
        0~1 same_person confirmed 24""",
        {0: ("correct_nik", 1), 1: ("keep", 1)},
    ),
    "recorded_twice": (
        f"""0 nik={A} class=captured recorded_on=2012-01-01
        1 nik={B} class=captured recorded_on=2017-01-01
        0~1 same_person confirmed 24""",
        {0: ("keep", 0), 1: ("propose_deactivation", 0)},
    ),
    "recorded_and_unknown": (
        f"""0 nik={A} class=unknown
        1 nik={B} class=unique
        0~1 same_person confirmed 24""",
        {0: ("verify", 1), 1: ("keep", 1)},
    ),
    "recorded_and_never_recorded": (
        f"""0 nik={A} class=belum changed=2026-01-01
        1 nik={B} class=captured changed=2011-01-01
        0~1 same_person confirmed 24""",
        {0: ("propose_deactivation", 1), 1: ("keep", 1)},
    ),
    "none_recorded": (
        f"""0 nik={A} class=belum changed=2019-01-01
        1 nik={B} class=failed changed=2024-01-01
        0~1 same_person confirmed 24""",
        {0: ("verify", None), 1: ("record", None)},
    ),
    "none_recorded_not_wajib": (
        f"""0 nik={A} class=belum wajib=no!
        1 nik={B} class=belum wajib=no!
        0~1 same_person confirmed 24""",
        {0: ("verify", None), 1: ("verify", None)},
    ),
    "not_decidable": (
        f"""0 nik={A} class=unknown
        1 nik={B} class=unknown
        0~1 same_person confirmed 24""",
        {0: ("verify", None), 1: ("verify", None)},
    ),
    "nik_on_many": (
        "\n".join(f"{row} nik={A} class=belum name=ORANG_{chr(65 + row)}" for row in range(7))
        + "\n"
        + "\n".join(f"{row}~{row + 1} shared_nik - -8" for row in range(6)),
        dict.fromkeys(range(7), ("verify", None)),
    ),
    "nik_recorded_twice": (
        f"""0 nik={A} class=unique
        1 nik={A} class=captured name=BUDI_SANTOSO sex=L
        0~1 shared_nik - -8""",
        {0: ("adjudicate", None), 1: ("adjudicate", None)},
    ),
    "nik_owner_contradicted": (
        f"""0 nik={A} class=belum nik_birth=1980-03-17 nik_sex=P
        1 nik={A} class=unique name=BUDI_SANTOSO sex=L born=1978-11-11 nik_birth=1980-03-17 nik_sex=P
        0~1 shared_nik - -8""",
        {0: ("separate", None), 1: ("separate", None)},
    ),
    "nik_owner_recorded": (
        f"""0 nik={A} class=belum
        1 nik={A} class=unique name=BUDI_SANTOSO sex=L
        0~1 shared_nik - -8""",
        {0: ("correct_nik", None), 1: ("keep", 1)},
    ),
    "nik_owner_unclear": (
        f"""0 nik={A} class=belum
        1 nik={A} class=belum name=BUDI_SANTOSO sex=L
        0~1 shared_nik - -8""",
        {0: ("separate", None), 1: ("separate", None)},
    ),
    "review_two_passed": (
        f"""0 nik={A} class=unique
        1 nik={B} class=unique
        0~1 same_person review 9""",
        {0: ("adjudicate", None), 1: ("adjudicate", None)},
    ),
    "review_split": (
        f"""0 nik={A} class=unique
        1 nik={B} class=belum
        2 nik={TYPO} class=belum
        0~1 same_person confirmed 20
        1~2 same_person confirmed 13
        people 0+1
        people 2""",
        {0: ("keep", 0), 1: ("propose_deactivation", 0), 2: ("verify", None)},
    ),
    "review_relatives": (
        f"""0 nik={A} class=belum name=SITI_AMINAH
        1 nik={TYPO} class=belum name=SITI_AMINAH
        0~1 twin review 7 name=4""",
        {0: ("verify", None), 1: ("verify", None)},
    ),
    "review_mother": (
        f"""0 nik={A} class=unique
        1 nik={B} class=belum mother=JUMIATI
        0~1 same_person review 7 mother=1""",
        {0: ("verify", None), 1: ("verify", None)},
    ),
    "review_deceased": (
        f"""0 nik={A} class=unique life=dead
        1 nik={B} class=belum
        0~1 same_person review 7""",
        {0: ("verify", None), 1: ("verify", None)},
    ),
    "review_default_date": (
        f"""0 nik={A} class=unique birth_default=yes! born=1980-07-01
        1 nik={B} class=belum birth_default=yes! born=1980-07-01
        0~1 same_person review 7 mother=0""",
        {0: ("verify", None), 1: ("verify", None)},
    ),
    "review": (
        f"""0 nik={A} class=unique
        1 nik={B} class=belum
        0~1 same_person review 7 name=3""",
        {0: ("verify", None), 1: ("verify", None)},
    ),
}
"""rule -> (story, row -> (action, survivor_row)); `forbidden_link` is told in test_constraints."""


@cache
def _told(rule: str) -> pl.DataFrame:
    return decided(STORIES[rule][0])


def _subject(rule: str, decisions: pl.DataFrame) -> pl.DataFrame:
    return decisions.filter(pl.col("rule") == rule)


@pytest.mark.parametrize("rule", STORIES)
def test_the_household_gets_its_decisions(rule: str) -> None:
    expected = STORIES[rule][1]
    decisions = _told(rule)
    assert outcome(decisions) == expected
    assert _subject(rule, decisions).height >= 1
    assert dict(decisions.schema) == DECISIONS


def test_every_shipped_rule_has_a_story() -> None:
    told = {*STORIES, "forbidden_link"}
    assert {rule.name for rule in load_policy().rules} == told


@pytest.mark.parametrize("rule", STORIES)
def test_every_decision_reads_as_a_sentence_in_both_languages(rule: str) -> None:
    decisions = _told(rule)
    reasons = next(entry.reasons for entry in load_policy().rules if entry.name == rule)
    for decision in _subject(rule, decisions).iter_rows(named=True):
        assert set(reasons) <= set(decision["reasons"])
        for lang, change in (("id", "Berubah bila "), ("en", "Changes if ")):
            text = decision[f"reasons_{lang}"]
            assert change in text
            assert text.endswith(".")
            assert not re.search(r"[{}]|  |\.\.|None|null", text), text
        assert decision["reasons_id"] != decision["reasons_en"]


@pytest.mark.parametrize("rule", STORIES)
def test_no_identity_in_reasons(rule: str) -> None:
    decisions = _told(rule)
    for column in ("reasons_id", "reasons_en"):
        for text in decisions[column]:
            assert not re.search(r"\d{7}|AMINAH|SANTOSO|RUSMINI|JUMIATI|1980", text)


@pytest.mark.parametrize("rule", STORIES)
def test_values_are_those_of_the_contract(rule: str) -> None:
    decisions = _told(rule)
    assert set(decisions["action"]) <= set(ACTIONS)
    assert set(decisions["kind"].drop_nulls()) <= set(KINDS)
    kept = decisions.filter((pl.col("action") == "keep") & (pl.col("rule") != "already_inactive"))
    assert (kept["survivor_row"] == kept["row"]).all()
    displaced = decisions.filter(pl.col("action").is_in(DISPLACED))
    assert displaced.filter(
        pl.col("survivor_row").is_null() | (pl.col("survivor_row") == pl.col("row"))
    ).is_empty()
    assert decisions["decision_id"].is_unique().all()


TIES = {
    "two captured on one day": f"""0 nik={A} class=captured recorded_on=2012-01-01
        1 nik={B} class=captured recorded_on=2012-01-01
        0~1 same_person confirmed 24""",
    "two captured, dates unknown": f"""0 nik={A} class=captured
        1 nik={B} class=captured
        0~1 same_person confirmed 24""",
}


@pytest.mark.parametrize("story", TIES.values(), ids=TIES.keys())
def test_a_tie_without_an_order_is_a_review(story: str) -> None:
    decisions = decided(story)
    assert outcome(decisions) == {0: ("verify", None), 1: ("verify", None)}
    assert all("tie_without_order" in reasons for reasons in decisions["reasons"])
    assert decisions["reasons_id"].str.contains("Petugas yang memutuskan").all()


def test_first_or_latest_recording_wins_as_the_office_chooses() -> None:
    story = STORIES["recorded_twice"][0]
    first = decided(story, config=Config().with_options(recording="first"))
    latest = decided(story, config=Config().with_options(recording="latest"))
    assert outcome(first) == {0: ("keep", 0), 1: ("propose_deactivation", 0)}
    assert outcome(latest) == {0: ("propose_deactivation", 1), 1: ("keep", 1)}


def test_unknown_whereabouts_never_become_deceased() -> None:
    """UU 23/2006 art. 44(4): an unknown life status is treated as living, with every rule."""
    story = STORIES["recorded_and_never_recorded"][0].replace("class=belum", "class=belum life=unknown")
    decisions = decided(story)
    assert outcome(decisions) == STORIES["recorded_and_never_recorded"][1]
    assert not any("deceased" in code for reasons in decisions["reasons"] for code in reasons)


def test_overlapping_sources_are_no_duplicates() -> None:
    story = f"""0 nik={A} class=unique source_file=register.csv
        1 nik={A} class=unique source_file=belum.csv
        0~1 same_person confirmed 30"""
    assert decided(story).height == 2
    assert _with_flag(story, {0, 1}).is_empty()


def test_an_overlap_is_folded_and_its_duplicate_still_decided() -> None:
    story = f"""0 nik={A} class=unknown source_file=belum.csv
        1 nik={A} class=belum source_file=register.csv
        2 nik={B} class=unique source_file=register.csv
        0~1 same_person confirmed 30
        0~2 same_person confirmed 20"""
    decisions = _with_flag(story, {0, 1})
    assert outcome(decisions) == {0: ("propose_deactivation", 2), 2: ("keep", 2)}
    assert decisions["other_row"].to_list() == [2, 0]
    assert decisions["rule"].unique().to_list() == ["recorded_and_never_recorded"]
    assert decisions["recorded"].to_list() == ["no", "yes"]


def test_a_copy_inside_one_source_stays_a_duplicate_beside_an_overlap() -> None:
    story = f"""0 nik={A} class=unique source_file=register.csv changed=2024-01-01
        1 nik={A} class=unique source_file=register.csv changed=2020-01-01
        2 nik={A} class=unknown source_file=belum.csv
        0~1 same_person confirmed 30
        people 0+1+2"""
    decisions = _with_flag(story, {0, 2})
    assert outcome(decisions) == {0: ("keep", 0), 1: ("drop_copy", 0)}
    assert _with_flag(story, {0, 1, 2}).equals(decisions)


def _with_flag(story: str, rows: set[int]) -> pl.DataFrame:
    from nikdedup.settle.decisions import decide
    from tests.settle.household import tell

    people, pairs, residents = tell(story)
    flag = (
        pl.when(pl.col("row").is_in(sorted(rows))).then(pl.lit(["source_overlap"])).otherwise(pl.col("flags"))
    )
    return decide(people, pairs, residents.with_columns(flags=flag), config=Config()).sort("row")


def test_a_record_is_called_by_its_source_row_and_file_when_there_are_several() -> None:
    story = f"""0 nik={A} class=belum source_file=utara.xlsx source_row=12
        1 nik={B} class=unique source_file=selatan.xlsx source_row=40
        0~1 same_person confirmed 20"""
    texts = decided(story)["reasons_id"]
    assert "pada baris 40 (selatan.xlsx)." in texts[0]
    assert "terhadap baris 12 (utara.xlsx)" in texts[1]


def test_review_beside_a_person_is_noted_and_settles_nothing() -> None:
    story = f"""0 nik={A} class=belum
        1 nik={B} class=unique
        2 nik={TYPO} class=belum
        0~1 same_person confirmed 20
        0~2 same_person review 8"""
    decisions = decided(story)
    assert outcome(decisions) == {0: ("propose_deactivation", 1), 1: ("keep", 1), 2: ("verify", None)}
    assert ["review_open" in codes for codes in decisions["reasons"]] == [True, False, False]
    assert decisions["case_id"].n_unique() == 1


def test_a_record_joined_without_a_compared_pair_hangs_on_the_first_of_its_person() -> None:
    story = f"""0 nik={A} class=belum
        1 nik={B} class=unique
        2 nik={A} class=belum
        0~1 same_person confirmed 20
        people 0+1+2"""
    decisions = decided(story).sort("row")
    assert decisions["other_row"].to_list() == [1, 0, 0]
    assert decisions["weight_log2"].to_list() == [20.0, 20.0, None]
    assert "tidak dibandingkan langsung" in decisions["reasons_id"][2]


def test_relatives_that_nobody_need_look_at_get_no_decision() -> None:
    story = f"""0 nik={A} class=belum
        1 nik={TYPO} class=belum name=SITI_FATIMAH
        0~1 twin - 5"""
    assert decided(story).is_empty()
