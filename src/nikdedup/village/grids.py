"""A returned file as grids of texts, each cell where the village sees it: workbooks and CSV, whoever saved them."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from nikdedup.config import LimitsConfig
from nikdedup.errors import InputError
from nikdedup.residents.read import Grid as Cells
from nikdedup.residents.read import grids_of as cells_of
from nikdedup.residents.read import read_bytes

WORKBOOKS = (".xlsx", ".xlsm", ".ods", ".xls")
SUFFIXES = (*WORKBOOKS, ".csv", ".txt")
_PACKED, _OLD = b"PK", b"\xd0\xcf\x11\xe0"
_NOT_A_LIST = "not a workbook and not CSV; allowed: the list as .xlsx, .ods, .xls or .csv"


@dataclass(frozen=True)
class Grid:
    """A sheet. rows: texts from row 1 and column A on, blanks as empty texts; sheet: None of a CSV file."""

    sheet: str | None
    rows: list[list[str]]


def grids_of(path: Path, limits: LimitsConfig) -> list[Grid]:
    """Return the sheets of a file that a village has sent back; a workbook is one whatever its file is called.

    Args:
        path: a workbook of Excel, LibreOffice or Google Sheets, or a CSV file.
        limits: what a file may ask of the machine.

    Raises:
        InputError: for a file that is none of them (a photo, a workbook with a password), is damaged or too large.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"{path.name}: {_NOT_A_LIST}")
    if not path.exists():
        raise InputError(f"{path.name}: no such file")
    raw = read_bytes(path)
    if raw.startswith((_PACKED, _OLD)):
        sheets = cells_of(path, raw, limits, parallel=False)
        return [Grid(name, _placed(cells)) for name, cells in sheets.items()]
    if path.suffix.lower() in WORKBOOKS or b"\0" in raw[:4096]:
        raise InputError(f"{path.name}: {_NOT_A_LIST}")
    return [Grid(None, _lines(_decoded(raw)))]


def _placed(cells: Cells) -> list[list[str]]:
    """Return the rows of a sheet, its first column being A whether or not it holds anything."""
    text = cells.text.select(pl.all().cast(pl.String).str.strip_chars().fill_null(""))
    filled = text.select(pl.any_horizontal(pl.all() != "").arg_true()).to_series()
    left = cells.layout().left_of(cells.text, int(filled[0])) if len(filled) else 0
    return [[""] * (left or 0) + list(row) for row in text.iter_rows()]


def _decoded(raw: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def _lines(text: str) -> list[list[str]]:
    """Return the cells of a CSV text, whichever of comma, semicolon and tab parts most of its first lines."""
    head = text[:20_000]
    separator = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text), delimiter=separator)
    try:
        return [[cell.strip() for cell in row] for row in reader]
    except csv.Error:
        raise InputError("a CSV list has a cell that is too long") from None
