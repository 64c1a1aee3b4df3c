"""What was found in the records: reason codes, default dates of birth, cards that are due."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import numpy as np
import polars as pl

from nikdedup.residents import status
from nikdedup.residents.profile.measure import Flags, Measure, first, true

_OPTIONAL = ("warganegara", "wajib_ktp")
CARD_COLUMNS = ("tgl_lhr", "ttl", "tgl_lhr_clean", "stat_kwn_clean", *_OPTIONAL)
"""Columns that `cards` looks at, those of them that there are."""


def reasons(flags: Flags) -> Iterable[Measure]:
    """Count every reason code with the first rows that carry it, the most frequent first."""
    for code, (count, at) in flags.counted.items():
        yield Measure("reasons", None, code, count, flags.records, at=at)


def default_dates(births: pl.Series) -> Iterable[Measure]:
    """Count the birth dates given to people who do not know theirs.

    Source: 31 December (SIMDUK), 1 July (Permendagri 19/2010), 1 January by custom, the 15th.
    """
    known = births.count()
    if not known:
        return
    days, many = np.unique(births.drop_nulls().to_physical().to_numpy(), return_counts=True)
    births = pl.Series(days).cast(pl.Date)
    day, month = births.dt.day().to_numpy(), births.dt.month().to_numpy()
    dates = {
        "july_1": (day == 1) & (month == 7),
        "december_31": (day == 31) & (month == 12),
        "january_1": (day == 1) & (month == 1),
        "day_15": day == 15,
    }
    found = {name: int(many[where].sum()) for name, where in dates.items()}
    for name, count in (*found.items(), ("any", sum(found.values()))):
        yield Measure("defaults", "tgl_lhr", name, count, known)


def cards(residents: pl.DataFrame, day: date, age: int) -> Iterable[Measure]:
    """Count the residents who must hold a KTP and the children who are to have a KIA on a day.

    residents: CARD_COLUMNS; nothing where no date of birth was given. age: from which on a KTP is held.
    """
    if "tgl_lhr" not in residents.columns and "ttl" not in residents.columns:
        return
    births, marital = residents["tgl_lhr_clean"], residents["stat_kwn_clean"]
    citizenship, stated = (residents[name] if name in residents.columns else None for name in _OPTIONAL)
    duty = status.must_hold_ktp(
        births, marital, citizenship=citizenship, stated=stated, reference_date=day, age=age
    )
    kia = status.due_kia(births, marital, citizenship=citizenship, reference_date=day, age=age)
    masks = {"wajib_ktp": true(duty)} | {name: true(kia == name) for name in status.KIA}
    masks["age_unknown"] = duty.is_null().to_numpy()
    for name, where in masks.items():
        at = first(where) if name == "age_unknown" else ()
        yield Measure("cards", "tgl_lhr", name, int(np.count_nonzero(where)), len(residents), at=at)
