"""Constraints of officers, must-link and cannot-link: pairs that are one person, or two, whatever their weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nikdedup.columnar.arrays import Rows

CERTAIN_LOG2 = 1000.0
"""Weight of a must-link constraint."""


@dataclass(frozen=True)
class Constraints:
    """Pairs of records (left < right) that officers have said are one person, or two."""

    must: tuple[Rows, Rows]
    cannot: tuple[Rows, Rows]
    records: int

    @classmethod
    def of(cls, officers: pl.DataFrame | None, row: NDArray[np.integer[Any]]) -> Constraints:
        """Turn rows of the extract into positions among the records that are compared."""
        none = np.empty(0, np.int32), np.empty(0, np.int32)
        if officers is None or officers.is_empty():
            return cls(none, none, len(row))
        order = np.argsort(row)
        place = [order[np.searchsorted(row[order], officers[side].to_numpy())] for side in ("row_l", "row_r")]
        sides = np.sort(np.stack(place), axis=0).astype(np.int32)
        must = (officers["kind"] == "must_link").to_numpy()
        return cls((sides[0, must], sides[1, must]), (sides[0, ~must], sides[1, ~must]), len(row))

    def joined(self, left: Rows, right: Rows) -> NDArray[np.bool_]:
        """Whether officers have said that each pair is one person."""
        return self._among(self.must, left, right)

    def apart(self, left: Rows, right: Rows) -> NDArray[np.bool_]:
        """Whether officers have said that each pair is two people."""
        return self._among(self.cannot, left, right)

    def _among(self, pairs: tuple[Rows, Rows], left: Rows, right: Rows) -> NDArray[np.bool_]:
        code = np.minimum(left, right).astype(np.int64) * self.records + np.maximum(left, right)
        return np.isin(code, pairs[0].astype(np.int64) * self.records + pairs[1])
