"""Places of birth: one form for all writings of one place.

The kind of place (kabupaten, kota, desa) is dropped, abbreviations are read in full and
the joined and split writings of known places brought together. Codes are not looked up
here: a place of birth is free text and often a place that has no code any more.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import polars as pl

from nikdedup.columnar.distinct import map_distinct
from nikdedup.residents.names import fold

_WORD = re.compile(r"[A-Z0-9]+")


@cache
def places_table() -> dict[str, Any]:
    """Return the shipped table of place and address words (data/places.toml)."""
    return tomllib.loads(files("nikdedup.data").joinpath("places.toml").read_text(encoding="utf-8"))


def clean_place(places: pl.Series) -> pl.Series:
    """Return each place of birth in its comparison form, or null where none is given.

    Each distinct text is handled once. Cleaning a clean place leaves it as it is.

    Args:
        places: n strings or null.

    Returns:
        n strings of upper-case words.

    Example:
        >>> clean_place(pl.Series(["Kab. Murung Raya", "P. RAYA", "PURUKCAHU", "-"])).to_list()
        ['MURUNG RAYA', 'PALANGKA RAYA', 'PURUK CAHU', None]
    """
    return map_distinct(places.cast(pl.String), parse_place, pl.String())


@lru_cache(maxsize=1 << 16)
def parse_place(text: str) -> str | None:
    """Return one place in its comparison form, or None.

    >>> parse_place("KOTA BARU"), parse_place("Ma. Teweh, Barito Utara"), parse_place("123")
    ('KOTABARU', 'MUARA TEWEH', None)
    """
    # What follows a comma or a bracket is the larger place around it.
    for part in re.split(r"[,;(/]", fold(text).replace("'", "")):
        words = _WORD.findall(part)
        if any(word.isalpha() for word in words):
            return _settled(words)
    return None


def _settled(words: list[str]) -> str | None:
    if " ".join(words) in places_table()["place"]["missing"]:
        return None
    for _ in range(4):
        again = _read(words)
        if again == words:
            break
        words = again
    return " ".join(words) if any(word.isalpha() for word in words) else None


def _read(words: list[str]) -> list[str]:
    """Read the words of one place once."""
    table = places_table()["place"]
    if same := _same().get("".join(words)):
        return same.split()
    while len(words) > 1 and words[0] in table["kinds"]:
        if words[0] == "KOTA" and words[1] in table["kota_names"]:
            return ["KOTA" + words[1], *words[2:]]
        words = words[1:]
    tails, last = _behind()
    for tail in tails if words[-1] in last else ():
        if len(words) > len(tail) and words[-len(tail) :] == tail:
            words = words[: -len(tail)]
    return [table["words"].get(word, word) for word in words] if len(words) > 1 else words


@cache
def _behind() -> tuple[list[list[str]], set[str]]:
    """Return the words of what stands behind a place and says nothing, and the last word of each."""
    tails = [behind.split() for behind in places_table()["place"]["behind"]]
    return tails, {tail[-1] for tail in tails}


@cache
def _same() -> dict[str, str]:
    table = places_table()["place"]["same"]
    return {
        squashed: place for place, members in table.items() for squashed in (place.replace(" ", ""), *members)
    }
