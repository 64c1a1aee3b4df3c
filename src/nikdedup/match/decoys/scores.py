"""Decoys and what they say: each is a pair known to be two people, scored as if its dates said otherwise."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nikdedup.columnar.arrays import Rows
from nikdedup.match.compare import Compared
from nikdedup.match.levels import DATES_DIFFER, BirthLevel
from nikdedup.match.matcher import Matcher
from nikdedup.match.score import score, vetoes

BORN_TOGETHER_LEVELS = (BirthLevel.NEIGHBOURS, BirthLevel.BORN_TOGETHER)
AS_IF = (
    BirthLevel.DEFAULT_NEAR,
    BirthLevel.DEFAULT_SAME_YEAR,
    BirthLevel.YEAR_SLIP,
    BirthLevel.DAY_SLIP,
    *BORN_TOGETHER_LEVELS,
)
"""Levels of the joint comparison that decoys are scored at: dates told apart by a slip or a default date, or equal."""
NORMAL_975 = 1.959964
"""Standard deviations that 97.5 % of a normal distribution lie below."""
FEW = 5.0
"""Decoys above the threshold below which no rate is given, only its upper bound."""
STEP_LOG2 = 0.25
HIGHEST_LOG2 = 30.0
"""Steps by which a threshold is raised, and where that ends."""


@dataclass(frozen=True)
class Decoys:
    """n decoys. weight_log2: -inf where a veto forbids confirming. stands_for: false matches each is evidence of."""

    weight_log2: NDArray[np.float64]
    stands_for: NDArray[np.float64]

    @staticmethod
    def together(parts: list[Decoys]) -> Decoys:
        """Return all decoys as one; at least one part."""
        return Decoys(
            np.concatenate([part.weight_log2 for part in parts]),
            np.concatenate([part.stands_for for part in parts]),
        )

    def above(self, threshold_log2: float) -> tuple[float, float]:
        """Return the false matches expected at a threshold, and how many equal decoys say so."""
        said = self.stands_for[self.weight_log2 >= threshold_log2]
        total = float(said.sum())
        return total, total**2 / float((said**2).sum()) if total > 0 else 0.0

    def rate(self, threshold_log2: float, confirmed_pairs: int, *, one: float) -> dict[str, Any]:
        """Return the expected false matches and their share of `confirmed_pairs` with a 95 % interval.

        one: false matches that a single decoy of chance stands for; bounds the rate where none is above. The
        interval is exact for equal independent decoys (Garwood 1936) and takes unequal ones as the number of
        equal ones that say as much; a decoy scored at several levels counts for each.
        """
        total, equal = self.above(threshold_log2)
        low, high = poisson_interval(equal)
        worth = (total / equal if equal else one) / max(confirmed_pairs, 1)
        return {
            "status": "measured" if equal >= FEW else "not_measurable",
            "false_matches": round(total, 2),
            "false_match_rate": round(total / max(confirmed_pairs, 1), 6),
            "low": round(low * worth, 6),
            "high": round(min(1.0, high * worth), 6),
        }

    def threshold(self, weights: NDArray[np.float64], lowest_log2: float, target: float) -> float:
        """Return the lowest threshold, `lowest_log2` or more, at which decoys no longer rule the target precision out.

        weights: of the pairs that no veto forbids to confirm. The lower bound of the rate counts, so that neither
        few decoys nor the noise of many raise anything.
        """
        threshold = lowest_log2
        while threshold < HIGHEST_LOG2:
            total, equal = self.above(threshold)
            surely = poisson_interval(equal)[0] * total / equal if equal >= FEW else 0.0
            if surely <= (1 - target) * int((weights >= threshold).sum()):
                break
            threshold += STEP_LOG2
        return threshold


def none() -> Decoys:
    """Return no decoys."""
    return Decoys(np.empty(0), np.empty(0))


def as_if(
    matcher: Matcher, compared: Compared, left: Rows, right: Rows, level: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the weight of each pair as if its dates stood so to each other, and which pairs that can be said of.

    compared: of the pairs as if born on one date. A pair whose NIKs say more than its dates keeps its own level.
    """
    field = "nik_birth_sex"
    found = compared.level[field]
    free = np.isin(found, DATES_DIFFER) | (found == BirthLevel.BORN_TOGETHER)
    levels = np.where(free, np.uint8(level), found).astype(np.uint8)
    bits = compared.shared_log2[field] * np.float32(level in BORN_TOGETHER_LEVELS)
    pretended = replace(
        compared,
        level=compared.level | {field: levels},
        shared_log2=compared.shared_log2 | {field: bits},
    )
    e = matcher.evidence
    scored = score(matcher.model, e, pretended, left, right, prior_log2=matcher.prior_log2)
    vetoed = np.any(list(vetoes(e, pretended, left, right).values()), axis=0)
    return np.where(vetoed | ~free, -np.inf, scored.weight_log2), free


def poisson_interval(count: float) -> tuple[float, float]:
    """Return the 95 % interval of a Poisson count, within 1 % of the exact one (Breslow and Day 1987, formula 2.12).

    >>> [round(bound, 1) for bound in poisson_interval(10)]
    [4.8, 18.4]
    """

    def bound(at: float, side: float) -> float:
        return at * (1 - 1 / (9 * at) + side * NORMAL_975 / (3 * math.sqrt(at))) ** 3

    return bound(count, -1) if count > 0 else 0.0, bound(count + 1, 1)
