"""What the package tells the standard `logging` of its work: stages with counts, never a value of a record.

The logger is `nikdedup`; it keeps silent unless a program, or the command line (`--log-file`), gives it a
handler. A record carries its facts as a dict in `facts` beside the line for people.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

LOG = logging.getLogger("nikdedup")

NOT_COMPILED = (
    "the compiled loops are missing, numpy does their work: slower, with the same result; "
    "install it where there is a C++ compiler"
)


_ABOUT: ContextVar[Mapping[str, Any]] = ContextVar("_ABOUT", default={})  # noqa: B039 (nobody changes it)


@contextmanager
def about(**facts: Any) -> Iterator[None]:
    """Have these facts stand beside those of every event that is told inside: which run, which job."""
    token = _ABOUT.set({**_ABOUT.get(), **facts})
    try:
        yield
    finally:
        _ABOUT.reset(token)


def tell(event: str, line: str, *, level: int = logging.INFO, **facts: Any) -> None:
    """Log an event: a line for people, and its facts for programs."""
    LOG.log(level, "%s", line, extra={"facts": {"event": event, **_ABOUT.get(), **facts}})


def tell_stage(stage: str, counts: Mapping[str, int], timing: Mapping[str, float | None]) -> None:
    """Log the end of a stage of a run: what it counted, its seconds, and the peak memory so far in MB."""
    parts = [f"{count} {name}" for name, count in counts.items()]
    parts.append(f"{timing['seconds']:.3f} s")
    if timing["peak_mb"] is not None:
        parts.append(f"peak {timing['peak_mb']:.0f} MB")
    facts: dict[str, Any] = {"stage": stage, **counts, **timing}
    tell("stage", f"{stage}: {', '.join(parts)}", **facts)


@cache
def tell_not_compiled() -> None:
    """Warn that the compiled loops are missing, once in a process."""
    tell("not_compiled", NOT_COMPILED, level=logging.WARNING)
