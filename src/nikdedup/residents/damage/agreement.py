"""Whether the NIKs of a source belong to its rows: the date inside each against the birth date beside it.

A column that was sorted or slid by itself, or dates counted from another epoch, leave every value in good
order and every row wrong. Only the two columns together tell.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from nikdedup.columnar.calendar import NO_DATE, parts
from nikdedup.residents.dates import EPOCHS_APART

Days = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

_CENTURY = (36_524, 36_525)
"""Days of a century, which a NIK does not hold."""
FEWEST = 5
"""Rows with both dates, at the least, by which a source is judged."""
_FARTHEST = 3
_FOUND_ELSEWHERE = 0.8


def share_at_most(found: int, of: int) -> float:
    """Return the upper end of the 95 % interval of a share `found / of`; 1.0 where `of` is 0.

    Source: Wilson (1927).

    Args:
        found: how many were found.
        of: out of how many.

    Example:
        >>> round(share_at_most(0, 6), 2), round(share_at_most(500, 1000), 2)
        (0.39, 0.53)
    """
    if not of:
        return 1.0
    z, share = 1.96, found / of
    spread = z * math.sqrt(share * (1 - share) / of + (z / (2 * of)) ** 2)
    return (share + z * z / (2 * of) + spread) / (1 + z * z / of)


def both_known(days: Days, nik_days: Days) -> Mask:
    """Return where there is a date on both sides."""
    known: Mask = (days != NO_DATE) & (nik_days != NO_DATE)
    return known


def same_day(days: Days, nik_days: Days) -> Mask:
    """Return where two known dates are one, the century aside."""
    same: Mask = days == nik_days
    others = np.flatnonzero(~same)
    apart = np.abs(days[others].astype(np.int64) - nik_days[others])
    same[others] = (apart == _CENTURY[0]) | (apart == _CENTURY[1])
    return same


def shifted_by_epoch(days: Days, nik_days: Days) -> bool:
    """Return whether most dates of a source are too early by the distance of Excel's two epochs."""
    known = both_known(days, nik_days)
    days, nik_days = days[known], nik_days[known]
    if 2 * np.count_nonzero(same_day(days, nik_days)) >= len(days):
        return False
    moved = np.count_nonzero(same_day(days + EPOCHS_APART, nik_days))
    return bool(moved >= 3 and moved > 0.5 * len(days))


def niks_of_others(days: Days, nik_days: Days) -> bool:
    """Return whether the NIKs of a source are surely not those of their rows, but of its other rows.

    Fewer than half of the dates agree, with confidence, and four of five dates inside the NIKs stand in the column.
    Dates that differ for good, as in a list of corrected residents, are found in no other row.
    """
    known = both_known(days, nik_days)
    n = int(np.count_nonzero(known))
    if n < FEWEST or share_at_most(int(np.count_nonzero(same_day(days[known], nik_days[known]))), n) >= 0.5:
        return False
    there = np.isin(of_century(nik_days[known]), of_century(days[days != NO_DATE]))
    return bool(np.count_nonzero(there) >= _FOUND_ELSEWHERE * n)


def slid(days: Days, nik_days: Days) -> npt.NDArray[np.intp]:
    """Return positions of NIKs that slid up or down against the rows of their source, sorted.

    Five rows on end hold, one to three rows away, the birth date that is inside the NIK, and not their own.
    """
    foreign = np.flatnonzero(both_known(days, nik_days) & ~same_day(days, nik_days))
    found = foreign[:0]
    for distance in (*range(-_FARTHEST, 0), *range(1, _FARTHEST + 1)):
        here = foreign[(foreign + distance >= 0) & (foreign + distance < len(days))]
        there = days[here + distance]
        moved = here[(there != NO_DATE) & same_day(there, nik_days[here])]
        found = np.union1d(found, _long_runs(moved))
    return found


def of_century(days: Days) -> npt.NDArray[np.int64]:
    """Return year in the century, month and day as one number."""
    year, month, day = (part.astype(np.int64) for part in parts(days))
    return year % 100 * 10_000 + month * 100 + day


def _long_runs(rows: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Return the rows, sorted as given, of which FEWEST or more stand on end."""
    run = np.cumsum(np.diff(rows, prepend=-2) != 1) - 1
    long: npt.NDArray[np.intp] = rows[np.bincount(run, minlength=1)[run] >= FEWEST]
    return long
