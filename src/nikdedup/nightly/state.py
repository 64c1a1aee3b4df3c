"""A STATE: the folder in which nights are kept, with its ledger, its snapshots and its key.

    STATE/state.json      which ledger belongs to it; what makes a folder a state
    STATE/ledger.sqlite   the ledger, where it is not a PostgreSQL database
    STATE/pseudonym.key   the key of pseudonyms, 32 bytes; in no ledger
    STATE/audit.head      the last entry of the audit
    STATE/snapshots/7     the tables of the run 7
    STATE/verdicts        lists that villages were given, and what the next night goes by of their answers

All of it is readable by its owner only.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from nikdedup.errors import InputError, RunError, argument, reason_of
from nikdedup.nightly import audit
from nikdedup.nightly.description import Description, PasswordPlace
from nikdedup.nightly.facts import current, fact, note
from nikdedup.nightly.ledger import Ledger, without_password
from nikdedup.nightly.place import (
    DESCRIPTION,
    HEAD,
    KEY,
    SNAPSHOTS,
    SQLITE,
    VERDICTS,
    VERSION,
    is_state,
)
from nikdedup.nightly.secret import Secret, with_password
from nikdedup.nightly.tables import RUNS
from nikdedup.publish import create_private, one_writer, shown, written_whole
from nikdedup.runtime.files import read_file
from nikdedup.runtime.journal import tell

_OURS = {DESCRIPTION, KEY, HEAD, SNAPSHOTS, VERDICTS, SQLITE, f"{SQLITE}-wal", f"{SQLITE}-shm"}
KEY_BYTES = 32


@dataclass(frozen=True)
class Store:
    """A state that is open. key: of pseudonyms."""

    folder: Path
    ledger: Ledger
    key: bytes

    @property
    def name(self) -> str:
        """What messages call it."""
        return shown(self.folder)

    def snapshot(self, run: int) -> Path:
        """Return where the tables of a run lie."""
        return self.folder / SNAPSHOTS / str(run)

    def current(self) -> int | None:
        """Return the run that is read; None before the first night."""
        with self.ledger.reading() as connection:
            return current(connection)

    def write_head(self, head: audit.Head) -> None:
        """Write the head of the audit beside the ledger, which holds already what it speaks of."""
        try:
            write_head(self.folder / HEAD, head)
        except OSError as fault:
            why = f"{HEAD} could not be written: {reason_of(fault)}; the one in the newest snapshot holds"
            tell("audit", why, level=logging.WARNING)


@contextmanager
def reading(folder: Path) -> Iterator[Store]:
    """Open a state to be read.

    Args:
        folder: the folder.

    Raises:
        InputError: where the folder is none.
    """
    if not is_state(folder):
        raise InputError(f"{shown(folder)}: not a state (state.json is missing)")
    store = _opened(folder, read=True)
    try:
        yield store
    finally:
        store.ledger.close()


@contextmanager
def writing(
    folder: Path, *, make: bool = False, ledger: str | None = None, secret: Secret | None = None
) -> Iterator[Store]:
    """Hold a state alone, and put right what a killed night has left.

    Args:
        folder: the folder.
        make: the state is made where the folder is new or empty.
        ledger: address of its database without a password; where the state is there already, it must be the one
            that it has.
        secret: where the password is.

    Raises:
        BusyError: while somebody else holds it.
    """
    if not make and not is_state(folder):
        raise InputError(f"{shown(folder)}: not a state (state.json is missing)")
    _check_folder(folder)
    with one_writer(folder, "state"):
        try:
            if not is_state(folder):
                _make(folder, ledger, secret)
        except OSError as fault:
            raise RunError(
                f"{argument('state')} {shown(folder)}: {reason_of(fault)}; nothing was published"
            ) from None
        store = _opened(folder)
        try:
            _check_ledger(store, ledger)
            _tidied(store)
            _bring_in_verdicts(store)
            yield store
        finally:
            store.ledger.close()


def _check_folder(folder: Path) -> None:
    if os.path.exists(folder) and not os.path.isdir(folder):
        raise InputError(f"{argument('state')} {shown(folder)}: is a file; name a folder")
    try:
        names = {path.name for path in folder.iterdir()} if folder.exists() else set()
    except OSError as fault:
        why = fault.strerror or type(fault).__name__
        raise InputError(f"{argument('state')} {shown(folder)}: cannot be read ({why})") from None
    strange = {name for name in names if name not in _OURS and not name.startswith(".nikdedup")}
    if not is_state(folder) and strange:
        raise InputError(
            f"{argument('state')} {shown(folder)}: is not empty and not a state; nothing was touched"
        )


def _make(folder: Path, ledger: str | None, secret: Secret | None) -> None:
    """Make a state in an empty folder; its description, which makes it one, comes last."""
    folder.chmod(0o700)
    (folder / SNAPSHOTS).mkdir(mode=0o700, exist_ok=True)
    for name in (KEY, SQLITE):
        (folder / name).unlink(missing_ok=True)  # of a start that was killed: nothing had been written
    written_whole([(folder / KEY, lambda path: path.write_bytes(secrets.token_bytes(KEY_BYTES)))])
    state_id = secrets.token_hex(8)
    told = Description(
        nikdedup_state=VERSION,
        state_id=state_id,
        ledger=ledger or SQLITE,
        password=None if secret is None else PasswordPlace(**secret.told()),
    )
    if ledger is None:
        create_private(folder / SQLITE)
    opened = _ledger(folder, told)
    try:
        with opened.changing() as connection:
            if fact(connection, "state_id") is not None:
                raise InputError(f"ledger {opened.name}: belongs to another state; name another database")
            note(connection, "state_id", state_id)
    finally:
        opened.close()
    written_whole([(folder / DESCRIPTION, partial(_write, told.text()))])


def _opened(folder: Path, *, read: bool = False) -> Store:
    told = Description.of(folder)
    try:
        key = read_file(folder / KEY)
    except OSError as fault:
        raise InputError(f"{shown(folder)}: {KEY} cannot be read ({fault.strerror})") from None
    store = Store(folder, _ledger(folder, told, read=read), key)
    with store.ledger.reading() as connection:
        if fact(connection, "state_id") != told.state_id:
            store.ledger.close()
            raise InputError(f"{shown(folder)}: its ledger belongs to another state")
    return store


def _ledger(folder: Path, told: Description, *, read: bool = False) -> Ledger:
    if told.ledger == SQLITE:
        path = (folder / SQLITE).absolute()
        if not path.exists():
            raise InputError(f"{shown(folder)}: {SQLITE} is missing")
        return Ledger.open(f"sqlite:///{path}", name=f"{shown(folder)}/{SQLITE}", read=read)
    kept = told.password
    secret = None if kept is None else Secret(kept.env, kept.file)
    return Ledger.open(with_password(told.ledger, secret), name=without_password(told.ledger))


def _check_ledger(store: Store, asked: str | None) -> None:
    has = Description.of(store.folder).ledger
    if asked is not None and asked != has:
        raise InputError(f"{store.name}: its ledger is {has}; a state keeps its ledger")


def _tidied(store: Store) -> None:
    """Take away snapshots of runs that the ledger does not know: a night was killed before it was published."""
    kept = {str(run) for run in _written(store)}
    try:
        (store.folder / SNAPSHOTS).mkdir(mode=0o700, exist_ok=True)
        for path in (store.folder / SNAPSHOTS).iterdir():
            if path.name not in kept:
                shutil.rmtree(path)
    except OSError as fault:
        raise RunError(
            f"{argument('state')} {store.name}: {reason_of(fault)}; nothing was published"
        ) from None


def _bring_in_verdicts(store: Store) -> None:
    """Bring answers of villages that lie in files into the ledger; most states have none."""
    if not (store.folder / VERDICTS).is_dir():
        return
    from nikdedup.nightly.moved_verdicts import bring_in

    head = bring_in(store.folder, store.ledger, store.key)
    if head is not None:
        store.write_head(head)


def _written(store: Store) -> set[int]:
    """Return the runs that the ledger knows to have a snapshot, or to have had one."""
    from sqlalchemy import select

    with store.ledger.reading() as connection:
        return set(connection.execute(select(RUNS.c.run).where(RUNS.c.state != "refused")).scalars())


def write_head(path: Path, head: audit.Head) -> None:
    """Write the head of an audit into a file."""
    text = json.dumps({"entry": head.entry, "hash": head.hash}) + "\n"
    written_whole([(path, partial(_write, text))])


def _write(text: str, path: Path) -> None:
    path.write_text(text, encoding="utf-8")


def heads(store: Store) -> list[tuple[str, audit.Head]]:
    """Return the heads of the audit that lie beside the ledger and in snapshots; unreadable ones are left out."""
    places = [store.folder / HEAD, *(store.snapshot(run) / HEAD for run in sorted(_written(store)))]
    found = []
    for path in places:
        with suppress(OSError, ValueError, KeyError, TypeError):
            told = json.loads(read_file(path))
            found.append(
                (os.path.relpath(path, store.folder), audit.Head(int(told["entry"]), str(told["hash"])))
            )
    return found
