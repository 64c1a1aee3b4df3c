"""What of a night needs no pairs, and is done while the matcher looks for them.

The matcher does not keep two processors busy all the time. Residents are as they will be published before they are
matched: so they are written then, and the records of the night before are recognised among them.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Self

import polars as pl

from nikdedup.config import Config
from nikdedup.nightly import snapshot
from nikdedup.nightly.changes import recognised
from nikdedup.nightly.last import Last
from nikdedup.nightly.numbering import Recognised
from nikdedup.nightly.state import Store
from nikdedup.run.resources import files_at_once
from nikdedup.run.result import Result
from nikdedup.runtime.threads import beside


class Meanwhile:
    """Work that goes on beside a run from `begin` on; where there is no room for it, it is done when it is asked for.

    Ends with the `with` of it: nothing of it is at work any longer, and no residents lie aside that nobody has moved.
    """

    def __init__(self, store: Store, last: Last, config: Config, *, dry: bool) -> None:
        self._store, self._last, self._config, self._dry = store, last, config, dry
        self._stack = ExitStack()
        self._ended: Callable[[], list[Any]] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *fault: object) -> None:
        self._stack.close()

    def begin(self, residents: pl.DataFrame, day: date | None) -> None:
        """Begin, if there is memory and a thread for it. residents, day: as `dedupe` gives them to who keeps them."""
        if files_at_once(self._config, len(residents), most=pl.thread_pool_size()) < 2:
            return
        if not self._dry:
            aside = snapshot.residents_aside(self._store, self._last.this_run)
            self._stack.callback(aside.unlink, missing_ok=True)  # a full disk lets nobody read the ledger
        self._ended = self._stack.enter_context(beside(partial(self._work, residents, day)))

    def _work(self, residents: pl.DataFrame, day: date | None) -> tuple[Recognised, Path | None]:
        """Recognise first: what is written keeps all threads of polars busy."""
        found = recognised(self._last, residents.lazy(), self._config, day)
        run = self._last.this_run
        return found, None if self._dry else snapshot.write_residents(self._store, run, residents)

    def recognised(self, result: Result) -> Recognised:
        """Return which records of a run are those of the night before."""
        if self._ended is None:
            return recognised(self._last, result.scanned, self._config, result.record.day)
        found: Recognised = self._ended()[0][0]
        return found

    def residents(self) -> Path | None:
        """Return the file in which the residents are; None where nobody has written them."""
        return None if self._ended is None else self._ended()[0][1]
