"""All pairs inside blocks that pass a gate.

A block is a set of rows with one key. Inside a block every row is compared with
every other, once. The gate is one machine word per row: a set of letter pairs of
the name (a signature), order-free, so that swapped, dropped and added words keep
their common part. Two rows pass when the shorter signature is contained well
enough in the longer one: popcount(a & b) >= min(need_a, need_b).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from nikdedup.grouping import grouped
from nikdedup.match import loops

Rows = NDArray[np.int32]
Keys = NDArray[np.int64]
Pairs = tuple[Rows, Rows]
Keep = Callable[[Rows, Rows], NDArray[np.bool_]]
"""Looks at pairs that passed the gate and says which of them to keep."""

CHUNK_PAIRS = 1 << 22
"""Pairs that are looked at before those that passed are weighed: what bounds the memory of a pass."""


@dataclass(frozen=True)
class Gate:
    """What two rows of a block must share to become a pair.

    signature: n x uint64, a set of up to 64 letter pairs; need: n x uint8, how many
    of them must be shared, the smaller of both sides counts (0 lets everything pass).
    """

    signature: NDArray[np.uint64]
    need: NDArray[np.uint8]


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
    return Blocks(members if rows is None else rows[members], starts, sizes)


def pairs_in_blocks(blocks: Blocks, gate: Gate | None, *, keep: Keep | None = None) -> Pairs:
    """Return all pairs inside the blocks that pass the gate and `keep`, each once, in block order."""
    ends = np.repeat(blocks.starts + blocks.sizes, blocks.sizes)
    at = np.repeat(blocks.starts - (np.cumsum(blocks.sizes) - blocks.sizes), blocks.sizes)
    at += np.arange(len(at))
    return _pairs(blocks.order, gate, at, at + 1, ends, keep)


def pairs_across(
    key: Keys,
    with_key: Keys,
    gate: Gate | None,
    most: int,
    *,
    rows: Rows | None = None,
    with_rows: Rows | None = None,
    keep: Keep | None = None,
) -> tuple[Rows, Rows, int, int]:
    """Return the pairs of a row with `key` and another row with the same value in `with_key`.

    rows, with_rows: the row numbers behind `key` and `with_key` (0..n-1 when not given). A value that more
    than `most` rows hold in `with_key` is left out. Third and fourth: how many pairs were looked at, and how
    many left out.
    """
    rows = np.arange(len(key), dtype=np.int32) if rows is None else rows
    with_rows = np.arange(len(with_key), dtype=np.int32) if with_rows is None else with_rows
    members, starts, sizes = grouped(np.concatenate([with_key, key]))
    asking = members >= len(with_key)
    held = sizes - np.add.reduceat(asking, starts) if len(starts) else sizes
    asked = (sizes - held) * held
    left_out = held > most
    skipped = int(asked[left_out].sum())
    held[left_out] = 0
    at = np.flatnonzero(asking & np.repeat(held > 0, sizes))
    block = np.searchsorted(starts, at, "right") - 1
    left, right = _pairs(
        np.concatenate([with_rows, rows])[members], gate, at, starts[block], starts[block] + held[block], keep
    )
    return left, right, int(asked[~left_out].sum()), skipped


def _pairs(rows: Rows, gate: Gate | None, at: Keys, first: Keys, stop: Keys, keep: Keep | None) -> Pairs:
    """Return the pairs of entry at[k] with the entries first[k] to stop[k] - 1, in chunks that fit into memory."""
    if gate is None:
        letters, need = np.zeros(len(rows), np.uint64), np.zeros(len(rows), np.uint8)
    else:
        letters, need = gate.signature[rows], gate.need[rows]
    looked = np.cumsum(stop - first)
    cuts = np.searchsorted(looked, np.arange(0, looked[-1] if len(looked) else 0, CHUNK_PAIRS), "right")
    found = [(np.empty(0, np.int32), np.empty(0, np.int32))]
    for begin, end in pairwise([*cuts.tolist(), len(at)]):
        left, right = loops.pairs_of(rows, letters, need, at[begin:end], first[begin:end], stop[begin:end])
        if keep is not None:
            kept = keep(left, right)
            left, right = left[kept], right[kept]
        found.append((left, right))
    lefts, rights = zip(*found, strict=True)
    return np.concatenate(lefts), np.concatenate(rights)
