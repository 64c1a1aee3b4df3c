"""The inputs of a command, resolved once: which files and frames they are, of what kind, and about how large."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from nikdedup.config import LimitsConfig
from nikdedup.errors import ConfigError, InputError, argument
from nikdedup.residents.read import Item, expand, footer, suffix
from nikdedup.runtime.files import open_file

Kind = Literal["parquet", "csv", "gz", "workbook", "frame"]

FILE_RECORD_BYTES: dict[Kind, int] = {"gz": 65, "workbook": 140}
"""Bytes of one record in packed files, whose lines cannot be counted from outside."""
_LOOK_BYTES = 1 << 16


@dataclass(frozen=True)
class Inputs:
    """Files and frames in the order given, each with the index of the INPUT it belongs to.

    link: whether the INPUTs, then two or more, are compared only across each other.
    """

    items: tuple[Item, ...]
    link: bool = False

    @classmethod
    def of(cls, data: Any, link: Any = None, *, limits: LimitsConfig | None = None) -> Inputs:
        """Return what the arguments of `dedupe` name, one of both; InputError as `expand`, ConfigError."""
        if isinstance(data, Inputs):
            return data
        if (data is None) == (link is None):
            raise ConfigError("dedupe takes either data or link=(a, b)")
        if link is None:
            return cls(tuple(expand(data, limits)))
        if not isinstance(link, tuple | list) or len(link) < 2:
            found = len(link) if isinstance(link, tuple | list) else type(link).__name__
            raise ConfigError(f"{argument('link')} takes two or more inputs; found {found}")
        return cls(tuple(expand(list(link), limits)), link=True)

    @property
    def paths(self) -> list[Path]:
        """The files among them."""
        return [item for _, item in self.items if isinstance(item, Path)]

    @property
    def several(self) -> bool:
        """Whether records may stand in more than one INPUT."""
        return len({index for index, _ in self.items}) > 1

    @cached_property
    def sizes(self) -> dict[Kind, list[tuple[int, int]]]:
        """Bytes and about how many records of each item, by kind. A frame has no bytes of its own.

        Records are exact for Parquet and for frames that know their length; by the length of the first lines for
        CSV, by the size of the file for packed ones. What cannot be told (a lazy frame, a damaged file) counts 0.
        """
        found: dict[Kind, list[tuple[int, int]]] = {}
        for _, item in self.items:
            kind = kind_of(item)
            size = item.stat().st_size if isinstance(item, Path) else 0
            found.setdefault(kind, []).append((size, _records(item, kind, size)))
        return found

    @cached_property
    def records(self) -> int:
        """About how many records they hold, without reading them; see `sizes`."""
        return sum(records for sizes in self.sizes.values() for _, records in sizes)


def kind_of(item: Any) -> Kind:
    """Return the kind of a file, by its ending, or "frame"."""
    if not isinstance(item, Path):
        return "frame"
    end = suffix(item)
    if end in (".parquet", ".pq"):
        return "parquet"
    if end in (".xlsx", ".xlsm", ".xls", ".ods", ".xlsb"):
        return "workbook"
    return "gz" if end.endswith(".gz") else "csv"


def _records(item: Any, kind: Kind, size: int) -> int:
    if kind == "frame":
        return _length(item)
    if kind == "parquet":
        try:
            return int(footer(item).num_rows)
        except InputError:
            return 0
    return size // (FILE_RECORD_BYTES.get(kind) or _line_bytes(item))


def _length(frame: Any) -> int:
    try:
        return len(frame)
    except TypeError:
        return 0


def _line_bytes(path: Path) -> int:
    """Return the mean length of the first lines of a text file, in bytes, at least 1."""
    try:
        with open_file(path) as file:
            text = file.read(_LOOK_BYTES)
    except OSError:
        return 1 << 62
    return max(1, len(text) // max(1, text.count(b"\n")))
