"""The pairs by weight on the page: bars as broad as there is room, with both thresholds."""

from __future__ import annotations

import math
from dataclasses import dataclass

from nikdedup.publish import RunRecord
from nikdedup.show import numbers
from nikdedup.show.charts import whole_ticks
from nikdedup.show.texts import say

HEIGHT = 200
"""Pixels that the highest bar is high."""
LETTERS = 14
"""Pixels from one label of the heights to the next, at least."""
TICKS = 8
"""Labels of the weights, at most: so many stand side by side on a telephone."""
ZONES = ("below", "review", "confirmed")
"""Zones of weights, in their order."""


@dataclass(frozen=True)
class Bar:
    """Pairs of one interval of weights. x, width: percent of all. top, height: pixels, `top` from above."""

    zone: str
    x: str
    width: str
    top: str
    height: str


@dataclass(frozen=True)
class WeightBars:
    """What is drawn. zones: those that occur, with their names. heights: pixels from above and label of each tick.

    weights, thresholds: percent from the left, and label; of thresholds also the side on which it stands.
    """

    zones: tuple[tuple[str, str], ...]
    bars: tuple[Bar, ...]
    heights: tuple[tuple[str, str], ...]
    weights: tuple[tuple[str, str], ...]
    thresholds: tuple[tuple[str, str, str], ...]


def weight_bars(run: RunRecord, lang: str) -> WeightBars | None:
    """Return the bars of pairs by weight; None where there are no pairs.

    Heights are log(1 + n): a handful of pairs at the threshold is what the reader looks for, beside thousands at the
    top.

    Args:
        run: record of the run.
        lang: `id` or `en`.
    """
    found = run.histogram
    filled = [at for at, count in enumerate(found.counts) if count]
    if not filled:
        return None
    inner = range(filled[0], filled[-1] + 1)
    low, high = found.edges[inner[0]], found.edges[inner[-1] + 1]
    top = max(found.counts)
    bars = []
    for at in inner:
        left, right = found.edges[at], found.edges[at + 1]
        height = _height(found.counts[at], top)
        # The middle of a bar decides its colour: a threshold may fall inside an interval.
        zone = _zone((left + right) / 2, run)
        share = (right - left) / (high - low) * 100
        bars.append(
            Bar(zone, _percent(left, low, high), f"{share:.2f}", f"{HEIGHT - height:.1f}", f"{height:.1f}")
        )
    seen = {bar.zone for bar in bars}
    return WeightBars(
        tuple((zone, say(f"report.zone_{zone}", lang)) for zone in ZONES if zone in seen),
        tuple(bars),
        _heights(top, lang),
        tuple(
            (_percent(tick, low, high), numbers.decimal(tick, lang, digits=0))
            for tick in whole_ticks(math.ceil(low), math.floor(high), at_most=TICKS)
        ),
        _thresholds(run, low, high, lang),
    )


def _percent(weight: float, low: float, high: float) -> str:
    return f"{(weight - low) / (high - low) * 100:.2f}"


def _height(count: int, top: int) -> float:
    return HEIGHT * math.log1p(count) / math.log1p(top)


def _zone(weight: float, run: RunRecord) -> str:
    if weight < run.thresholds.review_log2:
        return "below"
    return "review" if weight < run.thresholds.confirmed_log2 else "confirmed"


def _heights(top: int, lang: str) -> tuple[tuple[str, str], ...]:
    """Return a tick at 0 and at each power of ten, those left out whose labels would touch the one below."""
    shown: list[tuple[float, int]] = []
    for count in (0, *(10**power for power in range(len(str(top))))):
        height = _height(count, top)
        if not shown or height - shown[-1][0] >= LETTERS:
            shown.append((height, count))
    return tuple((f"{HEIGHT - height:.1f}", numbers.integer(count, lang)) for height, count in shown)


def _thresholds(run: RunRecord, low: float, high: float, lang: str) -> tuple[tuple[str, str, str], ...]:
    """Return the thresholds within the bars, each named on its outer side, so that two names never meet."""
    sides = (("start", run.thresholds.review_log2), ("end", run.thresholds.confirmed_log2))
    return tuple(
        (_percent(weight, low, high), numbers.decimal(weight, lang, digits=1), side)
        for side, weight in sides
        if low <= weight <= high
    )
