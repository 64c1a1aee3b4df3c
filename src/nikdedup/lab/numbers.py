"""NIK and No. KK: real kecamatan, the date, and serials from 9001 that nobody living bears."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

Ints = npt.NDArray[np.int64]

FIRST_SERIAL = 9001
HOME_WIDTH = 500
FOREIGN_FIRST = 9501
FOREIGN_WIDTH = 31
_SPILL_KECAMATAN = 99


def day_field(day: Ints, month: Ints, year: Ints, woman: Ints) -> Ints:
    """Return digits 7 to 12 of a NIK as a number DDMMYY; women's day + 40.

    >>> day_field(np.array([1]), np.array([7]), np.array([1970]), np.array([1])).tolist()
    [410770]
    """
    return (day + 40 * woman) * 10_000 + month * 100 + year % 100


def numbered(
    prefix: Ints, field: Ints, *, foreign: npt.NDArray[np.bool_], slice_: int, spill: int
) -> pl.Series:
    """Return n different 16-digit numbers: prefix, date field, serial in order of appearance.

    Serials count up per prefix and date field, so people issued one after the other are
    neighbours. Home prefixes use 9001 to 9500, foreign ones a band of 31 by `slice_`; a group
    that overflows continues in kecamatan 99, 98 ... of the regency `spill` (4 digits).
    """
    prefix = prefix.copy()
    first = np.where(foreign, FOREIGN_FIRST + slice_ % 16 * FOREIGN_WIDTH, FIRST_SERIAL)
    width = np.where(foreign, FOREIGN_WIDTH, HOME_WIDTH)
    rank = _rank(prefix * 1_000_000 + field)
    spill_kecamatan = _SPILL_KECAMATAN
    while (over := rank >= width).any():
        prefix[over] = spill * 100 + spill_kecamatan
        first[over], width[over] = FIRST_SERIAL, HOME_WIDTH
        rank[over] = _rank(prefix[over] * 1_000_000 + field[over])
        spill_kecamatan -= 1
    return digits(prefix, 6) + digits(field, 6) + digits(first + rank, 4)


def digits(values: Ints, width: int) -> pl.Series:
    """Return each number as text of `width` digits, zeros in front.

    >>> digits(np.array([7, 120]), 4).to_list()
    ['0007', '0120']
    """
    return pl.Series(values).cast(pl.String).str.zfill(width)


def _rank(key: Ints) -> Ints:
    """Return each element's position among the equal ones before it, from 0."""
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(key) else np.empty(0, np.int64)
    rank = np.empty(len(key), dtype=np.int64)
    rank[order] = np.arange(len(key)) - np.repeat(starts, np.diff(np.r_[starts, len(key)]))
    return rank
