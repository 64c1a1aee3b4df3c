"""What of a night waits for nothing else, and is done beside what does.

The matcher and the settling do not keep two processors busy all the time. Residents are as they will be published
before they are matched: they are written then, and the records of the night before are recognised among them. Persons
are as they will be before anything is decided: they are numbered then, and written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from contextvars import copy_context
from datetime import date
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Self, TypeVar

import polars as pl

from nikdedup.config import Config
from nikdedup.nightly import snapshot
from nikdedup.nightly.changes import recognised
from nikdedup.nightly.last import Last, retired_by
from nikdedup.nightly.numbering import Numbered, Recognised, numbered
from nikdedup.nightly.state import Store
from nikdedup.publish import PEOPLE, RESIDENTS
from nikdedup.run.resources import files_at_once
from nikdedup.run.result import Result
from nikdedup.runtime.threads import beside

Found = TypeVar("Found")
Ended = Callable[[], Found]
"""What waits for a piece of work and returns what it has found."""


class Meanwhile:
    """Work that goes on beside a run from `begin` on; where there is no room for it, it is done when it is asked for.

    Ends with the `with` of it: nothing of it is at work any longer, and nothing lies aside that nobody has moved.
    """

    def __init__(self, store: Store, last: Last, config: Config, *, dry: bool) -> None:
        self._store, self._last, self._config, self._dry = store, last, config, dry
        self._stack = ExitStack()
        # Not left to who clears up after a night: a full disk lets nobody read the ledger.
        self._stack.callback(snapshot.drop_aside, store, last.this_run)
        self._recognised: Ended[Recognised] | None = None
        self._numbered: Ended[Numbered] | None = None
        self._aside: list[Ended[list[Path]]] = []
        self._snapshot: Ended[Path] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *fault: object) -> None:
        self._stack.close()

    def begin(self, residents: pl.DataFrame, day: date | None) -> None:
        """Begin, if there is memory and a thread for it. residents, day: as `dedupe` gives them to who keeps them."""
        if files_at_once(self._config, len(residents), most=pl.thread_pool_size()) < 2:
            return
        found = self._beside(partial(recognised, self._last, residents.lazy(), self._config, day))
        self._recognised = found

        def when_recognised() -> pl.DataFrame:
            found()  # first: what is written keeps all threads of polars busy
            return residents

        self._write({RESIDENTS: when_recognised})

    def number(self, people: pl.DataFrame) -> None:
        """Number the persons of a run that has begun, as `dedupe` gives its people to who keeps them."""
        if self._recognised is None:
            return
        found = self._recognised
        persons = self._beside(lambda: self._number(people, found()))
        self._numbered = persons
        tables = {snapshot.RECORDS: lambda: persons().records, PEOPLE: lambda: persons().people}
        self._write(tables)

    def write(self, result: Result, persons: Numbered) -> None:
        """Write the snapshot of a run whose persons have their numbers; told of as part of what the caller is about."""
        work = partial(copy_context().run, self._publish, result, persons)
        self._snapshot = work if self._recognised is None else self._beside(work)

    def recognised(self, result: Result) -> Recognised:
        """Return which records of a run are those of the night before."""
        if self._recognised is None:
            return recognised(self._last, result.scanned, self._config, result.record.day)
        return self._recognised()

    def numbered(self, result: Result, found: Recognised) -> Numbered:
        """Return the persons of a run by their numbers."""
        return self._number(result.people, found) if self._numbered is None else self._numbered()

    def written(self) -> Path:
        """Wait until the snapshot is on the disk, and return its folder."""
        assert self._snapshot is not None, "`write` comes before"
        return self._snapshot()

    def _number(self, people: pl.DataFrame, found: Recognised) -> Numbered:
        return numbered(self._last, people, found, retired=partial(retired_by, self._store))

    def _publish(self, result: Result, persons: Numbered) -> Path:
        aside = chain.from_iterable(ended() for ended in self._aside)
        return snapshot.write(self._store, self._last.this_run, result, persons.records, aside=aside)

    def _write(self, tables: Mapping[str, Callable[[], pl.DataFrame]]) -> None:
        """Write tables aside, one after the other, once they are there; if anything is to be written."""
        if not self._dry:
            write = partial(snapshot.write_aside, self._store, self._last.this_run)
            self._aside.append(self._beside(lambda: [write(name, table()) for name, table in tables.items()]))

    def _beside(self, work: Callable[[], Found]) -> Ended[Found]:
        [ended] = self._stack.enter_context(beside(work))
        return ended
