"""What a whole extract says of a few of its records, counted in the columns that a run publishes.

To weigh a pair one must know how common its values are among all records. For that the others need not be understood
again: their clean columns tell it. Only those whose names say more than that, a second one, are; there are few.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nikdedup.columnar.arrays import Rows
from nikdedup.match.features.copies import MANY, Copies
from nikdedup.match.features.features import Evidence, evidence_in
from nikdedup.match.features.id_chance import IdChance
from nikdedup.match.features.name_index import Words, split_words, telling_words
from nikdedup.match.features.part_features import NAMES, Coded, PartFeatures, known_niks, part_features_of
from nikdedup.match.features.population import Frequencies, Population, Tally
from nikdedup.residents.names import name_skeleton, plain_sounds
from nikdedup.runtime.threads import side_by_side

Understood = Callable[[NDArray[np.integer[Any]]], pl.DataFrame]
"""Gives records by their numbers, with their evidence."""
ALIKE = ("nama_lgkp_clean", "tgl_lhr_clean", "nik_clean", "no_kk_clean")
"""Published columns in which copies are equal."""
SKELETONS = {"names": "nama_skeleton", "mothers": "ibu_skeleton", "fathers": "ayah_skeleton"}
TEXTS = {"place": "tmpt_lhr_clean", "address": "alamat_clean"}


@dataclass(frozen=True, eq=False)
class NameColumn:
    """A column of the names of n records, and of second names behind them: the distinct ones, and their words."""

    known: pl.Series
    words: Words
    records: int

    @classmethod
    def of(cls, names: pl.Series, seconds: Sequence[str], *, plain: bool) -> NameColumn:
        """Split a column of clean names into words. seconds: further names; plain: as for `split_words`."""
        coded = Coded.by(names)
        coded = coded.with_more(pl.Series(seconds, dtype=pl.String)) if len(seconds) else coded
        return cls(coded.known, split_words(coded, plain=plain), len(names))

    @cached_property
    def own(self) -> Words:
        """The words of the records' own names."""
        return self.words.held_by(self.words.name[: self.records])

    @cached_property
    def _bearers(self) -> NDArray[np.int64]:
        return np.bincount(self.own.name, minlength=len(self.known) + 1)

    def sounding(self, skeleton: str, *, plain: bool) -> int:
        """Return how many records have a name of a blocking form."""
        sound = pl.Series(self.words.vocabulary.sound, dtype=pl.String)
        written = [(sound == one).to_numpy()[self.words.ids] for one in skeleton.split()]
        rarest = min(written, key=np.count_nonzero)
        names = np.unique(np.searchsorted(self.words.offsets, np.flatnonzero(rarest), side="right") - 1)
        texts = self.known[names - 1]
        form = _plain_skeleton if plain else name_skeleton
        alike = [form(text.split()) == skeleton for text in texts]
        return int(self._bearers[names[np.array(alike, np.bool_)]].sum())


def _plain_skeleton(words: list[str]) -> str:
    return " ".join(plain_sounds(words))


@dataclass(frozen=True, eq=False)
class Counted:
    """A whole extract, ready to say of its records what each of them is among all.

    residents: all of it, as it is published, in order of rows. compared: those of them that are. understood: gives any
    with their evidence. lots: rows of records of which one is compared for all, and the number of the lot of each.
    """

    residents: pl.DataFrame
    compared: pl.DataFrame
    understood: Understood
    lots: dict[int, int]
    structured: bool
    plain: bool
    kinds: dict[str, str]

    @classmethod
    def of(
        cls,
        residents: pl.DataFrame,
        understood: Understood,
        *,
        structured: bool = True,
        plain: bool = False,
        further: dict[str, str] | None = None,
        once: NDArray[np.bool_] | None = None,
        copies: bool = True,
        named: NDArray[np.integer[Any]] | None = None,
    ) -> Counted:
        """Prepare an extract.

        Args:
            residents: all of it, as it is published, in order of rows.
            understood: gives any of them with their evidence.
            structured: whether a NIK has region, date and sex inside.
            plain: names are read by no rules of Indonesian names.
            further: name of each further column of evidence -> its kind; those that are not there are left out.
            once: which records are compared, for their copies in other INPUTs too; all where None.
            copies: whether of equal records one is compared for all; of linked extracts each is.
            named: rows that officers have named, which are compared whatever they are equal to.
        """
        kinds = {name: kind for name, kind in (further or {}).items() if f"{name}_clean" in residents.columns}
        compared = residents if once is None else residents.filter(pl.Series(once))
        every = cls(residents, compared, understood, {}, structured, plain, kinds)
        return every._without_copies(named) if copies else every

    def _without_copies(self, named: NDArray[np.integer[Any]] | None) -> Counted:
        """Return the extract without the copies of records that are compared for them."""
        alike = self.compared.lazy().filter(pl.len().over(*ALIKE) > MANY).select("row").collect()
        row = alike["row"].to_numpy()
        if not len(row):
            return self
        asked_for = None if named is None else np.isin(row, named)
        found = Copies.of(self._features(self.understood(row)), np.arange(len(row)), asked_for=asked_for)
        if found is None:
            return self
        lots = found.place()
        of_many = np.isin(lots, found.compared_as)
        several = dict(zip(row[of_many].tolist(), lots[of_many].tolist(), strict=True))
        spare = pl.col("row").is_in(row[found.spare].tolist())
        return replace(self, compared=self.compared.filter(~spare), lots=several)

    def _features(self, few: pl.DataFrame) -> PartFeatures:
        return part_features_of(few, structured=self.structured, plain=self.plain, further=self.kinds)

    @cached_property
    def names(self) -> dict[str, NameColumn]:
        """The names of all that are compared, by their names in `Evidence`."""
        seconds = {"names": self._seconds}
        split = side_by_side(
            lambda name: NameColumn.of(self.compared[NAMES[name]], seconds.get(name, ()), plain=self.plain),
            NAMES,
        )
        return dict(zip(NAMES, split, strict=True))

    @cached_property
    def _flagged(self) -> Rows:
        """Rows of which a flag says that they have a second name."""
        with_one = pl.col("flags").list.contains("name_alias")
        return self.compared.filter(with_one)["row"].to_numpy()

    @property
    def _seconds(self) -> list[str]:
        rows = self._flagged
        return self.understood(rows)["name_alias"].drop_nulls().to_list() if len(rows) else []

    @cached_property
    def population(self) -> Population:
        """What all that are compared are like together."""
        all_of_them, names = self.compared, self.names
        chances = {name: IdChance.of(Coded.by(all_of_them[f"{name}_clean"])) for name in self.kinds}
        nik = known_niks(all_of_them, structured=self.structured)
        columns = {"kk": "no_kk_clean", "mother": NAMES["mothers"], "father": NAMES["fathers"], **TEXTS}
        absent = {name: all_of_them[column].null_count() for name, column in columns.items()}
        absent["nik"] = int((~nik).sum())
        many = len(all_of_them)
        return Population(
            many,
            names["names"].own.counts(),
            {name: column.words.sounds for name, column in names.items()},
            None if self.structured else IdChance.of(Coded.by(all_of_them["nik_clean"])),
            chances,
            absent={name: count / many for name, count in absent.items()},
        )

    def records(self, rows: Sequence[int]) -> pl.DataFrame:
        """Return row and record_id of some records.

        Args:
            rows: their numbers.
        """
        return self.residents[rows].select("row", "record_id")

    def are_copies(self, rows: Sequence[int]) -> bool:
        """Say whether one record is compared for all of these.

        Args:
            rows: their numbers.
        """
        lots = {self.lots.get(row) for row in rows}
        return len(lots) == 1 and None not in lots

    def evidence(self, rows: Sequence[int]) -> Evidence:
        """Return the evidence of some records, under the population and the frequencies of all.

        Args:
            rows: their numbers.
        """
        few = self.understood(np.array(rows))
        counted = self._frequencies(few)
        return evidence_in(self._features(few), row=np.array(rows), within=(self.population, counted))

    def evidence_beside(self, e: Evidence) -> Evidence:
        """Return the evidence of records, and behind it of those without a birth date that share a telling word.

        Of all records these alone decide whether a pass brings others together.

        Args:
            e: of the records, as `evidence` returns it.
        """
        beside = np.setdiff1d(self._undated_with(e.telling[0]), e.row) if self.structured else ()
        if not len(beside):
            return e
        rows = np.concatenate([e.row, beside])
        return evidence_in(self._features(self.understood(rows)), row=rows, within=(self.population, None))

    def _undated_with(self, sounds: NDArray[np.int64]) -> NDArray[np.int64]:
        row, sound, at = self._undated
        return np.union1d(row[at[np.isin(sound, sounds)]], np.intersect1d(row, self._flagged))

    @cached_property
    def _undated(self) -> tuple[NDArray[np.int64], NDArray[np.int64], Rows]:
        """Rows without a birth date; of each telling word of their names the code of its sound, and whose it is."""
        where = self.compared["tgl_lhr_clean"].is_null().to_numpy()
        own = self.names["names"].own
        row: NDArray[np.int64] = self.compared["row"].to_numpy()[where]
        return row, *telling_words(own.held_by(own.name[where]))

    def _frequencies(self, few: pl.DataFrame) -> Frequencies:
        """Count how many of all records share each value of a few."""

        def sharing(column: str, missing: int = 1) -> Tally:
            there = self.compared[column]
            return _tally([missing if one is None else int((there == one).sum()) for one in few[column]])

        def sounding(name: str, column: str) -> Tally:
            names = self.names[name]
            return _tally(
                [1 if one is None else names.sounding(one, plain=self.plain) for one in few[column]]
            )

        undated = self.compared["tgl_lhr_clean"].null_count()
        return Frequencies(
            sharing("tgl_lhr_clean", undated),
            *(sounding(name, column) for name, column in SKELETONS.items()),
            *(sharing(column) for column in TEXTS.values()),
            further={name: sharing(f"{name}_clean") for name in self.kinds},
        )


def _tally(counts: Sequence[int]) -> Tally:
    """Return counts of some records, one after the other."""
    return Tally(np.array(counts, np.uint32), np.arange(len(counts)))
