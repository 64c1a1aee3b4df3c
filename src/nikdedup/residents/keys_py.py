"""Cells into the running hashes of their records, in numpy; keys_cy says the same compiled."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.columnar.text import buffers

Hashes = npt.NDArray[np.uint64]

_HIGH, _LOW = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
_AT_A_TIME = 1 << 14
"""Records whose hashes stay in the cache of a core."""
_BYTES = np.array([(1 << 8 * count) - 1 for count in range(9)], np.uint64)
"""What is left of a word of which so many bytes belong to the cell."""


def absorb(high: Hashes, low: Hashes, texts: pl.Series, column: int) -> None:
    """Stir one cell of each record into `high` and `low`, in place; a null adds nothing.

    column: tells cells of one column from those of another.
    """
    bounds, data = buffers(texts)
    padded = np.concatenate([np.frombuffer(data or b"", np.uint8), np.zeros(8, np.uint8)])
    words = np.ndarray(len(padded) - 7, "<u8", padded, strides=(1,))
    present = texts.is_not_null().to_numpy()
    for first in range(0, len(high), _AT_A_TIME):
        rows = first + np.flatnonzero(present[first : first + _AT_A_TIME])
        begin, length = bounds[rows], bounds[rows + 1] - bounds[rows]
        _stir(high, low, rows, np.uint64(column << 40) | length.astype(np.uint64))
        for at in range(0, int(length.max(initial=0)), 8):
            going = length > at
            rows, begin, length = rows[going], begin[going], length[going]
            word = words[begin + at].astype(np.uint64) & _BYTES[np.minimum(length - at, 8)]
            _stir(high, low, rows, word)


def _stir(high: Hashes, low: Hashes, rows: npt.NDArray[np.intp], word: Hashes) -> None:
    one, other = (high[rows] ^ word) * _HIGH, (low[rows] + word) * _LOW
    high[rows], low[rows] = one ^ one >> np.uint64(32), other ^ other >> np.uint64(29)
