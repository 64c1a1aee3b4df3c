"""Grouping in numpy: what grouping_cy.pyx computes, where it is not compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int32]
Places = NDArray[np.int64]

SPREAD = np.uint64(0x9E3779B97F4A7C15)
"""An odd number whose product with a key stirs the key's bits; no two keys have one product."""


def mixed(*codes: NDArray[np.signedinteger[Any]]) -> NDArray[np.int64]:
    """Return one code of 63 bits for several; -1 where any is missing (negative).

    codes: one or more arrays of n signed integers of any width.
    """
    stirred = np.zeros(len(codes[0]), np.uint64)
    missing = np.zeros(len(codes[0]), np.bool_)
    for code in codes:
        missing |= code < 0
        stirred ^= code.astype(np.int64, copy=False).view(np.uint64)
        stirred *= SPREAD
        stirred ^= stirred >> np.uint64(29)
    stirred >>= np.uint64(1)
    out: NDArray[np.int64] = stirred.view(np.int64)
    out[missing] = -1
    return out


def grouped(key: NDArray[np.int64]) -> tuple[Rows, Places, Places]:
    """Return the rows of keys that occur twice or more, side by side, and where each block begins and how long it is.

    key: n x int64; rows with a negative key belong to no block. Blocks stand in the order of the stirred
    key, which means nothing, and rows inside them in their own.
    """
    members = np.flatnonzero(key >= 0)
    stirred = key[members].view(np.uint64) * SPREAD
    order = np.argsort(stirred, kind="stable")
    rows: Rows = members[order].astype(np.int32)
    stirred = stirred[order]
    edge = np.flatnonzero(np.diff(stirred, prepend=~stirred[:1], append=~stirred[-1:]))
    every: Places = np.diff(edge)
    sizes: Places = every[every >= 2]
    return rows[np.repeat(every >= 2, every)], np.cumsum(sizes) - sizes, sizes


def numbered(code: NDArray[np.uint64]) -> tuple[NDArray[np.uint32], Places]:
    """Number the distinct codes as they first appear: return the number of each row's code, and each code's first row.

    >>> numbered(np.array([9, 4, 9], np.uint64))
    (array([0, 1, 0], dtype=uint32), array([0, 1]))
    """
    _, first, back = np.unique(code, return_index=True, return_inverse=True)
    appeared = np.argsort(first)
    number = np.empty(len(first), np.uint32)
    number[appeared] = np.arange(len(first), dtype=np.uint32)
    return number[back], first[appeared]


def may_be_among(key: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which keys may be among others: all that are, and one in ten of those that are not.

    Most rows have no partner, and what is left out need not be sorted. key, others: codes of rows; a negative one is
    never among others.
    """
    bits = max(len(others).bit_length() + 3, 10)
    mask = np.int64((1 << bits) - 1)
    there = np.zeros(1 << bits, np.bool_)
    there[others[others >= 0] & mask] = True
    may: NDArray[np.bool_] = there[key & mask] & (key >= 0)
    return may


def listed(
    lists: NDArray[np.uint32], bounds: NDArray[np.int64], values: NDArray[np.int64]
) -> tuple[NDArray[np.int64], Rows]:
    """Return the values in the list of each row, one row after the other, and the row of each value.

    lists: which list each row has. bounds: list k holds the values from bounds[k] on, before bounds[k + 1].

    >>> listed(np.array([1, 0, 1], np.uint32), np.array([0, 1, 3]), np.array([7, 8, 9]))
    (array([8, 9, 7, 8, 9]), array([0, 0, 1, 2, 2], dtype=int32))
    """
    begin = bounds[lists]
    many = bounds[lists + np.uint32(1)] - begin
    place = np.arange(int(many.sum())) + np.repeat(begin - (np.cumsum(many) - many), many)
    return values[place], np.repeat(np.arange(len(lists), dtype=np.int32), many)
