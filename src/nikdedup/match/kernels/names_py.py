"""The comparison of names word by word in numpy: what names_cy.pyx computes, where it is not compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nikdedup.columnar.arrays import Bits
from nikdedup.match.features import Vocabulary, Words
from nikdedup.match.levels import NameLevel

Rows = NDArray[np.int32]
Ids = NDArray[np.int32]
Mask = NDArray[np.bool_]


def likely_words(words: Words, left: Rows, right: Rows) -> NDArray[np.int64]:
    """Return the pairs of words worth comparing by letter: of each pair of names, words without a partner by sound.

    Pair after pair, word after word of the left name; each as the lower id times the size of the
    vocabulary, plus the higher.
    """
    a, b = words.matrix(left), words.matrix(right)
    lower, upper, _, _, _ = _likely(words.vocabulary, a, b)
    codes: NDArray[np.int64] = lower * len(words.vocabulary.text) + upper
    return codes


def agreement(
    words: Words,
    left: Rows,
    right: Rows,
    parents: tuple[Words, ...],
    bits_log2: Bits,
    firm: NDArray[np.uint8],
) -> tuple[NDArray[np.uint8], Bits, Bits]:
    """Return level (NameLevel), shared bits, and the part of them that a parent's name explains, of each pair.

    bits_log2, firm: of each pair of words that `likely_words` returned, what it is worth, and whether more
    than roughly.
    """
    v = words.vocabulary
    a, b = words.matrix(left), words.matrix(right)
    present_a, present_b = a >= 0, b >= 0
    by_sound_a, by_sound_b = _by_sound(v, a, b)
    _, _, pair, i, j = _likely(v, a, b)
    slip_a, rough_a = _best(a.shape, (i, pair), bits_log2, firm)
    slip_b, rough_b = _best(b.shape, (j, pair), bits_log2, firm)
    surprise_a, surprise_b = (_of_words(v.surprise_log2, s, 0) for s in (a, b))
    worth_a = surprise_a * by_sound_a + np.minimum(surprise_a, slip_a)
    worth_b = surprise_b * by_sound_b + np.minimum(surprise_b, slip_b)
    shared = np.minimum(worth_a.sum(axis=0), worth_b.sum(axis=0))
    own = shared
    if parents:
        family = np.concatenate([one.sound_codes(rows) for one in parents for rows in (left, right)])
        own_a = worth_a * ~_among(words.sound_codes(left), family)
        own_b = worth_b * ~_among(words.sound_codes(right), family)
        own = np.minimum(own_a.sum(axis=0), own_b.sum(axis=0))
    sounded = np.minimum(by_sound_a.sum(axis=0), by_sound_b.sum(axis=0))
    slipped = np.minimum((slip_a > 0).sum(axis=0), (slip_b > 0).sum(axis=0))
    words_a, words_b = present_a.sum(axis=0), present_b.sum(axis=0)
    full_a = words_a == (by_sound_a | (slip_a > 0)).sum(axis=0)
    full_b = words_b == (by_sound_b | (slip_b > 0)).sum(axis=0)
    shorter_full, both_full = full_a | full_b, full_a & full_b
    rough = rough_a.any(axis=0) | rough_b.any(axis=0)
    least = np.minimum(words_a, words_b)
    mostly = (sounded + slipped) * 2 > least
    width = min(len(a), len(b))
    alike = (words_a == words_b) & (a[:width] == b[:width]).all(axis=0)
    # The first that holds; a word said twice is one word more: NATALIA AYU and NATALIA NATALIA AYU may be twins.
    rules = [
        (NameLevel.MISSING, least == 0),
        (NameLevel.EQUAL, alike),
        (NameLevel.SAME_SOUND, both_full & (slipped == 0) & (sounded > 0) & (words_a == words_b)),
        (NameLevel.DIFFERENT, sounded + slipped == 0),
        (NameLevel.CLOSE, shorter_full & ((sounded > 0) | both_full) & ~rough),
        (NameLevel.SIMILAR, shorter_full | (mostly & (least >= 2))),
    ]
    level = np.select(
        [where for _, where in rules], [number for number, _ in rules], NameLevel.ONE_WORD
    ).astype(np.uint8)
    return level, shared, shared - own


def _by_sound(v: Vocabulary, a: Ids, b: Ids) -> tuple[Mask, Mask]:
    """Return which words of either name the other has by sound."""
    sound_a, sound_b = (_of_words(v.skeleton, side, -1) for side in (a, b))
    same = (sound_a[:, None] == sound_b) & (a >= 0)[:, None]
    return same.any(axis=1), same.any(axis=0)


def _likely(
    v: Vocabulary, a: Ids, b: Ids
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Return the lower and higher word of each pair worth comparing, the pair of names, and both places in them."""
    by_sound_a, by_sound_b = _by_sound(v, a, b)
    open_a, open_b = (a >= 0) & ~by_sound_a, (b >= 0) & ~by_sound_b
    pair, i, j = np.nonzero((open_a[:, None] & open_b).transpose(2, 0, 1))
    word_a, word_b = a[i, pair].astype(np.int64), b[j, pair].astype(np.int64)
    lower, upper = np.minimum(word_a, word_b), np.maximum(word_a, word_b)
    likely = common_letters(v, lower, upper)
    return lower[likely], upper[likely], pair[likely], i[likely], j[likely]


def common_letters(v: Vocabulary, first: NDArray[np.int64], second: NDArray[np.int64]) -> Mask:
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
    likely: Mask = np.where(initial, v.initial[first] == v.initial[second], like)
    return likely


def _best(
    shape: tuple[int, ...], place: tuple[NDArray[np.intp], ...], bits_log2: Bits, firm: NDArray[np.uint8]
) -> tuple[Bits, Mask]:
    """Return the bits of each word's best partner, 0 where there is none, and whether it agrees but roughly."""
    slip, sure = np.zeros(shape, np.float32), np.zeros(shape, np.bool_)
    np.maximum.at(slip, place, bits_log2)
    np.logical_or.at(sure, place, firm.astype(np.bool_))
    return slip, (slip > 0) & ~sure


def _of_words(values: NDArray[np.generic], words: Ids, missing: float) -> NDArray[np.generic]:
    """Return the value of each word, `missing` where there is none."""
    if not len(values):
        return np.full(words.shape, missing, values.dtype)
    return np.where(words >= 0, values[words], values.dtype.type(missing))


def _among(sounds: NDArray[np.uint64], family: NDArray[np.uint64]) -> Mask:
    """Return which of k x n sounds are among the m x n sounds of the same row."""
    found = np.zeros(sounds.shape, np.bool_)
    for sound in family:
        found |= sounds == sound
    return found
