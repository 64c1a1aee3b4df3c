"""How likely a pair is one person: counted where the truth is known, by weight and by what kind of pair it is.

A weight adds up what fields say as if each said it by itself, and knows nothing of the rules that forbid to confirm. So
a weight of 0 is no even chance everywhere: among pairs that no rule holds more are true, among those that look like
twins hardly any. For each kind of pair a rising curve leads from the weight to the odds, fitted to synthetic residents
of several mixes of errors by `python -m benchmarks.calibration`, which writes it into data/model.toml.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from importlib.resources import files
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nikdedup.columnar.arrays import LevelArray, Rows
from nikdedup.match.compare import Compared
from nikdedup.match.features import Evidence
from nikdedup.match.score.held import vetoes
from nikdedup.runtime.threads import chunks, side_by_side

Weights = NDArray[np.float64]


class PairKind(IntEnum):
    """What besides its weight tells how likely a pair is true. From HELD on a rule forbids to confirm it."""

    FREE = 0
    NIK_MISSING = 1
    HELD = 2
    TWINS = 3
    CHECKED = 4


CURVES = tuple(kind.name.lower() for kind in PairKind)
"""Names of the curves in data/model.toml, in the order of PairKind."""


@dataclass(frozen=True)
class Calibration:
    """weights_log2: where the curves bend. odds_log2: kinds x bends, log2 of the odds that a pair is one person.

    parted: chance of a pair that is strong enough and was not joined, since the whole would be more than one person.
    """

    weights_log2: NDArray[np.float64]
    odds_log2: NDArray[np.float64]
    parted: float

    @classmethod
    def of(cls, values: dict[str, Any]) -> Self:
        """Take the table `calibration` of data/model.toml."""
        odds = np.array([values[name] for name in CURVES], np.float64)
        return cls(np.array(values["weights_log2"], np.float64), odds, float(values["parted"]))

    def probability(
        self, weight_log2: Weights, kind: LevelArray, parted: NDArray[np.bool_] | None = None
    ) -> Weights:
        """Return the chance that each pair is one person.

        Args:
            weight_log2: weight of each of n pairs, in bits.
            kind: PairKind of each.
            parted: which of them clustering kept apart; none where it is None.
        """
        odds = np.empty(len(weight_log2))
        ends = self.weights_log2[[0, -1]]
        beyond = weight_log2 - np.clip(weight_log2, *ends)  # there, a bit of weight is a bit of odds
        for of, curve in enumerate(self.odds_log2):
            some = kind == of
            odds[some] = np.interp(weight_log2[some], self.weights_log2, curve) + beyond[some]
        chance = 1 / (1 + np.exp2(-odds.clip(-100, 100)))
        return chance if parted is None else np.where(parted, self.parted, chance)


@cache
def shipped_calibration() -> Calibration:
    """Return the curves in `data/model.toml`."""
    text = files("nikdedup.data").joinpath("model.toml").read_text(encoding="utf-8")
    return Calibration.of(tomllib.loads(text)["calibration"])


def kinds_of(e: Evidence, compared: Compared, left: Rows, right: Rows) -> LevelArray:
    """Return the PairKind of each pair.

    Args:
        e: evidence of all records.
        compared: levels and term frequencies of the n pairs, as `compare` returns them.
        left: numbers of the records on the left, one for each of n pairs.
        right: numbers of the records on the right, n too.
    """
    parts = side_by_side(
        lambda some: _kinds(e, compared.take(some), left[some], right[some]), chunks(len(left))
    )
    return np.concatenate(parts)


def _kinds(e: Evidence, compared: Compared, left: Rows, right: Rows) -> LevelArray:
    rules = vetoes(e, compared, left, right)
    kinds = {
        PairKind.CHECKED: rules["both_passed_check"],
        PairKind.TWINS: rules["twins_possible"],
        PairKind.HELD: np.any(list(rules.values()), axis=0),
        PairKind.NIK_MISSING: (e.nik[left] < 0) | (e.nik[right] < 0),
    }
    return np.select(list(kinds.values()), list(kinds), PairKind.FREE).astype(np.uint8)
