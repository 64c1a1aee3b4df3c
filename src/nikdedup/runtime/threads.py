"""Independent pieces of work side by side: numpy, polars and RapidFuzz let go of the interpreter while they work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import polars as pl

Piece = TypeVar("Piece")
Found = TypeVar("Found")

CHUNK = 1 << 16
"""Pairs looked at together: what is made on the way stays small, and every thread has work."""


def chunks(pairs: int) -> list[slice]:
    """Return where to cut n pairs into chunks, one at least."""
    return [slice(begin, begin + CHUNK) for begin in range(0, pairs or 1, CHUNK)]


def side_by_side(work: Callable[[Piece], Found], pieces: Iterable[Piece]) -> list[Found]:
    """Return what `work` says of each piece, in order, from as many threads as polars uses."""
    waiting = list(pieces)
    if len(waiting) < 2 or pl.thread_pool_size() < 2:
        return [work(piece) for piece in waiting]
    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
        return list(pool.map(work, waiting))


@contextmanager
def beside(*works: Callable[[], Any]) -> Iterator[Callable[[], list[Any]]]:
    """Begin pieces of work while the caller goes on with its own; what is yielded returns what they find, in order.

    With one thread they begin when they are asked for.
    """
    if pl.thread_pool_size() < 2:
        yield lambda: [work() for work in works]
        return
    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
        begun = [pool.submit(work) for work in works]
        yield lambda: [one.result() for one in begun]


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Return what several pieces of work find, in order, side by side."""
    return side_by_side(lambda work: work(), works)
