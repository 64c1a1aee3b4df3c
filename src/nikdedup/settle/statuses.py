"""Records of people who are declared dead, moved, abroad or inactive, tied to rows.

What the extract itself says of somebody who no longer counts goes before; what an officer says goes before a village.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from nikdedup.errors import InputError
from nikdedup.schema import GONE
from nikdedup.settle.constraints import held
from nikdedup.settle.declared import rows_named

STATUSES: dict[str, pl.DataType] = {
    "row": pl.Int64(),
    "status": pl.String(),  # one of schema.GONE
    "who": pl.String(),
    "when": pl.Date(),
    "until": pl.Date(),
    "line": pl.Int64(),
    "source": pl.String(),  # of a village's answer
}
"""What is declared of rows, one line each."""
DECLARED = "status_declared"
"""Column of residents: what was declared, null where nothing was; it stands only in runs that were told anything."""


def resolve_statuses(
    declared: pl.DataFrame, residents: pl.DataFrame, *, reference_date: date | None = None
) -> tuple[pl.DataFrame, list[int], list[int]]:
    """Return STATUSES of the rows of `residents`, the lines that name a record not among them, and those set aside.

    Args:
        declared: as `load_constraints` returns it, with `village` where villages have told too.
        residents: as `rows_named` takes them.
        reference_date: entries whose `until` lies before it have lapsed and are left out.

    Raises:
        InputError: where two entries of officers say different things of one record, with their lines.
    """
    live = held(declared, reference_date).filter(pl.col("kind").is_in(GONE))
    rows = rows_named(live, residents, "l").rename({"row_l": "row"})
    told = rows.join(live, on="line", how="left", maintain_order="left").rename({"kind": "status"})
    village = pl.col("village") if "village" in told.columns else pl.lit(False)
    ordered = told.with_columns(_village=village).sort("row", "_village", "line")
    faults = _contradictions(ordered.filter(~pl.col("_village")))
    if faults:
        raise InputError(f"constraints: {'; '.join(faults)}")
    first = ordered.unique("row", keep="first", maintain_order=True)
    said = first.select("row", _first="status")
    aside = ordered.join(said, on="row", how="left").filter(
        pl.col("_village") & (pl.col("_first") != pl.col("status"))
    )
    unmatched = sorted(set(live["line"]) - set(rows["line"]))
    statuses = first.select(pl.col(name).cast(kind) for name, kind in STATUSES.items())
    return statuses, unmatched, sorted(set(aside["line"]))


def _contradictions(told: pl.DataFrame) -> list[str]:
    """Return one plain line per entry that says another thing of a record than an entry before it."""
    first = told.group_by("row", maintain_order=True).agg(
        pl.col("line").first().alias("_line"), pl.col("status").first().alias("_status")
    )
    both = told.join(first, on="row", how="left", maintain_order="left")
    lines = both.filter(pl.col("status") != pl.col("_status")).select("line", "status", "_line", "_status")
    return [
        f"entry {line} ({status}) contradicts entry {other} ({said})"
        for line, status, other, said in lines.unique().sort("line").iter_rows()
    ]


def with_declared(residents: pl.DataFrame, statuses: pl.DataFrame) -> pl.DataFrame:
    """Return residents of any part with DECLARED behind their other columns.

    Args:
        residents: with row.
        statuses: STATUSES of the whole extract.
    """
    told = statuses.select("row", pl.col("status").alias(DECLARED))
    return residents.join(told, on="row", how="left", maintain_order="left")
