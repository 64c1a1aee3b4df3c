"""Coverage by group: counted by hand, every effect apart, nothing lost between before and after."""

from __future__ import annotations

import doctest
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nikdedup import Result
from nikdedup.schema import LIFE
from nikdedup.village import BY, CAUSES, Roll, Side, Targets, furthest_behind, roll_of, tallies
from nikdedup.village import tally as tally_module
from nikdedup.village.roll import ROLL

DAY = date(2026, 6, 30)
USUAL: dict[str, Any] = {
    "record_key": "k",
    "kecamatan_code": "621201",
    "kecamatan": "MURUNG",
    "desa_code": "6212012001",
    "desa": "BERIWIT",
    "sex": "P",
    "age": 40,
    "wajib_ktp": True,
    "recorded": "yes",
    "life": "alive",
    "once": True,
    "displaced": False,
    "child": False,
    "kia_due": False,
}


def roll(*people: dict[str, Any], told: tuple[str, ...] = (), **more: pl.DataType) -> Roll:
    """Adults of one desa who are alive and recorded, but for what is said."""
    life = [{"own_life": one.get("life", USUAL["life"])} for one in people]
    rows = [{**dict.fromkeys(ROLL), **USUAL, "row": i, **life[i], **one} for i, one in enumerate(people)]
    return Roll(pl.DataFrame(rows, schema={**ROLL, **more}), DAY, told)


NOT = {"recorded": "no"}


@pytest.mark.parametrize(
    ("people", "before", "effects", "after"),
    [
        pytest.param([{}, NOT], (2, 1), [], (2, 1), id="nothing to settle"),
        pytest.param(
            [{}, NOT, NOT | {"life": "dead"}], (3, 1), [("dead", -1, 0)], (2, 1), id="an unrecorded death"
        ),
        pytest.param(
            [{}, {"life": "dead"}], (2, 2), [("dead", -1, -1)], (1, 1), id="a recorded death takes both"
        ),
        pytest.param(
            [{}, NOT | {"life": "moved"}, {"life": "abroad"}],
            (3, 2),
            [("moved", -1, 0), ("abroad", -1, -1)],
            (1, 1),
            id="moves, apart",
        ),
        pytest.param([{}, NOT | {"displaced": True}], (2, 1), [("duplicate", -1, 0)], (1, 1), id="a double"),
        pytest.param(
            [{}, NOT | {"displaced": True, "life": "dead"}],
            (2, 1),
            [("dead", -1, 0)],
            (1, 1),
            id="one cause each",
        ),
        pytest.param([{}, {"once": False}], (1, 1), [], (1, 1), id="the copy of another input"),
        pytest.param([{}, NOT | {"wajib_ktp": False}], (1, 1), [], (1, 1), id="a child"),
        pytest.param([{}, {"recorded": "unknown"}], (2, 1), [], (2, 1), id="unknown is not recorded"),
    ],
)
def test_the_whole_by_hand(
    people: list[dict[str, Any]], before: Side, effects: list[tuple[str, int, int]], after: Side
) -> None:
    [found] = tallies(roll(*people), Targets(), 0.992)
    assert (found.before, [tuple(one) for one in found.effects], found.after) == (before, effects, after)


def test_what_a_village_says_is_an_effect_of_its_own() -> None:
    people = [
        {"said_recorded": False},
        NOT | {"said_recorded": True},
        NOT | {"said_recorded": True, "life": "dead"},
    ]
    [found] = tallies(roll(*people, said_recorded=pl.Boolean()), Targets(), 0.992)
    assert [tuple(one) for one in found.effects] == [("dead", -1, 0), ("verdict_recorded", 0, 1)]
    assert found.after == (2, 2)


def test_groups_name_themselves_and_unknown_places_stand_last() -> None:
    nowhere = {"kecamatan_code": None, "kecamatan": None, "desa_code": None, "desa": None}
    other = {"desa_code": "6212012002", "desa": "JUKING PAJANG", "sex": "L", "age": 70}
    [found] = tallies(roll({}, NOT, other, NOT | nowhere | {"age": None, "sex": None}), Targets(), 0.992)
    assert found.groups["desa"].select("desa", "due", "held", "needed").rows() == [
        ("BERIWIT", 2, 1, 1),
        ("JUKING PAJANG", 1, 1, 0),
        (None, 1, 0, 1),
    ]
    assert found.groups["kecamatan"].select("kecamatan", "due").rows() == [("MURUNG", 3), (None, 1)]
    assert found.groups["sex"].select("sex", "due").rows() == [("L", 1), ("P", 2), (None, 1)]
    assert found.groups["age"].select("band", "due").rows() == [(40, 2), (60, 1), (None, 1)]


def test_the_furthest_behind_comes_first_and_who_has_arrived_does_not() -> None:
    second = {"desa_code": "6212012002", "desa": "JUKING PAJANG"}
    third = {"desa_code": "6212012003", "desa": "MUARA UNTU"}
    people = [{}, NOT, *[NOT | second] * 3, third]
    [found] = tallies(roll(*people), Targets(), 0.992)
    assert furthest_behind(found.groups["desa"])["desa"].to_list() == ["JUKING PAJANG", "BERIWIT"]
    assert furthest_behind(found.groups["desa"], 1)["desa"].to_list() == ["JUKING PAJANG"]


@pytest.mark.parametrize(
    ("wajib", "held", "target", "needed"),
    [
        pytest.param(91_000, 87_360, 0.992, 2_912, id="96 percent of 99.2: KTP-el of the model office"),
        pytest.param(33_500, 32_160, 0.95, 0, id="96 percent of 95: birth certificates, reached"),
        pytest.param(31_000, 12_400, 0.30, 0, id="40 percent of 30: KIA, reached"),
        pytest.param(1_000, 0, 0.57, 570, id="no float is a hair too large"),
        pytest.param(100, 0, 0.07, 7, id="0.07 is no hair more than 7 of 100"),
        pytest.param(0, 0, 0.992, 0, id="nobody"),
    ],
)
def test_needed_by_hand(wajib: int, held: int, target: float, needed: int) -> None:
    assert Side(wajib, held).needed(target) == needed


def test_papers_of_children() -> None:
    child = {"wajib_ktp": False, "child": True, "kia_due": True, "age": 5}
    people = [
        {},
        child | {"certificate": True, "kia": False},
        child | {"certificate": False, "kia": True},
        child | {"certificate": True, "kia": True, "life": "dead"},
    ]
    _, akta, kia = tallies(roll(*people, told=("certificate", "kia")), Targets(), 0.992)
    assert (akta.before, akta.after, akta.target) == ((3, 2), (2, 1), 0.95)
    assert (kia.before, kia.after, kia.target) == ((3, 2), (2, 1), 0.30)


PERSON = st.fixed_dictionaries(
    {
        "wajib_ktp": st.booleans(),
        "recorded": st.sampled_from(["yes", "no", "unknown"]),
        "life": st.sampled_from(LIFE),
        "once": st.booleans(),
        "displaced": st.booleans(),
        "sex": st.sampled_from(["L", "P", None]),
        "age": st.one_of(st.none(), st.integers(0, 100)),
        "desa_code": st.sampled_from(["6212012001", "6212012002", None]),
    }
)


@given(st.lists(PERSON, min_size=1, max_size=40))
def test_effects_and_groups_add_up(people: list[dict[str, Any]]) -> None:
    [found] = tallies(roll(*people), Targets(), 0.992)
    assert found.before.due + sum(one.due for one in found.effects) == found.after.due
    assert found.before.held + sum(one.held for one in found.effects) == found.after.held
    assert 0 <= found.after.held <= found.after.due
    for by in BY:
        group = found.groups[by]
        for name in ("due", "held", "due_after", "held_after", *(f"{cause}_due" for cause in CAUSES)):
            assert group[name].sum() == found.whole[name], (by, name)


def test_the_roll_counts_as_the_run_does(small_result: Result) -> None:
    """After settling it is what the run itself says; before it, those who are dead or gone are counted too."""
    found = roll_of(
        small_result.residents,
        small_result.people,
        small_result.decisions,
        small_result.record,
        small_result.config,
    )
    [ktp] = tallies(found, Targets(), 0.992)
    told = small_result.record.counts.coverage
    assert told is not None
    assert told.after is not None
    assert ktp.after == (told.after.wajib_ktp, told.after.recorded)
    assert ktp.after.needed(0.992) == told.after.missing_to_target
    gone = [one for one in ktp.effects if one.cause != "duplicate"]
    assert (told.wajib_ktp, told.recorded) == (
        ktp.before.due + sum(one.due for one in gone),
        ktp.before.held + sum(one.held for one in gone),
    )


def test_doctests() -> None:
    failed, ran = doctest.testmod(tally_module)
    assert ran
    assert not failed
