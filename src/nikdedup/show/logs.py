"""The log of the command line: one line an event, for people or as JSON, long numbers masked."""

from __future__ import annotations

import io
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TextIO

from nikdedup.errors import InputError, argument
from nikdedup.masking import mask_numbers
from nikdedup.runtime.journal import LOG


class Lines(logging.Formatter):
    """Time, level and line, as `2026-11-29 08:30:00 INFO read: 600 records, 0.120 s, peak 210 MB`."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%d %H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        """Return an event as one line."""
        return mask_numbers(" ".join(super().format(record).splitlines()))


class Json(logging.Formatter):
    """An object on one line: time, level, event, its facts, and the line for people as message."""

    def format(self, record: logging.LogRecord) -> str:
        """Return an event as one line of JSON."""
        time = datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="seconds")
        told = {"time": time, "level": record.levelname.lower(), **getattr(record, "facts", {})}
        return json.dumps(told | {"message": mask_numbers(record.getMessage())}, ensure_ascii=False)


@contextmanager
def logging_to(file: Path | None, *, as_json: bool, stream: TextIO) -> Iterator[None]:
    """Have everything that `journal` tells written inside: to the end of a file, else to `stream`.

    A new file is readable by its owner only.

    Args:
        file: log to add to; None for `stream`.
        as_json: a line of JSON for each event, else of text.
        stream: where the log goes without a file.

    Raises:
        InputError: where it cannot be opened.
    """
    target = stream if file is None else _opened(file)
    handler = logging.StreamHandler(target)
    handler.setFormatter(Json() if as_json else Lines())
    level = LOG.level
    LOG.addHandler(handler)
    LOG.setLevel(logging.INFO)
    try:
        yield
    finally:
        LOG.removeHandler(handler)
        LOG.setLevel(level)
        handler.close()
        if file is not None:
            target.close()


def _opened(file: Path) -> TextIO:
    try:
        # Without waiting for whoever might read a pipe: there is none, then it cannot be opened.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0)
        number = os.open(file, flags, 0o600)
        if hasattr(os, "set_blocking"):
            os.set_blocking(number, True)
    except (OSError, ValueError) as fault:
        reason = getattr(fault, "strerror", None) or type(fault).__name__
        raise InputError(f"{argument('log_file')} {file.name or file}: cannot be opened ({reason})") from None
    return io.TextIOWrapper(io.FileIO(number, "a"), encoding="utf-8", line_buffering=True, write_through=True)
