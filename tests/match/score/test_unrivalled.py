"""Pairs without a rival in lists of persons: likelier than their weight says, and more so between two lists."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nikdedup
from nikdedup.match.compare import Compared
from nikdedup.match.levels import BirthLevel, NameLevel
from nikdedup.match.score.unrivalled import (
    BETWEEN_LISTS_LOG2,
    RIVAL_LOG2,
    WITHIN_A_LIST_LOG2,
    likelier,
    unrivalled_log2,
)
from tests.match.registry import evidence, found_in, passes_found

pairs = st.lists(
    st.tuples(st.integers(0, 9), st.integers(10, 19), st.integers(-8, 12)),
    min_size=1,
    unique_by=lambda pair: pair[:2],
)


def compared(names: list[NameLevel], births: list[BirthLevel]) -> Compared:
    """Return a comparison of pairs of which only names and dates are known."""
    levels = {"name": np.array(names, np.uint8), "nik_birth_sex": np.array(births, np.uint8)}
    nothing = np.zeros(len(names), np.bool_)
    bits = np.zeros(len(names), np.float32)
    days = np.zeros(len(names), np.int32)
    return Compared(levels, {}, bits, nothing, days, nothing, nothing, nothing)


def told(left, right, weight, *, link=True, name=NameLevel.EQUAL, birth=BirthLevel.MISSING) -> list[float]:
    """Return the bits of pairs that all have the same levels."""
    levels = compared([name] * len(left), [birth] * len(left))
    places = (np.array(rows, np.int32) for rows in (left, right))
    return unrivalled_log2(levels, *places, np.array(weight, np.float64), link=link).tolist()


@given(pairs)
def test_a_pair_is_unrivalled_where_no_other_pair_of_either_record_comes_near(some):
    left, right, weight = (list(of) for of in zip(*some, strict=True))
    expected = [
        BETWEEN_LISTS_LOG2
        * all(
            w + RIVAL_LOG2 <= weight[at]
            for other, (a, b, w) in enumerate(some)
            if other != at and (a == left[at] or b == right[at])
        )
        for at in range(len(some))
    ]
    assert told(left, right, weight) == expected


def test_between_two_lists_it_tells_more_than_within_one():
    assert told([0], [1], [1.0]) == [BETWEEN_LISTS_LOG2]
    assert told([0], [1], [1.0], link=False) == [WITHIN_A_LIST_LOG2]
    assert BETWEEN_LISTS_LOG2 > WITHIN_A_LIST_LOG2 > 0


@pytest.mark.parametrize(
    ("name", "birth", "between", "within"),
    [
        (NameLevel.EQUAL, BirthLevel.DIFFERENT, True, True),
        (NameLevel.CLOSE, BirthLevel.DIFFERENT, False, False),
        (NameLevel.CLOSE, BirthLevel.MISSING, True, False),
        (NameLevel.SIMILAR, BirthLevel.MISSING, False, False),
        (NameLevel.SIMILAR, BirthLevel.BORN_TOGETHER_ALONE, True, True),
        (NameLevel.ONE_WORD, BirthLevel.BORN_TOGETHER_ALONE, True, False),
        (NameLevel.ONE_WORD, BirthLevel.BORN_TOGETHER, True, False),
        (NameLevel.ONE_WORD, BirthLevel.YEAR_SLIP, False, False),
        (NameLevel.DIFFERENT, BirthLevel.BORN_TOGETHER_ALONE, False, False),
    ],
)
def test_who_may_be_kin_is_no_likelier_for_want_of_a_rival(name, birth, between, within):
    for link, counts in ((True, between), (False, within)):
        assert (told([0], [1], [1.0], name=name, birth=birth, link=link) != [0.0]) == counts


def test_bits_are_added_to_odds():
    assert likelier(np.array([0.5, 0.2, 0.0, 1.0]), np.array([3.0, 2.0, 9.0, 9.0])).tolist() == [
        8 / 9,
        0.5,
        0.0,
        1.0,
    ]


MEMBERS = {
    "name": ["Margaret Hollingworth", "Siobhan Kilbride", "Jan Novotny", "Ewa Zielinska"],
    "born": ["1971-03-15", "1990-07-28", "1966-12-30", "1959-02-11"],
}
PATIENTS = {"name": ["Margaret Hollingworth", "Oliver Thackeray"], "born": ["1971-03-16", "1984-11-02"]}
OPAQUE = {"nik_scheme": "opaque", "columns": {"nama_lgkp": "name", "tgl_lhr": "born"}}


def linked(patients: dict[str, list[str]]) -> pl.DataFrame:
    """Return the pairs between the members and some patients."""
    return nikdedup.dedupe(link=(pl.DataFrame(MEMBERS), pl.DataFrame(patients)), **OPAQUE).pairs


def test_two_lists_are_joined_where_a_weak_pair_has_no_rival_and_asked_about_where_it_has_one():
    alone = linked(PATIENTS).row(0, named=True)
    twice = linked({field: [cells[0], *cells] for field, cells in PATIENTS.items()})
    limit = nikdedup.Config().match.confirmed_log2
    assert (alone["band"], alone["weight_log2"] < limit) == ("confirmed", True)
    assert twice["band"].to_list() == ["review", "review"]
    assert (twice["probability"] < alone["probability"]).all()


FIRST = [
    *("Adele", "Bruno", "Clara", "Dirk", "Edith", "Frans", "Greta", "Hugo", "Irene", "Jonas"),
    *("Katja", "Loek", "Mirte", "Niels", "Orla", "Piet", "Rosa", "Sven", "Thea", "Wout"),
]
FAMILY = [f"{start}{end}" for start in ("Vel", "Brink", "Dros", "Kolk", "Mans", "Ruyt", "Bleek", "Sned") for end in (
    "berg", "huis", "kamp", "mond", "stra", "veen", "wijk", "dijk")]  # fmt: skip


def persons(many: int) -> list[tuple[str, str, str]]:
    """Return first name, family name and birth date of so many persons."""
    return [
        (
            FIRST[at * 7 % 20],
            FAMILY[at * 11 % 64],
            f"{1930 + at * 13 % 70}-{at * 5 % 12 + 1:02d}-{at * 3 % 28 + 1:02d}",
        )
        for at in range(many)
    ]


def test_two_lists_show_how_often_a_first_name_is_another_one():
    """Every fifth person has a pet name in one of the lists: m says so, since no other record comes near."""
    here = persons(600)
    there = [
        ("Kiddo" if at % 5 == 0 else first, family, born) for at, (first, family, born) in enumerate(here)
    ]
    lists = [
        pl.DataFrame(
            {"name": [f"{first} {family}" for first, family, _ in some], "born": [born for *_, born in some]}
        )
        for some in (here, there)
    ]
    found = nikdedup.dedupe(link=tuple(lists), **OPAQUE)
    joined = found.people.filter(pl.len().over("person_id") == 2)
    assert len(joined) > 1_150
    assert found.run["estimate"]["match"]["name"][NameLevel.ONE_WORD - 1] == pytest.approx(0.2, abs=0.025)


@pytest.mark.parametrize("opaque", [True, False])
def test_an_initial_between_two_words_hides_no_pair_of_a_list_of_persons(opaque):
    one, other = {"name": "JASON F GARRELL", "born": "1970-02-06"}, {"name": "JASON GARRELL"}
    found = passes_found(found_in(evidence(one, other, opaque=opaque), review_log2=-1e3))
    assert ("two_words" in found.get((0, 1), [])) == opaque
