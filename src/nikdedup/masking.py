"""What may be shown of a text that comes from outside: long numbers are masked, only plain words are safe.

A file without headers hands over its first resident where headers should be, and a column that is mapped as a
status may hold names. No list knows all names; so a text is shown only if every word of it is known to name
columns or states, and is else counted.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files

HIDDEN = "•"

LONGEST = 60
"""Characters of a header or status that may be shown; a longer text is a sentence about somebody."""
MOST_DIGITS = 4
"""Digits it may hold: a year, a number of a column; more may be a date of birth or an id."""
_CODE_DIGITS = 2
"""Digits of a text that is nothing else: a code; more may be a year of birth."""

_RUN = re.compile(r"(?<!\d)\d{9,}(?!\d)")
"""Digits on end: a NIK, a No. KK, a telephone; a date of eight is none of them."""
_GROUPS = re.compile(r"(?<!\d)\d{2,8}(?:[ .\-_]\d{2,8}){1,7}(?!\d)")
_LEAST_GROUPED = 13
"""Digits from which groups of them are an id: a date with a time of day has 12 or 14 with colons between."""
_DAY = re.compile(r"\d{1,2}\s*[-/.]\s*\d{1,2}")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_VOWELS = frozenset("AEIOU")
_SHORTENED = 3
"""Letters up to which a word without a vowel is an abbreviation (TGL, STS), not a name that was cut short."""
_STREETS = frozenset(["JL", "JLN", "GG", "DS", "DSN", "KP", "BLK"])
_LEAST_PART = 4
_HEADS = frozenset(["NO", "KD", "NIK", "KTP", "TGL", "TMP", "KAB", "KEC", "KEL"])
"""Shorter words that joined headers begin with; others would make plain words of names (IN and AYAH: INAYAH)."""


def mask_numbers(text: str) -> str:
    """Return the text with every number as long as an id or a telephone masked.

    >>> mask_numbers("6212014107609001.csv: no such file")
    '621201••••••••01.csv: no such file'
    >>> mask_numbers("KK 6212.0141.0760.9001, HP 081234567890, 2026-06-30")
    'KK 621201••••••••01, HP ••••••••, 2026-06-30'
    """
    return _RUN.sub(lambda found: _masked(found[0]), _GROUPS.sub(_grouped, text))


def _grouped(found: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", found[0])
    return _masked(digits) if len(digits) >= _LEAST_GROUPED else found[0]


def _masked(digits: str) -> str:
    """Return the ends of an id of 15 digits or more; of a shorter number, which may be a telephone, nothing stays."""
    return ends_of(digits) if len(digits) >= 15 else HIDDEN * 8


def ends_of(number: str) -> str:
    """Return an id as it may be shown: its first 6 and last 2 characters, the rest hidden.

    >>> ends_of("6212014107609001")
    '621201••••••••01'
    """
    return number[:6] + HIDDEN * (len(number) - 8) + number[-2:]


def is_plain(text: str) -> bool:
    """Say whether a text consists of plain words (data/plain_words.toml), so that nobody can be seen in it.

    >>> [is_plain(text) for text in ("KET. Rekam", "KODE ARSIP", "TglLahir2", "alamat_sekarang", "NAMALENGKAP")]
    [True, True, True, True, True]
    >>> [is_plain(text) for text in ("SITI AMINAH", "JL. MERDEKA 5", "01-07-1990", "NIK 6212014107609001")]
    [False, False, False, False]
    >>> is_plain("9"), is_plain("1990")
    (True, False)
    """
    digits = sum(map(str.isdigit, text))
    if len(text) > LONGEST or digits > MOST_DIGITS or _DAY.search(text):
        return False
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    words = re.findall(r"[^\W\d_]+", _CAMEL.sub(" ", plain))
    return all(_is_word(word.upper()) for word in words) if words else digits <= _CODE_DIGITS


@cache
def _is_word(word: str) -> bool:
    if len(word) == 1 or word in plain_words():
        return word.isascii()
    if word.isascii() and len(word) <= _SHORTENED and not _VOWELS & set(word):
        return word not in _STREETS
    return _is_joined(word)


@cache  # of every end of a word; else a long word is taken apart in more ways than can be counted
def _is_joined(word: str) -> bool:
    """Say whether a word is several plain ones written together, each long enough to be no part of a name."""
    if len(word) >= _LEAST_PART and word in plain_words():
        return True
    heads = (word[:at] for at in range(2, len(word) - _LEAST_PART + 1))
    return any(_is_joined(word[len(head) :]) for head in heads if head in _HEADS or _is_joined(head))


@cache
def plain_words() -> frozenset[str]:
    """Return all plain words, upper case; those of the shipped headers and statuses among them."""
    lists, headers, statuses = (
        tomllib.loads(files("nikdedup").joinpath(f"data/{name}.toml").read_text(encoding="utf-8"))
        for name in ("plain_words", "columns", "statuses")
    )
    texts = [*lists.values(), *headers, *_texts(headers), *_texts(statuses)]
    return frozenset(word for text in texts for word in re.findall(r"[A-Z]+", text.upper()))


def _texts(found: object) -> list[str]:
    """Return every text in lists and tables of a TOML file."""
    if isinstance(found, dict):
        found = list(found.values())
    return [text for one in found for text in _texts(one)] if isinstance(found, list) else [str(found)]
