"""Residents of a run that are written while the matcher looks for pairs.

They are as they will be published before they are matched, and the matcher does not keep two processors busy all the
time. With one thread, and where memory is short, they are written with the other files.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date
from functools import partial
from pathlib import Path
from typing import Self

import polars as pl

from nikdedup.config import Config
from nikdedup.publish import RESIDENTS, create_private, unfinished, write_parquet
from nikdedup.run.resources import files_at_once
from nikdedup.runtime.stopping import leaving
from nikdedup.runtime.threads import beside


class ResidentsAside:
    """Residents that are written from `begin` on, aside in the folder that a run will be published in.

    Ends with the `with` of it: nothing of it is at work any longer, and what nobody has moved is gone.
    """

    def __init__(self, out: Path, config: Config) -> None:
        self._folder, self._config = unfinished(out), config
        self._stack = ExitStack()
        self._ended: Callable[[], Path] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *fault: object) -> None:
        self._stack.close()

    def begin(self, residents: pl.DataFrame, _day: date | None) -> None:
        """Begin, if they are asked for and there are memory and a thread for it; as `dedupe` calls who keeps them."""
        threads = files_at_once(self._config, len(residents), most=pl.thread_pool_size())
        if not self._config.run.residents or threads < 2:
            return
        gone = partial(shutil.rmtree, self._folder, ignore_errors=True)
        self._stack.callback(gone)
        self._stack.enter_context(leaving(gone))
        [self._ended] = self._stack.enter_context(beside(partial(self._write, residents)))

    def _write(self, residents: pl.DataFrame) -> Path:
        self._folder.mkdir()
        path = self._folder / RESIDENTS
        create_private(path)
        write_parquet(residents, path)
        return path

    @property
    def movers(self) -> dict[str, Callable[[Path], object]]:
        """What moves the file to where it is told, once it is written; nothing where it is not written aside."""
        return {} if self._ended is None else {RESIDENTS: self._move}

    def _move(self, path: Path) -> None:
        assert self._ended is not None
        self._ended().replace(path)
