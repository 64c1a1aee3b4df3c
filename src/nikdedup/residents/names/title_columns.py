"""Titles that an extract keeps apart from the name, in the form in which titles of a name are known.

They are kept for the office to read; a title says nothing of who somebody is, so nothing compares them.
"""

from __future__ import annotations

import re
from functools import cache

import polars as pl

from nikdedup.columnar.distinct import map_distinct
from nikdedup.residents.names.folded import fold
from nikdedup.residents.names.lexicon import lexicon
from nikdedup.residents.names.titles import title_size

TITLE_FIELDS = ("gelar", "glr_agama", "glr_akademis", "glr_bangsawan")

_PARTS = re.compile(r"[,;/\n]")
_WORD = re.compile(r"([A-Z]+)(\s*\.)?")


def clean_titles(frame: pl.DataFrame) -> pl.Series | None:
    """Return the titles of n records from all of TITLE_FIELDS, as `read_titles`; None without such a column.

    Args:
        frame: fields as they came.
    """
    fields = [name for name in TITLE_FIELDS if name in frame.columns]
    if not fields:
        return None
    together = frame.select(pl.concat_str(fields, separator=",", ignore_nulls=True).alias("titles"))
    return map_distinct(together["titles"], read_titles, pl.String())


def read_titles(text: str) -> str | None:
    """Return the titles in a text, each once, upper case without dots; null where there is none.

    Some registries have a code in GELAR that says whether to print the titles: digits are no title.

    >>> read_titles("H.,S.Pd., M. Si"), read_titles("K.H. / h."), read_titles("1"), read_titles("-")
    ('H SPD MSI', 'KH H', None, None)
    """
    found: list[str] = []
    for part in _PARTS.split(fold(text)):
        words = [(word, bool(dot)) for word, dot in _WORD.findall(part)]
        if all(word in _no_titles() or set(word) == {"X"} for word, _ in words):
            continue
        while words:
            size = title_size(words) or 1
            found.append("".join(word for word, _ in words[:size]))
            words = words[size:]
    return " ".join(dict.fromkeys(found)) or None


@cache
def _no_titles() -> frozenset[str]:
    """Return the words of entries that say nothing, but for those that are titles."""
    lex = lexicon()
    return (lex.no_name_never | lex.no_name_alone | lex.no_name_beside) - lex.before - lex.after
