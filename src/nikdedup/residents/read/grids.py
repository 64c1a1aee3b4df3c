"""The sheets of a workbook as grids of text, whichever program wrote it: .xlsx, .xls or .ods.

The digits of a number are read as they stand and the kind of cell goes along; dates stand in one form, whatever the
format. What the file may ask of the machine is looked at first.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Container, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Literal

import polars as pl

from nikdedup.config import LimitsConfig
from nikdedup.errors import InputError
from nikdedup.residents.read.biff import OLE, old_layouts
from nikdedup.residents.read.bookguard import DAMAGED, FAULTS, check_book
from nikdedup.residents.read.guard import readable
from nikdedup.residents.read.opendocument import document_layouts, is_document
from nikdedup.residents.read.sheets import Book, Laid, Layout

_Kind = Literal["string", "boolean", "date", "datetime", "duration"]
_CELLS: tuple[_Kind, _Kind] = ("string", "boolean")
_TIMES: tuple[_Kind, ...] = ("date", "datetime", "duration")
_BEGINNING = 4096
"""Bytes in which a page says what it is."""
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|table|meta)\b", re.IGNORECASE)
_EXCEL_2003 = b"urn:schemas-microsoft-com:office:spreadsheet"
_TEXT = re.compile(rb"[^\0\r\n]+[;,\t|][^\0\r\n]+[\r\n]")
"""What programs of the web write under the name of a workbook, and Excel opens with a warning."""


@dataclass(frozen=True)
class Grid:
    """A filled sheet, every row from the first.

    text: cells as text, date cells as "2020-01-02 00:00:00". numeric: not null where the cell is a number. layout:
    gives what the workbook tells beside; of an .xlsx it is read then.
    """

    text: pl.DataFrame = field(repr=False)
    numeric: pl.DataFrame = field(repr=False)
    layout: Callable[[], Layout] = field(repr=False)


def grids_of(path: Path, raw: bytes, limits: LimitsConfig, *, parallel: bool) -> dict[str, Grid]:
    """Return sheet -> its cells, of the sheets that hold something, in their order.

    Args:
        path: for messages.
        raw: the bytes of the workbook.
        limits: what it may ask for.
        parallel: whether it may be read by two threads.

    Raises:
        InputError: for a password, another kind of file, a damaged one, or one that asks for more than the limits.
    """
    if raw.startswith(OLE):
        return _old(path, raw, limits)
    archive = _archive(path, raw)
    with readable(path.name, DAMAGED, *FAULTS):
        document = is_document(archive)
    return (
        _document(path, raw, archive, limits)
        if document
        else _excel(path, raw, archive, limits, parallel=parallel)
    )


def _archive(path: Path, raw: bytes) -> zipfile.ZipFile:
    """Return the zip file that a workbook is."""
    if not raw:
        raise InputError(f"{path.name}: the file is empty")
    if not raw.startswith(b"PK"):
        raise _other(path, raw[:_BEGINNING])
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
        if "xl/workbook.xml" in archive.namelist() or is_document(archive):
            return archive
    except FAULTS:
        raise InputError(f"{path.name}: the workbook is cut off or damaged; copy it again") from None
    raise InputError(f"{path.name}: a zip file but no workbook; open it in Excel and save as .xlsx")


def _other(path: Path, begin: bytes) -> InputError:
    """Return the fault of a file that only has the name of a workbook, by what it is."""
    if _HTML.search(begin):
        return InputError(
            f"{path.name}: a web page (HTML) that is only named a workbook; open it in Excel and save as .xlsx"
        )
    if _EXCEL_2003 in begin:
        return InputError(
            f"{path.name}: XML of Excel 2003 that is only named a workbook; open it in Excel and save as .xlsx"
        )
    if _TEXT.match(begin):
        return InputError(
            f"{path.name}: text with separators that is only named a workbook; rename it to .csv"
        )
    return InputError(f"{path.name}: not an Excel workbook inside; open it in Excel and save as .xlsx")


def _excel(
    path: Path, raw: bytes, archive: zipfile.ZipFile, limits: LimitsConfig, *, parallel: bool
) -> dict[str, Grid]:
    check_book(path, raw, limits)
    with readable(path.name, DAMAGED, *FAULTS):
        book = Book.of(archive)
    if parallel:
        with ThreadPoolExecutor(len(_CELLS)) as pool:
            text, numeric = pool.map(lambda kind: _load(path, raw, [kind])[0][kind], _CELLS)
    else:
        text, numeric = (_load(path, raw, [kind])[0][kind] for kind in _CELLS)

    def layout(name: str) -> Layout:
        with readable(path.name, DAMAGED, *FAULTS):
            return book.sheet(name)

    return _filled(text, numeric, layout)


def _old(path: Path, raw: bytes, limits: LimitsConfig) -> dict[str, Grid]:
    with readable(path.name, DAMAGED, *FAULTS):
        laid = old_layouts(path, raw, limits)
    loaded, hidden = _load(path, raw, _CELLS)
    told = dict(zip(loaded["string"], laid, strict=False))
    return _filled(loaded["string"], loaded["boolean"], partial(_laid, told, hidden))


def _document(path: Path, raw: bytes, archive: zipfile.ZipFile, limits: LimitsConfig) -> dict[str, Grid]:
    with readable(path.name, DAMAGED, *FAULTS):
        told = document_layouts(path, archive, len(raw), limits)
    loaded, hidden = _load(path, raw, (*_CELLS, *_TIMES))
    text = {
        name: _one_form(*(loaded[kind][name] for kind in (*_CELLS, *_TIMES))) for name in loaded["string"]
    }
    return _filled(text, loaded["boolean"], partial(_laid, told, hidden))


def _laid(told: Mapping[str, Laid], hidden: Container[str], name: str) -> Layout:
    return replace(told.get(name, Laid()), hidden=name in hidden)


def _filled(
    text: Mapping[str, pl.DataFrame], numeric: Mapping[str, pl.DataFrame], layout: Callable[[str], Layout]
) -> dict[str, Grid]:
    return {
        name: Grid(cells, numeric[name], partial(layout, name))
        for name, cells in text.items()
        if cells.height
    }


def _load(
    path: Path, raw: bytes, kinds: Iterable[_Kind]
) -> tuple[dict[_Kind, dict[str, pl.DataFrame]], set[str]]:
    """Return kind -> sheet -> cells read as that kind, and the sheets that are hidden.

    Read as booleans, number cells have a value and text or date cells have none: the one way the
    reader tells a number from a text of digits. In the same way dates are told from texts in .ods.
    """
    import fastexcel

    found: dict[_Kind, dict[str, pl.DataFrame]] = {}
    hidden: set[str] = set()
    with readable(path.name, DAMAGED, fastexcel.FastExcelError):
        book = fastexcel.read_excel(raw)
        for kind in kinds:
            sheets = {
                name: book.load_sheet(name, header_row=None, skip_rows=0, dtypes=kind)
                for name in book.sheet_names
            }
            hidden = {name for name, sheet in sheets.items() if sheet.visible != "visible"}
            found[kind] = {name: _numbered(sheet.to_polars()) for name, sheet in sheets.items()}
    return found, hidden


def _numbered(sheet: pl.DataFrame) -> pl.DataFrame:
    return sheet.rename({column: str(i) for i, column in enumerate(sheet.columns)})


def _one_form(text: pl.DataFrame, numeric: pl.DataFrame, *times: pl.DataFrame) -> pl.DataFrame:
    """Return the cells of an .ods with dates and times as they are read from .xlsx: "2020-01-02 00:00:00".

    There a date is the text that stands in the file, and a time of day, which Excel counts from 1899-12-31, none.
    times: the cells as dates, moments and durations; numbers have some too.
    """
    stamp, begin = "%Y-%m-%d %H:%M:%S", pl.datetime(1899, 12, 31)
    read = [
        frame.select(pl.all().name.prefix(kind))
        for kind, frame in zip("ndmt", (numeric, *times), strict=True)
    ]

    def cell(c: str) -> pl.Expr:
        day, moment, span = (pl.col(f"{kind}{c}") for kind in "dmt")
        return (
            pl.when(pl.col(f"n{c}").is_not_null())
            .then(pl.col(c))
            .when(moment.is_not_null())
            .then(moment.dt.to_string(stamp))
            .when(day.is_not_null())
            .then(day.cast(pl.Datetime("ms")).dt.to_string(stamp))
            .when(pl.col(c).is_null())
            .then((begin + span).dt.to_string(stamp))
            .otherwise(pl.col(c))
            .alias(c)
        )

    return pl.concat([text, *read], how="horizontal").select(map(cell, text.columns))
