"""The day by which two-digit years and NIKs are read where an extract has no reference date: never today's clock."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.columnar.calendar import NO_DATE, parts
from nikdedup.config import Config
from nikdedup.residents.damage import date_texts
from nikdedup.residents.dates import Dates, parse_dates

NEWEST_TABLE = date(2025, 12, 31)
"""End of the year of the newest table of regions here: stands where no date of birth tells the century either."""
_FIRST, _LAST = 1900, 2099
_MANY = 30


def count_births(read: Dates | None) -> npt.NDArray[np.int64]:
    """Return how many dates of birth fall in each year from 1900 to 2099, those with two digits of the year aside."""
    if read is None:
        return np.zeros(_LAST - _FIRST + 1, np.int64)
    told = (read.days != NO_DATE) & ~read.found("two_digit_year")
    years = parts(read.days[told])[0].astype(np.int64)
    return np.bincount(years[(years >= _FIRST) & (years <= _LAST)] - _FIRST, minlength=_LAST - _FIRST + 1)


def day_of_births(counts: npt.NDArray[np.int64]) -> date:
    """Return the end of the latest year that `count_births` counted, slips aside; NEWEST_TABLE where it counted none.

    A year more than one after 999 in 1000 of all others is a slip of the key.

    >>> counts = count_births(None)
    >>> day_of_births(counts)
    datetime.date(2025, 12, 31)
    """
    years = np.flatnonzero(counts)
    if not len(years):
        return NEWEST_TABLE
    up_to = np.cumsum(counts)
    if up_to[-1] >= _MANY:
        years = years[years <= np.searchsorted(up_to, int(0.999 * (up_to[-1] - 1)), "right") + 1]
    return date(_FIRST + int(years[-1]), 12, 31)


def day_to_read_by(frame: pl.DataFrame, config: Config) -> date:
    """Return the end of the latest year of birth that the records tell in full.

    frame: columns of schema.FIELDS as they came.
    """
    texts = date_texts(frame).get("tgl_lhr")
    if texts is None:
        return NEWEST_TABLE
    return day_of_births(
        count_births(parse_dates(texts, reference_date=NEWEST_TABLE, formats=config.date_formats))
    )
