"""What a pair tells besides its weight: which levels agree, what is missing, which NIK is there, how rare a name is.

A weight adds up what fields say as if each said it by itself, in a people whose residents all err alike. Where fields
say the same thing twice, or where what is missing says something, pairs of one weight are not equally likely. The
calibration counts by how many bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nikdedup.columnar.arrays import LevelArray, Rows
from nikdedup.match.compare import Compared
from nikdedup.match.features import Evidence
from nikdedup.match.levels import LEVEL_NAMES
from nikdedup.match.score.weights import Scored

Weights = NDArray[np.float64]
ABSENT = ("mother", "father", "kk", "place", "address")
"""Fields of which it tells something that a side is missing, the more the seldomer that is in the extract."""
LEAST_SHARE = 2.0**-8
"""Share of pairs below which what is missing is no rarer for telling."""
MOST_KINSHIP, MOST_NAME, MOST_OWN = 16.0, 30.0, 24.0
"""Bits beyond which kinship, a name and its own part tell no more."""


@dataclass(frozen=True)
class Told:
    """What n pairs tell: the level in each field that every extract has, and further facts, numbers from 0 on."""

    levels: dict[str, LevelArray]
    facts: dict[str, Weights]

    @classmethod
    def of(cls, e: Evidence, compared: Compared, scored: Scored, left: Rows, right: Rows) -> Self:
        """Gather what each pair tells.

        Args:
            e: evidence of all records.
            compared: levels and term frequencies of the n pairs, as `compare` returns them.
            scored: their weights.
            left: numbers of the records on the left, one for each of n pairs.
            right: numbers of the records on the right, n too.
        """
        facts: dict[str, NDArray[Any]] = {}
        for name in ABSENT:
            facts |= _absent(name, e.population.absent[name], compared.level[name] == 0)
        filled = 1 - e.population.absent["nik"]
        one, other = e.nik[left] < 0, e.nik[right] < 0
        facts |= {"nik_on_one_side": (one ^ other) * filled, "no_nik": (one & other) * filled}
        one, other = e.birth_default[left], e.birth_default[right]
        facts |= {"default_date_on_one_side": one ^ other, "default_dates": one & other}
        facts["birth_from_nik"] = e.birth_from_nik[left] | e.birth_from_nik[right]
        facts["checked_on_one_side"] = e.passed_check[left] ^ e.passed_check[right]
        facts["contained"] = compared.contained
        facts["kinship"] = np.clip(-scored.kinship_log2, 0, MOST_KINSHIP)
        facts["name_rarity"] = np.clip(compared.shared_log2["name"], 0, MOST_NAME)
        facts["own_rarity"] = np.clip(compared.own_log2, 0, MOST_OWN)
        levels = {name: compared.level[name] for name in LEVEL_NAMES}
        return cls(levels, {name: values.astype(np.float64) for name, values in facts.items()})

    def take(self, which: NDArray[np.bool_]) -> Told:
        """Return what some of the pairs tell."""
        return Told(
            {name: of[which] for name, of in self.levels.items()},
            {name: of[which] for name, of in self.facts.items()},
        )


def _absent(name: str, share: float, absent: NDArray[np.bool_]) -> dict[str, Weights]:
    """Return what it tells that a side is missing: nothing where no record of the extract has a value.

    share: of the records that have none.
    """
    pairs = max(1 - (1 - share) ** 2, LEAST_SHARE)
    return {f"absent_{name}": absent * (1 - pairs), f"rarely_absent_{name}": absent * -np.log2(pairs)}
