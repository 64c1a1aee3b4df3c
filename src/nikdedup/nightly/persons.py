"""Which person of tonight is which person of last night.

A person keeps its number for as long as any of its records is there. Where persons merge, the oldest number stays,
which is the smallest: numbers are given in the order of time. Where a person falls apart, the part with the record
that was to stay keeps the number, else the largest part. Who was gone and comes back, by the records it had last,
gets its old number again. A number is never given twice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nikdedup.columnar.grouping import grouped
from nikdedup.nightly.events import Record

Numbers = NDArray[np.int64]
NOBODY = -1


@dataclass(frozen=True)
class Named:
    """names: the number of each cluster. first_free: the next number that nobody has had."""

    names: list[int]
    first_free: int


def named(
    before: Mapping[int, Collection[str]],
    clusters: Sequence[Sequence[Record]],
    *,
    survivors: Collection[str] = (),
    retired: Mapping[str, Collection[int]],
    first_free: int,
) -> Named:
    """Give each cluster of tonight's records the number of a person.

    before: persons with the keys of their records then. survivors: keys of then of records that were to stay.
    retired: key of tonight -> persons that are no more and had that record last.
    """
    home = {
        record.was: at for at, cluster in enumerate(clusters) for record in cluster if record.was is not None
    }
    names: dict[int, int] = {}
    for person in sorted(before):
        at = _kept_on(before[person], home, survivors, taken=names)
        if at is not None:
            names[at] = person
    back = set(names.values())
    for at, cluster in enumerate(clusters):
        if at not in names:
            name = _back(cluster, retired, there=back)
            if name is None:
                name, first_free = first_free, first_free + 1
            names[at] = name
            back.add(name)
    return Named([names[at] for at in range(len(clusters))], first_free)


def _kept_on(
    records: Collection[str], home: Mapping[str, int], survivors: Collection[str], *, taken: Collection[int]
) -> int | None:
    """Return the cluster on which a person goes: with the survivor, else most of its records, else the first key."""
    parts: dict[int, list[str]] = {}
    for key in sorted(records):
        at = home.get(key)
        if at is not None and at not in taken:
            parts.setdefault(at, []).append(key)
    if not parts:
        return None

    def rank(at: int) -> tuple[bool, int, str]:
        keys = parts[at]
        return not any(key in survivors for key in keys), -len(keys), keys[0]

    return min(parts, key=rank)


def _back(
    cluster: Sequence[Record], retired: Mapping[str, Collection[int]], *, there: Collection[int]
) -> int | None:
    """Return the person that comes back in a cluster: who had most of its records, else the oldest."""
    had: dict[int, int] = {}
    for record in cluster:
        for person in retired.get(record.key, ()):
            if person not in there:
                had[person] = had.get(person, 0) + 1
    return min(had, key=lambda person: (-had[person], person)) if had else None


@dataclass(frozen=True)
class Tonight:
    """The records of tonight, by their rows.

    cluster: number of each record's person, from 0 in the order of first rows. first: these rows. was: place of the
    same record among those of the night before, -1 where it is new.
    """

    cluster: Numbers
    first: Numbers
    was: Numbers

    @classmethod
    def of(cls, people: pl.DataFrame, was: Numbers) -> Tonight:
        """Take the people of a run, told apart by a hash of their ids."""
        label = (people["person_id"].hash(seed=0).to_numpy() >> np.uint64(1)).view(np.int64)
        rows, begin, size = grouped(label)
        leads = np.ones(len(people), np.bool_)
        leads[rows] = False
        leads[rows[begin]] = True
        cluster = np.cumsum(leads) - 1
        cluster[rows] = np.repeat(cluster[rows[begin]], size)
        return cls(cluster, np.flatnonzero(leads), was)

    @property
    def clusters(self) -> int:
        """How many persons there are."""
        return len(self.first)

    @property
    def largest(self) -> int:
        """How many records the largest has."""
        return int(np.bincount(self.cluster).max(initial=0))


def unchanged(tonight: Tonight, person: Numbers) -> Numbers:
    """Return for each cluster the person that it wholly is and that is wholly it, NOBODY where there is none.

    person: of each record of the night before.
    """
    if not len(person):
        return np.full(tonight.clusters, NOBODY)
    of_row = np.where(tonight.was >= 0, person[tonight.was], NOBODY)
    names = of_row[tonight.first]
    names[tonight.cluster[of_row != names[tonight.cluster]]] = NOBODY
    size = np.bincount(tonight.cluster, minlength=tonight.clusters)
    size_before = np.bincount(person, minlength=int(person.max()) + 1)
    whole = (names >= 0) & (size == size_before[names])
    return np.where(whole, names, NOBODY)


def person_ids(numbers: pl.Series) -> pl.Series:
    """Return numbers of persons as tables have them: P-1, P-2.

    >>> person_ids(pl.Series([7, 12])).to_list()
    ['P-7', 'P-12']
    """
    return ("P-" + numbers.cast(pl.String)).alias("person_id")


def number_of(person_id: str) -> int | None:
    """Return the number of a person as it is written in tables; None for a text that is none.

    >>> number_of("P-12"), number_of("R-12")
    (12, None)
    """
    digits = person_id.removeprefix("P-")
    return int(digits) if person_id.startswith("P-") and digits.isdecimal() and digits.isascii() else None
