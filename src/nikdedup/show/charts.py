"""What the charts show, as Vega-Lite specifications: plain dicts, which `drawing` turns into pictures.

Dicts and not altair's objects, which hold the same: to load altair and make them takes as long as to draw. Colours
are fixed hex values (`COLOURS`), so that a chart also stands alone; a page maps them with attribute selectors such as
`[fill="#2f6f9f"]`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from nikdedup.publish import Coverage, RunRecord
from nikdedup.show import numbers
from nikdedup.show.texts import say

Spec = dict[str, Any]
"""A Vega-Lite specification with its data inside."""

COLOURS = {
    "quiet": "#b9bec6",
    "review": "#d99a2b",
    "confirmed": "#2f6f9f",
    "against": "#b4533c",
    "ink": "#30353c",
    "soft": "#6b727c",
    "line": "#d9dce1",
}

_CONFIG: dict[str, Any] = {
    "font": "system-ui, sans-serif",
    # Browsers use wider letters than the fonts the layout was measured with: leave room.
    "padding": {"left": 20, "right": 20, "top": 8, "bottom": 4},
    "view": {"stroke": None},
    "axis": {
        "labelColor": COLOURS["soft"],
        "titleColor": COLOURS["soft"],
        "titleFontWeight": "normal",
        "labelFontSize": 11,
        "titleFontSize": 11,
        "domainColor": COLOURS["line"],
        "gridColor": COLOURS["line"],
        "tickColor": COLOURS["line"],
    },
    "legend": {
        "orient": "top",
        "title": None,
        "labelColor": COLOURS["ink"],
        "labelFontSize": 12,
        "columnPadding": 40,
    },
}

_NARROW: dict[str, Any] = {
    **_CONFIG,
    "padding": {"left": 16, "right": 12, "top": 8, "bottom": 4},
    "legend": {**_CONFIG["legend"], "labelFontSize": 11, "columnPadding": 14, "columns": 2},
}
"""The same for a telephone: a chart of some 340 pixels, whose letters are not made smaller to fit."""


def weight_histogram(run: RunRecord, lang: str, *, narrow: bool = False) -> Spec | None:
    """Return the chart of pairs by weight with both thresholds; None if there are no pairs.

    Heights are log(1 + n): a handful of pairs at the threshold is what the reader
    looks for, beside thousands at the top. narrow: drawn for the width of a telephone.
    """
    found = run.histogram
    filled = [i for i, count in enumerate(found.counts) if count]
    if not filled:
        return None
    limits = run.thresholds.model_dump()
    rows = _bins(found.edges, found.counts, range(filled[0], filled[-1] + 1), limits, lang)
    bars = _layer(
        rows,
        _mark("bar", binSpacing=1),
        x=_weights(rows, lang, ticks=6 if narrow else 16),
        x2={"field": "to"},
        y=_heights(max(row["n"] for row in rows), lang),
        color=_zones({row["zone"] for row in rows}, lang),
    )
    return _chart(
        [bars, *_thresholds(limits, rows, lang)], width=262 if narrow else 640, height=220, narrow=narrow
    )


def _weights(rows: list[dict[str, Any]], lang: str, *, ticks: int) -> Spec:
    """Return the axis of weights, from the first interval that holds pairs to the last."""
    axis = {"labelFlush": False, "labelOverlap": "greedy", "tickCount": ticks}
    span = {"domain": [rows[0]["from"], rows[-1]["to"]], "nice": False}
    return _quantity("from", title=say("report.weight", lang), bin="binned", scale=span, axis=axis)


def _heights(top: int, lang: str) -> Spec:
    """Return the axis of numbers of pairs, with a tick at each power of ten."""
    ticks = [0, *(10**power for power in range(int(math.log10(top)) + 1))]
    axis = {"values": ticks, "format": ",d", "labelOverlap": "greedy"}
    title = say("report.number_of_pairs", lang)
    return _quantity("n", title=title, scale={"type": "symlog", "constant": 1}, axis=axis)


def _zones(seen: set[str], lang: str) -> Spec:
    """Return the colours of those zones that occur, in the order of weights."""
    names = [say(f"report.zone_{zone}", lang) for zone in ("below", "review", "confirmed")]
    palette = dict(zip(names, (COLOURS["quiet"], COLOURS["review"], COLOURS["confirmed"]), strict=True))
    shown = [name for name in names if name in seen]
    return _name("zone", scale={"domain": shown, "range": [palette[name] for name in shown]}, sort=shown)


def _bins(
    edges: Sequence[float], counts: Sequence[int], inner: range, limits: dict[str, float], lang: str
) -> list[dict[str, Any]]:
    def zone(start: float) -> str:
        if start < limits["review_log2"]:
            return "below"
        return "review" if start < limits["confirmed_log2"] else "confirmed"

    # The middle of a bar decides its colour: a threshold may fall inside an interval.
    return [
        {
            "from": edges[i],
            "to": edges[i + 1],
            "n": counts[i],
            "zone": say(f"report.zone_{zone((edges[i] + edges[i + 1]) / 2)}", lang),
        }
        for i in inner
    ]


def _thresholds(limits: dict[str, float], rows: list[dict[str, Any]], lang: str) -> list[Spec]:
    """Return the layers of those thresholds that lie within the chart."""
    low, high = rows[0]["from"], rows[-1]["to"]
    named = {key: numbers.decimal(limits[key], lang, digits=1) for key in ("review_log2", "confirmed_log2")}
    return _marked(limits, {key: name for key, name in named.items() if low <= limits[key] <= high})


def _marked(limits: dict[str, float], names: dict[str, str]) -> list[Spec]:
    """Return a dashed line at each threshold with its name on the outer side, so that two names never meet."""
    layers = []
    for key, name in names.items():
        rows, at = [{"at": limits[key], "label": name}], _quantity("at")
        side = {"align": "right", "dx": -3} if key == "review_log2" else {"align": "left", "dx": 3}
        text = _mark("text", **side, y=-6, color=COLOURS["ink"], fontSize=11)
        layers.append(_layer(rows, _mark("rule", color=COLOURS["ink"], strokeDash=[4, 3]), x=at))
        layers.append(_layer(rows, text, x=at, text=_name("label")))
    return layers


def coverage_bars(found: Coverage, lang: str, *, narrow: bool = False) -> Spec:
    """Return the chart of coverage before and after against the target.

    The axis starts below the smaller value, since the differences are a few points
    in a hundred; dots, not bars, because a cut bar would lie about the ratio.
    """
    names = [say("word.before", lang), say("word.after", lang)]
    rows = [
        {"side": name, "share": side.share * 100, "label": numbers.percent(side.share, lang, floor=True)}
        for name, side in zip(names, found.sides, strict=True)
    ]
    target = found.target * 100
    goal = [{"at": target, "label": say("coverage.target", lang, target="").strip()}]
    x = _percent([*(side.share * 100 for side in found.sides), target], at_most=5 if narrow else 10)
    y = _name("side", sort=names, title=None, axis={"labelColor": COLOURS["ink"], "labelFontSize": 12})
    against = COLOURS["against"]
    dot = _mark("point", filled=True, size=130, opacity=1, color=COLOURS["confirmed"])
    figure = _mark("text", dy=-14, color=COLOURS["ink"], fontSize=12)
    layers = [
        _layer(rows, dot, x=x, y=y),
        _layer(rows, figure, x=x, y=y, text=_name("label")),
        _layer(goal, _mark("rule", color=against, strokeWidth=2), x=_quantity("at")),
        _layer(goal, _mark("text", color=against, y=-6, fontSize=11), x=_quantity("at"), text=_name("label")),
    ]
    return _chart(layers, width=212 if narrow else 560, height=110, narrow=narrow)


def _percent(values: list[float], *, at_most: int) -> Spec:
    """Return the axis of percents, from below the smallest value to 100 or above."""
    low, high = max(0, math.floor(min(values)) - 1), max(math.ceil(max(values)), 100)
    axis = {"values": _whole_ticks(low, high, at_most=at_most), "format": "d", "labelFlush": False}
    return _quantity("share", title="%", scale={"domain": [low, high], "nice": False}, axis=axis)


def _whole_ticks(low: int, high: int, *, at_most: int) -> list[int]:
    """Return round numbers from `low` to `high`, at most that many.

    >>> _whole_ticks(93, 100, at_most=10), _whole_ticks(0, 100, at_most=5)
    ([93, 94, 95, 96, 97, 98, 99, 100], [0, 25, 50, 75, 100])
    """
    steps = (1, 2, 5, 10, 20, 25, 50, 100)
    fitting = (range(-(-low // step) * step, high + 1, step) for step in steps)
    return next(list(ticks) for ticks in fitting if len(ticks) <= at_most)


def waterfall(steps: list[tuple[str, float, float]], limits: dict[str, float], lang: str) -> Spec:
    """Return the chart of a running total: one bar per step, from `start` to `end`, in the order given.

    steps: (label, start, end) in log2; the last one is the total and starts at 0.
    """
    rows = [
        {
            "step": name,
            "start": start,
            "end": end,
            "tone": _tone(i == len(steps) - 1, end - start),
            "label": numbers.decimal(end - start, lang, signed=i < len(steps) - 1),
            "right": max(start, end),
        }
        for i, (name, start, end) in enumerate(steps)
    ]
    order, tones = [name for name, _, _ in steps], ("confirmed", "against", "soft")
    y = _name("step", sort=order, title=None, axis={"labelLimit": 320, "labelColor": COLOURS["ink"]})
    scale = {"domain": ["for", "against", "total"], "range": [COLOURS[tone] for tone in tones]}
    bars = _layer(
        rows,
        _mark("bar", height=16),
        y=y,
        x=_quantity("start", title=say("report.weight", lang)),
        x2={"field": "end"},
        color=_name("tone", scale=scale, legend=None),
    )
    figure = _mark("text", align="left", dx=4, fontSize=11, color=COLOURS["ink"])
    figures = _layer(rows, figure, y=y, x=_quantity("right"), text=_name("label"))
    names = {f"{zone}_log2": say(f"report.zone_{zone}", lang) for zone in ("review", "confirmed")}
    return _chart([bars, figures, *_marked(limits, names)], width=460, height=26 * len(rows))


def _tone(total: bool, change: float) -> str:
    return "total" if total else "for" if change >= 0 else "against"


def _quantity(field: str, **options: Any) -> Spec:
    return {"field": field, "type": "quantitative", **options}


def _name(field: str, **options: Any) -> Spec:
    return {"field": field, "type": "nominal", **options}


def _mark(kind: str, **options: Any) -> Spec:
    return {"type": kind, **options}


def _layer(rows: list[dict[str, Any]], mark: Spec, **encoding: Spec) -> Spec:
    return {"data": {"values": rows}, "mark": mark, "encoding": encoding}


def _chart(layers: list[Spec], *, width: int, height: int, narrow: bool = False) -> Spec:
    return {"layer": layers, "width": width, "height": height, "config": _NARROW if narrow else _CONFIG}
