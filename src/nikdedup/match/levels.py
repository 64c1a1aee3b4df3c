"""Levels of agreement: what each number says of a pair; 0 always means that a side is missing."""

from __future__ import annotations

from enum import IntEnum


class NameLevel(IntEnum):
    """How well two names agree: of the persons, of their mothers, of their fathers."""

    MISSING = 0
    DIFFERENT = 1
    ONE_WORD = 2
    SIMILAR = 3
    CLOSE = 4
    SAME_SOUND = 5
    EQUAL = 6
    EXCHANGED = 7


class BirthLevel(IntEnum):
    """What NIK, birth date and sex say together: a NIK contains the other two."""

    MISSING = 0
    DIFFERENT = 1
    SAME_YEAR = 2
    DEFAULT_NEAR = 3
    DEFAULT_SAME_YEAR = 4
    YEAR_SLIP = 5
    DAY_SLIP = 6
    DATE_IN_NIK = 7
    NIK_SLIP = 8
    SEX_DIFFERS = 9
    NEIGHBOURS = 10
    BORN_TOGETHER = 11
    BORN_TOGETHER_NIK_SLIP = 12
    NIK_ALONE = 13
    NIK_TRUNCATED = 14
    NIK_AND_BIRTH = 15
    NIK_UNDATED = 16
    TWO_PARTS = 17
    KNOWN_YEAR = 18
    KNOWN_PARTS = 19
    BORN_TOGETHER_ALONE = 20


class KkLevel(IntEnum):
    """How two numbers of family cards agree."""

    MISSING = 0
    DIFFERENT = 1
    EQUAL = 2


class PlaceLevel(IntEnum):
    """How two places of birth agree."""

    MISSING = 0
    DIFFERENT = 1
    SIMILAR = 2
    EQUAL = 3


class AddressLevel(IntEnum):
    """How two addresses agree."""

    MISSING = 0
    DIFFERENT = 1
    SAME_KECAMATAN = 2
    SIMILAR = 3
    EQUAL = 4


class FurtherLevel(IntEnum):
    """How two values of a further column of evidence agree."""

    MISSING = 0
    DIFFERENT = 1
    SIMILAR = 2
    EQUAL = 3


NAME_LEVELS: dict[int, str] = {
    NameLevel.MISSING: "missing",
    NameLevel.DIFFERENT: "different",
    NameLevel.ONE_WORD: "one word shared, or alike on the whole",
    NameLevel.SIMILAR: "similar",
    NameLevel.CLOSE: "close: words dropped, abbreviated or misspelt",
    NameLevel.SAME_SOUND: "same sound, in any order",
    NameLevel.EQUAL: "equal",
}
EXCHANGED_LEVEL = {NameLevel.EXCHANGED: "exchanged with a parent's name"}
BIRTH_LEVELS: dict[int, str] = {
    BirthLevel.MISSING: "missing",
    BirthLevel.DIFFERENT: "different",
    BirthLevel.SAME_YEAR: "same year of birth",
    BirthLevel.DEFAULT_NEAR: "one date is a default date, years at most two apart",
    BirthLevel.DEFAULT_SAME_YEAR: "one date is a default date, year of birth equal",
    BirthLevel.YEAR_SLIP: "day and month of birth equal, year with a slip",
    BirthLevel.DAY_SLIP: "year of birth equal, day or month with a slip",
    BirthLevel.DATE_IN_NIK: "date inside one NIK is the other's birth date",
    BirthLevel.NIK_SLIP: "NIK with a slip, birth date differs or is missing",
    BirthLevel.SEX_DIFFERS: "birth date equal, sex differs",
    BirthLevel.NEIGHBOURS: "birth date and sex equal, serials of the NIKs are neighbours",
    BirthLevel.BORN_TOGETHER: "birth date and sex equal",
    BirthLevel.BORN_TOGETHER_NIK_SLIP: "NIK with a slip, birth date equal",
    BirthLevel.NIK_ALONE: "NIK equal, birth date differs",
    BirthLevel.NIK_TRUNCATED: "NIK equal in 15 digits (truncated), birth date equal",
    BirthLevel.NIK_AND_BIRTH: "NIK and birth date equal",
    BirthLevel.NIK_UNDATED: "NIK equal, birth date missing",
    BirthLevel.TWO_PARTS: "two of year, month and day of birth equal",
    BirthLevel.KNOWN_YEAR: "no full birth date on a side, year equal",
    BirthLevel.KNOWN_PARTS: "no full birth date on a side, all known parts equal",
    BirthLevel.BORN_TOGETHER_ALONE: "birth date and sex equal, a NIK is missing",
}
LEVEL_NAMES: dict[str, dict[int, str]] = {
    "name": NAME_LEVELS | EXCHANGED_LEVEL,
    "nik_birth_sex": BIRTH_LEVELS,
    "mother": NAME_LEVELS | EXCHANGED_LEVEL,
    "father": NAME_LEVELS,
    "kk": {KkLevel.MISSING: "missing", KkLevel.DIFFERENT: "different", KkLevel.EQUAL: "equal"},
    "place": {
        PlaceLevel.MISSING: "missing",
        PlaceLevel.DIFFERENT: "different",
        PlaceLevel.SIMILAR: "similar",
        PlaceLevel.EQUAL: "equal",
    },
    "address": {
        AddressLevel.MISSING: "missing",
        AddressLevel.DIFFERENT: "different",
        AddressLevel.SAME_KECAMATAN: "same kecamatan",
        AddressLevel.SIMILAR: "similar",
        AddressLevel.EQUAL: "equal",
    },
}
"""By field (schema.LEVELS), what each level means: as `run.json` and everybody who explains a pair says it."""

FURTHER_LEVELS: dict[int, str] = {
    FurtherLevel.MISSING: "missing",
    FurtherLevel.DIFFERENT: "different",
    FurtherLevel.SIMILAR: "similar",
    FurtherLevel.EQUAL: "equal",
}
"""What each level of any further column means."""

NIK_EQUAL = (BirthLevel.NIK_ALONE, BirthLevel.NIK_AND_BIRTH, BirthLevel.NIK_UNDATED)
"""Levels with the same NIK; fifteen digits of a truncated one are not the same."""
SAME_BIRTH = (
    BirthLevel.NEIGHBOURS,
    BirthLevel.BORN_TOGETHER,
    BirthLevel.BORN_TOGETHER_NIK_SLIP,
    BirthLevel.NIK_TRUNCATED,
    BirthLevel.NIK_AND_BIRTH,
)
"""Levels that two NIKs tell apart under one birth date and sex; without them they are BORN_TOGETHER_ALONE, which is
the last level."""
DATES_DIFFER = (
    *range(BirthLevel.DATE_IN_NIK + 1),
    BirthLevel.TWO_PARTS,
    BirthLevel.KNOWN_YEAR,
    BirthLevel.KNOWN_PARTS,
)
"""Levels in which the dates, or the want of one, are all that is known: they say nothing of the NIKs."""
