"""The snapshot of a night: the folder of its run, and beside it what the next night needs of each record.

    run/               a run as `dedupe --out` writes it
    features/          what the matcher knows of each record, of the newest night only; see kept_features
    records.parquet    record_key, content, person: one line a record, in the order of its rows
    audit.head         the last entry of the audit when it was published

It is written before the ledger speaks of it, and changed by nobody afterwards.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import polars as pl

from nikdedup.errors import InputError, NikdedupError, RunError, reason_of
from nikdedup.match.features import PartFeatures
from nikdedup.nightly import audit, kept_features
from nikdedup.nightly.ledger import is_full
from nikdedup.nightly.place import FEATURES, HEAD, RUN
from nikdedup.nightly.state import Store, write_head
from nikdedup.publish import create_private, shown, sync, sync_folder, write_parquet
from nikdedup.run.result import Result
from nikdedup.runtime.journal import tell
from nikdedup.runtime.threads import beside

RECORDS = "records.parquet"
ASIDE = "aside"
"""Folder in a snapshot in which files lie that are written before the rest of it."""
KNOWN = {"record_key": pl.String(), "content": pl.UInt64(), "person": pl.Int64()}
"""Columns of records.parquet. content: hash of all cells as they came."""


def write_aside(store: Store, run: int, name: str, table: pl.DataFrame) -> Path:
    """Write a table that `write` will move to its place, on the disk when this returns; RunError where that fails.

    name: RESIDENTS or PEOPLE as they are published, or RECORDS, of which KNOWN is written.
    """
    place = store.snapshot(run)
    path = place / ASIDE / name
    try:
        for folder in (place, path.parent):
            folder.mkdir(mode=0o700, exist_ok=True)
        _write(_known(table) if name == RECORDS else table, path)
    except (OSError, pl.exceptions.ComputeError) as fault:
        raise _not_written(store, run, fault) from None
    return path


def drop_aside(store: Store, run: int) -> None:
    """Take away what lies aside of a run."""
    shutil.rmtree(store.snapshot(run) / ASIDE, ignore_errors=True)


def write(store: Store, run: int, result: Result, known: pl.DataFrame, *, aside: Iterable[Path] = ()) -> Path:
    """Write the snapshot of a run, on the disk when this returns; RunError where that fails.

    known: KNOWN. aside: files that are written already, see `write_aside`.
    """
    place = store.snapshot(run)
    moves: dict[str, Callable[[Path], object]] = {path.name: path.replace for path in aside}
    records = moves.pop(RECORDS, partial(_write, _known(known)))
    try:
        place.mkdir(mode=0o700, exist_ok=True)
        with beside(partial(records, place / RECORDS)) as [written]:
            result.published_in(place / RUN, aside=moves)
            written()
        drop_aside(store, run)
        sync_folder(place)
        sync_folder(place.parent)
    except (OSError, pl.exceptions.ComputeError, NikdedupError) as fault:
        raise _not_written(store, run, fault) from None
    return place


def _known(records: pl.DataFrame) -> pl.DataFrame:
    return records.select(pl.col(name).cast(kind) for name, kind in KNOWN.items())


def _write(table: pl.DataFrame, path: Path) -> None:
    create_private(path)
    write_parquet(table, path)
    sync(path)


def _not_written(store: Store, run: int, fault: Exception) -> RunError:
    """Return what is said where a snapshot cannot be written; what the run itself says names another folder."""
    if is_full(store.folder):
        why = "the disk is full"
    else:
        why = (
            str(fault).partition(": ")[2].partition(";")[0]
            if isinstance(fault, NikdedupError)
            else reason_of(fault)
        )
    return RunError(f"{store.name}: snapshot {run}: {why}; nothing was published")


def write_features(store: Store, run: int, features: PartFeatures) -> None:
    """Write what the matcher knows of each record, while the night is at work; RunError where that fails."""
    try:
        if kept_features.can_be_kept(features):
            kept_features.write(store.snapshot(run) / FEATURES, features)
    except OSError as fault:
        remove(store, run)
        raise _not_written(store, run, fault) from None


def make_ready(store: Store, run: int, *, plain: bool) -> None:
    """Prepare a published night to be asked; where that fails, whoever asks first does it. plain: names, as read."""
    folder = store.snapshot(run) / FEATURES
    try:
        if folder.is_dir():
            kept_features.whole(folder, kept_features.read(folder, plain=plain))
    except OSError as fault:
        tell("lookup", f"the night is not ready to be asked: {reason_of(fault)}", level=logging.WARNING)


def drop_features(store: Store, run: int) -> None:
    """Take away what the matcher knew of each record of an older night; it can be made again from the residents."""
    shutil.rmtree(store.snapshot(run) / FEATURES, ignore_errors=True)


def seal(store: Store, run: int, head: audit.Head) -> None:
    """Write into a snapshot what the last entry of the audit is; RunError where that fails."""
    try:
        write_head(store.snapshot(run) / HEAD, head)
    except OSError as fault:
        raise _not_written(store, run, fault) from None


def remove(store: Store, run: int) -> None:
    """Take a snapshot away, where it is there."""
    shutil.rmtree(store.snapshot(run), ignore_errors=True)


def known_records(store: Store, run: int) -> pl.DataFrame:
    """Return KNOWN of the records of a run; InputError where its snapshot is gone or damaged."""
    return read_known(store.snapshot(run))


def read_known(place: Path, names: Iterable[str] = KNOWN) -> pl.DataFrame:
    """Return columns of KNOWN of the records of a snapshot; InputError where it is gone or damaged."""
    try:
        return pl.read_parquet(place / RECORDS, columns=list(names))
    except (OSError, pl.exceptions.PolarsError) as fault:
        raise _unreadable(place, fault) from None


def check_snapshot(place: Path) -> None:
    """Raise InputError where a snapshot is gone or damaged, before a night works for nothing."""
    try:
        for path in (
            place / RECORDS,
            *(place / RUN / f"{name}.parquet" for name in ("residents", "decisions")),
        ):
            pl.read_parquet_schema(path)
    except (OSError, pl.exceptions.PolarsError) as fault:
        raise _unreadable(place, fault) from None


def _unreadable(place: Path, fault: Exception) -> InputError:
    name = shown(place.parent.parent)
    return InputError(f"{name}: snapshot {place.name} cannot be read ({type(fault).__name__})")
