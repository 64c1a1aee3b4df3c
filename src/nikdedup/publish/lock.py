"""One writer at a time in a folder, and who that is."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from nikdedup.errors import BusyError, RunError, argument, reason_of
from nikdedup.publish.files import create_private
from nikdedup.publish.folders import check_utf8, not_made, unusable
from nikdedup.publish.layout import LOCK, OWNER, shown
from nikdedup.runtime.files import read_file
from nikdedup.runtime.stopping import leaving
from nikdedup.runtime.users import user

_ATTEMPTS = 50
"""Looks at a held lock, 20 ms apart, until its holder has said who it is."""


@contextmanager
def one_writer(folder: Path, asked: str = "out") -> Iterator[None]:
    """Hold the lock of a folder, which is made with its parents where it is not there.

    The system frees the lock of a process that dies. At the end the lock goes, and of the folders that were
    made here those that nobody has put anything into.

    Args:
        folder: the folder to hold.
        asked: the argument by which a caller has named the folder.

    Raises:
        BusyError: at once, where somebody else holds it.
    """
    check_utf8(folder, asked)
    made: list[Path] = []
    # Open to any user: it holds nothing, and a process that died may have left it.
    lock = FileLock(folder / LOCK, timeout=0, mode=0o666)
    try:
        _take(lock, folder, made, asked)
        with leaving(lambda: _clear(folder, made)):
            yield
    finally:
        try:
            _release(lock, folder, made)
        except KeyboardInterrupt:  # too late: the run has ended, well or not
            _release(lock, folder, made)


def _take(lock: FileLock, folder: Path, made: list[Path], asked: str) -> None:
    gone = None
    for _ in range(_ATTEMPTS):
        try:
            _make(folder, made)
            lock.acquire()
            _tell_owner(folder)
            return
        except FileNotFoundError as fault:  # its maker has just taken it away, or nobody can make it
            gone = fault
        except Timeout:
            gone = None
            if told := _owner(folder):
                raise BusyError(
                    f"{argument(asked)} {shown(folder)}: {told}; wait, or name another folder"
                ) from None
        except OSError as fault:
            why = unusable(folder)
            if why is None and not os.path.isdir(folder):
                raise not_made(folder, fault, asked) from None
            why = why or reason_of(fault)
            raise RunError(f"{argument(asked)} {shown(folder)}: {why}; nothing was published") from None
        time.sleep(0.02)
    if gone is not None:
        raise not_made(folder, gone, asked)
    raise BusyError(
        f"{argument(asked)} {shown(folder)}: another run is writing there; wait, or name another folder"
    )


def _make(folder: Path, made: list[Path]) -> None:
    """Make a folder and its parents; those that were not there go into `made`."""
    for path in (*reversed(folder.parents), folder):
        if not os.path.exists(path):  # nor may we look: then making it says why
            made.append(path)
            try:
                path.mkdir()
            except FileExistsError:  # somebody else was quicker: it is theirs
                made.pop()


def _release(lock: FileLock, folder: Path, made: list[Path]) -> None:
    """Let go, and take away the folders that were made and have stayed empty. What cannot go does no harm.

    The lock's file goes first: who waits for it sees that it is gone, and makes a new one.
    """
    with suppress(OSError, Timeout):
        lock.acquire()  # held already, but where taking it was interrupted
        _clear(folder, [])
    lock.release(force=True)
    _clear_folders(made)


def _clear(folder: Path, made: list[Path]) -> None:
    """Take away the files of the lock, which is held, and the folders that were made."""
    with suppress(OSError):
        (folder / OWNER).unlink(missing_ok=True)
        if os.name != "nt":  # there the lock itself removes it, once nobody has it open
            (folder / LOCK).unlink(missing_ok=True)
    _clear_folders(made)


def _clear_folders(made: list[Path]) -> None:
    for path in reversed(made):
        with suppress(OSError):  # somebody's files are in it
            path.rmdir()


def _tell_owner(folder: Path) -> None:
    told = {
        "owner": user(),
        "host": platform.node(),
        "pid": os.getpid(),
        "since": f"{datetime.now():%Y-%m-%d %H:%M:%S}",
    }
    path = folder / OWNER
    path.unlink(missing_ok=True)  # of a process that died
    create_private(path)
    path.write_text(json.dumps(told) + "\n", encoding="utf-8")
    path.chmod(0o644)


def _owner(folder: Path) -> str | None:
    """Say who holds the lock and since when; None while that is not written."""
    try:
        told = json.loads(read_file(folder / OWNER))
        return f"{told['owner']} on {told['host']} (process {told['pid']}) has been writing there since {told['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return None
