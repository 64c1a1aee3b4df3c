"""What the pairs lack: in how many of them a field could not be compared, by band."""

from __future__ import annotations

import polars as pl

from nikdedup.publish import RunRecord
from nikdedup.show import figures, numbers
from nikdedup.show.plots.grammar import Spec, colours, layer, mark, name, nothing, quantity, tips, titled
from nikdedup.show.plots.look import Look
from nikdedup.show.texts import label, say

BANDS = ("confirmed", "review")


def missing_spec(run: RunRecord, pairs: pl.DataFrame, look: Look) -> Spec:
    """Return the share of confirmed and of review pairs in which each field is missing on a side.

    Args:
        run: record of the run: which fields were compared.
        pairs: as schema.PAIRS.
        look: colours and language.
    """
    lang = look.lang
    title, asked = say("plot.missing", lang), pairs.filter(pl.col("band").is_not_null())
    fields = [field for field in figures.compared_fields(run) if f"level_{field}" in asked.columns]
    if asked.is_empty() or not fields:
        return nothing(title, look)
    rows = []
    for band in BANDS:
        own = asked.filter(pl.col("band") == band)
        for field in fields if own.height else ():
            n = int((own[f"level_{field}"].fill_null(0) == 0).sum())
            share = n / own.height
            rows.append(
                {"field": label("field", field, lang), "band": label("band", band, lang), "n": n, "of": own.height,
                 "share": round(share, 4), "label": numbers.percent(share, lang, digits=1)}
            )  # fmt: skip
    bands = [label("band", band, lang) for band in BANDS]
    axis = {"labelColor": look.colour["ink"], "labelLimit": 320, "ticks": False, "domain": False}
    y = name("field", sort=[label("field", one, lang) for one in fields], title=None, axis=axis)
    scale = {"domain": [0, 1]}
    x = quantity(
        "share", title=say("plot.share_of_pairs", lang), scale=scale, axis={"format": "%", "tickCount": 6}
    )
    beside = name("band", sort=bands)
    fill = name("band", **colours(bands, [look.colour["confirmed"], look.colour["review"]]))
    told = tips(("field", say("report.field", lang)), ("band", say("explain.band", lang)),
                ("n", say("report.number_of_pairs", lang), ",d"), ("of", say("word.total", lang), ",d"))  # fmt: skip
    bars = layer(mark("bar"), x=x, y=y, yOffset=beside, color=fill, tooltip=told)
    text = mark("text", align="left", dx=4, fontSize=10, color=look.colour["soft"])
    figure = layer(text, x=x, y=y, yOffset=beside, text=name("label"))
    spec = {"data": {"values": rows}, "layer": [bars, figure], "width": 420, "height": {"step": 14}}
    return titled(spec, title, say("plot.missing_note", lang))
