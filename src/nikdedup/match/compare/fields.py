"""Levels of agreement per field, for each candidate pair.

A level (levels.py) is a small integer; 0 always means that either side is missing, which is no
evidence at all. Beside the level stands `shared_log2`: the term frequency, in bits:
how rare the agreement is between two strangers of this extract (-log2 of its share).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA, Levenshtein

from nikdedup.columnar.arrays import AnyInts, Bits, LevelArray, Rows
from nikdedup.columnar.calendar import NO_DATE
from nikdedup.columnar.grouping import mixed, numbered
from nikdedup.match.compare.aliases import by_either_name
from nikdedup.match.compare.births import BIRTHDAYS, nik_birth_sex
from nikdedup.match.compare.exchanged import with_exchanged
from nikdedup.match.compare.further import PARENTS, compare_further, without_what_names_told
from nikdedup.match.compare.names import ComparedNames, compare_names
from nikdedup.match.compare.rarity import cap_whole, place_tf_log2, tf_log2
from nikdedup.match.features import Coded, Evidence
from nikdedup.match.levels import (
    DATES_DIFFER,
    NIK_EQUAL,
    AddressLevel,
    BirthLevel,
    KkLevel,
    NameLevel,
    PlaceLevel,
)
from nikdedup.runtime.threads import chunks, side_by_side

LIKENESS = 0.70
"""Similarity of the letters (OSA) from which names without a word in common still have a likeness: Norinah, Onrinah."""
SLIPS = 0.85
"""The same from which similar names are one with slips: Ahmad Fauzi and Ahmad Fadli are not."""
SIMILAR = 0.75
"""Levenshtein similarity from which two places or addresses are one, misspelt."""


@dataclass(frozen=True)
class Compared:
    """Level and term frequency of each field for n pairs, and facts that relations are built on."""

    level: dict[str, LevelArray]
    shared_log2: dict[str, Bits]
    own_log2: Bits  # of the name: the part of its term frequency that no parent's name explains
    contained: NDArray[np.bool_]  # names that are close, of which one has more words than the other
    days_apart: NDArray[np.int32]  # absolute; -1 if either date is missing
    sex_differs: NDArray[np.bool_]
    nik_of_two: NDArray[np.bool_]  # one NIK on names without likeness, or on two birth dates and two mothers
    names_differ: NDArray[np.bool_]  # one NIK on names with little in common

    def take(self, which: NDArray[np.bool_] | Rows | slice) -> Compared:
        """Return the comparison of the pairs that `which` marks."""
        return Compared(
            {name: of[which] for name, of in self.level.items()},
            {name: of[which] for name, of in self.shared_log2.items()},
            self.own_log2[which],
            self.contained[which],
            self.days_apart[which],
            self.sex_differs[which],
            self.nik_of_two[which],
            self.names_differ[which],
        )

    @classmethod
    def joined(cls, parts: list[Compared]) -> Compared:
        """Put the comparisons of chunks of pairs one behind the other."""
        return cls(
            {name: np.concatenate([part.level[name] for part in parts]) for name in parts[0].level},
            {
                name: np.concatenate([part.shared_log2[name] for part in parts])
                for name in parts[0].shared_log2
            },
            np.concatenate([part.own_log2 for part in parts]),
            np.concatenate([part.contained for part in parts]),
            np.concatenate([part.days_apart for part in parts]),
            np.concatenate([part.sex_differs for part in parts]),
            np.concatenate([part.nik_of_two for part in parts]),
            np.concatenate([part.names_differ for part in parts]),
        )


def compare(e: Evidence, left: Rows, right: Rows, *, own_names: ComparedNames | None = None) -> Compared:
    """Compare record `left[k]` with record `right[k]` in every field, for each pair k.

    Args:
        e: evidence of all records.
        left: numbers of the records on the left, one for each of n pairs.
        right: numbers of the records on the right, n too.
        own_names: what `compare_own_names` said of the same pairs, where that is known already.
    """
    own_names = compare_own_names(e, left, right) if own_names is None else own_names
    mothers, fathers = side_by_side(
        lambda parent: compare_names(parent.words, left, right), (e.mothers, e.fathers)
    )
    names = {"name": own_names, "mother": mothers, "father": fathers}
    names = with_exchanged(e, left, right, names)
    parts = side_by_side(
        lambda some: _compare(
            e, left[some], right[some], {field: of.keep(some) for field, of in names.items()}
        ),
        chunks(len(left)),
    )
    return Compared.joined(parts)


def _compare(e: Evidence, left: Rows, right: Rows, names: dict[str, ComparedNames]) -> Compared:
    """Compare pairs of which the names are compared already."""
    others = {field: _FIELDS[field](e, left, right) for field in _FIELDS}
    level = {field: compared.level for field, compared in names.items()}
    bits = {field: compared.shared_log2.copy() for field, compared in names.items()}
    for field, counts in zip(
        names, (e.frequencies.skeleton, e.frequencies.mother, e.frequencies.father), strict=True
    ):
        most = tf_log2(np.minimum(counts[left], counts[right]), e.population.records)
        cap_whole(bits[field], level[field], most)
    level["kk"] = _equality(e.kk[left], e.kk[right], equal=KkLevel.EQUAL)
    for field, (levels, shared) in (others | compare_further(e, left, right)).items():
        level[field], bits[field] = levels, shared
    for field, parent in PARENTS.items():
        if field in level:
            bits[field] = without_what_names_told(level, bits, field, parent)
    dated = (e.birth[left] != NO_DATE) & (e.birth[right] != NO_DATE)
    apart = np.where(dated, np.abs(e.birth[left].astype(np.int64) - e.birth[right]), -1).astype(np.int32)
    sex_l, sex_r = e.sex[left], e.sex[right]
    own = np.minimum(names["name"].own_log2, bits["name"])
    of_two, differ = _names_under_one_nik(e, level, left, right)
    of_two |= (
        (level["nik_birth_sex"] == BirthLevel.NIK_ALONE)
        & (level["mother"] == NameLevel.DIFFERENT)
        & dated
        & e.structured
    )
    words = e.names.words
    contained = (level["name"] == NameLevel.CLOSE) & (words.count(left) != words.count(right))
    sex_differs = (sex_l > 0) & (sex_r > 0) & (sex_l != sex_r)
    return Compared(level, bits, own, contained, apart, sex_differs, of_two, differ)


def _names_under_one_nik(
    e: Evidence, level: dict[str, LevelArray], left: Rows, right: Rows
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return where one NIK is on names without likeness, in words or letters, and where on names that share little.

    Hasan and Husin are similar, and may be twins. An id that is no NIK is not known to be typed on other people.
    """
    name = level["name"]
    one_nik = np.isin(level["nik_birth_sex"], NIK_EQUAL) & e.structured
    asked = np.flatnonzero(one_nik & (name >= NameLevel.DIFFERENT) & (name <= NameLevel.SIMILAR))
    alike = process.cpdist(
        *(e.names.words.unspaced(rows[asked]).to_list() for rows in (left, right)),
        scorer=OSA.normalized_similarity, dtype=np.float32,
    )  # fmt: skip
    of_two, differ = np.zeros(len(left), np.bool_), np.zeros(len(left), np.bool_)
    different = name[asked] <= NameLevel.ONE_WORD
    of_two[asked] = different & (alike < LIKENESS)
    differ[asked] = different | (alike < SLIPS)
    return of_two, differ


def compare_own_names(e: Evidence, left: Rows, right: Rows) -> ComparedNames:
    """Compare the names of the persons themselves, with those of their parents in view; of two names the better one.

    Args:
        e: evidence of all records.
        left: numbers of the records on the left, one for each of n pairs.
        right: numbers of the records on the right, n too.
    """
    parents = (e.mothers.words, e.fathers.words)
    return by_either_name(e, left, right, compare_names(e.names.words, left, right, parents=parents))


def _equality(a: AnyInts, b: AnyInts, *, equal: KkLevel | PlaceLevel | AddressLevel) -> LevelArray:
    """Return MISSING where either code is missing, DIFFERENT where they differ, `equal` where they do not."""
    levels = type(equal)
    return np.where((a < 0) | (b < 0), levels.MISSING, np.where(a == b, equal, levels.DIFFERENT)).astype(
        np.uint8
    )


def _place(e: Evidence, left: Rows, right: Rows) -> tuple[LevelArray, Bits]:
    level = _equality(e.places.code(left), e.places.code(right), equal=PlaceLevel.EQUAL)
    level[_similar(e.places, level == PlaceLevel.DIFFERENT, left, right)] = PlaceLevel.SIMILAR
    common = np.maximum(e.frequencies.place[left], e.frequencies.place[right])
    return level, np.where(
        level >= PlaceLevel.SIMILAR, place_tf_log2(common, e.population.records), 0
    ).astype(np.float32)


def _address(e: Evidence, left: Rows, right: Rows) -> tuple[LevelArray, Bits]:
    missing, different, same_kecamatan, similar, equal = AddressLevel
    level = _equality(e.addresses.code(left), e.addresses.code(right), equal=equal)
    region = _equality(e.region[left], e.region[right], equal=same_kecamatan)
    level[_similar(e.addresses, (level == different) & (region != different), left, right)] = similar
    level = np.where((level <= different) & (region != missing), region, level).astype(np.uint8)
    level[region == different] = different  # whatever they say, they say it of two places
    common = np.maximum(e.frequencies.address[left], e.frequencies.address[right])
    return level, np.where(level >= similar, tf_log2(common, e.population.records), 0).astype(np.float32)


def _similar(texts: Coded, where: NDArray[np.bool_], left: Rows, right: Rows) -> NDArray[np.intp]:
    """Return which of the pairs `where` have similar text, each distinct pair of texts compared once.

    None of the texts is missing where the pairs are asked for.
    """
    asked = np.flatnonzero(where)
    left, right = left[asked], right[asked]
    number, firsts = numbered(mixed(texts.code(left), texts.code(right)).view(np.uint64))
    alike = process.cpdist(
        *(texts.of(rows[firsts]).to_list() for rows in (left, right)),
        scorer=Levenshtein.normalized_similarity, score_cutoff=SIMILAR, dtype=np.float32,
    )  # fmt: skip
    return asked[alike[number] > 0]


_FIELDS = {"place": _place, "address": _address, "nik_birth_sex": nik_birth_sex}
"""Fields beside names, each with a level and the term frequency of what is shared."""


def born_together(e: Evidence, compared: Compared, left: Rows) -> Compared:
    """Return the comparison that the pairs would have if both were born on the left's date (decoys).

    Pairs whose NIKs say more than their dates keep their level.

    Args:
        e: evidence of all records.
        compared: levels and term frequencies of the n pairs, as `compare` returns them.
        left: numbers of the records on the left, one for each of n pairs.
    """
    found = compared.level["nik_birth_sex"]
    share = e.frequencies.birth[left].astype(np.float32) / (e.population.records + BIRTHDAYS)
    bits = (1 - np.log2(np.clip(share, 1e-9, 1))).astype(np.float32)
    level = np.where(np.isin(found, DATES_DIFFER), np.uint8(BirthLevel.BORN_TOGETHER), found).astype(np.uint8)
    return replace(
        compared,
        level=compared.level | {"nik_birth_sex": level},
        shared_log2=compared.shared_log2 | {"nik_birth_sex": bits},
        days_apart=np.full(len(left), -1, np.int32),
    )
