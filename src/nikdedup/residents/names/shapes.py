"""Names of one shape, read once.

Most words of names are nothing to any rule of parse.py: they mean themselves wherever they stand. Texts that
differ in such words alone (WAHYU S.PD, LITUN S.PD) have one shape, which is read through once with stand-ins in
their place; each text then needs its own words put back only. A million residents hold some 30 thousand names that
cannot be read word by word (column.py), of two thousand shapes.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import combinations
from string import ascii_uppercase

from nikdedup.residents.names.folded import fold
from nikdedup.residents.names.lexicon import lexicon, respell
from nikdedup.residents.names.no_name import no_word
from nikdedup.residents.names.parse import (
    AGUNG,
    TRUNCATED,
    Reading,
    as_letters,
    looks_truncated,
    read_through,
    read_words,
)
from nikdedup.residents.names.phonetic import skeleton

Forms = tuple[str | None, str | None, str | None, str | None, str | None]
"""Clean, skeleton, patronymic, mother and alias of one name."""

_WORD = re.compile("[A-Z0-9]+(?:'+[A-Z0-9]+)*")
_PLACES = {f"QX{letter}": f"{{{place}}}" for place, letter in enumerate(ascii_uppercase)}
"""Stand-in of each word of a text -> where the word goes. A stand-in is nothing to any rule: a text that holds one
has it replaced as any other word."""


def read_by_shape(text: str) -> tuple[Forms, int]:
    """Return the forms of one name, and its bits, as `read_through` finds them.

    Args:
        text: not blank, without blanks at its ends.

    Example:
        >>> read_by_shape("WAHYU, S.PD BIN LITUN")[0]
        ('WAHYU', 'WAHIU', 'LITUN', None, None)
    """
    words, sounds, marks = zip(*map(_marked, fold(text).split(" ")), strict=True)
    if None in marks or len(marks) > len(_PLACES):
        return _forms(read_through(text), {})
    (clean, form, patronymic, mother, alias), bits = _read(" ".join(marks))
    forms = (
        clean and clean.format(*words),
        form and form.format(*sounds),
        patronymic and patronymic.format(*words),
        mother and mother.format(*words),
        alias and alias.format(*words),
    )
    return forms, bits | TRUNCATED if clean and looks_truncated(text) else bits


@lru_cache(maxsize=1 << 16)
def _read(shape: str) -> tuple[Forms, int]:
    """Return the forms and bits of a shape, with {n} where word n of a text goes."""
    runs = [run.replace("w", stand_in) for run, stand_in in zip(shape.split(" "), _PLACES, strict=False)]
    return _forms(read_words(" ".join(runs)), _PLACES)


def _forms(reading: Reading, places: dict[str, str]) -> tuple[Forms, int]:
    """Return the forms and bits of a reading; of a word that has a place, its place."""
    clean = _with_places(reading.words, places)
    form = " ".join(filter(None, [places.get(word) or skeleton(word) for word in reading.words]))
    patronymic, mother, alias = (
        _with_places(tail.split(), places) if tail else None
        for tail in (reading.patronymic, reading.mother, reading.alias)
    )
    return (clean, form or clean, patronymic, mother, alias), reading.bits


def _with_places(words: list[str], places: dict[str, str]) -> str | None:
    return " ".join([places.get(word, word) for word in words]) or None


@lru_cache(maxsize=1 << 18)
def _marked(run: str) -> tuple[str, str, str | None]:
    """Return clean form and skeleton of the one plain word in a run of signs without spaces, and the run without it.

    A run of listed words stays as it is; one of several plain words is for the judge, like other scripts.
    """
    plain = [word for word in _WORD.finditer(run) if _plain(word[0])]
    if len(plain) > 1 or not run.isascii() or "`" in run:
        return "", "", None
    if not plain:
        return "", "", run
    word, (begin, end) = plain[0][0], plain[0].span()
    clean = _plain(word)
    return (
        clean,
        skeleton(clean),
        run[:begin] + ("w" if word.replace("'", "").isalpha() else "w9") + run[end:],
    )


@lru_cache(maxsize=1 << 18)
def _plain(word: str) -> str:
    """Return the clean form of a word as `_WORD` finds it, or "" if some rule looks at it."""
    word = word.replace("'", "")
    letters = word if word.isalpha() else as_letters(word)
    clean = respell(letters)
    asked_for = (
        not _listed().isdisjoint((word, letters, clean))
        or len(letters) < 3
        or no_word(letters)
        or " " in clean
        or not skeleton(clean)
    )
    return "" if asked_for else clean


@cache
def _listed() -> frozenset[str]:
    """Return all words that rules ask for one by one, and what may be a part of a title (S. KOM)."""
    lex = lexicon()
    parts = [
        title[begin:end]
        for title in lex.before | lex.after
        for begin, end in combinations(range(len(title) + 1), 2)
    ]
    return lex.special | lex.child | lex.bali_markers | lex.abdul | {AGUNG} | set(parts)
