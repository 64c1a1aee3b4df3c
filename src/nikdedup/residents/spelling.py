"""Spelling rules of Indonesian names: one word in, its modern or its blocking form out.

`modern` undoes the spelling of before 1972 (Soekarno, Tjahjono). `skeleton` goes
further and drops what writers of one name disagree about: sound-alike letters,
double letters, glides, the quality of vowels, the last h or k. It serves to bring
records together, never to say that two people are one.

Source: the office's domain reference, section 7, which gives the rules and their
order; the old-spelling step comes first because it beat phonetic keys without it
(Rahadian et al., 2007, modified Soundex for Indonesian names).
"""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

OLD_SIGNS = ("TJ", "DJ", "SJ", "OE")
"""Letter pairs that show the spelling of before 1972; only beside one of them is J read as Y."""

_SIMPLE = (
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
)
"""Letters that sound alike, longest first where one begins another."""

_FINAL = {"D": "T", "B": "P", "G": "K"}

# KH or CH before a consonant is a breath (Rachmat, Fachri), save in the Greek CHR- (Christina).
_BREATH = re.compile(r"(?<!^)[KC]H(?=[B-DF-GJ-NP-TV-XZ])")
# A C before e or i is an s in names of Latin origin only; Suci and Cipto keep theirs.
_LATIN_C = re.compile(r"C(?=I[AO]S?$|ILIA|ELI|EL[AO])|(?<=N)C(?=IS|EN)")
# Z before a consonant or at the end is written s as well (Rizki, Aziz), elsewhere j (Zainal).
_Z_AS_S = re.compile(r"Z(?=[B-DF-HJ-NP-TV-Y]|$)")
_H_AFTER_CONSONANT = re.compile(r"(?<=[B-DF-GJ-NP-TV-XZ])H")
# Glides carry no sound of their own: Supriyanto, Kuwat, Setyawan, Syauqi, Dewy.
_GLIDE_Y = re.compile(r"(?<=I)Y(?=[AEIOU])|(?<=[AEOU])Y(?=I)")
_Y_AS_I = re.compile(r"(?<=[B-DF-HJ-NP-TV-XZ])Y|(?<=[AEIOU])Y(?![AEIOUY])")
_W_AS_U = re.compile(r"(?<=A)W(?![AEIOUY])")
# The murmured e comes and goes between two consonants: Selamet, Puteri, Prasetyo.
_MURMUR = re.compile(r"(?<=[TD])E(?=R[AIOU])|(?<=^[SPBTKG])E(?=[LR][AIOU][A-Z]{2})")
# Arabic a is heard as o: the ending -oh of women's names, and these first syllables.
_FIRST_O = re.compile(
    r"(RUH(?=M|IM)|RUS(?=IT|ID)|SUL(?=IH)|KUMAR(?=I)|KU(?=DIJ)|[HK][AU]IR|HA(?=DIJ)|HUT(?=IM))"
)
_FIRST_A = {"RUH": "RAH", "RUS": "RAS", "SUL": "SAL", "KUMAR": "KAMAR", "HA": "KA", "KU": "KA", "HUT": "KUT"}
# Breath or stop at the front of these stems: Khasanah = Hasanah, Khamid = Hamid.
_KH_AS_H = re.compile(r"^[KC]H(?=ASAN|AMID|ALIM|USN|USEN|USAIN|ABIB|AMDAN)")


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
    only beside a surer sign, so that Jaya and Panji stay. Source: domain reference 7.

    >>> modern("SOEDJONO"), modern("SOEJONO"), modern("TJAHJONO"), modern("JAYA")
    ('SUJONO', 'SUYONO', 'CAHYONO', 'JAYA')
    """
    if not any(sign in word for sign in OLD_SIGNS):
        return word
    # Lower-case j keeps what came from DJ apart from an old J, which is a Y.
    word = word.replace("TJ", "C").replace("DJ", "j").replace("NJ", "NY").replace("SJ", "SY")
    return _OLD_U.sub("U", word).replace("J", "Y").replace("j", "J")


@lru_cache(maxsize=1 << 18)
def skeleton(word: str) -> str:
    """Return the blocking form of one word: what all writers of the name agree on.

    word: one word of letters A to Z; digits are dropped. Returns A to Z, or "" for a
    word without letters. Single letters stay as they are.

    >>> [skeleton(word) for word in ("SELAMET", "SUPRIYANTO", "SUMIYATI", "SOEKARNO", "SYAIFUDDIN")]
    ['SLAMIT', 'SUPRIANTU', 'SUMIATI', 'SUKARNU', 'SAIPUDIN']
    >>> skeleton("SUPRIANTI") == skeleton("SUPRIANTO")
    False
    """
    if not word.isalpha():
        word = "".join(letter for letter in word if letter.isalpha())
    if len(word) < 2:
        return word
    word = modern(_variants().get(word, word))
    return _ending(_sounds(_variants().get(word, word)))


def _sounds(word: str) -> str:
    """Write one letter for every group of sound-alikes, and vowels as a, i, u."""
    word = _KH_AS_H.sub("H", word)
    if "H" in word:
        word = _BREATH.sub("H", word)
    if "C" in word:
        word = _LATIN_C.sub("S", word)
    for old, new in _SIMPLE:
        if old in word:
            word = word.replace(old, new)
    if "Z" in word:
        word = _Z_AS_S.sub("S", word).replace("Z", "J")
    if "Y" in word:
        word = _Y_AS_I.sub("I", _GLIDE_Y.sub("", word))
    if "W" in word:
        word = _W_AS_U.sub("U", word).replace("UW", "U")
    if "H" in word:
        word = _H_AFTER_CONSONANT.sub("", word)
    if "E" in word:
        word = _MURMUR.sub("", word)
    return word


def _ending(word: str) -> str:
    """Fold vowels and double letters; drop or harden what is not heard at the end."""
    if word[0] == "J" and word[1:2] in ("O", "E", "U"):
        word = "Y" + word[1:]
    if word.endswith("OH") and len(word) > 4:
        word = word[:-2] + "AH"
    word = word.replace("O", "U").replace("E", "I")
    word = "".join([letter for letter, before in zip(word, " " + word, strict=False) if letter != before])
    if found := _FIRST_O.match(word):
        word = _FIRST_A.get(found[1], "KAIR") + word[found.end() :]
    if word[-1] in _FINAL and word[-2:] != "NG":
        word = word[:-1] + _FINAL[word[-1]]
    weak_h = word[-1] == "H" and len(word) > 2
    weak_k = word[-1] == "K" and len(word) > 4 and word[-2] in "AIU"
    return word[:-1] if weak_h or weak_k else word
