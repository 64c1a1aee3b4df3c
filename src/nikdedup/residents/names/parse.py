"""One name taken apart in plain Python: the judge of column.py.

A name is cut into words and signs and read from the outside in: whether it is one at all, a second
person in the cell, the father behind bin, an alias, titles, and at last abbreviations and classes of
spellings. What counts as which stands in data/names.toml and data/titles.toml.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from nikdedup.residents.names.folded import fold
from nikdedup.residents.names.lexicon import lexicon, respell
from nikdedup.residents.names.no_name import Newborn, newborn, no_word, says_nothing
from nikdedup.residents.names.phonetic import skeleton
from nikdedup.residents.names.rewriting import ONE
from nikdedup.residents.names.titles import end_title, front_title, full_form, title_size

TITLE, EXPANDED, ALIAS, PATRONYMIC, DIGITS, INITIALS = (1 << bit for bit in range(6))
TRUNCATED, TWO_PEOPLE, PLACEHOLDER, LATE, BABY, ODD = (1 << bit for bit in range(6, 12))

FLAGS = {
    ALIAS: "name_alias",
    DIGITS: "name_digits",
    EXPANDED: "name_expanded",
    INITIALS: "name_initials",
    LATE: "name_late",
    ODD: "name_odd_characters",
    ONE: "name_one_word",
    PATRONYMIC: "name_patronymic",
    PLACEHOLDER: "name_placeholder",
    TITLE: "name_title_removed",
    TRUNCATED: "name_truncated",
    TWO_PEOPLE: "name_two_people",
    BABY: "name_unnamed_baby",
}
"""Bit of a name -> reason code."""

OLD_FORM_LENGTHS = (25, 30)
"""Characters that old forms and systems gave a name; longer names were cut there."""

# White space as polars strips it; str.strip() takes four control characters more.
_BLANK = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_PIECE = re.compile(r"[A-Z0-9]+|[.,/@&;()\n]")
_SIGNS = frozenset(".,/@&;()\n")
_UNKNOWN = re.compile(r"[^A-Z0-9.,/@&;()\s'\"_:*+-]")
STUMP = re.compile(r"\s[^\s.,]{1,2}$")
# A digit between letters is a misread letter (scanned forms): 0 O, 1 I, 5 S, 8 B.
_MISREAD = str.maketrans("0158", "OISB")
AGUNG = "AGUNG"
"""The word behind ANAK that makes it no "child of" but a name of Bali."""


@dataclass(frozen=True)
class NameParts:
    """One name taken apart. Words are upper case A to Z, as they compare."""

    words: tuple[str, ...] = ()
    """The name proper: titles off, abbreviations read in full, one spelling per class."""
    titles: tuple[str, ...] = ()
    patronymic: str | None = None
    """Father's name from bin or binti, in the same form as `clean`."""
    mother: str | None = None
    """Mother's name, where a newborn is entered under it."""
    alias: str | None = None
    """A second name, in the same form as `clean`."""
    initials: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    """Reason codes, sorted."""

    @property
    def clean(self) -> str | None:
        """The gentle comparison form: words with one space, or None for no name."""
        return " ".join(self.words) or None

    @property
    def skeleton(self) -> str | None:
        """The blocking form of the same words in the same order; None exactly where `clean` is."""
        return name_skeleton(self.words) or None


def parse_name(text: str | None) -> NameParts:
    """Return the parts of one name; all parts empty where the text is missing or a placeholder.

    Any text is accepted; what cannot be read becomes a flag. Parsing the clean form again
    gives the same words. Source: docs/domain.md 7; Permendagri 73/2022.

    >>> parts = parse_name("H. Moh. Noor Hidayat bin H. Sjarif, S.Pd.I")
    >>> parts.clean, parts.titles, parts.patronymic
    ('MUHAMMAD NUR HIDAYAT', ('H', 'SPDI'), 'SYARIF')
    >>> parse_name("NURHAYATI").clean, parse_name("Nor Hayati als Inur").alias
    ('NUR HAYATI', 'INUR')
    >>> parse_name("TIDAK TAHU").clean is None, parse_name("BY. NY. SUMIATI").mother
    (True, 'SUMIATI')
    """
    if text is None or not text.strip(_BLANK):
        return NameParts()
    reading = read_through(text)
    words = tuple(reading.words)
    initials = tuple(word for word in words if len(word) == 1 and word.isalpha())
    titles, flags = tuple(reading.titles), flag_names(reading.bits)
    return NameParts(words, titles, reading.patronymic, reading.mother, reading.alias, initials, flags)


@lru_cache(maxsize=1 << 13)
def flag_names(bits: int) -> tuple[str, ...]:
    """Return the reason codes of a name's bits, sorted."""
    return tuple(sorted(code for bit, code in FLAGS.items() if bits & bit))


def name_skeleton(words: tuple[str, ...] | list[str]) -> str:
    """Return the blocking form of the words of a clean name; a name of digits only keeps them.

    Args:
        words: words of a clean name.
    """
    return " ".join(form for form in map(skeleton, words) if form) or " ".join(words)


def read_through(text: str) -> Reading:
    """Return the reading of one text, which is not blank, with all its bits."""
    reading = read_words(text)
    if reading.words and looks_truncated(text.strip(_BLANK)):
        reading.bits |= TRUNCATED
    return reading


def read_words(text: str) -> Reading:
    """Return what `read_through` does but for whether the length of the text says that it was cut."""
    reading, read = Reading(text), text
    # A word is taken for what its neighbours make of it; once they are gone or spelled out it
    # may be read anew, so read until nothing changes.
    for _ in range(4):
        words = reading.words
        if lexicon().special.isdisjoint(words) and all(
            word.isalpha() and not no_word(word) for word in words
        ):
            break
        written = " ".join(words)
        if written == read:
            break
        again, read = Reading(written), written
        if again.words == words:
            break
        reading.take(again)
        reading.words = again.words
    if not reading.words and reading.alias:
        reading.words, reading.alias = reading.alias.split(), None
    if not reading.words:
        reading.bits |= 0 if reading.bits & (ODD | BABY) else PLACEHOLDER
    return reading


class Reading:
    """One pass over one text; the fields are what it found, the name itself last.

    words: the name proper. titles, patronymic, mother, alias: what was set apart. bits: see FLAGS.
    """

    __slots__ = ("alias", "bits", "mother", "patronymic", "titles", "words")

    def __init__(self, text: str) -> None:
        self.titles: list[str] = []
        self.patronymic: str | None = None
        self.mother: str | None = None
        self.alias: str | None = None
        self.bits = 0
        folded = fold(text)
        if _UNKNOWN.search(folded):
            self.bits |= ODD
        if folded.endswith("...") or folded.rstrip().endswith("..."):
            self.bits |= TRUNCATED
        pieces = _PIECE.findall(folded.replace("'", ""))
        words = [piece for piece in pieces if piece not in _SIGNS]
        self.words: list[str] = []
        if not words or says_nothing(words):
            pass
        elif child := newborn(" ".join(pieces).partition(",")[0].split()):
            self._newborn(child)
        else:
            self.words = self._read(pieces)
        if len(self.words) == 1:
            self.bits |= ONE
        if any(len(word) == 1 and word.isalpha() for word in self.words):
            self.bits |= INITIALS

    def take(self, later: Reading) -> None:
        """Add what a second reading of the words found."""
        self.titles += later.titles
        self.patronymic = self.patronymic or later.patronymic
        self.mother = self.mother or later.mother
        self.alias = self.alias or later.alias
        kept = self.bits & ~(ONE | INITIALS)
        self.bits = kept | later.bits

    def _newborn(self, child: Newborn) -> None:
        """Keep the parent's name of a child that has none."""
        self.bits |= BABY
        self.mother, self.patronymic = (
            " ".join(read_through(" ".join(name)).words) or None if name else None for name in child
        )

    def _read(self, pieces: list[str]) -> list[str]:
        lex, present = lexicon(), set(pieces)
        if "K" in present or "H" in present:
            pieces = _one_sign(pieces)
            present = set(pieces)
        if not present.isdisjoint(lex.signs_two):
            pieces = self._first_person(pieces)
        tail: list[str] = []
        if not present.isdisjoint(lex.signs_father):
            pieces, tail = _cut_patronymic(pieces)
        if "," in tail:
            # What follows a comma are the bearer's own titles, not the father's.
            comma = tail.index(",")
            pieces, tail = pieces + tail[comma:], tail[:comma]
        if not present.isdisjoint(lex.signs_alias):
            pieces, tail = self._cut_alias(pieces), self._cut_alias(tail)
        if tail:
            self.patronymic = " ".join(Reading(" ".join(tail)).words) or None
            self.bits |= PATRONYMIC
        words = self._without_titles(pieces)
        if not all(word.isalpha() for word, _ in words):
            words = self._letters(words)
        return self._spelled_out(words)

    def _first_person(self, pieces: list[str]) -> list[str]:
        """Keep the first of two people in one cell."""
        for place, piece in enumerate(pieces):
            if piece in lexicon().signs_two and _words_in(pieces[:place]) and _words_in(pieces[place + 1 :]):
                self.bits |= TWO_PEOPLE
                return pieces[:place]
        return pieces

    def _cut_alias(self, pieces: list[str]) -> list[str]:
        """Drop another name behind alias, @, / or inside brackets."""
        for place, piece in enumerate(pieces):
            if piece not in lexicon().signs_alias:
                continue
            inside = pieces[place + 1 :]
            after: list[str] = []
            if piece == "(" and ")" in inside:
                end = inside.index(")")
                inside, after = inside[:end], inside[end + 1 :]
            elif "," in inside:
                comma = inside.index(",")
                inside, after = inside[:comma], inside[comma:]
            words = [word for word in inside if word.isalpha()]
            if piece == "(" and words and all(word in lexicon().late for word in words):
                return self._cut_alias(pieces[:place] + words + after)
            if not (_words_in(pieces[:place] + after) and words):
                continue
            self.alias = self.alias or " ".join(Reading(" ".join(inside)).words) or None
            self.bits |= ALIAS
            return self._cut_alias(pieces[:place] + after)
        return pieces

    def _without_titles(self, pieces: list[str]) -> list[tuple[str, bool]]:
        """Return (word, followed by a dot) of the name proper."""
        lex = lexicon()
        segments: list[list[tuple[str, bool]]] = [[]]
        for piece, following in zip(pieces, [*pieces[1:], ""], strict=True):
            if piece == ",":
                segments.append([])
            elif piece in _SIGNS:
                continue
            elif piece in lex.anywhere and _words_in(pieces) > 1:
                self._title(piece)
            else:
                segments[-1].append((piece, following == "."))
        words = self._front_titles(self._end_titles(segments[0]))
        for segment in segments[1:]:
            words += self._after_comma(segment) if words else self._front_titles(segment)
        return words

    def _title(self, title: str) -> None:
        self.titles.append(title)
        self.bits |= TITLE | (LATE if title in lexicon().late else 0)

    def _front_titles(self, words: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
        """Drop titles in front, as long as a name remains."""
        while len(words) > 1 and (width := front_title(words)):
            self._title("".join([word for word, _ in words[:width]]))
            words = words[width:]
        return words

    def _end_titles(self, words: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
        """Drop degrees at the end: written with inner dots, or like no name at all."""
        while len(words) > 1 and (width := end_title(words)):
            self._title("".join([word for word, _ in words[-width:]]))
            words = words[:-width]
        return words

    def _after_comma(self, words: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
        """Drop the titles of a part behind a comma; what is none belongs to the name.

        A word tied by a dot to a known degree is part of an unknown longer one (Sp.Xy).
        """
        rest: list[tuple[str, bool]] = []
        place, tied = 0, False
        while place < len(words):
            size = title_size(words[place:]) or int(tied)
            if size:
                self._title("".join(word for word, _ in words[place : place + size]))
                place += size
                tied = words[place - 1][1]
            else:
                rest.append(words[place])
                place += 1
        return rest

    def _letters(self, words: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
        """Settle digits: misread letters inside a word; a list number in front is dropped."""
        settled: list[tuple[str, bool]] = []
        for word, dotted in words:
            if word.isalpha():
                settled.append((word, dotted))
                continue
            self.bits |= DIGITS
            if letters := as_letters(word):
                settled.append((letters, dotted))
            elif settled:
                # A number behind a name tells two people of one name apart (Sutrisno 2).
                settled.append((word, dotted))
        return settled

    def _spelled_out(self, words: list[tuple[str, bool]]) -> list[str]:
        """Read abbreviations in full and give each word the spelling of its class."""
        lex = lexicon()
        spelled: list[str] = []
        for place, (word, _) in enumerate(words):
            full = ""
            if word in lex.abbreviated and len(words) > 1:
                full = full_form(words, place)
            if full:
                self.bits |= EXPANDED
            spelled.append(full or respell(word))
        return " ".join(spelled).split()


def as_letters(word: str) -> str:
    """Return a word with digits in letters alone: misread ones are set right, the others dropped.

    >>> as_letters("WAHY0NO2"), as_letters("A1"), as_letters("12")
    ('WAHYONO', 'A', '')
    """
    letters = sum(map(str.isalpha, word))
    return "".join(filter(str.isalpha, word.translate(_MISREAD) if letters > 1 else word))


def _one_sign(pieces: list[str]) -> list[str]:
    """Return the pieces with an alias that is cut up by signs (A.K.A., D/H) as one word."""
    for letters in lexicon().alias_spelled:
        width = 2 * len(letters) - 1
        for place in range(1, len(pieces) - width):
            cut = pieces[place : place + width]
            if tuple(cut[::2]) == letters and set(cut[1::2]) in ({"."}, {"/"}):
                return [*pieces[:place], "ALIAS", *pieces[place + width :]]
    return pieces


def _cut_patronymic(pieces: list[str]) -> tuple[list[str], list[str]]:
    """Return what stands before and after the first word for "child of"."""
    lex = lexicon()
    for place, piece in enumerate(pieces):
        if piece not in lex.signs_father:
            continue
        marker, width = piece, 1
        if piece == "B" and pieces[place + 1 : place + 2] == ["."]:
            marker, width = "B.", 2
        elif piece == "A" and "".join(pieces[place : place + 4]) == "A.K.":
            marker, width = "A.K.", 4
        elif piece == "A" and pieces[place : place + 3] == ["A", "/", "K"]:
            marker, width = "A.K.", 3
        need = lex.patronymic.get(marker)
        if need is None or (piece == "ANAK" and pieces[place + 1 : place + 2] == [AGUNG]):
            continue
        before, after = pieces[:place], pieces[place + width :]
        if _words_in(before) >= need[0] and _words_in(after) >= need[1]:
            return before, after
    return pieces, []


def _words_in(pieces: list[str]) -> int:
    return sum([piece.isalpha() for piece in pieces])


def looks_truncated(text: str) -> bool:
    """Tell whether a text fills an old form exactly and ends in the stump of a word."""
    return len(text) in OLD_FORM_LENGTHS and bool(STUMP.search(text))
