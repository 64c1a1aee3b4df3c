"""Time and memory against rows, log against log, one panel per profile; SVG files beside RESULTS.md."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from benchmarks.contestants import CONTESTANTS
from benchmarks.run import ANSWERED

Result = dict[str, Any]

_COLOURS = {
    "ours": "#0b6e4f", "ours-one": "#3c8f70", "ours-full": "#6bb392", "splink": "#c8553d",
    "splink-lean": "#e0a458", "splink-library": "#e6a08f",
    "recordlinkage": "#5b5f97", "floor": "#8d99ae",
}  # fmt: skip
_DRAWN = ("ours", "splink", "splink-lean", "recordlinkage", "floor")
_ABOVE: dict[str, Any] = {"align": "right", "dx": -6, "dy": -9}
_BELOW: dict[str, Any] = {"align": "left", "dx": 6, "dy": 10}
_LABELS = {
    "ours": _BELOW,
    "splink": _ABOVE,
    "splink-lean": _BELOW,
    "recordlinkage": {**_BELOW, "align": "right", "dx": -6},
    "floor": _BELOW,
}
"""Where the numbers stand: lines that run close together keep theirs apart."""
CHARTS = {"time.svg": ("wall_s", "wall time, seconds"), "memory.svg": ("peak_mb", "peak memory, MB")}


def draw(results: list[Result], folder: Path) -> list[str]:
    """Write time.svg and memory.svg; return their names, none where there is nothing to draw."""
    answered = [r for r in results if r["exit_code"] in ANSWERED and r["peer"] in _DRAWN]
    if not answered:
        return []
    for name, (field, title) in CHARTS.items():
        _chart(answered, field, title).save(str(folder / name))
    return list(CHARTS)


def _chart(results: list[Result], field: str, title: str) -> Any:
    import altair as alt
    import polars as pl

    rows = [
        {"profile": r["profile"], "rows": r["rows"], "who": CONTESTANTS[r["peer"]].title, field: r[field]}
        for r in results
    ]
    shown = [name for name in _DRAWN if any(r["peer"] == name for r in results)]
    titles = [CONTESTANTS[name].title for name in shown]
    sizes = sorted({r["rows"] for r in results})
    base = alt.Chart(pl.DataFrame(rows)).encode(
        x=alt.X(
            "rows:Q",
            title="records",
            scale=alt.Scale(type="log", padding=24),
            axis=alt.Axis(values=sizes, format="~s"),
        ),
        y=alt.Y(
            f"{field}:Q",
            title=title,
            scale=alt.Scale(type="log"),
            axis=alt.Axis(values=_decades([r[field] for r in results]), format=",~g"),
        ),
        color=alt.Color(
            "who:N",
            title=None,
            sort=titles,
            scale=alt.Scale(domain=titles, range=[_COLOURS[name] for name in shown]),
        ),
    )
    layers = base.mark_line(strokeWidth=2) + base.mark_point(filled=True, size=55, opacity=1)
    for name in shown:
        own = alt.datum.who == CONTESTANTS[name].title
        text = base.transform_filter(own).encode(text=alt.Text(f"{field}:Q", format=",.3~r"))
        layers += text.mark_text(fontSize=11, **_LABELS[name])
    panels = layers.properties(width=330, height=280).facet(column=alt.Column("profile:N", title=None))
    return panels.configure_legend(orient="bottom").configure_view(stroke=None)


def _decades(values: list[float]) -> list[float]:
    """Return the powers of ten around the values: grid lines that can be read."""
    known = [value for value in values if value > 0] or [1.0]
    return [
        10.0**power
        for power in range(math.floor(math.log10(min(known))), math.ceil(math.log10(max(known))) + 1)
    ]
