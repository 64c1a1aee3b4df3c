"""The way of a run into its folder, on one screen: check, lock, put right, write aside, switch."""

from __future__ import annotations

import os
import secrets
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import polars as pl

from nikdedup.errors import InputError, RunError, argument, reason_of
from nikdedup.publish.files import create_private, digest, sync, sync_folder
from nikdedup.publish.folders import check_utf8, nearest, unusable
from nikdedup.publish.layout import OUTPUTS, PRIVATE, RUN, UNFINISHED, is_ours, shown
from nikdedup.publish.lock import one_writer
from nikdedup.publish.record import FileWritten
from nikdedup.publish.switch import settle, switch
from nikdedup.runtime.stopping import leaving, undisturbed
from nikdedup.runtime.threads import all_done

Files = Mapping[str, FileWritten]

SPARE_BYTES = 50_000_000
_HELD: dict[tuple[str, int], list[str]] = {}
"""Folders that a thread of this process may write to, and which workbooks were kept in them."""


@contextmanager
def writing(out: Path, *, needed_bytes: int = 0, inputs: Iterable[Path] = ()) -> Iterator[list[str]]:
    """Hold a folder for one run, from before its work until it is published; may be asked for again inside.

    Gives the names under which workbooks were kept that somebody has filled in, a list that grows. What a
    killed writer has begun is ended first.

    Args:
        out: the run's folder.
        needed_bytes: disk that will be written, by estimate.
        inputs: files that are read; none of them may lie in `out`.

    Raises:
        InputError: as `check_folder`, or where the disk is too full.
        BusyError: while another run writes there.
    """
    check_folder(out, inputs=inputs)
    me = (os.path.realpath(out), threading.get_ident())
    if me in _HELD:
        check_disk(out, needed_bytes)
        yield _HELD[me]
        return
    with one_writer(out):
        try:
            _HELD[me] = _settled(out)
            check_disk(out, needed_bytes)
            yield _HELD[me]
        finally:
            _HELD.pop(me, None)


def _settled(out: Path) -> list[str]:
    try:
        return settle(out)
    except OSError as fault:
        raise RunError(f"{argument('out')} {shown(out)}: {reason_of(fault)}; nothing was published") from None


def publish(
    out: Path,
    writers: Mapping[str, Callable[[Path], object]],
    run_json: Callable[[Files], bytes],
    *,
    threads: int = 1,
) -> list[str]:
    """Write every file with its writer, then make all of them visible at once.

    Args:
        out: the run's folder.
        writers: name of each file -> what writes it, given where to write; they begin in this order.
        run_json: gives the content of run.json once the files are written.
        threads: how many files are written at a time.

    Returns:
        The names under which workbooks were kept that somebody has filled in.

    Raises:
        RunError: where the disk is full, a file is locked, or the like; `out` is as it was before.
    """
    with writing(out) as kept:
        folder = unfinished(out)
        try:
            with leaving(lambda: shutil.rmtree(folder, ignore_errors=True)):
                folder.mkdir()
                text = _write_aside(folder, writers, run_json, threads)
                with undisturbed():
                    kept += switch(out, folder, text)
        except (OSError, pl.exceptions.ComputeError) as fault:
            raise RunError(
                f"{argument('out')} {shown(out)}: {reason_of(fault)}; nothing was published"
            ) from None
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return kept


def unfinished(out: Path) -> Path:
    """Return a new name for a folder in which a run that will be published in `out` is written; it is not there yet.

    Should its writer be killed, the next one takes it away.

    Args:
        out: the run's folder.
    """
    return out / f"{UNFINISHED}{secrets.token_hex(8)}"


def _write_aside(
    folder: Path,
    writers: Mapping[str, Callable[[Path], object]],
    run_json: Callable[[Files], bytes],
    threads: int,
) -> bytes:
    """Write all files of a run, run.json last, and have them on the disk; return the content of run.json."""
    for name in writers:
        if name in PRIVATE:
            create_private(folder / name)
    told: dict[str, FileWritten] = {}

    def written(name: str, write: Callable[[Path], object]) -> None:
        path = folder / name
        write(path)
        told[name] = _told(path)
        sync(path)

    all_done([partial(written, name, write) for name, write in writers.items()], threads=threads)
    text = run_json({name: told[name] for name in sorted(told)})
    (folder / RUN).write_bytes(text)
    sync(folder / RUN)
    sync_folder(folder)
    return text


def _told(path: Path) -> FileWritten:
    return FileWritten(bytes=path.stat().st_size, sha256=digest(path))


def check_folder(out: Path, *, inputs: Iterable[Path] = ()) -> None:
    """Raise InputError unless a run may be written to `out`; changes nothing.

    Args:
        out: the folder.
        inputs: files that are read; none of them may lie where the run is written.
    """
    check_utf8(out)
    try:
        _check_folder(out, inputs)
    except OSError as fault:  # a name too long, a link that leads to itself, a run.json that is a pipe
        named, why = Path(fault.filename or out).name, fault.strerror or type(fault).__name__
        raise InputError(f"{argument('out')} {shown(out)}: {named} cannot be read ({why})") from None


def _check_folder(out: Path, inputs: Iterable[Path]) -> None:
    name, there = shown(out), nearest(out)
    with suppress(FileNotFoundError, NotADirectoryError):  # other faults tell themselves
        os.stat(out)
    if out.exists() and not out.is_dir():
        raise InputError(
            f"{argument('out')} {name}: is a file; a new or empty folder or an earlier run is allowed"
        )
    if not there.is_dir():
        raise InputError(f"{argument('out')} {name}: {shown(there)} is a file; a folder is allowed")
    if out.is_dir():
        if not is_ours(out):
            raise InputError(
                f"{argument('out')} {name}: is not empty and not a nikdedup run; nothing was touched"
            )
        for one in OUTPUTS:
            if (out / one).is_dir():
                raise InputError(
                    f"{argument('out')} {name}: {one} in it is a folder, not of a run; nothing was touched"
                )
    for path in inputs:
        if os.path.dirname(os.path.realpath(path)) == os.path.realpath(out):
            raise InputError(
                f"{argument('out')} {name}: the input {path.name} lies in it; name another folder"
            )
    if why := unusable(out):
        raise InputError(f"{argument('out')} {name}: {why}")


def check_disk(out: Path, needed_bytes: int) -> None:
    """Raise InputError unless the disk holds what a run will write, by estimate, and some to spare.

    The earlier run stays until the switch: its space does not count as free, nor that of a workbook that is kept.
    """
    free = shutil.disk_usage(nearest(out)).free
    if free < needed_bytes + SPARE_BYTES:
        found, need = free // 10**6, (needed_bytes + SPARE_BYTES) // 10**6
        raise InputError(
            f"{argument('out')} {shown(out)}: {found} MB of disk are free; about {need} MB are needed"
        )
