"""Names as words: ids, rarity and letter-pair signature of each distinct word.

Residents' names repeat words: a million records hold some 25 thousand different
ones. What is dear is done once per distinct word and looked up for the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nikdedup.columnar.distinct import after_null, distinct, taken
from nikdedup.columnar.grouping import listed
from nikdedup.columnar.text import buffers, cells, slices
from nikdedup.match.features.part_features import Coded
from nikdedup.match.features.population import Sounds
from nikdedup.residents.names import plain_sounds, skeletons
from nikdedup.runtime.threads import chunks, side_by_side

ORDER_WORDS = frozenset(
    {"I", "NI", "IDA", "GUSTI", "DESAK", "DEWA", "LUH", "WAYAN", "PUTU", "GEDE", "MADE", "KADEK"}
    | {"NENGAH", "NYOMAN", "KOMANG", "KETUT"}
)
"""Balinese words of birth order, sex and caste: half a people has them, however rare they are in this extract."""
ORDER_LOG2 = 2.0
"""What sharing one of them gives at most, in bits."""
CODE_SEED = 7
"""Seed of the codes of sounds; any fixed number will do."""
MOST_WORDS = 6
"""Words of a name that are compared; longer names are rare and keep their first six."""


@dataclass(frozen=True)
class Form:
    """Distinct words in one form: their texts, and the numbers that bound how alike two of them can be.

    length: letters; alphabet: which letters, as bits; initial: code of the first one.
    """

    text: NDArray[np.object_]
    length: NDArray[np.int32]
    alphabet: NDArray[np.uint32]
    initial: NDArray[np.uint8]

    @classmethod
    def of(cls, words: pl.Series) -> Form:
        """Take n words apart."""
        letters = _letters(words)
        length = words.str.len_chars().cast(pl.Int32).to_numpy()
        return cls(words.to_numpy(), length, _alphabets(letters), letters[:, 0].copy())

    def may_be_alike(
        self, first: NDArray[np.int64], second: NDArray[np.int64], *, similarity: float, edits: int
    ) -> NDArray[np.bool_]:
        """Return which pairs of words can reach a Jaro-Winkler similarity, or lie so few edits apart.

        A letter that the other word lacks has no partner and costs an edit. One beginning lifts a Jaro similarity by
        two fifths of what it lacks at most.
        """
        lacks = [
            np.bitwise_count(self.alphabet[here] & ~self.alphabet[there])
            for here, there in ((first, second), (second, first))
        ]
        one, other = self.length[first], self.length[second]
        partners = np.minimum(one - lacks[0], other - lacks[1])
        jaro = (partners / one + partners / other + 1) / 3
        least = np.where(self.initial[first] == self.initial[second], (similarity - 0.4) / 0.6, similarity)
        near = (np.abs(one - other) <= edits) & (np.maximum(*lacks) <= edits)
        may: NDArray[np.bool_] = near | (jaro >= least - 1e-6)
        return may


@dataclass(frozen=True)
class Vocabulary:
    """The distinct words of one name column, by id, and the term frequency of each.

    text: distinct clean words. skeleton: id of the word's sound (equal for words that
    sound alike). surprise_log2: -log2 of the share of records with a word of that sound.
    signature: up to 64 letter pairs of the sound, as bits. sound: the skeleton itself.
    alphabet: its letters, as bits. consonants: id of the word without its vowels, -1 where it has fewer than two.
    sound_code: the same number for the same sound in every name column. letters: how many; initial: code of the first.
    """

    text: list[str]
    skeleton: NDArray[np.int32]
    surprise_log2: NDArray[np.float32]
    signature: NDArray[np.uint64]
    alphabet: NDArray[np.uint32]
    consonants: NDArray[np.int32]
    sound: list[str]
    sound_code: NDArray[np.uint64]
    letters: NDArray[np.int32]
    initial: NDArray[np.uint8]

    @cached_property
    def forms(self) -> tuple[Form, Form]:
        """The words as they are written, and as they sound."""
        written = Form(self.texts.to_numpy(), self.letters, self.alphabet, self.initial)
        return written, Form.of(pl.Series(self.sound, dtype=pl.String))

    @cached_property
    def texts(self) -> pl.Series:
        """The words as a column."""
        return pl.Series(self.text, dtype=pl.String)


@dataclass(frozen=True)
class Words:
    """Which words each row holds. Names repeat, so each distinct one is cut once.

    name: for each row, which distinct name it holds; 0 is no name. Name i holds the words
    `ids[offsets[i]:offsets[i + 1]]` of the vocabulary. sounds: of the population, how common they are. plain: as for
    `split_words`.
    """

    name: NDArray[np.uint32]
    ids: NDArray[np.int32]
    offsets: NDArray[np.int64]
    vocabulary: Vocabulary
    sounds: Sounds
    plain: bool = False

    def matrix(self, rows: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the word ids of the given rows, words x len(rows), -1 where there is none.

        As many words as the longest of these names has, at least one, at most MOST_WORDS. Word by word, because
        numpy runs along rows, of which there are many, far faster than along the few words of each.
        """
        name = self.name[rows]
        start = self.offsets[name]
        count = np.minimum(self.offsets[name + 1] - start, MOST_WORDS)
        ids = np.full((max(1, int(count.max(initial=0))), len(rows)), -1, np.int32)
        for place, words in enumerate(ids):
            there = count > place
            words[there] = self.ids[start[there] + place]
        return ids

    @cached_property
    def length(self) -> NDArray[np.uint32]:
        """How many letters each distinct name has, blanks aside."""
        ends = np.concatenate(([0], np.cumsum(self.vocabulary.letters.take(self.ids))))
        return np.diff(ends[self.offsets]).astype(np.uint32)

    def count(self, rows: NDArray[np.integer[Any]] | slice = slice(None)) -> NDArray[np.int64]:
        """Return how many words the names of some rows have, or of all."""
        name = self.name[rows]
        words: NDArray[np.int64] = self.offsets.take(name + np.uint32(1)) - self.offsets.take(name)
        return words

    def counts(self) -> NDArray[np.int64]:
        """Return how many rows hold a name of 0, 1, 2... words."""
        held = np.bincount(self.name, minlength=len(self.offsets) - 1)
        return np.bincount(np.diff(self.offsets), held).astype(np.int64)

    def held_by(self, name: NDArray[np.uint32]) -> Words:
        """Return the words of other rows, by the numbers of the distinct names that they hold."""
        others = replace(self, name=name)
        vars(others)["length"] = self.length  # of the same names
        return others

    def unspaced(self, rows: NDArray[np.int32]) -> pl.Series:
        """Return the names of the given rows without blanks, laid out anew from their words."""
        name = self.name[rows]
        count = self.offsets[name + 1] - self.offsets[name]
        ends = np.cumsum(count)
        word = np.arange(int(count.sum())) + np.repeat(self.offsets[name] - (ends - count), count)
        bounds, data = buffers(taken(self.vocabulary.texts, self.ids[word]))
        return slices(bounds[np.concatenate(([0], ends))], data)

    def texts(self, rows: NDArray[np.int32]) -> list[str | None]:
        """Return the names of the given rows; None where there is none. For some rows, not for all."""
        name, text = self.name[rows], self.vocabulary.text
        bounds = zip(self.offsets[name], self.offsets[name + np.uint32(1)], strict=True)
        return [" ".join(text[word] for word in self.ids[begin:end]) or None for begin, end in bounds]

    def sound_codes(self, rows: NDArray[np.int32]) -> NDArray[np.uint64]:
        """Return the codes of the words' sounds in the same shape, 0 where there is no word."""
        ids = self.matrix(rows)
        if not len(self.vocabulary.text):
            return np.zeros(ids.shape, np.uint64)
        return np.where(ids >= 0, self.vocabulary.sound_code[ids], np.uint64(0))


def split_words(names: Coded, sounds: Sounds | None = None, *, plain: bool = False) -> Words:
    """Split clean names into words, each distinct one once; a missing name has none.

    Args:
        names: clean names.
        sounds: of the population that the names are a part of; None where they are the whole of it.
        plain: words sound as they do in most languages, and none is known from Indonesian names.
    """
    known = after_null(names.known)
    parts = side_by_side(lambda some: _split(known[some]), chunks(len(known)))
    text, number = distinct(pl.concat([words for words, _, _ in parts]))
    place = number.astype(np.int32) - np.int32(1)
    firsts = np.cumsum([0, *(len(words) for words, _, _ in parts[:-1])])
    ids = np.concatenate([place[first + ids] for first, (_, ids, _) in zip(firsts, parts, strict=True)])
    keep = (text != "").to_numpy().take(ids)
    ends = np.cumsum(np.concatenate([counts for _, _, counts in parts]), dtype=np.int64)
    offsets = np.concatenate(([0], np.cumsum(keep)))[np.concatenate(([0], ends))]
    ids = ids[keep]
    distinct_sounds, skeleton = _sounds_of(text, plain=plain)
    code = distinct_sounds.hash(CODE_SEED).to_numpy()
    if sounds is None:
        sounds = Sounds.of(
            distinct_sounds, code, skeleton.take(ids), np.diff(offsets), names.index, plain=plain
        )
    vocabulary = _vocabulary(text, distinct_sounds, code, skeleton, sounds, plain=plain)
    return Words(names.index, ids, offsets, vocabulary, sounds, plain)


def _split(names: pl.Series) -> tuple[pl.Series, NDArray[np.int64], NDArray[np.uint32]]:
    """Return the distinct words of some names, which of them each word is, and how many words each name has."""
    split = names.fill_null("").str.split(" ")
    words, number = distinct(split.explode())
    return words, number.astype(np.int64) - 1, split.list.len().to_numpy()


def _sounds_of(words: pl.Series, *, plain: bool) -> tuple[pl.Series, NDArray[np.int32]]:
    """Return the distinct sounds of words, and which of them each word has."""
    written = words.to_list()
    made = plain_sounds(written) if plain else skeletons(written)
    distinct_sounds = [sound or word for sound, word in zip(made, written, strict=True)]
    sounds, number = distinct(pl.Series(distinct_sounds, dtype=pl.String))
    return sounds, number.astype(np.int32) - 1


def _vocabulary(
    text: pl.Series,
    distinct_sounds: pl.Series,
    code: NDArray[np.uint64],
    skeleton: NDArray[np.int32],
    sounds: Sounds,
    *,
    plain: bool,
) -> Vocabulary:
    """distinct_sounds, code: of each distinct sound its text and code. skeleton: which of them each word has."""
    tf = sounds.tf_log2[sounds.places(code)][skeleton]
    order = text.is_in([] if plain else list(ORDER_WORDS)).to_numpy()
    letters = _letters(text)
    return Vocabulary(
        text.to_list(),
        skeleton,
        np.where(order, np.minimum(tf, np.float32(ORDER_LOG2)), tf),
        letter_pairs(distinct_sounds)[skeleton],
        _alphabets(letters),
        _consonants(text),
        taken(distinct_sounds, skeleton).to_list(),
        code[skeleton],
        letters=text.str.len_chars().cast(pl.Int32).to_numpy(),
        initial=letters[:, 0].copy(),
    )


def _letters(words: pl.Series) -> NDArray[np.uint8]:
    """Return the letters of n words as n x longest, one at least; 0 behind the end, ? for what is not ASCII."""
    plain = words.str.replace_all(r"[^\x00-\x7F]", "?")
    longest = max(1, int(plain.str.len_bytes().max() or 0))  # type: ignore[arg-type]
    return cells(plain.str.pad_end(longest, "\0"), longest)


def _alphabets(letters: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Return which letters each word has, as bits."""
    bits = np.where(letters > 0, np.uint32(1) << (letters & 31).astype(np.uint32), np.uint32(0))
    alphabets: NDArray[np.uint32] = np.bitwise_or.reduce(bits, axis=1)
    return alphabets


def _consonants(words: pl.Series) -> NDArray[np.int32]:
    """Return the same number for words that differ in nothing but vowels; -1 below two consonants."""
    bare = words.str.replace_all("[AEIOU]", "")
    _, number = distinct(bare)
    return np.where(bare.str.len_chars().to_numpy() > 1, number.astype(np.int32), np.int32(-1))


def letter_pairs(words: pl.Series) -> NDArray[np.uint64]:
    """Return the letter pairs of each word, its start included, as bits of a 64-bit integer.

    >>> int(np.bitwise_count(letter_pairs(pl.Series(["SITI"]))[0]))
    4
    """
    letters = _letters(words).astype(np.uint32)
    before = np.concatenate([np.full((len(words), 1), ord(" "), np.uint32), letters[:, :-1]], axis=1)
    place = (before * 31 + letters * 7 + (before * letters) % 53) % 64
    bits = np.where(letters > 0, np.uint64(1) << place.astype(np.uint64), np.uint64(0))
    pairs: NDArray[np.uint64] = np.bitwise_or.reduce(bits, axis=1)
    return pairs


def letter_pairs_of(words: Words) -> NDArray[np.uint64]:
    """Return the letter pairs of all words of each distinct name, those of no name (0) in front."""
    out = np.zeros(len(words.offsets) - 1, np.uint64)
    filled = np.flatnonzero(np.diff(words.offsets))
    if len(filled):
        of_word = words.vocabulary.signature.take(words.ids)
        out[filled] = np.bitwise_or.reduceat(of_word, words.offsets[:-1][filled])
    return out


def total_tf_log2(words: Words) -> NDArray[np.float32]:
    """Return the term frequency of all words of each distinct name together, in bits, that of no name (0) in front."""
    out = np.zeros(len(words.offsets) - 1, np.float64)
    filled = np.flatnonzero(np.diff(words.offsets))
    if len(filled):
        of_word = words.vocabulary.surprise_log2.take(words.ids).astype(np.float64)
        out[filled] = np.add.reduceat(of_word, words.offsets[:-1][filled])
    return out.astype(np.float32)


def telling_words(words: Words) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return a code of the sound of every word that is not common in the population, and the row it stands in.

    Args:
        words: the words of the names of all records.
    """
    code = words.vocabulary.sound_code
    uncommon = (~words.sounds.common[words.sounds.places(code)]).take(words.ids)
    bounds = np.concatenate(([0], np.cumsum(uncommon)))[words.offsets]
    sounds = (code >> np.uint64(1)).view(np.int64).take(words.ids[uncommon])
    return listed(words.name, bounds, sounds)
