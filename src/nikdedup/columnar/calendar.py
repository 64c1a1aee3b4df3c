"""Days as numbers, and what they are on the calendar: every date is asked once, not once a row.

A day is the number of days since 1970-01-01, as int32; NO_DATE where there is none.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nikdedup.columnar.arrays import Days, Mask
from nikdedup.columnar.distinct import after_null

NO_DATE = np.int32(-(2**31))
"""Days since 1970 that mean: no date."""

FIRST_YEAR, LAST_YEAR = 1800, 2199
"""Years outside are a slip of the key, not a date."""

Part = NDArray[np.int16]
Calendar = tuple[Part, Part, Part]


def day_number(day: date | None) -> int:
    """Return a date as days since 1970; NO_DATE for None."""
    return int(NO_DATE) if day is None else (day - date(1970, 1, 1)).days


_FIRST = day_number(date(FIRST_YEAR, 1, 1))
_LAST = day_number(date(LAST_YEAR, 12, 31))


def row_of(days: Days) -> NDArray[np.intp]:
    """Return the line of each day in the tables by day; line 0 is no date."""
    return np.where(days == NO_DATE, 0, days - (_FIRST - 1)).astype(np.intp)


@lru_cache(maxsize=1)
def by_day() -> tuple[NDArray[np.int16], NDArray[np.uint8], NDArray[np.uint8]]:
    """Return year, month and day of every day of the calendar; 0 on line 0."""
    days = np.arange(np.datetime64(_FIRST, "D"), np.datetime64(_LAST + 1, "D"))
    months, years = days.astype("M8[M]"), days.astype("M8[Y]")
    year = np.concatenate([[0], years.astype(int) + 1970]).astype(np.int16)
    month = np.concatenate([[0], (months - years.astype("M8[M]")).astype(int) + 1]).astype(np.uint8)
    day = np.concatenate([[0], (days - months.astype("M8[D]")).astype(int) + 1]).astype(np.uint8)
    return year, month, day


def parts(days: Days) -> tuple[NDArray[np.int16], NDArray[np.uint8], NDArray[np.uint8]]:
    """Return year, month and day of n days since 1970; 0 where NO_DATE."""
    row = row_of(days)
    year, month, day = by_day()
    return year[row], month[row], day[row]


def swap(days: Days, where: Mask | None) -> Mask:
    """Exchange day and month in place where asked and possible; return where that changed the date."""
    undone = np.zeros(len(days), bool)
    at = np.flatnonzero(where) if where is not None else np.zeros(0, int)
    if len(at):
        year, month, day = parts(days[at])
        turned = np.where((day >= 1) & (day <= 12), day_numbers(year, day, month), days[at])
        undone[at] = turned != days[at]
        days[at] = turned
    return undone


def calendar_of(days: Days) -> Calendar:
    """Return year, month and day of day numbers (days since 1970-01-01); -1 where the date is missing."""
    known, index = every_day(days)
    each = after_null(known).dt
    year, month, day = (
        part.cast(pl.Int16).fill_null(-1).to_numpy()[index]
        for part in (each.year(), each.month(), each.day())
    )
    return year, month, day


def day_numbers(year: NDArray[np.integer], month: NDArray[np.integer], day: NDArray[np.integer]) -> Days:
    """Return days since 1970 of n dates given as numbers; NO_DATE where there is no such day."""
    years = year.astype(np.int32)
    fits = (
        (years >= FIRST_YEAR) & (years <= LAST_YEAR) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    )
    index = (years - FIRST_YEAR) * 416 + month.astype(np.int32) * 32 + day
    return days_by_date()[np.where(fits, index, 0)]


@lru_cache(maxsize=1)
def days_by_date() -> Days:
    """Return days since 1970 of (year - FIRST_YEAR) * 416 + month * 32 + day; NO_DATE where no such day."""
    table = np.full((LAST_YEAR - FIRST_YEAR + 1) * 416, NO_DATE, np.int32)
    day = np.arange(np.datetime64(f"{FIRST_YEAR}-01-01"), np.datetime64(f"{LAST_YEAR + 1}-01-01"))
    month, year = day.astype("M8[M]"), day.astype("M8[Y]")
    d = (day - month.astype("M8[D]")).astype(int) + 1
    m = (month - year.astype("M8[M]")).astype(int) + 1
    table[(year.astype(int) + 1970 - FIRST_YEAR) * 416 + m * 32 + d] = day.astype(np.int32)
    return table


def every_day(days: Days) -> tuple[pl.Series, Days]:
    """Return all dates from the first day to the last, and for each day 1 + its position among them; 0 for NO_DATE.

    As `distinct` does for texts: what is asked of each date is asked once a day instead of once a row.
    """
    there = days != NO_DATE
    first, last = (days[there].min(), days[there].max()) if there.any() else (0, -1)
    return as_dates(np.arange(first, last + 1, dtype=np.int32)), np.where(there, days - first + 1, 0)


def as_dates(days: Days) -> pl.Series:
    """Return days since 1970 as dates, null where NO_DATE."""
    series = pl.Series(days)
    missing = days == NO_DATE
    if missing.any():
        series = series.to_frame("d").select(pl.when(pl.Series(~missing)).then("d"))["d"]
    return series.cast(pl.Date)
