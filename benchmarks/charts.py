"""Time and memory against rows, log against log, one panel per profile; SVG files beside RESULTS.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.contestants import CONTESTANTS
from benchmarks.run import ANSWERED

Result = dict[str, Any]

_COLOURS = {
    "ours": "#0b6e4f", "ours-full": "#6bb392", "splink": "#c8553d", "splink-library": "#e6a08f",
    "recordlinkage": "#5b5f97", "floor": "#8d99ae",
}  # fmt: skip
_DRAWN = ("ours", "splink", "recordlinkage", "floor")
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
        y=alt.Y(f"{field}:Q", title=title, scale=alt.Scale(type="log"), axis=alt.Axis(format="~g")),
        color=alt.Color(
            "who:N",
            title=None,
            sort=titles,
            scale=alt.Scale(domain=titles, range=[_COLOURS[name] for name in shown]),
        ),
    )
    numbers = base.mark_text(dy=-10, fontSize=11).encode(text=alt.Text(f"{field}:Q", format=",.3~r"))
    layers = base.mark_line(strokeWidth=2) + base.mark_point(filled=True, size=55, opacity=1) + numbers
    panels = layers.properties(width=330, height=280).facet(column=alt.Column("profile:N", title=None))
    return panels.configure_legend(orient="bottom").configure_view(stroke=None)
