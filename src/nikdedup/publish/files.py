"""Single files: made private, synced to the disk, moved in one step, and told why where that fails."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BufferedReader
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import polars as pl
from polars.io.plugins import register_io_source

from nikdedup.runtime.files import open_file

Done = TypeVar("Done")
ROW_GROUP = 1 << 17
_WRITTEN_AS: dict[str, Any] = {
    "compression": "zstd",
    "compression_level": 1,
    "row_group_size": ROW_GROUP,
    "data_page_size": 1 << 30,
    "statistics": {"min": False, "max": False, "null_count": True},
}
"""Without the least and the greatest value of a row group: most columns have a bit of everything in each, and looking
takes a tenth of the time. One page per column and row group: smaller pages are cut by what polars takes a column of
lists to weigh, which for a slice is the weight of the whole it was cut from: the bytes would depend on how the frame
lies in memory."""

_PATIENCE = 40 if os.name == "nt" else 1
"""How often a file is asked for, 50 ms apart: Windows refuses to move one for as long as a reader has it open."""


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Write a frame so that the same rows give the same bytes.

    Args:
        frame: the table.
        path: the file to write.
    """
    frame.write_parquet(path, **_WRITTEN_AS)


def write_in_parts(frames: Iterator[pl.DataFrame], path: Path) -> None:
    """Write frames under each other, one at least, as `write_parquet` writes the whole; few are held at a time.

    Args:
        frames: frames of one schema, in the order of their rows.
        path: the file to write.
    """
    groups = _row_groups(frames)
    first = next(groups)
    table = register_io_source(lambda *_: chain([first], groups), schema=first.schema)
    table.sink_parquet(path, **_WRITTEN_AS)


def _row_groups(frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Give the rows of frames anew, as many in each as in a row group, fewer in the last."""
    held = next(frames)
    for more in frames:
        while len(held) >= ROW_GROUP:
            yield held[:ROW_GROUP].rechunk()
            held = held[ROW_GROUP:]
        held = pl.concat([held, more])
    for at in range(0, max(1, len(held)), ROW_GROUP):
        yield held[at : at + ROW_GROUP].rechunk()


def create_private(path: Path) -> None:
    """Make an empty file that its owner alone may read; FileExistsError where anything, a link too, lies there.

    Args:
        path: where it is to lie.
    """
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def patiently(act: Callable[[], Done]) -> Done:
    """Return what `act` returns; tried again on Windows while another program has the file open for an instant."""
    for _ in range(_PATIENCE - 1):
        try:
            return act()
        except PermissionError:
            time.sleep(0.05)
    return act()


def move(source: Path, target: Path) -> None:
    """Put a file or folder in the place of another in one step: there is always one of the two."""
    patiently(lambda: os.replace(source, target))


def sync(path: Path) -> None:
    """Have a file's content on the disk, so that it is there after a power cut.

    Args:
        path: the file.
    """
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Have the names in a folder on the disk. Windows and some network drives know no such thing: they keep order.

    Args:
        path: the folder.
    """
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as fault:
        if fault.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)


def digest(file: Path | BufferedReader) -> str:
    """Return the SHA-256 of a file's content, of an open one from where it stands."""
    if isinstance(file, Path):
        with open_file(file) as opened:
            return digest(opened)
    return hashlib.file_digest(file, "sha256").hexdigest()


def written_whole(files: Sequence[tuple[Path, Callable[[Path], object]]]) -> None:
    """Write every file with its writer, readable by its owner only, then make all of them visible.

    Each is written in a new folder beside its target that nobody else may enter; a link at the target is
    replaced, never followed. Whatever goes wrong, nothing is left of them; the fault is the caller's to name.

    Args:
        files: each file with what writes it, given where to write.
    """
    with _rooms([path.absolute().parent for path, _ in files]) as rooms:
        for (path, write), room in zip(files, rooms, strict=True):
            create_private(room / path.name)
            write(room / path.name)
            sync(room / path.name)
        for (path, _), room in zip(files, rooms, strict=True):
            move(room / path.name, path)


@contextmanager
def _rooms(parents: Sequence[Path]) -> Iterator[list[Path]]:
    """Make a folder in each of `parents`, with an unpredictable name and for its owner only; all go at the end."""
    rooms: list[Path] = []
    try:
        for parent in parents:
            rooms.append(Path(tempfile.mkdtemp(prefix=".nikdedup-", dir=parent)))
        yield rooms
    finally:
        for room in rooms:
            shutil.rmtree(room, ignore_errors=True)
