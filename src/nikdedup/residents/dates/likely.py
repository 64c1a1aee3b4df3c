"""What an impossible date was most likely written from: evidence for comparing, never a date that is written down.

A day beyond the end of its month stands for the last one. The day of a woman's NIK is hers plus 40, and some copy it.
A month from 20 on beside a day that could be one stands where the day belongs; one of 13 to 19 may as well be 10 to 12
with a slip. Two digits are exchanged more often than both are wrong.
"""

from __future__ import annotations

from calendar import monthrange

from nikdedup.columnar.calendar import FIRST_YEAR, LAST_YEAR

WOMANS_DAY = 40
"""Added to the day inside a woman's NIK."""
LONGEST_MONTH = 31
SURELY_A_DAY = 20
"""From here on no slip in the last digit makes a number of a month."""

Parts = tuple[int, int, int]
"""Year, month and day; 0 for what is not known."""


def likely_parts(year: int, month: int, day: int) -> Parts:
    """Return year, month and day that the numbers of a date were most likely written from, 0 where nothing is likely.

    Args:
        year: as written, four digits.
        month: as written, two digits.
        day: as written, two digits.

    Example:
        >>> likely_parts(1980, 2, 30), likely_parts(1980, 6, 52), likely_parts(1980, 21, 15), likely_parts(1112, 6, 5)
        ((1980, 2, 29), (1980, 6, 12), (1980, 12, 15), (0, 6, 5))
        >>> likely_parts(1980, 27, 5)
        (1980, 5, 27)
        >>> likely_parts(1945, 0, 7), likely_parts(1945, 66, 99)
        ((1945, 0, 7), (1945, 0, 0))
    """
    year = year if FIRST_YEAR <= year <= LAST_YEAR else 0
    if SURELY_A_DAY <= month <= LONGEST_MONTH and 1 <= day <= 12:
        month, day = day, month
    month = month if month <= 12 else _exchanged(month, 12)
    if day > LONGEST_MONTH:
        meant = day - WOMANS_DAY
        day = meant if 1 <= meant <= LONGEST_MONTH else _exchanged(day, LONGEST_MONTH)
    if year and month:
        day = min(day, monthrange(year, month)[1])
    return year, month, day


def _exchanged(number: int, most: int) -> int:
    """Return a number of two digits with these exchanged, 0 where that is too large too."""
    turned = number % 10 * 10 + number // 10
    return turned if number <= 99 and 1 <= turned <= most else 0


def code_of(parts: Parts) -> int:
    """Return the parts of a date as one number, 0 where nothing is known.

    Args:
        parts: year, month and day, 0 for what is not known.

    Example:
        >>> code_of((1980, 2, 29)), code_of((0, 0, 0))
        (1013853, 0)
    """
    year, month, day = parts
    return (year << 9) | (month << 5) | day
