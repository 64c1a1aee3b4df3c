"""The bytes of a column of texts, as numpy sees them without copying."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa


def buffers(texts: pl.Series) -> tuple[npt.NDArray[np.int64], pa.Buffer]:
    """Return where n texts begin and end in a buffer, n + 1 places, and the buffer; a null takes no place."""
    array = texts.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    _, offsets, data = array.buffers()
    return np.frombuffer(offsets, np.int64)[array.offset : array.offset + len(array) + 1], data


def slices(bounds: npt.NDArray[np.int64], data: pa.Buffer) -> pl.Series:
    """Return the texts that lie between neighbouring bounds of a buffer."""
    return pl.Series(_Exported(pa.LargeStringArray.from_buffers(len(bounds) - 1, pa.py_buffer(bounds), data)))


@dataclass(frozen=True)
class _Exported:
    """An Arrow array that shows nothing but its C interface: polars asks pyarrow.compute to look at any other."""

    array: pa.Array

    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]:
        both: tuple[object, object] = self.array.__arrow_c_array__(requested_schema)
        return both


def cells(texts: pl.Series, length: int) -> npt.NDArray[np.uint8]:
    """Return n texts without nulls, each of `length` bytes, as a matrix of n x length bytes."""
    if not len(texts):
        return np.empty((0, length), np.uint8)
    offsets, data = buffers(texts)
    return np.frombuffer(data, np.uint8)[offsets[0] : offsets[-1]].reshape(-1, length)
