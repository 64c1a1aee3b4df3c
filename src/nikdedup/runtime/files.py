"""A file opened for reading only if it is one: a pipe or device would wait for ever, or never end."""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path

KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def open_file(path: Path) -> BufferedReader:
    """Open a regular file for reading bytes; OSError for whatever else has that name, without waiting for it."""
    _refuse_others(path, os.stat(path).st_mode)
    # Between the look and the opening the name may have come to mean something else.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        _refuse_others(path, os.fstat(handle).st_mode)
    except OSError:
        os.close(handle)
        raise
    return os.fdopen(handle, "rb")


def read_file(path: Path) -> bytes:
    """Return the bytes of a regular file; OSError as `open_file`."""
    with open_file(path) as file:
        found = file.read()
    if found is None:  # what the system makes of a file that has not been written yet, as under /proc
        raise OSError(errno.EAGAIN, "a file of the system that has nothing to read yet", str(path))
    return found


def _refuse_others(path: Path, mode: int) -> None:
    for is_kind, name in KINDS:
        if is_kind(mode):
            raise OSError(errno.EINVAL, f"{name}, not a file", str(path))
