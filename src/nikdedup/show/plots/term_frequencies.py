"""How common the values of a column are: what many share proves little, what two share proves much."""

from __future__ import annotations

import math

import polars as pl

from nikdedup.show import numbers
from nikdedup.show.plots.grammar import Rows, Spec, layer, mark, name, nothing, quantity, tips, titled
from nikdedup.show.plots.look import Look
from nikdedup.show.texts import label, say

COLUMNS = {
    "name": "nama_lgkp_clean",
    "mother": "nama_lgkp_ibu_clean",
    "father": "nama_lgkp_ayah_clean",
    "kk": "no_kk_clean",
    "place": "tmpt_lhr_clean",
    "address": "alamat_clean",
    "birth": "tgl_lhr_clean",
}
"""What may be asked for -> the column that is counted."""
_EDGES = (1, 2, 3, 5, 10, 30, 100, 300, 1000, 3000, 10_000, 100_000, 1_000_000)


def frequencies_spec(values: pl.LazyFrame | None, field: str, look: Look) -> Spec:
    """Return how many records hold values that so many records share, and how much such a value proves.

    Args:
        values: residents; None where the run kept none.
        field: one of COLUMNS.
        look: colours and language.
    """
    lang = look.lang
    called = label("part", "tgl_lhr", lang) if field == "birth" else label("field", field, lang)
    title = say("plot.frequencies", lang, field=called)
    if values is None:
        return nothing(title, look, say("plot.no_residents", lang))
    column = COLUMNS[field]
    counted = values.select(pl.col(column).drop_nulls()).group_by(column).len("held")
    held = counted.group_by("held").agg(pl.len().alias("values")).collect().sort("held")
    if held.is_empty():
        return nothing(title, look)
    rows = _bands(held, lang)
    axis = {"labelColor": look.colour["ink"], "ticks": False, "domain": False}
    y = name("band", sort=[row["band"] for row in rows], title=say("plot.shared_by", lang), axis=axis)
    told = tips(("band", say("plot.shared_by", lang)), ("values", say("plot.values", lang), ",d"),
                ("records", say("plot.records", lang), ",d"), ("bits", say("report.log2", lang), "+,.1f"))  # fmt: skip
    x = quantity("records", title=say("plot.records", lang), axis={"format": ",d", "tickCount": 5})
    text = mark("text", align="left", dx=4, fontSize=11, color=look.colour["soft"])
    bars = [
        layer(mark("bar", color=look.colour["confirmed"], height={"band": 0.7}), x=x, y=y, tooltip=told),
        layer(text, x=x, y=y, text=name("share")),
    ]
    bare = {**y, "axis": None}
    worth = quantity("bits", title=say("plot.worth", lang), axis={"tickCount": 6})
    dots = [
        layer(
            mark("rule", color=look.colour["quiet"], strokeWidth=2),
            x=quantity("zero"),
            x2={"field": "bits"},
            y=bare,
        ),
        layer(
            mark("point", filled=True, size=80, opacity=1, color=look.colour["review"]),
            x=worth,
            y=bare,
            tooltip=told,
        ),
        layer({**text, "dx": 9}, x=worth, y=bare, text=name("said")),
    ]
    panels = [
        {"layer": drawn, "width": wide, "height": {"step": 26}} for drawn, wide in ((bars, 320), (dots, 220))
    ]
    spec = {"data": {"values": rows}, "hconcat": panels, "spacing": 48}
    return titled(spec, title, say("plot.frequencies_note", lang))


def _bands(held: pl.DataFrame, lang: str) -> Rows:
    """Return a line per band of how many records share a value; bits: log2 of all records over those that share it."""
    total = int((held["held"] * held["values"]).sum())
    rows = []
    for low, following in zip(_EDGES, (*_EDGES[1:], 1 << 62), strict=True):
        own = held.filter(pl.col("held").is_between(low, following - 1))
        if own.is_empty():
            continue
        values = int(own["values"].sum())
        records = int((own["held"] * own["values"]).sum())
        bits = math.log2(total * values / records)
        ends = [numbers.integer(end, lang) for end in (low, following - 1)]
        band = ends[0] if low == following - 1 else f"≥ {ends[0]}" if following == 1 << 62 else "–".join(ends)
        rows.append(
            {"band": band, "values": values, "records": records, "bits": round(bits, 2), "zero": 0,
             "share": numbers.percent(records / total, lang, digits=1),
             "said": numbers.decimal(bits, lang, digits=1, signed=True)}
        )  # fmt: skip
    return rows
