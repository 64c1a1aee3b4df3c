"""What a recheck found, as lines for a terminal: counts and row numbers, no identity."""

from __future__ import annotations

import polars as pl

from nikdedup.show import numbers
from nikdedup.show.figures import Table
from nikdedup.show.summary import aligned
from nikdedup.show.texts import say

SHOWN_ROWS = 10
"""Row numbers listed per column; the count says how many there are."""


def recheck_text(
    decisions: int,
    differing: pl.DataFrame,
    changed: tuple[str, ...],
    version: str | None,
    lang: str,
    *,
    filled_in: bool = False,
) -> str:
    """Return one line where all is equal, else which columns differ in how many and in which rows.

    Args:
        decisions: how many were computed again.
        differing: row and column.
        changed: files that are not as the run wrote them.
        version: of the nikdedup that made the run, None if it is this one.
        lang: `id` or `en`.
        filled_in: whether somebody has changed decisions.xlsx.
    """
    n = numbers.integer(decisions, lang)
    lines = [say("recheck.changed", lang, name=name) for name in changed]
    if filled_in:
        lines.append(say("recheck.filled_in", lang))
    if version is not None:
        lines.append(say("recheck.version", lang, version=version))
    if differing.is_empty():
        return "\n".join([*lines, say("recheck.equal", lang, n=n)])
    found = numbers.integer(differing["row"].n_unique(), lang)
    lines.append(say("recheck.differ", lang, n=n, found=found))
    counts = differing.group_by("column").agg(pl.len(), pl.col("row").sort()).sort("column")
    head = tuple(say(f"recheck.{name}", lang) for name in ("column", "count", "rows"))
    rows = [
        (_column(name, lang), numbers.integer(size, lang), _rows(at)) for name, size, at in counts.iter_rows()
    ]
    return "\n".join([*lines, *aligned(Table("", head, (head, *rows), text_columns=3))])


def _column(name: str, lang: str) -> str:
    return say(f"recheck.{name}", lang) if name in ("not_stored", "not_reproduced") else name


def _rows(rows: list[int]) -> str:
    return ", ".join(map(str, rows[:SHOWN_ROWS])) + (", …" if len(rows) > SHOWN_ROWS else "")
