"""Which records of a night a pass could bring together with one that is asked about: a few hundred of a million.

Every pass of the matcher joins records that share a birth date, a NIK or its beginning, a family card, the sound of
a name or of the mother's, or an uncommon word of the name; so whoever shares none of these is looked at by no pass.
What is shared by many counts only where something else is shared too, as it does in the passes.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from nikdedup.columnar.calendar import NO_DATE, calendar_of, swap
from nikdedup.match.features import Evidence, PartFeatures
from nikdedup.nightly.kept_features import Whole

Rows = NDArray[np.int64]


def near(features: PartFeatures, whole: Whole, asked: Evidence) -> Rows:
    """Return the rows of a night that are worth comparing with the records asked about, sorted.

    Args:
        features: of all records of the night.
        whole: what is told of all of them.
        asked: evidence of the records asked about.
    """
    found = [rows for at in range(len(asked)) for rows in _near_one(features, whole, asked, at)]
    return np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)


def _near_one(features: PartFeatures, whole: Whole, e: Evidence, at: int) -> Iterator[Rows]:
    numbers = features.numbers
    birth, in_nik = int(e.birth[at]), int(e.nik_birth[at])
    for day in {birth, in_nik, *_swapped(birth)} - {NO_DATE}:
        yield np.flatnonzero(numbers["birth"] == day)
    if birth != NO_DATE:
        yield np.flatnonzero(numbers["nik_birth"] == birth)
    if e.nik[at] >= 0:
        first = int(e.nik[at]) // 10 * 10
        yield np.flatnonzero((numbers["nik"] >= first) & (numbers["nik"] < first + 10))
    if e.kk[at] >= 0:
        yield np.flatnonzero(numbers["kk"] == e.kk[at])
    skeletons = {int(e.skeleton[at]), *e.aliases.skeleton[e.aliases.row == at].tolist()} - {-1}
    shared = [np.flatnonzero(numbers["skeleton"] == code) for code in skeletons]
    if e.mother[at] >= 0:
        shared.append(np.flatnonzero(numbers["mother"] == e.mother[at]))
    words, rows = e.telling
    for word in words[rows == at]:
        begin, end = np.searchsorted(whole.word, [word, word + 1])
        shared.append(whole.row[begin:end].astype(np.int64))
    for some in shared:
        yield some[_shares_more(features, e, at, some)]


def _swapped(birth: int) -> set[int]:
    """Return the date with day and month exchanged, where there is one."""
    if birth == NO_DATE:
        return set()
    days = np.array([birth], np.int32)
    swap(days, np.ones(1, np.bool_))
    return {int(days[0])} - {birth}


def _shares_more(features: PartFeatures, e: Evidence, at: int, rows: Rows) -> NDArray[np.bool_]:
    """Say which rows share with a record one more thing that a pass asks for."""
    numbers = features.numbers
    year, month, day = calendar_of(np.ascontiguousarray(numbers["birth"][rows]))
    own_year, own_month, own_day = (part[at] for part in e.calendar)
    more = (year == own_year) | ((month == own_month) & (day == own_day)) | (year < 0) | (own_year < 0)
    for name in ("mother", "father"):
        mine = getattr(e, name)[at]
        more |= (numbers[name][rows] == mine) & (mine >= 0)
    for name, column in (("place", e.places), ("address", e.addresses)):
        mine = column.of(np.array([at]))[0]
        texts = features.texts[name]
        code = texts.known.index_of(mine) if mine is not None else None
        if code is not None:
            more |= texts.index[rows] == code + 1
    return np.asarray(more, np.bool_)
