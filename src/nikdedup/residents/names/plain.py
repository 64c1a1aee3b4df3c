"""Names of any people: no rules of one language, no titles, every script.

A word is compared as it is written, in upper case and in the letters A to Z: names in other scripts are written in
these (Дмитрий is DMITRIY), accents go. How a word sounds goes by what most languages of these letters have in common.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from nikdedup.columnar.distinct import distinct, spread
from nikdedup.residents.names.parse import FLAGS, PLACEHOLDER

_WORD = re.compile(r"[A-Z0-9]+")
_JOINED = re.compile(r"(?<=\w)['`](?=\w)")
NOTHING = frozenset(
    ["NULL", "NONE", "NAN", "N/A", "#N/A", "UNKNOWN", "ANONYMOUS", "NO NAME", "NOT KNOWN", "UNNAMED"]
)
"""What stands in the place of a name, as the whole text."""
_SOUNDS = (
    ("PH", "F"),
    ("CK", "K"),
    ("QU", "KW"),
    ("Q", "K"),
    ("C(?=[EIY])", "S"),
    ("CH", "X"),
    ("C", "K"),
    ("Y", "I"),
    ("TH", "T"),
    ("Z", "S"),
    ("W", "V"),
)
"""What is written, how it is heard, in this order."""
_RULES = [(re.compile(written), sound) for written, sound in _SOUNDS]
_DOUBLE = re.compile(r"(.)\1+")


def in_latin(text: str) -> str:
    """Return a text in upper-case ASCII, other scripts written in Latin letters.

    Args:
        text: any text.

    Example:
        >>> in_latin("O'Brien")
        "O'BRIEN"
    """
    if not text.isascii():
        from anyascii import anyascii

        text = anyascii(text)
    return text.upper()


def plain_words(text: str) -> list[str]:
    """Return the words of a name as they compare; none where the text says no name.

    >>> plain_words("Mary-Jane O'Brien"), plain_words("Dr. H. Smith"), plain_words("n/a")
    (['MARY', 'JANE', 'OBRIEN'], ['DR', 'H', 'SMITH'], [])
    """
    words = _JOINED.sub("", in_latin(text))
    return [] if words.strip() in NOTHING else _WORD.findall(words)


def plain_sounds(words: Sequence[str]) -> list[str]:
    """Return how each word sounds, about: letters written in two ways are one, doubled ones single.

    Args:
        words: words in upper-case letters A to Z.

    Example:
        >>> plain_sounds(["PHILLIPP", "CATHERINE", "KATERINE", "SMYTHE"])
        ['FILIP', 'KATERINE', 'KATERINE', 'SMITE']
    """
    heard = []
    for word in words:
        for rule, sound in _RULES:
            word = rule.sub(sound, word)
        heard.append(_DOUBLE.sub(r"\1", word))
    return heard


def clean_plain_names(names: pl.Series, *, own: bool = True) -> pl.DataFrame:
    """Return what `clean_names` does, by no rules of Indonesian names: a name says nothing but itself.

    Args:
        names: n strings or null.
        own: as `clean_names` takes it.
    """
    known, index = distinct(names.cast(pl.String))
    words = [plain_words(text) for text in known]
    nothing = spread([False, *(not found for found in words)], index, pl.Boolean())
    columns = {
        "clean": spread([None, *(" ".join(found) or None for found in words)], index, pl.String()),
        "skeleton": spread(
            [None, *(" ".join(plain_sounds(found)) or None for found in words)], index, pl.String()
        ),
    }
    if not own:
        return pl.DataFrame(columns | {"nothing": nothing})
    flags = [[], *([] if found else [FLAGS[PLACEHOLDER]] for found in words)]
    unsaid = pl.Series([None], dtype=pl.String()).new_from_index(0, len(names))
    columns |= {tail: unsaid.alias(tail) for tail in ("patronymic", "mother", "alias")}
    return pl.DataFrame(columns).with_columns(spread(flags, index, pl.List(pl.String())).alias("flags"))
