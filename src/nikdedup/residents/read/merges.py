"""Cells merged over several rows of a sheet, which the workbook reader itself does not tell.

A family's number and address are often written once and merged over its members.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from nikdedup.residents.read.sheets import Layout

FAMILY_FIELDS = frozenset(
    {"no_kk", "alamat", "dusun", "no_rt", "no_rw", "rt_rw", "kode_pos"}
    | {"no_prop", "no_kab", "no_kec", "no_kel", "prop_name", "kab_name", "kec_name", "kel_name"}
)
"""Fields of a whole family; only these are repeated down a merged cell, never a name or a NIK."""


def fill_merged(
    grid: pl.DataFrame, sheet: Layout, header_row: int, fields: Mapping[str, str]
) -> pl.DataFrame:
    """Return the sheet's grid with merged cells of family fields repeated on each row they cover.

    grid: cells as text, row i being row i + 1 of the sheet. sheet: how it is laid out. header_row: 0-based.
    fields: column of `grid` -> field its header means.
    """
    merged = sheet.merged()
    offset = sheet.left_of(grid, header_row) if merged else None
    if offset is None:
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
