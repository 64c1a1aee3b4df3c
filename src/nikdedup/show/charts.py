"""What the charts show, as Vega-Lite specifications: plain dicts, which `drawing` turns into pictures.

Dicts and not altair's objects, which hold the same: to load altair and make them takes as long as to draw. Colours
are fixed hex values (`COLOURS`), so that a chart also stands alone; a page maps them with attribute selectors such as
`[fill="#2f6f9f"]`.
"""

from __future__ import annotations

import math
from typing import Any

from nikdedup.publish import Coverage
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
    axis = {"values": whole_ticks(low, high, at_most=at_most), "format": "d", "labelFlush": False}
    return _quantity("share", title="%", scale={"domain": [low, high], "nice": False}, axis=axis)


def whole_ticks(low: int, high: int, *, at_most: int) -> list[int]:
    """Return round numbers from `low` to `high`, at most that many.

    >>> whole_ticks(93, 100, at_most=10), whole_ticks(0, 100, at_most=5)
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
