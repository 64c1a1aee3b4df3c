"""An extract as a file for an office: Parquet, CSV or Excel, every cell a text, whole or not there at all."""

from __future__ import annotations

import csv
import io
import os
import stat
from collections.abc import Callable, Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path

import polars as pl

from nikdedup.errors import InputError, RunError, argument
from nikdedup.publish import check_utf8, write_parquet, written_whole
from nikdedup.show.xlsx_rows import Shape, fill

SUFFIXES = (".parquet", ".csv", ".xlsx")
_LAST_ROW = 1_048_575
"""Rows of an Excel sheet below its header."""
_HEIGHT = "_height"
_POINTS = 15


def check_target(path: Path, option: str, allowed: Sequence[str] = SUFFIXES) -> None:
    """Raise InputError unless a table may be written to `path`; changes nothing.

    Args:
        path: file to be written.
        option: name of the argument.
        allowed: endings that it may have.
    """
    if path.suffix.lower() not in allowed:
        raise InputError(
            f"{argument(option)} {path.name}: allowed {'is' if len(allowed) == 1 else 'are'} {', '.join(allowed)}"
        )
    check_name(path, option)
    if path.is_dir():
        raise InputError(f"{argument(option)} {path.name}: is a folder; name a file")
    if not path.absolute().parent.is_dir():
        raise InputError(
            f"{argument(option)} {path.name}: the folder {path.absolute().parent.name} does not exist"
        )
    if not os.access(path.absolute().parent, os.W_OK):
        raise InputError(
            f"{argument(option)} {path.name}: the folder {path.absolute().parent.name} is read-only"
        )


def check_name(path: Path, option: str) -> None:
    """Raise InputError where the system cannot look at a path, or another thing than a file or folder has its name.

    Args:
        path: file or folder to be written.
        option: name of the argument.
    """
    check_utf8(path, option)
    try:
        mode = os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as fault:  # a name too long, a link that leads to itself
        raise InputError(f"{argument(option)} {path.name}: cannot be opened ({fault.strerror})") from None
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise InputError(f"{argument(option)} {path.name}: is a pipe or a device; name a file")


def write_all(files: Sequence[tuple[Path, Callable[[Path], object]]]) -> None:
    """Write every file with its writer, readable by its owner only, then make all of them visible.

    Args:
        files: each file with what writes it, given where to write.

    Raises:
        RunError: if one cannot be written; then none of them is there, or is as it was before.
    """
    try:
        written_whole(files)
    except OSError as fault:
        name = files[0][0].name
        reason = "open in another program (Excel?)" if isinstance(fault, PermissionError) else fault.strerror
        raise RunError(f"{name}: could not be written ({reason or fault})") from None


def write_text(path: Path, text: str) -> None:
    """Write a text as `write_all` does.

    Args:
        path: the file.
        text: its content, written as UTF-8.
    """
    write_all([(path, lambda partial: partial.write_text(text, encoding="utf-8"))])


def writer(
    headers: Sequence[str],
    table: pl.DataFrame,
    suffix: str,
    *,
    separator: str = ",",
    widths: Sequence[int] = (),
) -> Callable[[Path], None]:
    """Return what writes a table of texts (and numbers, if any) in the format of `suffix`.

    Args:
        headers: one per column of `table`, as they shall stand in the file; Parquet, which cannot hold one name
            twice, numbers repeated ones ("KET", "KET_2").
        table: texts, and numbers if any.
        suffix: .parquet, .csv or .xlsx.
        separator: of a CSV file, which is UTF-8 with the byte order mark that Excel needs.
        widths: of the columns of a workbook, in characters; else by their headers.
    """
    if suffix == ".parquet":
        return lambda path: write_parquet(
            table.rename(dict(zip(table.columns, unique(headers), strict=True))), path
        )
    if suffix == ".csv":
        return lambda path: _write_csv(path, headers, table, separator)
    return lambda path: _write_xlsx(path, headers, table, widths)


def unique(headers: Sequence[str]) -> list[str]:
    """Return headers that differ: a repeated one gets a number.

    Args:
        headers: headers of a table.

    Example:
        >>> unique(["NIK", "KET", "KET", ""])
        ['NIK', 'KET', 'KET_2', '']
    """
    seen: set[str] = set()
    names = []
    for header in headers:
        name, number = header, 1
        while name in seen:
            number += 1
            name = f"{header}_{number}"
        seen.add(name)
        names.append(name)
    return names


def _write_csv(path: Path, headers: Sequence[str], table: pl.DataFrame, separator: str) -> None:
    line = io.StringIO()
    csv.writer(line, delimiter=separator, lineterminator="\n").writerow(headers)
    with path.open("wb") as file:
        file.write(line.getvalue().encode("utf-8-sig"))
        table.write_csv(file, include_header=False, separator=separator)


def _write_xlsx(path: Path, headers: Sequence[str], table: pl.DataFrame, widths: Sequence[int]) -> None:
    """Write sheets DATA, DATA 2, ... of at most as many rows as Excel holds; texts are text cells."""
    parts = [table.slice(start, _LAST_ROW) for start in range(0, max(table.height, 1), _LAST_ROW)]
    skeleton = _skeleton(headers, [part.height for part in parts], widths)
    tables = [part.with_columns(pl.lit(_POINTS).alias(_HEIGHT)) for part in parts]
    fill(skeleton, path, tables, Shape(_HEIGHT))


def _skeleton(headers: Sequence[str], heights: Sequence[int], widths: Sequence[int]) -> bytes:
    """Return a workbook with headers and one styled row per sheet, the same bytes for the same headers."""
    import xlsxwriter

    memory = BytesIO()
    book = xlsxwriter.Workbook(memory, {"in_memory": True})
    book.set_properties({"created": datetime(2000, 1, 1)})
    text = book.add_format({"num_format": "@"})
    bold = book.add_format({"num_format": "@", "bold": True})
    for number, height in enumerate(heights, 1):
        sheet = book.add_worksheet("DATA" if number == 1 else f"DATA {number}")
        sheet.freeze_panes(1, 0)
        if widths and headers:
            sheet.autofilter(0, 0, height, len(headers) - 1)
            sheet.set_landscape()
            sheet.set_paper(9)
            sheet.fit_to_pages(1, 0)
            sheet.repeat_rows(0)
        for i, header in enumerate(headers):
            sheet.set_column(i, i, widths[i] if widths else min(max(len(header) + 2, 12), 40))
            sheet.write_string(0, i, header, bold)
            if height:
                sheet.write_blank(1, i, None, text)
        sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{height + 1}"})
    book.close()
    return memory.getvalue()
