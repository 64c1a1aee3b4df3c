"""How much the command line says, and where: what the options before the command ask for."""

from __future__ import annotations

import logging
import sys
from contextlib import ExitStack, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

from nikdedup.errors import RunError
from nikdedup.masking import mask_numbers
from nikdedup.runtime.journal import tell


@dataclass
class Talk:
    """How much the command line says, and where: what the options before the command ask for."""

    quiet: bool = False
    plain: bool = True
    """Faults and progress are lines for people on stderr; false where stderr is a log of JSON."""
    indonesian: bool = False
    """Help and faults are in Indonesian."""
    closing: ExitStack = field(default_factory=ExitStack)

    @property
    def progress(self) -> bool:
        """Whether progress is shown."""
        return self.plain and not self.quiet

    def answer(self, text: str, path: Path | str) -> None:
        """Print what a command has written; if little is asked to be said, only its path.

        Where that cannot be printed, what was written stands, and so does the exit code.
        """
        try:
            show(str(path) if self.quiet else text)
        except RunError as fault:
            say(str(fault), 0)


TALK = ContextVar("TALK", default=Talk())  # noqa: B039 (each command line sets its own)


def show(text: str) -> None:
    """Print an answer; RunError where nobody takes it, as a pipe that was closed or a full disk."""
    try:
        print(text, flush=True)  # noqa: T201
    except OSError as fault:
        with suppress(OSError):
            sys.stdout.close()  # what it still holds would be tried again at the end
        raise RunError(f"the answer could not be printed ({fault.strerror})") from None


def show_aside(line: str) -> None:
    """Print a line on standard error; where nobody takes it, the run and its exit code are not lost over it."""
    with suppress(OSError):
        print(line, file=sys.stderr, flush=True)  # noqa: T201


def say(message: str, code: int) -> int:
    """Print one line, with whatever looks like a NIK masked, log it, and return the exit code."""
    line = mask_numbers(" ".join(message.split()))
    if TALK.get().indonesian:
        from nikdedup.show import in_indonesian

        line = in_indonesian(line)
    tell("error", line, level=logging.ERROR, exit=code)
    if TALK.get().plain:
        show_aside(f"nikdedup: {line}")
    return code
