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
from nikdedup.match.score import score

BORN_TOGETHER_LEVELS = (BirthLevel.NEIGHBOURS, BirthLevel.BORN_TOGETHER)
SLIPS = (
    BirthLevel.DEFAULT_NEAR,
    BirthLevel.DEFAULT_SAME_YEAR,
    BirthLevel.YEAR_SLIP,
    BirthLevel.DAY_SLIP,
)
"""Levels of the joint comparison at which dates are told apart by a slip or a default date."""
NORMAL_975 = 1.959964
"""Standard deviations that 97.5 % of a normal distribution lie below."""
FEW = 5.0
"""Decoys above the threshold below which no rate is given, only its upper bound."""
UNSEEN = 0.35
"""By what share of themselves decoys are off beside counting: no decoy stands for namesakes on default dates or for
siblings of whom one parent is known. Counted at lowered thresholds on five mixes of errors: 0.4 to 0.8 of the truth."""
STEP_LOG2 = 0.25
"""Steps by which a threshold is moved."""
CURVE_LOG2 = 0.5
"""Steps of the curve of false matches over the threshold."""
OF_PARTED = 0.4
"""Share of two people among the pairs that clustering parted, counted on synthetic residents of three kinds; they take
half of the false matches away at most."""


@dataclass(frozen=True)
class Decoys:
    """n decoys. weight_log2: -inf where a veto forbids confirming. stands_for: false matches each is evidence of.

    made_of: number of what each was made of: several decoys made of one thing say no more often what it says.
    """

    weight_log2: NDArray[np.float64]
    stands_for: NDArray[np.float64]
    made_of: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        weight_log2: NDArray[np.float64],
        stands_for: NDArray[np.float64],
        made_of: NDArray[np.int64] | None = None,
    ) -> Decoys:
        """Take decoys; each made of something of its own where it is not given."""
        own = np.arange(len(weight_log2)) if made_of is None else made_of
        return cls(weight_log2, stands_for.astype(np.float64), own)

    @staticmethod
    def together(parts: list[Decoys], *, apart: bool = False) -> Decoys:
        """Return all decoys as one; at least one part. apart: what they are made of is numbered part by part."""
        most = np.cumsum([0, *(int(part.made_of.max(initial=-1)) + 1 for part in parts)]) * apart
        return Decoys(
            np.concatenate([part.weight_log2 for part in parts]),
            np.concatenate([part.stands_for for part in parts]),
            np.concatenate([part.made_of + first for part, first in zip(parts, most[:-1], strict=True)]),
        )

    def above(self, threshold_log2: float) -> tuple[float, float]:
        """Return the false matches expected at a threshold, and how many equal independent decoys say so."""
        high = self.weight_log2 >= threshold_log2
        matches = np.bincount(self.made_of[high], self.stands_for[high])
        total = float(matches.sum())
        return total, total**2 / float((matches**2).sum()) if total > 0 else 0.0

    def expected(
        self, threshold_log2: float, *, one: float, parted: int = 0
    ) -> tuple[float, float, float, float]:
        """Return the false matches expected at a threshold, their bounds, and how many equal decoys say so.

        one: false matches that a single decoy of chance stands for; bounds their number where none is above. parted:
        pairs above the threshold that are not confirmed, since what they would have joined is more than one person.
        """
        total, equal = self.above(threshold_log2)
        found = min(OF_PARTED * parted, total / 2)
        low, high = (max(0.0, bound - found) for bound in bounds(total, equal, one))
        return total - found, low, high, equal

    def rate(
        self, threshold_log2: float, confirmed_pairs: int, *, one: float, parted: int = 0
    ) -> dict[str, Any]:
        """Return the expected false matches and their share of `confirmed_pairs`, with the bounds of that share.

        one, parted: as for `expected`.
        """
        total, low, high, equal = self.expected(threshold_log2, one=one, parted=parted)
        pairs = max(confirmed_pairs, 1)
        return {
            "status": "measured" if equal >= FEW else "not_measurable",
            "false_matches": round(total, 2),
            "false_match_rate": round(total / pairs, 6),
            "low": round(min(1.0, low / pairs), 6),
            "high": round(min(1.0, high / pairs), 6),
        }

    def curve(
        self, start_log2: float, at_log2: float, *, one: float, parted: int = 0
    ) -> dict[str, float | list[float]]:
        """Return the false matches expected at each threshold from `start_log2` on, with their bounds, by column.

        Thresholds are multiples of CURVE_LOG2; above the last one there is no decoy. at_log2: the threshold at which
        `parted` pairs were not confirmed; elsewhere the same share of the false ones is taken for parted. one: as for
        `expected`.
        """
        kept = self.expected(at_log2, one=one, parted=parted)[0] / max(self.above(at_log2)[0], 1e-9)
        parting = 1 - kept if parted else 0.0
        first = math.ceil(start_log2 / CURVE_LOG2)
        last = max(first, math.floor(float(self.weight_log2.max(initial=start_log2)) / CURVE_LOG2) + 1)
        columns: dict[str, list[float]] = {"false_matches": [], "low": [], "high": []}
        for step in range(first, last + 1):
            total, low, high, _ = self.expected(step * CURVE_LOG2, one=one)
            found = total * parting
            for name, value in zip(columns, (total, low, high), strict=True):
                columns[name].append(round(max(0.0, value - found), 2))
        return {"from_log2": first * CURVE_LOG2, "step_log2": CURVE_LOG2, **columns}

    def threshold(
        self, weights: NDArray[np.float64], start_log2: float, target: float, limits_log2: tuple[float, float]
    ) -> float:
        """Return the threshold of confirming that meets a target precision, as far as decoys are sure of it.

        weights: of the pairs that no veto forbids to confirm. From `start_log2` it rises while decoys are sure, at
        95 %, that fewer pairs are true than asked for; where they are sure that more are, it falls as long as that
        holds. Neither goes beyond the limits; few decoys, or the noise of many, move nothing.
        """
        lowest, highest = min(start_log2, limits_log2[0]), max(start_log2, limits_log2[1])

        def sure(threshold: float, side: int) -> float:
            total, equal = self.above(threshold)
            return poisson_interval(equal)[side] * total / equal if equal >= FEW else 0.0

        def allowed(threshold: float) -> float:
            return (1 - target) * int((weights >= threshold).sum())

        threshold = start_log2
        while threshold < highest and sure(threshold, 0) > allowed(threshold):
            threshold = min(threshold + STEP_LOG2, highest)
        if threshold > start_log2:
            return threshold
        while threshold > lowest:
            following = max(threshold - STEP_LOG2, lowest)
            if not 0 < sure(following, 1) <= allowed(following):
                break
            threshold = following
        return threshold


def none() -> Decoys:
    """Return no decoys."""
    return Decoys.of(np.empty(0), np.empty(0))


def as_if(
    matcher: Matcher, compared: Compared, left: Rows, right: Rows, level: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the weight of each pair as if its dates stood so to each other, and which pairs that can be said of.

    compared: of the pairs as if born on one date. A pair whose NIKs say more than its dates keeps its own level.
    """
    field = "nik_birth_sex"
    found = compared.level[field]
    free = np.isin(found, DATES_DIFFER) | (found == BirthLevel.BORN_TOGETHER)
    e = matcher.evidence
    missing = (e.nik[left] < 0) | (e.nik[right] < 0)
    if level == BirthLevel.NEIGHBOURS:
        free &= ~missing
    alone = missing & (level == BirthLevel.BORN_TOGETHER)
    levels = np.where(free, np.where(alone, BirthLevel.BORN_TOGETHER_ALONE, level), found).astype(np.uint8)
    bits = compared.shared_log2[field] * np.float32(level in BORN_TOGETHER_LEVELS)
    pretended = replace(
        compared,
        level=compared.level | {field: levels},
        shared_log2=compared.shared_log2 | {field: bits},
    )
    return np.where(free, weighed(matcher, pretended, left, right), -np.inf), free


def weighed(matcher: Matcher, compared: Compared, left: Rows, right: Rows) -> NDArray[np.float64]:
    """Return the highest threshold at which each compared pair is confirmed, -inf where a veto forbids to confirm."""
    e = matcher.evidence
    scored = score(matcher.model, e, compared, left, right, prior_log2=matcher.prior_log2)
    vetoed = np.any(list(matcher.rules(compared, scored, left, right).values()), axis=0)
    weight = np.where(vetoed, -np.inf, scored.weight_log2)
    near = np.flatnonzero(weight >= matcher.config.match.review_log2).astype(np.int32)
    chances = matcher.chances(compared.take(near), scored.take(near), left[near], right[near])
    weight[near] = matcher.decided_log2(weight[near], chances.chance)
    return weight


def bounds(total: float, equal: float, one: float) -> tuple[int, int]:
    """Return between how many false matches there are, with 95 % of certainty, where so many are expected.

    equal: how many equal independent decoys say so. one: false matches that each of them stands for where there is
    none. Both the decoys and the false matches themselves are counts of chance: an extract of which one false match is
    expected often has none; and what decoys do not stand for adds UNSEEN. Whole pairs, outwards.
    """
    if total <= 0:
        return 0, max(1, math.ceil(poisson_interval(0)[1] * one))
    both = 1 / (1 / equal + 1 / total + UNSEEN**2)
    low, high = poisson_interval(both)
    return math.floor(low * total / both), math.ceil(high * total / both)


def poisson_interval(count: float) -> tuple[float, float]:
    """Return the 95 % interval of a Poisson count, within 1 % of the exact one (Breslow and Day 1987, formula 2.12).

    >>> [round(bound, 1) for bound in poisson_interval(10)]
    [4.8, 18.4]
    """

    def bound(at: float, side: float) -> float:
        return at * (1 - 1 / (9 * at) + side * NORMAL_975 / (3 * math.sqrt(at))) ** 3

    return max(0.0, bound(count, -1)) if count > 0 else 0.0, bound(count + 1, 1)
