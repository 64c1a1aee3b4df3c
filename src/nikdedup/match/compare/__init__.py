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
from nikdedup.match.compare.names import ComparedNames

__all__ = [
    "Compared",
    "ComparedNames",
    "Frequencies",
    "born_together",
    "compare",
    "compare_own_names",
    "date_relations",
    "surprise",
    "surprise_of_place",
]
