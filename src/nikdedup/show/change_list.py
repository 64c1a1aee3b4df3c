"""What `clean` did: in figures by kind, without any identity, and as a list for an office to read."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from nikdedup.residents.changes import KINDS
from nikdedup.show import numbers
from nikdedup.show.figures import Table
from nikdedup.show.summary import aligned
from nikdedup.show.texts import say


def changes_counted(changes: pl.DataFrame, lang: str) -> list[tuple[str, int, int]]:
    """Return kind, changes made and changes only proposed, certain kinds first.

    changes: columns reason and applied of the change table.
    """
    counted = changes.group_by("reason").agg(made=pl.col("applied").sum(), open=(~pl.col("applied")).sum())
    counts = {reason: (made, proposed) for reason, made, proposed in counted.iter_rows()}
    order = sorted((code for code in KINDS if code in counts), key=lambda code: not KINDS[code].certain)
    return [(getattr(KINDS[code], lang), *counts[code]) for code in order]


def changes_table(changes: pl.DataFrame, lang: str) -> Table:
    """Return changes made and only proposed by kind, certain kinds first, with totals.

    changes: columns reason and applied of the change table.
    """
    counted = changes_counted(changes, lang)
    rows = tuple(
        (name, *(numbers.integer(n, lang) if n else numbers.NONE for n in counts))
        for name, *counts in counted
    )
    made, proposed = (
        sum(counts) for counts in ([line[1] for line in counted], [line[2] for line in counted])
    )
    sums = (numbers.integer(made, lang), numbers.integer(proposed, lang))
    headers = (say("clean.kind", lang), say("clean.made", lang), say("clean.proposed", lang))
    return Table(say("clean.title", lang), headers, rows, (say("word.total", lang), *sums) if rows else None)


def changes_text(changes: pl.DataFrame, records: int, lang: str) -> str:
    """Return the figures as plain text; a sentence where nothing was found.

    Args:
        changes: the table of changes.
        records: number of records.
        lang: `id` or `en`.
    """
    table = changes_table(changes, lang)
    head = say("clean.records", lang, n=numbers.integer(records, lang))
    if not table:
        return f"{head}\n{say('clean.nothing', lang)}"
    body = aligned(Table(table.title, table.headers, (table.headers, *table.rows), table.total))
    style = [code for code in KINDS if KINDS[code].style]
    made = changes.filter("applied")
    only = made.filter(pl.col("reason").is_in(style)).height
    note = say(
        "clean.style_only", lang, n=numbers.integer(only, lang), all=numbers.integer(made.height, lang)
    )
    return "\n".join([head, table.title, *body, *([note] if only else [])])


LIST_WIDTHS = (24, 18, 8, 18, 32, 32, 60, 16, 16)
"""Widths of the columns of `changes_list` in a workbook, in characters."""


def changes_list(changes: pl.DataFrame, lang: str) -> pl.DataFrame:
    """Return the change table as an office reads it: headers, reasons and what became of each in words.

    changes: columns of CHANGE_TABLE. Columns: file, sheet, row, column, before, after, reason, kind (content, writing
    only, or a row), and whether it was made.
    """
    reasons = {code: getattr(kind, lang) for code, kind in KINDS.items()}
    style = [code for code, kind in KINDS.items() if kind.style]
    reason, made = pl.col("reason"), pl.col("applied")
    kind = (
        pl.when(reason.str.starts_with("row_"))
        .then(pl.lit("row"))
        .when(reason.is_in(style))
        .then(pl.lit("writing"))
        .otherwise(pl.lit("content"))
    )
    became = (
        pl.when(made)
        .then(pl.lit("made"))
        .when(reason == "digits_lost")
        .then(pl.lit("missing"))
        .when("certain")
        .then(pl.lit("not_made"))
        .otherwise(pl.lit("proposed"))
    )
    columns = {
        "file": pl.col("source_file"),
        "sheet": pl.col("source_sheet"),
        "row": pl.col("source_row"),
        "column": pl.col("column"),
        "before": pl.col("before"),
        "after": pl.col("after"),
        "reason": reason.replace_strict(reasons, return_dtype=pl.String),
        "kind": _said(kind, ("row", "writing", "content"), lang),
        "became": _said(became, ("made", "missing", "not_made", "proposed"), lang),
    }
    return changes.select(column.alias(say(f"clean.list_{name}", lang)) for name, column in columns.items())


def _said(code: pl.Expr, codes: Sequence[str], lang: str) -> pl.Expr:
    return code.replace_strict({one: say(f"clean.is_{one}", lang) for one in codes}, return_dtype=pl.String)
