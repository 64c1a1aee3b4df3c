"""Arguments in the order in which they are parsed, the language they ask for, and what messages call them."""

from __future__ import annotations

import os
from itertools import pairwise

from nikdedup.cli.root import COMMANDS, SHARED

LANGUAGE = "NIKDEDUP_LANG"
"""Variable of the environment that holds the language of help and faults where --lang does not say it."""


def as_option(name: str, value: str | None, written: str | None) -> str:
    """Return an argument of the library as the option that means it: the one translation for all faults.

    value: plain, as it is typed; None where only the name is spoken of. written: as Python writes it.

    >>> as_option("reference_date", None, None), as_option("threads", "0", "0")
    ('--reference-date', '--threads 0')
    >>> as_option("residents", "False", "False"), as_option("accept_damaged_nik", "True", "True")
    ('--no-residents', '--accept-damaged-nik')
    """
    option = name.replace("_", "-")
    if written in ("True", "False"):
        return f"--{option}" if written == "True" else f"--no-{option}"
    return f"--{option}" if value is None else f"--{option} {value}"


def language_of(arguments: list[str]) -> str | None:
    """Return the language of help and faults: what `--lang` says, else the environment; English if neither does.

    >>> language_of(["nik", "1", "--lang", "id"]), language_of(["--lang=en", "nik", "1"])
    ('id', 'en')
    """
    asked = [one for before, one in pairwise(["", *arguments]) if before == "--lang"]
    asked += [one.removeprefix("--lang=") for one in arguments if one.startswith("--lang=")]
    return asked[-1] if asked else os.environ.get(LANGUAGE)


def lang_behind(arguments: list[str]) -> list[str]:
    """Return the arguments with a `--lang` that stands before the command behind it, where the command reads it.

    >>> lang_behind(["--lang", "id", "nik", "1"]), lang_behind(["--lang=id", "--help"]), lang_behind(["--lang", "id"])
    (['nik', '--lang', 'id', '1'], ['--help'], [])
    """
    first = arguments[0] if arguments else ""
    size = 2 if first == "--lang" else 1 if first.startswith("--lang=") else 0
    said, rest = arguments[:size], arguments[size:]
    return [rest[0], *said, *rest[1:]] if rest and rest[0] in COMMANDS else rest


def shared_in_front(arguments: list[str]) -> list[str]:
    """Return the arguments with the options that every command shares moved before the command.

    >>> shared_in_front(["nik", "1", "--quiet", "--log-file", "a.log", "--", "--quiet"])
    ['--quiet', '--log-file', 'a.log', 'nik', '1', '--', '--quiet']
    """
    shared: list[str] = []
    others: list[str] = []
    rest = list(arguments)
    while rest and rest[0] != "--":
        one = rest.pop(0)
        (shared if one in SHARED or one.startswith("--log-file=") else others).append(one)
        if one == "--log-file" and rest:
            shared.append(rest.pop(0))
    return [*shared, *others, *rest]
