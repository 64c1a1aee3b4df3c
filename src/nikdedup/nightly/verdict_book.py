"""The book of verdicts of a state: answers in its ledger, the rows of lists and what the next night goes by beside it.

What one import or undo has to say is one transaction, its entry in the audit among it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import polars as pl

from nikdedup.errors import InputError, RunError, reason_of
from nikdedup.nightly import audit, verdict_rows
from nikdedup.nightly.facts import current
from nikdedup.nightly.moments import now
from nikdedup.nightly.state import Store, reading, writing
from nikdedup.publish import shown, write_parquet, written_whole
from nikdedup.runtime.files import read_file
from nikdedup.runtime.journal import tell
from nikdedup.runtime.stopping import undisturbed
from nikdedup.runtime.users import user
from nikdedup.village import CONSTRAINTS, FOLDER, LISTS, rows_of_lists

if TYPE_CHECKING:
    from sqlalchemy import Connection


class LedgerBook:
    """A book in the ledger of a state."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self._held: tuple[Store, Connection] | None = None
        self._head: audit.Head | None = None

    @property
    def name(self) -> str:
        """What messages call it."""
        return shown(self.state)

    @property
    def folder(self) -> Path:
        """Where the rows of lists lie, and what the next night goes by."""
        return self.state / FOLDER

    @property
    def exists(self) -> bool:
        """Whether it was begun."""
        with self._asked() as connection:
            return verdict_rows.begun(connection) is not None

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Hold the state alone; what is changed inside is kept at the end, or nothing of it."""
        with writing(self.state) as store:
            with store.ledger.changing() as connection:
                self._held, self._head = (store, connection), None
                try:
                    yield
                finally:
                    self._held = None
            with undisturbed():
                if self._head is not None:
                    store.write_head(self._head)
                _leave_constraints(store)

    @contextmanager
    def _asked(self) -> Iterator[Connection]:
        if self._held is not None:
            yield self._held[1]
            return
        with reading(self.state) as store, store.ledger.reading() as connection:
            yield connection

    def _changing(self) -> tuple[Store, Connection]:
        assert self._held is not None, "a book is changed while it is held"
        return self._held

    def about(self) -> dict[str, str]:
        """Return which run it was begun from; InputError where it was not begun."""
        with self._asked() as connection:
            run = verdict_rows.begun(connection)
        if run is None:
            raise InputError(f"{self.name}: no verdicts were read in yet")
        return {"run": run}

    def begin(self, run: str) -> None:
        """Begin it, of a run's folder; as it is where it was begun before."""
        verdict_rows.begin(self._changing()[1], run)

    def entries(self) -> pl.DataFrame:
        """Return ENTRIES in the order in which they came, those taken back too."""
        with self._asked() as connection:
            return verdict_rows.entries(connection)

    def keep(self, entries: pl.DataFrame) -> None:
        """Keep these entries in the place of all; only more of them, or marks of taking back."""
        verdict_rows.keep(self._changing()[1], entries)

    def rows(self) -> pl.DataFrame:
        """Return the rows of all lists that were given out, GIVEN_OUT with list and due."""
        with self._asked() as connection:
            return rows_of_lists(self.folder, verdict_rows.lists(connection))

    def give_out(self, number: str, rows: pl.DataFrame, description: str) -> None:
        """Keep a list that was given out; as it is where it was kept before."""
        _, connection = self._changing()
        if number in verdict_rows.lists(connection):
            return
        place = self.folder / LISTS
        try:
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            written_whole([(place / f"{number}.parquet", partial(write_parquet, rows))])
        except OSError as fault:
            raise RunError(f"{self.name}: {reason_of(fault)}; nothing was read in") from None
        verdict_rows.give_out(connection, number, description, given=now(), who=user())

    def keep_constraints(self, constraints: pl.DataFrame) -> None:
        """Keep what the answers come to for the next run, in the place of what they came to before."""
        verdict_rows.keep_links(self._changing()[1], constraints)

    def tell(
        self,
        what: Literal["verdicts", "verdicts_undone"],
        *,
        who: str,
        at: str,
        files: int,
        keys: Iterable[str],
    ) -> None:
        """Write an entry of the audit; records stand in it by their pseudonyms alone. keys: of their records."""
        store, connection = self._changing()
        about = list(keys)
        self._head = audit.add(
            connection, at=at, who=who, what=what, run=current(connection),
            details={"answers": len(about), "files": files},
            rows=sorted({audit.pseudonym(store.key, key) for key in about}),
        )  # fmt: skip


def _leave_constraints(store: Store) -> None:
    """Write the list of constraints, as the next night does again; the ledger has what it says already."""
    try:
        constraints_for(store)
    except RunError as fault:
        tell("verdicts", f"the next night writes {CONSTRAINTS}: {fault}", level=logging.WARNING)


def constraints_for(store: Store) -> Path | None:
    """Return the list of constraints that answers come to, written anew where it is another; None without answers."""
    with store.ledger.reading() as connection:
        if verdict_rows.begun(connection) is None:
            return None
        text = verdict_rows.links(connection).write_csv()
    path = store.folder / FOLDER / CONSTRAINTS
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        if not path.is_file() or read_file(path) != text.encode():
            written_whole([(path, partial(_write, text))])
    except OSError as fault:
        raise RunError(f"{store.name}: {reason_of(fault)}; nothing was published") from None
    return path


def _write(text: str, path: Path) -> None:
    path.write_bytes(text.encode())
