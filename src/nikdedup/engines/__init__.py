"""Where the parts of an extract are worked on: one after the other in this process, or in processes of this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from nikdedup.engines.workers import Workers
from nikdedup.runtime.share import arriving

Part = TypeVar("Part")
Found = TypeVar("Found")


class Engine(Protocol):
    """Works on parts."""

    def map(self, task: Callable[[Part], Found], parts: Iterable[Part]) -> list[Found]:
        """Return what `task` (a function of a module, of one value that can be pickled) says of each part, in order."""


class InPlace:
    """Works on one part after the other where it is called: nothing is copied, and a fault is raised as it is."""

    def map(self, task: Callable[[Part], Found], parts: Iterable[Part]) -> list[Found]:
        """Return what `task` says of each part, in order."""
        waiting = list(parts)
        return list(arriving(map(task, waiting), len(waiting)))


__all__ = ["Engine", "InPlace", "Workers"]
