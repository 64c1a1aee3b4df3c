"""The way through one command line: set up the process, call the command, end with its exit code."""

from __future__ import annotations

import os
import re
import signal
import sys
from io import TextIOWrapper
from typing import NoReturn

import typer

from nikdedup.cli.arguments import as_option, lang_behind, language_of, shared_in_front
from nikdedup.cli.root import COMMANDS, app, app_of
from nikdedup.cli.talk import TALK, Talk, say
from nikdedup.errors import DEBUG, LITTLE_MEMORY, NikdedupError, RunError, crash_of
from nikdedup.runtime.journal import tell
from nikdedup.runtime.memory import prepare
from nikdedup.runtime.watched import INTERRUPTED, STOPPED, ran_short, watched

COMPLETING = "_NIKDEDUP_COMPLETE"
"""Set by a shell that asks how a line could go on."""


def main() -> None:
    """Run the command line and exit with its code."""
    arguments = sys.argv[1:]
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a console of another code page shows "?", and does not fail
            stream.reconfigure(errors="replace")
    prepare(arguments)
    TALK.set(
        Talk(indonesian=language_of(arguments) == "id")
    )  # for the process that waits, should it have to speak
    signal.signal(signal.SIGTERM, _interrupt)  # as Ctrl-C: what was put aside goes with the run
    sys.exit(watched(lambda: code_of(arguments), say))


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def code_of(arguments: list[str]) -> int:
    """Run a command and return its exit code; every fault becomes one line on stderr."""
    talk = Talk(indonesian=language_of(arguments) == "id")
    with talk.closing:
        token = TALK.set(talk)
        try:
            code = _called(shared_in_front(lang_behind(arguments)))
            tell("end", f"exit {code}", exit=code)
            return code
        finally:
            TALK.reset(token)


def _called(arguments: list[str]) -> int:
    command = typer.main.get_command(app if COMPLETING in os.environ else app_of(arguments))
    if TALK.get().indonesian:
        from nikdedup.show import help_in_indonesian

        help_in_indonesian(command)
    if not arguments and COMPLETING not in os.environ:
        return say(f"no command given; allowed: {', '.join(COMMANDS)}; more with --help", 2)
    try:
        code = int(command.main(args=arguments, prog_name="nikdedup", standalone_mode=False) or 0)
        return _stopped() if code == INTERRUPTED else code
    except NikdedupError as fault:
        return say(fault.said(as_option), fault.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        return _stopped()
    except SystemExit:
        raise
    except BaseException as fault:  # a panic of polars is no Exception
        message = getattr(fault, "format_message", None)
        if message is not None:
            return say(_usage(message()), 2)
        return _crash(fault)


def _stopped() -> int:
    if ran_short():
        return say(LITTLE_MEMORY, 1)
    return say(STOPPED, INTERRUPTED)


def _usage(message: str) -> str:
    """Return a usage fault in our words: the option first, then what is wrong with it."""
    if message.startswith("Missing command"):
        return f"no command given; allowed: {', '.join(COMMANDS)}; more with --help"
    if found := re.match(r"No such command '(.*?)'", message):
        return f"unknown command {found[1]!r}; allowed: {', '.join(COMMANDS)}"
    if found := re.match(r"No such option:? '?(-[^\s']*)'?(?:.*?(--[\w-]+))?", message, flags=re.DOTALL):
        return f"unknown option {found[1]}; " + (f"did you mean {found[2]}?" if found[2] else "see --help")
    message = re.sub(r"^Invalid value for '?\[?(.+?)\]?'?: ", r"\1 ", message)
    return message.replace("Value error, ", "")


def _crash(fault: BaseException) -> int:
    """Print an unexpected failure as one line, or raise it where that is asked for."""
    if os.environ.get(DEBUG):
        raise fault
    return say(str(crash_of(fault)), RunError.exit_code)
