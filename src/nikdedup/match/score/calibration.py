"""How likely a pair is one person: counted where the truth is known, by weight and by what else the pair tells.

A weight adds up what fields say as if each said it by itself, and knows nothing of the rules that forbid to confirm. So
a weight of 0 is no even chance everywhere: among pairs that no rule holds more are true, among those that look like
twins hardly any. For each kind of pair a rising curve leads from the weight to the odds, and what the pair tells
besides (told.py) moves them by so many bits. Of pairs that are put to people more is known in the end: what stands
beside them (beside.py). All are fitted to synthetic residents of several mixes of errors by
`python -m benchmarks.calibration`, which writes them into data/model.toml. A file of ids that are no NIK is no register
such as was counted: there the weight tells, and that a pair has no rival (unrivalled.py).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from nikdedup.columnar.arrays import LevelArray, Rows
from nikdedup.match.compare import Compared
from nikdedup.match.features import Evidence
from nikdedup.match.levels import LEVEL_NAMES
from nikdedup.match.score.held import twins_without_card, vetoes
from nikdedup.match.score.told import Told
from nikdedup.match.score.weights import Scored
from nikdedup.runtime.threads import chunks, side_by_side

Weights = NDArray[np.float64]
CERTAIN = 1 - 2.0**-50
"""Chance beyond which no bits can be told apart."""
DOUBT_LOG2 = 1.0
"""By how many bits all that a pair tells may put it below a threshold that its weight reaches."""
TWINS_BEYOND = 0.95
"""Chance from which two records that may be twins, for want of a card, are confirmed all the same."""


class PairKind(IntEnum):
    """What besides its weight tells how likely a pair is true. From HELD on a rule forbids to confirm it."""

    FREE = 0
    NIK_MISSING = 1
    HELD = 2
    TWINS = 3
    CHECKED = 4


CURVES = tuple(kind.name.lower() for kind in PairKind)
"""Names of the curves by weight alone in data/model.toml, in the order of PairKind."""
TOGETHER = {
    "free": (PairKind.FREE, PairKind.NIK_MISSING),
    "held": (PairKind.HELD,),
    "twins": (PairKind.TWINS,),
}
"""Kinds of pairs of which is counted what they tell besides; too few of the others are true."""


@dataclass(frozen=True)
class Together:
    """Odds by weight and by what else a pair tells. curve: log2 odds at each bend, where it tells nothing else.

    levels: field -> bits of each level. facts: name -> bits for each 1 of the fact.
    """

    curve: Weights
    levels: dict[str, Weights]
    facts: dict[str, float]

    @classmethod
    def of(cls, values: dict[str, Any]) -> Self:
        """Take a table of `calibration.together` of data/model.toml."""
        levels = {name: _padded(values[name], len(of_field)) for name, of_field in LEVEL_NAMES.items()}
        return cls(np.array(values["curve"], np.float64), levels, dict(values["facts"]))

    def bits(self, told: Told) -> Weights:
        """Return by how many bits what each pair tells moves its odds."""
        levels = [bits[told.levels[name]] for name, bits in self.levels.items()]
        facts = [bits * told.facts[name] for name, bits in self.facts.items()]
        moved: Weights = np.sum([*levels, *facts], axis=0)
        return moved


@dataclass(frozen=True)
class Calibration:
    """weights_log2: where the curves bend. odds_log2: kinds x bends, log2 of the odds that a pair is one person.

    odds_log2 goes by the weight alone, together by all a pair tells; reviewed, of pairs that are put to people, also by
    what stands beside them. parted: chance of a pair of ids that are no NIK that is strong enough and was not joined,
    since the whole would be more than one person.
    """

    weights_log2: Weights
    odds_log2: Weights
    together: dict[str, Together]
    reviewed: dict[str, Together]
    parted: float

    @classmethod
    def of(cls, values: dict[str, Any]) -> Self:
        """Take the table `calibration` of data/model.toml."""
        odds = np.array([values[name] for name in CURVES], np.float64)
        together, reviewed = (
            {name: Together.of(values[tables][name]) for name in TOGETHER}
            for tables in ("together", "reviewed")
        )
        weights = np.array(values["weights_log2"], np.float64)
        return cls(weights, odds, together, reviewed, float(values["parted"]))

    def probability(
        self, weight_log2: Weights, kind: LevelArray, told: Told | None = None, *, reviewed: bool = False
    ) -> Weights:
        """Return the chance that each pair is one person.

        Args:
            weight_log2: weight of each of n pairs, in bits.
            kind: PairKind of each.
            told: what they tell besides; None where the weight tells alone.
            reviewed: whether they are put to people, and told says what stands beside them.
        """
        tables = self.reviewed if reviewed else self.together
        odds = np.empty(len(weight_log2))
        for of, curve in enumerate(self.odds_log2):
            some = kind == of
            odds[some] = self._at(curve, weight_log2[some])
        if told is not None:
            for name, kinds in TOGETHER.items():
                some, table = np.isin(kind, kinds), tables[name]
                odds[some] = self._at(table.curve, weight_log2[some]) + table.bits(told.take(some))
        chance: Weights = 1 / (1 + np.exp2(-odds.clip(-100, 100)))
        return chance

    def told_log2(self, chance: Weights) -> Weights:
        """Return the weight at which pairs that no rule holds have such a chance of being one person.

        chance: of each pair, counted by all it tells.
        """
        curve = self.odds_log2[PairKind.FREE]
        told = chance.clip(1 - CERTAIN, CERTAIN)
        odds = np.log2(told / (1 - told))
        weight: Weights = np.interp(odds, curve, self.weights_log2)
        weight += odds - odds.clip(curve[0], curve[-1])
        return weight

    def _at(self, curve: Weights, weight_log2: Weights) -> Weights:
        """Return the odds of some weights; beyond the ends of a curve a bit of weight is a bit of odds."""
        first, last = self.weights_log2[[0, -1]]
        odds: Weights = np.interp(weight_log2, self.weights_log2, curve)
        odds += weight_log2 - weight_log2.clip(first, last)
        return odds


def _padded(bits: list[float], levels: int) -> Weights:
    """Return the bits of all levels; those that nobody has counted yet move nothing."""
    return np.array([*bits, *(levels - len(bits)) * [0.0]], np.float64)


def decided_log2(weight_log2: Weights, chance: Weights, *, sure: float | None) -> Weights:
    """Return the highest threshold at which each pair is confirmed, rules aside.

    That is its weight, or what all it tells comes to: the higher where its chance reaches `sure`, else the lower, to
    which DOUBT_LOG2 is added.

    Args:
        weight_log2: weight of each of n pairs, in bits.
        chance: that each is one person, as stored.
        sure: chance from which all that a pair tells may decide alone; None for never.
    """
    told = shipped_calibration().told_log2(chance)
    doubted: Weights = np.minimum(weight_log2, told + DOUBT_LOG2)
    return doubted if sure is None else np.where(chance >= sure, np.maximum(weight_log2, told), doubted)


@cache
def shipped_calibration() -> Calibration:
    """Return the curves in `data/model.toml`."""
    text = files("nikdedup.data").joinpath("model.toml").read_text(encoding="utf-8")
    return Calibration.of(tomllib.loads(text)["calibration"])


class Chances(NamedTuple):
    """Of each pair its PairKind, the chance that it is one person, and whether a rule forbids to confirm it."""

    kind: LevelArray
    chance: Weights
    held: NDArray[np.bool_]


def chances_of(e: Evidence, compared: Compared, scored: Scored, left: Rows, right: Rows) -> Chances:
    """Return how likely each pair is, clustering aside, and which must not be confirmed.

    Args:
        e: evidence of all records.
        compared: levels and term frequencies of the n pairs, as `compare` returns them.
        scored: their weights.
        left: numbers of the records on the left, one for each of n pairs.
        right: numbers of the records on the right, n too.
    """
    parts = side_by_side(
        lambda some: _chances(e, compared.take(some), scored.take(some), left[some], right[some]),
        chunks(len(left)),
    )
    return Chances(*(np.concatenate(of) for of in zip(*parts, strict=True)))


def _chances(e: Evidence, compared: Compared, scored: Scored, left: Rows, right: Rows) -> Chances:
    kind = kinds_of(e, vetoes(e, compared, left, right), left, right)
    told = Told.of(e, compared, scored, left, right) if e.structured else None
    chance = shipped_calibration().probability(scored.weight_log2, kind, told)
    unsure = twins_without_card(e, compared) & (chance < TWINS_BEYOND)
    return Chances(kind, chance, (kind >= PairKind.HELD) | unsure)


def reviewed_chance(
    e: Evidence,
    compared: Compared,
    scored: Scored,
    left: Rows,
    right: Rows,
    *,
    kind: LevelArray,
    beside: dict[str, Weights],
) -> Weights:
    """Return how likely pairs are that are put to people, now that the records are persons.

    Args:
        e: evidence of all records, whose ids are NIKs.
        compared: levels and term frequencies of the n pairs, as `compare` returns them.
        scored: their weights.
        left: numbers of the records on the left, one for each of n pairs.
        right: numbers of the records on the right, n too.
        kind: PairKind of each.
        beside: by fact, what stands beside each.
    """
    told = Told.of(e, compared, scored, left, right)
    told = Told(told.levels, told.facts | beside)
    return shipped_calibration().probability(scored.weight_log2, kind, told, reviewed=True)


def rules_of(
    e: Evidence, compared: Compared, scored: Scored, left: Rows, right: Rows
) -> dict[str, NDArray[np.bool_]]:
    """Return, per rule, which pairs may never be confirmed: by what they are, and by how likely twins make them.

    Args:
        e: evidence of all records.
        compared: levels and term frequencies of the n pairs, as `compare` returns them.
        scored: their weights.
        left: numbers of the records on the left, one for each of n pairs.
        right: numbers of the records on the right, n too.
    """
    rules = vetoes(e, compared, left, right)
    asked = twins_without_card(e, compared) & ~rules["twins_possible"]
    at = np.flatnonzero(asked).astype(np.int32)
    unsure = rules["twins_possible"].copy()
    unsure[at] = chances_of(e, compared.take(at), scored.take(at), left[at], right[at]).chance < TWINS_BEYOND
    return rules | {"twins_possible": unsure}


def kinds_of(e: Evidence, rules: dict[str, NDArray[np.bool_]], left: Rows, right: Rows) -> LevelArray:
    """Return the PairKind of each pair.

    Args:
        e: evidence of all records.
        rules: of the n pairs, as `vetoes` returns them.
        left: numbers of the records on the left, one for each of n pairs.
        right: numbers of the records on the right, n too.
    """
    kinds = {
        PairKind.CHECKED: rules["both_passed_check"],
        PairKind.TWINS: rules["twins_possible"],
        PairKind.HELD: np.any(list(rules.values()), axis=0),
        PairKind.NIK_MISSING: (e.nik[left] < 0) | (e.nik[right] < 0),
    }
    return np.select(list(kinds.values()), list(kinds), PairKind.FREE).astype(np.uint8)
