"""Addresses, and the RT and RW in them.

In a rural kabupaten the address is the name of a village or a river and RT is the only
fine unit, so RT and RW are taken out of the text wherever they hide. A number of RT or RW
is three digits of text; 0, 000 and a dash mean none.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

import polars as pl

from nikdedup.columnar.distinct import map_distinct
from nikdedup.residents.names import CHANGED, SLOW, Vocabulary, Word, Words, fold, rewrite
from nikdedup.residents.places.birthplace import places_table

_NUMBER = r"0*(\d{1,3})(?!\d)"
# RT/RW : 002/000, RT 001 RW 002, RT.1/RW.2, RT001/002
_BOTH = re.compile(rf"\bRT\W*RW\W*{_NUMBER}\s*[-/\\]\s*{_NUMBER}")
_RT = re.compile(rf"\bRT\W*{_NUMBER}(?:\s*/\s*{_NUMBER})?")
_RW = re.compile(rf"\bRW\W*{_NUMBER}")
_ROMAN_NUMBER = re.compile(r"\b(R[TW])\W*\b(I{1,3}|IV|VI{0,3}|IX)\b")
_PAIR = re.compile(r"(?<![\d/])(\d{2,3})\s*/\s*(\d{2,3})(?![\d/])")
_DUSUN = re.compile(r"\b(?:DUSUN|DSN)\b[\s.:]*")
_WORD = re.compile(r"[A-Z]+|\d+")
_ROMAN = {"I": "1", "II": "2", "III": "3", "IV": "4", "V": "5", "VI": "6", "VII": "7", "VIII": "8", "IX": "9"}

_DATES = (
    re.compile(r"\d{4}-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?:[T ].*)?"),
    re.compile(r"(?P<day>\d{1,2})[-/ ](?P<word>[A-Z]{3,9})(?:[-/ ]\d{2,4})?"),
    re.compile(r"(?P<word>[A-Z]{3,9})[-/ ](?P<day>\d{1,2})(?:[-/ ]\d{2,4})?"),
    re.compile(r"(?P<day>\d{1,2})[-/](?P<month>\d{1,2})[-/]\d{4}(?: .*)?"),
)
_MONTH_NAMES = "JAN|FEB PEB|MAR|APR|MEI MAY|JUN|JUL|AGU AUG AGS AGT|SEP|OKT OCT|NOV NOP|DES DEC"
_MONTHS = {word: place for place, names in enumerate(_MONTH_NAMES.split("|"), 1) for word in names.split()}


def clean_address(alamat: pl.Series) -> pl.DataFrame:
    """Return clean, rt, rw and dusun of n addresses.

    Columns, all strings: `clean`, upper-case words with one writing per label and abbreviation, without RT and
    RW, null if nothing is left or all that is left says no place (TIDAK ADA, a label alone); `rt`, `rw`, three
    digits where the text holds them; `dusun`, where the text names it. Source: docs/domain.md 8.

    Args:
        alamat: n strings or null.
    """
    done = rewrite(alamat.cast(pl.String), _VOCABULARY, _whole, forms=4)
    frame = pl.DataFrame(dict(zip(("clean", "rt", "rw", "dusun"), done.forms, strict=True)))
    told = pl.lit(pl.Series(done.bits & _SAYS == _SAYS))
    return frame.with_columns(pl.when(told).then(pl.col("clean")))


def parse_address(text: str) -> tuple[str | None, str | None, str | None, str | None]:
    """Return clean address, RT, RW and dusun of one text; None for what it does not hold.

    >>> parse_address("Jl. Sudirman No. 12 RT.001/RW.02")
    ('JALAN SUDIRMAN NO 12', '001', '002', None)
    >>> parse_address("Ma. Joloi I RT/RW : 002/000 DUSUN : -")
    ('MUARA JOLOI 1', '002', None, None)
    >>> parse_address("Tidak diketahui")[0], parse_address("Jl. -")[0], parse_address("Gg. 3")[0]
    (None, None, 'GANG 3')
    """
    upper = fold(text).replace("'", "").replace("#", " NO ")
    rest, rt, rw = _take_rt_rw(upper)
    dusun = None
    if found := _DUSUN.search(rest):
        dusun = _dusun(rest[found.end() :])
    # RT and RW without a number say nothing.
    words = _read([word for word in _WORD.findall(rest) if word not in ("RT", "RW")])
    while words[-1:] == ["DUSUN"]:
        words.pop()
    return " ".join(words) if _says_a_place(words) else None, rt, rw, dusun


def _says_a_place(words: list[str]) -> bool:
    """Return whether the words of an address are more than numbers, labels and words for having none."""
    return any(word.isalpha() for word in words) and not _silent().issuperset(words) and words != ["N", "A"]


def clean_rt(values: pl.Series) -> pl.Series:
    """Return each RT or RW as three digits, or null for none.

    Args:
        values: n strings, numbers or null: "1", "001", "RT 1", "1.0"; 0, 000, a dash, and what holds no single
            number of one to three digits are null.

    Example:
        >>> clean_rt(pl.Series(["1", "RT. 012", "3.0", "000", "-"])).to_list()
        ['001', '012', '003', None, None]
    """
    return map_distinct(values.cast(pl.String), parse_rt, pl.String())


def parse_rt(text: str) -> str | None:
    """Return one RT or RW as three digits, or None."""
    text = re.sub(r"\.0+$", "", text.strip())
    numbers = re.findall(r"\d+", text)
    return _three(numbers[0]) if len(numbers) == 1 else None


def split_rt_rw(values: pl.Series) -> pl.DataFrame:
    """Return rt, rw and flag of n cells that hold both.

    Excel turns 5/3 into a date: day and month are then RT and RW, and `flag` is "rt_rw_was_date" (on a PC with
    US settings they may be swapped), else null. Columns are strings; rt and rw three digits or null.

    Args:
        values: n strings or null: "001/002", "RT.1/RW.2", "RT 1 RW 2"; a single number is the RT.

    Example:
        >>> split_rt_rw(pl.Series(["001/002", "RT.1/RW.2", "7", "05-Mar", "-"])).rows()[:4]
        [('001', '002', None), ('001', '002', None), ('007', None, None), ('005', '003', 'rt_rw_was_date')]
    """
    joined = map_distinct(
        values.cast(pl.String), lambda text: "|".join(part or "" for part in parse_rt_rw(text)), pl.String()
    )
    parts = joined.str.split_exact("|", 2).struct.rename_fields(["rt", "rw", "flag"]).struct.unnest()
    return parts.with_columns(pl.all().replace("", None))


def parse_rt_rw(text: str) -> tuple[str | None, str | None, str | None]:
    """Return RT, RW and flag of one cell; see split_rt_rw."""
    upper = fold(text).strip()
    for pattern in _DATES:
        if found := pattern.fullmatch(upper):
            parts = found.groupdict()
            month = parts.get("month") or _MONTHS.get((parts.get("word") or "")[:3])
            if month and int(month) <= 12 and int(parts["day"]) <= 31:
                return _three(parts["day"]), _three(str(month)), "rt_rw_was_date"
    rest, rt, rw = _take_rt_rw(upper)
    if rt is None and rw is None:
        numbers = re.findall(r"\d+", re.sub(r"\.0+$", "", rest))
        if 1 <= len(numbers) <= 2:
            rt, rw = _three(numbers[0]), _three(numbers[1]) if len(numbers) == 2 else None
    return rt, rw, None


def _three(number: str | None) -> str | None:
    """Return a number as three digits; None for 0 and for what has more digits."""
    digits = (number or "").lstrip("0")
    return digits.zfill(3) if digits and len(digits) <= 3 else None


def _take_rt_rw(text: str) -> tuple[str, str | None, str | None]:
    """Return the text without its RT and RW, and both as three digits or None; the first count."""
    rt = rw = None
    text = _ROMAN_NUMBER.sub(lambda found: f"{found[1]} {_ROMAN[found[2]]}", text)
    while found := _BOTH.search(text) or _RT.search(text):
        rt, rw = rt or _three(found[1]), rw or _three(found[2])
        text = _without(text, found)
    while found := _RW.search(text):
        rw = rw or _three(found[1])
        text = _without(text, found)
    if rt is None and rw is None and (found := _PAIR.search(text)):
        rt, rw = _three(found[1]), _three(found[2])
        text = _without(text, found)
    return text, rt, rw


def _without(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"


def _dusun(text: str) -> str | None:
    """Return the name that follows the word dusun, up to the next label."""
    labels = places_table()["address"]["labels"]
    name: list[str] = []
    for word in _read(_WORD.findall(text.split(",")[0])):
        if word in labels:
            break
        name.append(word)
    return " ".join(name) or None


def _read(words: list[str]) -> list[str]:
    """Give each word of an address its one writing."""
    table = places_table()["address"]
    read = []
    for place, word in enumerate(words):
        following = _words().get(words[place + 1], words[place + 1]) if place + 1 < len(words) else ""
        if not place and len(following) > 2 and following.isalpha() and word in table["initials"]:
            word = table["initials"][word]
        elif word == "SP" and following.isalpha():
            word = "SIMPANG"
        elif place and word in _ROMAN and words[place - 1].isalpha():
            word = _ROMAN[word]
        else:
            word = _words().get(word, word)
        read.append(word.lstrip("0") or word if word.isdigit() else word)
    return read


@cache
def _words() -> dict[str, str]:
    words: dict[str, str] = places_table()["address"]["words"]
    return words


@cache
def _special() -> frozenset[str]:
    """Return the words of an address that cannot be understood without their neighbours."""
    table = places_table()["address"]
    return frozenset(table["initials"]) | set(_ROMAN) | {"RT", "RW", "DUSUN", "DSN", "SP", "N", ""}


@cache
def _silent() -> frozenset[str]:
    """Return the words that say no place alone: labels, and words for having none."""
    table = places_table()["address"]
    return frozenset(table["labels"]) | set(table["silent"])


@cache
def address_words() -> frozenset[str]:
    """Return the words of addresses that name no place: labels, abbreviations, kinds of place, words for none."""
    words = _words()
    return (_special() | _silent() | set(words) | set(words.values())) - {""}


# An address of numbers only is none, and so is one of labels and words for having none.
_LETTERS, _TELLS = 1, 2
_SAYS = _LETTERS | _TELLS
_PLAIN = re.compile(r"([A-Za-z]+)([.,]?)")


@lru_cache(maxsize=1 << 18)
def _word(text: str) -> Word:
    found = _PLAIN.fullmatch(text)
    if found is None or (word := found[1].upper()) in _special():
        if not (text.isascii() and text.isdigit() and len(text) <= 4):
            return Word(("",), SLOW, ("",), SLOW)
        form = text.lstrip("0") or text
        bits = _TELLS | (CHANGED if form != text else 0)
        return Word((form,), bits, (form,), bits)
    form = _words().get(word, word)
    bits = _LETTERS | (0 if form in _silent() else _TELLS) | (CHANGED if form != text else 0)
    return Word((form,), bits, (form,), bits)


def _whole(text: str) -> tuple[tuple[str | None, str | None, str | None, str | None], int]:
    parts = parse_address(text)
    return parts, _SAYS if parts[0] else 0


_VOCABULARY = Vocabulary(lambda texts: Words.of(list(map(_word, texts)), forms=1), forms=1)
