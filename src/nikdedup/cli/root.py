"""`nikdedup` itself: the options before every command, and the commands in the order in which help lists them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from nikdedup.cli import extracts, nights, runs, synthetic, village
from nikdedup.cli.talk import TALK, show

HELP = (
    "Find residents registered twice, and NIKs held by two people.\n\n"
    "The options below may stand before the command or after it."
)
# Help is stated, not taken from docstrings: `python -OO` has none.
_SETTINGS: dict[str, Any] = {
    "no_args_is_help": True, "pretty_exceptions_enable": False, "rich_markup_mode": None,
}  # fmt: skip
app = typer.Typer(add_completion=True, **_SETTINGS)
GROUPS = (runs.group, nights.group, extracts.group, village.group, synthetic.group)
for group in GROUPS:
    app.add_typer(group)

SHARED = ("--version", "--quiet", "--log-file", "--log-json")
_BY_NAME = {
    str(one.name or getattr(one.callback, "__name__", "")): one
    for group in GROUPS
    for one in group.registered_commands
}
COMMANDS = tuple(_BY_NAME)


def _version(asked: bool) -> None:
    if asked:
        import nikdedup

        show(f"nikdedup {nikdedup.__version__}")
        raise typer.Exit()


@app.callback(help=HELP)
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Say no more than errors and the path of what was written.")
    ] = False,
    log_file: Annotated[
        Path | None, typer.Option("--log-file", metavar="F", help="Add a line for each stage to a file.")
    ] = None,
    log_json: Annotated[
        bool, typer.Option("--log-json", help="Log as lines of JSON, to stderr without --log-file.")
    ] = False,
) -> None:
    """Set up what every command shares; these options may stand before the command or after it."""
    talk = TALK.get()
    talk.quiet = quiet
    if log_file is not None or log_json:
        from nikdedup.show import logging_to

        talk.plain = log_file is not None or not log_json
        talk.closing.enter_context(logging_to(log_file, as_json=log_json, stream=sys.stderr))


def app_of(arguments: Sequence[str]) -> typer.Typer:
    """Return an app that takes these arguments as `app` does: of the command alone that they name, if they name one.

    To build every command takes a tenth of the time of a short one.

    Args:
        arguments: as they are parsed, options that every command shares in front.
    """
    rest = list(arguments)
    while rest and (rest[0] in SHARED or rest[0].startswith("--log-file=")):
        del rest[: 2 if rest[0] == "--log-file" else 1]
    command = _BY_NAME.get(rest[0]) if rest else None
    if command is None:
        return app
    alone = typer.Typer(add_completion=False, **_SETTINGS)
    alone.registered_callback, alone.registered_commands = app.registered_callback, [command]
    return alone
