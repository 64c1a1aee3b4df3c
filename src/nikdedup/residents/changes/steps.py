"""A change of cells as its rule gives it: which rows of a column get which text, and of what kind that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.columnar.distinct import Positions
from nikdedup.residents.changes.manners import tables

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Kind:
    """A kind of change: its sentences, whether the text itself proves it, and whether it only writes it anew."""

    id: str
    en: str
    certain: bool
    style: bool = False


KINDS: dict[str, Kind] = {code: Kind(**entry) for code, entry in tables()["change"].items()}
"""Code -> kind of change; `reason` holds nothing else."""


@dataclass(frozen=True, eq=False)
class Step:
    """What a rule makes of a column: the rows with a new text, in order, and the texts."""

    field: str
    reason: str
    rows: npt.NDArray[np.integer[Any]]
    after: pl.Series


def by_row(field: str, reason: str, where: Mask | pl.Series, before: pl.Series, after: pl.Series) -> Step:
    """Return the step that gives rows their new text where a mask holds.

    where: n x bool or null. before, after: n strings or null.
    """
    rows = np.flatnonzero(np.asarray(where) & after.ne(before).fill_null(after.is_not_null()).to_numpy())
    return Step(field, reason, rows, after.gather(rows))


def by_text(
    field: str,
    reason: str,
    texts: tuple[pl.Series, Positions],
    after: pl.Series,
    only: Mask | bool = True,
    where: Mask | bool = True,
) -> Step:
    """Return the step that gives each distinct text its new one.

    texts: of n rows, as `distinct` returns them. after: k strings or null. only: k x bool, the distinct texts
    meant. where: n x bool, the rows meant.
    """
    known, index = texts
    new = np.append(False, (after != known).fill_null(False).to_numpy() & only)
    rows = np.flatnonzero(new[index] & where) if new.any() else np.zeros(0, np.intp)
    return Step(field, reason, rows, after.gather(index[rows] - np.uint32(1)))
