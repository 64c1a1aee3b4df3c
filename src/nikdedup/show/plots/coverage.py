"""From today's coverage to the target: what settling each cause brings, what must be recorded, and where."""

from __future__ import annotations

import polars as pl

from nikdedup.show import numbers
from nikdedup.show.plots.grammar import Rows, Spec, layer, mark, name, nothing, quantity, tips, titled
from nikdedup.show.plots.look import Look
from nikdedup.show.plots.places import place_names
from nikdedup.show.texts import say
from nikdedup.village import Tally

MOST = 25
"""Kecamatan that are shown, those furthest behind."""


def bridge_spec(found: Tally | None, look: Look) -> Spec:
    """Return the bridge from the coverage of today to the target, and a dot per kecamatan.

    Args:
        found: coverage of the KTP-el; None where it cannot be computed.
        look: colours and language.
    """
    lang = look.lang
    title = say("coverage.title", lang)
    if found is None or found.before.share is None or found.after.share is None:
        return nothing(title, look, say("coverage.unknown", lang))
    rows = coverage_steps(found, lang)
    places = _places(found, lang)
    low = min(min(row["start"] or 1, row["end"]) for row in rows if row["tone"] != "total")
    low = max(0.0, min(low, found.before.share, *(row["share"] for row in places)) - 0.01)
    for row in rows:
        row["start"] = max(row["start"], low)
    high = min(1.0, max(found.target, found.after.share) + 0.005)
    scale = {"domain": [low, high], "nice": False, "clamp": True}
    panels = [_bridge(rows, scale, found.target, look)]
    if places:
        panels.append(_dots(places, scale, found.target, look))
    needed = say(
        "plot.coverage_note", lang, needed=numbers.integer(found.after.needed(found.target), lang),
        target=numbers.percent(found.target, lang),
    )  # fmt: skip
    return titled({"vconcat": panels, "spacing": 28}, title, needed, say("plot.coverage_axis", lang))


def coverage_steps(found: Tally, lang: str) -> Rows:
    """Return the steps: today, each cause, after them, what is to be recorded; shares of those who must hold a KTP.

    Args:
        found: coverage of the KTP-el; somebody must hold one.
        lang: `id` or `en`.
    """
    before, after = found.before, found.after
    rows = [_step(say("word.before", lang), 0.0, before.share or 0.0, "total", lang)]
    due, held = before.due, before.held
    for effect in found.effects:
        start = held / due
        due, held = due + effect.due, held + effect.held
        cause = say(f"plot.cause_{effect.cause}", lang)
        rows.append(_step(cause, start, held / due if due else start, "change", lang, -effect.due))
    rows.append(_step(say("word.after", lang), 0.0, after.share or 0.0, "total", lang))
    needed = after.needed(found.target)
    if needed:
        rows.append(
            _step(say("plot.to_record", lang), after.share or 0.0, found.target, "record", lang, needed)
        )
    return rows


def _step(name: str, start: float, end: float, tone: str, lang: str, n: int = 0) -> dict[str, object]:
    if tone == "total":
        said = numbers.percent(end, lang, floor=True)
    else:
        points = numbers.decimal((end - start) * 100, lang, signed=True)
        said = f"{points} ({numbers.integer(n, lang)})"
    tone = "against" if tone == "change" and end < start else tone
    return {"step": name, "start": start, "end": end, "tone": tone, "label": said, "right": max(start, end)}


def _places(found: Tally, lang: str) -> Rows:
    """Return coverage after settling by kecamatan, of those that need most recordings."""
    groups = found.groups["kecamatan"].filter(pl.col("due_after") > 0)
    groups = groups.sort(["needed", "share_after", "kecamatan_code"], descending=[True, False, False]).head(
        MOST
    )
    named = place_names(groups.select("kecamatan_code", "kecamatan").rows(), lang)
    return [
        {
            "place": place,
            "share": round(line["share_after"], 5),
            "before": round(line["share"], 5),
            "needed": line["needed"],
            "due": line["due_after"],
            "label": numbers.integer(line["needed"], lang) if line["needed"] else "✓",
        }
        for place, line in zip(named, groups.iter_rows(named=True), strict=True)
    ]


def _axis(scale: Spec) -> Spec:
    return {"scale": scale, "axis": {"format": ".1%", "tickCount": 8}, "title": None}


def _bridge(rows: Rows, scale: Spec, target: float, look: Look) -> Spec:
    lang, colour = look.lang, look.colour
    axis = {"labelColor": colour["ink"], "labelLimit": 320, "ticks": False, "domain": False}
    y = name("step", sort=[row["step"] for row in rows], title=None, axis=axis)
    tones = {
        "domain": ["total", "change", "against", "record"],
        "range": [colour["soft"], colour["confirmed"], colour["against"], colour["review"]],
    }
    tone = name("tone", scale=tones, legend=None)
    told = tips(("step", say("profile.column", lang)), ("label", say("coverage.percent", lang)))
    bars = layer(
        mark("bar", height={"band": 0.66}), rows, x=quantity("start", **_axis(scale)), x2={"field": "end"}, y=y,
        color=tone, tooltip=told,
    )  # fmt: skip
    text = mark("text", align="left", dx=5, fontSize=11, color=colour["ink"])
    figure = layer(text, rows, x=quantity("right", **_axis(scale)), y=y, text=name("label"))
    layers = [bars, figure, *_goal(target, scale, look)]
    return {"layer": layers, "width": 460, "height": {"step": 28}}


def _dots(rows: Rows, scale: Spec, target: float, look: Look) -> Spec:
    lang, colour = look.lang, look.colour
    axis = {"labelColor": colour["ink"], "labelLimit": 240, "ticks": False, "domain": False}
    y = name("place", sort=[row["place"] for row in rows], title=None, axis=axis)
    told = tips(("place", say("profile.kecamatan", lang)), ("before", say("word.before", lang), ".2%"),
                ("share", say("word.after", lang), ".2%"), ("due", say("coverage.wajib_ktp", lang), ",d"),
                ("needed", say("plot.to_record", lang), ",d"))  # fmt: skip
    x = quantity("share", **_axis(scale))
    line = layer(mark("rule", color=colour["quiet"], strokeWidth=3), rows, x=quantity("before", **_axis(scale)),
                 x2={"field": "share"}, y=y)  # fmt: skip
    dots = layer(
        mark("point", filled=True, size=80, opacity=1, color=colour["confirmed"]),
        rows,
        x=x,
        y=y,
        tooltip=told,
    )
    text = mark("text", align="left", x=466, fontSize=11, color=colour["soft"])
    figure = layer(text, rows, y=y, text=name("label"))
    heading = {"text": say("plot.by_kecamatan", lang), "fontSize": 12, "fontWeight": "normal", "offset": 6}
    layers = [line, dots, figure, *_goal(target, scale, look)[:1]]
    return {"layer": layers, "width": 460, "height": {"step": 18}, "title": heading}


def _goal(target: float, scale: Spec, look: Look) -> list[Spec]:
    said = say("coverage.target", look.lang, target=numbers.percent(target, look.lang))
    rows, ink = [{"at": target, "label": said}], look.colour["ink"]
    x = quantity("at", **_axis(scale))
    text = mark("text", align="right", dx=-2, y=-6, color=ink, fontSize=11)
    return [
        layer(mark("rule", color=ink, strokeDash=[4, 3]), rows, x=x),
        layer(text, rows, x=x, text=name("label")),
    ]
