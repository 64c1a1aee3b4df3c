"""Messages and help in Indonesian: what the library says in English, said again where people read it.

Messages arise in English, deep in the library. data/messages.toml has each of them once more in Indonesian, with {}
where a value stands. A message that is made of several is turned clause by clause; values stay as they are.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

PLACES = {"{}": "(.+?)", "{#}": r"([-+\d][-+\d.,:/eE]*)"}
"""Stand for a value in an entry of data/messages.toml, and for one that is a number or a date: where an entry has few
words of its own, a value may have them too."""


@dataclass(frozen=True)
class _Entry:
    """One message: a pattern of the English, and the Indonesian with the same places in the same order."""

    pattern: re.Pattern[str]
    indonesian: str


@cache
def _entries() -> list[_Entry]:
    """Return all messages, those with most words of their own first."""
    table = tomllib.loads((files("nikdedup") / "data" / "messages.toml").read_text(encoding="utf-8"))
    found = [pair for group in table.values() for pair in group.items()]
    found.sort(key=lambda pair: (-len("".join(_own_words(pair[0]))), pair[0]))
    return [_Entry(re.compile(_pattern(en)), id_) for en, id_ in found]


def _own_words(english: str) -> list[str]:
    return re.split(r"\{#?\}", english)


def _pattern(english: str) -> str:
    """Return what an entry matches: its own words, and each of PLACES."""
    return "".join(PLACES.get(part, re.escape(part)) for part in re.split(r"(\{#?\})", english))


def in_indonesian(text: str) -> str:
    """Return a message or a help text in Indonesian; what data/messages.toml does not have stays English.

    Args:
        text: a message in English.

    Example:
        >>> in_indonesian("penduduk.csv: no such file or folder")
        'penduduk.csv: berkas atau folder tidak ada'
    """
    return _turned(text)[0]


def untranslated(text: str) -> list[str]:
    """Return the clauses of a message that data/messages.toml does not have; bare values are none."""
    return _turned(text)[1]


def help_in_indonesian(command: Any) -> None:
    """Turn the help of a command line, of its commands and options, into Indonesian, in place.

    Args:
        command: as `typer.main.get_command` gives it.
    """
    for part in (command, *command.params):
        if getattr(part, "help", None):
            paragraphs = part.help.split("\n\n")
            part.help = "\n\n".join(in_indonesian(" ".join(text.split())) for text in paragraphs)
    plain = command.get_help
    command.get_help = lambda context: _with_headings(plain(context))
    for inner in getattr(command, "commands", {}).values():
        help_in_indonesian(inner)


_HEADINGS = {
    r"^Usage: ": "Pemakaian: ",
    r"^Options:$": "Opsi:",
    r"^Commands:$": "Perintah:",
    r"^Arguments:$": "Argumen:",
    r"\[OPTIONS\]": "[OPSI]",
    r"COMMAND \[ARGS\]\.\.\.": "PERINTAH [ARGUMEN]...",
    r"\[required\]": "[wajib]",
    r"\[default: ": "[bawaan: ",
    r"Show this message and exit\.": "Tampilkan bantuan ini.",
}
"""What typer itself puts around our texts."""


def _with_headings(text: str) -> str:
    for english, indonesian in _HEADINGS.items():
        text = re.sub(english, indonesian, text, flags=re.MULTILINE)
    return text


@lru_cache(maxsize=1024)
def _turned(text: str) -> tuple[str, list[str]]:
    """Return the Indonesian of a text, and the clauses that stayed English.

    Of several ways to read it the one with the fewest English clauses holds; an entry goes before parts.
    """
    ways = []
    for entry in _entries():
        if found := entry.pattern.fullmatch(text):
            ways.append(_filled(entry, found))
            if not ways[-1][1] and not any("; " in value for value in found.groups()):
                return ways[-1]
    return min([*ways, _parted(text)], key=lambda way: len(way[1]))


def _filled(entry: _Entry, found: re.Match[str]) -> tuple[str, list[str]]:
    values = [_turned(value) for value in found.groups()]
    said = entry.indonesian.format(*(value for value, _ in values))
    return said, [clause for _, lost in values for clause in lost]


def _parted(text: str) -> tuple[str, list[str]]:
    """Return the same of a text that no entry is the whole of: of what stands before and behind a sign, by itself."""
    ways = []
    for sign in ("; ", ": "):
        head, there, tail = text.partition(sign)
        if there:
            (first, lost), (second, more) = _turned(head), _turned(tail)
            ways.append((f"{first}{sign}{second}", [*lost, *more]))
    if ways:
        return min(ways, key=lambda way: len(way[1]))
    return text, [text] if re.search(r"\b[a-z]+ [a-z]{2,}", text) else []
