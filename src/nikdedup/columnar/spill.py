"""Shelves: where what is found in the parts of an extract lies until the whole asks for it.

A column of numbers has one place for every record, so that parts may be put by different processes, in any order, and
the column comes back in one piece. A table is put as it is, under its name and the number of its part. An extract
of one part has its shelf in memory, where nothing is copied; parts that worker processes see to have a folder.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

Numbers = npt.NDArray[Any]


class Shelf(Protocol):
    """Keeps columns of numbers and tables."""

    def put(self, columns: Mapping[str, Numbers], place: int) -> None:
        """Put the numbers of a part. place: of its first record in every column."""

    def take(self, name: str, dtype: npt.DTypeLike) -> Numbers:
        """Return a whole column, which the shelf does not keep."""

    def look(self, name: str, dtype: npt.DTypeLike) -> Numbers:
        """Return a whole column of which little is looked at, and which stays."""

    def put_table(self, name: str, part: int, table: pl.DataFrame) -> None:
        """Put a table of a part."""

    def holds(self, name: str, part: int) -> bool:
        """Say whether the table of a part was put and not taken."""

    def table(self, name: str, part: int) -> pl.DataFrame:
        """Return a table of a part, which stays."""

    def drop(self, name: str, part: int) -> None:
        """Let a table go."""


@dataclass(frozen=True)
class InMemory:
    """The shelf of an extract of one part: what was put is what comes back."""

    columns: dict[str, Numbers] = field(default_factory=dict)
    tables: dict[tuple[str, int], pl.DataFrame] = field(default_factory=dict)

    def put(self, columns: Mapping[str, Numbers], place: int) -> None:  # noqa: D102
        self.columns.update(columns)

    def take(self, name: str, dtype: npt.DTypeLike) -> Numbers:  # noqa: D102
        return self.columns.pop(name)

    def look(self, name: str, dtype: npt.DTypeLike) -> Numbers:  # noqa: D102
        return self.columns[name]

    def put_table(self, name: str, part: int, table: pl.DataFrame) -> None:  # noqa: D102
        self.tables[name, part] = table

    def holds(self, name: str, part: int) -> bool:  # noqa: D102
        return (name, part) in self.tables

    def table(self, name: str, part: int) -> pl.DataFrame:  # noqa: D102
        return self.tables[name, part]

    def drop(self, name: str, part: int) -> None:  # noqa: D102
        del self.tables[name, part]


@dataclass(frozen=True)
class InFolder:
    """The shelf of an extract of many parts: a file for each column, and one for each table of a part."""

    folder: Path

    def put(self, columns: Mapping[str, Numbers], place: int) -> None:  # noqa: D102
        for name, values in columns.items():
            # Made where it is missing, never cut: others may be writing too.
            number = os.open(self._column(name), os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
            with os.fdopen(number, "r+b") as file:
                file.seek(place * values.itemsize)
                file.write(np.ascontiguousarray(values).data)

    def take(self, name: str, dtype: npt.DTypeLike) -> Numbers:  # noqa: D102
        values = np.fromfile(self._column(name), dtype)
        self._column(name).unlink()
        return values

    def look(self, name: str, dtype: npt.DTypeLike) -> Numbers:  # noqa: D102
        return np.memmap(self._column(name), dtype, "r")

    def put_table(self, name: str, part: int, table: pl.DataFrame) -> None:  # noqa: D102
        table.write_ipc(self._table(name, part), compression="lz4")

    def holds(self, name: str, part: int) -> bool:  # noqa: D102
        return self._table(name, part).exists()

    def table(self, name: str, part: int) -> pl.DataFrame:  # noqa: D102
        return pl.read_ipc(self._table(name, part))

    def drop(self, name: str, part: int) -> None:  # noqa: D102
        self._table(name, part).unlink()

    def _column(self, name: str) -> Path:
        return self.folder / f"{name}.numbers"

    def _table(self, name: str, part: int) -> Path:
        return self.folder / f"{name}-{part}.arrow"
