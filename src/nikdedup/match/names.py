"""Compare names as Indonesians write them: word by word, in any order.

Words agree by sound, by spelling up to a slip, or as an initial; words may be added,
dropped, swapped, joined or split. Level and rarity come out together: agreeing on
NURHAYATI says less than agreeing on a name nobody else has.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler, Levenshtein

from nikdedup.match.threads import side_by_side
from nikdedup.match.words import Vocabulary, Words

NAME_LEVELS = {
    0: "missing",
    1: "different",
    2: "one word shared, or alike on the whole",
    3: "similar",
    4: "close: words dropped, abbreviated or misspelt",
    5: "same sound, in any order",
    6: "equal",
}

SLIP = 0.85
"""Jaro-Winkler similarity from which two words, ROUGH edits apart or one clipped, count as one misspelt word; so do
words one edit apart."""
CLIPPED = 4
"""Letters of a word's beginning that stand for the whole of it."""
SHORT = 5
"""Words below this length are so close together that one edit says little."""
ALIKE = 0.60
"""The same similarity from which different names count as alike on the whole."""
JOINED = 0.80
"""Levenshtein similarity of the names without blanks from which they count as similar."""
SLIP_SHARE, SHORT_SHARE, ROUGH_SHARE = 0.85, 0.65, 0.5
"""Share of a word's surprise that a misspelt agreement is worth: for long words, short ones, and rough agreement."""
ROUGH = 2
"""Edits up to which long words of one first letter agree roughly; so do words that differ in their vowels alone."""
INITIAL_LOG2 = 3.0
"""What an initial is worth: some 8 letters begin most words."""
FEW_WORDS = 3
"""Words of most names; longer ones are compared apart, so that these need no room for more."""
CHUNK = 1 << 16

LevelArray = NDArray[np.uint8]
Bits = NDArray[np.float32]


@dataclass(frozen=True)
class ComparedNames:
    """Per pair: level (NAME_LEVELS) and shared_log2, the surprise of what agrees in bits (0 below level 2).

    own_log2: the part of it that no parent's name explains.
    """

    level: LevelArray
    shared_log2: Bits
    own_log2: Bits

    def keep(self, which: NDArray[np.bool_]) -> ComparedNames:
        """Return the pairs that `which` marks."""
        return ComparedNames(self.level[which], self.shared_log2[which], self.own_log2[which])


def compare_names(
    words: Words,
    text: pl.Series,
    left: NDArray[np.int32],
    right: NDArray[np.int32],
    *,
    parents: tuple[Words, ...] = (),
) -> ComparedNames:
    """Compare the names of rows `left` with those of rows `right`, pair by pair.

    words: of all records; text: the clean names they were split from. parents: words of the names of
    mothers and fathers, which kin have in common without being one person.
    A pair in which either name is missing has level 0. Symmetric in left and right.
    """
    level = np.empty(len(left), np.uint8)
    bits = np.empty(len(left), np.float32)
    own = np.empty(len(left), np.float32)
    long = np.maximum(words.count(left), words.count(right)) > FEW_WORDS
    chunks = [
        which[begin : begin + CHUNK]
        for which in (np.flatnonzero(~long), np.flatnonzero(long))
        for begin in range(0, len(which), CHUNK)
    ]

    def fill(some: NDArray[np.intp]) -> None:
        level[some], bits[some], own[some] = _chunk(words, text, left[some], right[some], parents)

    side_by_side(fill, chunks)
    return ComparedNames(level, bits, own)


def _chunk(
    words: Words,
    text: pl.Series,
    left: NDArray[np.int32],
    right: NDArray[np.int32],
    parents: tuple[Words, ...],
) -> tuple[LevelArray, Bits, Bits]:
    vocabulary = words.vocabulary
    a, b = words.matrix(left), words.matrix(right)
    present_a, present_b = a >= 0, b >= 0
    sound_a, sound_b = (np.where(p, vocabulary.skeleton[s], -1) for s, p in ((a, present_a), (b, present_b)))
    same = (sound_a[:, None] == sound_b) & present_a[:, None]
    by_sound_a, by_sound_b = same.any(axis=1), same.any(axis=0)
    open_a, open_b = present_a & ~by_sound_a, present_b & ~by_sound_b
    (slip_a, rough_a), (slip_b, rough_b) = _slips(vocabulary, a, b, open_a, open_b)
    surprise_a, surprise_b = (
        np.where(p, vocabulary.surprise_log2[s], 0) for s, p in ((a, present_a), (b, present_b))
    )
    worth_a = surprise_a * by_sound_a + np.minimum(surprise_a, slip_a)
    worth_b = surprise_b * by_sound_b + np.minimum(surprise_b, slip_b)
    shared = np.minimum(worth_a.sum(axis=0), worth_b.sum(axis=0))
    own_a, own_b = worth_a, worth_b
    if parents:
        family = np.concatenate([one.sound_codes(rows) for one in parents for rows in (left, right)])
        own_a = worth_a * ~_among(words.sound_codes(left), family)
        own_b = worth_b * ~_among(words.sound_codes(right), family)
    inherited = shared - np.minimum(own_a.sum(axis=0), own_b.sum(axis=0))
    left_over = [(o & (s == 0)).sum(axis=0) for o, s in ((open_a, slip_a), (open_b, slip_b))]
    sounded = np.minimum(by_sound_a.sum(axis=0), by_sound_b.sum(axis=0))
    slipped = np.minimum((slip_a > 0).sum(axis=0), (slip_b > 0).sum(axis=0))
    words_a, words_b = present_a.sum(axis=0), present_b.sum(axis=0)
    level = np.ones(len(left), np.uint8)
    level[(sounded + slipped) > 0] = 2
    rough = [side.any(axis=0) for side in (rough_a, rough_b)]
    shorter_full = np.minimum(*left_over) == 0
    both_full = np.maximum(*left_over) == 0
    mostly = (sounded + slipped) * 2 > np.minimum(words_a, words_b)
    level[(level == 2) & (mostly & (np.minimum(words_a, words_b) >= 2) | shorter_full)] = 3
    level[(level >= 2) & shorter_full & ((sounded > 0) | both_full) & ~(rough[0] | rough[1])] = 4
    # A word said twice is one word more: NATALIA AYU and NATALIA NATALIA AYU may be twins.
    level[both_full & (slipped == 0) & (sounded > 0) & (words_a == words_b)] = 5
    _joined(level, shared, text, left, right, (words_a > 0) & (words_b > 0) & (level <= 3))
    level[(words_a == 0) | (words_b == 0)] = 0
    level[(level == 5) & (words_a == words_b) & _written_alike(a, b)] = 6
    shared = np.where(level >= 2, shared, 0).astype(np.float32)
    return level, shared, np.maximum(shared - inherited, 0).astype(np.float32)


def _among(sounds: NDArray[np.uint64], family: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Return which of k x n sounds are among the m x n sounds of the same row."""
    found = np.zeros(sounds.shape, np.bool_)
    for sound in family:
        found |= sounds == sound
    return found


def _written_alike(a: NDArray[np.int32], b: NDArray[np.int32]) -> NDArray[np.bool_]:
    width = min(len(a), len(b))
    alike: NDArray[np.bool_] = (a[:width] == b[:width]).all(axis=0)
    return alike


def _slips(
    vocabulary: Vocabulary,
    a: NDArray[np.int32],
    b: NDArray[np.int32],
    open_a: NDArray[np.bool_],
    open_b: NDArray[np.bool_],
) -> tuple[tuple[Bits, NDArray[np.bool_]], tuple[Bits, NDArray[np.bool_]]]:
    """Return, for each open word, the bits of its best misspelt or abbreviated partner (0 where there is none).

    Beside the bits stands whether that partner agrees but roughly.
    """
    i, j, pair = np.nonzero(open_a[:, None] & open_b)
    word_a, word_b = a[i, pair], b[j, pair]
    lower, upper = np.minimum(word_a, word_b).astype(np.int64), np.maximum(word_a, word_b)
    likely = _common_letters(vocabulary, lower, upper)
    pair, i, j, lower, upper = (values[likely] for values in (pair, i, j, lower, upper))
    code, back = np.unique(lower * len(vocabulary.text) + upper, return_inverse=True)
    first, second = np.divmod(code, max(1, len(vocabulary.text)))
    value, firm = (of_pair[back] for of_pair in _word_pairs(vocabulary, first, second))
    sides = []
    for shape, place in ((a.shape, (i, pair)), (b.shape, (j, pair))):
        slip, sure = np.zeros(shape, np.float32), np.zeros(shape, np.bool_)
        np.maximum.at(slip, place, value.astype(np.float32))
        np.logical_or.at(sure, place, firm)
        sides.append((slip, (slip > 0) & ~sure))
    return sides[0], sides[1]


def _common_letters(v: Vocabulary, first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which pairs of words can be one word misspelt or abbreviated.

    A third of their letter pairs agree, or all letters but two, or the consonants.

    An initial has no sound of its own (F. for Fatmawati, which sounds like Patmawati): its letter counts.
    """
    shared = np.bitwise_count(v.signature[first] & v.signature[second])
    size = np.minimum(np.bitwise_count(v.signature[first]), np.bitwise_count(v.signature[second]))
    initial = np.minimum(v.letters[first], v.letters[second]) == 1
    letters = np.bitwise_count(v.alphabet[first] ^ v.alphabet[second]) <= 2
    bare = (v.consonants[first] == v.consonants[second]) & (v.consonants[first] >= 0)
    like = (shared * 3 >= size) | letters | bare
    likely: NDArray[np.bool_] = np.where(initial, v.initial[first] == v.initial[second], like)
    return likely


def _word_pairs(
    vocabulary: Vocabulary, first: NDArray[np.int64], second: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return what each distinct pair of words that do not sound alike is worth in bits, and which agree firmly."""
    written, sound = vocabulary.written
    left, right = written[first].tolist(), written[second].tolist()
    heard = sound[first].tolist(), sound[second].tolist()
    similar = np.zeros(len(left), np.bool_)
    edits = np.full(len(left), ROUGH + 1, np.uint8)
    for one, other in ((left, right), heard):
        similar |= (
            process.cpdist(one, other, scorer=JaroWinkler.similarity, score_cutoff=SLIP, dtype=np.float32) > 0
        )
        distance = process.cpdist(one, other, scorer=OSA.distance, score_cutoff=ROUGH, dtype=np.uint8)
        edits = np.minimum(edits, distance)
    edited = edits <= 1
    rarer = np.minimum(vocabulary.surprise_log2[first], vocabulary.surprise_log2[second])
    letters = np.minimum(vocabulary.letters[first], vocabulary.letters[second])
    same_start = vocabulary.initial[first] == vocabulary.initial[second]
    begun = edits <= ROUGH
    for at in np.flatnonzero(similar & ~begun & (letters >= CLIPPED)):
        begun[at] = left[at].startswith(right[at]) or right[at].startswith(left[at])
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
    return np.where(initial, INITIAL_LOG2, value), long_slip | short_slip | initial


def _joined(
    level: LevelArray,
    shared: NDArray[np.float64],
    text: pl.Series,
    left: NDArray[np.int32],
    right: NDArray[np.int32],
    doubtful: NDArray[np.bool_],
) -> None:
    """Raise level and bits where the names without blanks agree: words joined, split or misspelt."""
    where = np.flatnonzero(doubtful)
    bare = [text.gather(rows[where]).str.replace_all(" ", "", literal=True) for rows in (left, right)]
    lengths = [side.str.len_bytes().to_numpy() for side in bare]
    letters = np.minimum(*lengths)
    near = letters >= ALIKE * np.maximum(*lengths)
    where, letters = where[near], letters[near]
    alike = process.cpdist(
        *(side.filter(near).to_list() for side in bare),
        scorer=Levenshtein.normalized_similarity, score_cutoff=ALIKE, dtype=np.float32,
    )  # fmt: skip
    found = alike > 0
    better = np.select([alike == 1, alike >= 0.9, alike >= JOINED], [5, 4, 3], 2).astype(np.uint8)
    level[where] = np.where(found, np.maximum(level[where], better), level[where])
    # A letter of a name says little beside its neighbours: about a bit where the names agree on the whole.
    worth = letters * np.where(alike >= JOINED, 1.2 * alike, 0.8 * alike)
    shared[where] = np.where(found, np.maximum(shared[where], worth), shared[where])
