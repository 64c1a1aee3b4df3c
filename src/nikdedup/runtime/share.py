"""Which share of the running stage is done: said by whoever works, heard by whoever shows it.

Where nobody listens it costs a look at a variable. Shares are said by the thread that runs the stage; those of other
threads and processes are counted where their answers come together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import TypeVar

Item = TypeVar("Item")
Listener = Callable[[float], None]

_LISTENER: ContextVar[Listener | None] = ContextVar("_LISTENER", default=None)


def share(done: float) -> None:
    """Say which share of the running stage is done, from 0 to 1."""
    listener = _LISTENER.get()
    if listener is not None:
        listener(min(max(done, 0.0), 1.0))


@contextmanager
def heard(listener: Listener | None) -> Iterator[None]:
    """Have a listener told of every share that is said inside; None for nobody."""
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)


@contextmanager
def within(begin: float, end: float) -> Iterator[None]:
    """Take what is said inside, from 0 to 1, as the shares from `begin` to `end` of the whole.

    >>> told = []
    >>> with heard(told.append), within(0.5, 1.0):
    ...     share(0.5)
    >>> told
    [0.75, 1.0]
    """
    outer = _LISTENER.get()
    with heard(None if outer is None else lambda done: outer(begin + (end - begin) * done)):
        yield
        share(1.0)


def arriving(answers: Iterable[Item], number: int) -> Iterator[Item]:
    """Give answers as they come, and say with each how many of `number` are there.

    >>> told = []
    >>> with heard(told.append):
    ...     list(arriving("abcd", 4))
    ['a', 'b', 'c', 'd']
    >>> told
    [0.25, 0.5, 0.75, 1.0]
    """
    for done, answer in enumerate(answers, 1):
        share(done / number)
        yield answer


def handed_out(items: Sequence[Item]) -> Iterator[Item]:
    """Give items one by one, and say how many of them are done with; what is said of one counts as its part of all.

    >>> told = []
    >>> with heard(told.append):
    ...     list(handed_out("ab"))
    ['a', 'b']
    >>> told
    [0.0, 0.5, 1.0]
    """
    outer = _LISTENER.get()
    for done, item in enumerate(items):
        share(done / len(items))
        if outer is not None:
            _LISTENER.set(partial(_part_of, outer, done, len(items)))
        try:
            yield item
        finally:
            _LISTENER.set(outer)
    share(1.0)


def _part_of(outer: Listener, done: int, number: int, share_of_one: float) -> None:
    outer((done + share_of_one) / number)
