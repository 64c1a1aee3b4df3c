"""open(): what a folder holds, a run or a state."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from nikdedup.errors import door
from nikdedup.run.open import open as open_run
from nikdedup.run.result import Result

if TYPE_CHECKING:
    from nikdedup.nightly.lookup import Lookup
    from nikdedup.nightly.past import History


@dataclass(eq=False, repr=False)
class State(Result):
    """The newest Result of a state, and its history. folder: of the state. number: of the run that is read."""

    folder: Path = field(default_factory=Path)
    number: int = 0

    @door
    def runs(self) -> pl.DataFrame:
        """Return a line for each night: run, state, when it began and ended, who, and its counts."""
        from nikdedup.nightly.past import runs
        from nikdedup.nightly.state import reading

        with reading(self.folder) as store:
            return runs(store)

    @door
    def history(self, asked: str) -> History:
        """Return what happened to a person or a record, night by night, and why.

        asked: a person_id, a record id or a record key. InputError where the state has never known it.
        """
        from nikdedup.nightly.past import history
        from nikdedup.nightly.state import reading

        with reading(self.folder) as store:
            return history(store, asked)

    @door
    def lookup(self, data: Any, *, threads: int = 1) -> pl.DataFrame:
        """Return the likeliest records of the newest night for each record asked about, the likeliest first.

        Args:
            data: records asked about, as `dedupe` takes an extract; one row each.
            threads: most threads at work.

        Returns:
            asked (row asked about), row, record_id and person_id of the night, and what pairs.parquet says of two
            records: levels, weight_log2, probability, relation, band.
        """
        return self._lookup.ask(data, threads=threads)

    @cached_property
    def _lookup(self) -> Lookup:
        from nikdedup.nightly.lookup import Lookup
        from nikdedup.nightly.place import SNAPSHOTS

        return Lookup.of(self.folder / SNAPSHOTS / str(self.number))

    def __repr__(self) -> str:
        return f"State(run {self.number}, {super().__repr__()})"


@door
def open(folder: str | Path) -> Result | State:  # as a user says it: nikdedup.open
    """Return the Result kept in a run's folder, or the State kept in a state's.

    A run written with `residents=False` has a residents table of the ids alone.

    Args:
        folder: a run's folder or a state's.

    Raises:
        InputError: if it is neither.

    Example:
        >>> import tempfile
        >>> import nikdedup, polars
        >>> people = polars.DataFrame({"NIK": ["6212014107809001", "6212014107809002"], "NAMA_LGKP": ["SITI", "BUDI"]})
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = nikdedup.dedupe(people, report=False, reference_date="2026-06-30").write(f"{folder}/run")
        ...     open(f"{folder}/run")
        Result(2 records, 2 people, 0 confirmed and 0 review pairs)
    """
    from nikdedup.nightly.place import is_state

    folder = Path(folder)
    if not is_state(folder):
        return open_run(folder)
    from nikdedup.nightly.folders import run_folder

    place = run_folder(folder)
    result = open_run(place)
    told = {one.name: getattr(result, one.name) for one in fields(Result)}
    return State(**told, folder=folder, number=int(place.parent.name))
