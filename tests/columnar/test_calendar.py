"""Days as numbers against the calendar of Python."""

from datetime import date, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nikdedup.columnar.calendar import (
    FIRST_YEAR,
    LAST_YEAR,
    NO_DATE,
    as_dates,
    calendar_of,
    day_number,
    day_numbers,
    every_day,
    parts,
    swap,
)

DATES = st.dates(date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31))
COLUMNS = st.lists(st.none() | DATES, min_size=1, max_size=9)


@given(COLUMNS)
def test_a_day_there_and_back(dates: list[date | None]) -> None:
    days = np.array([day_number(one) for one in dates], np.int32)
    assert as_dates(days).to_list() == dates
    year, month, day = parts(days)
    known = [(one.year, one.month, one.day) if one else (0, 0, 0) for one in dates]
    assert list(zip(year, month, day, strict=True)) == known
    assert list(zip(*calendar_of(days), strict=True)) == [one if any(one) else (-1, -1, -1) for one in known]
    assert (day_numbers(year, month, day) == days).all()
    there, index = every_day(days)
    assert [None if at == 0 else there[int(at) - 1] for at in index] == dates


@given(st.integers(1700, 2300), st.integers(0, 14), st.integers(0, 40))
def test_what_is_no_day_has_no_number(year: int, month: int, day: int) -> None:
    try:
        known: date | None = date(year, month, day)
    except ValueError:
        known = None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        known = None
    asked = (np.array([one], np.int32) for one in (year, month, day))
    assert day_numbers(*asked)[0] == day_number(known)


def test_day_and_month_are_exchanged_only_where_that_is_a_day() -> None:
    dates = [date(1980, 3, 7), date(1980, 3, 17), date(1980, 3, 7), None]
    days = np.array([day_number(one) for one in dates], np.int32)
    changed = swap(days, np.array([True, True, False, True]))
    assert changed.tolist() == [True, False, False, False]
    assert as_dates(days).to_list() == [date(1980, 7, 3), *dates[1:]]
    assert days[3] == NO_DATE
    assert as_dates(days)[0] - timedelta(1) == date(1980, 7, 2)
