"""Charts of a plan: expected coverage after each visit, and what each further team reaches and costs."""

from __future__ import annotations

from typing import Any

from nikdedup.show import numbers
from nikdedup.show.charts import COLOURS, Spec
from nikdedup.show.drawing import svg
from nikdedup.show.texts import say
from nikdedup.show.village.coverage_charts import CONFIG, titled
from nikdedup.show.village.plan_lines import coverage_after


def _share(rows: list[float], target: float) -> dict[str, Any]:
    low, high = min([*rows, target * 100]), max([*rows, target * 100])
    room = max(0.2, (high - low) * 0.08)
    return {"domain": [max(0.0, low - room), min(100.0, high + room)], "nice": False, "zero": False}


def _target_line(target: float, lang: str) -> list[Spec]:
    rule = {"at": target * 100, "label": say("plan.target_line", lang, target=numbers.percent(target, lang))}
    y = {"field": "at", "type": "quantitative"}
    text = {"type": "text", "align": "left", "x": 6, "dy": -6, "color": COLOURS["ink"]}
    return [
        {"data": {"values": [rule]}, "mark": {"type": "rule", "strokeDash": [5, 4]}, "encoding": {"y": y}},
        {"data": {"values": [rule]}, "mark": text, "encoding": {"y": y, "text": {"field": "label"}}},
    ]


def reached_svg(found: Any) -> str:
    """Return the chart of expected coverage after each day of visits, as SVG; empty without visits.

    Args:
        found: run.outreach.Outreach.
    """
    if not found.plan.visits or not found.candidates.due:
        return ""
    lang, held = found.lang, found.candidates.held
    by_day: dict[str, float] = {found.asked.start.isoformat(): 100 * held / found.candidates.due}
    for one in found.plan.visits:
        held += one.reached if one.place.counts else 0
        by_day[one.day.isoformat()] = 100 * held / found.candidates.due
    rows = [{"day": day, "share": share} for day, share in by_day.items()]
    scale = _share([one["share"] for one in rows], found.target)  # type: ignore[misc]
    span = (found.plan.visits[-1].day - found.asked.start).days
    ticks = {"interval": "day", "step": max(1, span // 12)}
    x = {
        "field": "day",
        "type": "temporal",
        "title": None,
        "axis": {"format": "%d-%m", "labelOverlap": "greedy", "tickCount": ticks},
    }
    y = {"field": "share", "type": "quantitative", "title": say("plan.after", lang) + " (%)", "scale": scale}
    line = {"type": "line", "interpolate": "step-after", "point": True, "color": COLOURS["confirmed"]}
    spec: Spec = {
        "title": titled(say("plan.chart", lang)),
        "layer": [
            {"data": {"values": rows}, "mark": line, "encoding": {"x": x, "y": y}},
            *_target_line(found.target, lang),
        ],
        "width": 620,
        "height": 280,
        "config": CONFIG,
    }
    return svg(spec, lang)


def curve_svg(found: Any) -> str:
    """Return the chart of coverage by number of teams, the cost beside each point, as SVG.

    Args:
        found: run.outreach.Outreach, with a curve.
    """
    lang = found.lang
    rows = []
    for teams, plan in found.curve:
        cost = say("plan.millions", lang, n=numbers.integer(round(plan.cost / 1e6), lang))
        rows.append({"teams": teams, "share": 100 * (coverage_after(found, plan) or 0.0), "label": cost})
    x = {
        "field": "teams",
        "type": "quantitative",
        "title": say("plan.teams", lang),
        "axis": {"values": [teams for teams, _ in found.curve], "format": "d"},
    }
    scale = _share([one["share"] for one in rows], found.target)
    y = {"field": "share", "type": "quantitative", "title": say("plan.after", lang) + " (%)", "scale": scale}
    text = {"type": "text", "align": "left", "dx": 7, "dy": 9, "color": COLOURS["ink"]}
    spec: Spec = {
        "title": titled(say("plan.curve", lang)),
        "layer": [
            {
                "data": {"values": rows},
                "mark": {"type": "line", "point": True, "color": COLOURS["confirmed"]},
                "encoding": {"x": x, "y": y},
            },
            {
                "data": {"values": rows},
                "mark": text,
                "encoding": {"x": x, "y": y, "text": {"field": "label"}},
            },
            *_target_line(found.target, lang),
        ],
        "width": 560,
        "height": 280,
        "config": CONFIG | {"padding": {"left": 12, "right": 70, "top": 8, "bottom": 8}},
    }
    return svg(spec, lang)
