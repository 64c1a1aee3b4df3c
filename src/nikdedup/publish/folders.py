"""Folders that are made for what is written, and what is told where they cannot be."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from nikdedup.errors import InputError, NikdedupError, RunError, argument, reason_of
from nikdedup.publish.layout import shown

_DISK = {getattr(errno, name, None) for name in ("ENOSPC", "EDQUOT", "EIO")}
"""Of them Windows has but some."""


def nearest(path: Path) -> Path:
    """Return a path, or the nearest of its parents that is there, as far as it may be looked at.

    Args:
        path: any path.
    """
    return next(place for place in (path, *path.absolute().parents) if os.path.exists(place))


def in_the_way(path: Path) -> str | None:
    """Say what stands in the way of a folder: a file, or a folder that may not be written to; None for nothing.

    Args:
        path: the folder, there or not.
    """
    there = nearest(path)
    if os.path.isdir(there):
        return unusable(there)
    return "is a file; name a folder" if there == path else f"{shown(there)} is a file; a folder is allowed"


def unusable(path: Path) -> str | None:
    """Say that the nearest folder of a path may not be written to; None where it may, or is no folder.

    Args:
        path: any path.
    """
    there = nearest(path)
    if not os.path.isdir(there) or (os.access(there, os.W_OK) and os.access(there, os.X_OK)):
        return None
    return f"the folder {shown(there)} is read-only"


def check_utf8(path: Path, asked: str = "out") -> None:
    """Raise InputError for a path of bytes that are no text: libraries that write tables take none.

    Args:
        path: where something shall be written.
        asked: the argument by which a caller has named it.
    """
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise InputError(
            f"{argument(asked)} {shown(path)}: the name is not UTF-8; name another one"
        ) from None


def make_folder(folder: Path, asked: str = "out") -> None:
    """Make a folder, with its parents, for what is written.

    Args:
        folder: the folder; it may be there.
        asked: the argument by which a caller has named it.

    Raises:
        InputError: where it is no folder, or cannot be made.
    """
    check_utf8(folder, asked)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise not_made(folder, fault, asked) from None


def not_made(folder: Path, fault: OSError, asked: str = "out") -> NikdedupError:
    """Return the error for a folder that could not be made: it names what stands in the way.

    A disk that is full or broken is no wrong name: RunError.

    Args:
        folder: the folder.
        fault: what the system said.
        asked: the argument by which a caller has named it.
    """
    if fault.errno in _DISK:
        return RunError(f"{argument(asked)} {shown(folder)}: {reason_of(fault)}; nothing was published")
    why = in_the_way(folder) or f"cannot be made ({fault.strerror})"
    return InputError(f"{argument(asked)} {shown(folder)}: {why}")
