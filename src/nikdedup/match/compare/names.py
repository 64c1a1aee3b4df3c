"""Compare names as Indonesians write them: word by word, in any order.

Words agree by sound, by spelling up to a slip, or as an initial; words may be added,
dropped, swapped, joined or split. Level and rarity come out together: agreeing on
NURHAYATI says less than agreeing on a name nobody else has.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler, Levenshtein

from nikdedup.columnar.arrays import Bits, LevelArray
from nikdedup.columnar.grouping import numbered
from nikdedup.match import kernels as loops
from nikdedup.match.features import Vocabulary, Words
from nikdedup.match.levels import NameLevel
from nikdedup.runtime.threads import chunks, side_by_side

SLIP = 0.85
"""Jaro-Winkler similarity from which two words, ROUGH edits apart or one clipped, count as one misspelt word; so do
words one edit apart."""
CLIPPED = 4
"""Letters of a word's beginning that stand for the whole of it."""
SHORT = 5
"""Words below this length are so close together that one edit says little."""
ALIKE = 0.60
"""The same similarity from which different names count as alike on the whole."""
MISSPELT, JOINED = 0.90, 0.80
"""Levenshtein similarity of the names without blanks from which they count as close, and as similar."""
SLIP_SHARE, SHORT_SHARE, ROUGH_SHARE = 0.85, 0.65, 0.5
"""Share of a word's term frequency that a misspelt agreement has: for long words, short ones, and rough agreement."""
ROUGH = 2
"""Edits up to which long words of one first letter agree roughly; so do words that differ in their vowels alone."""
INITIAL_LOG2 = 3.0
"""What sharing an initial gives: some 8 letters begin most words."""

Mask = NDArray[np.uint8]
Numbers = NDArray[np.uint32]


@dataclass(frozen=True)
class ComparedNames:
    """Per pair: level (NameLevel) and shared_log2, the term frequency of what agrees in bits (0 below ONE_WORD).

    own_log2: the part of it that no parent's name explains.
    """

    level: LevelArray
    shared_log2: Bits
    own_log2: Bits

    def keep(self, which: NDArray[np.bool_] | NDArray[np.intp] | slice) -> ComparedNames:
        """Return the pairs that `which` marks or gives the places of."""
        return ComparedNames(self.level[which], self.shared_log2[which], self.own_log2[which])


def compare_names(
    words: Words,
    left: NDArray[np.int32],
    right: NDArray[np.int32],
    *,
    parents: tuple[Words, ...] = (),
) -> ComparedNames:
    """Compare the names of rows `left` with those of rows `right`, pair by pair.

    words: of all records. parents: words of the names of mothers and fathers, which kin have in common
    without being one person.
    A pair in which either name is missing has level MISSING. Symmetric in left and right.
    """
    parts = chunks(len(left))
    likely = side_by_side(lambda some: _numbered(loops.likely_words(words, left[some], right[some])), parts)
    by_letter = _by_letter(words.vocabulary, [distinct for distinct, _ in likely])
    level = np.empty(len(left), np.uint8)
    shared = np.empty(len(left), np.float32)
    own = np.empty(len(left), np.float32)

    def fill(some: slice, number: Numbers, of_distinct: tuple[Bits, Mask]) -> None:
        pairs = left[some], right[some]
        bits_log2, firm = of_distinct
        level[some], bits, inherited = loops.agreement(
            words, *pairs, parents, bits_log2[number], firm[number]
        )
        _joined(level[some], bits, words, *pairs)
        shared[some] = np.where(level[some] >= NameLevel.ONE_WORD, bits, np.float32(0))
        own[some] = np.maximum(shared[some] - inherited, np.float32(0))

    numbers = [number for _, number in likely]
    side_by_side(lambda part: fill(*part), zip(parts, numbers, by_letter, strict=True))
    return ComparedNames(level, shared, own)


def _numbered(codes: NDArray[np.int64]) -> tuple[NDArray[np.int64], Numbers]:
    """Return the distinct codes, and the number of each one's place among them."""
    number, firsts = numbered(codes.view(np.uint64))
    return codes[firsts], number


def _by_letter(vocabulary: Vocabulary, likely: list[NDArray[np.int64]]) -> list[tuple[Bits, Mask]]:
    """Return the bits of pairs of words and which agree firmly, part by part; each distinct one is compared once.

    likely: pairs of words as `likely_words` gives them, in parts.
    """
    codes, number = _numbered(np.concatenate(likely))
    first, second = np.divmod(codes, max(1, len(vocabulary.text)))
    found = side_by_side(lambda some: _word_pairs(vocabulary, first[some], second[some]), chunks(len(codes)))
    bits_log2, firm = (np.concatenate(of_parts) for of_parts in zip(*found, strict=True))
    ends = np.cumsum([len(part) for part in likely])
    return [(bits_log2[some], firm[some]) for some in np.split(number, ends[:-1])]


def _word_pairs(
    vocabulary: Vocabulary, first: NDArray[np.int64], second: NDArray[np.int64]
) -> tuple[Bits, Mask]:
    """Return the bits of each distinct pair of words that do not sound alike, and which agree firmly."""
    similar = np.zeros(len(first), np.bool_)
    edits = np.full(len(first), ROUGH + 1, np.uint8)
    for form in vocabulary.forms:
        asked = np.flatnonzero(form.may_be_alike(first, second, similarity=SLIP, edits=ROUGH))
        texts = form.text[first[asked]].tolist(), form.text[second[asked]].tolist()
        scored = process.cpdist(*texts, scorer=JaroWinkler.similarity, score_cutoff=SLIP, dtype=np.float32)
        distance = process.cpdist(*texts, scorer=OSA.distance, score_cutoff=ROUGH, dtype=np.uint8)
        similar[asked] |= scored > 0
        edits[asked] = np.minimum(edits[asked], distance)
    edited = edits <= 1
    rarer = np.minimum(vocabulary.surprise_log2[first], vocabulary.surprise_log2[second])
    letters = np.minimum(vocabulary.letters[first], vocabulary.letters[second])
    same_start = vocabulary.initial[first] == vocabulary.initial[second]
    begun = edits <= ROUGH
    text = vocabulary.text
    for at in np.flatnonzero(similar & ~begun & (letters >= CLIPPED)):
        one, other = text[first[at]], text[second[at]]
        begun[at] = one.startswith(other) or other.startswith(one)
    long_slip = (edited | (similar & begun)) & (letters >= SHORT)
    short_slip = (edited | (similar & (letters >= 3))) & (letters < SHORT) & ((letters >= 3) | same_start)
    bare = vocabulary.consonants[first] == vocabulary.consonants[second]
    bare &= (vocabulary.consonants[first] >= 0) & (letters >= 2)
    rough = same_start & (bare | ((edits <= ROUGH) & (letters >= SHORT)))
    rough |= similar & (letters >= SHORT)  # Suparman and Supardi: one beginning, two names
    value = np.select(
        [long_slip, short_slip, rough], [rarer * SLIP_SHARE, rarer * SHORT_SHARE, rarer * ROUGH_SHARE], 0.0
    )
    initial = same_start & (letters == 1)
    firm = (long_slip | short_slip | initial).astype(np.uint8)
    return np.where(initial, INITIAL_LOG2, value).astype(np.float32), firm


def _joined(
    level: LevelArray,
    shared: Bits,
    words: Words,
    left: NDArray[np.int32],
    right: NDArray[np.int32],
) -> None:
    """Raise level and bits where the names without blanks agree: words joined, split or misspelt."""
    lengths = [words.length[words.name[rows]] for rows in (left, right)]
    letters = np.minimum(*lengths)
    where = np.flatnonzero(
        (level >= NameLevel.DIFFERENT)
        & (level <= NameLevel.SIMILAR)
        & (letters >= ALIKE * np.maximum(*lengths))
    )
    letters = letters[where]
    alike = process.cpdist(
        *(words.unspaced(rows[where]).to_list() for rows in (left, right)),
        scorer=Levenshtein.normalized_similarity, score_cutoff=ALIKE, dtype=np.float32,
    )  # fmt: skip
    found = alike > 0
    better = np.select(
        [alike == 1, alike >= MISSPELT, alike >= JOINED],
        [NameLevel.SAME_SOUND, NameLevel.CLOSE, NameLevel.SIMILAR],
        NameLevel.ONE_WORD,
    ).astype(np.uint8)
    level[where] = np.where(found, np.maximum(level[where], better), level[where])
    # A letter of a name says little beside its neighbours: about a bit where the names agree on the whole.
    worth = letters * np.where(alike >= JOINED, 1.2 * alike, 0.8 * alike)
    shared[where] = np.where(found, np.maximum(shared[where], worth), shared[where])
