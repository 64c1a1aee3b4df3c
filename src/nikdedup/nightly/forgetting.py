"""Old nights forgotten: what could tell of a person goes, what tells that a night was stays.

Their snapshots go, the keys of records in their events, their proposals, persons and persons that were no more.
Runs with their counts, the kinds and causes of events and the audit stay: the audit names records by keyed
pseudonyms alone. A person that was gone by then and comes back later is a new one.

Answers of villages go where they hold no more, or speak of a record that is no more; of those that hold the words of
the village go. Lists given out before then keep their keys, by which sheets are still read, and name nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
from sqlalchemy import select

from nikdedup.errors import InputError
from nikdedup.nightly import audit, snapshot, verdict_rows
from nikdedup.nightly.facts import current
from nikdedup.nightly.moments import now
from nikdedup.nightly.state import Store
from nikdedup.nightly.tables import CONSTRAINTS, DECISIONS, EVENTS, PERSONS, RETIRED, RUNS
from nikdedup.nightly.verdict_book import constraints_for
from nikdedup.publish import write_parquet, written_whole
from nikdedup.village import FOLDER, GIVEN_OUT, IDENTITIES, LISTS, read_table

if TYPE_CHECKING:
    from sqlalchemy import Connection

ERASED = "[]"
"""What stands in an event in the place of keys."""


@dataclass(frozen=True)
class Forgotten:
    """Runs of which nothing is left that could tell of a person; answers that went, and lists that name nobody now.

    shortened: answers that hold, and have lost their note or a NIK.
    """

    runs: list[int]
    answers: int = 0
    lists: int = 0
    shortened: int = 0


def forget(store: Store, before: date, *, who: str) -> Forgotten:
    """Forget the nights of a state that is held for writing, that ended before a day; the one that is read stays.

    Args:
        store: the state.
        before: the first day that is kept, in UTC.
        who: for the audit.

    Raises:
        InputError: no night ended before that day.
    """
    moment = before.isoformat()
    with store.ledger.changing() as connection:
        read = current(connection)
        asked = select(RUNS.c.run).where(RUNS.c.ended < moment).order_by(RUNS.c.run)
        runs = [int(run) for run in connection.execute(asked).scalars() if run != read]
        known = None if read is None else snapshot.known_records(store, read)["record_key"]
        given, all_lists = verdict_rows.lists_given(connection, moment), verdict_rows.lists(connection)
        lists = {number: rows for number in given if (rows := _bared(store, number, known)) is not None}
        answers, shortened = verdict_rows.erase(connection, moment, known)
        if not (runs or lists or answers or shortened):
            raise InputError(
                f"{before}: no night ended before that day, but the one that is read, and no answer is older"
            )
        if runs:
            _erase(connection, runs)
        told = {
            "before": moment,
            "runs": runs,
            "answers": answers,
            "shortened": shortened,
            "lists": len(lists),
        }
        head = audit.add(connection, at=now(), who=who, what="forget", details=told)
    store.write_head(head)
    for run in runs:
        snapshot.remove(store, run)
    for number, rows in lists.items():
        written_whole([(_rows_of(store, number), partial(write_parquet, rows))])
    for path in (store.folder / FOLDER / LISTS).glob("*.parquet"):
        if path.stem not in all_lists:  # written, and never given out: whoever did it was killed
            path.unlink()
    constraints_for(store)
    store.ledger.wipe()
    return Forgotten(runs, answers, len(lists), shortened)


def _bared(store: Store, number: str, known: pl.Series | None) -> pl.DataFrame | None:
    """Return the rows of a list without what tells of people, and without those of records that are no more.

    None where they are so already.
    """
    path = _rows_of(store, number)
    rows = read_table(path, GIVEN_OUT, f"{store.name}: {path.name}")
    here = rows if known is None else rows.filter(pl.col("record_key").is_in(known.implode()))
    if len(here) == len(rows) and all(rows[name].null_count() == len(rows) for name in IDENTITIES):
        return None
    return here.with_columns(pl.lit(None, GIVEN_OUT[name]).alias(name) for name in IDENTITIES)


def _rows_of(store: Store, number: str) -> Path:
    return store.folder / FOLDER / LISTS / f"{number}.parquet"


def _erase(connection: Connection, runs: list[int]) -> None:
    last = max(runs)
    here = EVENTS.c.run.in_(runs) & (EVENTS.c.kind != "founding")
    connection.execute(EVENTS.update().where(here).values(before=ERASED, after=ERASED))
    connection.execute(DECISIONS.delete().where(DECISIONS.c.run.in_(runs)))
    connection.execute(RETIRED.delete().where(RETIRED.c.since <= last))
    for table in (PERSONS, CONSTRAINTS):
        connection.execute(table.delete().where(table.c.until <= last + 1))
