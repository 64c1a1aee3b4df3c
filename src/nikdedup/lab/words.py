"""Given names and family names, drawn by culture, sex and birth year.

Names are rows of up to four token codes (int32, -1 = no word); tokens are few,
people many, so text is made once, at the end. The commonest names come with
their published shares; a list of known names follows with Zipf weights; a long
tail is composed from name parts.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.lab.rates import PeopleRates

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

MALE, FEMALE = 0, 1
WORDS = 4
_SEXES = "LP"
_POPULAR_BEFORE = 1990
_IN_POOLS = 0.4
"""Part of the bearers of a popular name whom the pools, which hold these names too, give already."""
_LONG_NAMES = 2023
"""Birth year of the fewest one-word names; sixty years earlier they were most."""


_GRAIN = 1 << 14


@dataclass(frozen=True)
class Pool:
    """Token codes to draw from: a table of 16,384 equal chances, each word in as many as its weight asks."""

    table: Codes

    @classmethod
    def of(cls, codes: Codes, weights: Floats) -> Pool:
        """Return a pool of the codes with the given relative weights."""
        cumulative = np.cumsum(weights / weights.sum())
        chances = (np.arange(_GRAIN) + 0.5) / _GRAIN
        return cls(codes[np.minimum(np.searchsorted(cumulative, chances), len(codes) - 1)])

    def draw(self, uniform: Floats) -> Codes:
        """Return one code for each number in [0, 1)."""
        return self.table[(uniform * _GRAIN).astype(np.int32)]


@dataclass(frozen=True)
class NameStock:
    """Pools of one culture and sex."""

    first: Pool
    tail: Pool
    second: Pool
    modern: Pool
    lead: Pool | None
    lead_share: float


@dataclass(frozen=True)
class Vocabulary:
    """All name tokens, the pools that draw them, and the popular full names by sex."""

    tokens: pl.Series
    cultures: tuple[str, ...]
    stocks: dict[tuple[str, int], NameStock]
    families: dict[str, tuple[Pool, float]]
    popular: dict[int, tuple[Codes, Floats, float]]
    rhyme: Codes  # for each token one with the same last three letters; itself where there is none

    def text(self, names: Codes) -> pl.Series:
        """Return n names as text, words joined by one space, from an (n, 4) array of codes."""
        columns = [
            self.tokens.gather(pl.Series(np.where(names[:, i] < 0, len(self.tokens) - 1, names[:, i])))
            for i in range(WORDS)
        ]
        frame = pl.DataFrame({str(i): column for i, column in enumerate(columns)})
        return frame.select(pl.concat_str(frame.columns, separator=" ", ignore_nulls=True)).to_series()


class _Tokens:
    def __init__(self) -> None:
        self.index: dict[str, int] = {}

    def codes(self, words: list[str]) -> Codes:
        return np.array([self.index.setdefault(w, len(self.index)) for w in words], dtype=np.int32)

    def pool(self, words: list[str], exponent: float, offset: float) -> Pool:
        codes = self.codes(list(dict.fromkeys(words)))
        return Pool.of(codes, np.asarray((np.arange(len(codes)) + offset) ** -exponent, dtype=np.float64))


@cache
def vocabulary(names: str) -> Vocabulary:
    """Return the vocabulary of `data/<names>.toml`; built once, the same on every machine."""
    text = resources.files("nikdedup.lab").joinpath(f"data/{names}.toml").read_text(encoding="utf-8")
    table: dict[str, Any] = tomllib.loads(text)
    popular_names = table.pop("popular")
    tokens = _Tokens()
    stocks = {
        (culture, sex): _stock(entry[_SEXES[sex]], tokens, entry.get("zipf"))
        for culture, entry in table.items()
        for sex in (MALE, FEMALE)
    }
    families = {
        culture: (tokens.pool(_split(entry["family"]), 0.7, 3.0), float(entry["family_share"]))
        for culture, entry in table.items()
        if "family" in entry
    }
    popular = {sex: _popular(popular_names[_SEXES[sex]], tokens) for sex in (MALE, FEMALE)}
    series = pl.Series("token", [*tokens.index, None], dtype=pl.String)
    return Vocabulary(series, tuple(table), stocks, families, popular, _rhymes(list(tokens.index)))


def _rhymes(tokens: list[str]) -> Codes:
    """Return for each token the next one in the order of their ends, if the two rhyme."""
    order = sorted(range(len(tokens)), key=lambda code: tokens[code][::-1])
    rhyme = np.arange(len(tokens), dtype=np.int32)
    for code, following in pairwise(order):
        if tokens[code][-3:] == tokens[following][-3:]:
            rhyme[code] = following
    return rhyme


def _split(words: str) -> list[str]:
    """Split a list written with `|` (words of several parts) or with spaces."""
    return words.split("|") if "|" in words else words.split()


def _stock(entry: dict[str, Any], tokens: _Tokens, zipf: list[float] | None) -> NameStock:
    """Return the pools of one culture and sex. zipf: exponent and offset of its names, the usual ones if not given."""
    first = entry["first"].split()
    lead: dict[str, float] = entry.get("lead", {})
    shares = np.array(list(lead.values()))
    return NameStock(
        first=tokens.pool(first, *(zipf or (0.7, 8.0))),
        tail=tokens.pool(_composed(entry["start"].split(), entry["end"].split()), 0.55, 10.0),
        second=tokens.pool(entry["second"].split() + first[10:], *(zipf or (0.7, 6.0))),
        modern=tokens.pool(entry["modern"].split() + entry["second"].split()[:8], 0.6, 4.0),
        lead=Pool.of(tokens.codes(list(lead)), shares) if lead else None,
        lead_share=float(shares.sum()),
    )


def _composed(starts: list[str], ends: list[str]) -> list[str]:
    """Return every start with every end, common parts first, spread so that neighbours differ."""
    pairs = [(i * len(ends) + j * len(starts) + (i * 7919 + j * 104729) % 1009, s + e)
             for i, s in enumerate(starts) for j, e in enumerate(ends)]  # fmt: skip
    return [word for _, word in sorted(pairs)]


def _popular(shares: dict[str, float], tokens: _Tokens) -> tuple[Codes, Floats, float]:
    names = np.full((len(shares), WORDS), -1, dtype=np.int32)
    for row, name in enumerate(shares):
        words = tokens.codes(name.split())
        names[row, : len(words)] = words
    weights = np.cumsum(list(shares.values()))
    return names, weights / weights[-1], float(weights[-1])


def draw_names(
    culture: Ints, sex: Ints, birth_year: Ints, rates: PeopleRates, rng: np.random.Generator
) -> Codes:
    """Return (n, 4) token codes of n full names without family names.

    culture: index into the cultures of the vocabulary; sex: 0 men, 1 women; birth_year
    decides the number of words (one-word names fade from 35 % to 2 %) and the fashion.
    """
    words = vocabulary(rates.names)
    n = len(culture)
    names = np.full((n, WORDS), -1, dtype=np.int32)
    dice = rng.random((n, 7))
    count = _word_count(birth_year, rates, rng)
    for index, name in enumerate(words.cultures):
        for side in (MALE, FEMALE):
            rows = np.flatnonzero((culture == index) & (sex == side))
            if len(rows):
                stock = words.stocks[name, side]
                names[rows] = _from_stock(stock, count[rows], birth_year[rows], dice[rows], rates)
    _give_popular(names, words, sex, birth_year, rng)
    return names


def _word_count(birth_year: Ints, rates: PeopleRates, rng: np.random.Generator) -> Ints:
    age = np.clip((_LONG_NAMES - birth_year) / 60, 0, 1)
    mononym = rates.mononym_young + (rates.mononym_old - rates.mononym_young) * age
    two = (1 - mononym) * (0.38 + 0.42 * np.sqrt(age))
    three = (1 - mononym) * (0.46 - 0.28 * np.sqrt(age))
    dice = rng.random(len(birth_year))
    return 1 + (dice >= mononym).astype(np.int64) + (dice >= mononym + two) + (dice >= mononym + two + three)


def _from_stock(stock: NameStock, count: Ints, birth_year: Ints, dice: Floats, rates: PeopleRates) -> Codes:
    modern = dice[:, 0] < np.clip((birth_year - 1985) / 35, 0, 0.75)
    tail = dice[:, 1] < rates.tail_share
    given = np.where(modern, stock.modern.draw(dice[:, 2]), stock.first.draw(dice[:, 2]))
    given = np.where(tail, stock.tail.draw(dice[:, 2]), given)
    further = [
        np.where(dice[:, 1] > 0.85, stock.tail.draw(dice[:, i]), stock.second.draw(dice[:, i]))
        for i in (3, 4, 5)
    ]
    names = np.column_stack([given, *further]).astype(np.int32)
    if stock.lead is not None:
        led = (count > 1) & (dice[:, 6] < stock.lead_share)
        lead = stock.lead.draw(dice[:, 6] / stock.lead_share * led)
        names[led] = np.column_stack([lead, names[:, :3]])[led]
    names[:, 1][names[:, 1] == names[:, 0]] = -1
    names[np.arange(WORDS) >= count[:, None]] = -1
    return _packed(names)


def _packed(names: Codes) -> Codes:
    """Move empty places to the end, keeping the order of the words."""
    order = np.argsort(names < 0, axis=1, kind="stable")
    return np.take_along_axis(names, order, axis=1)


def _give_popular(
    names: Codes, words: Vocabulary, sex: Ints, birth_year: Ints, rng: np.random.Generator
) -> None:
    for side, (full, cumulative, share) in words.popular.items():
        old = (sex == side) & (birth_year < _POPULAR_BEFORE)
        chance = (1 - _IN_POOLS) * share * len(sex) / max(1, old.sum())
        rows = np.flatnonzero(old & (rng.random(len(sex)) < chance))
        names[rows] = full[np.searchsorted(cumulative, rng.random(len(rows)), side="right")]


def add_family(names: Codes, family: Codes) -> Codes:
    """Return names with the family name as last word, where there is one (code >= 0) and room."""
    names = names.copy()
    at = np.minimum((names >= 0).sum(axis=1), WORDS - 1)
    rows = np.flatnonzero(family >= 0)
    names[rows, at[rows]] = family[rows]
    return names


def draw_families(culture: Ints, rates: PeopleRates, rng: np.random.Generator) -> Codes:
    """Return one family-name code per household, -1 where the culture or the household has none."""
    words = vocabulary(rates.names)
    family = np.full(len(culture), -1, dtype=np.int32)
    bears, which = rng.random(len(culture)), rng.random(len(culture))
    for name, (pool, share) in words.families.items():
        rows = np.flatnonzero((culture == words.cultures.index(name)) & (bears < share))
        family[rows] = pool.draw(which[rows])
    return family
