"""The birth date that a record means, from its column and the date inside its NIK.

The NIK is second evidence: it completes a missing date, undoes a day and month
swapped by a foreign locale, and lends nothing else. A date taken from it is
marked, so that it is not counted a second time as agreement.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from nikdedup.columnar.arrays import Days, Mask
from nikdedup.columnar.calendar import NO_DATE, by_day, day_number, day_numbers, parts, row_of, swap
from nikdedup.residents.dates.column import Dates

OLDEST_AGE = 125
"""Years; nobody in a register is older."""

EPOCHS_APART = 1462
"""Days between the epochs that Excel counts from: 1900, and 1904 in workbooks of old Macintosh versions."""

_CHILD = 12
"""Nobody younger is married, head of a family or recorded: the two-digit year is a century older."""


@dataclass(frozen=True, eq=False)
class Births:
    """Birth dates as understood; n rows each, days since 1970 or NO_DATE."""

    days: Days
    nik_days: Days
    """The date inside the NIK, its century taken from the column where that fits."""
    from_nik: Mask
    """`days` was completed or repaired with the NIK."""
    default: Mask
    """1 July, 31 December, 1 January or the 15th of a month: given to people who do not know their day."""
    found: dict[str, Mask]
    """Reason code -> where."""


def resolve_birth(
    read: Dates,
    nik_days: Days,
    *,
    adult: Mask,
    reference_date: date,
    ages: bool = True,
    swapped: Mask | None = None,
    late: Mask | None = None,
) -> Births:
    """Return the birth dates that the column and the NIK together say.

    Source: PP 40/2019 (date in the NIK); default dates Permendagri 19/2010 and SIMDUK practice.

    Args:
        read: the column.
        nik_days: date inside each usable NIK.
        adult: married, head of a family, or recorded.
        reference_date: date the extract speaks of, by which nobody is born later.
        ages: whether the reference date is one that the extract speaks of; else nobody is too old, or not born
            yet.
        swapped: rows whose source has day and month exchanged throughout; they are put right without the NIK.
        late: rows whose date counts from 1904 and was read as counted from 1900.
    """
    days = read.days.copy()
    found = {
        f"birth_{name}": read.found(name)
        for name in ("partial", "impossible", "unreadable", "two_digit_year", "month_first")
    }
    undone = swap(days, swapped)
    found["birth_epoch_1904"] = np.zeros(len(days), bool) if late is None else late & (days != NO_DATE)
    days[found["birth_epoch_1904"]] += EPOCHS_APART
    today = day_number(reference_date)
    _older_century(days, read.found("two_digit_year") & adult, today)
    found["birth_in_future"] = (days > today) & ages
    found["birth_too_old"] = (days != NO_DATE) & (days < today - OLDEST_AGE * 365.25) & ages
    days[found["birth_in_future"]] = NO_DATE
    has_nik = nik_days != NO_DATE
    days[found["birth_too_old"] & has_nik] = NO_DATE
    nik_days = _century(nik_days, days, read.years)
    completed = (days == NO_DATE) & has_nik
    partial = np.flatnonzero(completed & (read.years > 0))
    completed[partial] = parts(nik_days[partial])[0] == read.years[partial]
    turned = _is_swap(days, nik_days)
    days[completed | turned] = nik_days[completed | turned]
    found["birth_from_nik"] = completed
    found["birth_swapped_by_locale"] = turned | undone
    found["nik_birth_differs"] = (days != NO_DATE) & has_nik & (days != nik_days)
    return Births(days, nik_days, completed | turned, _defaults()[row_of(days)], found)


@lru_cache(maxsize=1)
def _defaults() -> Mask:
    _, month, day = by_day()
    default: Mask = ((day == 1) & ((month == 7) | (month == 1))) | ((day == 31) & (month == 12)) | (day == 15)
    return default


def _older_century(days: Days, where: Mask, today: int) -> None:
    """Move children who cannot be any back by a century, in place."""
    at = np.flatnonzero(where & (days > today - _CHILD * 365))
    if len(at):
        year, month, day = parts(days[at])
        earlier = day_numbers(year - 100, month, day)
        days[at] = np.where(earlier != NO_DATE, earlier, days[at])


def _century(nik_days: Days, days: Days, years: npt.NDArray[np.int16]) -> Days:
    """Put the NIK's date in the century of the column where both have the same two-digit year."""
    at = np.flatnonzero((nik_days != NO_DATE) & (nik_days != days))
    nik_year, month, day = parts(nik_days[at])
    year = np.where(days[at] != NO_DATE, parts(days[at])[0], years[at])
    other = (year > 0) & (year != nik_year) & (year % 100 == nik_year % 100)
    at = at[other]
    if not len(at):
        return nik_days
    nik_days = nik_days.copy()
    moved = day_numbers(year[other], month[other], day[other])
    nik_days[at] = np.where(moved != NO_DATE, moved, nik_days[at])
    return nik_days


def _is_swap(days: Days, nik_days: Days) -> Mask:
    """Return where day and month of the column are month and day of the NIK, in the same year."""
    swapped = np.zeros(len(days), bool)
    at = np.flatnonzero((days != NO_DATE) & (nik_days != NO_DATE) & (days != nik_days))
    year, month, day = parts(days[at])
    nik_year, nik_month, nik_day = parts(nik_days[at])
    swapped[at] = (year == nik_year) & (month == nik_day) & (day == nik_month)
    return swapped
