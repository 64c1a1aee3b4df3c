"""The words of a specification: encodings, marks, layers, a title, and what stands where there is nothing to draw."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

from nikdedup.show.plots.look import Look
from nikdedup.show.texts import say

Spec = dict[str, Any]
"""A Vega-Lite specification with its data inside, without colours of the page."""
Rows = list[dict[str, Any]]

WIDTH = 640
LINE = 100
"""Letters of a line below the title."""


def quantity(field: str, **options: Any) -> Spec:
    """Return the encoding of a number."""
    return {"field": field, "type": "quantitative", **options}


def name(field: str, **options: Any) -> Spec:
    """Return the encoding of a name."""
    return {"field": field, "type": "nominal", **options}


def moment(field: str, **options: Any) -> Spec:
    """Return the encoding of a date."""
    return {"field": field, "type": "temporal", **options}


def mark(kind: str, **options: Any) -> Spec:
    """Return a mark."""
    return {"type": kind, **options}


def layer(drawn: Spec, rows: Rows | None = None, **encoding: Any) -> Spec:
    """Return a layer; without rows it draws those of the whole chart."""
    data = {} if rows is None else {"data": {"values": rows}}
    return {**data, "mark": drawn, "encoding": encoding}


def figures(look: Look, text: Spec, /, **encoding: Any) -> list[Spec]:
    """Return a text beside each mark, with an edge in the colour of the page so that lines do not cross it."""
    edge = {
        "color": look.colour["paper"],
        "stroke": look.colour["paper"],
        "strokeWidth": 4,
        "strokeJoin": "round",
    }
    return [layer({**text, **edge}, **encoding), layer(text, **encoding)]


def colours(names: Sequence[str], values: Sequence[str], **options: Any) -> Spec:
    """Return the scale of colours by name, in this order."""
    return {"scale": {"domain": list(names), "range": list(values)}, "sort": list(names), **options}


def tips(*fields: tuple[str, ...]) -> list[Spec]:
    """Return what is told of a mark under the pointer: (field, title), and a format for numbers."""
    return [
        {"field": one[0], "title": one[1], **({"format": one[2], "type": "quantitative"} if one[2:] else {})}
        for one in fields
    ]


def titled(spec: Spec, title: str, *subtitle: str) -> Spec:
    """Return the specification with its heading, which also is what a screen reader says."""
    told = [line for one in subtitle for line in textwrap.wrap(one, LINE)]
    heading = {"text": title, **({"subtitle": told} if told else {})}
    return {"title": heading, "description": " ".join([title + ".", *told]), **spec}


def nothing(title: str, look: Look, why: str = "") -> Spec:
    """Return a picture that says that there is nothing to draw, and why.

    Args:
        title: heading of the picture.
        look: colours and language.
        why: what is lacking, in a sentence of that language.
    """
    text = mark(
        "text", fontSize=13, align="left", x=0, color=look.colour["soft"], text=say("plot.nothing", look.lang)
    )
    return titled({"data": {"values": [{}]}, "mark": text, "width": WIDTH, "height": 40}, title, why)
