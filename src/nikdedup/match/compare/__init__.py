"""Levels of agreement per field, and how frequent what agrees is."""

from nikdedup.match.compare.births import BIRTHDAYS, date_relations
from nikdedup.match.compare.fields import (
    Compared,
    born_together,
    compare,
    compare_own_names,
)
from nikdedup.match.compare.names import ComparedNames
from nikdedup.match.compare.rarity import place_tf_log2, tf_log2

__all__ = [
    "BIRTHDAYS",
    "Compared",
    "ComparedNames",
    "born_together",
    "compare",
    "compare_own_names",
    "date_relations",
    "tf_log2",
    "place_tf_log2",
]
