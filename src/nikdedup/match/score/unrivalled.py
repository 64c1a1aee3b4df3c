"""Pairs of lists of persons that no other pair comes near: each record is the other's best counterpart by far.

Counterparts compete: a weight knows nothing of the others, so where a record has one likely counterpart and none beside
it, that one is likelier than its weight says (Jaro 1989 assigns records of two lists one to one). Between two lists,
joined because they share people, it tells more than within one, where most records have no counterpart at all. In a
register it tells nothing: there the only counterpart of many a record is a twin or a namesake.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nikdedup.columnar.arrays import Rows
from nikdedup.match.compare import Compared
from nikdedup.match.levels import SAME_BIRTH, BirthLevel, NameLevel

Weights = NDArray[np.float64]
BORN_TOGETHER = (*SAME_BIRTH, BirthLevel.BORN_TOGETHER_ALONE)
"""Levels of one birth date and sex."""
RIVAL_LOG2 = 3.0
"""By how many bits the next pair of either record must be weaker."""
BETWEEN_LISTS_LOG2 = 7.0
WITHIN_A_LIST_LOG2 = 3.0
"""What it tells of a pair, in bits. Measured on public lists whose truth is known: docs/design.md."""


def unrivalled_log2(
    compared: Compared, left: Rows, right: Rows, weight_log2: Weights, *, link: bool
) -> Weights:
    """Return by how many bits each of n pairs is likelier for want of a rival; 0 where it has one, or may be kin.

    Names that do not sound as one are those of a household as a rule, unless an id or a date agrees too. Between two
    lists, where a brother has a counterpart of his own, it is enough that a word is one on one date of birth, or that
    names are close and no date is there to say otherwise.

    Args:
        compared: levels of the pairs.
        left: number of the record on the left of each pair.
        right: number of the record on the right.
        weight_log2: weight of each pair.
        link: whether two lists are compared, not one with itself.
    """
    name, birth = compared.level["name"], compared.level["nik_birth_sex"]
    person = (name >= NameLevel.SAME_SOUND) | ((name >= NameLevel.SIMILAR) & (birth > BirthLevel.DIFFERENT))
    if link:
        person |= (name >= NameLevel.ONE_WORD) & np.isin(birth, BORN_TOGETHER)
        person |= (name >= NameLevel.CLOSE) & (birth == BirthLevel.MISSING)
    told = BETWEEN_LISTS_LOG2 if link else WITHIN_A_LIST_LOG2
    return np.where(person & _unrivalled(left, right, weight_log2), told, 0.0)


def likelier(chance: Weights, more_log2: Weights) -> Weights:
    """Return chances whose odds are so many bits higher.

    Args:
        chance: of each of n pairs, 0 to 1.
        more_log2: bits of each.

    >>> likelier(np.array([0.5]), np.array([1.0])).round(3).tolist()
    [0.667]
    """
    odds = np.exp2(more_log2) * chance
    raised: Weights = odds / (odds + 1 - chance)
    return raised


def _unrivalled(left: Rows, right: Rows, weight_log2: Weights) -> NDArray[np.bool_]:
    """Return which pairs are the best of both their records, the next of these weaker by RIVAL_LOG2 and more."""
    row, pair = np.concatenate([left, right]), np.tile(np.arange(len(left)), 2)
    order = np.lexsort((-weight_log2[pair], row))
    row, pair = row[order], pair[order]
    best = np.diff(row, prepend=-1) > 0
    gap = -np.diff(weight_log2[pair], append=-np.inf)
    beaten = (np.diff(row, append=-1) != 0) | (gap >= RIVAL_LOG2)
    alone: NDArray[np.bool_] = np.bincount(pair[best & beaten], minlength=len(left)) == 2
    return alone
