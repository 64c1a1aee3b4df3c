"""How many confirmed pairs are two people, by chance or kinship, as decoys say; and the threshold that follows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nikdedup.columnar.calendar import NO_DATE
from nikdedup.config import MatchConfig
from nikdedup.match.decoys.by_date import date_decoys, for_one, share_of_dates
from nikdedup.match.decoys.by_kin import kin_decoys
from nikdedup.match.decoys.scores import Decoys, none
from nikdedup.match.matcher import Matcher
from nikdedup.runtime.threads import at_once


@dataclass(frozen=True)
class FalseMatches:
    """Decoys of chance and of kinship. one: false matches that a single decoy of chance stands for."""

    chance: Decoys
    kin: Decoys
    one: float

    @classmethod
    def of(cls, matcher: Matcher) -> FalseMatches:
        """Make and score the decoys of an extract; none where it has no birth dates."""
        if (matcher.evidence.birth == NO_DATE).all():
            return cls(none(), none(), 0.0)
        share = share_of_dates(matcher.evidence.birth)
        chance, kin = at_once(partial(date_decoys, matcher, share), partial(kin_decoys, matcher))
        return cls(chance, kin, for_one(share))

    def threshold(self, able: NDArray[np.float64], config: MatchConfig) -> float:
        """Return the threshold of confirming: the configured one, or a higher one that meets the target precision.

        able: weights of the pairs that no veto forbids to confirm.
        """
        if config.target_precision is None:
            return config.confirmed_log2
        both = Decoys.together([self.chance, self.kin])
        return both.threshold(able, config.confirmed_log2, config.target_precision)

    def as_dict(self, threshold_log2: float, confirmed_pairs: int) -> dict[str, Any]:
        """Return the estimated false matches at a threshold as `run.json` holds them.

        status is `not_measurable` where there are no confirmed pairs, no birth dates or too few decoys; `high` is
        still an upper bound where it can be given.
        """
        if not confirmed_pairs or not self.one:
            return {"status": "not_measurable"}
        both = Decoys.together([self.chance, self.kin])
        found = both.rate(threshold_log2, confirmed_pairs, one=self.one)
        parts = {
            name: round(of.above(threshold_log2)[0], 2)
            for name, of in (("chance", self.chance), ("kin", self.kin))
        }
        above = int((both.weight_log2 >= threshold_log2).sum())
        return {**found, **parts, "decoys": len(both.weight_log2), "decoys_above": above}
