"""Names that say nothing: what stands in a cell of a name where nobody knew one.

A closed list would never end. A text says no name if every one of its words is a word of such entries, by
the groups of data/names.toml, or no word at all: one letter again and again, a run of the keyboard. A newborn
entered under a parent's name has none yet; the parent's is what the entry says.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from nikdedup.residents.names.lexicon import lexicon

_VOWELS = frozenset("AEIOU")
RUNS = ("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM")
"""Keys that lie side by side, and the alphabet."""
_SHORTEST_RUN = 4
_BEGINS = frozenset(
    run[at : at + _SHORTEST_RUN] for run in RUNS for at in range(len(run) - _SHORTEST_RUN + 1)
)
"""How a word begins that is such a run."""


class Newborn(NamedTuple):
    """Whose child it is that has no name yet: the words of the mother's or the father's name, or none."""

    mother: list[str]
    father: list[str]


def says_nothing(words: Sequence[str]) -> bool:
    """Return whether the words of a cell say no name.

    Args:
        words: upper case, in order; digits among them do not count.

    >>> [says_nothing(text.split()) for text in ("BELUM DIBERI NAMA", "MR X", "NN", "ASDF", "TAK JELAS")]
    [True, True, True, True, True]
    >>> [says_nothing(text.split()) for text in ("NURHAYATI", "ADA", "ANAK AGUNG GEDE", "UU", "M", "12")]
    [False, False, False, False, False, False]
    """
    lex = lexicon()
    letters = [word for word in words if word.isalpha()]
    tails = lex.tails
    if tuple(letters) in lex.no_name_spelled:
        return True
    if not lex.no_name_never.isdisjoint(letters) and (
        tails.isdisjoint(letters) or letters[0] in lex.no_name_never
    ):
        return True
    if lex.no_name_words.isdisjoint(letters) and not any(map(no_word, letters)):
        return False
    said = [word in lex.no_name_alone or word in lex.no_name_never or no_word(word) for word in letters]
    beside = [word in lex.no_name_beside for word in letters]
    return (any(said) or sum(beside) > 1) and all(
        nothing or near or word in lex.before or word in tails or len(word) == 1
        for nothing, near, word in zip(said, beside, letters, strict=True)
    )


@lru_cache(maxsize=1 << 14)
def no_word(word: str) -> bool:
    """Return whether letters are no word of any name: X, NN, XXX, QWERTY.

    Two equal vowels are a name (Uu, Ii), and some clerks leave out all vowels (TTNG for Tatang).

    >>> [no_word(word) for word in ("X", "NN", "AAA", "QWER")], [no_word(word) for word in ("UU", "NG", "TTNG")]
    ([True, True, True, True], [False, False, False])
    """
    if word and word == word[0] * len(word):
        return word == "X" or len(word) > 2 or (len(word) == 2 and word[0] not in _VOWELS)
    return len(word) >= _SHORTEST_RUN and word[:_SHORTEST_RUN] in _BEGINS and any(word in run for run in RUNS)


def newborn(words: Sequence[str]) -> Newborn | None:
    """Return whose child has no name yet, or None where the words are a name of their own.

    >>> newborn("BY NY SUMIATI".split()), newborn("BAYI TN KARNO".split())
    (Newborn(mother=['SUMIATI'], father=[]), Newborn(mother=[], father=['KARNO']))
    >>> newborn("ANAK IBU SRI 2".split()), newborn("ANAK AGUNG".split())
    (Newborn(mother=['SRI'], father=[]), None)
    """
    lex = lexicon()
    rest = [word for word in words if word.isalpha()]
    if not rest or not (
        rest[0] in lex.baby
        or (rest[0] in lex.child and len(rest) > 1 and rest[1] in lex.of_mother | lex.of_father)
    ):
        return None
    rest, father = rest[1:], False
    while rest and (rest[0] in lex.of_mother | lex.of_father | lex.no_name_beside | lex.before):
        father = father or rest[0] in lex.of_father
        rest = rest[1:]
    name = [] if says_nothing(rest) else rest
    return Newborn([], name) if father else Newborn(name, [])
