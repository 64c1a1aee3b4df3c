"""Texts for people in Indonesian and English: kept in data files, filled in where they are shown.

A text has {places} for values. In English a noun may stand with its number, `{n:record|records}`: one for 1, the other
for all others; `{n:record is|records are}` takes what follows along.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cached_property
from importlib.resources import files
from string import Formatter
from typing import Any

_GROUP = re.compile(r"^(\[(\w+)[\w.]*\]$.*?)(?=^\[|\Z)", re.MULTILINE | re.DOTALL)
"""The header of a group, or of a part of it, with all that is written up to the next one."""


class Texts:
    """Texts of some data files: group -> name -> language -> text; a group may stand in several files.

    Args:
        *names: files in nikdedup/data.
    """

    def __init__(self, *names: str) -> None:
        self._names = names
        self._read: dict[str, dict[str, dict[str, str]]] = {}

    @property
    def table(self) -> dict[str, dict[str, dict[str, str]]]:
        """All texts as they are kept."""
        return {name: self.group(name) for name in self._written}

    def group(self, name: str) -> dict[str, dict[str, str]]:
        """Return the texts of a group, read when they are first asked for: to read all of them takes a moment.

        Args:
            name: of the group; KeyError where no file has it.
        """
        if name not in self._read:
            said: dict[str, dict[str, str]] = {}
            for text in self._written[name]:
                said |= tomllib.loads(text)[name]
            self._read[name] = said
        return self._read[name]

    @cached_property
    def _written(self) -> dict[str, list[str]]:
        """What is written of each group, file by file."""
        groups: dict[str, list[str]] = {}
        for file in self._names:
            here: dict[str, str] = {}
            for text, name in _GROUP.findall((files("nikdedup") / "data" / file).read_text(encoding="utf-8")):
                here[name] = here.get(name, "") + text
            for name, text in here.items():
                groups.setdefault(name, []).append(text)
        return groups

    def say(self, key: str, lang: str, **values: Any) -> str:
        """Return the text `group.name` in `lang`, with {places} filled in.

        Args:
            key: `group.name` in the files.
            lang: `id` or `en`.
            **values: what stands in the places.

        Raises:
            KeyError: for a key that no file has: a text is never missing silently.
        """
        group, name = key.split(".", 1)
        return filled(self.group(group)[name][lang], lang, values)


def filled(text: str, lang: str, values: Mapping[str, Any]) -> str:
    """Return a text with its {places} filled in.

    Args:
        text: as it is kept.
        lang: `id` or `en`.
        values: place -> value, or what it is called in each language.

    >>> filled("{n:row is no record|rows are no records}", "en", {"n": 1})
    '1 row is no record'
    >>> filled("{what}: {n:row|rows}", "en", {"what": {"id": "usia", "en": "ages"}, "n": "1,200"})
    'ages: 1,200 rows'
    """
    spoken = {name: value[lang] if isinstance(value, dict) else value for name, value in values.items()}
    return _NUMBERED.vformat(text, (), spoken) if "|" in text else text.format_map(spoken)


class _Numbered(Formatter):
    """Format where `one|many` behind a value is the noun for it."""

    def format_field(self, value: Any, format_spec: str) -> str:
        one, between, many = format_spec.partition("|")
        if not between:
            return str(super().format_field(value, format_spec))
        return f"{value} {one if str(value) == '1' else many}"


_NUMBERED = _Numbered()
