"""Levels of agreement per field, and how frequent what agrees is."""

from nikdedup.match.compare.fields import (
    Compared,
    Frequencies,
    born_together,
    compare,
    compare_own_names,
    date_relations,
    surprise,
    surprise_of_place,
)
from nikdedup.match.compare.levels import (
    BORN_TOGETHER,
    DATES_DIFFER,
    LEVEL_NAMES,
    NIK_EQUAL,
    SAME_YEAR,
    SIMILAR_NAMES,
)
from nikdedup.match.compare.names import ComparedNames

__all__ = [
    "BORN_TOGETHER",
    "Compared",
    "ComparedNames",
    "DATES_DIFFER",
    "Frequencies",
    "LEVEL_NAMES",
    "NIK_EQUAL",
    "SAME_YEAR",
    "SIMILAR_NAMES",
    "born_together",
    "compare",
    "compare_own_names",
    "date_relations",
    "surprise",
    "surprise_of_place",
]
