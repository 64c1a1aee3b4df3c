"""All pairs inside blocks that pass a q-gram filter.

A block is a set of rows with one key. Inside a block every row is compared with
every other, once. The q-gram filter is one machine word per row: a set of letter pairs of
the name (a signature), order-free, so that swapped, dropped and added words keep
their common part. Two rows pass when the shorter signature is contained well
enough in the longer one: popcount(a & b) >= min(need_a, need_b).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nikdedup.columnar.arrays import Keys, Pairs, Rows
from nikdedup.columnar.grouping import grouped
from nikdedup.match import kernels as loops
from nikdedup.match.kernels import PrefilterRule, QgramFilter


@dataclass(frozen=True)
class Blocks:
    """Rows sorted by key, and where each block of two or more begins and how long it is."""

    order: Rows
    starts: NDArray[np.int64]
    sizes: NDArray[np.int64]

    @property
    def pairs(self) -> int:
        """How many unordered pairs the blocks hold."""
        return int((self.sizes * (self.sizes - 1) // 2).sum())


def blocks_of(key: Keys, rows: Rows | None = None) -> Blocks:
    """Group rows by key; rows with a negative key belong to no block.

    key: n x int64. rows: the row numbers behind `key` (0..n-1 when not given).
    """
    members, starts, sizes = grouped(key)
    return Blocks(members if rows is None else rows.take(members), starts, sizes)


def pairs_in_blocks(blocks: Blocks, qgrams: QgramFilter | None, rule: PrefilterRule | None = None) -> Pairs:
    """Return all pairs inside the blocks that pass the q-gram filter and the prefilter, each once, in block order."""
    return loops.block_pairs(blocks.order, blocks.starts, None, blocks.starts + blocks.sizes, qgrams, rule)


def pairs_across(
    key: Keys,
    with_key: Keys,
    qgrams: QgramFilter | None,
    most: int,
    *,
    rows: Rows | None = None,
    with_rows: Rows | None = None,
    rule: PrefilterRule | None = None,
) -> tuple[Rows, Rows, int, int]:
    """Return the pairs of a row with `key` and another row with the same value in `with_key`.

    A value that more than `most` rows hold in `with_key` is left out.

    Args:
        key: codes of the rows on one side; a negative one takes no part.
        with_key: the same of the rows on the other side.
        qgrams: tells which of two rows with one key may be a pair; all where it is not given.
        most: rows with one value in `with_key` beyond which the value is left out.
        rows: the row numbers behind `key` (0..n-1 when not given).
        with_rows: the row numbers behind `with_key` (0..n-1 when not given).
        rule: drops pairs that cannot matter, as they are made.

    Returns:
        Rows on both sides, how many pairs were looked at, and how many were left out.
    """
    rows = np.arange(len(key), dtype=np.int32) if rows is None else rows
    with_rows = np.arange(len(with_key), dtype=np.int32) if with_rows is None else with_rows
    members, starts, sizes = grouped(np.concatenate([with_key, key]))
    # Inside a block those with `with_key` come first.
    held = np.add.reduceat(members < len(with_key), starts, dtype=np.int64) if len(starts) else sizes
    asked = (sizes - held) * held
    looked = (asked > 0) & (held <= most)
    skipped = int(asked[held > most].sum())
    starts, stops, middles = starts[looked], (starts + sizes)[looked], (starts + held)[looked]
    members = np.concatenate([with_rows, rows]).take(members)
    left, right = loops.block_pairs(members, starts, middles, stops, qgrams, rule)
    return left, right, int(asked[looked].sum()), skipped
