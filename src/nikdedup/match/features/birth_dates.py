"""Birth dates as year, month and day: the slips that people and forms make."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nikdedup.columnar.calendar import Calendar, Part

YEARS_OFF = (1, 2, 3, 10)
"""Years by which a birth date told from memory misses with its day and month right."""
DAYS_OFF = 3
"""Days by which it misses within a month."""

DEFAULT_YEARS = 2
"""Years by which a default date may miss the true one and still stand for it."""


def date_slips(
    calendar: Calendar, left: NDArray[np.int32], right: NDArray[np.int32], asked: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return (same year, slip) of different dates: day and month swapped, one digit (not the first of a year), up to
    three days, one to three years or ten years off.

    Args:
        calendar: year, month and day of all records.
        left: numbers of the records on the left, one for each of n pairs.
        right: numbers of the records on the right, n too.
        asked: which of the pairs (left[k], right[k]) to look at; the others are neither.
    """
    year, slip = np.zeros(len(asked), np.bool_), np.zeros(len(asked), np.bool_)
    where = np.flatnonzero(asked)
    (y1, y2), (m1, m2), (d1, d2) = ((part[left[where]], part[right[where]]) for part in calendar)
    years, months, days = y1 != y2, m1 != m2, d1 != d2
    apart = years.view(np.int8) + months + days
    year[where] = ~years
    swapped = ~years & (m1 == d2) & (d1 == m2)
    years_off = years & (apart == 1) & np.isin(np.abs(y1 - y2), YEARS_OFF)
    next_day = (apart == 1) & days & (np.abs(d1 - d2) <= DAYS_OFF)
    turned = ~years & (np.abs(m1 - m2) == 1) & (np.minimum(d1, d2) == 1) & (np.maximum(d1, d2) >= 28)
    slip[where] = (
        swapped | years_off | next_day | turned | ((apart == 1) & _one_digit(y1, y2, m1, m2, d1, d2))
    )
    return year, slip


def digits_exchanged(
    calendar: Calendar, left: NDArray[np.int32], right: NDArray[np.int32], asked: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return which dates differ in one part alone, by two neighbouring digits that stand exchanged: 1978 and 1987.

    Args:
        calendar: year, month and day of all records.
        left: numbers of the records on the left, one for each of n pairs.
        right: numbers of the records on the right, n too.
        asked: which of the pairs (left[k], right[k]) to look at; the others are not.
    """
    found = np.zeros(len(asked), np.bool_)
    where = np.flatnonzero(asked)
    apart = np.zeros(len(where), np.int8)
    for part in calendar:
        apart += part[left[where]] != part[right[where]]
    where = where[apart == 1]
    years, months, days = ((part[left[where]], part[right[where]]) for part in calendar)
    found[where] = years_exchanged(*years) | _exchanged(*months, 1) | _exchanged(*days, 1)
    return found


def years_exchanged(one: Part, other: Part) -> NDArray[np.bool_]:
    """Return where two neighbouring digits of a year stand exchanged, the last three alone.

    Args:
        one: n years.
        other: n years.
    """
    either: NDArray[np.bool_] = _exchanged(one, other, 1) | _exchanged(one, other, 10)
    return either


def _exchanged(one: Part, other: Part, ten: int) -> NDArray[np.bool_]:
    """Return where the digits at `ten` and left of it stand exchanged, and all others are equal."""
    low, high = one // ten % 10, one // (10 * ten) % 10
    turned: NDArray[np.bool_] = (one != other) & (one - other == (low - high) * ten - (low - high) * 10 * ten)
    turned &= (low == other // (10 * ten) % 10) & (high == other // ten % 10)
    return turned


def _one_digit(y1: Part, y2: Part, m1: Part, m2: Part, d1: Part, d2: Part) -> NDArray[np.bool_]:
    """Return where exactly one digit of the written dates differs."""
    places = ((y1, y2, (1, 10, 100)), (m1, m2, (1, 10)), (d1, d2, (1, 10)))
    differs = sum(((a // p) % 10 != (b // p) % 10).view(np.int8) for a, b, tens in places for p in tens)
    one: NDArray[np.bool_] = differs == 1
    return one
