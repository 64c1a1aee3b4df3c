"""How near the ids of two people lie by chance, told from the signs at each place of the ids of the extract."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from nikdedup.match.features.part_features import Coded

LONGEST = 32
"""Signs of an id that are looked at."""
LEAST = 2.0**-60


@dataclass(frozen=True)
class IdChance:
    """log2 of the chance that the ids of two people are equal, and that they differ by one sign."""

    equal_log2: float
    slip_log2: float

    @classmethod
    def of(cls, ids: Coded) -> IdChance:
        """Tell it from the distinct ids, as if the sign at each place were drawn by itself.

        A serial number shares its first signs with all others, which its length alone would hide.
        """
        texts = ids.known.str.slice(0, LONGEST)
        longest = texts.str.len_chars().max() or 0
        same = np.array([_same(texts.str.slice(place, 1)) for place in range(int(str(longest)))])
        equal = float(np.prod(same))
        slip = float(np.sum(equal / same * (1 - same)))
        return cls(float(np.log2(max(equal, LEAST))), float(np.log2(max(slip, LEAST))))


def _same(signs: pl.Series) -> float:
    """Return the chance that two of the signs are the same; an id that is too short has the sign of none."""
    many = signs.value_counts()["count"].to_numpy().astype(np.int64)
    # Whole numbers add up to the same in whichever order the signs are counted.
    return int(np.square(many).sum()) / int(many.sum()) ** 2
