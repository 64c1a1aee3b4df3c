"""Spelling rules of Indonesian names: one word in, its modern or its blocking form out.

`modern` undoes the spelling of before 1972 (Soekarno, Tjahjono). `skeleton` goes
further and drops what writers of one name disagree about: sound-alike letters,
double letters, glides, the quality of vowels, the last h or k. It serves to bring
records together, never to say that two people are one.

Source: docs/domain.md, section 7, which gives the rules and their
order; the old-spelling step comes first because it beat phonetic keys without it
(Rahadian et al., 2007, modified Soundex for Indonesian names).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

OLD_SIGNS = ("TJ", "DJ", "SJ", "OE")
"""Letter pairs that show the spelling of before 1972; only beside one of them is J read as Y."""

# One rule a line, in this order: what is written, how it is heard; _ stands for both ends of a word.
# A pattern begins with the letter it is about and then looks back, which is what makes it quick.
_SOUNDS: tuple[tuple[str, str], ...] = (
    # Breath or stop at the front of these stems: Khasanah = Hasanah, Khamid = Hamid.
    ("_[KC]H(?=ASAN|AMID|ALIM|USN|USEN|USAIN|ABIB|AMDAN)", "_H"),
    # KH or CH before a consonant is a breath (Rachmat, Fachri), save in the Greek CHR- (Christina).
    ("[KC]H(?<!_[KC]H)(?=[B-DF-GJ-NP-TV-XZ])", "H"),
    # A C before e or i is an s in names of Latin origin only; Suci and Cipto keep theirs.
    ("C(?:(?=I[AO]S?_|ILIA|ELI|EL[AO])|(?<=NC)(?=IS|EN))", "S"),
    # Letters that sound alike, longest first where one begins another.
    ("X", "KS"),
    ("PH", "P"),
    ("DZ", "Z"),
    ("TS", "S"),
    ("SY", "S"),
    ("SH", "S"),
    ("TH", "T"),
    ("DH", "D"),
    ("GH", "G"),
    ("KH", "K"),
    ("CK", "K"),
    ("CH", "K"),
    ("Q", "K"),
    ("C", "K"),
    ("F", "P"),
    ("V", "P"),
    # Z before a consonant or at the end is written s as well (Rizki, Aziz), elsewhere j (Zainal).
    ("Z(?=[B-DF-HJ-NP-TV-Y_])", "S"),
    ("Z", "J"),
    # Glides carry no sound of their own: Supriyanto, Kuwat, Setyawan, Syauqi, Dewy.
    ("Y(?:(?<=IY)(?=[AEIOU])|(?<=[AEOU]Y)(?=I))", ""),
    ("Y(?:(?<=[B-DF-HJ-NP-TV-XZ]Y)|(?<=[AEIOU]Y)(?![AEIOUY]))", "I"),
    ("W(?<=AW)(?![AEIOUY])", "U"),
    ("UW", "U"),
    ("H(?<=[B-DF-GJ-NP-TV-XZ]H)", ""),
    # The murmured e comes and goes between two consonants: Selamet, Puteri, Prasetyo.
    ("E(?:(?<=[TD]E)(?=R[AIOU])|(?<=_[SPBTKG]E)(?=[LR][AIOU][A-Z]{2}))", ""),
    # Before o, e and u an old J in front is a Y; the ending -oh of women's names is an -ah.
    ("_J(?=[OEU])", "_Y"),
    ("OH_(?<=[A-Z]{3}OH_)", "AH_"),
    ("O", "U"),
    ("E", "I"),
)
_ENDS: tuple[tuple[str, str], ...] = (
    # Arabic a is heard as o in these first syllables.
    ("_[HK][AU]IR", "_KAIR"),
    ("_RU(?=HM|HIM|SIT|SID)", "_RA"),
    ("_SULIH", "_SALIH"),
    ("_KUMARI", "_KAMARI"),
    ("_(?:KU|HA)(?=DIJ)", "_KA"),
    ("_HUTIM", "_KUTIM"),
    # The end of a word is hard; a last h or k is hardly heard.
    ("D_", "T_"),
    ("B_", "P_"),
    ("G_(?<!NG_)", "K_"),
    ("[HK]_(?:(?<=[A-Z]{2}H_)|(?<=[A-Z]{3}[AIU]K_))", "_"),
)
"""The same for the two ends, once no letter stands twice."""


# The oe of Khoerul is a sounded a-i, not the old u.
_OLD_U = re.compile(r"(?<![KC]H)OE")


@cache
def names_table() -> dict[str, Any]:
    """Return the shipped table of name words (data/names.toml)."""
    return tomllib.loads(files("nikdedup.data").joinpath("names.toml").read_text(encoding="utf-8"))


@cache
def _variants() -> dict[str, str]:
    return {member: key for key, members in names_table()["variant"].items() for member in members}


def modern(word: str) -> str:
    """Return `word` in the spelling of 1972; unchanged without a sign of the old one.

    word: one word of letters A to Z. The letters j and nj are read the old way (y, ny)
    only beside a surer sign, so that Jaya and Panji stay. Source: docs/domain.md 7.

    >>> modern("SOEDJONO"), modern("SOEJONO"), modern("TJAHJONO"), modern("JAYA")
    ('SUJONO', 'SUYONO', 'CAHYONO', 'JAYA')
    """
    if "J" not in word and "OE" not in word:
        return word
    if not any(sign in word for sign in OLD_SIGNS):
        return word
    # Lower-case j keeps what came from DJ apart from an old J, which is a Y.
    word = word.replace("TJ", "C").replace("DJ", "j").replace("NJ", "NY").replace("SJ", "SY")
    return _OLD_U.sub("U", word).replace("J", "Y").replace("j", "J")


def skeleton(word: str) -> str:
    """Return the blocking form of one word: what all writers of the name agree on.

    Single letters stay as they are.

    Args:
        word: one word of letters A to Z; digits are dropped.

    Returns:
        A to Z, or "" for a word without letters.

    Example:
        >>> [skeleton(word) for word in ("SELAMET", "SUPRIYANTO", "SUMIYATI", "SOEKARNO", "SYAIFUDDIN")]
        ['SLAMIT', 'SUPRIANTU', 'SUMIATI', 'SUKARNU', 'SAIPUDIN']
        >>> skeleton("SUPRIANTI") == skeleton("SUPRIANTO")
        False
    """
    known = _KNOWN.get(word)
    return skeletons([word])[0] if known is None else known


def skeletons(words: Sequence[str]) -> list[str]:
    """Return the blocking form of each word, in order; a hundred thousand take as many rules as one.

    All words stand in one text, a word a line, and every rule passes over it once: a rule called for each word
    costs ten times as much. What was found is remembered.

    Args:
        words: words in upper-case letters A to Z.
    """
    if len(_KNOWN) > MOST_KNOWN:
        _KNOWN.clear()
    new = list(dict.fromkeys(word for word in words if word not in _KNOWN))
    letters = [word if word.isalpha() else "".join(filter(str.isalpha, word)) for word in new]
    heard = iter(_heard(_settled([word for word in letters if len(word) > 1])))
    found = {word: next(heard) if len(own) > 1 else own for word, own in zip(new, letters, strict=True)}
    _KNOWN.update(found)
    return [found[word] if word in found else _KNOWN[word] for word in words]


MOST_KNOWN = 1 << 19
_KNOWN: dict[str, str] = {}


def _settled(words: list[str]) -> list[str]:
    """Return the words under which variants are listed, in the spelling of 1972."""
    variants = _variants()
    now = [modern(variants.get(word, word)) for word in words]
    return [variants.get(word, word) for word in now]


def _heard(words: list[str]) -> list[str]:
    """Apply the rules of sound to words of two letters or more."""
    text = "_" + "_".join(words) + "_"
    text = _undoubled(_replaced(text, _compiled(_SOUNDS)))
    return _replaced(text, _compiled(_ENDS)).split("_")[1:-1]


def _undoubled(text: str) -> str:
    """Write one letter where the same stands several times in a row."""
    letters = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    once: bytes = letters[np.append(True, letters[1:] != letters[:-1])].tobytes()
    return once.decode("utf-32-le")


def _replaced(text: str, rules: list[tuple[str | re.Pattern[str], str]]) -> str:
    for written, sound in rules:
        text = text.replace(written, sound) if isinstance(written, str) else written.sub(sound, text)
    return text


@cache
def _compiled(rules: tuple[tuple[str, str], ...]) -> list[tuple[str | re.Pattern[str], str]]:
    """Return the rules with all but plain letters compiled: replacing those is quicker without."""
    return [
        (written if written.replace("_", "").isalpha() else re.compile(written), sound)
        for written, sound in rules
    ]
