"""Persons from night to night: numbers that stay, and events that explain every change."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nikdedup.nightly.events import Event, Record, Why, follow, happened
from nikdedup.nightly.persons import Named, named

Persons = dict[int, set[str]]


def night(
    before: Mapping[int, Collection[str]],
    *clusters: str,
    was: Mapping[str, str] | None = None,
    survivors: Collection[str] = (),
    retired: Mapping[str, Collection[int]] | None = None,
    first_free: int = 100,
    why: Why | None = None,
) -> tuple[Named, list[Event]]:
    """Name clusters, each a text of one letter a record. was: letter tonight -> letter the night before."""
    known = {key for records in before.values() for key in records}
    told = [
        [Record(key, (was or {}).get(key, key if key in known else None)) for key in one] for one in clusters
    ]
    found = named(before, told, survivors=survivors, retired=retired or {}, first_free=first_free)
    return found, happened(before, told, found.names, why or Why())


def told(events: Sequence[Event]) -> list[tuple[str, int, int | None, str, str]]:
    return [(one.kind, one.person, one.other, "".join(one.before), "".join(one.after)) for one in events]


def test_nothing_changed() -> None:
    found, events = night({1: "ab", 2: "c"}, "ab", "c")
    assert found.names == [1, 2]
    assert events == []


def test_growth_keeps_the_number() -> None:
    found, events = night({7: "a"}, "ab")
    assert found.names == [7]
    assert told(events) == [("growth", 7, None, "a", "ab")]
    assert events[0].cause == "new"


def test_the_older_survives_a_merge() -> None:
    found, events = night({9: "abc", 4: "d"}, "abcd")
    assert found.names == [4]
    assert told(events) == [("merge", 9, 4, "abc", "")]


@pytest.mark.parametrize(("survivor", "names"), [("a", [5, 100]), ("c", [100, 5])])
def test_the_part_with_the_survivor_keeps_the_number(survivor: str, names: list[int]) -> None:
    found, events = night({5: "abc"}, "ab", "c", survivors=survivor)
    assert found.names == names
    assert events[0].kind == "split"
    assert events[0].other == 100


def test_the_larger_part_keeps_the_number_where_nobody_was_to_stay() -> None:
    assert night({5: "abc"}, "a", "bc")[0].names == [100, 5]


def test_a_person_that_loses_its_best_part_to_an_older_one_goes_on_with_the_other() -> None:
    found, events = night({1: "x", 5: "ab"}, "xa", "b", survivors="a")
    assert found.names == [1, 5]
    assert told(events) == [("split", 5, 1, "ab", "b")]


def test_who_is_gone_has_ended() -> None:
    found, events = night({1: "a", 2: "bc"}, "b")
    assert found.names == [2]
    assert told(events) == [("end", 1, None, "a", ""), ("loss", 2, None, "bc", "b")]
    assert {one.cause for one in events} == {"withdrawn"}


def test_who_comes_back_gets_the_old_number() -> None:
    found, events = night({8: "z"}, "z", "ab", retired={"a": [3], "b": [3, 2]})
    assert found.names == [8, 3]
    assert told(events) == [("return", 3, None, "", "ab")]


def test_one_that_comes_back_twice_comes_back_once() -> None:
    found, _ = night({}, "a", "b", retired={"a": [3], "b": [3]})
    assert found.names == [3, 100]
    assert found.first_free == 101


def test_a_corrected_record_is_the_same_one() -> None:
    found, events = night({1: "ab"}, "aB", was={"B": "b"})
    assert found.names == [1]
    assert told(events) == [("correction", 1, None, "ab", "Ba")]
    assert events[0].cause == "changed"


@pytest.mark.parametrize(
    ("clusters", "why", "cause"),
    [
        (["ab", "c"], Why(), "others"),
        (["ab", "c"], Why(otherwise="weights"), "weights"),
        (["ab", "c"], Why(changed={"a"}, otherwise="weights"), "changed"),
        (["ab", "c"], Why(declared={"b"}, changed={"a"}), "verdict"),
        (["abn", "c"], Why(), "new"),
        (["ab"], Why(), "withdrawn"),
    ],
)
def test_why_a_person_fell_apart_or_merged(clusters: list[str], why: Why, cause: str) -> None:
    _, events = night({1: "ac", 2: "b"}, *clusters, why=why)
    assert {one.cause for one in events if one.kind in ("split", "merge")} == {cause}


def letters(state: Persons) -> set[frozenset[str]]:
    return {frozenset(records) for records in state.values()}


@st.composite
def nights(draw: st.DrawFn) -> list[tuple[list[list[Record]], set[str]]]:
    """Draw some nights in a row: records come, go, come back, are corrected and fall into persons anew."""
    chance = random.Random(draw(st.integers(0, 2**32)))
    there: dict[str, str] = {}  # resident -> key
    gone: dict[str, str] = {}
    found = []
    for number in range(draw(st.integers(1, 6))):
        was = dict(there)
        for resident in [one for one in there if chance.random() < 0.15]:
            gone[resident] = there.pop(resident)
        for resident in [one for one in gone if chance.random() < 0.3 and one not in was]:
            there[resident] = gone.pop(resident)
        for resident in [one for one in there if one in was and chance.random() < 0.1]:
            there[resident] = f"{resident}.{number}"
        for new in range(chance.randrange(5)):
            there[f"r{number}{new}"] = f"r{number}{new}"
        residents = sorted(there)
        chance.shuffle(residents)
        clusters: list[list[Record]] = []
        for resident in residents:
            record = Record(there[resident], was.get(resident))
            if clusters and chance.random() < 0.4:
                chance.choice(clusters).append(record)
            else:
                clusters.append([record])
        found.append((clusters, {key for key in there.values() if chance.random() < 0.5}))
    return found


@given(nights())
def test_any_nights_in_a_row(several: list[tuple[list[list[Record]], set[str]]]) -> None:
    """Numbers are shared by no two persons and given to no other one; events explain and replay every change."""
    state: Persons = {}
    replayed: Persons = {}
    retired: dict[str, set[int]] = {}
    last_of: dict[int, set[str]] = {}
    survivors: set[str] = set()
    first_free = 1
    for clusters, stays in several:
        found = named(state, clusters, survivors=survivors, retired=retired, first_free=first_free)
        events = happened(state, clusters, found.names, Why())
        now = {
            name: {one.key for one in cluster} for name, cluster in zip(found.names, clusters, strict=True)
        }
        assert len(now) == len(clusters)
        new = {name for name in now if name >= first_free}
        assert new == set(range(first_free, found.first_free))
        for event in events:
            assert set(event.before) == replayed.get(event.person, set())
            assert event.before != event.after
            follow(replayed, event)
            if not event.after:
                last_of[event.person] = set(event.before)
        assert replayed == now
        _numbers_stay(state, clusters, found.names, last_of)
        for person in set(state) - set(now):
            for key in last_of[person]:
                retired.setdefault(key, set()).add(person)
        for person in set(now) - set(state):
            for persons in retired.values():
                persons.discard(person)
        state, survivors, first_free = now, stays, found.first_free


def _numbers_stay(
    before: Persons, clusters: list[list[Record]], names: list[int], last_of: Mapping[int, set[str]]
) -> None:
    """A person of tonight has a record of the one who had the number, now or when it was last seen."""
    for name, cluster in zip(names, clusters, strict=True):
        kept = {one.was for one in cluster} | {one.key for one in cluster}
        if name in before:
            assert kept & before[name]
        elif name in last_of:
            assert kept & last_of[name]
    for person, records in before.items():
        homes = {at for at, cluster in enumerate(clusters) if {one.was for one in cluster} & records}
        if homes and person not in names:  # then every part of it goes on under an older number
            assert all(names[at] < person or names[at] in before for at in homes)
