"""Every sentence and label of this room, in Indonesian and English, from data/show.toml and data/village.toml."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

LANGS = ("id", "en")


@cache
def _table() -> dict[str, dict[str, dict[str, str]]]:
    groups: dict[str, dict[str, dict[str, str]]] = {}
    for name in ("show.toml", "village.toml"):
        text = (files("nikdedup") / "data" / name).read_text(encoding="utf-8")
        for group, said in tomllib.loads(
            text
        ).items():  # one may stand in both: bands of pairs, bands of ages
            groups[group] = groups.get(group, {}) | said
    return groups


def say(key: str, lang: str, **values: Any) -> str:
    """Return the text `group.name` in `lang`, with {placeholders} filled in.

    Args:
        key: `group.name` in the table of texts.
        lang: `id` or `en`.
        **values: what stands in place of {placeholders}.

    Raises:
        KeyError: for a key that neither file has: a text is never missing silently.

    Example:
        >>> say("word.total", "id"), say("word.total", "en")
        ('Jumlah', 'Total')
    """
    group, name = key.split(".", 1)
    return _table()[group][name][lang].format(**values)


def label(group: str, code: object, lang: str) -> str:
    """Return what a code is called, or the code itself, readable, if nobody has named it yet.

    Codes of rules, passes and levels are data of other rooms and may grow before
    their names do; a report must not fail for that.

    Args:
        group: a table of data/show.toml.
        code: what is to be called.
        lang: `id` or `en`.

    >>> label("action", "verify", "en"), label("pass", "some_new_pass", "id")
    ('verify in the village', 'some new pass')
    """
    code = "" if code is None else str(code)
    name = re.sub(r"[^a-z0-9]+", "_", code.lower()).strip("_")
    known = _table()[group].get(name)
    return known[lang] if known else code.replace("_", " ")


def items(group: str, lang: str) -> dict[str, str]:
    """Return all texts of a group in `lang`, in the order of the file."""
    return {name: both[lang] for name, both in _table()[group].items()}


def reason(code: str, lang: str) -> str:
    """Return the sentence of a data-quality flag, as residents/flags.py words it, else the bare code."""
    from nikdedup.residents import REASONS

    known = REASONS.get(code)
    return str(getattr(known, lang)) if known else code.replace("_", " ")
