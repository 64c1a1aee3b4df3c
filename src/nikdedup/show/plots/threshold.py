"""The threshold desk: what another confirmed threshold would cost and bring, for each weight it may take.

A stored pair that may be joined is joined from the threshold on, unless a rule forbids it. Which rules hold a pair is
known of pairs above the threshold of the run alone; below it every pair counts as one that may be joined.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import polars as pl

from nikdedup.match.score import decided_log2
from nikdedup.publish import DecoysFound, RunRecord
from nikdedup.show import numbers
from nikdedup.show.plots.grammar import WIDTH, Rows, Spec, layer, mark, name, nothing, quantity, tips, titled
from nikdedup.show.plots.look import Look
from nikdedup.show.plots.weights import decoys_said
from nikdedup.show.texts import say

STEP = 0.5
"""Between two thresholds, in log2."""
MOST = 160
"""Thresholds that are looked at: the picture does not grow with the extract."""
SURE = 0.95


def desk_spec(run: RunRecord, pairs: pl.DataFrame, look: Look, *, pairs_per_hour: float) -> Spec:
    """Return the threshold desk: expected false joins, pairs to review with clerk hours, and what moves.

    Args:
        run: record of the run: thresholds and decoys.
        pairs: as schema.PAIRS.
        look: colours and language.
        pairs_per_hour: how many pairs a clerk decides in an hour.
    """
    lang = look.lang
    title, asked = say("plot.threshold", lang), pairs.filter(pl.col("band").is_not_null())
    if asked.is_empty():
        return nothing(title, look)
    rows = desk(run, asked, pairs_per_hour)
    now, colour = float(run.thresholds.confirmed_log2), look.colour
    panels = [
        _panel("false", colour["against"], now, look, spread=True),
        _panel("review", colour["review"], now, look),
        _panel("hours", colour["review"], now, look),
        _panel("moved", colour["confirmed"], now, look, last=True),
    ]
    if run.decoys is not None and run.decoys.status == "measured":
        panels[0]["layer"] += [*_curve(run.decoys, rows, look), *_measured(run, look)]
    pace = say("plot.threshold_note", lang, pace=numbers.decimal(pairs_per_hour, lang, digits=0))
    spec = {"data": {"values": rows}, "vconcat": panels, "spacing": 14}
    return titled(spec, title, pace, *decoys_said(run.decoys, lang, "plot.decoy_dashes"))


def desk(run: RunRecord, asked: pl.DataFrame, pairs_per_hour: float) -> Rows:
    """Return a line per threshold: false joins with their interval, pairs to review, hours, and joins more than now.

    Args:
        run: record of the run: its thresholds.
        asked: stored pairs that may be joined, one at least.
        pairs_per_hour: how many pairs a clerk decides in an hour.
    """
    now, low = float(run.thresholds.confirmed_log2), float(run.thresholds.review_log2)
    weight, chance = (asked[name].to_numpy() for name in ("weight_log2", "probability"))
    decided = decided_log2(weight, chance, sure=run.config.match.confirmed_probability)
    confirmed = (asked["band"] == "confirmed").to_numpy()
    held = ~confirmed & (np.maximum(weight, decided) >= now)
    free = np.where(confirmed, np.maximum(decided, now), decided)[~held]
    two = (1 - chance)[~held]
    order = np.argsort(-free, kind="stable")
    free, summed = free[order], np.concatenate([[0.0], np.cumsum(two[order])])
    joined_now = int((free >= now).sum())
    rows = []
    for at in _grid(now, low, float(weight.max())):
        joined = int(np.searchsorted(-free, -at, side="right"))
        false = float(summed[joined])
        least, most = poisson_bounds(false)
        review = int((weight >= low).sum()) - joined
        rows.append(
            {"at": at, "joined": joined, "moved": joined - joined_now, "false": round(false, 3), "low": least,
             "high": most, "review": review, "hours": round(review / pairs_per_hour, 1)}
        )  # fmt: skip
    return rows


def _grid(now: float, low: float, top: float) -> list[float]:
    """Return thresholds from that of review to the strongest pair, that of the run among them."""
    high = max(top, now)
    step = max(STEP, (high - low) / MOST)
    return sorted({now, *(round(low + step * i, 2) for i in range(int((high - low) / step) + 1))})


def poisson_bounds(mean: float) -> tuple[int, int]:
    """Return between which counts a sum of rare events lies in 95 of 100 cases.

    >>> poisson_bounds(0.0), poisson_bounds(0.85), poisson_bounds(100.0)
    ((0, 0), (0, 3), (80, 120))
    """
    if mean > 50:
        reach = 1.96 * math.sqrt(mean)
        return math.floor(mean - reach), math.ceil(mean + reach)
    tail, below, count, chance = (1 - SURE) / 2, 0.0, 0, math.exp(-mean)
    least = None
    while True:
        below += chance
        if least is None and below >= tail:
            least = count
        if below >= 1 - tail:
            return least or 0, count
        count += 1
        chance *= mean / count


def _panel(
    field: str, colour: str, now: float, look: Look, *, spread: bool = False, last: bool = False
) -> Spec:
    lang = look.lang
    axis = {"tickCount": 16} if last else {"labels": False, "ticks": False, "domain": False}
    x = quantity(
        "at", title=say("plot.threshold_axis", lang) if last else None, axis=axis, scale={"nice": False}
    )
    y = quantity(field, title=None, axis={"tickCount": 4, "format": "+,d" if field == "moved" else ",~r"})
    drawn = []
    if spread:
        area = mark("area", color=colour, opacity=0.22, interpolate="step-after")
        drawn.append(layer(area, x=x, y=quantity("low", title=None), y2={"field": "high"}))
    drawn.append(layer(mark("line", color=colour, strokeWidth=2, interpolate="step-after"), x=x, y=y))
    rule = mark("rule", color=look.colour["ink"], strokeDash=[4, 3])
    drawn.append(layer(rule, [{"at": now}], x=quantity("at")))
    told = tips(
        ("at", say("plot.threshold_axis", lang), ",.1f"), ("joined", say("headline.joined_pairs", lang), ",d"),
        ("moved", say("plot.moved", lang), "+,d"), ("false", say("plot.expected_false", lang), ",.2f"),
        ("low", say("plot.at_least", lang), ",d"), ("high", say("plot.at_most", lang), ",d"),
        ("review", say("headline.review_pairs", lang), ",d"), ("hours", say("plot.hours", lang), ",.1f"),
    )  # fmt: skip
    drawn.append(layer(mark("rule", strokeWidth=6, opacity=0), x=quantity("at"), tooltip=told))
    heading = {"text": say(f"plot.desk_{field}", lang), "fontSize": 12, "fontWeight": "normal", "offset": 6}
    return {"layer": drawn, "width": WIDTH, "height": 92, "title": heading}


def by_decoys(decoys: DecoysFound | None, asked: Sequence[float]) -> Rows:
    """Return a line for each threshold that decoys speak of: the false joins they expect, and their bounds.

    Args:
        decoys: of the run; where they were too few there is no line.
        asked: thresholds (log2), rising.
    """
    if decoys is None or decoys.status != "measured" or decoys.by_weight is None:
        return []
    curve = decoys.by_weight
    told = [at for at in asked if at >= curve.from_log2]
    columns = {
        name: np.interp(told, curve.thresholds, of).round(3).tolist()
        for name, of in (("decoys", curve.false_matches), ("least", curve.low), ("most", curve.high))
    }
    lines = zip(told, *columns.values(), strict=True)
    return [{"at": at, **dict(zip(columns, numbers_at, strict=True))} for at, *numbers_at in lines]


def _curve(decoys: DecoysFound, rows: Rows, look: Look) -> list[Spec]:
    """Return the false joins that decoys expect at each threshold they speak of, with their interval."""
    drawn = by_decoys(decoys, [row["at"] for row in rows])
    if not drawn:
        return []
    x, ink = quantity("at"), look.colour["ink"]
    area = mark("area", color=ink, opacity=0.14)
    line = mark("line", color=ink, strokeWidth=1.5, strokeDash=[6, 2])
    return [
        layer(area, drawn, x=x, y=quantity("least"), y2={"field": "most"}),
        layer(line, drawn, x=x, y=quantity("decoys")),
    ]


def _measured(run: RunRecord, look: Look) -> list[Spec]:
    """Return the false joins that decoys have measured at the threshold of the run, with their interval."""
    found, joined = run.decoys, run.counts.confirmed_pairs
    if found is None or None in (found.false_matches, found.low, found.high):
        return []
    ends = {"low": (found.low or 0) * joined, "high": (found.high or 0) * joined}
    rows: Rows = [{"at": run.thresholds.confirmed_log2, "n": found.false_matches, **ends}]
    x, ink = quantity("at"), look.colour["ink"]
    dot = mark("point", filled=True, size=70, opacity=1, color=ink)
    told = tips(("n", say("plot.measured", look.lang), ",.2f"), ("low", say("plot.at_least", look.lang), ",.1f"),
                ("high", say("plot.at_most", look.lang), ",.1f"))  # fmt: skip
    text = mark("text", align="left", dx=8, color=ink, fontSize=11)
    rows[0]["label"] = say("plot.measured", look.lang)
    return [
        layer(mark("rule", color=ink, strokeWidth=2), rows, x=x, y=quantity("low"), y2={"field": "high"}),
        layer(dot, rows, x=x, y=quantity("n"), tooltip=told),
        layer(text, rows, x=x, y=quantity("high"), text=name("label")),
    ]
