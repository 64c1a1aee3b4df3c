"""Numbers of records put aside in files, slice by slice, and taken back as whole columns.

Each column is one file in which every record has its place, so that slices may be put aside by different
processes, in any order, and a column comes back in one piece.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[Any]


def put(folder: Path, columns: Mapping[str, Numbers], place: int) -> None:
    """Put the numbers of a slice aside. place: of its first record in every column."""
    for name, values in columns.items():
        # Made where it is missing, never cut: others may be writing too.
        number = os.open(file_of(folder, name), os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(number, "r+b") as file:
            file.seek(place * values.itemsize)
            file.write(np.ascontiguousarray(values).data)


def take(folder: Path, name: str, dtype: npt.DTypeLike) -> Numbers:
    """Return a whole column and remove its file."""
    path = file_of(folder, name)
    values = np.fromfile(path, dtype)
    path.unlink()
    return values


def file_of(folder: Path, name: str) -> Path:
    """Return the file of a column."""
    return folder / f"{name}.numbers"
