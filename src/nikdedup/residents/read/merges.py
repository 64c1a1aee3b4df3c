"""Cells merged over several rows of a sheet, which the workbook reader itself does not tell.

A family's number and address are often written once and merged over its members.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

from nikdedup.residents.read.sheets import column_number

FAMILY_FIELDS = frozenset(
    {"no_kk", "alamat", "dusun", "no_rt", "no_rw", "rt_rw", "kode_pos"}
    | {"no_prop", "no_kab", "no_kec", "no_kel", "prop_name", "kab_name", "kec_name", "kel_name"}
)
"""Fields of a whole family; only these are repeated down a merged cell, never a name or a NIK."""


def fill_merged(grid: pl.DataFrame, xml: bytes, header_row: int, fields: Mapping[str, str]) -> pl.DataFrame:
    """Return the sheet's grid with merged cells of family fields repeated on each row they cover.

    grid: cells as text, row i being row i + 1 of the sheet. xml: the sheet's part. header_row: 0-based.
    fields: column of `grid` -> field its header means.
    """
    if b"<mergeCell " not in xml:
        return grid
    merged = [_area(*found) for found in re.findall(rb'<mergeCell ref="([A-Z]+)(\d+):[A-Z]+(\d+)"', xml)]
    offset = offset_of(xml, grid, header_row)
    if not merged or offset is None:
        return grid
    fills: dict[str, list[tuple[int, int]]] = {}
    for column, first, last in merged:
        place = column - offset
        name = grid.columns[place] if 0 <= place < grid.width else ""
        if last > first > header_row and fields.get(name) in FAMILY_FIELDS:
            fills.setdefault(name, []).append((first, min(last, grid.height - 1)))
    return grid.with_columns(_repeated(grid[name], areas) for name, areas in fills.items())


def _repeated(column: pl.Series, areas: list[tuple[int, int]]) -> pl.Series:
    """Put the first value of each area (first row, last row) on all its rows."""
    origin = pl.Series(range(len(column)), dtype=pl.UInt32).to_list()
    for first, last in areas:
        origin[first : last + 1] = [first] * (last + 1 - first)
    return column.gather(origin)


def _area(letters: bytes, first: bytes, last: bytes) -> tuple[int, int, int]:
    return column_number(letters), int(first) - 1, int(last) - 1


def offset_of(xml: bytes, grid: pl.DataFrame, row: int) -> int | None:
    """Return how many columns of the sheet lie left of the grid, told by the first filled cell of `row`."""
    found = re.search(rb'<row [^>]*?r="%d"[^>]*>(.*?)</row>' % (row + 1), xml, re.DOTALL)
    cells = re.findall(rb'<c r="([A-Z]+)\d+"[^>/]*>', found.group(1)) if found else []
    filled = [i for i, cell in enumerate(grid.row(row)) if cell is not None]
    return column_number(cells[0]) - filled[0] if cells and filled else None
