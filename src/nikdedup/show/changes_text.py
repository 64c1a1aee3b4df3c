"""What `clean` did, in figures: changes made and proposed by kind, without any identity."""

from __future__ import annotations

import polars as pl

from nikdedup.residents.changes import KINDS
from nikdedup.show import numbers
from nikdedup.show.figures import Table
from nikdedup.show.summary import aligned
from nikdedup.show.texts import say


def changes_table(changes: pl.DataFrame, lang: str) -> Table:
    """Return changes made and only proposed by kind, certain kinds first, with totals.

    changes: columns reason and applied of the change table.
    """
    counted = changes.group_by("reason").agg(made=pl.col("applied").sum(), open=(~pl.col("applied")).sum())
    counts = {reason: (made, proposed) for reason, made, proposed in counted.iter_rows()}
    order = sorted((code for code in KINDS if code in counts), key=lambda code: not KINDS[code].certain)
    rows = tuple(
        (getattr(KINDS[code], lang), *(numbers.integer(n, lang) if n else numbers.NONE for n in counts[code]))
        for code in order
    )
    sums = tuple(numbers.integer(sum(pair[i] for pair in counts.values()), lang) for i in (0, 1))
    headers = (say("clean.kind", lang), say("clean.made", lang), say("clean.proposed", lang))
    return Table(say("clean.title", lang), headers, rows, (say("word.total", lang), *sums) if rows else None)


def changes_text(changes: pl.DataFrame, records: int, lang: str) -> str:
    """Return the figures as plain text; a sentence where nothing was found."""
    table = changes_table(changes, lang)
    head = say("clean.records", lang, n=numbers.integer(records, lang))
    if not table:
        return f"{head}\n{say('clean.nothing', lang)}"
    body = aligned(Table(table.title, table.headers, (table.headers, *table.rows), table.total))
    return "\n".join([head, table.title, *body])
