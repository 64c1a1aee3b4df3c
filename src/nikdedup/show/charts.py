"""Charts as inline SVG: same figures, same bytes; the page's style sheet recolours them in the dark.

altair and vl-convert are loaded at first use. Colours are fixed hex values (`COLOURS`), so
that a chart also stands alone; a page maps them with attribute selectors such as `[fill="#2f6f9f"]`.
"""

from __future__ import annotations

import hashlib
import math
import re
import sys
from collections.abc import Sequence
from typing import Any

from nikdedup.errors import InputError
from nikdedup.publish import Coverage, RunRecord
from nikdedup.show import numbers
from nikdedup.show.texts import say

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
    "background": None,
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


def weight_histogram(run: RunRecord, lang: str, *, narrow: bool = False) -> str:
    """Return the SVG of pairs by weight with both thresholds; empty text if there are no pairs.

    Heights are log(1 + n): a handful of pairs at the threshold is what the reader
    looks for, beside thousands at the top. narrow: drawn for the width of a telephone.
    """
    found = run.histogram
    filled = [i for i, count in enumerate(found.counts) if count]
    if not filled:
        return ""
    alt, limits = _altair(), run.thresholds.model_dump()
    rows = _bins(found.edges, found.counts, range(filled[0], filled[-1] + 1), limits, lang)
    zones = [say(f"report.zone_{zone}", lang) for zone in ("below", "review", "confirmed")]
    shown = [zone for zone in zones if any(row["zone"] == zone for row in rows)]
    palette = dict(zip(zones, (COLOURS["quiet"], COLOURS["review"], COLOURS["confirmed"]), strict=True))
    top = max(row["n"] for row in rows)
    ticks = [0, *(10**power for power in range(int(math.log10(top)) + 1))]
    height = alt.Y(
        "n:Q",
        title=say("report.number_of_pairs", lang),
        scale=alt.Scale(type="symlog", constant=1),
        axis=alt.Axis(values=ticks, format=",d", labelOverlap="greedy"),
    )
    colour = alt.Color(
        "zone:N", scale=alt.Scale(domain=shown, range=[palette[zone] for zone in shown]), sort=shown
    )
    span = alt.Scale(domain=[rows[0]["from"], rows[-1]["to"]], nice=False)
    axis = alt.Axis(labelFlush=False, labelOverlap="greedy", tickCount=6 if narrow else 16)
    x = alt.X("from:Q", bin="binned", title=say("report.weight", lang), scale=span, axis=axis)
    bars = (
        alt.Chart(alt.Data(values=rows)).mark_bar(binSpacing=1).encode(x=x, x2="to:Q", y=height, color=colour)
    )
    layers = alt.layer(bars, *_threshold_layers(alt, limits, rows, lang))
    return _svg(layers, lang, width=262 if narrow else 640, height=220, narrow=narrow)


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


def _threshold_layers(alt: Any, limits: dict[str, float], rows: list[dict[str, Any]], lang: str) -> list[Any]:
    low, high = rows[0]["from"], rows[-1]["to"]
    named = {key: numbers.decimal(limits[key], lang, digits=1) for key in ("review_log2", "confirmed_log2")}
    shown = {key: name for key, name in named.items() if low <= limits[key] <= high}
    return _marked(alt, limits, shown)


def _marked(alt: Any, limits: dict[str, float], names: dict[str, str]) -> list[Any]:
    """Return a dashed line at each threshold with its name on the outer side, so that two names never meet."""
    layers = []
    for key, name in names.items():
        base = alt.Chart(alt.Data(values=[{"at": limits[key], "label": name}])).encode(x="at:Q")
        side = {"align": "right", "dx": -3} if key == "review_log2" else {"align": "left", "dx": 3}
        layers.append(base.mark_rule(color=COLOURS["ink"], strokeDash=[4, 3]))
        layers.append(base.mark_text(**side, y=-6, color=COLOURS["ink"], fontSize=11).encode(text="label:N"))
    return layers


def coverage_bars(found: Coverage, lang: str, *, narrow: bool = False) -> str:
    """Return the SVG of coverage before and after against the target.

    The axis starts below the smaller value, since the differences are a few points
    in a hundred; dots, not bars, because a cut bar would lie about the ratio.
    """
    alt = _altair()
    names = [say("word.before", lang), say("word.after", lang)]
    rows = [
        {"side": name, "share": side.share * 100, "label": numbers.percent(side.share, lang, floor=True)}
        for name, side in zip(names, found.sides, strict=True)
    ]
    target = found.target * 100
    values = [*(side.share * 100 for side in found.sides), target]
    low, high = math.floor(min(values)) - 1, max(math.ceil(max(values)), 100)
    low, ticks = max(0, low), _whole_ticks(max(0, low), high, at_most=5 if narrow else 10)
    axis = alt.Axis(values=ticks, format="d", labelFlush=False)
    x = alt.X("share:Q", title="%", scale=alt.Scale(domain=[low, high], nice=False), axis=axis)
    y = alt.Y("side:N", sort=names, title=None, axis=alt.Axis(labelColor=COLOURS["ink"], labelFontSize=12))
    base = alt.Chart(alt.Data(values=rows)).encode(x=x, y=y)
    goal = alt.Chart(
        alt.Data(values=[{"at": target, "label": say("coverage.target", lang, target="").strip()}])
    )
    layers = alt.layer(
        base.mark_point(filled=True, size=130, opacity=1, color=COLOURS["confirmed"]),
        base.mark_text(dy=-14, color=COLOURS["ink"], fontSize=12).encode(text="label:N"),
        goal.mark_rule(color=COLOURS["against"], strokeWidth=2).encode(x="at:Q"),
        goal.mark_text(color=COLOURS["against"], y=-6, fontSize=11).encode(x="at:Q", text="label:N"),
    )
    return _svg(layers, lang, width=212 if narrow else 560, height=110, narrow=narrow)


def _whole_ticks(low: int, high: int, *, at_most: int) -> list[int]:
    """Return round numbers from `low` to `high`, at most that many.

    >>> _whole_ticks(93, 100, at_most=10), _whole_ticks(0, 100, at_most=5)
    ([93, 94, 95, 96, 97, 98, 99, 100], [0, 25, 50, 75, 100])
    """
    steps = (1, 2, 5, 10, 20, 25, 50, 100)
    fitting = (range(-(-low // step) * step, high + 1, step) for step in steps)
    return next(list(ticks) for ticks in fitting if len(ticks) <= at_most)


def waterfall(steps: list[tuple[str, float, float]], limits: dict[str, float], lang: str) -> str:
    """Return the SVG of a running total: one bar per step, from `start` to `end`, in the order given.

    steps: (label, start, end) in log2; the last one is the total and starts at 0.
    """
    alt = _altair()
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
    order = [name for name, _, _ in steps]
    y = alt.Y("step:N", sort=order, title=None, axis=alt.Axis(labelLimit=320, labelColor=COLOURS["ink"]))
    tones = alt.Scale(
        domain=["for", "against", "total"], range=[COLOURS[c] for c in ("confirmed", "against", "soft")]
    )
    base = alt.Chart(alt.Data(values=rows)).encode(y=y)
    bars = base.mark_bar(height=16).encode(
        x=alt.X("start:Q", title=say("report.weight", lang)),
        x2="end:Q",
        color=alt.Color("tone:N", scale=tones, legend=None),
    )
    labels = base.mark_text(align="left", dx=4, fontSize=11, color=COLOURS["ink"]).encode(
        x="right:Q", text="label:N"
    )
    names = {f"{zone}_log2": say(f"report.zone_{zone}", lang) for zone in ("review", "confirmed")}
    layers = alt.layer(bars, labels, *_marked(alt, limits, names))
    return _svg(layers, lang, width=460, height=26 * len(rows))


def _tone(total: bool, change: float) -> str:
    return "total" if total else "for" if change >= 0 else "against"


def drawable() -> bool:
    """Say whether charts can be drawn: altair puts its own docstrings together, which `python -OO` strips."""
    return sys.flags.optimize < 2


def _altair() -> Any:
    if not drawable():
        raise InputError("charts cannot be drawn under python -OO; allowed: python, python -O")
    import altair

    return altair


def _svg(chart: Any, lang: str, *, width: int, height: int, narrow: bool = False) -> str:
    """Render a chart to SVG that scales with its page, with ids that do not depend on earlier charts."""
    import altair
    import vl_convert

    spec = chart.properties(width=width, height=height).to_dict(validate=False)
    spec["config"] = _NARROW if narrow else _CONFIG
    version = ".".join(altair.SCHEMA_VERSION.lstrip("v").split(".")[:2])
    decimal, thousands = (",", ".") if lang == "id" else (".", ",")
    locale = {"decimal": decimal, "thousands": thousands, "grouping": [3], "currency": ["", ""]}
    svg = vl_convert.vegalite_to_svg(spec, vl_version=version, format_locale=locale, allowed_base_urls=[])
    return _stable(svg)


def _stable(svg: str) -> str:
    """Number the ids of an SVG from its own content and let it fill the width it is given.

    vega counts clip paths over the life of the process: without this the second
    report of one process would differ from the first.
    """
    seen = list(dict.fromkeys(re.findall(r'\bid="([^"]+)"', svg)))
    for i, name in enumerate(seen):
        svg = (
            svg.replace(f'id="{name}"', f'id="@{i}"')
            .replace(f"#{name})", f"#@{i})")
            .replace(f'"#{name}"', f'"#@{i}"')
        )
    prefix = "c" + hashlib.sha256(svg.encode()).hexdigest()[:8] + "-"
    svg = svg.replace('"@', f'"{prefix}').replace("#@", f"#{prefix}")
    return re.sub(
        r'(<svg[^>]*?) width="(\d+)" height="(\d+)"',
        r'\1 style="max-width:\2px;width:100%;height:auto"',
        svg,
        count=1,
    )
