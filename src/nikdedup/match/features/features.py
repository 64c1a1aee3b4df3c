"""What the matcher knows of each record, as arrays that compare in one machine instruction.

Strings are compared last and only where a pair can still matter. Everything before
that works on integers: a date is its day number, an identifier or a name is a
code that is equal where the text is equal. A code of -1 means missing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nikdedup.columnar.arrays import Rows
from nikdedup.columnar.calendar import NO_DATE, Calendar, calendar_of
from nikdedup.columnar.distinct import map_distinct
from nikdedup.match.features.id_chance import IdChance
from nikdedup.match.features.name_index import (
    Words,
    letter_pairs_of,
    split_words,
    telling_words,
    total_tf_log2,
)
from nikdedup.match.features.part_features import (
    NAMES,
    Coded,
    CodedKeys,
    Codes,
    PartFeatures,
    codes_of,
    further_text,
    part_features_of,
)
from nikdedup.match.features.population import (
    Frequencies,
    Population,
    Sounds,
    count_codes,
    count_days,
    count_texts,
)
from nikdedup.residents.names import name_skeleton
from nikdedup.runtime.threads import at_once

KEYS = ("skeleton", "mother", "father")
"""Codes of blocking forms, by their names in `PartFeatures`."""
FIRST_DAY = 1_000_000
"""Added to the number of a day, so that none is negative."""


@dataclass(frozen=True)
class NameEvidence:
    """One name column: its words, and of each distinct name the letter pairs, as bits, and term frequency of all."""

    words: Words
    letters: NDArray[np.uint64]
    total_log2: NDArray[np.float32]

    @classmethod
    def of(cls, names: Coded, sounds: Sounds | None = None, *, plain: bool = False) -> NameEvidence:
        """Split clean names into words and sum up what they hold; sounds, plain: as for `split_words`."""
        words = split_words(names, sounds, plain=plain)
        return cls(words, letter_pairs_of(words), total_tf_log2(words))

    @property
    def signature(self) -> NDArray[np.uint64]:
        """The letter pairs of each record's name; 0 where there is none."""
        return self.letters[self.words.name]


@dataclass(frozen=True)
class Aliases:
    """Second names: the row of each, sorted, its number among the distinct names, and the code of its blocking form."""

    row: Rows
    name: NDArray[np.uint32]
    skeleton: Codes

    def __len__(self) -> int:
        return len(self.row)


@dataclass(frozen=True)
class Evidence:
    """One value per record in every array, in order of `row`; n records, all of a population or a part of it.

    Codes are the same in every part: one text has one code. How common a value is, the population says.
    """

    population: Population
    frequencies: Frequencies
    row: NDArray[np.integer[Any]]
    source: NDArray[np.int32]
    birth: NDArray[np.int32]  # days since 1970-01-01, NO_DATE if missing
    birth_default: NDArray[np.bool_]
    birth_from_nik: NDArray[np.bool_]
    sex: NDArray[np.int8]  # 0 missing, 1 L, 2 P
    nik: Codes  # number of a usable or truncated NIK, code of an opaque id
    nik_plain: NDArray[np.bool_]  # verdict valid or warning
    nik_truncated: NDArray[np.bool_]  # never of an opaque id
    nik_birth: NDArray[np.int32]
    passed_check: NDArray[np.bool_]
    father_in_name: NDArray[np.bool_]  # behind bin or binti
    kk: Codes
    keys: dict[str, CodedKeys]  # of the blocking forms of names (skeleton), mothers and fathers
    born: NDArray[np.int32]  # the birth date as a code: never negative, -1 if missing
    region: NDArray[np.int32]  # kecamatan of the residence, a retired one under its successor
    places: Coded
    addresses: Coded
    names: NameEvidence
    mothers: NameEvidence
    fathers: NameEvidence
    aliases: Aliases
    calendar: Calendar  # year, month and day of birth, -1 if missing
    telling: tuple[Codes, NDArray[np.int32]]  # code of each uncommon word's sound, and its record
    structured: bool  # the NIK has region, date and sex inside
    ids: Coded | None = field(default=None)  # where it has not
    further: dict[str, Coded] = field(default_factory=dict)  # further columns of evidence, by name
    kinds: dict[str, str] = field(default_factory=dict)  # of each of them

    def __len__(self) -> int:
        return len(self.row)

    def nik_prefix(self, rows: Rows | slice = slice(None)) -> Codes:
        """Return the first 15 digits of the NIKs of some rows, or of all, truncated ones too; -1 if missing."""
        nik = self.nik[rows]
        return nik // 10 if self.structured else np.full(len(nik), np.int64(-1))  # -1 // 10 is -1

    @cached_property
    def signature(self) -> NDArray[np.uint64]:
        """The letter pairs of each record's names, the second one too; 0 where there is none."""
        letters = self.names.signature
        letters[self.aliases.row] |= self.names.letters[self.aliases.name]
        return letters

    @property
    def skeleton(self) -> Codes:
        """The code of each name's blocking form."""
        return self.keys["skeleton"].code()

    @property
    def mother(self) -> Codes:
        """The code of the blocking form of each mother's name."""
        return self.keys["mother"].code()

    @property
    def father(self) -> Codes:
        """The same of the fathers."""
        return self.keys["father"].code()


def evidence_of(
    residents: pl.DataFrame,
    *,
    structured: bool,
    plain: bool = False,
    further: dict[str, str] | None = None,
) -> Evidence:
    """Return the evidence of residents (schema.CLEAN, VERDICTS and EVIDENCE columns), n rows."""
    return evidence_in(
        part_features_of(residents, structured=structured, plain=plain, further=further),
        row=residents["row"].to_numpy(),
        source=sources_of(residents),
    )


def sources_of(residents: pl.DataFrame) -> NDArray[np.int32] | None:
    """Return the source of each resident; None where there is one for all."""
    return residents["_source"].cast(pl.Int32).to_numpy() if "_source" in residents.columns else None


def evidence_in(
    features: PartFeatures,
    *,
    row: NDArray[np.integer[Any]],
    source: NDArray[np.int32] | None = None,
    within: tuple[Population, Frequencies | None] | None = None,
) -> Evidence:
    """Return the evidence in the features of n records.

    The features are used up: what stands in the evidence in another form is not kept.

    Args:
        features: what is known of n records.
        row: row of each record.
        source: index of the INPUT of each; None if it is one for all.
        within: the population that the records are a part of, and how many of it share each record's values
            (None where only those at hand are counted); None where they are the whole, of which both are made.
    """
    texts, numbers = features.texts, features.numbers
    many, seconds = len(row), texts.pop("alias")
    bearers = np.flatnonzero(seconds.index).astype(np.int32)
    seconds_skeleton = np.empty(0, np.int64)
    if len(bearers):
        second = seconds.of(bearers)
        texts["names"] = texts["names"].with_more(second)
        seconds_skeleton = _sounds(second)
    population, counted = within or (None, None)
    known = {} if population is None else population.sounds
    works: list[Callable[[], Any]] = [
        partial(
            _name_evidence,
            texts.pop(name),
            known.get(name),
            bearers if name == "names" else None,
            plain=features.plain,
        )
        for name in NAMES
    ]
    works.append(partial(_calendar, numbers["birth"], numbers.pop("birth_known")))
    works += [partial(CodedKeys.by, numbers.pop(name)) for name in KEYS]
    (names, telling), (mothers, _), (fathers, _), calendar, *coded = at_once(*works)
    del works  # and with them the texts of names, and codes that stand in `keys`
    keys, born = dict(zip(KEYS, coded, strict=True)), day_codes(numbers["birth"])
    aliases = Aliases(bearers, names.words.name[many:], seconds_skeleton)
    if len(bearers):
        names = replace(names, words=replace(names.words, name=names.words.name[:many]))
    ids = texts.get("id")
    if population is None:
        sounds = (of_column.words.sounds for of_column in (names, mothers, fathers))
        chance = None if ids is None else IdChance.of(ids)
        population = Population(
            many,
            names.words.counts(),
            dict(zip(NAMES, sounds, strict=True)),
            chance,
            {name: IdChance.of(texts[further_text(name)]) for name in features.further},
            absent=_absent(features, keys),
        )
    return Evidence(
        population=population,
        frequencies=counted or _frequencies(features, keys, born),
        row=row,
        source=np.zeros(many, np.int32) if source is None else source,
        **numbers,
        keys=keys,
        born=born,
        places=texts["place"],
        addresses=texts["address"],
        names=names,
        mothers=mothers,
        fathers=fathers,
        aliases=aliases,
        calendar=calendar,
        telling=telling,
        structured=ids is None,
        ids=ids,
        further={name: texts[further_text(name)] for name in features.further},
        kinds=features.further,
    )


def _calendar(birth: NDArray[np.int32], known: NDArray[np.int32]) -> Calendar:
    """Return year, month and day of n birth dates, and the parts that are known of those that are none; -1 else."""
    calendar = calendar_of(birth)
    at = np.flatnonzero((birth == NO_DATE) & (known > 0))
    for part, of_known in zip(calendar, (known[at] >> 9, known[at] >> 5 & 15, known[at] & 31), strict=True):
        part[at] = np.where(of_known > 0, of_known, -1)
    return calendar


def _frequencies(features: PartFeatures, keys: dict[str, CodedKeys], born: NDArray[np.int32]) -> Frequencies:
    """Count the values of all records of a population."""
    texts = features.texts
    return Frequencies(
        count_days(born),
        *(count_codes(keys[name]) for name in KEYS),
        *(count_texts(texts[name]) for name in ("place", "address")),
        further={name: count_texts(texts[further_text(name)]) for name in features.further},
    )


def _absent(features: PartFeatures, keys: dict[str, CodedKeys]) -> dict[str, float]:
    """Return the share of the records without NIK, card, parents, place or address; 1 where there are no records."""
    missing = {name: features.numbers[name] < 0 for name in ("nik", "kk")}
    missing |= {name: (keys[name].known < 0).take(keys[name].index) for name in ("mother", "father")}
    missing |= {name: features.texts[name].index == 0 for name in ("place", "address")}
    return {name: float(where.mean()) if len(where) else 1.0 for name, where in missing.items()}


def _sounds(names: pl.Series) -> Codes:
    """Return the codes of the blocking forms of clean names."""
    return codes_of(map_distinct(names, lambda name: name_skeleton(name.split()), pl.String()))


def _name_evidence(
    names: Coded, sounds: Sounds | None, bearers: Rows | None, *, plain: bool
) -> tuple[NameEvidence, tuple[Codes, NDArray[np.int32]] | None]:
    """Return the evidence of a column of names, and of the persons' own which word tells which record.

    sounds: as for `split_words`. bearers: rows of the second names that stand behind those of all records; None for
    names of parents.
    """
    evidence = NameEvidence.of(names, sounds, plain=plain)
    if bearers is None:
        return evidence, None
    word, row = telling_words(evidence.words)
    first = len(names.index) - len(bearers)
    if len(bearers):
        row = np.where(row < first, row, bearers[np.maximum(row - first, 0)])
    return evidence, (word, row)


def day_codes(days: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return day numbers as codes: never negative, -1 if missing (dates before 1970 are negative days).

    Args:
        days: days since 1970-01-01, NO_DATE where missing.
    """
    return np.where(days == NO_DATE, np.int32(-1), days + np.int32(FIRST_DAY))
