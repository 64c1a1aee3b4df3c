"""A person: when each record was entered, changed and recorded for the KTP-el, and what links the records."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from nikdedup.show import numbers
from nikdedup.show.explain_story import Link, PersonStory
from nikdedup.show.plots.grammar import Rows, Spec, colours, layer, mark, moment, name, quantity, tips, titled
from nikdedup.show.plots.look import Look
from nikdedup.show.texts import label, say

EVENTS = {"tgl_entri": "entered", "tgl_ubah": "changed", "ektp_created": "recorded"}
"""Date column -> what happened then."""
MOST = 30
"""Records and links that are drawn."""


def person_spec(story: PersonStory, dates: Mapping[int, Mapping[str, date | None]], look: Look) -> Spec:
    """Return the records of a person on a line of time, with what is proposed, above the links between them.

    Args:
        story: the person as `explain_person` tells it, masked and in the language of the look.
        dates: row -> date columns of the record, clean.
        look: colours and language.
    """
    lang = look.lang
    members = story.members[:MOST]
    called = {one["row"]: say("explain.number", lang, row=one["row"]) for one in members}
    action = {one.row: label("action", one.action, lang) for one in story.rulings}
    people = [
        {"record": called[one["row"]], "said": " · ".join(
            part for part in (one.get("nik"), label("recorded", one["recorded"], lang), action.get(one["row"])) if part
        )}
        for one in members
    ]  # fmt: skip
    events = [
        {"record": called[row], "day": at.isoformat(), "event": say(f"plot.{event}", lang)}
        for row in called
        for field, event in EVENTS.items()
        if (at := dates.get(row, {}).get(f"{field}_clean")) is not None
    ]
    panels = [_timeline(people, events, look)]
    links = [one for one in story.links if one.inside][:MOST]
    if links:
        panels.append(_links(links, look))
    subtitle = story.shape or ("" if events else say("plot.no_dates", lang))
    title = say("explain.person_title", lang, person=story.person_id, n=len(story.members))
    apart = {"scale": {"color": "independent", "shape": "independent"}}
    return titled({"vconcat": panels, "spacing": 26, "resolve": apart}, title, subtitle)


def _timeline(people: Rows, events: Rows, look: Look) -> Spec:
    lang, colour = look.lang, look.colour
    axis = {"labelColor": colour["ink"], "ticks": False, "domain": False, "grid": True}
    y = name("record", sort=[one["record"] for one in people], title=None, axis=axis)
    names = [say(f"plot.{event}", lang) for event in EVENTS.values()]
    fill = name("event", **colours(names, [colour["soft"], colour["review"], colour["confirmed"]]))
    shape = name("event", scale={"domain": names, "range": ["circle", "diamond", "square"]}, sort=names)
    x = moment("day", title=None, scale={"padding": 14, "nice": False}, axis={"tickCount": 6, "format": "%Y"})
    told = tips(
        ("record", say("explain.row", lang)),
        ("event", say("plot.event", lang)),
        ("day", say("plot.day", lang)),
    )
    dot = mark("point", filled=True, size=120, opacity=1)
    text = mark("text", align="left", x=372, fontSize=11, color=colour["soft"])
    drawn = [layer(text, people, y=y, text=name("said"))]
    if events:
        drawn.insert(0, layer(dot, events, x=x, y=y, color=fill, shape=shape, tooltip=told))
    return {"layer": drawn, "width": 360, "height": {"step": 34}}


def _links(links: list[Link], look: Look) -> Spec:
    lang, colour = look.lang, look.colour
    rows = [
        {"pair": f"{one.row_l} – {one.row_r}", "weight": round(one.weight_log2, 3),
         "band": label("band", one.band or "null", lang), "said": _said(one, lang)}
        for one in links
    ]  # fmt: skip
    axis = {"labelColor": colour["ink"], "ticks": False, "domain": False}
    y = name("pair", sort=[row["pair"] for row in rows], title=None, axis=axis)
    bands = [label("band", band, lang) for band in ("confirmed", "review", "null")]
    fills = [colour["confirmed"], colour["review"], colour["quiet"]]
    x = quantity("weight", title=say("report.weight", lang), axis={"tickCount": 6})
    told = tips(("pair", say("plot.pairs", lang)), ("weight", say("explain.weight", lang), "+,.2f"))
    fill = name("band", scale={"domain": bands, "range": fills}, legend=None)
    bars = layer(mark("bar", height={"band": 0.6}), x=x, y=y, color=fill, tooltip=told)
    text = layer(mark("text", align="left", x=372, fontSize=11, color=colour["soft"]), y=y, text=name("said"))
    heading = {"text": say("explain.links", lang), "fontSize": 12, "fontWeight": "normal", "offset": 6}
    spec = {"data": {"values": rows}, "layer": [bars, text], "width": 360, "height": {"step": 26}}
    return {**spec, "title": heading}


def _said(link: Link, lang: str) -> str:
    weight = numbers.decimal(link.weight_log2, lang, digits=1, signed=True)
    return f"{weight} · {say('plot.differs_in', lang, fields=link.differs)}" if link.differs else weight
