"""A finished run as the calls on it see it, whether it was just made or opened again."""

from __future__ import annotations

from typing import Protocol

import polars as pl

from nikdedup.config import Config
from nikdedup.publish import RunRecord


class Ran(Protocol):
    """What is read of a finished run."""

    people: pl.DataFrame
    pairs: pl.DataFrame
    decisions: pl.DataFrame
    record: RunRecord
    config: Config

    @property
    def residents(self) -> pl.DataFrame:
        """Residents as they are published."""

    @property
    def scanned(self) -> pl.LazyFrame:
        """The same, of which no more is read than is used."""
