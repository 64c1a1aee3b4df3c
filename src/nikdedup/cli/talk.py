"""How much the command line says, and where: what the options before the command ask for."""

from __future__ import annotations

from contextlib import ExitStack
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

import typer


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

    def answer(self, text: str, path: Path | str | None = None) -> None:
        """Print what a command has to say; if that is asked to be little, only the path of what was written."""
        typer.echo(path if self.quiet and path is not None else text)


TALK = ContextVar("TALK", default=Talk())  # noqa: B039 (each command line sets its own)
