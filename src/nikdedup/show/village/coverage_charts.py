"""Charts of coverage: the desa furthest behind, and a map of kecamatan or desa."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import polars as pl

from nikdedup.errors import InputError
from nikdedup.show import numbers
from nikdedup.show.charts import COLOURS, Spec
from nikdedup.show.drawing import svg
from nikdedup.show.texts import say
from nikdedup.show.village.areas import LEVELS
from nikdedup.village import Tally, furthest_behind

SHADES = ("#b4533c", "#d99a2b", "#e8cf8a", "#9dbfd8", "#2f6f9f")
"""From furthest below the target to at the target or above."""
STEPS = (0.05, 0.02, 0.01, 0.0)
"""Shares below the target at which the next shade begins."""
_LETTERS = {"labelColor": COLOURS["soft"], "titleColor": COLOURS["soft"], "titleFontWeight": "normal"}
CONFIG: Spec = {
    "font": "system-ui, sans-serif",
    "view": {"stroke": None},
    "axis": {**_LETTERS, "domainColor": COLOURS["line"], "gridColor": COLOURS["line"]},
    "legend": {"orient": "right", "title": None, "labelColor": COLOURS["ink"]},
}


def titled(text: str) -> Spec:
    """Return the title of a chart."""
    return {"text": text, "anchor": "start", "color": COLOURS["ink"]}


def behind_svg(found: Tally, lang: str, most: int = 20) -> str:
    """Return the chart of recordings needed in the desa furthest behind, as SVG; empty where none is behind.

    Args:
        found: coverage of one paper.
        lang: `id` or `en`.
        most: desa to show.
    """
    rows = []
    for line in furthest_behind(found.groups["desa"], most).iter_rows(named=True):
        share = numbers.percent(line["share_after"], lang, floor=True)
        told = f"{numbers.integer(line['needed'], lang)}  ·  {share}"
        rows.append(
            {"desa": f"{line['desa']} ({line['kecamatan']})", "needed": line["needed"], "label": told}
        )
    if not rows:
        return ""
    y = {"field": "desa", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 260}}
    x = {
        "field": "needed",
        "type": "quantitative",
        "title": say("village.needed", lang),
        "axis": {"format": ",d"},
    }
    text = {"type": "text", "align": "left", "dx": 4, "color": COLOURS["ink"], "fontSize": 11}
    label = {"field": "label", "type": "nominal"}
    spec: Spec = {
        "title": titled(say("village.behind", lang, n=len(rows))),
        "data": {"values": rows},
        "layer": [
            {"mark": {"type": "bar", "color": COLOURS["against"]}, "encoding": {"y": y, "x": x}},
            {"mark": text, "encoding": {"y": y, "x": x, "text": label}},
        ],
        "width": 520,
        "height": 24 * len(rows),
        "config": CONFIG | {"padding": {"left": 16, "right": 24, "top": 8, "bottom": 8}},
    }
    return svg(spec, lang)


def map_svg(found: Tally, areas: dict[str, dict[str, Any]], lang: str) -> str:
    """Return the map of coverage after settling, as SVG.

    Areas without residents are grey.

    Args:
        found: coverage of one paper.
        areas: see `read_areas`.
        lang: `id` or `en`.

    Raises:
        InputError: where no area is one of the run.
    """
    level = LEVELS[len(next(iter(areas)))]
    frame = found.groups[level].drop_nulls(f"{level}_code")
    shares = dict(frame.select(f"{level}_code", "share_after").iter_rows())
    if not any(code in shares for code in areas):
        raise InputError(
            f"the map has {len(areas)} areas, and none of them bears the code of a {level} of this run"
        )
    classes = class_names(found.target, lang)
    features = [
        {"type": "Feature", "geometry": areas[code], "shade": classes[_shade(found.target, shares.get(code))]}
        for code in sorted(areas)
    ]
    scale = {"domain": classes, "range": [*SHADES, COLOURS["line"]]}
    spec: Spec = {
        "title": titled(say(f"village.map_{level}", lang, target=numbers.percent(found.target, lang))),
        # Plane, not sphere: a ring drawn the other way round would else be all of the earth but itself.
        "projection": {"type": "identity", "reflectY": True},
        "data": {"values": features, "format": {"type": "json"}},
        "mark": {"type": "geoshape", "stroke": "#ffffff", "strokeWidth": 0.7},
        "encoding": {"color": {"field": "shade", "type": "nominal", "scale": scale, "sort": None}},
        "width": 640,
        "height": 560,
        "config": CONFIG,
    }
    return svg(spec, lang)


def class_names(target: float, lang: str) -> list[str]:
    """Return what each shade means, and last the one of areas without residents.

    >>> class_names(0.992, "en")[0], class_names(0.992, "en")[-2]
    ('< 94.2%', '≥ 99.2%')
    """
    ends = [numbers.percent(target - step, lang, digits=1) for step in STEPS]
    between = [f"{low} – {high}" for low, high in pairwise(ends)]
    return [f"< {ends[0]}", *between, f"≥ {ends[-1]}", say("village.map_nobody", lang)]


def _shade(target: float, share: float | None) -> int:
    if share is None:
        return len(SHADES)
    return sum(share >= target - step - 1e-12 for step in STEPS)


def trend_svg(nights: pl.DataFrame, target: float, lang: str) -> str:
    """Return the chart of coverage from night to night, before and after proposals, against the target.

    Args:
        nights: see run.coverage.CoverageFound.
        target: share that should be reached.
        lang: of the texts.
    """
    rows = [
        {
            "night": line["run"],
            "share": 100 * line[f"recorded{end}"] / (line[f"wajib_ktp{end}"] or 1),
            "side": say(f"village.{name}", lang),
        }
        for line in nights.iter_rows(named=True)
        for end, name in (("", "before"), ("_after", "after"))
    ]
    sides = [say(f"village.{name}", lang) for name in ("before", "after")]
    shares = [float(one["share"]) for one in rows] + [100 * target]
    scale = {"domain": [min(shares) - 0.3, min(100.0, max(shares) + 0.3)], "nice": False, "zero": False}
    ticks = {"tickMinStep": 1, "format": "d"}
    x = {"field": "night", "type": "quantitative", "title": say("village.night", lang), "axis": ticks}
    y = {"field": "share", "type": "quantitative", "title": "%", "scale": scale}
    palette = {"domain": sides, "range": [COLOURS["quiet"], COLOURS["confirmed"]]}
    colour = {"field": "side", "type": "nominal", "scale": palette, "sort": sides}
    line = {"type": "line", "point": True}
    rule = {"type": "rule", "strokeDash": [5, 4], "color": COLOURS["ink"]}
    spec: Spec = {
        "title": titled(say("village.trend", lang)),
        "layer": [
            {
                "data": {"values": rows},
                "mark": line,
                "encoding": {"x": x, "y": y, "color": colour},
            },
            {
                "data": {"values": [{"share": 100 * target}]},
                "mark": rule,
                "encoding": {"y": {"field": "share", "type": "quantitative"}},
            },
        ],
        "width": 560,
        "height": 260,
        "config": CONFIG,
    }
    return svg(spec, lang)
