"""An earlier night read again: what came after it is taken back, and stays on record as taken back."""

from __future__ import annotations

from sqlalchemy import select

from nikdedup.errors import InputError
from nikdedup.nightly import audit
from nikdedup.nightly.facts import current, note
from nikdedup.nightly.moments import now
from nikdedup.nightly.snapshot import RECORDS
from nikdedup.nightly.state import Store
from nikdedup.nightly.tables import CONSTRAINTS, PERSONS, RETIRED, RUNS
from nikdedup.runtime.stopping import undisturbed


def rollback(store: Store, run: int, *, who: str) -> None:
    """Have a state that is held for writing be read as it was after `run`.

    Numbers of persons that were given since are not given again.

    Args:
        store: a state that is open.
        run: number of the night to go back to.
        who: name of who asks, for the audit.

    Raises:
        InputError: where that run was not published, or its snapshot is no more.
    """
    with store.ledger.changing() as connection:
        read = current(connection)
        published = select(RUNS.c.run).where(RUNS.c.state == "published").order_by(RUNS.c.run)
        there = [
            int(one)
            for one in connection.execute(published).scalars()
            if (store.snapshot(int(one)) / RECORDS).exists() and one != read
        ]
        if run not in there:
            allowed = ", ".join(map(str, there)) or "none"
            raise InputError(f"run {run}: no earlier night with a snapshot; allowed: {allowed}")
        judgement = connection.execute(select(RUNS.c.judgement).where(RUNS.c.run == run)).scalar_one()
        connection.execute(
            RUNS.update().where(RUNS.c.run > run, RUNS.c.state == "published").values(state="rolled_back")
        )
        for table in (PERSONS, RETIRED, CONSTRAINTS):
            connection.execute(table.delete().where(table.c.since > run))
            connection.execute(table.update().where(table.c.until > run).values(until=None))
        note(connection, "current", run)
        note(connection, "judgement", judgement)
        head = audit.add(connection, at=now(), who=who, what="rollback", run=run, details={"from": read})
    with undisturbed():
        store.write_head(head)
