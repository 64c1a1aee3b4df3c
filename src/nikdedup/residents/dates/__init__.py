"""Dates as offices write them, and the birth date that a record means."""
