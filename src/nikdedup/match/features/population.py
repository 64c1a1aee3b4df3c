"""The population: what all records of an extract are like together, whichever of them are at hand.

A weight asks how common a value is among all records, a pass how common a word is, and a prior how many records there
are. None of that may be counted in the rows at hand: they may be a part of the extract. The population is made once,
of the whole; a part is compared under it, and gets the levels and weights that it has inside the whole.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nikdedup.columnar.arrays import AnyInts, Counts, Rows
from nikdedup.match.features.id_chance import IdChance
from nikdedup.match.features.part_features import Coded, CodedKeys
from nikdedup.match.features.small_extracts import with_expected_words

TELLING = 3_000
"""Records up to which a word alone, with day and month of birth, leaves a handful of people."""
TELLING_SHARE = 0.003
"""The same as a share of many records: without it, ever fewer words would tell anything the larger an extract is."""


@dataclass(frozen=True)
class Sounds:
    """How common the sounds of words are in one column of names: one entry a sound.

    code: sorted, the same number for the same sound in every column and every part. tf_log2: -log2 of the share of
    names with a word of the sound. common: whether too many records have one for it to tell much.
    """

    code: NDArray[np.uint64]
    tf_log2: NDArray[np.float32]
    common: NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        sounds: pl.Series,
        code: NDArray[np.uint64],
        number: NDArray[np.int32],
        words: NDArray[np.int64],
        name: NDArray[np.uint32],
        *,
        plain: bool = False,
    ) -> Sounds:
        """Count the sounds of a column of n names.

        sounds, code: of each distinct sound its text and code. number: of each word of the distinct names, one name
        after the other, which sound it has. words: how many words each distinct name has. name: which of the
        distinct names each row holds. plain: names are not Indonesian ones.
        """
        held = np.bincount(name, minlength=len(words))
        of_words = np.repeat(held.astype(np.float64), words)
        found = np.bincount(number, of_words, len(sounds)).astype(np.float64)
        named = max(1, int(held[words > 0].sum()))
        count, named = with_expected_words(found, sounds, named, len(name), plain=plain)
        tf_log2 = -np.log2(((count + 0.5) / named).clip(None, 1.0))
        order = np.argsort(code)
        return cls(code[order], tf_log2[order].astype(np.float32), (found > most_telling(len(name)))[order])

    @classmethod
    def of_both(cls, one: Sounds, other: Sounds) -> Sounds:
        """Return the sounds of two columns of names, each as common as where it is more common."""
        code = np.concatenate([one.code, other.code])
        order = np.argsort(code, kind="stable")  # of two runs that are sorted: they are merged
        code = code[order]
        tf_log2 = np.concatenate([one.tf_log2, other.tf_log2])[order]
        common = np.concatenate([one.common, other.common])[order]
        both = np.flatnonzero(code[1:] == code[:-1])
        kept = np.ones(len(code), np.bool_)
        kept[both + (tf_log2[both] <= tf_log2[both + 1])] = False
        return cls(code[kept], tf_log2[kept], common[kept])

    def places(self, code: NDArray[np.uint64]) -> NDArray[np.intp]:
        """Return where the entries of some sounds of the population stand."""
        return np.searchsorted(self.code, code)


def most_telling(records: int) -> float:
    """Return how many of so many records a word may stand in and still tell them apart."""
    return max(TELLING, TELLING_SHARE * records)


@dataclass(frozen=True)
class Population:
    """An extract as a whole: a value of some hundred kilobytes, however many records there are.

    records: how many are compared. word_counts: how many of them have a name of 0, 1, 2... words. sounds: of each
    column of names, by its name in `Evidence`. ids: how near the ids of two people lie by chance; None where ids are
    NIKs. further: the same of each further column of evidence. absent: share of the records without a value, by field.
    """

    records: int
    word_counts: NDArray[np.int64]
    sounds: dict[str, Sounds]
    ids: IdChance | None
    further: dict[str, IdChance] = field(default_factory=dict)
    absent: dict[str, float] = field(default_factory=dict, kw_only=True)


@dataclass(frozen=True)
class Tally:
    """How many records of the population have each value of a field, and which value each record has.

    In brackets, the counts of some records. The values are numbers that stand in another column anyway: a count for
    each record would take four bytes more of every one.
    """

    many: Counts
    value: AnyInts

    def __getitem__(self, rows: Rows | slice) -> Counts:
        return self.many.take(self.value[rows])

    def take(self, rows: Rows) -> Tally:
        """Return the tally of some records, in the same population."""
        return Tally(self.many, self.value[rows])


@dataclass(frozen=True)
class Frequencies:
    """How many records of the population share each record's value, field by field; further columns by their names.

    Records without a value stand alone; those without a date of birth stand together.
    """

    birth: Tally
    skeleton: Tally
    mother: Tally
    father: Tally
    place: Tally
    address: Tally
    further: dict[str, Tally] = field(default_factory=dict, kw_only=True)

    def take(self, rows: Rows) -> Frequencies:
        """Return the counts of some records, in the same population."""
        own = {one.name: getattr(self, one.name).take(rows) for one in fields(self) if one.name != "further"}
        return Frequencies(**own, further={name: tally.take(rows) for name, tally in self.further.items()})


def count_texts(texts: Coded) -> Tally:
    """Count the rows of each text; a missing one stands alone."""
    many = np.bincount(texts.index, minlength=len(texts.known) + 1).astype(np.uint32)
    many[0] = 1
    return Tally(many, texts.index)


def count_codes(codes: CodedKeys) -> Tally:
    """Count the rows of each code; a missing one, -1, stands alone."""
    many = np.bincount(codes.index, minlength=len(codes.known)).astype(np.uint32)
    many[codes.known < 0] = 1
    return Tally(many, codes.index)


def count_days(born: NDArray[np.int32]) -> Tally:
    """Count the rows of each date, a code as `day_codes` gives it; those of no date, -1, stand together."""
    missing, *many = np.split(np.bincount(born + 1, minlength=1).astype(np.uint32), [1])
    return Tally(np.concatenate([*many, missing]), born)
