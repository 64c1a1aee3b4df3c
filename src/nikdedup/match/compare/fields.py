"""Levels of agreement per field, for each candidate pair.

A level (levels.py) is a small integer; 0 always means that either side is missing, which is no
evidence at all. Beside the level stands `shared_log2`: how surprising, in bits, the
agreement would be between two strangers of this extract (-log2 of its frequency).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA, Levenshtein

from nikdedup.columnar.arrays import AnyInts, Bits, Counts, LevelArray, Rows
from nikdedup.columnar.calendar import NO_DATE
from nikdedup.columnar.grouping import mixed, numbered
from nikdedup.match.compare.aliases import by_either_name
from nikdedup.match.compare.names import ComparedNames, compare_names
from nikdedup.match.features import DEFAULT_YEARS, Coded, Codes, Evidence, among, date_slips, share_of_place
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
BIRTHDAYS = 30_000
"""Dates of birth among the living; keeps the frequency of a date honest in a small extract."""


@dataclass(frozen=True)
class Compared:
    """Level and surprise of each field for n pairs, and facts that relations are built on."""

    level: dict[str, LevelArray]
    shared_log2: dict[str, Bits]
    own_log2: Bits  # of the name: the part of its surprise that no parent's name explains
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


def surprise(count: Counts, records: int, floor: float = 0.5) -> Bits:
    """Return -log2 of the share of *other* records with the value, never of less than `floor` records.

    Of a small extract among so many others as is shipped, see small_extracts.py.
    """
    others = np.maximum(count.astype(np.float32) - 1, floor)
    return np.float32(np.log2(among(records))) - np.log2(others)


def surprise_of_place(count: Counts, records: int) -> Bits:
    """Return the same for places of birth: many are born in one place, in a small extract nearly all of them."""
    return -np.log2(share_of_place(np.maximum(count.astype(np.float32) - 1, 0.5), records))


def compare(e: Evidence, left: Rows, right: Rows, *, own_names: ComparedNames | None = None) -> Compared:
    """Compare record `left[k]` with record `right[k]` in every field, for each pair k.

    own_names: what `compare_own_names` said of the same pairs, where that is known already.
    """
    own_names = compare_own_names(e, left, right) if own_names is None else own_names
    mothers, fathers = side_by_side(
        lambda parent: compare_names(parent.words, left, right), (e.mothers, e.fathers)
    )
    names = {"name": own_names, "mother": mothers, "father": fathers}
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
        most = surprise(np.minimum(counts[left], counts[right]), e.population.records)
        _cap(bits[field], level[field], most)
    level["kk"] = _equality(e.kk[left], e.kk[right], equal=KkLevel.EQUAL)
    for field, (levels, shared) in others.items():
        level[field], bits[field] = levels, shared
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
    """Compare the names of the persons themselves, with those of their parents in view; of two names the better one."""
    parents = (e.mothers.words, e.fathers.words)
    return by_either_name(e, left, right, compare_names(e.names.words, left, right, parents=parents))


def _cap(bits: Bits, level: LevelArray, most: Bits) -> None:
    """Words of a name depend on each other: a whole name is never rarer than its own count says."""
    whole = level >= NameLevel.SAME_SOUND
    bits[whole] = np.minimum(bits[whole], most[whole])


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
        level >= PlaceLevel.SIMILAR, surprise_of_place(common, e.population.records), 0
    ).astype(np.float32)


def _address(e: Evidence, left: Rows, right: Rows) -> tuple[LevelArray, Bits]:
    missing, different, same_kecamatan, similar, equal = AddressLevel
    level = _equality(e.addresses.code(left), e.addresses.code(right), equal=equal)
    region = _equality(e.region[left], e.region[right], equal=same_kecamatan)
    level[_similar(e.addresses, (level == different) & (region != different), left, right)] = similar
    level = np.where((level <= different) & (region != missing), region, level).astype(np.uint8)
    level[region == different] = different  # whatever they say, they say it of two places
    common = np.maximum(e.frequencies.address[left], e.frequencies.address[right])
    return level, np.where(level >= similar, surprise(common, e.population.records), 0).astype(np.float32)


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


def _nik_birth_sex(e: Evidence, left: Rows, right: Rows) -> tuple[LevelArray, Bits]:
    """One joint comparison: a NIK contains date and sex, so they are not three witnesses."""
    birth_l, birth_r = e.birth[left], e.birth[right]
    dated = (birth_l != NO_DATE) & (birth_r != NO_DATE)
    equal = dated & (birth_l == birth_r)
    sex_l, sex_r = e.sex[left], e.sex[right]
    sex_differs = (sex_l > 0) & (sex_r > 0) & (sex_l != sex_r)
    nik_equal = e.nik_plain[left] & e.nik_plain[right] & (e.nik[left] == e.nik[right]) & (e.nik[left] >= 0)
    prefix_l, prefix_r = e.nik_prefix(left), e.nik_prefix(right)
    truncated = (prefix_l >= 0) & (prefix_l == prefix_r) & (e.nik_truncated[left] | e.nik_truncated[right])
    slip, neighbours = _nik_digits(e, left, right, nik_equal, sex_differs)
    says = _says(e, left, birth_r), _says(e, right, birth_l)
    crossed = (says[0] | says[1]) & ~equal
    year_slip, day_slip, defaulted, same_year = _dates(e, left, right, dated & ~equal)
    two_parts = _two_parts(e, left, right, dated & ~equal)
    if e.structured:  # two NIKs with the dates of their records differ where the dates do: no second witness
        own = (e.nik_birth[left] == birth_l) & (e.nik_birth[right] == birth_r)
        slip &= ~(own & dated & ~equal)
    rules = [
        (BirthLevel.NIK_AND_BIRTH, nik_equal & equal),
        (BirthLevel.NIK_TRUNCATED, truncated & equal),
        (BirthLevel.NIK_ALONE, nik_equal & dated),
        (BirthLevel.NIK_UNDATED, nik_equal),
        (BirthLevel.BORN_TOGETHER_NIK_SLIP, slip & equal),
        (BirthLevel.SEX_DIFFERS, equal & sex_differs),
        (BirthLevel.NEIGHBOURS, equal & neighbours),
        (BirthLevel.BORN_TOGETHER, equal),
        (BirthLevel.NIK_SLIP, slip),
        (BirthLevel.DATE_IN_NIK, crossed & ~sex_differs),
        (BirthLevel.DAY_SLIP, day_slip & ~sex_differs),
        (BirthLevel.YEAR_SLIP, year_slip & ~sex_differs),
        (BirthLevel.DEFAULT_SAME_YEAR, defaulted & same_year & ~sex_differs),
        (BirthLevel.DEFAULT_NEAR, defaulted & ~sex_differs),
        (BirthLevel.TWO_PARTS, two_parts & ~sex_differs),
        (BirthLevel.SAME_YEAR, same_year & ~sex_differs),
        (BirthLevel.DIFFERENT, dated),
    ]
    level = _first_that_holds(rules, BirthLevel.MISSING)
    count = np.maximum(e.frequencies.birth[left], e.frequencies.birth[right])
    said = np.maximum(e.frequencies.birth[right] * says[0], e.frequencies.birth[left] * says[1])
    count = np.where(level == BirthLevel.DATE_IN_NIK, said, count)
    bits = -np.log2(np.clip(count.astype(np.float32) / (e.population.records + BIRTHDAYS), 1e-9, 1))
    bits += (sex_l > 0) & (sex_l == sex_r)
    return level, np.where(equal | (level == BirthLevel.DATE_IN_NIK), bits, 0).astype(np.float32)


def _first_that_holds(rules: list[tuple[BirthLevel, NDArray[np.bool_]]], otherwise: BirthLevel) -> LevelArray:
    return np.select([where for _, where in rules], [level for level, _ in rules], otherwise).astype(np.uint8)


def _dates(
    e: Evidence, left: Rows, right: Rows, asked: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return (year slip, day or month slip, a default date stands for the other, same year) of different dates.

    A default date is no slip of the pen: two of them, some years apart, are how two strangers of unknown age look.
    """
    years = e.calendar[0]
    default_l, default_r = e.birth_default[left], e.birth_default[right]
    same_year, slip = date_slips(e.calendar, left, right, asked)
    near = np.abs(years[left] - years[right]) <= DEFAULT_YEARS
    defaulted = asked & (default_l | default_r) & (near | (slip & default_l & default_r))
    plain = slip & ~default_l & ~default_r
    return plain & ~same_year, plain & same_year, defaulted, same_year


def _two_parts(e: Evidence, left: Rows, right: Rows, asked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which different dates agree in two of year, month and day; a default date agrees with none."""
    agree = np.zeros(len(left), np.int8)
    for part in e.calendar:
        agree += part[left] == part[right]
    two: NDArray[np.bool_] = asked & (agree == 2)
    return two & ~e.birth_default[left] & ~e.birth_default[right]


_FIELDS = {"place": _place, "address": _address, "nik_birth_sex": _nik_birth_sex}
"""Fields beside names, each with a level and the surprise of what is shared."""


def born_together(e: Evidence, compared: Compared, left: Rows) -> Compared:
    """Return the comparison that the pairs would have if both were born on the left's date (decoys).

    Pairs whose NIKs say more than their dates keep their level.
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


def date_relations(e: Evidence, left: Rows, right: Rows) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which pairs' dates differ by a slip of the year, and by one of the day or month."""
    dated = (e.birth[left] != NO_DATE) & (e.birth[right] != NO_DATE)
    year, day, _, _ = _dates(e, left, right, dated & (e.birth[left] != e.birth[right]))
    return year, day


def _says(e: Evidence, rows: Rows, birth: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Whether the NIK's own date is the other record's birth date, unless the NIK already repaired the column."""
    of_nik = e.nik_birth[rows]
    said: NDArray[np.bool_] = (of_nik != NO_DATE) & (of_nik == birth) & ~e.birth_from_nik[rows]
    return said


def _nik_digits(
    e: Evidence, left: Rows, right: Rows, equal: NDArray[np.bool_], sex_differs: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return (slip, neighbours) of usable NIKs that are not equal.

    slip: one digit wrong or two exchanged, where that says something. In a NIK only digits 1 to 4
    and 7 to 12 do: strangers of one date often differ in nothing but the kecamatan or the serial.
    A woman's day is a man's plus 40, so that digit 7 four apart is another sex, no slip.
    neighbours: alike up to serials at most two apart, as twins registered together have.
    """
    slip, neighbours = np.zeros(len(left), np.bool_), np.zeros(len(left), np.bool_)
    where = np.flatnonzero(e.nik_plain[left] & e.nik_plain[right] & ~equal)
    if e.ids is not None:
        texts = (e.ids.of(rows[where]).to_list() for rows in (left, right))
        slip[where] = process.cpdist(*texts, scorer=OSA.distance, score_cutoff=1, dtype=np.uint8) == 1
        return slip, neighbours
    digits_a, digits_b = (_digits(e.nik[rows[where]]) for rows in (left, right))
    differs = digits_a != digits_b
    telling = np.ones(16, np.bool_)
    telling[[4, 5, 12, 13, 14, 15]] = False
    count = differs.sum(axis=1)
    exchanged = (differs[:, :-1] & differs[:, 1:] & (digits_a[:, :-1] == digits_b[:, 1:])).any(axis=1) & (
        digits_a.sum(axis=1) == digits_b.sum(axis=1)
    )
    other_sex = np.abs(digits_a[:, 6].astype(np.int8) - digits_b[:, 6].astype(np.int8)) == 4
    other_sex &= sex_differs[where]
    slip[where] = ~other_sex & ((count == 1) | ((count == 2) & exchanged)) & ~(differs & ~telling).any(axis=1)
    serial_a, serial_b = (
        side[:, 12:].astype(np.int32) @ np.array([1000, 100, 10, 1]) for side in (digits_a, digits_b)
    )
    neighbours[where] = ~differs[:, :12].any(axis=1) & (np.abs(serial_a - serial_b) <= 2)
    return slip, neighbours


def _digits(niks: Codes) -> NDArray[np.uint8]:
    """Return 16-digit numbers as an n x 16 array of digits."""
    digits = np.empty((len(niks), 16), np.uint8)
    for place in range(15, -1, -1):
        niks, digits[:, place] = np.divmod(niks, 10)
    return digits
