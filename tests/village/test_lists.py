"""What is asked of a village: who is on the list and why, each question once, keys that hold."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nikdedup import Result
from nikdedup.schema import DECISIONS
from nikdedup.village import Lists, lists_of, roll_of, sound_key
from nikdedup.village.lists import ROWS
from tests.village.test_tally import roll

X = {"desa_code": "6212012001", "desa": "BERIWIT"}
Y = {"desa_code": "6212012002", "desa": "JUKING PAJANG"}
NOT = {"recorded": "no"}


def listed(
    *people: dict[str, Any], decisions: list[dict[str, Any]] | None = None, **options: Any
) -> pl.DataFrame:
    """Rows of the lists; people differ in their record_key."""
    residents = roll(*({"record_key": f"k{i}", "name": f"N{i}"} | one for i, one in enumerate(people)))
    rows = [{**dict.fromkeys(DECISIONS), "reasons": [], **one} for one in decisions or []]
    return lists_of(residents, pl.DataFrame(rows, schema=DECISIONS), "f", **options).rows


def pair(action: str, row: int, other: int, case: str = "K-1", **more: Any) -> list[dict[str, Any]]:
    """A case of two: `row` is to be acted on, `other` stays."""
    return [
        {"row": row, "other_row": other, "action": action, "case_id": case, "kind": "C", **more},
        {
            "row": other,
            "other_row": row,
            "survivor_row": other,
            "action": "keep",
            "case_id": case,
            "kind": "C",
        },
    ]


@pytest.mark.parametrize(
    ("person", "part"),
    [
        pytest.param(NOT, "unrecorded", id="must hold a KTP and is not recorded"),
        pytest.param({"recorded": "unknown"}, "unrecorded", id="nobody knows whether"),
        pytest.param({}, None, id="recorded"),
        pytest.param(NOT | {"life": "dead"}, None, id="dead"),
        pytest.param(NOT | {"life": "moved"}, None, id="gone"),
        pytest.param(NOT | {"once": False}, None, id="the copy of another input"),
        pytest.param(
            NOT | {"wajib_ktp": False, "birth": date(2009, 12, 31)},
            "turns_17",
            id="17 on the last day of 2026",
        ),
        pytest.param(
            NOT | {"wajib_ktp": False, "birth": date(2010, 1, 1)}, None, id="17 on the day itself, not before"
        ),
        pytest.param(NOT | {"wajib_ktp": False}, None, id="a child of unknown age"),
        pytest.param({"wajib_ktp": False, "birth": date(2009, 12, 31)}, None, id="recorded early at school"),
    ],
)
def test_who_is_listed(person: dict[str, Any], part: str | None) -> None:
    rows = listed(person, turning_before=date(2027, 1, 1))
    assert rows["part"].to_list() == ([part] if part else [])
    assert rows["asked"].all()


def test_nobody_turns_17_unless_asked_for() -> None:
    assert listed(NOT | {"wajib_ktp": False, "birth": date(2009, 12, 31)}).is_empty()


@pytest.mark.parametrize("action", ["drop_copy", "close_kk"])
def test_copies_and_second_cards_need_no_visit(action: str) -> None:
    assert listed(NOT, {}, decisions=pair(action, 0, 1)).is_empty()


def test_a_double_of_somebody_recorded_says_so_and_is_asked_once() -> None:
    rows = listed(NOT, {"nik": "6212014107609002"}, decisions=pair("propose_deactivation", 0, 1))
    assert rows.select("part", "row", "asked", "asked_at").rows() == [
        ("unrecorded", 0, True, None),
        ("double", 0, False, 1),
        ("double", 1, False, None),
    ]
    assert rows.row(0, named=True)["other_nik"] == "6212014107609002"
    assert rows.row(0, named=True)["other_recorded"] == "yes"


def test_two_recorded_records_are_asked_about_once_in_a_village() -> None:
    decisions = [
        {"row": a, "other_row": b, "action": "verify", "case_id": "K-1", "kind": "C"}
        for a, b in ((0, 1), (1, 0))
    ]
    rows = listed({}, {}, decisions=decisions)
    assert rows.select("row", "asked", "asked_at").rows() == [(0, True, None), (1, False, 1)]


def test_a_case_of_two_villages_is_asked_in_both_with_all_its_records() -> None:
    decisions = [
        {"row": a, "other_row": b, "action": "verify", "case_id": "K-1", "kind": "C"}
        for a, b in ((0, 1), (1, 0))
    ]
    rows = listed(X, Y, decisions=decisions)
    assert rows.select("desa", "row", "home", "asked").rows() == [
        ("BERIWIT", 0, None, True),
        ("BERIWIT", 1, "JUKING PAJANG", False),
        ("JUKING PAJANG", 0, "BERIWIT", True),
        ("JUKING PAJANG", 1, None, False),
    ]
    assert rows["key"].n_unique() == 4


def test_a_village_is_asked_only_about_pairs_that_it_has_a_record_of() -> None:
    third = {"desa_code": "6212012003", "desa": "MUARA UNTU"}
    decisions = [
        {"row": a, "other_row": b, "action": "verify", "case_id": "K-1", "kind": "C"}
        for a, b in ((0, 1), (1, 0), (2, 1))
    ]
    rows = listed(X, Y, third, decisions=decisions).filter("asked")
    pairs = {(one["desa"], frozenset((one["row"], one["other_row"]))) for one in rows.iter_rows(named=True)}
    assert pairs == {
        ("BERIWIT", frozenset((0, 1))),
        ("JUKING PAJANG", frozenset((0, 1))),
        ("JUKING PAJANG", frozenset((1, 2))),
        ("MUARA UNTU", frozenset((1, 2))),
    }


def test_a_case_that_only_the_ministry_can_settle_is_on_no_list() -> None:
    assert listed({}, {}, decisions=pair("adjudicate", 0, 1)).is_empty()


def test_records_of_a_case_stand_together_and_unknown_desa_last() -> None:
    nowhere = {"desa_code": None, "desa": None}
    people = [{"rt": "009"}, {"rt": "001"}, {"rt": "005"}, {"rt": "002"}, NOT | nowhere]
    decisions = pair("verify", 0, 1) + pair("verify", 2, 3, "K-2")
    rows = listed(*people, decisions=decisions)
    assert rows.select("desa", "case_id", "row").rows() == [
        ("BERIWIT", "K-1", 1),
        ("BERIWIT", "K-1", 0),
        ("BERIWIT", "K-2", 3),
        ("BERIWIT", "K-2", 2),
        (None, None, 4),
    ]
    assert rows["number"].to_list() == [1, 2, 3, 4, 1]


def judged_of(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter("asked").select("record_key", "content", "other_key", "other_content")


def test_what_was_answered_is_not_asked_again_unless_its_data_changed() -> None:
    decisions = pair("propose_deactivation", 0, 1) + pair("verify", 2, 3, "K-2")
    first = listed(NOT, {}, {}, {}, NOT, decisions=decisions)
    assert first["asked"].sum() == 3
    judged = judged_of(first)
    assert listed(NOT, {}, {}, {}, NOT, decisions=decisions, judged=judged).filter("asked").is_empty()
    moved = listed(NOT | Y, {}, {}, {}, NOT, decisions=decisions, judged=judged)
    assert moved.filter("asked").select("desa", "row").rows() == [("BERIWIT", 0), ("JUKING PAJANG", 0)]
    again = listed(NOT, {}, {"mother": "SALMAH"}, {}, NOT, decisions=decisions, judged=judged)
    assert again.filter("asked")["row"].to_list() == [2]


def test_an_answer_about_a_pair_counts_from_either_side() -> None:
    both = [
        {"row": a, "other_row": b, "action": "verify", "case_id": "K", "kind": "C"}
        for a, b in ((0, 1), (1, 0))
    ]
    judged = judged_of(listed({}, {}, decisions=both))
    turned = judged.select(
        record_key="other_key", content="other_content", other_key="record_key", other_content="content"
    )
    assert listed({}, {}, decisions=both, judged=turned).is_empty()


def test_keys_name_rows_and_show_when_they_are_edited(small_result: Result) -> None:
    found = run_lists(small_result)
    assert found.rows["key"].n_unique() == len(found.rows) > 0
    assert all(map(sound_key, found.rows["key"]))
    key = str(found.rows["key"][0])
    digit = "0" if key[10] != "0" else "1"
    assert not sound_key(key[:10] + digit + key[11:])
    assert not sound_key("")
    assert not sound_key("1-2-3")
    assert run_lists(small_result).rows.equals(found.rows)


def run_lists(result: Result) -> Lists:
    told = roll_of(result.residents, result.people, result.decisions, result.record, result.config)
    return lists_of(told, result.decisions, result.record.input.fingerprint)


PERSON = st.fixed_dictionaries(
    {
        "recorded": st.sampled_from(["yes", "no"]),
        "desa_code": st.sampled_from(["6212012001", "6212012002", None]),
        "rt": st.sampled_from(["001", "002", None]),
    }
)
CASES = st.lists(
    st.tuples(
        st.integers(0, 7), st.integers(0, 7), st.sampled_from(["verify", "propose_deactivation", "separate"])
    ),
    max_size=6,
)


@given(st.lists(PERSON, min_size=8, max_size=8), CASES)
def test_every_question_is_asked_once_in_a_village(
    people: list[dict[str, Any]], cases: list[tuple[int, int, str]]
) -> None:
    taken: set[int] = set()
    decisions = []
    for a, b, action in cases:
        if a != b and not {a, b} & taken:
            taken |= {a, b}
            decisions += pair(action, a, b, f"K-{a}")
    rows = listed(*people, decisions=decisions)
    asked = rows.filter("asked")
    singles = asked.filter(pl.col("part") != "double")
    assert singles.select("row").n_unique() == len(singles)
    assert {*singles["row"]} == {i for i, one in enumerate(people) if one["recorded"] == "no"}
    village = pl.col("desa_code").fill_null("?")
    pairs = asked.filter(pl.col("other_row").is_not_null()).select(
        village, l=pl.min_horizontal("row", "other_row"), r=pl.max_horizontal("row", "other_row")
    )
    doubles = asked.filter(pl.col("part") == "double").select(
        village, l=pl.min_horizontal("row", "other_row"), r=pl.max_horizontal("row", "other_row")
    )
    assert doubles.n_unique() == len(doubles) <= len(pairs)
    for desa in rows.partition_by("desa_code"):
        assert desa["number"].to_list() == list(range(1, len(desa) + 1))
    assert list(rows.schema) == list(ROWS)
