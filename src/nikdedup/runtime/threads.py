"""Independent pieces of work side by side: numpy, polars and RapidFuzz let go of the interpreter while they work."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from contextvars import copy_context
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

import polars as pl

from nikdedup.runtime.share import arriving, handed_out, heard

Piece = TypeVar("Piece")
Found = TypeVar("Found")

CHUNK = 1 << 16
"""Pairs looked at together: what is made on the way stays small, and every thread has work."""

PROC, CGROUPS = Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")
"""Where Linux tells of which control group a process is, and what each of them may use."""


def processors() -> int:
    """Return how many processors this process may use, 1 at least.

    Those that it is tied to, and on Linux no more than what its control group is given of them (a container's
    `--cpus`, systemd's CPUQuota), rounded up.
    """
    tied = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, math.ceil(min(tied, _share())))


def _share() -> float:
    """Return how many processors the control groups of this process allow, version 2; infinite where none says so."""
    try:
        told = [line.rpartition("::")[2] for line in PROC.read_text().splitlines() if line.startswith("0::")]
    except OSError:
        return math.inf
    here = PurePosixPath(told[0]) if told else PurePosixPath("/")
    share = math.inf
    for group in (here, *here.parents):
        # No such file above a container's own group, and in groups without a limit of their own.
        with suppress(OSError, ValueError):
            quota, period = (CGROUPS / group.relative_to("/") / "cpu.max").read_text().split()
            share = min(share, math.inf if quota == "max" else int(quota) / int(period))
    return share


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
def beside(*works: Callable[[], Found]) -> Iterator[list[Callable[[], Found]]]:
    """Begin pieces of work while the caller goes on with its own; of each, what is yielded returns what it finds.

    They have all threads but one, which is the caller's. With one thread they begin when they are asked for.
    """
    if pl.thread_pool_size() < 2:
        yield [cache(work) for work in works]
        return
    with ThreadPoolExecutor(pl.thread_pool_size() - 1) as pool:
        begun = [pool.submit(work) for work in works]
        yield [one.result for one in begun]


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Return what several pieces of work find, in order, side by side."""
    return side_by_side(lambda work: work(), works)


def all_done(works: Sequence[Callable[[], Any]], *, threads: int) -> None:
    """Do pieces of work, at most `threads` at a time, and say which share of them is done.

    They begin in their order. Once one has failed no other begins, those at work end, and of the faults the first in
    their order is raised.
    """
    if min(threads, len(works)) < 2:
        for work in handed_out(works):
            work()
        return
    with ThreadPoolExecutor(threads) as pool:
        try:
            begun = [pool.submit(copy_context().run, _unheard, work) for work in works]
            for one in arriving(as_completed(begun), len(begun)):
                if one.exception() is not None:
                    break
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    _raise_first(begun)


def _unheard(work: Callable[[], Any]) -> None:
    """Do a piece of work, of which no share is said: it is said by the thread that waits for all of them."""
    with heard(None):
        work()


def _raise_first(works: Iterable[Future[Any]]) -> None:
    for work in works:
        if not work.cancelled():
            work.result()
