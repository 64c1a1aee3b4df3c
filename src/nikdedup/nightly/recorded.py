"""What a night writes into the ledger about persons, events, proposals and what officers have declared."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam

from nikdedup.nightly.changes import Changes
from nikdedup.nightly.events import Event
from nikdedup.nightly.ledger import insert
from nikdedup.nightly.tables import CONSTRAINTS, DECISIONS, EVENTS, PERSONS, RETIRED

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

_WRITTEN = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def record_night(connection: Connection, run: int, changes: Changes, *, first: bool) -> None:
    """Write down what a night has changed. first: it is the one that everything begins with."""
    if first:
        insert(connection, EVENTS, [_founding(run, changes)])
    _persons(connection, run, changes)
    insert(connection, EVENTS, list(_events(run, changes)))
    insert(connection, DECISIONS, [
        {
            "run": run, "record_key": one.record_key, "cause": one.cause, "person": one.person,
            "before": one.before, "after": one.after,
        }
        for one in changes.proposals
    ])  # fmt: skip
    _declared(connection, run, changes)


def _founding(run: int, changes: Changes) -> dict[str, Any]:
    after = json.dumps({"persons": changes.first_free - 1, "of_two_or_more": len(changes.many)})
    return {
        "run": run, "seq": 0, "kind": "founding", "cause": "new", "person": None, "other": None,
        "before": "{}", "after": after,
    }  # fmt: skip


def _events(run: int, changes: Changes) -> Iterable[dict[str, Any]]:
    for seq, event in enumerate(changes.events, start=1):
        yield {
            "run": run, "seq": seq, "kind": event.kind, "cause": event.cause, "person": event.person,
            "other": event.other, "before": keys_text(event.before), "after": keys_text(event.after),
        }  # fmt: skip


def keys_text(keys: Iterable[str]) -> str:
    """Return keys of records as the ledger has them.

    >>> keys_text(["a", "b"])
    '["a","b"]'
    """
    return _WRITTEN.encode(list(keys))


def _persons(connection: Connection, run: int, changes: Changes) -> None:
    """Close what persons of two records or more were and open what they are; keep those that are no more."""
    there, had = _in_the_end(changes.events)
    gone = {person: had[person] for person, is_there in there.items() if not is_there}
    back = sorted(person for person, is_there in there.items() if is_there and person < changes.first_new)
    _close(connection, PERSONS, "person", [p for p, keys in changes.before.items() if len(keys) > 1], run)
    insert(connection, PERSONS, [
        {"person": person, "since": run, "until": None, "records": keys_text(sorted(keys))}
        for person, keys in changes.many.items()
    ])  # fmt: skip
    _close(connection, RETIRED, "person", [one for one in back if one not in changes.before], run)
    insert(connection, RETIRED, [
        {"record_key": key, "person": person, "since": run, "until": None}
        for person, keys in gone.items()
        for key in keys
    ])  # fmt: skip


def _in_the_end(events: Iterable[Event]) -> tuple[dict[int, bool], dict[int, tuple[str, ...]]]:
    """Return whether each person of some events has records after them, and which it had before it had none."""
    there: dict[int, bool] = {}
    had: dict[int, tuple[str, ...]] = {}
    for event in events:
        there[event.person] = bool(event.after)
        if not event.after:
            had[event.person] = event.before
        if event.other is not None:
            there[event.other] = True
    return there, had


def _close(connection: Connection, table: Table, column: str, values: list[int], run: int) -> None:
    """End what holds until now of some persons."""
    if values:
        asked = table.update().where(table.c[column] == bindparam("asked"), table.c.until.is_(None))
        connection.execute(asked.values(until=run), [{"asked": value} for value in values])


def _declared(connection: Connection, run: int, changes: Changes) -> None:
    """Keep what officers have declared, and when they took it back."""
    from sqlalchemy import select

    live = select(CONSTRAINTS).where(CONSTRAINTS.c.until.is_(None))
    before = {(row.record_l, row.record_r, row.kind) for row in connection.execute(live)}
    for record_l, record_r, kind in sorted(before - changes.declared):
        same = (
            (CONSTRAINTS.c.record_l == record_l)
            & (CONSTRAINTS.c.record_r == record_r)
            & (CONSTRAINTS.c.kind == kind)
            & CONSTRAINTS.c.until.is_(None)
        )
        connection.execute(CONSTRAINTS.update().where(same).values(until=run))
    officers = changes.result.record.officers
    keys = changes.known["record_key"]
    rows = {}
    told = [one[:5] for one in officers.links] if officers else []
    told += (
        [(row, row, what, who, when) for row, what, who, when, *_ in officers.statuses] if officers else []
    )
    for row_l, row_r, kind, who, when in told:
        link = (keys[row_l], keys[row_r], kind)
        if link not in before:
            rows[link] = {
                "record_l": link[0], "record_r": link[1], "kind": kind, "since": run, "until": None,
                "who": who or "", "declared": when,
            }  # fmt: skip
    insert(connection, CONSTRAINTS, list(rows.values()))
