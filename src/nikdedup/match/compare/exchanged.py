"""Names in each other's columns: the pair is compared once more with the columns of one record put right.

That they had to be put right is a level of the first of the two fields, EXCHANGED, with its own m and u; the second
gets the level at which the two names agree that agree less. So either name is counted once, and the exchange too.

Kin are no such pairs. A mother stands in her daughter's column, but her own mother is seldom her daughter's namesake,
and where she is, the dates lie a generation apart: without dates that say otherwise, nothing is put right.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nikdedup.columnar.arrays import Rows
from nikdedup.columnar.calendar import NO_DATE
from nikdedup.match.compare.names import ComparedNames, compare_names
from nikdedup.match.compare.rarity import cap_whole, tf_log2
from nikdedup.match.features import (
    CROSSED,
    Coded,
    Evidence,
    Sounds,
    Tally,
    Words,
    crosswise,
    names_of,
    split_words,
)
from nikdedup.match.levels import NameLevel

GENERATION = 14 * 365
"""Days between a parent and a child at least."""
AGREE = NameLevel.CLOSE
"""Level from which names agree crosswise."""


def with_exchanged(
    e: Evidence, left: Rows, right: Rows, names: dict[str, ComparedNames]
) -> dict[str, ComparedNames]:
    """Return the comparisons of names with those of exchanged columns put right.

    Args:
        e: evidence of all records.
        left: numbers of the records on the left, one for each of n pairs.
        right: numbers of the records on the right, n too.
        names: what the comparison of each field of names came to.
    """
    near: NDArray[np.bool_] | None = None
    for fields in CROSSED:
        unlike = np.flatnonzero(_unlike(names[fields[0]]) & _unlike(names[fields[1]]))
        near = _of_one_generation(e, left, right) if near is None and len(unlike) else near
        asked = unlike if near is None else unlike[near[unlike]]
        asked = asked[crosswise(e, fields, left[asked], right[asked])]
        if len(asked):
            names = names | _put_right(e, fields, asked, (left[asked], right[asked]), names)
    return names


def _unlike(compared: ComparedNames) -> NDArray[np.bool_]:
    """Return where both names are there and share a word at most."""
    unlike: NDArray[np.bool_] = (compared.level >= NameLevel.DIFFERENT) & (
        compared.level <= NameLevel.ONE_WORD
    )
    return unlike


def _of_one_generation(e: Evidence, left: Rows, right: Rows) -> NDArray[np.bool_]:
    one, other = e.birth[left], e.birth[right]
    near: NDArray[np.bool_] = (one != NO_DATE) & (other != NO_DATE)
    near &= np.abs(one.astype(np.int64) - other) < GENERATION
    return near


def _put_right(
    e: Evidence,
    fields: tuple[str, str],
    asked: NDArray[np.intp],
    sides: tuple[Rows, Rows],
    names: dict[str, ComparedNames],
) -> dict[str, ComparedNames]:
    """Return the comparisons of two fields with those of the pairs asked for wherever both agree crosswise."""
    one, other = (names_of(e, field).words for field in fields)
    words = _either_way(one, other, *sides)
    left, right = np.arange(2 * len(asked), dtype=np.int32).reshape(2, -1)
    crossed = [
        compare_names(own, left, right, parents=(of_other,))
        for own, of_other in zip(words, reversed(words), strict=True)
    ]
    counts = [_counts(e, field) for field in fields]
    for of, (here, there) in zip(crossed, (counts, reversed(counts)), strict=True):
        most = tf_log2(np.maximum(here[sides[0]], there[sides[1]]), e.population.records)
        cap_whole(of.shared_log2, of.level, most)
    agree = np.flatnonzero((crossed[0].level >= AGREE) & (crossed[1].level >= AGREE))
    better, other_one = _by_agreement(*(of.keep(agree) for of in crossed))
    better.level[:] = NameLevel.EXCHANGED
    return {
        field: _with(names[field], asked[agree], of)
        for field, of in zip(fields, (better, other_one), strict=True)
    }


def _counts(e: Evidence, field: str) -> Tally:
    """Return how many records share each record's name in a column."""
    many = e.frequencies
    return {"name": many.skeleton, "mother": many.mother, "father": many.father}[field]


def _by_agreement(one: ComparedNames, other: ComparedNames) -> tuple[ComparedNames, ComparedNames]:
    """Return of each two comparisons the one that agrees better, and the other: the same from either side of a pair."""
    won = (one.level > other.level) | ((one.level == other.level) & (one.shared_log2 >= other.shared_log2))
    own = np.minimum(one.own_log2, other.own_log2)

    def chosen(which: NDArray[np.bool_]) -> ComparedNames:
        level = np.where(which, one.level, other.level)
        return ComparedNames(level, np.where(which, one.shared_log2, other.shared_log2), own)

    return chosen(won), chosen(~won)


def _either_way(one: Words, other: Words, left: Rows, right: Rows) -> list[Words]:
    """Return names of the left rows in one column, behind them of the right rows in the other; and vice versa."""
    texts = [*one.texts(left), *other.texts(right), *other.texts(left), *one.texts(right)]
    sounds = Sounds.of_both(one.sounds, other.sounds)
    both = split_words(Coded.by(pl.Series(texts, dtype=pl.String)), sounds, plain=one.plain)
    return [both.held_by(name) for name in np.split(both.name, 2)]


def _with(names: ComparedNames, where: NDArray[np.intp], those: ComparedNames) -> ComparedNames:
    level, shared, own = names.level.copy(), names.shared_log2.copy(), names.own_log2.copy()
    level[where], shared[where], own[where] = those.level, those.shared_log2, those.own_log2
    return replace(names, level=level, shared_log2=shared, own_log2=own)
