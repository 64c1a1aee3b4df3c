"""Small pictures for a notebook's cell: plain SVG that takes the colour of the page's text, light or dark.

No font is measured: labels are cut to the letters they have room for. The same figures give the same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

from nikdedup.show import numbers
from nikdedup.show.texts import say

BLUE, AMBER, RED, GREY = "#3a87b8", "#b97f16", "#cf5b41", "#8a929c"
"""Fills that stand out by 3 to 1 on white and on black; no two are told apart by red against green."""
_UNDER_WHITE = "#2f6f9f"
"""Blue on which small white letters can be read (5 to 1)."""
_LETTER = 6.6
"""Pixels that a letter of 12 pixels takes at most, on the average of a word."""
_LINE, _WIDTH = 20, 700
Bar = tuple[str, Sequence[tuple[float, str]], str]
"""A label, its parts one after the other (share of the whole width, fill), and what stands behind."""


def stacked_bars(
    bars: Sequence[Bar], title: str, *, columns: int = 1, label: int = 190, behind: int = 90
) -> str:
    """Return horizontal bars, one below the other; "" for none.

    Args:
        bars: see Bar.
        title: what a screen reader says.
        columns: how many stand beside each other.
        label: pixels for labels.
        behind: pixels for what stands behind.
    """
    if not bars:
        return ""
    lines = math.ceil(len(bars) / columns)
    across = _WIDTH / columns
    drawn = []
    for at, (name, parts, said) in enumerate(bars):
        x, y = at // lines * across, at % lines * _LINE
        room = across - label - behind
        drawn.append(text(x, y + 14, name, room=label - 8))
        left = x + label
        drawn.append(_rect(left, y + 4, room, 12, "currentColor", opacity=0.12))
        for share, fill in parts:
            wide = room * min(max(share, 0.0), 1.0)
            if wide:
                drawn.append(_rect(left, y + 4, max(wide, 1.0), 12, fill))
            left += wide
        drawn.append(text(x + across - behind + 6, y + 14, said, room=behind - 6))
    return svg(drawn, title, _WIDTH, lines * _LINE)


def fullness(columns: Sequence[tuple[str, int, int, int]], title: str, lang: str) -> str:
    """Return how full each column is: understood, filled without being understood, empty.

    Args:
        columns: name, cells understood, cells filled without being understood, all cells.
        title: what a screen reader says.
        lang: `id` or `en`.
    """
    bars: list[Bar] = [
        (
            name,
            ((good / whole, BLUE), (unread / whole, AMBER)),
            numbers.percent((good + unread) / whole, lang, digits=0, floor=True),
        )
        for name, good, unread, whole in columns
        if whole
    ]
    return stacked_bars(bars, title, columns=2, label=135, behind=56)


def legend(entries: Sequence[tuple[str, str]]) -> str:
    """Return fills with their names on one line. entries: fill and name."""
    drawn, x = [], 0.0
    for fill, name in entries:
        drawn += [_rect(x, 4, 12, 12, fill), text(x + 18, 14, name)]
        x += 18 + _LETTER * len(name) + 26
    return svg(drawn, ", ".join(name for _, name in entries), max(x, 1.0), 20)


def steps_drawn(
    steps: Sequence[tuple[str, float, float]], limits: Mapping[str, float], title: str, lang: str
) -> str:
    """Return a running total: a bar from `start` to `end` for each step, the last one the sum; both thresholds.

    Args:
        steps: name, start and end (log2).
        limits: review_log2 and confirmed_log2.
        title: what a screen reader says.
        lang: `id` or `en`.
    """
    ends = [value for _, a, b in steps for value in (a, b)] + [
        limits["review_log2"],
        limits["confirmed_log2"],
        0.0,
    ]
    low, high = min(ends), max(ends)
    label, behind = 230, 70
    room = _WIDTH - label - behind

    def place(value: float) -> float:
        return label + room * (value - low) / ((high - low) or 1.0)

    height = 18 + len(steps) * _LINE
    drawn = []
    for key, side in (("review", "end"), ("confirmed", "start")):
        drawn += _limit(place(limits[f"{key}_log2"]), height, say(f"report.zone_{key}", lang), side)
    for at, (name, start, end) in enumerate(steps):
        y, last = 18 + at * _LINE, at == len(steps) - 1
        fill = GREY if last else BLUE if end >= start else RED
        left, right = sorted((place(start), place(end)))
        drawn.append(text(0, y + 14, name, room=label - 10))
        drawn.append(_rect(left, y + 3, max(right - left, 1.0), 13, fill))
        drawn.append(
            text(right + 4, y + 14, numbers.decimal(end - start, lang, digits=1, signed=not last), size=11)
        )
    return svg(drawn, title, _WIDTH, height)


def histogram(
    edges: Sequence[float], counts: Sequence[int], limits: Mapping[str, float], title: str, lang: str
) -> str:
    """Return the pairs by weight, coloured by band, on a logarithmic scale; "" where there are none.

    Args:
        edges: of the intervals (log2).
        counts: pairs in each.
        limits: review_log2 and confirmed_log2.
        title: what a screen reader says.
        lang: `id` or `en`.
    """
    filled = [at for at, count in enumerate(counts) if count]
    if not filled:
        return ""
    first, last = filled[0], filled[-1]
    wide, tall = _WIDTH / (last - first + 1), 90
    top = math.log1p(max(counts))
    drawn = []
    for at in range(first, last + 1):
        high = tall * math.log1p(counts[at]) / top
        middle = (edges[at] + edges[at + 1]) / 2
        fill = (
            BLUE if middle >= limits["confirmed_log2"] else AMBER if middle >= limits["review_log2"] else GREY
        )
        if counts[at]:
            drawn.append(_rect((at - first) * wide, 16 + tall - high, max(wide - 1, 0.5), high, fill))
    low, span = edges[first], (edges[last + 1] - edges[first]) or 1.0
    for key, side in (("review", "end"), ("confirmed", "start")):
        x = _WIDTH * (limits[f"{key}_log2"] - low) / span
        if 0 <= x <= _WIDTH:
            drawn += _limit(x, 16 + tall, say(f"report.zone_{key}", lang), side)
    drawn.append(
        f'<line x1="0" y1="{16.5 + tall}" x2="{_WIDTH}" y2="{16.5 + tall}" stroke="currentColor" stroke-opacity=".4"/>'
    )
    drawn.append(text(0, 16 + tall + 15, numbers.decimal(low, lang, digits=0, signed=True), size=11))
    drawn.append(text(_WIDTH / 2, 16 + tall + 15, say("report.weight", lang), anchor="middle", size=11))
    drawn.append(
        text(
            _WIDTH,
            16 + tall + 15,
            numbers.decimal(edges[last + 1], lang, digits=0, signed=True),
            anchor="end",
            size=11,
        )
    )
    return svg(drawn, title, _WIDTH, 16 + tall + 22)


def linked(
    records: Sequence[tuple[int, str]], links: Sequence[tuple[int, int, str | None]], title: str, lang: str
) -> str:
    """Return records as circles on a line and what links them as arcs: full where confirmed, dashed where for review.

    Args:
        records: row and what stands below it.
        links: two rows and the band of the pair; None joins nothing.
        title: what a screen reader says.
        lang: `id` or `en`.
    """
    step = min(150.0, _WIDTH / max(len(records), 1))
    place = {row: step * (at + 0.5) for at, (row, _) in enumerate(records)}
    reach = max((abs(place[a] - place[b]) for a, b, _ in links if a in place and b in place), default=0.0)
    above = 12 + min(0.3 * reach, 80.0)
    drawn = []
    for a, b, band in links:
        if a in place and b in place:
            (left, right), high = sorted((place[a], place[b])), min(0.3 * abs(place[a] - place[b]), 80.0)
            tone, dash = (BLUE, "") if band == "confirmed" else (AMBER, "7 5") if band else (GREY, "2 5")
            middle = f"{(left + right) / 2:.1f} {above + 12 - 2 * high:.1f}"
            drawn.append(
                f'<path d="M{left:.1f} {above + 12:.1f} Q{middle} {right:.1f} {above + 12:.1f}" fill="none" '
                f'stroke="{tone}" '
                f'stroke-width="2.5"' + (f' stroke-dasharray="{dash}"' if dash else "") + "/>"
            )
    for row, below in records:
        x = place[row]
        drawn.append(f'<circle cx="{x:.1f}" cy="{above + 16:.1f}" r="16" fill="{_UNDER_WHITE}"/>')
        drawn.append(
            f'<text x="{x:.1f}" y="{above + 20:.1f}" fill="#ffffff" font-family="system-ui, sans-serif" font-size="11" '
            f'text-anchor="middle">{row}</text>'
        )
        drawn.append(text(x, above + 48, below, anchor="middle", size=11, room=step - 6))
    return svg(drawn, title, step * len(records), above + 56)


def _limit(x: float, height: float, name: str, side: str) -> list[str]:
    """Return a threshold with its name on one side of it, the other one where there is no room."""
    wide = _LETTER * len(name)
    side = "start" if x < wide else "end" if x > _WIDTH - wide else side
    line = (
        f'<line x1="{x:.1f}" y1="2" x2="{x:.1f}" y2="{height:.1f}" stroke="currentColor" stroke-opacity=".6" '
        f'stroke-dasharray="4 3"/>'
    )
    return [line, text(x + (-4 if side == "end" else 4), 12, name, anchor=side, size=11)]


def svg(drawn: Sequence[str], title: str, width: float, height: float) -> str:
    """Return a picture of its parts, no wider than the page, with what a screen reader says."""
    size = f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(title)}" '
        f'style="max-width:100%;height:auto">{"".join(drawn)}</svg>'
    )


def text(
    x: float, y: float, said: str, *, anchor: str = "start", size: int = 12, room: float | None = None
) -> str:
    """Return one line of text in the colour of the page; room: pixels beyond which it is cut."""
    most = len(said) if room is None else max(int(room / (_LETTER * size / 12)), 1)
    shown = said if len(said) <= most else said[: most - 1] + "…"
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="currentColor" font-family="system-ui, sans-serif" font-size="{size}" '
        f'text-anchor="{anchor}">{escape(shown)}</text>'
    )


def _rect(x: float, y: float, width: float, height: float, fill: str, *, opacity: float = 1.0) -> str:
    faint = f' fill-opacity="{opacity:g}"' if opacity < 1 else ""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"{faint}/>'
