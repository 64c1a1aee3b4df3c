"""The audit: who did what and when, in entries that follow from each other.

Each entry holds the hash of the one before it, so that none can be changed, taken out, added or moved without every
later one being wrong. That none is cut off at the end is told by its head, the number and hash of the last entry,
which is written beside the ledger and into each snapshot as well. Records stand in it by keyed pseudonyms: who has
the key of the state can tell which record is meant, and nobody else can.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from nikdedup.nightly.ledger import insert
from nikdedup.nightly.tables import AUDIT

if TYPE_CHECKING:
    from sqlalchemy import Connection

FIRST = "0" * 64
"""What stands before the first entry."""
CHAINED = ("entry", "at", "who", "what", "run", "details", "rows", "previous")
"""Columns that the hash of an entry covers."""


@dataclass(frozen=True)
class Head:
    """The last entry of an audit: its number and hash."""

    entry: int = 0
    hash: str = FIRST


def add(
    connection: Connection,
    *,
    at: str,
    who: str,
    what: str,
    run: int | None = None,
    details: dict[str, Any] | None = None,
    rows: Iterable[str] = (),
) -> Head:
    """Write an entry behind the last one and return the new head. rows: pseudonyms of the records concerned."""
    last = head(connection)
    entry: dict[str, Any] = {
        "entry": last.entry + 1, "at": at, "who": who, "what": what, "run": run,
        "details": json.dumps(details or {}, sort_keys=True, ensure_ascii=False),
        "rows": json.dumps(list(rows)), "previous": last.hash,
    }  # fmt: skip
    entry["hash"] = _hash(entry)
    insert(connection, AUDIT, [entry])
    return Head(last.entry + 1, entry["hash"])


def head(connection: Connection) -> Head:
    """Return the head of an audit as the ledger has it."""
    last = select(AUDIT.c.entry, AUDIT.c.hash).order_by(AUDIT.c.entry.desc()).limit(1)
    found = connection.execute(last).first()
    return Head() if found is None else Head(found.entry, found.hash)


def faults(connection: Connection, heads: Sequence[tuple[str, Head]]) -> list[tuple[int, str]]:
    """Return number and fault of every entry that is not as it was written.

    heads: where a head was written, and what it is. Faults: edited, missing, moved, cut_off.
    """
    found: list[tuple[int, str]] = []
    hashes = {0: FIRST}
    last = Head()
    for row in connection.execute(select(AUDIT).order_by(AUDIT.c.entry)).mappings():
        number = int(row["entry"])
        found += [(missing, "missing") for missing in range(last.entry + 1, number)]
        if _hash(dict(row)) != row["hash"]:
            found.append((number, "edited"))
        elif number == last.entry + 1 and row["previous"] != last.hash:
            found.append((number, "moved"))
        hashes[number] = row["hash"]
        last = Head(number, row["hash"])
    for _, told in heads:
        if told.entry > last.entry:
            found += [(number, "cut_off") for number in range(last.entry + 1, told.entry + 1)]
        elif hashes.get(told.entry, told.hash) != told.hash:
            found.append((told.entry, "edited"))
    return sorted(set(found))


def size(connection: Connection) -> int:
    """Return how many entries there are."""
    return int(connection.execute(select(func.count()).select_from(AUDIT)).scalar_one())


def entries(connection: Connection, run: int | None) -> list[dict[str, Any]]:
    """Return the entries about a run, or all of them."""
    asked = select(AUDIT).order_by(AUDIT.c.entry)
    rows = connection.execute(asked if run is None else asked.where(AUDIT.c.run == run)).mappings()
    read = ("details", "rows")
    return [dict(row) | {name: json.loads(row[name]) for name in read} for row in rows]


def pseudonym(key: bytes, record_key: str) -> str:
    """Return what stands for a record in the audit: 16 hexadecimal digits of a keyed hash.

    >>> pseudonym(bytes(32), "R-1")
    '5c13b25d0a0ea926'
    """
    return hmac.digest(key, record_key.encode(), "sha256").hex()[:16]


def _hash(entry: dict[str, Any]) -> str:
    text = json.dumps([entry[name] for name in CHAINED], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
