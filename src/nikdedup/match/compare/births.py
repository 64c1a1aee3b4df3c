"""NIK, date of birth and sex: one level for the three, since a NIK contains the other two."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from nikdedup.columnar.arrays import Bits, LevelArray, Rows
from nikdedup.columnar.calendar import NO_DATE
from nikdedup.match.features import (
    DEFAULT_YEARS,
    YEARS_OFF,
    Codes,
    Evidence,
    date_slips,
    digits_exchanged,
    years_exchanged,
)
from nikdedup.match.levels import BirthLevel

BIRTHDAYS = 30_000
"""Dates of birth among the living; keeps the frequency of a date honest in a small extract."""


def nik_birth_sex(e: Evidence, left: Rows, right: Rows) -> tuple[LevelArray, Bits]:
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
    in_nik = _is_in_nik(e, left, birth_r), _is_in_nik(e, right, birth_l)
    crossed = (in_nik[0] | in_nik[1]) & ~equal
    year_slip, day_slip, defaulted, same_year = _dates(e, left, right, dated & ~equal)
    two_parts = _two_parts(e, left, right, dated & ~equal)
    known_parts, known_year, years_apart = _known_parts(e, left, right, ~dated)
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
        (BirthLevel.BORN_TOGETHER_ALONE, equal & ((e.nik[left] < 0) | (e.nik[right] < 0))),
        (BirthLevel.BORN_TOGETHER, equal),
        (BirthLevel.NIK_SLIP, slip),
        (BirthLevel.DATE_IN_NIK, crossed & ~sex_differs),
        (BirthLevel.DAY_SLIP, day_slip & ~sex_differs),
        (BirthLevel.YEAR_SLIP, year_slip & ~sex_differs),
        (BirthLevel.DEFAULT_SAME_YEAR, defaulted & same_year & ~sex_differs),
        (BirthLevel.DEFAULT_NEAR, defaulted & ~sex_differs),
        (BirthLevel.TWO_PARTS, two_parts & ~sex_differs),
        (BirthLevel.SAME_YEAR, same_year & ~sex_differs),
        (BirthLevel.KNOWN_PARTS, known_parts & ~sex_differs),
        (BirthLevel.KNOWN_YEAR, known_year & ~sex_differs),
        (BirthLevel.DIFFERENT, dated | years_apart),
    ]
    level = _first_that_holds(rules, BirthLevel.MISSING)
    count = np.maximum(e.frequencies.birth[left], e.frequencies.birth[right])
    shared = np.maximum(e.frequencies.birth[right] * in_nik[0], e.frequencies.birth[left] * in_nik[1])
    count = np.where(level == BirthLevel.DATE_IN_NIK, shared, count)
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
    slip |= digits_exchanged(e.calendar, left, right, asked & ~slip)
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


def _known_parts(
    e: Evidence, left: Rows, right: Rows, asked: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return of pairs without two full dates which agree in all parts that both have, two or three (first) or the year
    alone (second), and whose years lie so far apart that no slip accounts for it (third).
    """
    known_parts, known_year, years_apart = (np.zeros(len(left), np.bool_) for _ in range(3))
    where = np.flatnonzero(asked)
    pairs = [(part[left[where]], part[right[where]]) for part in e.calendar]
    both = [(one >= 0) & (other >= 0) for one, other in pairs]
    agree = [known & (one == other) for known, (one, other) in zip(both, pairs, strict=True)]
    agreed = ~np.any([known & ~same for known, same in zip(both, agree, strict=True)], axis=0)
    many = np.sum(agree, axis=0)
    known_parts[where] = agreed & (many >= 2)
    known_year[where] = agreed & (many == 1) & agree[0]
    off = np.abs(pairs[0][0] - pairs[0][1])
    slip = (off <= max(YEARS_OFF[:-1])) | (off == YEARS_OFF[-1]) | years_exchanged(*pairs[0])
    years_apart[where] = both[0] & ~slip
    return known_parts, known_year, years_apart


def date_relations(e: Evidence, left: Rows, right: Rows) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which pairs' dates differ by a slip of the year, and by one of the day or month.

    Args:
        e: evidence of all records.
        left: numbers of the records on the left, one for each of n pairs.
        right: numbers of the records on the right, n too.
    """
    dated = (e.birth[left] != NO_DATE) & (e.birth[right] != NO_DATE)
    year, day, _, _ = _dates(e, left, right, dated & (e.birth[left] != e.birth[right]))
    return year, day


def _is_in_nik(e: Evidence, rows: Rows, birth: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Whether the NIK's own date is the other record's birth date, unless the NIK already repaired the column."""
    of_nik = e.nik_birth[rows]
    inside: NDArray[np.bool_] = (of_nik != NO_DATE) & (of_nik == birth) & ~e.birth_from_nik[rows]
    return inside


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
    """Return 16-digit numbers as an n x 16 array of digits, which lie in memory place by place."""
    digits = np.empty((16, len(niks)), np.uint8)
    high = niks // 10**8
    for first, half in ((0, high), (8, niks - high * 10**8)):
        rest = half.astype(np.uint32)
        for place in range(first + 7, first - 1, -1):
            tens = rest // np.uint32(10)
            digits[place] = rest - tens * np.uint32(10)
            rest = tens
    return digits.T
