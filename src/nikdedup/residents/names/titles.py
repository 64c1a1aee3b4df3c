"""Titles and abbreviations among the words of a name: how many words are one title, what is read in full.

Each function looks at words with whether a dot follows them, as parse.py cuts them.
"""

from __future__ import annotations

from nikdedup.residents.names.lexicon import lexicon, respell


def front_title(words: list[tuple[str, bool]]) -> int:
    """Return how many words in front are one title; some other word is left over."""
    lex = lexicon()
    if len(words[0][0]) == 1 and words[0][1]:
        for size in (3, 2):
            head = words[:size]
            title = "".join(word for word, dot in head if dot and len(word) == 1)
            if len(title) == size < len(words) and title in lex.spelled:
                return size
    return 1 if words[0][0] in lex.before else 0


def end_title(words: list[tuple[str, bool]]) -> int:
    """Return how many words at the end are one degree; some other word is left over."""
    lex = lexicon()
    if words[-1][0] in lex.bare:
        return 1
    title = words[-1][0]
    found = 0
    for size in range(2, min(4, len(words) - 1) + 1):
        word, dotted = words[-size]
        if not dotted:
            break
        title = word + title
        if title in lex.after:
            found = size
    return found


def title_size(words: list[tuple[str, bool]]) -> int:
    """Return how many of the first words make one known title, the most there can be; 0 for none."""
    lex = lexicon()
    for size in range(min(4, len(words)), 0, -1):
        title = "".join(word for word, _ in words[:size])
        if title in lex.after or title in lex.before:
            return size
    return 0


def full_form(words: list[tuple[str, bool]], place: int) -> str:
    """Return what the abbreviation at this place of a name of several words stands for, or ""."""
    lex = lexicon()
    word, dotted = words[place]
    following = words[place + 1][0] if place + 1 < len(words) else ""
    if place and words[place - 1][0] in lex.bali_markers and word in lex.bali:
        return lex.bali[word]
    if _reads_as(word, place, following):
        return lex.abbreviation[word][0]
    if word == "A" and dotted and not place and len(following) > 2:
        return "ABDUL" if respell(following) in lex.abdul else "AHMAD"
    return ""


def _reads_as(word: str, place: int, following: str) -> bool:
    """Tell whether an abbreviation is read in full at this place of a name of several words."""
    entry = lexicon().abbreviation.get(word)
    if entry is None:
        return False
    if entry[1] == "any":
        return True
    if len(following) < 2 or not following.isalpha():
        return False
    return place > 0 if entry[1] == "inside" else place == 0
