"""Texts rewritten word by word, each distinct word handled once in plain Python.

A million names hold some 25 thousand different words, so a rule per word costs
nothing and can be written as readable Python. What remains per row is cutting,
looking up and joining: it runs on whole Arrow buffers. A word together with the
space behind it is one slice of the buffer, so cutting copies nothing, and the
looked-up words, laid end to end, are the rewritten texts already.

Words that need their neighbours to be understood (bin, S.Pd, a comma) make their
row SLOW: such rows go through a function of the whole text, once per distinct text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import NamedTuple

import numpy as np
import polars as pl

from nikdedup.columnar.distinct import distinct, taken
from nikdedup.columnar.text import buffers, slices

# The lower bits belong to the caller; these have one meaning for all callers.
OWN = (1 << 12) - 1
"""The bits that belong to the caller."""
ONE = 1 << 12  # of a text: exactly one word was kept
SLOW = 1 << 16  # not to be understood without the neighbours
SHY = 1 << 17  # may not follow a word that is special in front: the text is SLOW then
FRONT = 1 << 18  # was taken as a word in front
MANY = 1 << 19  # holds more than one word
CHANGED = 1 << 20  # first form differs from the word itself
EMPTY = 1 << 21  # is dropped; set by the vocabulary

CHUNK_ROWS = 250_000
"""Rows per piece of work: small enough that the words of a chunk stay in the processor's cache."""


class Word(NamedTuple):
    """What becomes of one distinct word: a text for each of the leading forms, and bits.

    `front`, `front_bits` hold instead where the word begins a text of several words;
    an empty `front` drops the word.
    """

    forms: tuple[str, ...]
    bits: int
    front: tuple[str, ...]
    front_bits: int


Forms = tuple[str | None, ...]
Bits = np.ndarray[tuple[int], np.dtype[np.uint32]]
Places = np.ndarray[tuple[int], np.dtype[np.int64]]
Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]


@dataclass(frozen=True)
class Rewritten:
    """Forms of n texts (Series of n strings, null where a text is missing) and n words of bits."""

    forms: tuple[pl.Series, ...]
    bits: Bits


class Words(NamedTuple):
    """What becomes of n distinct words, column by column: the parts of `Word`."""

    forms: list[pl.Series]
    bits: Bits
    front: list[pl.Series]
    front_bits: Bits

    @classmethod
    def of(cls, words: Sequence[Word], *, forms: int) -> Words:
        """Turn words into columns."""
        return cls(
            [pl.Series([word.forms[form] for word in words], dtype=pl.String) for form in range(forms)],
            np.array([word.bits for word in words], np.uint32),
            [pl.Series([word.front[form] for word in words], dtype=pl.String) for form in range(forms)],
            np.array([word.front_bits for word in words], np.uint32),
        )


class Vocabulary:
    """What becomes of every distinct word met so far.

    words: says what runs of characters without spaces become, all new ones at once; must be free of
    state, so that the vocabulary is a mere memory and results do not depend on what it has met before.
    """

    def __init__(self, words: Callable[[pl.Series], Words], *, forms: int, limit: int = 1 << 19) -> None:
        self._words, self.forms, self._limit = words, forms, limit
        self._lock = Lock()
        self._clear()

    def _clear(self) -> None:
        self._places: dict[str, int] = {}
        self._table = _Table([pl.Series(dtype=pl.String)] * self.forms, np.zeros(0, np.uint32))

    def look_up(self, keys: pl.Series) -> tuple[Places, _Table]:
        """Return the place of each key in the table, and the table.

        keys: distinct words, each with the space behind it if one follows. A word in front is one
        place further.
        """
        texts = keys.to_list()
        with self._lock:
            if len(self._places) > self._limit:
                self._clear()
            places = list(map(self._places.get, texts))
            if None in places:
                new = [text for text, place in zip(texts, places, strict=True) if place is None]
                begin = len(self._table.bits)
                self._table = self._table.with_more(self._learnt(pl.Series(new, dtype=pl.String)))
                self._places.update(zip(new, range(begin, len(self._table.bits), 2), strict=True))
                places = list(map(self._places.__getitem__, texts))
            return np.array(places, np.int64), self._table

    def _learnt(self, keys: pl.Series) -> _Table:
        """Return two entries for each new key: inside a text, and in front of one."""
        known, index = distinct(keys.str.strip_chars_end(" "))
        words = self._words(known)
        spaced = keys.str.ends_with(" ").to_numpy()
        inside = index.astype(np.int64) - 1
        # A word alone is no word in front of others.
        entry = np.column_stack([inside, np.where(spaced, len(known) + inside, inside)]).ravel()
        spaced = np.repeat(spaced, 2)
        forms = [pl.concat(both) for both in zip(words.forms, words.front, strict=True)]
        bits = np.concatenate([words.bits, words.front_bits])
        bits[(forms[0] == "").to_numpy()] |= EMPTY
        with_space = [(form + " ").zip_with(form != "", form) for form in forms]
        entry_of = entry + np.where(spaced, len(bits), 0)
        return _Table(
            [taken(pl.concat(both), entry_of) for both in zip(forms, with_space, strict=True)], bits[entry]
        )


@dataclass(frozen=True)
class _Table:
    texts: list[pl.Series]  # one per form
    bits: Bits

    def with_more(self, more: _Table) -> _Table:
        """Return the table with further entries behind its own."""
        texts = [pl.concat(both) for both in zip(self.texts, more.texts, strict=True)]
        return _Table(texts, np.concatenate([self.bits, more.bits]))

    def join(self, form: int, places: Places, first: Places) -> pl.Series:
        """Lay words end to end; text i begins at word first[i]."""
        offsets, data = buffers(taken(self.texts[form], places))
        return slices(np.append(offsets[first], offsets[-1]), data)


def rewrite(
    texts: pl.Series, vocabulary: Vocabulary, whole: Callable[[str], tuple[Forms, int]], *, forms: int
) -> Rewritten:
    """Return every text with each of its words replaced by what the vocabulary says.

    Null or "" gives null and no bits. The result does not depend on how the texts are cut into chunks or on
    threads.

    Args:
        texts: n strings or null; blanks at the ends do not count.
        vocabulary: what becomes of each word.
        whole: forms and bits of a text that holds a SLOW word; the forms beyond the vocabulary's are null
            elsewhere.
        forms: how many forms there are of a text.
    """
    known, index = distinct(texts)
    known = known.str.strip_chars()
    if (blank := (known == "").to_numpy()).any():
        index = np.concatenate([[0], np.where(blank, 0, np.cumsum(~blank))])[index]
        known = known.filter(pl.Series(~blank))
    if not len(known):
        nothing = pl.repeat(None, len(texts), dtype=pl.String, eager=True)
        return Rewritten((nothing,) * forms, np.zeros(len(texts), np.uint32))
    fast = _fast(known, vocabulary)
    slow = np.flatnonzero(fast.bits & SLOW)
    read = [whole(text) for text in known.gather(slow)]
    fast.bits[slow] = [bits for _, bits in read]
    # Where each text comes from: no text, the fast ones, the slow ones.
    source = np.arange(len(known) + 1, dtype=np.uint32)
    source[1 + slow] = len(known) + 1 + np.arange(len(slow))
    source = source[index]
    among_slow = np.maximum(source, np.uint32(len(known))) - np.uint32(len(known))
    columns = [*fast.forms, *[None] * (forms - vocabulary.forms)]
    rest = [pl.Series([None, *(found[form] for found, _ in read)], dtype=pl.String) for form in range(forms)]
    return Rewritten(
        tuple(
            taken(rest[form], among_slow)
            if column is None
            else taken(
                pl.concat([pl.Series([None], dtype=pl.String), column, rest[form][1:]], rechunk=True), source
            )
            for form, column in enumerate(columns)
        ),
        np.concatenate([np.zeros(1, np.uint32), fast.bits & (OWN | ONE)])[index],
    )


def _fast(texts: pl.Series, vocabulary: Vocabulary) -> Rewritten:
    """Return the vocabulary's forms of n distinct texts, none of them empty; not meant where bits are SLOW."""
    chunks = [texts[at : at + CHUNK_ROWS] for at in range(0, len(texts), CHUNK_ROWS)]
    with ThreadPoolExecutor(min(pl.thread_pool_size(), len(chunks))) as pool:
        cuts = list(pool.map(_cut, chunks))
        keys, number = distinct(pl.concat([words for words, _, _ in cuts]))
        found, table = vocabulary.look_up(keys)
        ends = np.cumsum([len(words) for words, _, _ in cuts])
        places = np.split(found[number - np.uint32(1)], ends[:-1])
        parts = list(pool.map(partial(_laid, table), chunks, cuts, places))
    columns = zip(*(part.forms for part in parts), strict=True)
    return Rewritten(
        tuple(pl.concat(column) for column in columns), np.concatenate([part.bits for part in parts])
    )


def _laid(table: _Table, texts: pl.Series, cut: tuple[pl.Series, Bits, Places], places: Places) -> Rewritten:
    """Replace the words of n texts, none of them empty; the forms of SLOW texts are not meant."""
    _, number, first = cut
    codes = places[number]
    codes[first] += 1
    bits = _row_bits(table.bits[codes], first)
    changed = _changed_only(texts, codes, first, table, bits & (CHANGED | SLOW) == CHANGED)
    others = [table.join(form, codes, first) for form in range(1, len(table.texts))]
    return Rewritten((changed, *others), bits)


def _cut(texts: pl.Series) -> tuple[pl.Series, Bits, Places]:
    """Cut n texts, none of them empty, at their spaces; return the distinct words, the number of each word, and
    each text's first word.

    A word is the slice of the texts' own buffer up to and with the space behind it.
    """
    offsets, data = buffers(texts)
    begin = offsets[0]
    texts_begin = np.zeros(int(offsets[-1] - begin) + 1, np.bool_)
    texts_begin[offsets - begin] = True
    begins = texts_begin.copy()
    begins[1:] |= np.frombuffer(data, np.uint8)[begin : offsets[-1]] == ord(" ")
    bounds = np.flatnonzero(begins)
    first = np.flatnonzero(texts_begin[bounds])[:-1]
    words, number = distinct(slices(bounds + begin, data))
    return words, number - np.uint32(1), first


def _row_bits(bits: Bits, first: Places) -> Bits:
    """Join the bits of each text's words; decide ONE, and SLOW where two words do not go together."""
    joined: Bits = np.bitwise_or.reduceat(bits, first)
    kept = np.diff(first, append=len(bits)) - (bits[first] & EMPTY != 0)
    joined[(kept == 1) & (joined & MANY == 0)] |= ONE
    joined[joined & (FRONT | SHY) == FRONT | SHY] |= SLOW
    return joined


def _changed_only(
    present: pl.Series, codes: Places, first: Places, table: _Table, changed: Mask
) -> pl.Series:
    """Return the first form; most texts are their own first form and are not laid out anew."""
    rows = np.flatnonzero(changed)
    if not len(rows):
        return present
    counts = np.diff(first, append=len(codes))
    joined = table.join(0, codes[np.repeat(changed, counts)], np.cumsum(counts[rows]) - counts[rows])
    place = np.arange(len(present), dtype=np.uint32)
    place[rows] = len(present) + np.arange(len(rows))
    return taken(pl.concat([present, joined]), place)
