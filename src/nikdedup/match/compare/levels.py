"""Levels of agreement: what each number says of a pair; 0 always means that a side is missing."""

from __future__ import annotations

NAME_LEVELS = {
    0: "missing",
    1: "different",
    2: "one word shared, or alike on the whole",
    3: "similar",
    4: "close: words dropped, abbreviated or misspelt",
    5: "same sound, in any order",
    6: "equal",
}

BIRTH_LEVELS = {
    0: "missing",
    1: "different",
    2: "same year of birth",
    3: "one date is a default date, years at most two apart",
    4: "one date is a default date, year of birth equal",
    5: "day and month of birth equal, year with a slip",
    6: "year of birth equal, day or month with a slip",
    7: "date inside one NIK is the other's birth date",
    8: "NIK with a slip, birth date differs or is missing",
    9: "birth date equal, sex differs",
    10: "birth date and sex equal, serials of the NIKs are neighbours",
    11: "birth date and sex equal",
    12: "NIK with a slip, birth date equal",
    13: "NIK equal, birth date differs or is missing",
    14: "NIK equal in 15 digits (truncated), birth date equal",
    15: "NIK and birth date equal",
}
KK_LEVELS = {0: "missing", 1: "different", 2: "equal"}
PLACE_LEVELS = {0: "missing", 1: "different", 2: "similar", 3: "equal"}
ADDRESS_LEVELS = {0: "missing", 1: "different", 2: "same kecamatan", 3: "similar", 4: "equal"}

LEVEL_NAMES: dict[str, dict[int, str]] = {
    "name": NAME_LEVELS,
    "nik_birth_sex": BIRTH_LEVELS,
    "mother": NAME_LEVELS,
    "father": NAME_LEVELS,
    "kk": KK_LEVELS,
    "place": PLACE_LEVELS,
    "address": ADDRESS_LEVELS,
}

SAME_YEAR, DATES_DIFFER, BORN_TOGETHER = 2, 7, 11
"""Levels of the joint comparison: up to here nothing but the year is equal; up to here the dates differ; birth
date and sex equal."""
NIK_EQUAL = (13, 15)
"""Levels of the joint comparison with the same NIK; fifteen digits of a truncated one are not the same."""
DIFFERENT_NAMES, SIMILAR_NAMES = 2, 3
"""Levels of names up to which at most half of their words agree, and up to which some do not."""
