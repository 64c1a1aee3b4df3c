"""Coverage from night to night, as each published night told it of itself."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
from sqlalchemy import select

from nikdedup.nightly.place import RUN
from nikdedup.nightly.state import Store
from nikdedup.nightly.tables import RUNS
from nikdedup.publish import held

TREND: dict[str, pl.DataType] = {
    "run": pl.Int64(),
    "began": pl.String(),
    "day": pl.String(),  # the date that the extract of the night speaks of
    "wajib_ktp": pl.Int64(),
    "recorded": pl.Int64(),
    "wajib_ktp_after": pl.Int64(),
    "recorded_after": pl.Int64(),
}


def coverage_of_nights(store: Store) -> pl.DataFrame:
    """Return TREND, a line for each published night whose snapshot is there and that could say its coverage.

    Args:
        store: a state that is open.
    """
    published = select(RUNS.c.run, RUNS.c.began).where(RUNS.c.state == "published").order_by(RUNS.c.run)
    with store.ledger.reading() as connection:
        nights = [(int(run), str(began)) for run, began in connection.execute(published)]
    lines = [(run, began, *told) for run, began in nights if (told := _told(store.snapshot(run) / RUN))]
    return pl.DataFrame(lines, schema=TREND, orient="row")


def _told(folder: Path) -> tuple[str, int, int, int, int] | None:
    """Return what a run says of its date and coverage; None where it is gone or says nothing."""
    run = held(folder)
    if run is None:
        return None
    record = json.loads(run.text)
    coverage = record["counts"].get("coverage")
    if not coverage or coverage.get("wajib_ktp") is None or not coverage.get("after"):
        return None
    sides = (coverage, coverage["after"])
    before, after = ((int(one["wajib_ktp"]), int(one["recorded"])) for one in sides)
    return str(record["reference_date"]), *before, *after
