"""The table of kecamatan: how many residents, what is proposed, what is recorded, what is missing to the target."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from nikdedup.show import numbers
from nikdedup.show.page.seen import Seen
from nikdedup.show.plots import place_names, records_by_place
from nikdedup.show.texts import say

MOST = 300
"""Kecamatan that are shown, those with most left to do; a page is for people."""
COUNTS = ("records", "decisions")
COVERED = ("due", "share", "share_after", "needed")
Cell = tuple[str, float | int | None]
"""What a cell shows, and what it is sorted by."""


@dataclass(frozen=True)
class Areas:
    """headers: of every column. rows: the name of a kecamatan and its cells. more: kecamatan that are not shown."""

    headers: tuple[str, ...]
    rows: list[tuple[str, list[Cell]]]
    more: int

    def __bool__(self) -> bool:
        return bool(self.rows)


def areas_of(
    seen: Seen,
    decisions: pl.DataFrame,
    names: dict[str, str],
    lang: str,
    *,
    totals: pl.DataFrame | None = None,
) -> Areas:
    """Return the table of kecamatan, the one with most left to do first; empty where there are no residents.

    Args:
        seen: residents and coverage.
        decisions: as schema.DECISIONS.
        names: what regions are called, by code.
        lang: `id` or `en`.
        totals: records by place, where they are known.
    """
    if seen.residents is None:
        return Areas((), [], 0)
    concerned = pl.col("row").is_in(decisions["row"].implode())
    proposed = records_by_place(seen.residents.filter(concerned)).rename({"records": "decisions"})
    totals = records_by_place(seen.residents) if totals is None else totals
    table = totals.join(proposed, on="place", how="left", nulls_equal=True)
    table = table.with_columns(pl.col("decisions").fill_null(0))
    columns: tuple[str, ...] = COUNTS
    if seen.coverage is not None:
        by_place = seen.coverage.groups["kecamatan"].select(
            place="kecamatan_code", **{name: name for name in COVERED}
        )
        table, columns = table.join(by_place, on="place", how="left", nulls_equal=True), COUNTS + COVERED
    order = ["needed" if "needed" in columns else "decisions", "records", "place"]
    table = table.sort(order, descending=[True, True, False], nulls_last=True)
    shown = table.head(MOST)
    known = [(one, names.get(one or "", one or "").upper() or None) for one in shown["place"]]
    called = place_names(known, lang)
    cells = [[_cell(name, value, lang) for name, value in zip(columns, line, strict=True)]
             for line in shown.select(columns).iter_rows()]  # fmt: skip
    headers = (say("profile.kecamatan", lang), *(say(f"page.area_{name}", lang) for name in columns))
    return Areas(headers, list(zip(called, cells, strict=True)), table.height - shown.height)


def _cell(name: str, value: float | int | None, lang: str) -> Cell:
    if name.startswith("share"):
        return numbers.percent(value, lang, floor=True), None if value is None else round(value, 6)
    return numbers.integer(value, lang), value
