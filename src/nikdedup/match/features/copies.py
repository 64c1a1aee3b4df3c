"""Records that are equal in all that is compared, many times over: one is compared for all of them.

An export was joined to itself again and again, or a row was dragged down a sheet. Each copy would be compared with
every other, and nothing could come out but what one comparison tells. So one of the copies goes through the matcher,
as any record does; each further one is paired with it alone, and shares its person where that pair is confirmed.
A few copies are compared as all records are: that costs little.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nikdedup.columnar.arrays import Rows
from nikdedup.columnar.calendar import NO_DATE
from nikdedup.columnar.grouping import grouped, mixed
from nikdedup.match.features.part_features import Codes, PartFeatures

MANY = 8
"""Equal records up to which each is compared with each: 28 pairs, and no extract but a faulty one has more."""

_SIGN = np.int64(2**63 - 1)
_FEW_COLUMNS = ("names", "birth", "nik", "kk")
"""What tells nearly all records apart, and is looked at first."""


@dataclass(frozen=True)
class Copies:
    """once: positions of the records that are compared, sorted.

    spare: positions of all others. compared_as: of each of them, the place among `once` of the record that is compared
    for it.
    """

    once: Rows
    spare: Rows
    compared_as: Rows

    @classmethod
    def of(
        cls,
        features: PartFeatures,
        rank: NDArray[np.integer[Any]],
        *,
        tie: NDArray[np.integer[Any]] | None = None,
        asked_for: NDArray[np.bool_] | None = None,
    ) -> Copies | None:
        """Find the records of which there are more than MANY equal ones; None where there are none.

        rank: place of each record in the order of record ids. The first of equal ones by tie,
            then by rank, is compared.
        asked_for: which records are compared whatever they are equal to; none if not given.
        """
        count = len(rank)
        rows, starts, sizes = _equal(features, asked_for)
        if not len(starts):
            return None
        group = np.repeat(np.arange(len(starts)), sizes)
        order = np.lexsort((rank[rows], group) if tie is None else (rank[rows], tie[rows], group))
        rows = rows[order]
        spare = np.delete(rows, starts)
        compared = np.ones(count, np.bool_)
        compared[spare] = False
        once = np.flatnonzero(compared).astype(np.int32)
        compared_as = np.searchsorted(once, np.repeat(rows[starts], sizes - 1)).astype(np.int32)
        return cls(once, spare, compared_as)

    def place(self) -> Rows:
        """Return for each record the place among `once` of the one that is compared for it."""
        found = np.empty(len(self.once) + len(self.spare), np.int32)
        found[self.once] = np.arange(len(self.once), dtype=np.int32)
        found[self.spare] = self.compared_as
        return found


def named_after(person: Rows, rank: NDArray[np.integer[Any]]) -> Rows:
    """Return for each record the first of its person by rank.

    Args:
        person: for each record, one that its person has.
        rank: place of each record in the order of record ids; some may be those of records that are not here.

    Example:
        >>> named_after(np.array([1, 1, 2], np.int32), np.array([0, 1, 5])).tolist()
        [0, 0, 2]
    """
    least = rank.copy()
    np.minimum.at(least, person, rank)
    order = np.argsort(rank).astype(np.int32)
    named: Rows = order[np.searchsorted(rank[order], least[person])]
    return named


def _equal(
    features: PartFeatures, asked_for: NDArray[np.bool_] | None
) -> tuple[Rows, NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows of more than MANY equal records side by side, and where each lot begins and how long it is.

    asked_for: as `Copies.of` has it.
    """
    columns: dict[str, NDArray[Any]] = {name: text.index for name, text in features.texts.items()}
    columns |= features.numbers
    often = np.bincount(columns["names"]) > MANY
    often = often[columns["names"]] & _more_than_a_name(features)
    rows = np.flatnonzero(often if asked_for is None else often & ~asked_for)
    starts = sizes = np.empty(0, np.int64)
    for names in (_FEW_COLUMNS, tuple(columns)):
        members, starts, sizes = grouped(mixed(*(_code(columns[name][rows]) for name in names)))
        many = sizes > MANY
        rows, sizes = rows[members[np.repeat(many, sizes)]], sizes[many]
        starts = np.cumsum(sizes) - sizes
    return rows.astype(np.int32), starts, sizes


def _more_than_a_name(features: PartFeatures) -> NDArray[np.bool_]:
    """Return which records have more than a name: equal names alone are those of many people."""
    numbers = features.numbers
    known = [numbers["birth"] != NO_DATE, *(numbers[name] >= 0 for name in ("nik", "kk", "mother", "father"))]
    apart: NDArray[np.bool_] = np.logical_or.reduce(known)
    return apart


def _code(values: NDArray[Any]) -> Codes:
    """Return numbers as codes of which none is negative, equal where the numbers are."""
    return values.astype(np.int64) & _SIGN
