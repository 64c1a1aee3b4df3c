"""How many confirmed pairs are two people, by chance or kinship, as decoys say; and the threshold that follows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nikdedup.columnar.calendar import NO_DATE
from nikdedup.config import MatchConfig
from nikdedup.match.decoys.by_date import date_decoys, shares
from nikdedup.match.decoys.by_kin import sibling_decoys
from nikdedup.match.decoys.by_twins import twin_decoys
from nikdedup.match.decoys.scores import Decoys, none
from nikdedup.match.matcher import Matcher
from nikdedup.runtime.threads import at_once

KIN_SEEN = 0.5
"""Share of the records of whom a parent or the card is known, below which nothing can be said of kin."""


@dataclass(frozen=True)
class FalseMatches:
    """Decoys of chance and of kinship. one: false matches that a single decoy of chance stands for; 0: there are none.

    measurable: whether they see all that may be taken for one person. Residents without parents and cards are not
    known to be kin, and most false matches are kin; a file of opaque ids is a list of persons, not of families.
    """

    chance: Decoys
    kin: Decoys
    one: float
    measurable: bool

    @classmethod
    def of(cls, matcher: Matcher) -> FalseMatches:
        """Make and score the decoys of an extract; none where it has no birth dates."""
        e = matcher.evidence
        if (e.birth == NO_DATE).all():
            return cls(none(), none(), 0.0, measurable=False)
        of_dates = shares(e)
        chance, *kin = at_once(
            partial(date_decoys, matcher, of_dates),
            partial(sibling_decoys, matcher),
            partial(twin_decoys, matcher),
        )
        known = float(((e.mother >= 0) | (e.father >= 0) | (e.kk >= 0)).mean())
        seen = not e.structured or known >= KIN_SEEN
        return cls(chance, Decoys.together(kin, apart=True), of_dates[0].one, seen)

    @property
    def both(self) -> Decoys:
        """All decoys."""
        return Decoys.together([self.chance, self.kin], apart=True)

    def threshold(self, able: NDArray[np.float64], config: MatchConfig) -> float:
        """Return the threshold of confirming: the configured one, or another one that meets the target precision.

        able: weights of the pairs that no veto forbids to confirm.
        """
        if config.target_precision is None or not self.measurable:
            return config.confirmed_log2
        low, high = config.decoy_limits
        limits = max(low, config.review_log2), max(high, config.review_log2)
        return self.both.threshold(able, config.confirmed_log2, config.target_precision, limits)

    def as_dict(
        self, threshold_log2: float, confirmed_pairs: int, config: MatchConfig, *, parted: int = 0
    ) -> dict[str, Any]:
        """Return the estimated false matches as `run.json` holds them: at a threshold, and by weight.

        status is `not_measurable` where there are no confirmed pairs, no birth dates, nothing to know kin by, or too
        few decoys; in the last case `high` is still an upper bound. by_weight begins where decoys may set a threshold.
        parted: as for `Decoys.rate`.
        """
        if not confirmed_pairs or not self.measurable:
            return {"status": "not_measurable"}
        both = self.both
        found = both.rate(threshold_log2, confirmed_pairs, one=self.one, parted=parted)
        parts = {
            name: round(of.above(threshold_log2)[0], 2)
            for name, of in (("chance", self.chance), ("kin", self.kin))
        }
        above = int((both.weight_log2 >= threshold_log2).sum())
        lowest = max(config.review_log2, min(config.confirmed_log2, config.decoy_limits[0]))
        curve = both.curve(min(threshold_log2, lowest), threshold_log2, one=self.one, parted=parted)
        return {
            **found,
            **parts,
            "decoys": len(both.weight_log2),
            "decoys_above": above,
            "by_weight": curve,
        }
