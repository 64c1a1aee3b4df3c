"""A returned file as grids of texts, each cell where the village sees it: workbooks and CSV, whoever saved them."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zipfile import BadZipFile

from nikdedup.config import LimitsConfig
from nikdedup.errors import InputError
from nikdedup.residents.read import check_book, read_bytes

SUFFIXES = (".xlsx", ".xlsm", ".csv", ".txt")
_OLE = b"\xd0\xcf\x11\xe0"
_NOT_A_LIST = "not a workbook and not CSV; allowed: the list as .xlsx or .csv"


@dataclass(frozen=True)
class Grid:
    """A sheet. rows: texts from row 1 and column A on, blanks as empty texts; sheet: None of a CSV file."""

    sheet: str | None
    rows: list[list[str]]


def grids_of(path: Path, limits: LimitsConfig) -> list[Grid]:
    """Return the sheets of a file that a village has sent back.

    Args:
        path: an .xlsx, .xlsm or .csv file.
        limits: what a file may ask of the machine.

    Raises:
        InputError: for a file that is none of them (a photo, a workbook with a password), is damaged or too large.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"{path.name}: {_NOT_A_LIST}")
    if not path.exists():
        raise InputError(f"{path.name}: no such file")
    raw = read_bytes(path)
    if raw.startswith(b"PK"):
        check_book(path, raw, limits)
        return list(_sheets(path, raw))
    if raw.startswith(_OLE):
        raise InputError(
            f"{path.name}: protected with a password, or an old .xls; save it as .xlsx without one"
        )
    if path.suffix.lower() in (".xlsx", ".xlsm") or b"\0" in raw[:4096]:
        raise InputError(f"{path.name}: {_NOT_A_LIST}")
    return [Grid(None, _lines(_decoded(raw)))]


def _sheets(path: Path, raw: bytes) -> Iterator[Grid]:
    import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of extensions and print settings that it does not keep
            book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
            for sheet in book.worksheets:
                yield Grid(
                    sheet.title, [[_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
                )
    except (BadZipFile, KeyError, ValueError, TypeError, OSError, AttributeError, IndexError) as fault:
        raise InputError(
            f"{path.name}: the workbook is damaged ({type(fault).__name__}); open it in Excel and save it again"
        ) from None


def _text(value: object) -> str:
    """Return what a cell holds as text; a date as it is printed, a whole number without decimals."""
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return f"{value.day:02d}-{value.month:02d}-{value.year:04d}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


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
