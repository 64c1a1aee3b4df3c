"""Old nights forgotten: what could tell of a person goes, what tells that a night was stays.

Their snapshots go, the keys of records in their events, their proposals, persons and persons that were no more.
Runs with their counts, the kinds and causes of events and the audit stay: the audit names records by keyed
pseudonyms alone. A person that was gone by then and comes back later is a new one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import select

from nikdedup.errors import InputError
from nikdedup.nightly import audit, snapshot
from nikdedup.nightly.facts import current
from nikdedup.nightly.moments import now
from nikdedup.nightly.state import Store
from nikdedup.nightly.tables import CONSTRAINTS, DECISIONS, EVENTS, PERSONS, RETIRED, RUNS

if TYPE_CHECKING:
    from sqlalchemy import Connection

ERASED = "[]"
"""What stands in an event in the place of keys."""


@dataclass(frozen=True)
class Forgotten:
    """Runs of which nothing is left that could tell of a person."""

    runs: list[int]


def forget(store: Store, before: date, *, who: str) -> Forgotten:
    """Forget the nights of a state that is held for writing, that ended before a day; the one that is read stays.

    Args:
        store: the state.
        before: the first day that is kept, in UTC.
        who: for the audit.

    Raises:
        InputError: no night ended before that day.
    """
    with store.ledger.changing() as connection:
        read = current(connection)
        asked = select(RUNS.c.run).where(RUNS.c.ended < before.isoformat()).order_by(RUNS.c.run)
        runs = [int(run) for run in connection.execute(asked).scalars() if run != read]
        if not runs:
            raise InputError(f"{before}: no night ended before that day, but the one that is read")
        _erase(connection, runs)
        head = audit.add(
            connection, at=now(), who=who, what="forget", details={"before": before.isoformat(), "runs": runs}
        )
    store.write_head(head)
    for run in runs:
        snapshot.remove(store, run)
    store.ledger.wipe()
    return Forgotten(runs)


def _erase(connection: Connection, runs: list[int]) -> None:
    last = max(runs)
    here = EVENTS.c.run.in_(runs) & (EVENTS.c.kind != "founding")
    connection.execute(EVENTS.update().where(here).values(before=ERASED, after=ERASED))
    connection.execute(DECISIONS.delete().where(DECISIONS.c.run.in_(runs)))
    connection.execute(RETIRED.delete().where(RETIRED.c.since <= last))
    for table in (PERSONS, CONSTRAINTS):
        connection.execute(table.delete().where(table.c.until <= last + 1))
