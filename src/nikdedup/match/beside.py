"""What stands beside a pair that is put to people: the persons whom its records already are.

A weight knows two records. Once the records are persons, more is known: where one of the two is a person of several
records, the other record is that person only if it is one person with all of them. A twin looks like the other twin's
record from the next regency, whose name came out wrong, until it is laid beside the other twin's own. The least likely
of these pairs tells. And what a third record has joined already is one person, whatever the two say by themselves.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nikdedup.columnar.arrays import Rows
from nikdedup.match.matcher import Matcher

Weights = NDArray[np.float64]
MOST = 6
"""Records of a person that others are laid beside: the first ones, where it has more."""
MOST_UNLIKE, MOST_ALIKE = 12.0, 8.0
"""Bits beyond which the least likely pair tells no more."""
FACTS = ("in_one_person", "has_others", "others_unlike", "others_alike")


def beside(matcher: Matcher, left: Rows, right: Rows, label: NDArray[np.integer]) -> dict[str, Weights]:
    """Return, by fact, what stands beside each of n pairs; all of them 0 where both records are a person alone.

    Args:
        matcher: of the records.
        left: number of the record on the left of each pair.
        right: number of the record on the right.
        label: of every record, which person it is.
    """
    one_person = label[left] == label[right]
    pair, first, second = _others(left, right, label, ~one_person)
    compared, scored = matcher.score(first, second)
    chance = matcher.chances(compared, scored, first, second).chance.clip(2.0**-40, 1 - 2.0**-40)
    least = np.full(len(left), np.inf)
    np.minimum.at(least, pair, np.log2(chance / (1 - chance)))
    has_others = np.isfinite(least)
    odds = np.where(has_others, least, 0.0)
    told = (one_person, has_others, (-odds).clip(0, MOST_UNLIKE), odds.clip(0, MOST_ALIKE))
    return {name: values.astype(np.float64) for name, values in zip(FACTS, told, strict=True)}


def _others(
    left: Rows, right: Rows, label: NDArray[np.integer], of: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], Rows, Rows]:
    """Return all other pairs of a record of the one person and one of the other.

    First is the number of the pair that each stands beside, then its two records. of: the pairs that are asked about.
    """
    people = np.unique(label[np.concatenate([left, right])])
    records = np.flatnonzero(np.isin(label, people)).astype(np.int32)
    records = records[np.argsort(label[records], kind="stable")]
    begin = np.searchsorted(label[records], people)
    many = np.diff(begin, append=len(records)).clip(max=MOST)
    one, other = (np.searchsorted(people, label[side]) for side in (left, right))
    cells = np.where(of, many[one] * many[other], 0)
    pair = np.repeat(np.arange(len(left)), cells)
    cell = np.arange(len(pair)) - np.repeat(np.cumsum(cells) - cells, cells)
    first = records[begin[one[pair]] + cell // many[other[pair]]]
    second = records[begin[other[pair]] + cell % many[other[pair]]]
    beyond = (first != left[pair]) | (second != right[pair])
    first, second = first[beyond], second[beyond]
    return pair[beyond], np.minimum(first, second), np.maximum(first, second)
