"""Names of one person with a slip, and names of twins that rhyme: which of two names that are close these are.

Rina and Rini rhyme, and so do names that parents make up: one letter stands for another, or the end differs. Purnawati
and Purnawatui do not: a letter too many, too few or in its neighbour's place makes no name, and nobody else bears it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA

from nikdedup.columnar.arrays import Rows
from nikdedup.match.features import Evidence

RARER_LOG2 = 3.0
"""Bits by which a word that was typed wrong is rarer than the word that was meant, at least."""
BEARERS = 2
"""Records that bear a word typed wrong, at most: it may have been copied."""


def one_name_with_a_slip(e: Evidence, left: Rows, right: Rows) -> NDArray[np.bool_]:
    """Return where two names differ in one word alone, and that by an initial or a slip of the keys.

    Args:
        e: evidence of all records.
        left: numbers of the records on the left, one for each of n pairs.
        right: numbers of the records on the right, n too.
    """
    words = e.names.words
    known = words.vocabulary
    rare = np.log2(e.population.records / BEARERS)
    found = np.zeros(len(left), np.bool_)
    for at, (one, other) in enumerate(zip(words.matrix(left).T, words.matrix(right).T, strict=True)):
        unshared = _unshared(known.sound_code, one[one >= 0], other[other >= 0])
        if any(len(some) != 1 for some in unshared):
            continue
        meant, typed = sorted(
            (word for (word,) in unshared), key=lambda word: float(known.surprise_log2[word])
        )
        bits = known.surprise_log2[typed]
        nobodys = bits >= rare and bits - known.surprise_log2[meant] >= RARER_LOG2
        texts = known.text[meant], known.text[typed]
        found[at] = is_initial(*texts) or (nobodys and is_slip_of_keys(*texts))
    return found


def is_initial(one: str, other: str) -> bool:
    """Whether one of two words is the first letter of the other.

    >>> is_initial("PRABU", "P"), is_initial("P", "RABU")
    (True, False)
    """
    return min(len(one), len(other)) == 1 and one[0] == other[0]


def is_slip_of_keys(one: str, other: str) -> bool:
    """Whether a letter inside one of two words is too many or too few, or stands in its neighbour's place.

    >>> is_slip_of_keys("PURNAWATI", "PURNAWATUI"), is_slip_of_keys("DANUJA", "DANUAJ")
    (True, True)
    >>> is_slip_of_keys("RINA", "RINI"), is_slip_of_keys("FITRI", "FITRIA"), is_slip_of_keys("AFAN", "RAFAN")
    (False, False, False)
    """
    if OSA.distance(one, other) != 1:
        return False
    if len(one) == len(other):
        return sorted(one) == sorted(other)
    return one[0] == other[0] and one[-1] == other[-1]


def _unshared(
    sound: NDArray[np.uint64], one: NDArray[np.int32], other: NDArray[np.int32]
) -> tuple[list[int], list[int]]:
    """Return the words of each name that the other has none of the same sound for."""
    mine, theirs = one.tolist(), other.tolist()
    for word in one.tolist():
        same = next((there for there in theirs if sound[there] == sound[word]), None)
        if same is not None:
            mine.remove(word)
            theirs.remove(same)
    return mine, theirs
