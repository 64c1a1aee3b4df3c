"""The heat map of faults as a table: a figure in every cell, and its colour behind it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from nikdedup.show.plots import fault_shares
from nikdedup.show.texts import say

SHADES = 5
"""Steps of colour, from none (0)."""
Cell = tuple[str, int]
"""What a cell shows, and its step of colour."""


@dataclass(frozen=True)
class HeatMap:
    """headers: columns that have faults. rows: a kecamatan with a cell for each."""

    headers: tuple[str, ...]
    rows: list[tuple[str, list[Cell]]]

    def __bool__(self) -> bool:
        return bool(self.rows)


def heat_map(
    residents: pl.LazyFrame | None,
    lang: str,
    extra: Path | None = None,
    *,
    totals: pl.DataFrame | None = None,
) -> HeatMap:
    """Return the share of records with a fault by kecamatan and column, the worst column first.

    Args:
        residents: published residents; None gives an empty table.
        lang: `id` or `en`.
        extra: an office's own codes of regions.
        totals: records by place, where they are known.
    """
    found = [] if residents is None else fault_shares(residents, lang, extra, totals=totals)
    most: dict[str, float] = {}
    for row in found:
        most[row["column"]] = max(most.get(row["column"], 0.0), row["share"])
    columns = sorted(most, key=lambda name: (-most[name], name))
    top = max(most.values(), default=0.0)
    cells = {(row["place"], row["column"]): (row["label"] or "0", _shade(row["share"], top)) for row in found}
    places = dict.fromkeys(row["place"] for row in found)
    rows = [(place, [cells[place, column] for column in columns]) for place in places]
    return HeatMap((say("profile.kecamatan", lang), *columns), rows)


def _shade(share: float, top: float) -> int:
    """Return the step of colour of a share, by the root: a fault in one of a thousand is seen beside one in ten.

    >>> _shade(0.0, 0.1), _shade(0.0001, 0.1), _shade(0.1, 0.1)
    (0, 1, 5)
    """
    return math.ceil(SHADES * math.sqrt(share / top)) if top else 0
