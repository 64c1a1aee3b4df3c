"""Which files or frames an input names: a path, a folder, a glob, an address, a frame, or a list of these."""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from nikdedup.config import LimitsConfig
from nikdedup.errors import InputError
from nikdedup.residents.read.addresses import is_address
from nikdedup.residents.read.delta import delta_files, is_delta
from nikdedup.residents.read.handed import dataset_items, fetched, holding, is_dataset, is_stream, stream_file
from nikdedup.residents.read.partfile import PartFile
from nikdedup.residents.read.partitions import partition_files
from nikdedup.runtime.files import open_file, read_file

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
SUFFIXES = (".parquet", ".pq", ".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz", *WORKBOOKS)
IN_FOLDER = (*(suffix for suffix in SUFFIXES if ".txt" not in suffix), ".xlsb")
"""What is picked from a folder: no loose notes, but binary workbooks, so that they are refused by name."""

Item = tuple[int, Any]
"""A file or a frame, and the index of the input it belongs to."""


def expand(data: Any, limits: LimitsConfig | None = None) -> list[Item]:
    """Return (index of the input, file path or frame) in the order given; a folder or glob by file name.

    Args:
        data: a path, a frame, or a list of these.
        limits: most files of a run; those that ship where None.

    Raises:
        InputError: for a path that is not there, a folder or glob without readable files, no input, or more
            files than the limit.
    """
    inputs = list(data) if isinstance(data, (list, tuple)) else [data]
    if not inputs:
        raise InputError("no input given; allowed: a path, a folder, a glob, a frame, or a list of these")
    found = [(index, one) for index, item in enumerate(inputs) for one in _items(item)]
    if limits is not None and len(found) > limits.files:
        raise InputError(
            f"{len(found):,} files; at most {limits.files:,} are allowed; "
            "put several into one, or raise limits.files"
        )
    return found


def _items(item: Any) -> list[Any]:
    """Return the files of one input, or the frame that it is."""
    if isinstance(item, str) and is_address(item):
        path, held = fetched(item)
        return [holding(one, held) for one in _files(path)]
    if isinstance(item, (str, Path)):
        return list(_files(item))
    if is_dataset(item):
        return dataset_items(item)
    return [stream_file(item)] if is_stream(item) else [item]


def check_file(path: Path) -> None:
    """Raise InputError where the name is no regular file's, or one that may not be read; nothing is waited for."""
    try:
        open_file(path).close()
    except OSError as fault:
        raise _cannot_open(path, fault) from None


def suffix(path: Path) -> str:
    """Return the ending that decides the format, in lower case (".csv.gz" as a whole).

    Args:
        path: the file.
    """
    ends = [end.lower() for end in path.suffixes]
    return "".join(ends[-2:]) if ends[-1:] == [".gz"] else "".join(ends[-1:])


def read_bytes(path: Path) -> bytes:
    """Return the file's bytes.

    Args:
        path: the file.

    Raises:
        InputError: in one line where it cannot be opened.
    """
    try:
        return read_file(path)
    except OSError as fault:
        raise _cannot_open(path, fault) from None


def changed(path: Path) -> tuple[int, int]:
    """Return size and time of change of a file, by which it is known to be still the same.

    Args:
        path: the file.
    """
    about = path.stat()
    return about.st_size, about.st_mtime_ns


def pieces_of(path: Path, size: int) -> Iterator[bytes]:
    """Give the file's bytes, so many at a time; InputError as `read_bytes`."""
    try:
        with open_file(path) as file:
            while piece := file.read(size):
                yield piece
    except OSError as fault:
        raise _cannot_open(path, fault) from None


def digest_of(path: Path) -> str:
    """Return SHA-256 of the file's bytes without holding them all; InputError as `read_bytes`."""
    try:
        with open_file(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as fault:
        raise _cannot_open(path, fault) from None


def _cannot_open(path: Path, fault: Exception) -> InputError:
    if isinstance(fault, PermissionError):
        return InputError(f"{path.name}: cannot be opened; close it in Excel, or check who may read it")
    return InputError(
        f"{path.name}: cannot be read ({getattr(fault, 'strerror', None) or 'input/output error'})"
    )


def _files(item: str | Path) -> Sequence[Path]:
    """Return the files of one path; a name that exists is taken as it is, even with glob signs in it."""
    if isinstance(item, PartFile):
        return [item]
    try:
        return _found(Path(item).expanduser())
    except (OSError, RuntimeError) as fault:  # RuntimeError: nobody of that name has a home
        raise _cannot_open(Path(item), fault) from None


def _found(path: Path) -> Sequence[Path]:
    if path.is_dir():
        if is_delta(path):
            return delta_files(path)
        if parts := partition_files(path):
            return parts
        found = _ordered(p for p in path.iterdir() if suffix(p) in IN_FOLDER)
        if not found:
            raise InputError(
                f"{path.name}: no readable file in this folder (sub-folders are left out); {_allowed()}"
            )
        return found
    if path.exists():
        check_file(path)
        if path.name.startswith("~$"):
            raise InputError(f"{path.name}: a lock file of Excel, not a workbook; name the workbook itself")
        if suffix(path) not in SUFFIXES:
            raise InputError(f"{path.name}: unsupported file type {suffix(path)!r}; {_allowed()}")
        return [path]
    if glob.has_magic(str(path)):
        found = _ordered(p for p in map(Path, glob.glob(str(path))) if suffix(p) in (*IN_FOLDER, *SUFFIXES))
        if not found:
            raise InputError(f"{path.name}: no readable file matches; {_allowed()}")
        return found
    raise InputError(f"{path.name or path}: no such file or folder")


def _ordered(paths: Any) -> list[Path]:
    files = [p for p in paths if p.is_file() and not p.name.startswith((".", "~$", "_"))]
    return sorted(files, key=lambda p: (p.name, str(p)))


def _allowed() -> str:
    return f"allowed: {', '.join(SUFFIXES)}"
