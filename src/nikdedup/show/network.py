"""A person drawn: records as circles, what links them as lines; plain SVG, the same figures give the same bytes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from nikdedup.show import numbers
from nikdedup.show.charts import COLOURS
from nikdedup.show.texts import label, say

WIDTH, MIDDLE, NODE = 760, 380, 26
_FONT = 'font-family="system-ui, sans-serif"'


@dataclass(frozen=True)
class Node:
    """A record: number, place and what is proposed; `inside` is false for a record of another person."""

    row: int
    place: str
    action: str | None
    inside: bool


@dataclass(frozen=True)
class Line:
    """A pair between two nodes; a band of None joins nothing."""

    row_l: int
    row_r: int
    band: str | None
    weight_log2: float


def network(nodes: Sequence[Node], lines: Sequence[Line], title: str, lang: str) -> str:
    """Return the SVG of a person: its records on a circle, records of others on a wider one.

    Full lines are confirmed pairs, thicker the stronger; dashed ones are for review; dotted ones join nothing.
    """
    inside, outside = ([node for node in nodes if node.inside is side] for side in (True, False))
    reach = max(120.0, 14.0 * len(inside))
    wide = reach + (110 if outside else 0)
    height = round(2 * wide + 190)
    spots = _spots(inside, reach, height) | _spots(outside, wide, height, turn=0.5)
    parts = [_line(line, spots, lang) for line in lines if line.row_l in spots and line.row_r in spots]
    parts += [_node(node, spots[node.row], lang) for node in nodes]
    parts += _legend(height, lang)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
    head += f'role="img" aria-label="{escape(title)}">'
    heading = _text(20, 28, title, size=15, anchor="start", weight="bold")
    return "\n".join([head, f"<title>{escape(title)}</title>", heading, *parts, "</svg>"]) + "\n"


def _spots(
    nodes: list[Node], reach: float, height: int, *, turn: float = 0.0
) -> dict[int, tuple[float, float]]:
    """Return the middle of each circle, going round from the top; the circle is flattened to fit the page."""
    spots = {}
    for place, node in enumerate(nodes):
        angle = 2 * math.pi * (place + turn) / max(len(nodes), 1) - math.pi / 2
        across = min(reach * 1.5, MIDDLE - 70)
        spots[node.row] = (MIDDLE + across * math.cos(angle), height / 2 - 10 + reach * math.sin(angle))
    return spots


def _line(line: Line, spots: dict[int, tuple[float, float]], lang: str) -> str:
    (x1, y1), (x2, y2) = spots[line.row_l], spots[line.row_r]
    colour, dash, wide = _stroke(line.band, line.weight_log2)
    drawn = f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
    drawn += f'stroke-width="{wide:.1f}"' + (f' stroke-dasharray="{dash}"' if dash else "") + "/>"
    # A little off the middle, so that the labels of crossing lines do not lie on each other.
    x, y = x1 + (x2 - x1) * 0.42, y1 + (y2 - y1) * 0.42 - 5
    weight = numbers.decimal(line.weight_log2, lang, digits=1, signed=True)
    return drawn + _text(x, y, weight, size=11, halo=True)


def _stroke(band: str | None, weight_log2: float) -> tuple[str, str, float]:
    if band == "confirmed":
        return COLOURS["confirmed"], "", min(6.0, max(1.5, weight_log2 / 4))
    return (COLOURS["review"], "7 5", 2.0) if band == "review" else (COLOURS["quiet"], "2 5", 2.0)


def _node(node: Node, spot: tuple[float, float], lang: str) -> str:
    x, y = spot
    fill = COLOURS["quiet"] if not node.inside else _FILL.get(node.action or "", COLOURS["review"])
    ink = "#ffffff" if node.inside else COLOURS["ink"]
    drawn = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{NODE}" fill="{fill}" stroke="#ffffff" stroke-width="3"/>'
    drawn += _text(x, y + 4, str(node.row), size=12, colour=ink, weight="bold")
    action = label("action", node.action, lang) if node.action else say("network.no_action", lang)
    below = [
        part for part in (node.place, action if node.inside else say("network.other_person", lang)) if part
    ]
    return drawn + "".join(
        _text(x, y + NODE + 14 + 13 * i, part, size=11, halo=True) for i, part in enumerate(below)
    )


_FILL = {
    "keep": COLOURS["confirmed"],
    "record": COLOURS["confirmed"],
    "propose_deactivation": COLOURS["against"],
    "close_kk": COLOURS["against"],
    "drop_copy": COLOURS["against"],
    "correct_nik": COLOURS["against"],
    "separate": COLOURS["against"],
}
"""Colour by what is proposed: kept, to change, and (the rest) to be looked at."""


def _legend(height: int, lang: str) -> list[str]:
    drawn, x = [], 20.0
    for band, name in (("confirmed", "confirmed"), ("review", "review"), (None, "null")):
        colour, dash, _ = _stroke(band, 8.0)
        stroke = f'stroke="{colour}" stroke-width="3"' + (f' stroke-dasharray="{dash}"' if dash else "")
        drawn.append(f'<line x1="{x:.0f}" y1="{height - 40}" x2="{x + 30:.0f}" y2="{height - 40}" {stroke}/>')
        drawn.append(_text(x + 38, height - 36, label("band", name, lang), size=12, anchor="start"))
        x += 200
    drawn.append(_text(20, height - 14, say("network.note", lang), size=11, anchor="start"))
    return drawn


def _text(
    x: float, y: float, text: str, *, size: int, anchor: str = "middle", colour: str = COLOURS["ink"],
    weight: str = "normal", halo: bool = False,
) -> str:  # fmt: skip
    """Return one line of text; halo: a white edge, so that it can be read over lines."""
    edge = ' paint-order="stroke" stroke="#ffffff" stroke-width="4" stroke-linejoin="round"' if halo else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" {_FONT} font-size="{size}" font-weight="{weight}" fill="{colour}" '
        f'text-anchor="{anchor}"{edge}>{escape(text)}</text>'
    )
