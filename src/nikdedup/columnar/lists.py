"""A column of lists, element by element."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl


def elements(lists: pl.Series) -> tuple[npt.NDArray[np.uint32], pl.Series]:
    """Return of n lists the row and the value of each element; a null and an empty list have none.

    >>> rows, values = elements(pl.Series([["a", "b"], None, [], ["c"]]))
    >>> rows.tolist(), values.to_list()
    ([0, 0, 3], ['a', 'b', 'c'])
    """
    rows = np.arange(len(lists), dtype=np.uint32).repeat(lists.list.len().fill_null(0).to_numpy())
    return rows, lists.explode(empty_as_null=False, keep_nulls=False)
