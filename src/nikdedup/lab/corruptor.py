"""Damage to the cells of any table: wrong keys, letters that look or sound alike, words and digits out of place.

A general corruptor. It knows the keyboard, the shapes of letters and the sounds they have in many languages; it knows
no word of Indonesian, no title, no way a name is shortened there, no default date, nothing that a NIK says.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise, product
from random import Random

import numpy as np
import polars as pl

from nikdedup.lab.words import Ints

Dice = Callable[[], float]
"""Gives the next number in [0, 1)."""
Edit = Callable[[str, Dice], str]
"""What one mistake makes of a text; the same text where there is no room for it."""

_KEYS = ("QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM")
_INDENT = (0.0, 0.25, 0.75)
_LOOK_ALIKE = (
    ("O", "0"), ("O", "Q"), ("O", "D"), ("I", "1"), ("I", "L"), ("S", "5"), ("B", "8"), ("G", "6"), ("Z", "2"),
    ("E", "F"), ("C", "G"), ("U", "V"), ("V", "Y"), ("H", "N"), ("M", "N"), ("RN", "M"), ("VV", "W"), ("CL", "D"),
    ("LI", "U"), ("P", "F"), ("K", "X"), ("T", "I"),
)  # fmt: skip
_SOUND_ALIKE = (
    ("PH", "F"), ("F", "V"), ("C", "K"), ("CK", "K"), ("S", "Z"), ("TH", "T"), ("D", "T"), ("B", "P"), ("G", "K"),
    ("QU", "KW"), ("X", "KS"), ("EE", "I"), ("I", "Y"), ("OO", "U"), ("O", "U"), ("A", "E"), ("E", "I"), ("AI", "EI"),
    ("AU", "OU"), ("J", "Y"), ("W", "V"), ("LL", "L"), ("NN", "N"), ("SS", "S"), ("M", "N"), ("H", ""), ("CH", "SH"),
)  # fmt: skip


def _neighbours() -> dict[str, str]:
    """Return for each letter those whose keys touch its own."""
    place = {
        key: (x + _INDENT[y], float(y)) for y, row in enumerate(_KEYS) for x, key in enumerate(row)
    }  # fmt: skip
    near: dict[str, str] = dict.fromkeys(place, "")
    for one, other in product(place, place):
        (x, y), (u, v) = place[one], place[other]
        if one != other and abs(x - u) <= 1 and abs(y - v) <= 1:
            near[one] += other
    return near


_NEAR = _neighbours()


def _below(n: int, dice: Dice) -> int:
    return int(dice() * n)


def wrong_key(text: str, dice: Dice) -> str:
    """Return the text with one letter hit beside, instead of it or along with it."""
    at = _below(len(text), dice)
    near = _NEAR.get(text[at])
    if near is None:
        return text
    return text[:at] + near[_below(len(near), dice)] + text[at + _below(2, dice) :]


def lost_letter(text: str, dice: Dice) -> str:
    """Return the text without one of its letters."""
    at = _below(len(text), dice)
    return text[:at] + text[at + 1 :] if len(text) > 2 else text


def doubled_letter(text: str, dice: Dice) -> str:
    """Return the text with one letter twice."""
    at = _below(len(text), dice)
    return text[: at + 1] + text[at:]


def swapped_letters(text: str, dice: Dice) -> str:
    """Return the text with two neighbouring letters exchanged."""
    at = _below(max(1, len(text) - 1), dice)
    return text[:at] + text[at : at + 2][::-1] + text[at + 2 :]


def _exchanged(pairs: tuple[tuple[str, str], ...]) -> Edit:
    """Make an edit that writes one of a pair where the other stands; a pair that is not there is drawn again."""

    def exchange(text: str, dice: Dice) -> str:
        for _ in range(8):
            old, new = pairs[_below(len(pairs), dice)][:: 1 if dice() < 0.5 else -1]
            places = [at for at in range(len(text)) if old and text.startswith(old, at)]
            if places:
                at = places[_below(len(places), dice)]
                return text[:at] + new + text[at + len(old) :]
        return text

    return exchange


def lost_word(text: str, dice: Dice) -> str:
    """Return the text without one of its words, the only one apart."""
    words = text.split()
    if len(words) > 1:
        del words[_below(len(words), dice)]
    return " ".join(words)


def swapped_words(text: str, dice: Dice) -> str:
    """Return the text with two neighbouring words exchanged."""
    words = text.split()
    if len(words) > 1:
        at = _below(len(words) - 1, dice)
        words[at : at + 2] = words[at : at + 2][::-1]
    return " ".join(words)


def wrong_digit(text: str, dice: Dice) -> str:
    """Return the text with one digit replaced by another."""
    places = [at for at, sign in enumerate(text) if sign.isdigit()]
    if not places:
        return text
    at = places[_below(len(places), dice)]
    return text[:at] + str((int(text[at]) + 1 + _below(9, dice)) % 10) + text[at + 1 :]


def swapped_digits(text: str, dice: Dice) -> str:
    """Return the text with two digits exchanged that follow each other, signs between them apart."""
    places = [at for at, sign in enumerate(text) if sign.isdigit()]
    unlike = [(a, b) for a, b in pairwise(places) if text[a] != text[b]]
    if not unlike:
        return text
    a, b = unlike[_below(len(unlike), dice)]
    return text[:a] + text[b] + text[a + 1 : b] + text[a] + text[b + 1 :]


def swapped_parts(text: str, dice: Dice) -> str:
    """Return a text of parts between dashes with the first two exchanged, other texts as they are."""
    parts = text.split("-")
    return "-".join([*parts[1::-1], *parts[2:]]) if len(parts) > 2 else text


EDITS: dict[str, Edit] = {
    "wrong_key": wrong_key,
    "lost_letter": lost_letter,
    "doubled_letter": doubled_letter,
    "swapped_letters": swapped_letters,
    "look_alike": _exchanged(_LOOK_ALIKE),
    "sound_alike": _exchanged(_SOUND_ALIKE),
    "lost_word": lost_word,
    "swapped_words": swapped_words,
    "wrong_digit": wrong_digit,
    "swapped_digits": swapped_digits,
    "swapped_parts": swapped_parts,
}


def edited(cells: pl.Series, edits: Ints, weights: dict[str, float], rng: np.random.Generator) -> pl.Series:
    """Return the cells after the given number of edits each; null stays null, and no text becomes empty.

    weights: relative frequency of kinds in EDITS. An edit that finds no room is drawn again, three times at the most.
    """
    dice = Random(int(rng.integers(1 << 62))).random  # random() alone is the same in every version of Python
    kinds = list(weights)
    bounds = np.cumsum([weights[kind] for kind in kinds])
    rows = np.flatnonzero((edits > 0) & cells.is_not_null().to_numpy())
    before = cells.gather(pl.Series(rows)).to_list()
    after = [_edited(text, int(n), kinds, bounds, dice) for text, n in zip(before, edits[rows], strict=True)]
    return cells.clone().scatter(pl.Series(rows), pl.Series(after, dtype=pl.String)) if len(rows) else cells


def _edited(text: str, edits: int, kinds: list[str], bounds: np.ndarray, dice: Dice) -> str:
    for _ in range(edits if any(sign.isalnum() for sign in text) else 0):
        for _attempt in range(3):
            kind = kinds[int(np.searchsorted(bounds, dice() * bounds[-1], side="right"))]
            made = " ".join(EDITS[kind](text, dice).split())
            if made and made != text:
                text = made
                break
    return text
