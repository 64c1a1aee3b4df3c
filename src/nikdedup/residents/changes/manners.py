"""How a column writes its dates, codes and names: what most of its cells do, for the others to follow.

A column that writes most of its dates in one way keeps that way, be it 24/02/1969, 1969-02-24 or 24 Februari
1969; without such a majority the house way dd-mm-yyyy holds. A code is a matter of systems: "LK" goes with
"PR" and "1" with "2", so sexes are never written in two systems at once.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.columnar.calendar import NO_DATE, every_day
from nikdedup.columnar.distinct import after_null, taken
from nikdedup.residents.dates import months
from nikdedup.residents.status import key

Mask = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]

LEAST_DATES = 3
"""Dates of one writing that make a way of the column's own; below that dd-mm-yyyy holds."""
LEAST_NAMES = 10
MOST_NAMES = 0.9
"""Share of names in capitals from which on the others are a slip."""

_DAY_FIRST = r"^\d{1,2}(?<sign>[-/.])\d{1,2}[-/.]\d{4}$"
_YEAR_FIRST = r"^\d{4}(?<sign>[-/.])\d{1,2}[-/.]\d{1,2}$"
_WORDED = r"^\d{1,2}(?<sign>[- ])[A-Za-z]{3,}[- ]\d{4}$"
_NAMES = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober",
    "November", "Desember",
)  # fmt: skip
_EPOCH = date(1970, 1, 1)


@cache
def tables() -> dict[str, Any]:
    """Return `data/changes.toml`."""
    text = resources.files("nikdedup").joinpath("data/changes.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@dataclass(frozen=True)
class DateManner:
    """A way to write a date. order: day, year or word first; sign: between the parts; padded: 01 for 1.

    months: names of the twelve months where the month is a word.
    """

    order: str = "day"
    sign: str = "-"
    padded: bool = True
    months: tuple[str, ...] = _NAMES

    @property
    def year_first(self) -> bool:
        """Whether a date begins with its year."""
        return self.order == "year"

    def written(self, days: npt.NDArray[np.int32]) -> pl.Series:
        """Return n days (since 1970, NO_DATE for none) as texts, null where there is no date."""
        known, index = every_day(days)
        if self.order != "word" and self.padded:
            form = ("%Y", "%m", "%d") if self.year_first else ("%d", "%m", "%Y")
            texts = known.dt.to_string(self.sign.join(form))
        else:
            texts = pl.Series([self._text(day) for day in known], dtype=pl.String())
        return taken(after_null(texts), index)

    def _text(self, day: date) -> str:
        width = 2 if self.padded else 1
        parts = [f"{day.day:0{width}d}", f"{day.month:0{width}d}", str(day.year)]
        if self.order == "word":
            parts[1] = self.months[day.month - 1]
        return self.sign.join(reversed(parts) if self.year_first else parts)

    def holds(self, texts: pl.Series) -> Mask:
        """Return which texts are written in this way already."""
        if self.order == "word":
            return (_sign(texts, _WORDED) == self.sign).fill_null(False).to_numpy()
        sign = re.escape(self.sign)
        small, year = r"\d\d" if self.padded else r"(?:[1-9]|[1-3]\d|0\d)", r"\d{4}"
        parts = [year, small, small] if self.year_first else [small, small, year]
        return texts.str.contains(f"^{sign.join(parts)}$").fill_null(False).to_numpy()


HOUSE = DateManner()
"""dd-mm-yyyy, as the registry prints dates."""


def _sign(texts: pl.Series, pattern: str) -> pl.Series:
    return texts.str.extract(pattern, 1)


def date_manner(texts: pl.Series, counts: Counts, days: npt.NDArray[np.int32], sure: Mask) -> DateManner:
    """Return the way in which a column writes more than half of its dates; HOUSE without such a way.

    texts: k distinct texts. counts: cells of each. days: what was read, NO_DATE where none. sure: texts of one
    reading; only these have a vote, all dates count for the half.
    """
    total = int(counts[days != NO_DATE].sum())
    votes: dict[tuple[str, str], tuple[int, Mask]] = {}
    for order, pattern in (("day", _DAY_FIRST), ("year", _YEAR_FIRST), ("word", _WORDED)):
        signs = _sign(texts, pattern)
        for sign in sorted(signs.drop_nulls().unique()):
            where = (signs == sign).fill_null(False).to_numpy() & sure
            votes[order, sign] = (int(counts[where].sum()), where)
    best = max(votes, key=lambda way: votes[way][0], default=None)
    if best is None or votes[best][0] < LEAST_DATES or 2 * votes[best][0] <= total:
        return HOUSE
    where = votes[best][1]
    return DateManner(
        order=best[0],
        sign=best[1],
        padded=_padded(texts, counts, where),
        months=_month_names(texts, counts, where) if best[0] == "word" else _NAMES,
    )


def _padded(texts: pl.Series, counts: Counts, where: Mask) -> bool:
    zero = texts.str.contains(r"(?:^|\D)0\d(?:\D|$)").to_numpy() & where
    short = texts.str.contains(r"(?:^|\D)[1-9](?:\D|$)").to_numpy() & where
    return bool(counts[zero].sum() >= counts[short].sum())


def _month_names(texts: pl.Series, counts: Counts, where: Mask) -> tuple[str, ...]:
    """Return each month's name as the column most writes it; months it lacks in the same case and length."""
    seen: dict[int, dict[str, int]] = {}
    for text, count in zip(texts.filter(pl.Series(where)), counts[where].tolist(), strict=True):
        name = re.sub(r"[^A-Za-z]", "", text)
        found = seen.setdefault(months().get(name.upper(), 0), {})
        found[name] = found.get(name, 0) + count
    names = {month: min(found, key=lambda n: (-found[n], n)) for month, found in seen.items()}
    usual = max(names.values(), key=lambda n: (len(n), n), default="Januari")
    short = max((len(n) for n in names.values()), default=9) == 3
    missing = [name[:3] if short else name for name in _NAMES]
    alike = [
        name.upper() if usual.isupper() else name.lower() if usual.islower() else name for name in missing
    ]
    return tuple(names.get(i, alike[i - 1]) for i in range(1, 13))


def only_century(days: npt.NDArray[np.int32], *, born: bool, today: date) -> Mask:
    """Return which dates of a two-digit year can lie in no other century than the one they were put in.

    born: dates of birth, sure where they lie before the century of `today`: nobody is a hundred years older
    than that. Else dates of the register, which has kept them since 1990.
    """
    there = days != NO_DATE
    limit = _days_of(date(today.year // 100 * 100 if born else 1990, 1, 1))
    only: Mask = there & ((days < limit) if born else (days >= limit))
    return only


def _days_of(day: date) -> int:
    return (day - _EPOCH) // timedelta(1)


@cache
def _places(field: str) -> dict[str, tuple[int, str]]:
    """Return key of a writing -> the system it belongs to, and its entry; other words belong to the first of words."""
    entries: Mapping[str, Sequence[str]] = tables()["system"].get(field, {})
    places = {
        key(text): (i, entry) for entry, texts in entries.items() for i, text in enumerate(texts) if text
    }
    for word, others in tables()["same"].get(field, {}).items():
        if found := places.get(key(word)):
            for other in others:
                places.setdefault(key(other), found)
    return places


def in_one_system(texts: Sequence[str], counts: Sequence[int], field: str) -> dict[str, str]:
    """Return entry -> how it is written in the system that a column uses most; empty where it uses none.

    texts: distinct. counts: cells of each. Of systems used equally the first of the list holds, of writings of one
    entry the most used one. An entry that the column lacks is written in the same case.

    >>> in_one_system(["LK", "2", "Lk", "PR"], [5, 1, 1, 2], "jenis_klmin")
    {'L': 'LK', 'P': 'PR'}
    """
    votes: dict[int, int] = {}
    used: dict[tuple[int, str], tuple[int, str]] = {}
    for text, count in zip(texts, counts, strict=True):
        if place := _places(field).get(key(text)):
            votes[place[0]] = votes.get(place[0], 0) + count
            used[place] = min(used.get(place, (0, "")), (-count, " ".join(text.split())))
    if not votes:
        return {}
    best = min(votes, key=lambda system: (-votes[system], system))
    shown = {entry: text for (system, entry), (_, text) in used.items() if system == best}
    case = _case_of(shown.values())
    for entry, writings in tables()["system"][field].items():
        if best < len(writings):
            shown.setdefault(entry, case(writings[best]))
    return dict(sorted(shown.items()))


def entry_of(text: str, field: str) -> str | None:
    """Return the entry a text stands for, whatever system it is written in; None where no list has it.

    >>> entry_of("Pr", "jenis_klmin"), entry_of("KAWIN TERCATAT", "stat_kwn")
    ('P', None)
    """
    place = _places(field).get(key(text))
    return place[1] if place else None


def _case_of(shown: Iterable[str]) -> Callable[[str], str]:
    """Return what gives a text the case of the writings in use; shipped writings are in capitals."""
    longest = max(shown, key=len, default="")
    if longest.isupper() or not any(c.isalpha() for c in longest):
        return str
    return str.lower if longest.islower() else str.capitalize


def all_capitals(names: pl.Series, counts: Counts) -> bool:
    """Return whether a column writes its names in capitals but for slips. names: distinct, no nulls."""
    letters = names.str.contains(r"\p{L}{2}").to_numpy()
    capital = letters & ~names.str.contains(r"\p{Ll}").to_numpy()
    total = int(counts[letters].sum())
    return total >= LEAST_NAMES and int(counts[capital].sum()) >= MOST_NAMES * total


def mostly_capitals(names: pl.Series) -> bool:
    """Return whether at least half of the names with letters are in capitals. names: strings or null."""
    letters = names.str.contains(r"\p{L}{2}").fill_null(False)
    capital = letters & ~names.str.contains(r"\p{Ll}").fill_null(True)
    return 2 * int(capital.sum()) >= int(letters.sum())
