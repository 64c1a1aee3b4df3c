"""The readers' side of a run's folder: one whole run, also while another process changes it.

run.json says which run is read; its files are opened, then run.json is looked at again. Is it still the
same, then all of them are of this run, and what is open stays what it is, whatever happens to the names.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, partial
from io import BufferedReader
from pathlib import Path

import polars as pl

from nikdedup import schema
from nikdedup.errors import InputError
from nikdedup.publish.files import digest, patiently
from nikdedup.publish.layout import WORKBOOK, Held, held, shown
from nikdedup.publish.record import FileWritten, RunJson
from nikdedup.publish.run_json import read
from nikdedup.runtime.files import open_file

SMALL_BYTES = 32_000_000
"""Files up to this size are checked by content when a run is opened (SHA-256: some 30 ms)."""
_ATTEMPTS = 100
"""How often a folder is looked at whose run changes while it is read; each time 10 ms later."""


TABLES: dict[str, dict[str, pl.DataType]] = {
    "residents": schema.IDENTITY | schema.CLEAN | schema.VERDICTS,
    "people": schema.PEOPLE,
    "pairs": schema.PAIRS,
    "decisions": schema.DECISIONS,
}
NEVER_NULL: dict[str, tuple[str, ...]] = {
    "residents": ("row", "record_id", "flags"),
    "people": ("row", "record_id", "person_id"),
    "pairs": ("row_l", "row_r", "record_id_l", "record_id_r", "passes", "weight_log2", "probability"),
    "decisions": ("row", "record_id", "person_id"),
}
WITHIN = {"weight_log2": (-1e6, 1e6), "probability": (0.0, 1.0)}
"""Numbers that readers count and print with; NaN is in no range."""
FIRST_DAY, LAST_DAY = date(1, 1, 1), date(9999, 12, 31)
"""Days that a calendar has; a Parquet file can hold others."""
ALSO = ("record_key", "gelar_clean", "status_declared")
"""Text columns of residents beside those of every run; what else a table holds is none of ours and is not read."""
CODES = ("flags", "passes")
"""Lists of codes, as run.json has them."""
LATER = ("record_key",)
"""Columns that runs of version 0.1 do not have; they are null there."""


@dataclass(frozen=True)
class OpenRun:
    """A run as it was when it was opened. record: run.json. changed: names of files that are not as it wrote them.

    filled_in: whether somebody has changed the workbook since, which is what it is for.
    """

    name: str
    record: RunJson
    changed: tuple[str, ...]
    filled_in: bool
    files: dict[str, BufferedReader] = field(repr=False)

    def table(self, name: str) -> pl.DataFrame | None:
        """Return a table, or None where the run has none; InputError if it is not one of a run."""
        file = self.files.get(f"{name}.parquet")
        if file is None:
            return None
        file.seek(0)
        try:
            frame = pl.read_parquet(file)
        except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as fault:
            raise InputError(
                f"{self.name}: a table is not readable ({name}.parquet, {type(fault).__name__})"
            ) from None
        return self._checked(frame, name)

    def _checked(self, frame: pl.DataFrame, name: str) -> pl.DataFrame:
        wanted = TABLES[name]
        missing = [one for one in wanted if one not in frame.columns]
        later = [pl.lit(None, wanted[one]).alias(one) for one in missing if one in LATER]
        fields = {
            one: pl.String()
            for one in (*schema.FIELDS, *ALSO)
            if name == "residents" and one in frame.columns and one not in wanted
        }
        wrong = [
            one for one, kind in (wanted | fields).items() if one not in missing and frame.schema[one] != kind
        ]
        sound = {one for one in wanted if one not in (*missing, *wrong)}
        wrong += [one for one in NEVER_NULL[name] if one in sound and frame[one].null_count()]
        days = {one: (FIRST_DAY, LAST_DAY) for one, kind in wanted.items() if kind == pl.Date}
        wrong += [
            one
            for one, (least, most) in (WITHIN | days).items()
            if one in sound and not frame[one].drop_nulls().is_between(least, most).all()
        ]
        wrong += [one for one in CODES if one in sound and not _are_codes(frame[one])]
        if len(missing) > len(later) or wrong:
            told = ", ".join([*(one for one in missing if one not in LATER), *wrong])
            raise InputError(
                f"{self.name}: {name}.parquet: {told} missing, of another type or beyond its range; run dedupe again"
            )
        known = wanted | fields | self._further(name, frame)
        return frame.select(one for one in frame.columns if one in known).with_columns(later)

    def _further(self, name: str, frame: pl.DataFrame) -> dict[str, pl.DataType]:
        """Return the columns of a table that further columns of evidence have put there, of the type they must have."""
        names = [*schema.FURTHER, *self.record.config.evidence]
        wanted: dict[str, dict[str, pl.DataType]] = {
            "residents": {f"{one}{end}": pl.String() for one in names for end in ("", "_clean")},
            "pairs": {f"level_{one}": pl.UInt8() for one in names},
        }
        return {one: kind for one, kind in wanted.get(name, {}).items() if frame.schema.get(one) == kind}

    @cached_property
    def people(self) -> pl.DataFrame:
        """Return the table of people: rows 0, 1, 2 and so on, each once."""
        people = self._needed("people")
        self._same_rows("people", people)
        return people

    @cached_property
    def residents(self) -> pl.DataFrame | None:
        """Return the table of residents, rows as people has them; None where the run kept none."""
        residents = self.table("residents")
        if residents is not None:
            self._same_rows("residents", residents)
        return residents

    @cached_property
    def pairs(self) -> pl.DataFrame:
        """Return the table of pairs."""
        return self._within("pairs", "row_l", "row_r")

    @cached_property
    def decisions(self) -> pl.DataFrame:
        """Return the table of decisions."""
        return self._within("decisions", "row", "survivor_row", "other_row")

    def _same_rows(self, name: str, table: pl.DataFrame) -> None:
        if (
            len(table) != self.record.counts.records
            or not (table["row"] == pl.int_range(len(table), eager=True)).all()
        ):
            raise InputError(f"{self.name}: {name}.parquet holds other rows than the run; run dedupe again")

    def _within(self, name: str, *columns: str) -> pl.DataFrame:
        """Return a table that speaks of rows of people only."""
        table = self._needed(name)
        records = self.record.counts.records
        if any(not table[one].drop_nulls().is_between(0, records, closed="left").all() for one in columns):
            raise InputError(
                f"{self.name}: {name}.parquet speaks of rows that the run does not have; run dedupe again"
            )
        return table

    def _needed(self, name: str) -> pl.DataFrame:
        table = self.table(name)
        if table is None:
            raise InputError(f"{self.name}: {name}.parquet is missing; run dedupe again")
        return table


def _are_codes(lists: pl.Series) -> bool:
    codes = lists.explode(empty_as_null=False).unique()
    return not codes.null_count() and bool(codes.str.contains("^[a-z][a-z0-9_]{0,99}$").all())


@contextmanager
def opened_whole(folder: Path) -> Iterator[OpenRun]:
    """Open the run that a folder holds.

    Contents of files above SMALL_BYTES are not compared: that would take longer than the question put to them.

    Args:
        folder: the folder.

    Raises:
        InputError: as `opened`, and where a file is not as it was written, the workbook apart.
    """
    with opened(folder, largest=SMALL_BYTES) as run:
        if run.changed:
            raise InputError(f"{run.name}: {run.changed[0]} does not match run.json; run dedupe again")
        yield run


@contextmanager
def opened(folder: Path, *, largest: int | None = None) -> Iterator[OpenRun]:
    """Open the run that a folder holds.

    Args:
        folder: the folder.
        largest: the contents of larger files are not compared with run.json, their sizes are; all are if not
            given.

    Raises:
        InputError: if there is none that is finished, or it may not be read.
    """
    name = shown(folder)
    with ExitStack() as stack:
        try:
            record, files = _opened(folder, name, stack)
            changed = [one for one, told in record.files.items() if _differs(files.get(one), told, largest)]
        except OSError as fault:
            named = Path(fault.filename or "").name or "a file"
            raise InputError(
                f"{name}: {named} cannot be read ({fault.strerror or type(fault).__name__})"
            ) from None
        filled_in = WORKBOOK in changed and WORKBOOK in files
        if filled_in:
            changed.remove(WORKBOOK)
        yield OpenRun(name, record, tuple(changed), filled_in, files)


def _opened(folder: Path, name: str, stack: ExitStack) -> tuple[RunJson, dict[str, BufferedReader]]:
    for _ in range(_ATTEMPTS):
        run = held(folder)
        record = None if run is None else read(run.text, name)
        if run is None or record is None:
            raise InputError(f"{name}: not a finished nikdedup run (run.json is missing or unreadable)")
        with ExitStack() as opening:
            found = {one: _open(one, run) for one in record.files}
            files = {one: opening.enter_context(file) for one, file in found.items() if file is not None}
            again = held(folder)
            if again is not None and again.text == run.text:
                stack.enter_context(opening.pop_all())
                return record, files
        time.sleep(0.01)
    raise InputError(f"{name}: other runs are published there all the time; try again")


def _open(name: str, run: Held) -> BufferedReader | None:
    """Open a file of a run in whichever place it lies; None if in none. Asked twice: it may change places meanwhile."""
    for path in [place / name for place in (*run.places, *run.places)]:
        try:
            if path.is_file():
                return patiently(partial(open_file, path))
        except FileNotFoundError:
            continue
    return None


def _differs(file: BufferedReader | None, told: FileWritten, largest: int | None) -> bool:
    if file is None or os.fstat(file.fileno()).st_size != told.bytes:
        return True
    looked = largest is None or told.bytes <= largest
    return looked and digest(file) != told.sha256
