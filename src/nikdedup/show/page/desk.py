"""The threshold desk of the page: two curves, a slider, and what stands at the threshold that it is moved to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from nikdedup.publish import RunRecord
from nikdedup.show import numbers
from nikdedup.show.figures import Table
from nikdedup.show.plots import by_decoys, desk
from nikdedup.show.texts import say

PACE = 20
"""Pairs that a clerk decides in an hour, to begin with."""
WIDTH, HEIGHT = 1000, 100
"""Units of a curve's picture."""
LINES = 12
"""Thresholds in the table behind the picture, about."""
FIELDS = ("false", "low", "high", "decoys", "least", "most", "review", "joined", "moved")
UNSAID = dict.fromkeys(("decoys", "least", "most"))


@dataclass(frozen=True)
class Curve:
    """title: above it. line, band: points of an SVG. top: the largest value, as text."""

    title: str
    tone: str
    line: str
    band: str
    top: str


@dataclass(frozen=True)
class Desk:
    """data: columns of numbers by threshold, for the script. now, last: which of them the run has taken, and the last.

    x: where that of the run stands, 0 to WIDTH. ends: the first and the last threshold.
    figures: what stands at the threshold of the run, by field. table: the figures behind the picture.
    """

    data: str
    now: int
    last: int
    x: int
    ends: tuple[str, str]
    curves: tuple[Curve, ...]
    figures: dict[str, str]
    table: Table


def desk_of(run: RunRecord, pairs: pl.DataFrame | None, lang: str) -> Desk | None:
    """Return the threshold desk; None where no stored pair may be joined.

    Args:
        run: record of the run.
        pairs: as schema.PAIRS; None gives none.
        lang: `id` or `en`.
    """
    asked = None if pairs is None else pairs.filter(pl.col("band").is_not_null())
    if asked is None or asked.is_empty():
        return None
    rows = desk(run, asked, PACE)
    if len(rows) < 2:
        return None
    measured = {row["at"]: row for row in by_decoys(run.decoys, [row["at"] for row in rows])}
    rows = [row | UNSAID | measured.get(row["at"], {}) for row in rows]
    now = next(at for at, row in enumerate(rows) if row["at"] == run.thresholds.confirmed_log2)
    low, high = rows[0]["at"], rows[-1]["at"]
    x = [round(WIDTH * (row["at"] - low) / (high - low)) for row in rows]
    columns: dict[str, Any] = {name: [row[name] for row in rows] for name in ("at", *FIELDS)}
    data = json.dumps({**columns, "x": x, "now": now, "lang": lang}, separators=(",", ":"))
    curves = (
        _curve("false", "bad", x, rows, lang, band=("low", "high")),
        _curve("review", "review", x, rows, lang),
    )
    ends = (numbers.decimal(low, lang, digits=1), numbers.decimal(high, lang, digits=1))
    return Desk(
        data, now, len(rows) - 1, x[now], ends, curves, _told(rows[now], lang), _table(rows, now, lang)
    )


def _curve(
    field: str,
    tone: str,
    x: Sequence[int],
    rows: Sequence[dict[str, Any]],
    lang: str,
    band: tuple[str, ...] = (),
) -> Curve:
    """Return a curve of steps: a threshold holds until the next one."""
    top = max(max(row[name] for row in rows) for name in (field, *band)) or 1

    def points(name: str) -> list[tuple[int, float]]:
        heights = [round(HEIGHT * (1 - row[name] / top), 1) for row in rows]
        corners = [(x[at], heights[at - 1]) for at in range(1, len(rows))]
        return [found for pair in zip(zip(x, heights, strict=True), [*corners, None], strict=True)
                for found in ((pair[0],) if pair[1] is None else (pair[0], pair[1]))]  # fmt: skip

    def written(found: Sequence[tuple[int, float]]) -> str:
        return " ".join(f"{left},{height:g}" for left, height in found)

    area = [*points(band[0]), *reversed(points(band[1]))] if band else []
    return Curve(say(f"plot.desk_{field}", lang), tone, written(points(field)), written(area),
                 numbers.integer(top, lang))  # fmt: skip


def _told(row: dict[str, Any], lang: str) -> dict[str, str]:
    return {
        "at": numbers.decimal(row["at"], lang, digits=1),
        "false": _between(row["false"], row["low"], row["high"], lang),
        "decoys": _between(row["decoys"], row["least"], row["most"], lang),
        "review": numbers.integer(row["review"], lang),
        "hours": numbers.integer(row["hours"], lang),
        "joined": numbers.integer(row["joined"], lang),
        "moved": numbers.decimal(row["moved"], lang, digits=0, signed=True),
    }


def _between(value: float | None, low: float | None, high: float | None, lang: str) -> str:
    if value is None:
        return numbers.NONE
    ends = {"low": numbers.decimal(low, lang, digits=0), "high": numbers.decimal(high, lang, digits=0)}
    return f"{numbers.decimal(value, lang, digits=1)} ({say('page.between', lang, **ends)})"


def _table(rows: Sequence[dict[str, Any]], now: int, lang: str) -> Table:
    step = max(1, len(rows) // LINES)
    shown = sorted({*range(0, len(rows), step), now, len(rows) - 1})
    names = ("at", "false", "decoys", "review", "hours", "joined", "moved")
    told = [_told(rows[at], lang) for at in shown]
    headers = tuple(say(f"page.desk_{name}", lang) for name in names)
    return Table(
        say("report.histogram_figures", lang),
        headers,
        tuple(tuple(one[n] for n in names) for one in told),
        None,
        0,
    )
