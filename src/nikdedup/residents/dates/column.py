"""A column of dates: the two usual layouts are read from their bytes, all else once per distinct text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.columnar.calendar import FIRST_YEAR, LAST_YEAR, NO_DATE, day_number, days_by_date
from nikdedup.columnar.distinct import distinct
from nikdedup.columnar.text import cells
from nikdedup.residents.dates.likely import code_of
from nikdedup.residents.dates.parse import FINDINGS, parse_date


@dataclass(frozen=True, eq=False)
class Dates:
    """A column of dates as read; n rows each."""

    days: npt.NDArray[np.int32]
    """Days since 1970, NO_DATE where none."""
    findings: npt.NDArray[np.uint8]
    """Bit i set where FINDINGS[i] was found."""
    years: npt.NDArray[np.int16]
    """The year where it is all that is known (`partial`), else 0."""
    year_first: npt.NDArray[np.bool_]
    """The text is yyyy-mm-dd, as a date cell of a workbook arrives."""
    known: npt.NDArray[np.int32]
    """Parts that are known or likely where there is no full date, see `code_of`; 0 where none are."""

    def found(self, name: str) -> npt.NDArray[np.bool_]:
        """Return where the finding `name` was made."""
        return (self.findings >> FINDINGS.index(name) & 1).astype(bool)


def parse_dates(
    texts: pl.Series,
    *,
    reference_date: date,
    formats: Sequence[str] = (),
    month_first: bool = False,
) -> Dates:
    """Return what `parse_date` says of each text; each distinct one is read once, the usual layouts from their bytes.

    Args:
        texts: n strings or null.
        reference_date: decides the century of a two-digit year.
        formats: as `parse_date` takes them.
        month_first: as `parse_date` takes it.
    """
    known, index = distinct(texts)
    n = len(known)
    if formats:
        days, year_first = np.full(n, NO_DATE, np.int32), np.zeros(n, bool)
    else:
        days, year_first = _usual(known, day_first=not month_first)
    findings, years, parts = np.zeros(n, np.uint8), np.zeros(n, np.int16), np.zeros(n, np.int32)
    odd = np.flatnonzero(days == NO_DATE)
    for place, text in zip(odd.tolist(), known.gather(odd), strict=True):
        read = parse_date(text, reference_date=reference_date, formats=formats, month_first=month_first)
        days[place], years[place] = day_number(read.value), read.year or 0
        parts[place] = code_of(read.known)
        findings[place] = sum(1 << FINDINGS.index(name) for name in read.findings)
    return Dates(
        np.append(np.int32(NO_DATE), days)[index],
        np.append(np.uint8(0), findings)[index],
        np.append(np.int16(0), years)[index],
        np.append(False, year_first)[index],
        np.append(np.int32(0), parts)[index],
    )


def _usual(texts: pl.Series, *, day_first: bool) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
    """Read dd-mm-yyyy (unless `day_first` is false) and yyyy-mm-dd, with or without a time, from bytes."""
    days, year_first = np.full(len(texts), NO_DATE, np.int32), np.zeros(len(texts), bool)
    lengths = texts.str.len_bytes()
    for length in (10, 19):
        fits = lengths == length
        if fits.any():
            at = fits.arg_true().to_numpy()
            days[at], year_first[at] = _from_bytes(cells(texts.filter(fits), length), day_first)
    return days, year_first


def _from_bytes(
    cells: npt.NDArray[np.uint8], day_first: bool
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
    """Read n texts of 10 or 19 bytes; NO_DATE where they are not one of the usual layouts."""
    days, year_first = np.empty(len(cells), np.int32), np.empty(len(cells), bool)
    for begin in range(0, len(cells), CHUNK_ROWS):
        part = slice(begin, begin + CHUNK_ROWS)
        days[part], year_first[part] = _chunk(cells[part], day_first)
    return days, year_first


CHUNK_ROWS = 1 << 16
"""Texts read together: their bytes stay in the cache of a core."""


def _chunk(
    cells: npt.NDArray[np.uint8], day_first: bool
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
    byte = np.ascontiguousarray(cells.T)
    digit = byte - np.uint8(48)
    separator = (byte == 45) | (byte == 46) | (byte == 47) | (byte == 124)
    usual = np.ones(len(cells), bool)
    if cells.shape[1] == 19:
        usual = ((byte[10] == 32) | (byte[10] == 84)) & (byte[13] == 58) & (byte[16] == 58)
        usual &= (digit[[11, 12, 14, 15, 17, 18]] <= 9).all(axis=0)
    days, year_first = np.full(len(cells), NO_DATE, np.int32), np.zeros(len(cells), bool)
    for dashes, year, month, day, first in _LAYOUTS if day_first else _LAYOUTS[:1]:
        fits = usual & separator[dashes[0]] & separator[dashes[1]]
        if not fits.any():
            continue
        for i in (year, year + 1, year + 2, year + 3, month, month + 1, day, day + 1):
            fits &= digit[i] <= 9
        found = _look_up(_pair(digit, year), _pair(digit, year + 2), _pair(digit, month), _pair(digit, day))
        days = found if fits.all() else np.where(fits, found, days)
        year_first |= fits
        year_first &= first | ~fits
    return days, year_first & (days != NO_DATE)


_LAYOUTS = (((4, 7), 0, 5, 8, True), ((2, 5), 6, 3, 0, False))
"""Bytes of the separators, first bytes of year, month and day, and whether the year comes first."""


def _pair(digit: npt.NDArray[np.uint8], at: int) -> npt.NDArray[np.uint8]:
    number: npt.NDArray[np.uint8] = digit[at] * np.uint8(10) + digit[at + 1]
    return number


def _look_up(
    century: npt.NDArray[np.uint8],
    year: npt.NDArray[np.uint8],
    month: npt.NDArray[np.uint8],
    day: npt.NDArray[np.uint8],
) -> npt.NDArray[np.int32]:
    """Return days since 1970; NO_DATE outside of the calendar. Parts may be anything from 0 to 255."""
    fits = (
        (century >= FIRST_YEAR // 100)
        & (century <= LAST_YEAR // 100)
        & (year <= 99)
        & (month <= 12)
        & (day <= 31)
    )
    years = century.astype(np.int32) * 100
    years += year
    index = (years - FIRST_YEAR) * 416
    index += month.astype(np.uint16) * np.uint16(32) + day
    return days_by_date()[index if fits.all() else np.where(fits, index, 0)]


def split_ttl(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return place and date of "Tempat, tanggal" cells, as text; null where that half is missing.

    The last comma divides, unless a year alone stands behind it; without one, the first number begins the date.

    Args:
        texts: n strings or null.

    Example:
        >>> place, day = split_ttl(pl.Series(["PURUK CAHU, 01-07-1980", "TUMBANG OLONG 1 Juli 1980"]))
        >>> place.to_list(), day.to_list()
        (['PURUK CAHU', 'TUMBANG OLONG'], ['01-07-1980', '1 Juli 1980'])
    """
    frame = texts.to_frame("ttl")
    comma = pl.col("ttl").str.extract_groups(r"^(.*),([^,]*)$")
    number = pl.col("ttl").str.extract_groups(r"^([^0-9]*?)[\s/,.|\u2013\u2014-]*([0-9].*)$")
    has_comma = pl.col("ttl").str.contains(",", literal=True)
    has_comma &= ~pl.col("ttl").str.contains(r"\d[^,]*,\s*\d{1,4}\s*$")
    halves = frame.select(
        pl.when(has_comma)
        .then(comma.struct.field("1"))
        .otherwise(pl.coalesce(number.struct.field("1"), "ttl"))
        .alias("place"),
        pl.when(has_comma).then(comma.struct.field("2")).otherwise(number.struct.field("2")).alias("day"),
    ).select(pl.all().str.strip_chars(" ,\t\n\u00a0"))
    halves = halves.select(pl.when(pl.all() != "").then(pl.all()).name.keep())
    return halves["place"], halves["day"]
