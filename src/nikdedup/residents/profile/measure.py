"""One line of the profile, and what its steps look at: columns, masks and flags of the residents."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.columnar.lists import elements

FIRST_ROWS = 10
"""How many records are named, by row and place, of those that a measure counts."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Measure:
    """One line of the profile; `at` are positions of the first records it is about."""

    section: str
    column: str | None
    measure: str
    count: int
    whole: int | None = None
    value: str | None = None
    at: tuple[int, ...] = ()


@dataclass(frozen=True)
class Columns:
    """Residents of which only those columns are read that a step asks for."""

    residents: pl.LazyFrame
    names: list[str]

    @classmethod
    def of(cls, residents: pl.DataFrame | pl.LazyFrame) -> Columns:
        """Return the columns of residents, none of them read yet."""
        lazy = residents.lazy()
        return cls(lazy, lazy.collect_schema().names())

    def __call__(self, *columns: str) -> pl.DataFrame:
        """Return those of some columns that the residents have."""
        return self.residents.select(one for one in dict.fromkeys(columns) if one in self.names).collect()


class Flags:
    """The reason codes of n residents, a line for each code of a record."""

    def __init__(self, flags: pl.Series) -> None:
        self.records = len(flags)
        at, codes = elements(flags)
        self.lines = pl.DataFrame({"at": at, "code": codes})

    @cached_property
    def counted(self) -> dict[str, tuple[int, tuple[int, ...]]]:
        """For each code the number of its records and the first of them; the most frequent code first."""
        counted = self.lines.group_by("code").agg(pl.len(), pl.col("at").head(FIRST_ROWS))
        ordered = counted.sort(["len", "code"], descending=[True, False])
        return {code: (count, tuple(at)) for code, count, at in ordered.iter_rows()}

    def has(self, code: str) -> Mask:
        """Return where a record bears a code."""
        where = np.zeros(self.records, np.bool_)
        where[self.lines.filter(pl.col("code") == code)["at"].to_numpy()] = True
        return where


def first(where: Mask) -> tuple[int, ...]:
    """Return the first positions where a mask holds."""
    return tuple(np.flatnonzero(where)[:FIRST_ROWS].tolist())


def true(mask: pl.Series) -> Mask:
    """Return where a mask holds for certain: null counts as no."""
    found: Mask = mask.fill_null(False).to_numpy()
    return found


Sources = dict[tuple[str | None, str | None], list[slice]]
"""File and sheet -> where their records lie, in the order in which sources come first."""


def sources_of(residents: pl.DataFrame) -> Sources:
    """Return where the records of each source lie.

    >>> sources_of(pl.DataFrame({"source_file": ["a", "a", "b", "a"], "source_sheet": [None] * 4}))
    {('a', None): [slice(0, 2, None), slice(3, 4, None)], ('b', None): [slice(2, 3, None)]}
    """
    columns = [residents[name] for name in ("source_file", "source_sheet")]
    changed = np.arange(len(residents)) == 0
    for column in columns:
        if not column.eq_missing(column.first()).all():
            changed[1:] |= true(column.rle_id().diff()[1:] != 0)
    starts = np.flatnonzero(changed).tolist()
    found: Sources = {}
    for begin, end in zip(starts, [*starts[1:], len(residents)], strict=True):
        found.setdefault((columns[0][begin], columns[1][begin]), []).append(slice(begin, end))
    return found
