"""Options that several commands have, how their values are parsed, and the settings they come to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from nikdedup.config import Config

MOST_DIGITS = 18
"""Digits of a number on the command line: no counter holds one of twenty, and Python reads none of thousands."""


def count(value: str | int) -> int:
    """Parse a whole number of 1 or more; a default comes as the number it is."""
    return _number(str(value), least=1)


def whole(value: str | int) -> int:
    """Parse a whole number of 0 or more."""
    return _number(str(value), least=0)


def _number(text: str, *, least: int) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise typer.BadParameter(f"{text[:40]}; allowed: a whole number, {least} or more")
    if len(text) > MOST_DIGITS:
        raise typer.BadParameter(
            f"of {len(text)} digits; allowed: a whole number, {MOST_DIGITS} digits at most"
        )
    if int(text) < least:
        raise typer.BadParameter(f"{text}; allowed: a whole number, {least} or more")
    return int(text)


Lang = Annotated[
    Literal["id", "en"] | None,
    typer.Option("--lang", help="Language of what is printed and written, help and faults included."),
]
Inputs = Annotated[
    list[str],
    typer.Argument(metavar="INPUT...", help="Parquet, CSV or workbook: file, folder, glob or address."),
]
Settings = Annotated[Path | None, typer.Option("--config", help="TOML file of settings.")]
RecordId = Annotated[
    str | None, typer.Option("--record-id", metavar="COL", help="Column that identifies a record.")
]
ReferenceDate = Annotated[
    str | None, typer.Option(metavar="YYYY-MM-DD", help="The date the extract speaks of.")
]
Sample = Annotated[
    int | None,
    typer.Option("--sample", metavar="N", parser=count, help="Look at the first N records only."),
]
Damaged = Annotated[bool, typer.Option("--accept-damaged-nik", help="Read a NIK column that is a float.")]
Shown = Annotated[bool, typer.Option("--show-identities", help="Show NIKs and names in full.")]


def settings_of(config: Path | None, **options: Any) -> Config:
    """Return the settings of a command."""
    from nikdedup.config import Config

    given = {name: value for name, value in options.items() if value is not None}
    return Config.resolve(config, given)


def answers_in(state: Path) -> Path:
    """Return the list of what a state's villages have answered."""
    from nikdedup.errors import InputError
    from nikdedup.nightly import book_of
    from nikdedup.village import CONSTRAINTS, FOLDER

    book = book_of(state)
    book.about()
    found = state / FOLDER / CONSTRAINTS
    if not found.is_file():
        raise InputError(f"{book.name}: no verdicts were read in yet")
    return found
