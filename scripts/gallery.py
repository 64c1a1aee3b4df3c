"""Write docs/gallery.md and its pictures: every picture of `result.plot` with its call, from made-up residents.

    python scripts/gallery.py

The pictures are drawn by vl-convert without a network. Where a call needs records, the first ones that show
something are taken.
"""

from __future__ import annotations

import inspect
import io
import re
import tempfile
from pathlib import Path
from typing import Any

import polars as pl

import nikdedup

DOCS = Path(__file__).parents[1] / "docs"
PICTURES = DOCS / "gallery"
HEAD = """# Gallery

Every picture of a run, with its call; written by `make docs` from 20,000 made-up residents. Each call returns an altair
chart: change it (`.properties(width=400)`), put it beside others (`left | right`), save it (`.save("x.html")`, also
.png, .svg, .pdf, .json). A page that is saved needs no network: its scripts stand inside, a security policy lets
only them run, and expressions are walked by Vega's interpreter, never evaluated. Nobody can be seen in a picture.

Pictures are in the language of the run. `result.plot(lang="en")` and `result.plot(lang="id")` choose it, `dark=True`
gives them for a dark page:

| | |
|---|---|
| ![Weights in Indonesian, light](gallery/weights.id.svg) | ![Weights in English, dark](gallery/weights.dark.svg) |

"""


def calls(result: Any) -> dict[str, str]:
    """Return every picture with its call, for a run that has found something."""
    pair = result.pairs.filter(band="confirmed").sort("weight_log2", "row_l").row(20, named=True)
    large = result.residents.group_by("no_kk_clean").agg(pl.len(), pl.col("row").min()).sort("len", "row")
    members = result.people.group_by("person_id").agg(pl.len(), pl.col("row").min()).sort("len", "row")
    differing = result.residents.filter(pl.col("flags").list.contains("nik_birth_differs"))
    return {
        "weights": "weights()",
        "threshold": "threshold(pairs_per_hour=20)",
        "passes": "passes()",
        "waterfall": f"waterfall({pair['row_l']}, {pair['row_r']})",
        "m_u": "m_u()",
        "term_frequencies": 'term_frequencies("name")',
        "completeness": "completeness()",
        "coverage": "coverage()",
        "quality": "quality()",
        "nik": f"nik({differing['row'][0]})",
        "family": f"family({large['row'][-1]})",
        "person": f"person({members['row'][-1]})",
        "missing_evidence": "missing_evidence()",
    }


def draw(chart: Any, name: str) -> None:
    """Write a picture as SVG, its coordinates to a hundredth."""
    drawn = io.StringIO()
    chart.save(drawn, format="svg")
    short = re.sub(r"(?<![>.\d])\d+\.\d{3,}", lambda found: f"{float(found[0]):.2f}", drawn.getvalue())
    (PICTURES / f"{name}.svg").write_text(short + "\n", encoding="utf-8")


def main() -> None:
    """Make the residents, find the doubles, draw every picture, write the page."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        extract = Path(folder) / "extract.parquet"
        nikdedup.generate(extract, rows=20_000, seed=6212)
        result = nikdedup.dedupe(extract, lang="en")
    plot, parts = result.plot, [HEAD]
    for name, call in calls(result).items():
        chart = eval(f"plot.{call}", {"plot": plot})
        draw(chart, name)
        told = (inspect.getdoc(getattr(type(plot), name)) or "").split("\n\n")[0].removeprefix("Return ")
        told = f"{told[0].upper()}{told[1:]}"
        title = chart.to_dict()["title"]["text"]
        parts.append(f"## `result.plot.{call}`\n\n{told}\n\n![{title}](gallery/{name}.svg)\n\n")
    draw(plot(lang="id").weights(), "weights.id")
    draw(plot(dark=True).weights(), "weights.dark")
    (DOCS / "gallery.md").write_text("".join(parts).rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
