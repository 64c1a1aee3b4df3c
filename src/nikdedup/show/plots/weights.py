"""Pairs by weight of evidence, with both thresholds, and how many of them are expected to be two people."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl

from nikdedup.publish import DecoysFound, RunRecord
from nikdedup.show import numbers
from nikdedup.show.plots.grammar import (
    WIDTH,
    Rows,
    Spec,
    colours,
    layer,
    mark,
    name,
    nothing,
    quantity,
    tips,
    titled,
)
from nikdedup.show.plots.look import Look
from nikdedup.show.texts import say

ZONES = ("below", "review", "confirmed")


def weights_spec(run: RunRecord, pairs: pl.DataFrame, look: Look) -> Spec:
    """Return the histogram of stored pairs by weight (log2), coloured by band, with the expected false ones.

    Args:
        run: record of the run: histogram, thresholds, decoys.
        pairs: as schema.PAIRS; their weights say how many of each bar are expected to be two people.
        look: colours and language.
    """
    lang = look.lang
    title, found = say("plot.weights", lang), run.histogram
    filled = [at for at, count in enumerate(found.counts) if count]
    if not filled:
        return nothing(title, look)
    rows = _bars(run, range(filled[0], filled[-1] + 1), lang)
    _add_expected(rows, found.edges, pairs, run.thresholds.review_log2)
    _add_measured(rows, run.decoys)
    top = max(row["n"] for row in rows)
    ticks = [0, *(10**power for power in range(int(math.log10(top)) + 1))]
    x = quantity(
        "from", bin="binned", title=say("report.weight", lang), scale={"nice": False}, axis={"tickCount": 16}
    )
    scale = {"type": "symlog", "constant": 1, "domain": [0, top * 1.15], "nice": False}
    y = quantity(
        "n", title=say("report.number_of_pairs", lang), scale=scale, axis={"values": ticks, "format": ",d"}
    )
    names = [say(f"report.zone_{zone}", lang) for zone in ZONES]
    fills = [look.colour[role] for role in ("quiet", "review", "confirmed")]
    zone = name("zone", **colours(names, fills, legend={"offset": 22}))
    told = tips(
        ("from", say("report.from_weight", lang), ",.1f"), ("to", say("report.to_weight", lang), ",.1f"),
        ("n", say("report.number_of_pairs", lang), ",d"), ("false", say("plot.expected_false", lang), ",.2f"),
        ("decoys", say("plot.measured", lang), ",.2f"),
    )  # fmt: skip
    bars = layer(mark("bar", binSpacing=1), x=x, x2={"field": "to"}, y=y, color=zone, tooltip=told)
    dotted = {"color": look.colour["ink"], "strokeWidth": 2, "strokeDash": [1, 3]}
    line = mark("line", invalid="break-paths-filter-domains", **dotted)
    curve = layer(line, x=quantity("middle"), y=quantity("false"))
    measured = mark("line", invalid="break-paths-filter-domains", color=look.colour["against"], strokeWidth=2)
    layers = [bars, layer(measured, x=quantity("middle"), y=quantity("decoys")), curve, *limits(run, look)]
    spec = {"data": {"values": rows}, "layer": layers, "width": WIDTH, "height": 260}
    return titled(
        spec, title, say("plot.weights_note", lang), *decoys_said(run.decoys, lang, "plot.decoy_line")
    )


def _bars(run: RunRecord, inner: range, lang: str) -> Rows:
    edges, at = run.histogram.edges, run.thresholds
    rows: list[dict[str, Any]] = []
    for i in inner:
        middle = (edges[i] + edges[i + 1]) / 2  # decides the colour: a threshold may fall inside a bar
        zone = ZONES[(middle >= at.review_log2) + (middle >= at.confirmed_log2)]
        said = {"zone": say(f"report.zone_{zone}", lang)}
        rows.append(
            {"from": edges[i], "to": edges[i + 1], "middle": middle, "n": run.histogram.counts[i], **said}
        )
    return rows


def _add_expected(rows: Rows, edges: list[float], pairs: pl.DataFrame, review: float) -> None:
    """Add to each bar the sum of the chances that its pairs are two people; null below the threshold of review."""
    asked = pairs.filter(pl.col("band").is_not_null())
    two = 1 - asked["probability"].to_numpy()
    sums, _ = np.histogram(asked["weight_log2"].to_numpy(), bins=edges, weights=two)
    at = {edge: float(total) for edge, total in zip(edges, sums, strict=False)}
    for row in rows:
        row["false"] = round(at[row["from"]], 4) if row["to"] > review else None


def _add_measured(rows: Rows, decoys: DecoysFound | None) -> None:
    """Add to each bar the false matches that decoys expect in it; null where they say nothing."""
    curve = decoys.by_weight if decoys and decoys.status == "measured" else None
    for row in rows:
        row["decoys"] = None
        if curve is not None and row["from"] >= curve.from_log2:
            above = np.interp([row["from"], row["to"]], curve.thresholds, curve.false_matches)
            row["decoys"] = round(float(above[0] - above[1]), 4)


def limits(run: RunRecord, look: Look) -> list[Spec]:
    """Return a dashed line at each threshold, with its weight on the outer side so that two names never meet."""
    drawn = []
    for key, side in (("review_log2", "right"), ("confirmed_log2", "left")):
        at = float(getattr(run.thresholds, key))
        rows = [{"at": at, "label": numbers.decimal(at, look.lang, digits=1)}]
        away = {"align": side, "dx": -3 if side == "right" else 3}
        rule = mark("rule", color=look.colour["ink"], strokeDash=[4, 3])
        drawn.append(layer(rule, rows, x=quantity("at")))
        text = mark("text", **away, y=-6, color=look.colour["ink"], fontSize=11)
        drawn.append(layer(text, rows, x=quantity("at"), text=name("label")))
    return drawn


def decoys_said(found: DecoysFound | None, lang: str, curve: str) -> tuple[str, ...]:
    """Return what the decoys of the run say of its false joins, in sentences; curve: the text on how it is drawn."""
    if found is None or found.status != "measured":
        return (say("plot.no_decoys", lang),)
    rate, low, high = (numbers.rate(share, lang) for share in (found.false_match_rate, found.low, found.high))
    measured = say("plot.decoys", lang, rate=rate, low=low, high=high)
    return measured, say(curve if found.by_weight else "plot.no_decoy_curve", lang)
