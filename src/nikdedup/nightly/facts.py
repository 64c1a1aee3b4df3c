"""What a ledger has one of: which run is read, and which numbers come next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from nikdedup.nightly.tables import FACTS

if TYPE_CHECKING:
    from sqlalchemy import Connection


def fact(connection: Connection, name: str) -> str | None:
    """Return what the ledger has under a name; None where it has nothing."""
    found = connection.execute(select(FACTS.c.value).where(FACTS.c.name == name)).scalar()
    return None if found is None else str(found)


def number(connection: Connection, name: str, otherwise: int) -> int:
    """Return a fact that is a whole number."""
    found = fact(connection, name)
    return otherwise if found is None else int(found)


def note(connection: Connection, name: str, value: object) -> None:
    """Put a value in the place of what the ledger has under a name."""
    connection.execute(FACTS.delete().where(FACTS.c.name == name))
    connection.execute(FACTS.insert(), [{"name": name, "value": str(value)}])


def current(connection: Connection) -> int | None:
    """Return the run that is read; None before the first night."""
    found = fact(connection, "current")
    return int(found) if found else None
