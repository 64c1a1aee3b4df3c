"""Values on so many records that they say nothing of any: names that are a habit of the clerks, columns filled in.

The commonest name of the country stands on one resident in a thousand, the commonest mother of a district has three
in a thousand. A text on many times as many records, of many families and of all birthdays, is no name, whatever
list of such entries knows it. And no value, be it a NIK, a card, a date or a name, is one of more records than any
family, home or prison holds: a program filled it in, or it was dragged down the sheet. Whoever has it would be
paired with everybody else who has, so it is taken as missing, and the records stand by what else they tell.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt

from nikdedup.columnar.calendar import NO_DATE, parts
from nikdedup.residents.damage.signs import Rows, Signs
from nikdedup.residents.dates import Dates

NAMES = {"nama_lgkp": "name", "nama_lgkp_ibu": "mother", "nama_lgkp_ayah": "father"}
"""Columns of names, and how the reason codes call them."""
SHARE = {"nik": 0.01, "kk": 0.01, "birth": 0.5, "name": 0.01, "mother": 0.02, "father": 0.02}
"""Share of the values of a column from which on one of them says nothing: ten times that of the commonest name, or
nearly. A default date may stand on many, and is weighed as such; not on most."""
MANY = 1_000
"""Records beyond which such a value is crowded whatever else they tell. No card, couple or NIK has so many, and up to
here their pairs are few enough to be compared: 500 for each record."""
FEWEST = 20
"""Records, families and days of birth that a text stands on, at the least, to be no name."""
SAMPLE = 20_000
"""Records looked at to know which values to count."""

Values = npt.NDArray[np.uint64]
Column = Callable[[slice], Values]
"""The values of some rows of a column: a number for each value, 0 where there is none."""
Marks = dict[str, Rows]


def crowded(signs: Signs) -> tuple[Signs, Marks]:
    """Return the signs without crowded ids and dates, and reason code -> rows of the values that say nothing.

    `<name>_on_many` of a name that many families and birthdays share, `<value>_crowded` of any other value on more
    records than may have one.
    """
    marks = {
        f"{name}_crowded": _together(_crowds(values, len(signs.row), SHARE[name], MANY))
        for name, values in _numbers(signs).items()
    }
    signs = _without(signs, marks)
    for column in signs.named:
        name = NAMES[column]
        crowds = _crowds(partial(signs.texts, column), len(signs.row), SHARE[name], FEWEST - 1)
        spread = [_everywhere(signs, rows) for rows in crowds]
        none = [rows for rows, everywhere in zip(crowds, spread, strict=True) if everywhere]
        many = [rows for rows, known in zip(crowds, spread, strict=True) if not known and len(rows) > MANY]
        marks |= {f"{name}_on_many": _together(none), f"{name}_crowded": _together(many)}
    return signs, {code: rows for code, rows in marks.items() if len(rows)}


def _numbers(signs: Signs) -> dict[str, Column]:
    """Return the columns of ids and birth dates, each value a number and 0 where there is none."""

    def born(rows: slice) -> Values:
        days = signs.dates["tgl_lhr"].days[rows]
        return np.where(days == NO_DATE, np.int64(0), days.astype(np.int64) + _DAYS).view(np.uint64)

    numbers: dict[str, Column] = {
        "nik": lambda rows: np.maximum(signs.nik[rows], 0).view(np.uint64),
        "kk": lambda rows: np.maximum(signs.kk[rows], 0).view(np.uint64),
    }
    return numbers | ({"birth": born} if "tgl_lhr" in signs.dates else {})


_DAYS = 1_000_000
"""Added to the number of a day, so that none is 0."""


def _crowds(column: Column, records: int, share: float, most: int) -> list[Rows]:
    """Return the rows of each value on more than `most` records and at least a share of all that have one.

    The whole column is looked at only where some of its records say that there may be such a value.
    """
    sample = column(slice(None, None, max(1, records // SAMPLE)))
    sample = sample[sample > 0]
    known, count = np.unique(sample, return_counts=True)
    often = known[count >= share / 2 * len(sample)]
    if records <= most or not len(often):
        return []
    values = column(slice(None))
    least = max(most + 1, share * np.count_nonzero(values))
    found = (np.flatnonzero(values == value) for value in often)
    return [rows for rows in found if len(rows) >= least]


def _together(rows: list[Rows]) -> Rows:
    return np.concatenate([np.zeros(0, np.intp), *rows])


def _everywhere(signs: Signs, rows: Rows) -> bool:
    """Return whether the rows are of many families and birthdays, as far as the extract tells them."""
    told = [np.unique(signs.kk[rows][signs.kk[rows] > 0])]
    if (births := signs.dates.get("tgl_lhr")) is not None:
        days = births.days[rows]
        _, month, day = parts(days[days != NO_DATE])
        told.append(np.unique(month.astype(np.int32) * 100 + day))
    known = [len(values) for values in told if len(values)]
    return bool(known) and min(known) >= FEWEST


def _without(signs: Signs, marks: Marks) -> Signs:
    """Return the signs without the ids and dates that were found crowded: they prove nothing of a source either."""
    nik, kk, dates = signs.nik, signs.kk, signs.dates
    if len(rows := marks["nik_crowded"]):
        nik = nik.copy()
        nik[rows] = 0
    if len(rows := marks["kk_crowded"]):
        kk = kk.copy()
        kk[rows] = 0
    if len(rows := marks.get("birth_crowded", _together([]))):
        dates = {**dates, "tgl_lhr": undated(dates["tgl_lhr"], rows)}
    return replace(signs, nik=nik, kk=kk, dates=dates)


def undated(read: Dates, rows: Rows | npt.NDArray[np.bool_]) -> Dates:
    """Return a column of dates without those of some rows."""
    days = read.days.copy()
    days[rows] = NO_DATE
    return replace(read, days=days)
