"""The ledger of a state: a database that is opened, brought up to date, and written in whole transactions.

SQLite beside the snapshots by default, PostgreSQL where an office has one. What one night has to say is written in
one transaction; until it is committed the ledger says what it said before.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nikdedup.errors import InputError, NikdedupError, RunError
from nikdedup.runtime.extras import needed

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Table

SCHEMA = "0003"
"""Revision of the tables that this version reads and writes, the last in migrations/versions."""
_BATCH = 500
"""Values asked for at once; databases take some thousand."""


class Ledger:
    """A ledger that is open. name: how messages call it."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine, self.name = engine, name

    @classmethod
    def open(cls, address: str, *, name: str, read: bool = False) -> Ledger:
        """Open a ledger and bring its tables up to date.

        address: as SQLAlchemy writes it, password and all. read: it will only be read, which SQLite then does on a disk
        that is full or read-only too. RunError where it cannot be reached, InputError where a newer version has
        written it.
        """
        with needed("the ledger"):
            ledger = cls(_engine(address, name), name)
        if read and ledger._is_held_by_its_disk():
            ledger = cls(_engine_of_one_file(address), name)
        with ledger.reading() as connection:
            found = _revision(connection)
        if found != SCHEMA:
            with ledger.changing() as connection:
                _bring_up_to_date(connection, name)
        return ledger

    def _is_held_by_its_disk(self) -> bool:
        """Say whether SQLite cannot be asked since it may write nothing beside its file."""
        from sqlalchemy.exc import DBAPIError

        if self._file is None or not readable_still(self._file):
            return False
        try:
            with self._engine.connect() as connection:
                _revision(connection)
        except DBAPIError as fault:
            return any(said in str(fault.orig) for said in ("disk I/O", "full", "readonly", "unable to open"))
        return False

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection on which nothing changes inside."""
        with self._told(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def changing(self) -> Iterator[Connection]:
        """Give a connection whose changes are all kept at the end, or none of them."""
        with self._told(), self._engine.execution_options(changes=True).begin() as connection:
            yield connection

    def wipe(self) -> None:
        """Have nothing that was deleted lie in the file any longer; a server sees to that itself."""
        if self._engine.dialect.name != "sqlite":
            return
        with self._told(), self._engine.connect() as connection:
            raw = connection.connection.dbapi_connection
            assert raw is not None
            for line in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                raw.execute(line)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what a database says into one plain line; it may quote what is being written."""
        from sqlalchemy.exc import DBAPIError, SQLAlchemyError

        try:
            yield
        except NikdedupError:
            raise
        except DBAPIError as fault:
            why = _reason(str(fault.orig), self._file)
            raise RunError(f"ledger {self.name}: {why}; nothing was published") from None
        except SQLAlchemyError as fault:
            raise RunError(
                f"ledger {self.name}: unusable ({type(fault).__name__}); nothing was published"
            ) from None

    @property
    def is_a_file(self) -> bool:
        """Whether it is SQLite's."""
        return self._file is not None

    @property
    def _file(self) -> Path | None:
        """The file of a ledger of SQLite."""
        return Path(self._engine.url.database or "") if self._engine.dialect.name == "sqlite" else None


def _engine(address: str, name: str) -> Engine:
    from sqlalchemy import create_engine, event
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.pool import NullPool

    try:
        engine = create_engine(address, poolclass=NullPool, hide_parameters=True)
    except (SQLAlchemyError, ValueError):  # a port that is no number is a ValueError
        raise InputError(
            f"ledger {name}: no address that SQLAlchemy knows; allowed: such as postgresql+psycopg://user@host/name"
        ) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _as_a_ledger)
        event.listen(engine, "begin", _begun)
    return engine


def _engine_of_one_file(address: str) -> Engine:
    """Return a way to read a ledger of SQLite that nobody can write to now."""
    import sqlite3

    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    path = address.partition(":///")[2]
    place = f"file:{quote(path)}?mode=ro&immutable=1"
    return create_engine(
        address, poolclass=NullPool, hide_parameters=True, creator=lambda: sqlite3.connect(place, uri=True)
    )


def _begun(connection: Connection) -> None:
    """Have SQLite give who changes the ledger the place of the one who may, and who reads it never wait."""
    changes = connection.get_execution_options().get("changes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if changes else "BEGIN")


def _as_a_ledger(connection: Any, _: object) -> None:
    """Have SQLite keep what is committed through a power cut, and leave transactions to SQLAlchemy."""
    connection.isolation_level = None
    for line in ("busy_timeout=10000", "journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
        connection.execute(f"PRAGMA {line}").fetchall()


_FAILS, _FULL = "the disk fails", 1 << 20
_REASONS = {
    "full": "the disk is full",
    "No space left": "the disk is full",
    "readonly": "it is read-only",
    "read-only": "it is read-only",
    "unable to open": "it cannot be opened",
    "locked": "somebody else holds it",
    "not a database": "the file is damaged, or no ledger",
    "malformed": "the file is damaged, or no ledger",
    "password": "the password is not accepted",
    "does not exist": "there is no such database or user",
    "disk I/O": _FAILS,
}
"""What databases say -> what is meant."""


def _reason(said: str, file: Path | None) -> str:
    found = next((ours for theirs, ours in _REASONS.items() if theirs in said), "it cannot be reached")
    return "the disk is full" if found == _FAILS and file is not None and is_full(file) else found


def is_full(path: Path) -> bool:
    """Say whether the disk of a file or folder is full: SQLite calls that a fault of the disk where it maps memory.

    path: of what may not be there; its folder is.
    """
    return shutil.disk_usage(path if path.is_dir() else path.parent).free < _FULL


def readable_still(path: Path) -> bool:
    """Say whether a ledger can be read where nothing can be written: all that was committed lies in its one file."""
    wal = path.with_name(f"{path.name}-wal")
    return path.is_file() and (not wal.exists() or wal.stat().st_size == 0)


def _bring_up_to_date(connection: Connection, name: str) -> None:
    """Run the migrations that a ledger lacks; InputError where it has one that this version does not know."""
    found = _revision(connection)
    if found == SCHEMA:
        return
    if found is not None and found > SCHEMA:
        raise InputError(
            f"ledger {name}: written by a newer version (tables {found}, known are {SCHEMA}); update nikdedup"
        )
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    script = ScriptDirectory(str(Path(__file__).parent / "migrations"))
    context = MigrationContext.configure(connection)
    steps = list(script.iterate_revisions("head", found or "base"))
    with Operations.context(context):
        for step in reversed(steps):
            step.module.upgrade()
    context.stamp(script, "head")


def _revision(connection: Connection) -> str | None:
    from sqlalchemy import inspect, text

    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def insert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Put rows into a table; none is no fault."""
    if rows:
        connection.execute(table.insert(), rows)


def among(connection: Connection, table: Table, column: str, values: Sequence[Any]) -> list[dict[str, Any]]:
    """Return the rows of a table whose `column` is one of `values`, however many these are."""
    from sqlalchemy import select

    found: list[dict[str, Any]] = []
    for at in range(0, len(values), _BATCH):
        asked = select(table).where(table.c[column].in_(values[at : at + _BATCH]))
        found += [dict(row) for row in connection.execute(asked).mappings()]
    return found


def without_password(address: str) -> str:
    """Return the address of a database as it may be shown.

    >>> without_password("postgresql+psycopg://nightly:secret@db.example/ledger")
    'postgresql+psycopg://nightly@db.example/ledger'
    """
    return re.sub(r"(?<=://)([^:/@]*):[^@/]*@", r"\1@", address)
