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
    ("name", "birth", "counts"),
    [
        (NameLevel.EQUAL, BirthLevel.DIFFERENT, True),
        (NameLevel.CLOSE, BirthLevel.DIFFERENT, False),
        (NameLevel.CLOSE, BirthLevel.MISSING, False),
        (NameLevel.SIMILAR, BirthLevel.BORN_TOGETHER_ALONE, True),
        (NameLevel.ONE_WORD, BirthLevel.BORN_TOGETHER_ALONE, False),
    ],
)
def test_who_may_be_kin_is_no_likelier_for_want_of_a_rival(name, birth, counts):
    assert (told([0], [1], [1.0], name=name, birth=birth) != [0.0]) == counts


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
