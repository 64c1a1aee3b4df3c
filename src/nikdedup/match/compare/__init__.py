"""Levels of agreement per field, and how frequent what agrees is."""

from nikdedup.match.compare.births import date_relations
from nikdedup.match.compare.fields import (
    Compared,
    born_together,
    compare,
    compare_own_names,
    surprise,
    surprise_of_place,
)
from nikdedup.match.compare.names import ComparedNames

__all__ = [
    "Compared",
    "ComparedNames",
    "born_together",
    "compare",
    "compare_own_names",
    "date_relations",
    "surprise",
    "surprise_of_place",
]
