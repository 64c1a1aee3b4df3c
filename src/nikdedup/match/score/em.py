"""m, the chance of each level among true pairs, and their share, as the extract itself shows them.

Expectation and maximisation in turn: each pair counts as one person as far as its weight says so, each
level's share of those counts is its new m, and the weights follow. Strangers and kin stay as shipped:
true pairs are distinguished from them, and an extract shows too few twins to learn them from.

The shipped m counts as SHIPPED_PAIRS pairs that were seen before, so that a small extract moves it
little. What does not settle, or ends where a bound holds it, is refused: then the shipped m stands.

Source: Dempster, Laird and Rubin (1977); Winkler (1988) for record linkage.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nikdedup.columnar.grouping import numbered
from nikdedup.match.features import among, missing
from nikdedup.match.levels import SAME_BIRTH, BirthLevel
from nikdedup.match.score.model import Model

SHIPPED_PAIRS = 300
"""Pairs that the shipped m counts for."""
FEWEST_PAIRS = 30
"""True pairs below which there is nothing to learn from."""
ROUNDS = 60
SETTLED_LOG2 = 0.005
"""An m that no longer moves by more, in bits, is settled."""
HOPELESS_LOG2 = -25.0
"""Weight below which a pair cannot come to count."""
ALONE = {"nik_birth_sex": SAME_BIRTH}
"""Levels that a pair without two NIKs is one of, nobody knows which: its last level counts for all of them together."""
HELD = {"nik_birth_sex": (BirthLevel.NIK_TRUNCATED,)}
"""Levels that keep the shipped m. How many NIKs a file has cut decides the share of level 14, and twins get it
by the same damage: learned for one person alone, it would make one person of twins."""
MATCHES_PER_RECORD = (0.005, 30.0)
"""Bounds of the share of matches that an extract may imply, per record."""

Levels = dict[str, NDArray[np.uint8]]


@dataclass(frozen=True)
class Estimate:
    """How an estimation ended: `estimated`, or `refused` and why.

    match: field -> m of level 1 and up, only where estimated. pairs: true pairs that the weights imply.
    """

    status: str
    reason: str
    rounds: int
    pairs: float
    match: dict[str, list[float]]

    def as_dict(self) -> dict[str, Any]:
        """Return the estimate as `run.json` holds it."""
        values = {"status": self.status, "rounds": self.rounds, "pairs": round(self.pairs, 1)}
        return values | ({"match": self.match} if self.match else {"reason": self.reason})


def estimate(model: Model, level: Levels, weight_log2: NDArray[np.float64], records: int) -> Estimate:
    """Estimate m from compared pairs: their levels per field and their weights under `model`, prior included.

    Args:
        model: levels of each field and how likely they are for one person and for two.
        level: level of each of n pairs, by field.
        weight_log2: weight of each pair under `model`, in bits, prior included.
        records: number of records of the extract.
    """
    able = weight_log2 > HOPELESS_LOG2
    weight = weight_log2[able]
    pattern, levels = _patterns({name: of_pair[able] for name, of_pair in level.items()})
    shipped = {name: np.exp2(_told(model, name).astype(np.float64)) for name in level}
    shipped = {name: m / m.sum() for name, m in shipped.items()}
    m, shift, moved, rounds = shipped, 0.0, np.inf, 0
    one = np.zeros(0)
    while moved > SETTLED_LOG2 and rounds < ROUNDS:
        gained = np.sum(
            [gain(shipped[name], m[name], ALONE.get(name, ()))[levels[name]] for name in m], axis=0
        )
        one = _counted(weight, pattern, shift + gained)
        following = {
            name: _shares(levels[name], one, shipped[name], HELD.get(name, ()), ALONE.get(name, ()))
            for name in m
        }
        matches = one.sum() + model.expected["match"] * missing(records)
        implied = np.clip(matches / among(records), *MATCHES_PER_RECORD)
        following_shift = float(np.log2(implied / model.expected["match"]))
        moved = max(float(np.abs(np.log2(following[name] / m[name])).max()) for name in m)
        moved = max(moved, abs(following_shift - shift))
        m, shift, rounds = following, following_shift, rounds + 1
    reason = _refusal(float(one.sum()), records, settled=moved <= SETTLED_LOG2)
    table = {} if reason else {name: [round(float(p), 9) for p in of_field] for name, of_field in m.items()}
    return Estimate("refused" if reason else "estimated", reason, rounds, float(one.sum()), table)


def _patterns(level: Levels) -> tuple[NDArray[np.uint32], Levels]:
    """Return the pattern of levels of each pair, a number, and the levels behind each: a few thousand occur."""
    code = np.zeros(len(next(iter(level.values()))), np.uint64)
    for of_pair in level.values():
        code = code * (int(of_pair.max(initial=0)) + 1) + of_pair
    pattern, first = numbered(code)
    return pattern, {name: of_pair[first] for name, of_pair in level.items()}


def _counted(
    weight_log2: NDArray[np.float64], pattern: NDArray[np.uint32], gained: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how many pairs of each pattern are one person, as far as their weights say so. gained: by each pattern."""
    one = 1 / (1 + np.exp2(-(weight_log2 + gained[pattern]).clip(-60, 60)))
    return np.bincount(pattern, one, minlength=len(gained)).astype(np.float64)


def _told(model: Model, name: str) -> NDArray[np.float32]:
    """Return log2 m of the levels from 1 on that are told apart in a field."""
    row = model.fields[name].known["match"]
    return row[1 : len(row) - (name in ALONE)]


def gain(
    before: NDArray[np.float64], after: NDArray[np.float64], alone: tuple[int, ...] = ()
) -> NDArray[np.float64]:
    """Return what each level gains, in bits, when m goes from `before` to `after`; 0 for level 0, missing.

    alone: levels of which the one behind all others is the sum.
    """
    together = [] if not alone else [_sum(after, alone) / _sum(before, alone)]
    return np.concatenate([[0.0], np.log2(np.append(after / before, together))])


def _sum(m: NDArray[np.float64], levels: tuple[int, ...]) -> float:
    return float(m[np.array(levels) - 1].sum())


def _shares(
    level: NDArray[np.uint8],
    one: NDArray[np.float64],
    shipped: NDArray[np.float64],
    held: tuple[int, ...] = (),
    alone: tuple[int, ...] = (),
) -> NDArray[np.float64]:
    """Return the share of each level from 1 on among patterns that count `one` each, and SHIPPED_PAIRS besides.

    held: levels that keep their shipped share; the others divide what remains. alone: levels of which the one behind
    all others is one, nobody knows which: its pairs are divided among them as those that tell are.
    """
    found = np.bincount(level, weights=one, minlength=len(shipped) + 2)[1:]
    counted = found[: len(shipped)] + SHIPPED_PAIRS * shipped
    kept = np.isin(np.arange(1, len(shipped) + 1), held)
    told = np.isin(np.arange(1, len(shipped) + 1), alone) & ~kept
    counted[told] *= 1 + found[len(shipped)] / max(counted[told].sum(), 1e-12)
    free = counted / counted[~kept].sum() * (1 - shipped[kept].sum())
    shares: NDArray[np.float64] = np.where(kept, shipped, free)
    return shares


def _refusal(pairs: float, records: int, *, settled: bool) -> str:
    """Return why the estimate is refused, empty where it is not."""
    low, high = (bound * records for bound in MATCHES_PER_RECORD)
    if not settled:
        return "did not converge"
    if pairs < FEWEST_PAIRS:
        return "too few true pairs"
    if not low < pairs < high:
        return "share of matches at its bound"
    return ""
