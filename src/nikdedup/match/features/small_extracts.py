"""Small extracts lean on what is shipped: a pair is judged much the same alone and among thousands of others.

In a file of eight records every name is common and every other record may be a double: shares counted there say
nothing. An extract below `least()` records is therefore read as if it lay among so many, the rest of which are
people as data/model.toml expects them. From there on an extract speaks for itself alone.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nikdedup.residents.names import skeleton


@dataclass(frozen=True)
class Expected:
    """records: in how many a small extract is taken to lie. word: share of a word that nothing is known of.

    words: share of each known word, by its sound. place: share of those born in one place, and of how many
    residents that is said.
    """

    records: int
    word: float
    words: dict[str, float]
    place: tuple[float, float]


@cache
def expected() -> Expected:
    """Return what is shipped in data/model.toml."""
    text = files("nikdedup.data").joinpath("model.toml").read_text(encoding="utf-8")
    small = tomllib.loads(text)["small"]
    words = {skeleton(word): float(share) for word, share in small["words"].items()}
    place = float(small["place"]), float(small["places"])
    return Expected(int(small["records"]), float(small["word"]), words, place)


def among(records: int) -> int:
    """Return in how many records an extract is taken to lie: its own, and never fewer than is shipped.

    Args:
        records: number of records of the extract.
    """
    return max(records, expected().records)


def missing(records: int) -> int:
    """Return how many of these records are not its own.

    Args:
        records: number of records of the extract.
    """
    return among(records) - records


def with_expected_words(
    count: NDArray[np.float64], sounds: pl.Series, named: int, records: int, *, plain: bool = False
) -> tuple[NDArray[np.float64], int]:
    """Return how many people have a word of each sound, and how many have a name, those expected beside included.

    plain: names are not Indonesian ones, so that nothing is known of any word.
    """
    more = missing(records)
    if not more:
        return count, named
    words = {} if plain else expected().words
    shares = [words.get(sound, expected().word) for sound in sounds]
    return count + more * np.array(shares, np.float64), named + more


def share_of_place(others: NDArray[np.float32], records: int) -> NDArray[np.float32]:
    """Return the share of the other records with each place of birth, those expected beside included.

    Args:
        others: other records with the place, for each of n.
        records: number of records of the extract.
    """
    share, residents = expected().place
    more = np.float32(residents * missing(records) / expected().records)
    shares: NDArray[np.float32] = (others + np.float32(share) * more) / (np.float32(max(records, 2)) + more)
    return shares
