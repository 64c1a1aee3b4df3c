"""What `clean` may put right in a column of dates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.columnar.calendar import NO_DATE
from nikdedup.columnar.distinct import Positions, distinct
from nikdedup.config import Config
from nikdedup.residents.changes.manners import HOUSE, LEAST_DATES, DateManner, date_manner, only_century
from nikdedup.residents.changes.steps import Mask, Step, by_text
from nikdedup.residents.damage import Survey, blocks_of
from nikdedup.residents.dates import Dates, parse_dates, split_ttl
from nikdedup.residents.normalise import ANY_DAY

Days = npt.NDArray[np.int32]

_FLAGGED = (
    ("birth_from_nik", "birth_from_nik"),
    ("date_swapped", "birth_swapped_by_locale"),
    ("date_epoch_1904", "birth_epoch_1904"),
)
"""Reason, and the flag of a birth date that was understood otherwise than it is written."""

_TIMED = r"[1-9]:\d\d|:[1-9]\d|:0[1-9]|[12]\d:|\d{4}\s+\d{1,2}\.\d\d"
"""Dates that are not written anew: what has a time of day other than midnight."""


def dates(
    residents: pl.DataFrame, field: str, config: Config, today: date, survey: Survey, typed: Mask | None
) -> Iterator[Step]:
    """Write dates as the column does where they have one reading; propose the others as they were understood."""
    known, index = texts = distinct(residents[field])
    read = parse_dates(known, reference_date=today, formats=config.date_formats)
    plain = _one_reading(known, read.findings) & (read.findings == 0)
    cells = np.zeros(len(index), bool) if typed is None else typed
    month_first = _in_source(residents, survey, field)
    manner = _manner(known, index[~cells], read, plain & (~read.year_first | _late(known, read).any()))
    if month_first.any():
        manner = HOUSE
    written = manner.written(read.days)
    same = _same_again(written, read.days, config, today)
    odd = ~manner.holds(known)
    if month_first.any():
        turned = parse_dates(known, reference_date=today, formats=config.date_formats, month_first=True)
        sure = _one_reading(known, turned.findings)
        after = manner.written(turned.days)
        yield by_text(field, "date_month_first_column", texts, after, sure, month_first)
    clean = _understood(residents, field)
    days = np.append(NO_DATE, read.days)[index]
    numbers = np.append(False, known.str.contains(r"^\s*\d{5}(?:[.,]\d+)?\s*$").to_numpy())[index]
    by_type = numbers | np.append(False, read.year_first)[index]
    straight = ~month_first & (~by_type | (clean == days) | (field in ("tgl_kwn", "tgl_crai")))
    straight &= ~(numbers & _of_1904(residents, survey))
    straight &= ~_may_be_turned(residents, survey, field, known, index, read, cells)
    yield by_text(field, "date_format", texts, written, odd & plain & same, straight)
    yield by_text(field, "date_month_first", texts, written, read.found("month_first"), ~month_first)
    if field in ("tgl_kwn", "tgl_crai"):
        return
    short_year = read.found("two_digit_year")
    if today < ANY_DAY:
        only = short_year & ~read.found("month_first") & same
        only &= only_century(read.days, born=field == "tgl_lhr", today=today)
        yield by_text(field, "date_century_only", texts, written, only, ~month_first & (clean == days))
        short_year &= ~only
    short_years = np.append(False, short_year)[index]
    for reason, where in _understood_otherwise(residents, field, clean, days, short_years):
        rows = np.flatnonzero(where & ~month_first)
        yield Step(field, reason, rows, manner.written(clean[rows]))


def _manner(known: pl.Series, index: Positions, read: Dates, plain: Mask) -> DateManner:
    """Return how a column writes dates. index: of the cells that have a writing, as `distinct` gives it."""
    counts = np.bincount(index, minlength=len(known) + 1)[1:]
    return date_manner(known, counts, read.days, plain)


def _understood(residents: pl.DataFrame, field: str) -> Days:
    """Return the days a column was understood as; all as they stand where the extract keeps no clean ones."""
    if f"{field}_clean" not in residents.columns:
        return np.full(len(residents), NO_DATE, np.int32)
    return residents[f"{field}_clean"].to_physical().fill_null(int(NO_DATE)).cast(pl.Int32).to_numpy()


def _may_be_turned(
    residents: pl.DataFrame,
    survey: Survey,
    field: str,
    known: pl.Series,
    index: Positions,
    read: Dates,
    cells: Mask,
) -> Mask:
    """Return which dates with the year first may be date cells that a locale turned, or the column's own way.

    A turned cell has no day above 12. One that has shows that the cells of its kind in its source stand as
    they are; and only where others are written day first is there a way to follow.
    """
    first = np.append(False, read.year_first)[index]
    if not first.any():
        return first
    others = int(np.count_nonzero(~first & np.append(False, read.days != NO_DATE)[index] & ~cells))
    proof = np.append(False, _late(known, read))[index]
    turned = first.copy()
    for place, rows in blocks_of(residents):
        source = survey.sources.get(place)
        if source is not None and (field in source.swapped or (field == "tgl_lhr" and source.births_swapped)):
            continue
        for kind in (cells[rows], ~cells[rows]):
            shown = bool((proof[rows] & kind).any())
            follow = others >= LEAST_DATES or bool((cells[rows] & kind).any())
            turned[rows] &= ~(kind & (shown & follow))
    return turned


def _late(known: pl.Series, read: Dates) -> Mask:
    """Return which dates have the year first and a day above 12, which no cell turned by a locale has."""
    late: Mask = read.year_first & known.str.contains(r"^\W*\d{4}\D\d\d?\D(?:1[3-9]|[23]\d)").to_numpy()
    return late


def _of_1904(residents: pl.DataFrame, survey: Survey) -> Mask:
    """Return the rows of sources that may count their days from 1904."""
    places = {place for place, source in survey.sources.items() if source.births_shifted}
    where = np.zeros(len(residents), bool)
    for place, rows in blocks_of(residents) if places else ():
        where[rows] = place in places
    return where


def _one_reading(texts: pl.Series, findings: npt.NDArray[np.uint8]) -> Mask:
    """Return where a date was read without a doubt but the order of day and month, and holds no time."""
    timed = texts.str.contains(_TIMED).fill_null(True).to_numpy()
    sure: Mask = ~timed & (findings & 0b01111 == 0)
    return sure


def _same_again(written: pl.Series, days: npt.NDArray[np.int32], config: Config, today: date) -> Mask:
    """Return where the new text will be read as the same day, which the office's own formats may prevent."""
    again: Mask = parse_dates(written, reference_date=today, formats=config.date_formats).days == days
    return again


def _in_source(residents: pl.DataFrame, survey: Survey, field: str) -> Mask:
    """Return the rows of sources that write this column month first throughout."""
    where = np.zeros(len(residents), bool)
    turned = {place for place, source in survey.sources.items() if field in source.month_first}
    for place, rows in blocks_of(residents) if turned else ():
        where[rows] = place in turned
    return where


def _understood_otherwise(
    residents: pl.DataFrame, field: str, clean: Days, days: Days, short_year: Mask
) -> Iterator[tuple[str, Mask]]:
    """Yield reason and rows whose date was understood otherwise than it is written."""
    known = days != NO_DATE
    other = (clean != NO_DATE) & (clean != days)
    if field != "tgl_lhr":
        yield "date_century", known & short_year
        yield "date_swapped", other & known
        return
    # What stands in the joint cell of place and date is not missing here.
    if "ttl" in residents.columns:
        other &= (residents["tgl_lhr"].is_not_null() | residents["ttl"].is_null()).to_numpy()
    rows = np.flatnonzero(other)
    flags = residents["flags"].gather(rows)
    for reason, code in _FLAGGED:
        where = np.zeros(len(other), bool)
        where[rows] = flags.list.contains(code).fill_null(False).to_numpy()
        yield reason, where
    yield "date_century", (clean != NO_DATE) & short_year


def birthplace_and_date(residents: pl.DataFrame, config: Config, today: date) -> Iterator[Step]:
    """Write the date in a cell of place and date as the column does."""
    known, index = texts = distinct(residents["ttl"])
    places, days = split_ttl(known)
    days = days.fill_null("")
    read = parse_dates(days, reference_date=today, formats=config.date_formats)
    if read.found("month_first").any():
        return
    sure = _one_reading(days, read.findings) & (read.findings == 0)
    manner = _manner(days, index, read, sure & ~read.year_first)
    written = manner.written(read.days)
    sure &= ~read.year_first & ~manner.holds(days) & _same_again(written, read.days, config, today)
    yield by_text("ttl", "date_format", texts, places + ", " + written, sure)
