"""Which answers stand and what follows: the later of one village, open between two, counts and constraints."""

from __future__ import annotations

import doctest
from datetime import date
from typing import Any

import polars as pl
import pytest

from nikdedup.settle import load_constraints
from nikdedup.village import (
    ENTRIES,
    Targets,
    agreement,
    agreement_of,
    answers,
    constraints_of,
    judged_of,
    roll_after,
    standing_answers,
    tallies,
)
from nikdedup.village.roll import Roll
from tests.village.test_tally import roll

NOT = {"recorded": "no"}
BASE: dict[str, Any] = {
    "kecamatan_code": "621201",
    "desa_code": "X",
    "at": "2026-11-20T01:00:00Z",
    "kind": "C",
    "who": "a",
}


def entries(*said: dict[str, Any]) -> pl.DataFrame:
    rows = [
        {**dict.fromkeys(ENTRIES), **BASE, "entry": str(i), "key": str(i), **one}
        for i, one in enumerate(said)
    ]
    return pl.DataFrame(rows, schema=ENTRIES)


def said(answer: str | None, record: str = "k0", other: str | None = None, **more: Any) -> dict[str, Any]:
    return {"answer": answer, "record_key": record, "other_key": other, **more}


def answers_that_stand(*given: dict[str, Any]) -> list[str]:
    return standing_answers(entries(*given))[0]["answer"].to_list()


@pytest.mark.parametrize(
    ("given", "stands"),
    [
        pytest.param([said("dead")], ["dead"], id="one"),
        pytest.param([said("dead"), said("moved")], ["moved"], id="the later one of a village"),
        pytest.param(
            [said("dead", day=date(2026, 11, 9)), said("moved", day=date(2026, 11, 2))],
            ["dead"],
            id="later by the day that the village wrote",
        ),
        pytest.param([said("dead"), said("dead", desa_code="Y")], ["dead", "dead"], id="two villages agree"),
        pytest.param([said("dead"), said("moved", desa_code="Y")], [], id="two villages disagree"),
        pytest.param([said("dead", back_at="t")], [], id="taken back"),
        pytest.param([said("dead"), said("moved", back_at="t")], ["dead"], id="the earlier one again"),
        pytest.param([said(None, problem="unknown_word")], [], id="not read"),
        pytest.param(
            [said("same", "k0", "k1"), said("different", "k1", "k0", desa_code="Y")],
            [],
            id="about a pair, from its two sides",
        ),
        pytest.param(
            [said("double", "k0", "k1"), said("same", "k1", "k0", desa_code="Y")],
            ["double", "same"],
            id="two words for one thing",
        ),
        pytest.param(
            [said("dead"), said("same", "k0", "k1")], ["dead", "same"], id="of a record, and of a pair"
        ),
    ],
)
def test_what_stands(given: list[dict[str, Any]], stands: list[str]) -> None:
    assert answers_that_stand(*given) == stands


def people(*ones: dict[str, Any]) -> Roll:
    return roll(*({"record_key": f"k{i}"} | one for i, one in enumerate(ones)))


def after(residents: Roll, *given: dict[str, Any]) -> tuple[int, int]:
    [found] = tallies(roll_after(residents, entries(*given)), Targets(), 0.992)
    return found.after.due, found.after.held


@pytest.mark.parametrize(
    ("answer", "counts"),
    [
        pytest.param("present", (3, 1), id="present"),
        pytest.param("recorded", (3, 2), id="recorded is one more"),
        pytest.param("dead", (2, 1), id="dead is one less"),
        pytest.param("moved", (2, 1), id="moved"),
        pytest.param("abroad", (2, 1), id="abroad"),
        pytest.param("unknown", (3, 1), id="unknown changes nothing"),
        pytest.param("away", (3, 1), id="away"),
        pytest.param("home_visit", (3, 1), id="needs a visit"),
        pytest.param("prison", (3, 1), id="in prison"),
    ],
)
def test_what_an_answer_counts(answer: str, counts: tuple[int, int]) -> None:
    assert after(people(NOT, {}, NOT), said(answer)) == counts


@pytest.mark.parametrize(
    ("first", "second", "answer", "counts"),
    [
        pytest.param(NOT, {}, "double", (1, 1), id="the unrecorded one goes"),
        pytest.param({}, NOT, "same", (1, 1), id="whichever row it was said in"),
        pytest.param(NOT, NOT, "same", (1, 0), id="neither is recorded"),
        pytest.param(NOT | {"displaced": True}, {}, "same", (1, 1), id="as it was proposed"),
        pytest.param(NOT | {"displaced": True}, {}, "different", (2, 1), id="the proposal falls"),
        pytest.param(NOT, {"life": "dead"}, "same", (1, 0), id="the other one counts no more already"),
        pytest.param(NOT, {}, "different", (2, 1), id="two people"),
    ],
)
def test_what_an_answer_about_a_pair_counts(
    first: dict[str, Any], second: dict[str, Any], answer: str, counts: tuple[int, int]
) -> None:
    assert after(people(first, second), said(answer, "k0", "k1")) == counts


OTHER = "6212014107609077"


def test_the_nik_that_a_village_names_is_the_other_record() -> None:
    """Ganda dengan NIK ...: of whoever holds it, not of the record that was proposed."""
    three = people(NOT, NOT, {"nik": OTHER})
    assert after(three, said("double", "k0", "k1", nik=OTHER)) == (2, 1)
    displaced = roll_after(three, entries(said("double", "k0", nik=OTHER))).residents
    assert displaced["displaced"].to_list() == [True, False, False]
    assert after(three, said("double", "k0", nik="6212014107609999")) == (3, 1), "nobody holds it"
    twice = people(NOT, {"nik": OTHER}, {"nik": OTHER})
    assert after(twice, said("double", "k0", nik=OTHER)) == (3, 2), "two hold it: nobody guesses"


def test_a_named_nik_is_a_constraint_and_says_nothing_of_the_proposal() -> None:
    given = entries(said("double", "k0", "k1", nik="6212014107609004", part="double", weight_log2=3.0))
    found, unnamed, torn = constraints_of(given, RESIDENTS, by_id=True)
    assert found.select("kind", "record_id_l", "record_id_r").rows() == [("must_link", "R0", "R4")]
    assert (unnamed, torn) == (0, 0)
    assert agreement_of(given, 0.99).kinds == []
    assert judged_of(given).select("record_key", "other_key").rows() == [("k0", "k1")], "not asked again"
    lost = entries(said("double", "k0", nik="6212014107609999"))
    assert constraints_of(lost, RESIDENTS, by_id=True)[1] == 1


def test_who_is_dead_in_the_register_stays_so() -> None:
    assert roll_after(people({"life": "dead"}), entries(said("moved"))).residents["life"].to_list() == [
        "dead"
    ]


def test_answers_about_records_that_are_gone_say_nothing() -> None:
    assert after(people(NOT, {}), said("dead", "nobody"), said("same", "k0", "nobody")) == (2, 1)


RESIDENTS = pl.DataFrame(
    {
        "record_key": ["k0", "k1", "k2", "k3", "k4"],
        "record_id": ["R0", "R1", "R2", "R3", "R4"],
        "nik_clean": [
            *(f"621201410760900{i}" for i in (1, 2, 1)),
            "6212014107609009",
            "6212014107609004",
        ],
        "nik_verdict": ["valid", "valid", "valid", "suspect_truncated", "valid"],
    }
)


def test_answers_about_pairs_are_constraints_of_the_next_run() -> None:
    given = entries(
        said("same", "k0", "k1", desa="BERIWIT"), said("different", "k1", "k4"), said("dead", "k3")
    )
    found, unnamed, torn = constraints_of(given, RESIDENTS, by_id=False)
    assert found.select("kind", "record_key_l", "nik_l", "record_key_r", "nik_r", "who", "when").rows() == [
        ("must_link", "k0", "6212014107609001", "k1", "6212014107609002", "BERIWIT", "2026-11-20"),
        ("cannot_link", "k1", "6212014107609002", "k4", "6212014107609004", "a", "2026-11-20"),
        ("dead", "k3", None, None, None, "a", "2026-11-20"),
    ]
    assert (unnamed, torn) == (0, 0)
    assert len(load_constraints(found)) == 3


@pytest.mark.parametrize("answer", [code for code, one in answers().items() if not one.life and not one.pair])
def test_an_answer_that_says_nothing_of_life_tells_the_next_run_nothing(answer: str) -> None:
    """Unknown whereabouts least of all."""
    assert constraints_of(entries(said(answer)), RESIDENTS, by_id=True).constraints.is_empty()


def test_where_a_village_has_answered_is_told() -> None:
    given = entries(said("moved", file="murung.xlsx", sheet="BERIWIT", cell="M7"))
    assert constraints_of(given, RESIDENTS, by_id=True).constraints["source"].to_list() == [
        "murung.xlsx, BERIWIT, M7"
    ]


def test_answers_that_contradict_each_other_through_others_are_no_constraints() -> None:
    """Else the next run would be refused."""
    given = entries(
        said("same", "k0", "k1"),
        said("same", "k1", "k3"),
        said("different", "k0", "k3"),
        said("same", "k2", "k4"),
    )
    found, unnamed, torn = constraints_of(given, RESIDENTS, by_id=True)
    assert found.select("record_id_l", "record_id_r").rows() == [("R2", "R4")]
    assert (unnamed, torn) == (0, 3)


def test_equal_and_damaged_niks_are_named_by_the_record_key() -> None:
    given = entries(said("different", "k0", "k2"), said("same", "k0", "k3"), said("same", "k0", "gone"))
    found, unnamed, _ = constraints_of(given, RESIDENTS, by_id=False)
    assert found.select("record_key_l", "record_key_r").rows() == [("k0", "k2"), ("k0", "k3")]
    assert unnamed == 1, "of a record that the run does not have"
    found, unnamed, _ = constraints_of(given, RESIDENTS, by_id=True)
    assert found.select("record_id_l", "record_id_r").rows() == [("R0", "R2"), ("R0", "R3")]
    assert found.select("record_key_l", "nik_l").rows() == [(None, None)] * 2
    assert unnamed == 1


def pairs(weight_of_doubt: float, n: int) -> pl.DataFrame:
    """n answers of weights 0 to 20; below a weight every second pair is two people."""
    rows = []
    for i in range(n):
        weight = 20 * i / n
        two = weight < weight_of_doubt and i % 2
        rows.append(
            said("different" if two else "same", f"a{i}", f"b{i}", weight_log2=weight, kind="CE"[i % 2])
        )
    return entries(*rows)


def test_agreement_by_kind_and_weight() -> None:
    found = agreement_of(pairs(10, 100), 0.99)
    assert [(one.group, one.n) for one in found.kinds] == [("C", 50), ("E", 50)]
    assert found.kinds[0].share == 1
    assert 0 < found.kinds[1].low < found.kinds[1].share < found.kinds[1].high < 1
    assert [one.group for one in found.weights][:2] == ["0 .. 3", "3 .. 6"]
    assert found.support is None, "fewer than 200 answers"


def test_200_answers_say_which_threshold_they_support() -> None:
    support = agreement_of(pairs(10, 400), 0.99).support
    assert support is not None
    assert support.log2 is not None
    assert support.low is not None
    assert support.high is not None
    assert abs(support.log2 - 10) < 0.5
    assert support.low <= support.log2 <= support.high
    assert agreement_of(pairs(10, 400), 0.99).support == support, "the same samples every time"


def test_no_weight_is_high_enough() -> None:
    support = agreement_of(pairs(100, 400), 0.99).support
    assert support is not None
    assert support.log2 is None or support.log2 > 19


def test_doctests() -> None:
    failed, ran = doctest.testmod(agreement)
    assert ran
    assert not failed
