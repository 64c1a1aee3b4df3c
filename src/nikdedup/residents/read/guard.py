"""What a file may ask of the machine, looked at before a reader is let loose on it.

The limits are settings (`[limits]`), and every refusal names the one it went by.
"""

from __future__ import annotations

import gzip
import io
import os
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import polars as pl

from nikdedup.config import LimitsConfig
from nikdedup.errors import InputError, NikdedupError, RunError, shortage
from nikdedup.runtime.files import open_file
from nikdedup.runtime.memory import limited
from nikdedup.runtime.watched import reading

FREE = 100_000_000
"""Bytes that may be unpacked from however little; from there on `limits.expansion` counts."""


PIECE = 1 << 24
"""Bytes looked at together."""
PACKED = (".gz", ".xlsx", ".xlsm", ".xls", ".ods")
"""Endings of files that are no text."""
SHORT_LINE, BLANK_LINE = 64, 4
"""Bytes of a line, in the mean, below which blank ones may be many; and signs of one below which nearly all are."""
UNREADABLE = "damaged, cannot be read to the end; export it again"
DAMAGED_OR_LARGE = "damaged, or too large for the memory allowed; export it again"


@contextmanager
def readable(name: str, advice: str = UNREADABLE, *faults: type[Exception]) -> Iterator[None]:
    """Turn what a reader says of a broken file into one line: its own faults, those of polars, and any panic."""
    told: tuple[type[BaseException], ...] = (pl.exceptions.PolarsError, OSError, *faults)
    try:
        with reading(name):
            yield
    except BaseException as fault:  # a panic is no Exception
        if not isinstance(fault, told) and type(fault).__name__ != "PanicException":
            raise
        raise unreadable(name, fault, advice) from None


def unreadable(name: str, fault: BaseException, advice: str = UNREADABLE) -> NikdedupError:
    """Return the error for a file that its reader cannot read: where memory is short, it may be none of the file's.

    Args:
        name: of the file.
        fault: what the reader says.
        advice: what is told of the file.
    """
    if line := shortage(fault):
        return RunError(line)
    return InputError(f"{name}: {DAMAGED_OR_LARGE if limited() else advice}")


def unpack(path: Path, raw: bytes, limits: LimitsConfig) -> bytes:
    """Return the bytes inside a .gz file, of all its members; InputError if it is cut off, no gzip file, or a bomb.

    A bomb has a stretch of FREE bytes that comes from too little; an extract of any size has none.
    """
    packed, found, begin, lines = io.BytesIO(raw), [], 0, 0
    try:
        with gzip.GzipFile(fileobj=packed) as file:
            while piece := file.read(FREE):
                found.append(piece)
                lines += piece.count(b"\n")
                _check_count(path.name, lines, limits)
                if len(piece) == FREE and (packed.tell() - begin) * limits.expansion < FREE:
                    raise InputError(bomb(path.name, limits))
                begin = packed.tell()
    except (EOFError, OSError, zlib.error):
        raise InputError(f"{path.name}: the gzip file is cut off or damaged; copy it again") from None
    return found[0] if len(found) == 1 else b"".join(found)


def bomb(name: str, limits: LimitsConfig) -> str:
    """Return the refusal of a file that would become far larger than it is."""
    return (
        f"{name}: packed contents of more than {limits.expansion} times their size, as an extract never has; "
        "export it again, or raise limits.expansion"
    )


def check_columns(where: str, columns: int, limits: LimitsConfig) -> None:
    """Raise InputError for a table of more columns than the limit."""
    if columns > limits.table_columns:
        raise InputError(
            f"{where}: {columns:,} columns; at most {limits.table_columns:,} are allowed; "
            "leave some out, or raise limits.table_columns"
        )


def check_rows(path: Path, limits: LimitsConfig) -> None:
    """Raise InputError for a text file of more lines than the limit, before it is held in memory."""
    if path.suffix.lower() in PACKED:
        return
    lines = 0
    with suppress(OSError), open_file(path) as file:  # who reads it says what is wrong with it
        while os.fstat(file.fileno()).st_size > limits.rows >= lines and (piece := file.read(PIECE)):
            lines += piece.count(b"\n")
    _check_count(path.name, lines, limits)


def _check_count(where: str, lines: int, limits: LimitsConfig) -> None:
    if lines > limits.rows:
        raise InputError(f"{where}: more than {limits.rows:,} lines; part the file, or raise limits.rows")


def check_lines(where: str, text: Callable[[], Iterable[bytes]], limits: LimitsConfig) -> None:
    """Raise InputError for text of lines longer, in the mean, than a cell may be, or of hardly any but blank lines.

    text: gives the pieces of it as often as they are asked for. Where lines are longer in the mean, a cell is too. A
    blank line costs as much as a record.
    """
    found = [(len(piece), piece.count(b"\n"), piece.count(b"\r")) for piece in text()]
    size, *ends = (sum(counts) for counts in zip(*found, strict=True)) if found else (0, 0, 0)
    lines = sum(ends) + 1
    _check_count(where, max(ends), limits)
    if size > limits.cell_bytes * lines:
        raise InputError(
            f"{where}: a line of {size // lines:,} bytes or more; at most {limits.cell_bytes:,} "
            "are allowed in a cell; "
            "export it again with line ends, or raise limits.cell_bytes"
        )
    # Lines as long as a resident's are not looked at any closer.
    if lines * 10 > limits.blank_cells and size < lines * SHORT_LINE:
        signs = sum(len(piece.translate(None, b'\0\t\n\r ",:;|')) for piece in text())
        if signs < lines * BLANK_LINE:
            raise InputError(
                f"{where}: {lines:,} lines, nearly all of them blank; "
                f"delete the blank ones, or raise limits.blank_cells ({limits.blank_cells:,})"
            )


def check_cells(
    where: str, columns: Iterable[pl.Series], rows: pl.Series | None, limits: LimitsConfig
) -> None:
    """Raise InputError for a cell of more bytes than the limit. rows: 1-based source rows; None is position + 1."""
    for column in columns:
        sizes = column.str.len_bytes()
        longest = sizes.max()
        if isinstance(longest, int) and longest > limits.cell_bytes:
            at = sizes.arg_max() or 0
            raise InputError(
                f"{where}: a cell of {longest:,} bytes in row {at + 1 if rows is None else rows[at]}; "
                f"at most {limits.cell_bytes:,} are allowed; shorten it, or raise limits.cell_bytes"
            )
