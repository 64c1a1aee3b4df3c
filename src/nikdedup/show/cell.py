"""What a cell of a notebook shows: plain HTML and SVG that take the colours of the page, light or dark; no scripts."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from nikdedup.show.figures import Table
from nikdedup.show.texts import say

STYLE = (
    "<style>@{font:14px/1.5 system-ui,sans-serif;color:inherit;overflow-x:auto}"
    "@ table{font:inherit;border-collapse:collapse;margin:.5em 0;color:inherit;border:0}"
    "@ tr{background:none}@ th,@ td{padding:.25em .7em;text-align:left;vertical-align:top;color:inherit;"
    "background:none;border:0;border-bottom:1px solid #8886;max-width:none}"
    "@ .n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}"
    "@ small{opacity:.75}@ svg{display:block;max-width:100%;height:auto;margin:.5em 0}"
    "@ code{font-family:ui-monospace,monospace;background:#8883;color:inherit;padding:.1em .4em;border-radius:3px}"
    "@ .d{background:#d9a12b4d;font-weight:600}@ .o{opacity:.75}@ tr.g>*{border-top:2px solid #888a}"
    "@ .w{white-space:nowrap}@ .s{display:flex;flex-wrap:wrap;gap:0 2em;align-items:flex-start}"
    "</style>"
).replace("@", ".nikx.nikx.nikx")  # thrice: what JupyterLab says of tables goes by two classes
"""Text and lines take the colour of the page; fills are seen on white and on black."""


def cell(*parts: str, then: Sequence[str] = (), lang: str = "id") -> str:
    """Return the HTML of a cell.

    Args:
        parts: HTML, one below the other; empty ones are left out.
        then: the calls that a reader may want next.
        lang: `id` or `en`.
    """
    calls = " ".join(f"<code>{escape(one)}</code>" for one in then)
    following = f"<p><small>{escape(say('notebook.next', lang))}</small> {calls}</p>" if then else ""
    return f'{STYLE}<div class="nikx">{"".join(parts)}{following}</div>'


def head(title: str, *lines: str) -> str:
    """Return a title and lines below it."""
    below = "".join(f"<br>{escape(line)}" for line in lines if line)
    return f"<p><b>{escape(title)}</b>{below}</p>"


def table(shown: Table, *, folded: bool = False) -> str:
    """Return a table, one with a title so that it can be folded; "" for an empty one.

    Args:
        shown: every cell is text already.
        folded: whether it is closed at first.
    """
    if not shown:
        return ""

    def line(cells: tuple[str, ...], tag: str) -> str:
        return "<tr>" + "".join(
            f"<{tag}{'' if i < shown.text_columns else ' class=n'}>{escape(text)}</{tag}>"
            for i, text in enumerate(cells)
        ) + "</tr>"  # fmt: skip

    rows = "".join(line(row, "td") for row in shown.rows)
    total = line(shown.total, "th") if shown.total else ""
    body = f"<table>{line(shown.headers, 'th') if shown.headers else ''}{rows}{total}</table>"
    if not shown.title:
        return body
    return f"<details{'' if folded else ' open'}><summary>{escape(shown.title)}</summary>{body}</details>"
