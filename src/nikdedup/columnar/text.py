"""The bytes of a column of texts, as numpy sees them without copying."""

from __future__ import annotations

from collections.abc import Iterator
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


def letters(texts: pl.Series) -> memoryview:
    """Return the bytes of n texts, one text right behind the other; a null has none.

    >>> bytes(letters(pl.Series(["SITI", None, "", " BUDI"])))
    b'SITI BUDI'
    """
    bounds, data = buffers(texts)
    return memoryview(data)[bounds[0] : bounds[-1]]


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


_VIEW, _INSIDE = 16, 12
"""Bytes of a view as Arrow has them: length, then the letters of a text, or four of them and where it lies."""
_AT_A_TIME = 1 << 16
"""Views that stay in the cache of a core."""

Views = npt.NDArray[np.uint8]


def _views(texts: pl.Series) -> Iterator[tuple[Views, list[pa.Buffer], npt.NDArray[np.bool_] | None]]:
    """Yield the views of texts as they lie, piece by piece, with the buffers of each, and which are not null."""
    for chunk in texts.get_chunks():
        array = chunk.to_arrow(compat_level=pl.CompatLevel.newest())
        _, views, *letters = array.buffers()
        here = np.frombuffer(views, np.uint8)[_VIEW * array.offset : _VIEW * (array.offset + len(array))]
        here = here.reshape(-1, _VIEW)
        present = chunk.is_not_null().to_numpy() if chunk.null_count() else None
        for at in range(0, len(here), _AT_A_TIME):
            some = slice(at, at + _AT_A_TIME)
            yield here[some], letters, None if present is None else present[some]


def beginning_outside(texts: pl.Series, first: str, last: str) -> npt.NDArray[np.intp]:
    """Return where a text begins neither with one of two ASCII letters nor with one between; empty texts do not.

    >>> beginning_outside(pl.Series(["SITI", None, "", " BUDI"]), "!", "~").tolist()
    [2, 3]
    """
    span, found, begin = ord(last) - ord(first), [], 0
    for views, _, present in _views(texts):
        outside = views[:, 4] - np.uint8(ord(first)) > span
        if present is not None:
            outside &= present
        if outside.any():
            found.append(begin + np.flatnonzero(outside))
        begin += len(views)
    return np.concatenate(found) if found else np.empty(0, np.intp)


def may_hold(texts: pl.Series, part: bytes) -> bool:
    r"""Return whether some bytes may be in any of the texts; False is certain, and sooner known than by reading each.

    >>> may_hold(pl.Series(["SITI", "BUDI\n"]), b"\n"), may_hold(pl.Series(["SITI", None]), b"\n")
    (True, False)
    """
    looked_at: set[int] = set()
    for views, letters, _ in _views(texts):
        if _inside(views, part):
            return True
        for one in letters:
            if one.address not in looked_at and part in one.to_pybytes():
                return True
            looked_at.add(one.address)
    return False


def _inside(views: Views, part: bytes) -> bool:
    """Return whether some bytes may be in a text that lies in its view."""
    if len(part) > 1:
        return part in views.tobytes()
    short = views.view(np.int32)[:, 0] <= _INSIDE
    found = (views == part[0]).view(np.uint32)
    return bool((short & (found[:, 1] | found[:, 2] | found[:, 3]).astype(bool)).any())
