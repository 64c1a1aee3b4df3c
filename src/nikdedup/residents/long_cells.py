"""Cells too long for what their column means: read as far as such a value goes, and flagged.

What is a rule for a name costs seconds, or runs too deep, on a cell of a whole page pasted by mistake.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.schema import FIELDS, IDENTITY

LONGEST = 1_000
LONGEST_NAME = 200
"""Characters that are read. Permendagri 73/2022 allows 60 in a name; older names and names of two people are longer."""
_NAMES = ("nama_lgkp", "nama_lgkp_ibu", "nama_lgkp_ayah", "nama_kep")


@dataclass(frozen=True, eq=False)
class Shortened:
    """frame: with long cells cut. originals: the columns that were cut. where: records with such a cell."""

    frame: pl.DataFrame
    originals: list[pl.Series]
    where: npt.NDArray[np.bool_]

    def restored(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return a frame of the same records with its columns as they came."""
        return frame.with_columns(column for column in self.originals if column.name in frame.columns)


def shortened(frame: pl.DataFrame) -> Shortened:
    """Return the records with long cells cut; the frame itself where there are none, as nearly always.

    frame: n records with any of `schema.FIELDS`, and further columns of evidence, as text.
    """
    columns = [
        name
        for name, kind in frame.schema.items()
        if name in FIELDS or (kind == pl.String and name not in IDENTITY and not name.startswith("_"))
    ]
    sizes = frame.select(pl.col(name).str.len_bytes().max() for name in columns).row(0) if columns else ()
    doubtful = [c for c, size in zip(columns, sizes, strict=True) if (size or 0) > longest(c)]
    where = np.zeros(len(frame), bool)
    for name in doubtful:
        where |= (frame[name].str.len_chars() > longest(name)).fill_null(False).to_numpy()
    if not where.any():
        return Shortened(frame, [], where)
    cut: list[Any] = [pl.col(name).str.head(longest(name)) for name in doubtful]
    return Shortened(frame.with_columns(cut), [frame[name] for name in doubtful], where)


def longest(field: str) -> int:
    """Return how many characters of a field are read."""
    return LONGEST_NAME if field in _NAMES else LONGEST
