"""How full each column is, and how much of it could be understood."""

from __future__ import annotations

import polars as pl

from nikdedup.publish import RunRecord
from nikdedup.schema import CLEAN
from nikdedup.show import numbers
from nikdedup.show.plots.grammar import (
    Rows,
    Spec,
    colours,
    layer,
    mark,
    name,
    nothing,
    quantity,
    tips,
    titled,
)
from nikdedup.show.plots.look import Look
from nikdedup.show.texts import label, say

_NONE_IS_ZERO = ("no_rt", "no_rw")
"""Columns in which a text may say that there is none: what is not a number there was understood so."""


def completeness_spec(run: RunRecord, residents: pl.LazyFrame | None, look: Look) -> Spec:
    """Return the share of records in which each column is understood, filled but not understood, and empty.

    Args:
        run: record of the run: how many records have each field.
        residents: published residents; without them filled cells count as understood.
        look: colours and language.
    """
    lang, present = look.lang, run.quality.present
    title, total = say("plot.completeness", lang), run.counts.records
    if not present or not total:
        return nothing(title, look)
    unread = _not_understood(residents, list(present))
    states = [say(f"plot.{state}", lang) for state in ("understood", "not_understood", "empty")]
    rows: Rows = []
    for field, filled in present.items():
        bad = min(unread.get(field, 0), filled)
        parts = (filled - bad, bad, max(total - filled, 0))
        whole = numbers.percent(filled / total, lang, digits=1, floor=True)
        for at, (state, n) in enumerate(zip(states, parts, strict=True)):
            rows.append({"field": _called(field, lang), "state": state, "order": at, "n": n,
                         "share": round(n / total, 5), "label": whole})  # fmt: skip
    axis = {"labelColor": look.colour["ink"], "labelLimit": 320, "ticks": False, "domain": False}
    y = name("field", sort=[_called(field, lang) for field in present], title=None, axis=axis)
    scale = {"domain": [0, 1]}
    x = quantity("share", stack="zero", title=say("plot.share_of_records", lang), scale=scale,
                 axis={"format": "%", "tickCount": 6})  # fmt: skip
    fills = [look.colour[role] for role in ("confirmed", "against", "line")]
    told = tips(("field", say("profile.column", lang)), ("state", say("report.verdict", lang)),
                ("n", say("plot.records", lang), ",d"), ("share", "%", ",.2%"))  # fmt: skip
    bars = layer(
        mark("bar", height={"band": 0.72}), x=x, y=y, color=name("state", **colours(states, fills)),
        order=quantity("order"), tooltip=told,
    )  # fmt: skip
    text = mark("text", align="left", x=426, fontSize=11, color=look.colour["soft"])
    figure = layer(text, [row for row in rows if row["order"] == 0], y=y, text=name("label"))
    spec = {"data": {"values": rows}, "layer": [bars, figure], "width": 420, "height": {"step": 20}}
    return titled(spec, title, say("plot.completeness_note", lang))


def _called(field: str, lang: str) -> str:
    known = label("part", field, lang)
    return known if known != field.replace("_", " ") else field.upper()


def _not_understood(residents: pl.LazyFrame | None, fields: list[str]) -> dict[str, int]:
    """Return by field how many cells hold something of which nothing was understood."""
    if residents is None:
        return {}
    columns = set(residents.collect_schema().names())
    asked = [
        one
        for one in fields
        if one not in _NONE_IS_ZERO and f"{one}_clean" in CLEAN and {one, f"{one}_clean"} <= columns
    ]
    if not asked:
        return {}
    bad = (pl.col(one).is_not_null() & pl.col(f"{one}_clean").is_null() for one in asked)
    found = residents.select(one.sum().alias(field) for field, one in zip(asked, bad, strict=True)).collect()
    return {field: int(n) for field, n in found.row(0, named=True).items()}
