"""Every sentence and label of this room, in Indonesian and English, from data/show.toml and data/village.toml."""

from __future__ import annotations

import re

from nikdedup.wording import Texts

LANGS = ("id", "en")


TEXTS = Texts("show.toml", "village.toml")
say = TEXTS.say
"""Returns the text `group.name` in a language, with {places} filled in.

>>> say("word.total", "id"), say("word.total", "en")
('Jumlah', 'Total')
"""


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
    known = TEXTS.group(group).get(name)
    return known[lang] if known else code.replace("_", " ")


def items(group: str, lang: str) -> dict[str, str]:
    """Return all texts of a group in `lang`, in the order of the file."""
    return {name: both[lang] for name, both in TEXTS.group(group).items()}


def reason(code: str, lang: str) -> str:
    """Return the sentence of a data-quality flag, as residents/flags.py words it, else the bare code."""
    from nikdedup.residents import REASONS

    known = REASONS.get(code)
    return str(getattr(known, lang)) if known else code.replace("_", " ")
