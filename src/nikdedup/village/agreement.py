"""How far the villages agree with what was proposed: the office's own measure of where the thresholds should stand.

Nothing is changed by it. The interval of a share is Wilson's (1927); that of a threshold comes from 400 samples drawn
with replacement, always the same ones.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.village.agreed import standing_answers

LEAST = 200
"""Answers about pairs below which no threshold is spoken of."""
BIN_LOG2 = 3.0
"""Width of a class of weights."""
_SAMPLES, _SEED = 400, 18


class Share(NamedTuple):
    """Of n answers how many say one person, the share and its 95 percent interval."""

    group: str
    n: int
    same: int
    share: float
    low: float
    high: float


class Support(NamedTuple):
    """The threshold that answers support. log2: None where no weight reaches the target; low, high: its interval."""

    answers: int
    target: float
    log2: float | None = None
    low: float | None = None
    high: float | None = None


class Agreement(NamedTuple):
    """Answers about pairs by kind and by weight. support: None below LEAST answers."""

    kinds: list[Share]
    weights: list[Share]
    support: Support | None


def agreement_of(entries: pl.DataFrame, target: float) -> Agreement:
    """Return how often villages call two records one person.

    Args:
        entries: ENTRIES in the order in which they came.
        target: the share of one person that pairs above a threshold should have.
    """
    agreed, _ = standing_answers(entries)
    proposed = pl.col("pair").is_not_null() & pl.col("with_nik").is_null()
    pairs = agreed.filter(proposed).unique("about", keep="last", maintain_order=True)
    pairs = pairs.select(
        kind=pl.col("kind").fill_null("?"),
        weight="weight_log2",
        same=pl.col("pair") == "same",
        bin=(pl.col("weight_log2") / BIN_LOG2).floor().cast(pl.Int64),
    )
    kinds = [
        _share(str(kind), part["same"])
        for (kind,), part in pairs.sort("kind").group_by("kind", maintain_order=True)
    ]
    known = pairs.drop_nulls("weight").sort("bin")
    weights = [
        _share(f"{number * BIN_LOG2:g} .. {(number + 1) * BIN_LOG2:g}", part["same"])
        for (number,), part in known.group_by("bin", maintain_order=True)
        if isinstance(number, int)
    ]
    return Agreement(kinds, weights, _support(known, target) if len(known) >= LEAST else None)


def _share(group: str, same: pl.Series) -> Share:
    n, yes = len(same), int(same.sum())
    return Share(group, n, yes, yes / n, *wilson(yes, n))


def wilson(yes: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Return the interval of a share.

    >>> [round(end, 3) for end in wilson(95, 100)]
    [0.888, 0.978]
    """
    centre, spread = yes / n + z * z / (2 * n), z * math.sqrt(yes * (n - yes) / n**3 + z * z / (4 * n * n))
    return (centre - spread) / (1 + z * z / n), (centre + spread) / (1 + z * z / n)


def _support(pairs: pl.DataFrame, target: float) -> Support:
    weight, same = pairs["weight"].to_numpy(), pairs["same"].to_numpy()
    found = lowest_weight(weight, same, target)
    draws = np.random.default_rng(_SEED).integers(0, len(weight), (_SAMPLES, len(weight)))
    sampled = [lowest_weight(weight[draw], same[draw], target) for draw in draws]
    known = np.array([math.inf if one is None else one for one in sampled])
    low, high = (float(np.quantile(known, q, method="nearest")) for q in (0.025, 0.975))
    return Support(len(weight), target, found, *(None if math.isinf(end) else end for end in (low, high)))


def lowest_weight(
    weight: npt.NDArray[np.float64], same: npt.NDArray[np.bool_], target: float
) -> float | None:
    """Return the lowest weight from which on at least `target` of the answers say one person; None if there is none.

    >>> lowest_weight(np.array([1.0, 2.0, 3.0, 4.0]), np.array([False, True, True, True]), 0.9)
    2.0
    """
    order = np.argsort(-weight, kind="stable")
    falling = weight[order]
    share = np.cumsum(same[order]) / np.arange(1, len(order) + 1)
    last_of_equals = np.append(falling[1:] != falling[:-1], True)
    reached = np.flatnonzero(last_of_equals & (share >= target))
    return float(falling[reached[-1]]) if len(reached) else None
