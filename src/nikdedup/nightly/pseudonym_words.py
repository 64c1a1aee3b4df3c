"""Other words for the words of names: letters exchanged by a key, what two spellings differ in kept as it is.

Consonants are exchanged one by one, each kind among itself, the same way in every word. So a slip of the pen, a word
cut off, an initial, two words written as one or one as two stay what they were: all this is compared letter by letter.
Where two spellings of one sound would no longer sound alike, the second is made from the first, and departs from it
where it did before, in a way that is not heard. One exchange for all words is what keeps the slips, and is weak: who
knows which names are common can undo it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from random import Random

import polars as pl
from rapidfuzz.distance import Levenshtein

from nikdedup.residents.names import clean_names, skeletons

CONSONANTS = ("BDGK", "LMNPRST")
"""Letters that are exchanged among each other. Vowels, H, J, W and Y stay: how spellings of one name differ, and what
is heard of it, hangs on them."""
_NOT_HEARD = {"I": "E", "U": "O", "E": "I", "O": "U", "A": "AA"}
"""How else a vowel may be written."""
_AS = dict(zip("FVQCX", "PPKKK", strict=True))
"""Letters that are exchanged as the one that they are heard as."""
_BESIDE = ("{}", "{} BADUR", "BADUR {}", "BADUR {} KARMIL")
"""Names in which a new word must be read as it is written, wherever it stands."""


def exchanged(key: bytes, purpose: str, groups: Iterable[str]) -> dict[str, str]:
    """Return another letter for each letter, of its own group; none stands for itself."""
    drawn = Random(hmac.new(key, purpose.encode(), hashlib.sha256).digest())
    found: dict[str, str] = {}
    for group in groups:
        ring = drawn.sample(group, len(group))
        found.update(zip(ring, [*ring[1:], ring[0]], strict=True))
    return found


class Words:
    """New words for the words of clean names.

    key: by which letters are exchanged. counts: how often each word stands in an extract.
    """

    def __init__(self, key: bytes, counts: Mapping[str, int]) -> None:
        letters = exchanged(key, "names", CONSONANTS)
        self._letters = letters | {letter: letters[heard] for letter, heard in _AS.items()}
        self._exchange = str.maketrans(self._letters)
        known = sorted((word for word in counts if len(word) > 1), key=lambda word: (-counts[word], word))
        self._new = _readable(self._of_each(known))

    def of(self, word: str) -> str:
        """Return the new word for a word that was given, or for an initial."""
        return self._letters.get(word, word) if len(word) == 1 else self._new[word]

    def _of_each(self, known: list[str]) -> dict[str, str]:
        """Return the new words. known: the old ones, the commonest first."""
        made = {word: word.translate(self._exchange) for word in known}
        sounds = dict(zip(known, skeletons(known), strict=True))
        heard = dict(zip(known, skeletons(list(made.values())), strict=True))
        alike: dict[str, list[str]] = {}
        for word in known:
            alike.setdefault(sounds[word] or word, []).append(word)
        for first, *others in alike.values():
            taken = {made[first]}
            for word in others:
                if heard[word] != heard[first] or made[word] in taken:
                    made[word] = _spelt_like(first, made[first], word, heard[first], taken)
                taken.add(made[word])
        return made


def _spelt_like(first: str, new: str, other: str, wanted: str, taken: set[str]) -> str:
    """Return a word that departs from a new one where another departs from its old one, and sounds the same.

    first, new: a word and what it became. other: what sounds like the first. wanted: what the new one sounds like.
    """
    steps = _steps(first, new, other)
    plain = ["".join(ways[-1] for ways in steps[at:]) for at in range(len(steps) + 1)]
    made = ""
    for at, ways in enumerate(steps):
        sounds = skeletons([f"{made}{way}{plain[at + 1]}" for way in ways])
        made += next((way for way, sound in zip(ways, sounds, strict=True) if sound == wanted), ways[-1])
    if made not in taken and skeletons([made]) == [wanted]:
        return made
    return next((way for way in _alike(new) if way not in taken), new)


def _steps(first: str, new: str, other: str) -> list[tuple[str, ...]]:
    """Return piece for piece what may stand in the new spelling, the likeliest first and what is safe last."""
    found: list[tuple[str, ...]] = []
    for step in Levenshtein.opcodes(first, other):
        letters, there = new[step.src_start : step.src_end], other[step.dest_start : step.dest_end]
        if step.tag == "equal":
            found += [(letter,) for letter in letters]
        elif step.tag == "replace":
            found += [_departing(letter) for letter in letters]
        elif step.tag == "delete":
            found += [("", letter) for letter in letters]
        else:
            before = new[step.src_start - 1 : step.src_start]
            found += [(sign, before, "H", "") if sign in "HWY" else (before, "H", "") for sign in there]
    return found


def _departing(letter: str) -> tuple[str, ...]:
    """Return ways to write a letter otherwise that are not heard."""
    if letter in _NOT_HEARD:
        return (_NOT_HEARD[letter], letter)
    return (letter + "H", letter + letter, letter)


def _alike(word: str) -> list[str]:
    """Return words that sound the same, a letter longer."""
    ways = [word[:at] + letter + word[at:] for at, letter in enumerate(word)] + [f"{word}H"]
    sounds, own = skeletons(ways), skeletons([word])[0]
    return [way for way, sound in zip(ways, sounds, strict=True) if sound == own]


def _readable(new: dict[str, str]) -> dict[str, str]:
    """Return the words, those changed that would be read as titles, abbreviations or the like."""
    known = sorted(set(new.values()))
    told = set(_misread(known))
    better = {word: _another(word, known) for word in known if word in told}
    return {old: better.get(word, word) for old, word in new.items()}


def _misread(words: Sequence[str]) -> list[str]:
    """Return the words that do not come back as they are from a name that they stand in."""
    names = [form.format(word) for word in words for form in _BESIDE]
    written = pl.Series(names, dtype=pl.String)
    same = (clean_names(written)["clean"] == written).fill_null(False)
    n = len(_BESIDE)
    return [word for at, word in enumerate(words) if not same[at * n : at * n + n].all()]


def _another(word: str, taken: Sequence[str]) -> str:
    """Return a word that sounds the same and is read as it is; the word itself where there is none."""
    ways = [way for way in _alike(word) if way not in taken]
    told = set(_misread(ways))
    return next((way for way in ways if way not in told), word)
