"""The residents that a run keeps: a frame, or a Parquet file where they are too many to be held."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import polars as pl

from nikdedup.publish import RESIDENTS, write_in_parts
from nikdedup.residents import with_written_keys
from nikdedup.runtime.stopping import leaving
from nikdedup.schema import EVIDENCE


def published(residents: pl.DataFrame) -> pl.DataFrame:
    """Return residents as they are published: with their keys, without what only the matcher needs."""
    return with_written_keys(residents.drop(*EVIDENCE, "_source", strict=False))


@dataclass(frozen=True, eq=False)
class Stored:
    """Published residents in a file that is readable by its owner only, and goes with the last who may ask for them."""

    path: Path

    @classmethod
    def of(cls, parts: Iterable[pl.DataFrame]) -> Stored:
        """Write the published residents of all parts, in order: the same bytes as those of one frame."""
        folder = Path(tempfile.mkdtemp(prefix="nikdedup-"))
        stored, end = cls(folder / RESIDENTS), ExitStack()
        end.callback(shutil.rmtree, folder, ignore_errors=True)
        end.enter_context(leaving(partial(shutil.rmtree, folder, ignore_errors=True)))
        weakref.finalize(stored, end.close)
        write_in_parts(iter(parts), stored.path)
        return stored

    @cached_property
    def frame(self) -> pl.DataFrame:
        """All residents, read at first use."""
        return pl.read_parquet(self.path)

    def scan(self) -> pl.LazyFrame:
        """Return all residents, of which no more is read than is used."""
        return pl.scan_parquet(self.path)

    def copy(self, path: Path) -> None:
        """Write the content of the file to another one."""
        shutil.copyfile(self.path, path)
