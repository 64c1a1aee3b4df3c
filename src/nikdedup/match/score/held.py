"""Rules that forbid to confirm a pair, whatever its weight: at most people may decide it.

Most protect kin, who have in common what else proves a person: twins on one card, siblings under one NIK, parent and
child. Others say that what agrees proves nothing: a default date, a name alone, the four elements of the official test.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nikdedup.columnar.arrays import LevelArray, Rows
from nikdedup.columnar.calendar import NO_DATE
from nikdedup.match.compare import Compared, date_relations
from nikdedup.match.features import Evidence
from nikdedup.match.levels import (
    NIK_EQUAL,
    AddressLevel,
    BirthLevel,
    FurtherLevel,
    KkLevel,
    NameLevel,
    PlaceLevel,
)
from nikdedup.match.score.slips import one_name_with_a_slip
from nikdedup.schema import IDS

NIK_SLIPS = (BirthLevel.NIK_SLIP, BirthLevel.BORN_TOGETHER_NIK_SLIP)
"""Levels of two NIKs one slip apart."""
BORN_ALIKE = (BirthLevel.BORN_TOGETHER, BirthLevel.BORN_TOGETHER_NIK_SLIP)
"""Levels of equal birth date and sex and two NIKs, one digit apart or more."""
UNNUMBERED = (BirthLevel.BORN_TOGETHER, BirthLevel.NIK_TRUNCATED, BirthLevel.BORN_TOGETHER_ALONE)
"""Levels of equal birth date and sex at which neither NIK need be whole."""
EXPLAINED = BirthLevel.DATE_IN_NIK
"""Level from which a NIK accounts for the difference of the dates."""
BIRTHS_APART = 270
"""Days between two births of one mother, at least."""
YEARS_14 = 14 * 365
"""Days between a parent and a child at least."""


def vetoes(e: Evidence, compared: Compared, left: Rows, right: Rows) -> dict[str, NDArray[np.bool_]]:
    """Return, per rule, which pairs may never be confirmed automatically (at most reviewed).

    Args:
        e: evidence of all records.
        compared: levels and term frequencies of the n pairs, as `compare` returns them.
        left: numbers of the records on the left, one for each of n pairs.
        right: numbers of the records on the right, n too.
    """
    level = compared.level
    nik_equal = np.isin(level["nik_birth_sex"], NIK_EQUAL)
    default = e.birth_default[left] & e.birth_default[right] & ~nik_equal
    said = e.father_in_name[left] & e.father_in_name[right]
    kin = _may_be_kin(e, level)
    return {
        "name_missing": (level["name"] == NameLevel.MISSING)
        & (level["nik_birth_sex"] != BirthLevel.NIK_AND_BIRTH),
        "name_alone": (level["nik_birth_sex"] == BirthLevel.MISSING)
        & ~_agree_at_home(e, level)
        & (level["place"] < PlaceLevel.SIMILAR),
        "nik_of_two": compared.nik_of_two,
        "names_differ_under_nik": compared.names_differ | _undated_under_one_nik(e, level),
        "siblings_possible": _siblings_under_one_nik(e, compared, left, right),
        "mother_differs": level["mother"] == NameLevel.DIFFERENT,
        "patronymic_differs": said
        & ((level["father"] == NameLevel.DIFFERENT) | (level["name"] == NameLevel.SIMILAR)),
        "father_differs_without_mother": (level["father"] == NameLevel.DIFFERENT)
        & (level["mother"] == NameLevel.MISSING),
        "default_date_without_mother": default
        & (level["mother"] == NameLevel.MISSING)
        & ~_father_or_card(level),
        "default_date_alone": default & ((level["name"] <= NameLevel.ONE_WORD) | _niks_apart(e, left, right)),
        "both_passed_check": presumed_two(e, left, right),
        "four_elements_alone": _four_elements_alone(e, level, left, right),
        "twins_possible": (level["kk"] == KkLevel.EQUAL) & _numbered_as_twins(e, compared, left, right),
        "sex_differs": compared.sex_differs & kin,
        "birth_differs": (level["nik_birth_sex"] == BirthLevel.DIFFERENT) & kin,
        "generation_apart": (compared.days_apart >= YEARS_14) & _unexplained(e, level["nik_birth_sex"]) & kin,
    }


def _undated_under_one_nik(e: Evidence, level: dict[str, LevelArray]) -> NDArray[np.bool_]:
    """Return where one NIK is on names that share a word at most, and no date says whose it is."""
    undated: NDArray[np.bool_] = (level["nik_birth_sex"] == BirthLevel.NIK_UNDATED) & e.structured
    return undated & (level["name"] <= NameLevel.ONE_WORD)


def _four_elements_alone(
    e: Evidence, level: dict[str, LevelArray], left: Rows, right: Rows
) -> NDArray[np.bool_]:
    """Return where two undamaged NIKs have name, date, sex and place in common and nothing else: no proof.

    Mother, father, card or address prove; so does a NIK whose date digits are the other's with a slip. Of an id that
    is no NIK nobody knows that it is a person's only one. Source: docs/domain.md 6, the official test.
    """
    two: NDArray[np.bool_] = e.nik_plain[left] & e.nik_plain[right] & ~_agree_at_home(e, level) & e.structured
    two &= e.nik[left] != e.nik[right]
    slip = np.flatnonzero(two & np.isin(level["nik_birth_sex"], NIK_SLIPS))
    two[slip] = _says_of_birth(e, left[slip]) == _says_of_birth(e, right[slip])
    return two


def _father_or_card(level: dict[str, LevelArray]) -> NDArray[np.bool_]:
    """Return where the father, or the card, stands in for a mother who is missing."""
    stands_in: NDArray[np.bool_] = (level["father"] >= NameLevel.CLOSE) | (level["kk"] == KkLevel.EQUAL)
    return stands_in


def _agree_at_home(e: Evidence, level: dict[str, LevelArray]) -> NDArray[np.bool_]:
    """Return where mother, father, card, address or a further id agree."""
    agree: NDArray[np.bool_] = (level["mother"] >= NameLevel.SIMILAR) | (level["father"] >= NameLevel.SIMILAR)
    agree |= (level["kk"] == KkLevel.EQUAL) | (level["address"] >= AddressLevel.SIMILAR)
    for name, kind in e.kinds.items():
        if kind in IDS:
            agree |= level[name] == FurtherLevel.EQUAL
    return agree


def _may_be_kin(e: Evidence, level: dict[str, LevelArray]) -> NDArray[np.bool_]:
    """Return where two records may be of one family: on one card, on cards nobody knows, or under unlike names.

    A file of opaque ids lists persons, not families: there names alone tell.
    """
    if not e.structured:
        return level["name"] < NameLevel.CLOSE
    kin: NDArray[np.bool_] = (level["kk"] != KkLevel.DIFFERENT) | ~_one_name(level["name"])
    return kin


def _one_name(name: LevelArray) -> NDArray[np.bool_]:
    """Return where two names are one in sound, as they stand in their own columns."""
    one: NDArray[np.bool_] = (name == NameLevel.SAME_SOUND) | (name == NameLevel.EQUAL)
    return one


def _siblings_under_one_nik(e: Evidence, compared: Compared, left: Rows, right: Rows) -> NDArray[np.bool_]:
    """Return where one NIK is on names that are not equal, born so far apart as siblings are, and no slip says why."""
    level = compared.level
    apart: NDArray[np.bool_] = (level["nik_birth_sex"] == BirthLevel.NIK_ALONE) & ~_one_name(level["name"])
    apart &= (compared.days_apart > BIRTHS_APART) & e.structured
    slips = date_relations(e, left[apart], right[apart])
    default = e.birth_default[left[apart]] | e.birth_default[right[apart]]
    apart[apart] = ~(slips[0] | slips[1] | default)
    return apart


def _unexplained(e: Evidence, joint: LevelArray) -> NDArray[np.bool_]:
    """Return where no NIK accounts for dates a generation apart: they differ, or one NIK is on both."""
    unexplained: NDArray[np.bool_] = (
        (joint < EXPLAINED)
        | (joint == BirthLevel.TWO_PARTS)
        | ((joint == BirthLevel.NIK_ALONE) & e.structured)
    )
    return unexplained


def _numbered_as_twins(e: Evidence, compared: Compared, left: Rows, right: Rows) -> NDArray[np.bool_]:
    """Return where unlike names on one date have the NIKs that twins have.

    They are neighbours. Or the dates or sexes inside two undamaged NIKs differ, one issued with a slip, and so do
    their serials: an equal serial under another slip is one number, typed wrong. Or one name is the other and a word
    more, as the names of twins often are, and the NIKs are two or neither is whole (cut by Excel, temporary, missing):
    twins and one person look the same then. Names of one sound, and of one with a slip of the keys, are no twins'.
    """
    level = compared.level
    joint, unlike = level["nik_birth_sex"], level["name"] < NameLevel.SAME_SOUND
    apart = (
        np.isin(joint, BORN_ALIKE)
        & (level["name"] < NameLevel.SAME_SOUND)
        & e.nik_plain[left]
        & e.nik_plain[right]
        & e.structured
    )
    one, other = left[apart], right[apart]
    issued = (_says_of_birth(e, one) != _says_of_birth(e, other)) & (_serial(e, one) != _serial(e, other))
    apart[apart] = issued | compared.contained[apart]
    numbered: NDArray[np.bool_] = (unlike & (joint == BirthLevel.NEIGHBOURS)) | apart
    close = np.flatnonzero(numbered & (level["name"] == NameLevel.CLOSE) & ~compared.contained)
    numbered[close[one_name_with_a_slip(e, left[close], right[close])]] = False
    unnumbered = compared.contained & np.isin(joint, UNNUMBERED) & ~(e.nik_plain[left] | e.nik_plain[right])
    return numbered | (unnumbered & e.structured)


def twins_without_card(e: Evidence, compared: Compared) -> NDArray[np.bool_]:
    """Return where one name is the other and a word more, the NIKs are neighbours, and no card says whose they are.

    On one card that is what twins look like; without it, it is one person as well.

    Args:
        e: evidence of all records.
        compared: levels and term frequencies of the n pairs, as `compare` returns them.
    """
    level = compared.level
    numbered = (level["nik_birth_sex"] == BirthLevel.NEIGHBOURS) & e.structured
    twins: NDArray[np.bool_] = numbered & compared.contained & (level["kk"] == KkLevel.MISSING)
    return twins


def _serial(e: Evidence, rows: Rows) -> NDArray[np.int64]:
    return e.nik[rows] % 10_000


def _says_of_birth(e: Evidence, rows: Rows) -> NDArray[np.int64]:
    """Return the digits of the NIK that hold date and sex, as a number."""
    return e.nik[rows] // 10_000 % 1_000_000


def _niks_apart(e: Evidence, left: Rows, right: Rows) -> NDArray[np.bool_]:
    """Return where both NIKs are undamaged and the dates inside are a generation apart."""
    dated = (e.nik_birth[left] != NO_DATE) & (e.nik_birth[right] != NO_DATE)
    days = np.abs(e.nik_birth[left].astype(np.int64) - e.nik_birth[right])
    apart: NDArray[np.bool_] = e.nik_plain[left] & e.nik_plain[right] & dated & (days >= YEARS_14)
    return apart


def presumed_two(e: Evidence, left: Rows, right: Rows) -> NDArray[np.bool_]:
    """Whether both records passed the national 1:N check under different, undamaged NIKs: presumed two people."""
    plain = e.nik_plain[left] & e.nik_plain[right] & (e.nik[left] != e.nik[right])
    both: NDArray[np.bool_] = plain & e.passed_check[left] & e.passed_check[right]
    return both
