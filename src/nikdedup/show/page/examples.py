"""Some records of each kind beside their counterparts, masked: what the figures of a report stand for."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from nikdedup import schema
from nikdedup.masking import mask_numbers
from nikdedup.publish import RunRecord
from nikdedup.show import figures, numbers
from nikdedup.show.compared import Row, compared, value
from nikdedup.show.texts import label, say

MOST = 10
"""Examples of a kind."""
_READ = ("decision_id", "case_id", "row", "other_row", "kind", "action")
"""Columns of decisions that are looked at, beside the reasons."""


@dataclass(frozen=True)
class Line:
    """One field of both records as shown. differs: whether they differ in it. note: in words, in what."""

    name: str
    a: str
    b: str
    differs: bool
    note: str = ""


@dataclass(frozen=True)
class Example:
    """Two records: their numbers, what is proposed for each, field by field, and the reason."""

    row_a: int
    row_b: int
    actions: tuple[str, str]
    lines: tuple[Line, ...]
    reason: str


def examples_by_kind(
    residents: pl.LazyFrame | None, decisions: pl.DataFrame, run: RunRecord, lang: str
) -> list[tuple[str, list[Example]]]:
    """Return each kind that occurs with at most MOST pairs of records, each case once, masked.

    Which ones are taken follows from the ids of the decisions, which scatter over an extract.

    Args:
        residents: published residents; None gives no example.
        decisions: as schema.DECISIONS.
        run: record of the run.
        lang: `id` or `en`.
    """
    if residents is None:
        return []
    chosen = (
        decisions.select(*_READ, f"reasons_{lang}")
        .filter(pl.col("kind").is_not_null() & pl.col("other_row").is_not_null())
        .sort(pl.col("action") == "keep", "decision_id")
        .unique(["kind", "case_id"], keep="first", maintain_order=True)
        .group_by("kind", maintain_order=True)
        .head(MOST)
    )
    rows = pl.concat([chosen["row"], chosen["other_row"]]).unique()
    known = residents.filter(pl.col("row").is_in(rows.implode())).collect()
    by_row = {line["row"]: line for line in known.iter_rows(named=True)}
    proposed = dict(decisions.filter(pl.col("row").is_in(rows.implode())).select("row", "action").iter_rows())
    found = []
    for kind in schema.KINDS:
        lines = chosen.filter(kind=kind).iter_rows(named=True)
        pairs = [
            _example(one, by_row, proposed, run, lang)
            for one in lines
            if {one["row"], one["other_row"]} <= by_row.keys()
        ]
        if pairs:
            found.append((figures.kind_name(kind, lang), pairs))
    return found


def _example(
    one: Row, by_row: dict[int, Row], proposed: dict[int, str], run: RunRecord, lang: str
) -> Example:
    a, b = (by_row[one[side]] for side in ("row", "other_row"))
    lines = [
        Line(
            label("part", pair.part, lang), pair.a or numbers.NONE, pair.b or numbers.NONE,
            value(a, pair.part) != value(b, pair.part), pair.note,
        )
        for field in figures.compared_fields(run)
        for pair in compared(field, a, b, show_identities=False, lang=lang)
    ]  # fmt: skip
    mine, theirs = (say(f"recorded.{row.get('recorded') or 'unknown'}", lang) for row in (a, b))
    lines.append(Line(say("page.recorded", lang), mine, theirs, mine != theirs))
    actions = [proposed.get(one[side]) for side in ("row", "other_row")]
    shown = tuple(label("action", action, lang) if action else numbers.NONE for action in actions)
    reason = mask_numbers(one[f"reasons_{lang}"] or "")
    return Example(one["row"], one["other_row"], (shown[0], shown[1]), tuple(lines), reason)
