"""Faults by column and kecamatan as a heat map: where an extract is bad, and in what."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from nikdedup.residents.places import load_regions
from nikdedup.show import numbers
from nikdedup.show.plots.grammar import Rows, Spec, layer, mark, name, nothing, quantity, tips, titled
from nikdedup.show.plots.look import Look
from nikdedup.show.plots.places import marked_by_place, place_names, records_by_place
from nikdedup.show.texts import label, say

MOST = 14
"""Kecamatan that are shown by name, those with most records; the others stand together."""
COLUMN_OF = {
    "nik_": "nik", "kk_": "no_kk", "parent_nik_": "nik_ibu", "birth_": "tgl_lhr", "name_": "nama_lgkp",
    "mother_": "nama_lgkp_ibu", "father_": "nama_lgkp_ayah", "parents_": "nama_lgkp_ibu", "sex_": "jenis_klmin",
    "status_": "ektp_status", "life_status_": "flag_status", "rt_rw_": "rt_rw", "date_": "dates",
}  # fmt: skip
"""Beginning of a reason code -> the column that it is about."""
NO_FAULT = frozenset({
    "nik_region_elsewhere", "nik_region_retired", "nik_region_legacy", "nik_region_simduk", "nik_nit",
    "kk_carried_down", "birth_from_nik", "name_title_removed", "name_expanded", "name_alias", "name_patronymic",
    "name_one_word", "name_initials", "mother_from_name", "father_from_name",
})  # fmt: skip
"""Reason codes that say something of a value, and nothing against it."""


def quality_spec(residents: pl.LazyFrame | None, look: Look, *, extra: Path | None = None) -> Spec:
    """Return the share of records with a fault, by column and kecamatan of residence.

    Args:
        residents: published residents; None where the run kept none.
        look: colours and language.
        extra: an office's own codes of regions.
    """
    lang = look.lang
    title = say("plot.quality", lang)
    if residents is None:
        return nothing(title, look, say("plot.no_residents", lang))
    rows = fault_shares(residents, lang, extra)
    if not rows:
        return nothing(title, look)
    columns = sorted(
        {row["column"] for row in rows}, key=lambda one: -max(r["share"] for r in rows if r["column"] == one)
    )
    places = list(dict.fromkeys(row["place"] for row in rows))
    ink = {"labelColor": look.colour["ink"], "ticks": False, "domain": False}
    x = name(
        "place", sort=places, title=None, axis={**ink, "labelAngle": -40, "orient": "top", "labelLimit": 150}
    )
    y = name("column", sort=columns, title=None, axis={**ink, "labelLimit": 260})
    # By the root: a fault in one of a thousand is seen beside one in ten.
    scale = {
        "range": [look.colour["faint"], look.colour["against"]],
        "type": "sqrt",
        "domainMin": 0,
        "interpolate": "rgb",
    }
    told = tips(("place", say("profile.kecamatan", lang)), ("column", say("profile.column", lang)),
                ("n", say("plot.with_fault", lang), ",d"), ("of", say("plot.records", lang), ",d"))  # fmt: skip
    cells = layer(mark("rect", stroke=look.colour["paper"], strokeWidth=2), x=x, y=y,
                  color=quantity("share", scale=scale, legend=None), tooltip=told)  # fmt: skip
    half = max(row["share"] for row in rows) * 0.36
    contrast = {"condition": {"test": f"datum.share > {half:.6f}", "value": look.colour["paper"]},
                "value": look.colour["ink"]}  # fmt: skip
    text = layer(mark("text", fontSize=11), x=x, y=y, text=name("label"), color=contrast)
    size = {"width": {"step": 52}, "height": {"step": 26}}
    return titled(
        {"data": {"values": rows}, "layer": [cells, text], **size}, title, say("plot.quality_note", lang)
    )


def fault_shares(
    residents: pl.LazyFrame, lang: str, extra: Path | None = None, *, totals: pl.DataFrame | None = None
) -> Rows:
    """Return a line per column and kecamatan, the kecamatan with most records first.

    Args:
        residents: published residents.
        lang: `id` or `en`.
        extra: an office's own codes of regions.
        totals: as `records_by_place` gives them, where they are known.
    """
    totals = records_by_place(residents) if totals is None else totals
    totals = totals.sort(["records", "place"], descending=[True, False])
    named = totals["place"].drop_nulls().head(MOST).to_list()
    column = {code: _column(code) for prefix in COLUMN_OF for code in _codes(prefix)}
    found = marked_by_place(residents, column).select("place", "mark", "n")
    counts = {(place, one): n for place, one, n in found.iter_rows()}
    of = dict(totals.iter_rows())
    names = load_regions(extra).names
    called = place_names([(one, names.get(one, one).upper()) for one in named], lang)
    groups: list[tuple[str, list[str | None]]] = [
        (said, [one]) for said, one in zip(called, named, strict=True)
    ]
    rest = [one for one in of if one not in named]
    groups += [(say("plot.other_places", lang), rest)] if rest else []
    rows: Rows = []
    for one in sorted({one for _, one in counts}):
        for place, keys in groups:
            n, total = sum(counts.get((key, one), 0) for key in keys), sum(of[key] for key in keys)
            said = {"share": round(n / total, 5), "label": numbers.rate(n / total, lang) if n else ""}
            rows.append({"place": place, "column": label("part", one, lang), "n": n, "of": total, **said})
    return rows


def _codes(prefix: str) -> list[str]:
    from nikdedup.residents import REASONS

    return [code for code in REASONS if code.startswith(prefix) and code not in NO_FAULT]


def _column(code: str) -> str:
    """Return the column of a code: that of its longest beginning."""
    return COLUMN_OF[max((prefix for prefix in COLUMN_OF if code.startswith(prefix)), key=len)]
