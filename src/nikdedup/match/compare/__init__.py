"""Levels of agreement per field, and how frequent what agrees is."""
