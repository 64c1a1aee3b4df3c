"""The end of a night: refused, or its snapshot written and the ledger told of it in one transaction."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from nikdedup.errors import RunError
from nikdedup.match import Judgement
from nikdedup.nightly import audit, snapshot
from nikdedup.nightly.changes import Changes
from nikdedup.nightly.facts import note
from nikdedup.nightly.last import Last
from nikdedup.nightly.ledger import insert
from nikdedup.nightly.moments import now
from nikdedup.nightly.recorded import Entries, record_night
from nikdedup.nightly.state import Store
from nikdedup.nightly.tables import JUDGEMENTS, RUNS
from nikdedup.publish import Check
from nikdedup.runtime.journal import tell_stage
from nikdedup.runtime.stopping import undisturbed
from nikdedup.runtime.timing import measured


def refuse(store: Store, about: dict[str, Any], checks: Iterable[Check]) -> None:
    """Write down that a night was not published, and why."""
    run = about["run"]
    with store.ledger.changing() as connection:
        insert(connection, RUNS, [about | {"state": "refused", "ended": now()}])
        note(connection, "next_run", run + 1)
        head = audit.add(
            connection, at=now(), who=about["who"], what="refused", run=run,
            details={"checks": [one.check for one in checks]},
        )  # fmt: skip
    store.write_head(head)


def publish(
    store: Store,
    last: Last,
    changes: Changes,
    about: dict[str, Any],
    learnt: Judgement | None,
    *,
    keep: int,
    written: Callable[[], Path],
) -> None:
    """Have the ledger speak of a snapshot in one transaction once it is written; `keep` snapshots stay.

    written: waits until it is on the disk.
    """
    run, begin = last.this_run, time.perf_counter()
    try:
        entries = Entries.of(run, changes, store.key, first=last.run is None)
        written()
        with undisturbed():
            head = _commit(store, last, changes, entries, about, learnt)
    except RunError:
        if store.ledger.is_a_file:  # which keeps nothing of a transaction that failed; a server may have
            snapshot.remove(store, run)
        raise
    store.write_head(head)
    _let_go(store, run, keep)
    tell_stage("publish", {"events": len(changes.events)}, measured(begin))


def _commit(
    store: Store,
    last: Last,
    changes: Changes,
    entries: Entries,
    about: dict[str, Any],
    learnt: Judgement | None,
) -> audit.Head:
    run, who = last.this_run, about["who"]
    with store.ledger.changing() as connection:
        if learnt is not None:
            content = json.dumps(learnt.as_dict(), sort_keys=True)
            judgement = {"judgement": about["judgement"], "learnt": now(), "who": who, "content": content}
            insert(connection, JUDGEMENTS, [judgement])
            note(connection, "judgement", about["judgement"])
        insert(connection, RUNS, [about | {"state": "published", "ended": now()}])
        record_night(connection, run, changes, entries)
        note(connection, "current", run)
        note(connection, "next_run", run + 1)
        note(connection, "next_person", changes.first_free)
        head = audit.add(
            connection, at=now(), who=who, what="published", run=run,
            details={
                "based_on": last.run, "records": len(changes.known), "events": len(changes.events),
                "proposals": len(changes.proposals), "judgement": about["judgement"],
            },
            rows=entries.concerned,
        )  # fmt: skip
        snapshot.seal(store, run, head)
    return head


def _let_go(store: Store, run: int, keep: int) -> None:
    """Take away the oldest snapshots beyond those that are kept; the one that is read stays."""
    there = sorted((int(path.name) for path in store.snapshot(run).parent.iterdir()), reverse=True)
    for place, old in enumerate(there):
        if old != run:
            snapshot.drop_features(store, old)
            if place >= keep:
                snapshot.remove(store, old)
