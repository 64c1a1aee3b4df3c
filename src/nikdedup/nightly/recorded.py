"""What a night writes into the ledger about persons, events, proposals and what officers have declared."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam

from nikdedup.nightly.audit import pseudonym
from nikdedup.nightly.changes import Changes
from nikdedup.nightly.events import Event
from nikdedup.nightly.ledger import insert
from nikdedup.nightly.tables import CONSTRAINTS, DECISIONS, EVENTS, PERSONS, RETIRED

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

_WRITTEN = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


Row = dict[str, Any]


@dataclass(frozen=True)
class Entries:
    """What a night writes into the ledger: rows of EVENTS, DECISIONS, PERSONS and RETIRED.

    closed: persons that are no longer what they were. back: persons that were no more and are there again. concerned:
    pseudonyms of the records that anything happened to, for the audit.
    """

    events: list[Row]
    decisions: list[Row]
    persons: list[Row]
    retired: list[Row]
    closed: list[int]
    back: list[int]
    concerned: list[str]

    @classmethod
    def of(cls, run: int, changes: Changes, secret: bytes, *, first: bool) -> Entries:
        """Put down what a night has changed. secret: of the state. first: it is the one that everything begins with."""
        there, had = _in_the_end(changes.events)
        back = sorted(person for person, is_there in there.items() if is_there and person < changes.first_new)
        gone = ((person, key) for person, is_there in there.items() if not is_there for key in had[person])
        touched = {key for event in changes.events for key in (*event.before, *event.after)}
        touched |= {one.record_key for one in changes.proposals}
        return cls(
            events=[*([_founding(run, changes)] if first else []), *_events(run, changes)],
            decisions=[{"run": run, **vars(one)} for one in changes.proposals],
            persons=[
                {"person": person, "since": run, "until": None, "records": keys_text(sorted(keys))}
                for person, keys in changes.many.items()
            ],
            retired=[{"record_key": key, "person": one, "since": run, "until": None} for one, key in gone],
            closed=[person for person, keys in changes.before.items() if len(keys) > 1],
            back=[person for person in back if person not in changes.before],
            concerned=sorted(pseudonym(secret, one) for one in touched),
        )  # fmt: skip


def record_night(connection: Connection, run: int, changes: Changes, entries: Entries) -> None:
    """Write down what a night has changed: close what was, and open what is."""
    insert(connection, EVENTS, entries.events)
    insert(connection, DECISIONS, entries.decisions)
    _close(connection, PERSONS, "person", entries.closed, run)
    insert(connection, PERSONS, entries.persons)
    _close(connection, RETIRED, "person", entries.back, run)
    insert(connection, RETIRED, entries.retired)
    _declared(connection, run, changes)


def _founding(run: int, changes: Changes) -> Row:
    after = json.dumps({"persons": changes.first_free - 1, "of_two_or_more": len(changes.many)})
    return {
        "run": run, "seq": 0, "kind": "founding", "cause": "new", "person": None, "other": None,
        "before": "{}", "after": after,
    }  # fmt: skip


def _events(run: int, changes: Changes) -> Iterable[Row]:
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
