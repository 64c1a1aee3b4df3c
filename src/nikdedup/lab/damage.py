"""Slips dealt out: several on one name, a digit of a number, a birth date that changed.

All chance comes from `rng`; everything is vectorised.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.lab.slips import SLIPS, put, typo
from nikdedup.lab.words import Flags, Ints


def damage(
    names: pl.Series, slips: Ints, weights: dict[str, float], woman: Flags, rng: np.random.Generator
) -> pl.Series:
    """Return the names after the given number of slips each (0 leaves a name as it is).

    weights: relative frequency of the slips named in SLIPS. woman: whose name it is, for
    titles and patronymics. Null stays null.
    A slip that changes nothing (swapping the words of a one-word name) becomes a typing error.
    """
    kinds = list(weights)
    shares = np.array([weights[kind] for kind in kinds])
    for step in range(int(slips.max(initial=0))):
        rows = np.flatnonzero(slips > step)
        chosen = rng.choice(len(kinds), size=len(rows), p=shares / shares.sum())
        before = names.gather(pl.Series(rows))
        whose = pl.Series(woman[rows])
        after = _by_kind(before, whose, chosen, kinds, rng)
        unchanged = np.flatnonzero((after.is_null() | (after == before)).fill_null(True).to_numpy())
        again = pl.Series(unchanged)
        after = put(after, unchanged, typo(before.gather(again), whose.gather(again), rng))
        names = put(names, rows, after)
    return names


def _by_kind(
    names: pl.Series, woman: pl.Series, chosen: Ints, kinds: list[str], rng: np.random.Generator
) -> pl.Series:
    """Apply to each name its own kind of slip; one pass per kind, the parts put back in order."""
    order = np.argsort(chosen, kind="stable")
    bounds = np.searchsorted(chosen[order], np.arange(len(kinds) + 1))
    parts = [
        SLIPS[kind](names.gather(rows := pl.Series(order[low:high])), woman.gather(rows), rng)
        for kind, (low, high) in zip(kinds, pairwise(bounds), strict=True)
        if high > low
    ]
    return pl.concat(parts).gather(pl.Series(np.argsort(order, kind="stable"))) if parts else names


def slip_digit(numbers: pl.Series, rng: np.random.Generator, *, low: int = 0) -> pl.Series:
    """Return 16-digit numbers with a digit from position `low` on changed, or swapped with its neighbour."""
    n = len(numbers)
    at = rng.integers(low, 15, n)
    new = pl.Series(rng.integers(1, 10, n))
    frame = pl.DataFrame({"s": numbers, "at": at, "new": new, "swap": rng.random(n) < 0.35})
    head, tail = pl.col("s").str.slice(0, "at"), pl.col("s").str.slice(pl.col("at") + 2)
    a, b = pl.col("s").str.slice("at", 1), pl.col("s").str.slice(pl.col("at") + 1, 1)
    digit = ((a.cast(pl.Int64) + pl.col("new")) % 10).cast(pl.String)
    swap = pl.col("swap") & (a != b)
    return frame.select(
        pl.when(swap).then(head + b + a + tail).otherwise(head + digit + b + tail)
    ).to_series()


def change_dates(
    birth: Ints, how: list[str], chosen: Ints, latest: int, rng: np.random.Generator
) -> tuple[Ints, Flags]:
    """Return birth dates (days since 1970) changed as `how[chosen]` says, and which really differ.

    swapped: day and month; year: one to three years off; digit: one digit of day or year; day: one to
    three days; default: 1 July of the same or a neighbouring year. Never after `latest`.
    """
    stamp = birth.astype("datetime64[D]")
    month_start = stamp.astype("datetime64[M]")
    year_start = stamp.astype("datetime64[Y]")
    day = (stamp - month_start.astype("datetime64[D]")).astype(np.int64) + 1
    month = (month_start - year_start.astype("datetime64[M]")).astype(np.int64) + 1
    n, sign = len(birth), rng.choice([-1, 1], len(birth))
    swapped = _date(year_start, np.where(day <= 12, day, month), np.where(day <= 12, month, day))
    year = _date(year_start + sign * rng.choice([1, 2, 3], n, p=[0.7, 0.2, 0.1]), month, day)
    tens = rng.random(n) < 0.4
    other_day = np.clip(np.where(tens, (day + 10 * sign), day + sign * rng.integers(1, 8, n)), 1, 28)
    digit = np.where(
        rng.random(n) < 0.5, _date(year_start, month, other_day), _date(year_start + 10 * sign, month, day)
    )
    near = birth + sign * rng.integers(1, 4, n)
    july = _date(year_start + sign * (rng.random(n) < 0.3), np.full(n, 7), np.full(n, 1))
    options = {"swapped": swapped, "year": year, "digit": digit, "day": near, "default": july}
    changed = birth.copy()
    for index, name in enumerate(how):
        if name in options:
            changed = np.where(chosen == index, options[name], changed)
    changed = np.where(changed > latest, birth, changed)
    return changed, changed != birth


def _date(year: npt.NDArray[np.datetime64], month: Ints, day: Ints) -> Ints:
    """Return day numbers; a day the month does not have becomes its last."""
    first = (year.astype("datetime64[M]") + (month - 1).astype("timedelta64[M]")).astype("datetime64[D]")
    last = (first.astype("datetime64[M]") + np.timedelta64(1, "M")).astype("datetime64[D]") - np.timedelta64(
        1, "D"
    )
    days: Ints = np.minimum(first + (day - 1).astype("timedelta64[D]"), last).astype(np.int64)
    return days
