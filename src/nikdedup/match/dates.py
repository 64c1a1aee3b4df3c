"""Birth dates as day numbers: the slips that people and forms make."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def date_slips(
    birth_l: NDArray[np.int32], birth_r: NDArray[np.int32], asked: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return (same year, slip) of different dates: day and month swapped, one digit, a day, one or ten years off."""
    year, slip = np.zeros(len(asked), np.bool_), np.zeros(len(asked), np.bool_)
    where = np.flatnonzero(asked)
    (y1, m1, d1), (y2, m2, d2) = (_parts(side[where]) for side in (birth_l, birth_r))
    year[where] = y1 == y2
    swapped = (y1 == y2) & (m1 == d2) & (d1 == m2)
    years_off = (d1 == d2) & (m1 == m2) & np.isin(np.abs(y1 - y2), (1, 10))
    one_digit = sum(((a // p) % 10 != (b // p) % 10).astype(np.int8)
                    for a, b, places in ((y1, y2, (1, 10, 100)), (m1, m2, (1, 10)), (d1, d2, (1, 10)))
                    for p in places) == 1  # fmt: skip
    next_day = np.abs(birth_l[where].astype(np.int64) - birth_r[where]) == 1
    slip[where] = swapped | years_off | one_digit | next_day
    return year, slip


def _parts(days: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    date = days.astype("datetime64[D]")
    month, year = date.astype("datetime64[M]"), date.astype("datetime64[Y]")
    return (
        year.astype(np.int64) + 1970,
        (month - year).astype(np.int64) + 1,
        (date - month).astype(np.int64) + 1,
    )
