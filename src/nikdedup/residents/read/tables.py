"""What every reader hands over: one table of one file, sheet or frame, and its cells as text.

Identifiers are text from the first byte. Whatever type a source stores them in,
a whole number becomes its plain digits, a date its ISO form, and a text stays as
it came; only a cell of nothing but white space becomes null.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.columnar.distinct import taken
from nikdedup.columnar.text import beginning_outside
from nikdedup.errors import InputError

COLUMN_TYPES = ("text", "number", "integer", "float", "date", "boolean", "mixed")
"""How a source stored a field. number: numeric cells of a workbook, exact to 15 digits where Excel
typed them; integer: whole numbers or decimals of a frame or Parquet file, exact; float: a float
column, exact below 2^53 only; mixed: several kinds of cell in one column."""


@dataclass(frozen=True)
class Table:
    """One table as its reader found it, header and titles already apart.

    headers and columns run in parallel: the header as it came, the column's name in `frame`.
    source_rows: row number per row of `frame` as Excel or an editor shows it; None is position + 1.
    skipped: (source row, reason) of rows above the header and the like, not in `frame`.
    kinds: same columns and rows as `frame`, "number", "date" or "text" for each cell of a workbook.
    types: column -> one of COLUMN_TYPES where the reader knows better than the column's type.
    ragged: source rows with more or fewer cells than the header. surplus: filled cells beyond the last header.
    misquoted: source rows of a CSV file whose quotes do not enclose cells.
    around: field -> name of a region that stands around the records, and what told it; see `villages.regions_around`.
    uncalculated: column -> source rows of its cells whose formula nobody has calculated, null in `frame`.
    hidden: reason code per row of `frame` that nobody sees in Excel, null for the others; None for no such row.
    digest: SHA-256 of the file; None where only the values read can be hashed.
    separator: what parts the cells of a CSV file; None for other sources.
    path: of a Parquet file, of which any rows can be read by themselves; None for other sources.
    keys: columns that the partition folder of the file tells, not the file itself or not it alone.
    """

    file: str | None
    sheet: str | None
    headers: list[str]
    columns: list[str]
    frame: pl.LazyFrame
    source_rows: pl.Series | None = None
    skipped: list[tuple[int, str]] = field(default_factory=list)
    kinds: pl.LazyFrame | None = None
    types: dict[str, str] = field(default_factory=dict)
    ragged: list[int] = field(default_factory=list)
    surplus: int = 0
    misquoted: list[int] = field(default_factory=list)
    around: dict[str, tuple[str, str]] = field(default_factory=dict)
    uncalculated: dict[str, list[int]] = field(default_factory=dict)
    hidden: pl.Series | None = None
    digest: str | None = None
    separator: str | None = None
    path: Path | None = None
    keys: tuple[str, ...] = ()

    @property
    def printed(self) -> bool:
        """Whether rows stand as somebody laid them out; a Parquet file is an export, and read in any slices."""
        return self.path is None

    @property
    def where(self) -> str:
        """Name of the table for messages: file, and sheet if any."""
        sheet = f" sheet {self.sheet!r}" if self.sheet is not None else ""
        return f"{self.file or 'frame'}{sheet}"


def column_type(dtype: pl.DataType) -> str:
    """Return which of COLUMN_TYPES a column of a frame or Parquet file is."""
    if dtype.is_float():
        return "float"
    if dtype.is_integer() or dtype.is_decimal():
        return "integer"
    if dtype == pl.Boolean:
        return "boolean"
    return "date" if dtype in (pl.Date, pl.Datetime) else "text"


def as_text(column: str, dtype: pl.DataType, header: str, where: str) -> pl.Expr:
    """Return the expression that renders a column as text, each value exactly.

    Whole numbers are plain digits ("5", never "5.0" or "6.2e15"), NaN is null, dates are YYYY-MM-DD, date-times
    likewise when their time is midnight, else YYYY-MM-DD HH:MM:SS.

    Args:
        column: name of the column in its frame.
        dtype: its polars type.
        header: how messages name the column.
        where: how messages name the table.

    Raises:
        InputError: naming the header, for lists, structs and Python objects.
    """
    col = pl.col(column)
    if dtype == pl.String:
        return col
    if dtype.is_float() or dtype.is_decimal():
        return _number_text(col if dtype.is_decimal() else col.cast(pl.Float64).fill_nan(None))
    if dtype == pl.Date:
        sound = _within(col, dtype)
        return pl.coalesce(sound.dt.to_string("%Y-%m-%d"), col.to_physical().cast(pl.String))
    if dtype == pl.Datetime:
        sound = _within(col, dtype)
        day, moment = (sound.dt.to_string(form) for form in ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S"))
        text = pl.when(sound.dt.time() == time(0)).then(day).otherwise(moment)
        return pl.coalesce(text, col.to_physical().cast(pl.String))
    if dtype.is_nested() or dtype in (pl.Object, pl.Duration):
        kind = str(dtype).split("(")[0].lower()
        raise InputError(f"{where}: column {header!r} holds {kind} values; allowed: text, numbers, dates")
    return col.cast(pl.String)


def _within(col: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Return dates of the years 1 to 9999, null for others: no calendar holds them, and asking ends in a panic.

    A column of damaged numbers is taken for dates too; such a number stays as it is.
    """
    units = {"ms": 10**3, "us": 10**6, "ns": 10**9}
    per_day = 86_400 * units[dtype.time_unit or "us"] if isinstance(dtype, pl.Datetime) else 1
    first, last = (day.toordinal() - date(1970, 1, 1).toordinal() for day in (date.min, date.max))
    first, last = max(first * per_day, -(2**63)), min((last + 1) * per_day - 1, 2**63 - 1)
    return pl.when(col.to_physical().is_between(first, last)).then(col)


def _number_text(col: pl.Expr) -> pl.Expr:
    """Render whole numbers without point or exponent; others as they print. 1e38 is the end of Int128."""
    whole = (col == col.round()) & (col.abs() < 1e38)
    digits = col.cast(pl.Int128, strict=False).cast(pl.String)
    return pl.when(whole).then(digits).otherwise(col.cast(pl.String))


def plain(text: str) -> str:
    r"""Return the text with whatever no UTF-8 can hold (a lone surrogate, bytes of a file name) made U+FFFD.

    >>> plain("SITI \ud800")
    'SITI \ufffd'
    """
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def null_if_blank(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Return the frame with cells of only white space (zero-width characters too) made null.

    Most columns have none, so a look at the first byte comes first: below "!" or above ASCII.
    """
    return frame.with_columns(
        _null_if_blank(frame[name], at)
        for name in columns
        if len(at := beginning_outside(frame[name], "!", "~"))
    )


_BLANK = r"^[\s\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}]*$"


def _null_if_blank(texts: pl.Series, at: npt.NDArray[np.intp]) -> pl.Series:
    """Return the texts with the blank ones among those at some positions made null."""
    blank = at[taken(texts, at).str.contains(_BLANK).to_numpy()]
    if not len(blank):
        return texts
    kept = np.ones(len(texts), bool)
    kept[blank] = False
    return texts.to_frame("text").select(pl.when(pl.Series(kept)).then("text").alias(texts.name)).to_series()
