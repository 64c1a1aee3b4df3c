"""Every sentence of this room, in Indonesian and English, from data/nightly.toml."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def _table() -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads((files("nikdedup") / "data" / "nightly.toml").read_text(encoding="utf-8"))


def say(key: str, lang: str, **values: Any) -> str:
    """Return the text `group.name` in `lang`, with {placeholders} filled in.

    >>> say("event.birth", "id"), say("event.birth", "en")
    ('orang baru', 'new person')
    """
    group, name = key.split(".", 1)
    return _table()[group][name][lang].format(**values)
