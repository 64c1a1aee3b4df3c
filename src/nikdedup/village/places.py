"""Where a team may go: every desa with residents to record, and the schools, campuses and public places of one CSV.

Columns of the CSV, all but kind and name may be blank or absent:

    kind         office, desa, school, campus, public (a place that an agency or group asks for), closed
    code         desa (10 digits) or kecamatan (6) that the place lies in; of a desa itself its code
    name         what it is called
    lat, lon     degrees
    access       road or river
    need         how many are to be recorded there
    cost         Rp of a trip there and back
    travel_days  whole days on the way before the first day of work
    closed       days on which it cannot be reached: 2026-12-25, 2026-12-24..2027-01-02, or days of the week, by blanks

A row `closed` names days on which nobody goes anywhere; the row `office` is where teams set out.
"""

from __future__ import annotations

import csv
import io
import math
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl

from nikdedup.errors import InputError
from nikdedup.residents.read import read_bytes
from nikdedup.residents.status import of_age
from nikdedup.schema import GONE
from nikdedup.village.agreed import standing_answers
from nikdedup.village.book import ENTRIES
from nikdedup.village.roll import Roll

COLUMNS = ("kind", "code", "name", "lat", "lon", "access", "need", "cost", "travel_days", "closed")
KINDS = ("office", "desa", "school", "campus", "public", "closed")
WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "senin monday",
            "selasa tuesday",
            "rabu wednesday",
            "kamis thursday",
            "jumat friday",
            "sabtu saturday",
            "minggu sunday",
        )
    )
    for name in names.split()
}
NOT_THERE = ("away", "prison", "unknown")
"""Answers of a village after which nobody expects a resident to come."""
YOUNG = 16
"""Schools are visited for those who turn 17 within a year."""


@cache
def assumed() -> dict[str, float]:
    """Return what a plan assumes, from data/outreach.toml."""
    return dict(tomllib.loads((files("nikdedup") / "data" / "outreach.toml").read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Closed:
    """Days on which a place cannot be reached."""

    days: frozenset[date] = frozenset()
    weekdays: frozenset[int] = frozenset()

    def __contains__(self, day: date) -> bool:
        return day in self.days or day.weekday() in self.weekdays


@dataclass(frozen=True)
class Place:
    """A candidate. need: residents to record there; pool: the desa they are counted in, None where that is unknown.

    home: of those who are visited at home. counts: whether they must hold a KTP today, so that coverage rises.
    """

    kind: str
    name: str
    pool: str | None
    need: int
    home: int = 0
    counts: bool = True
    lat: float | None = None
    lon: float | None = None
    river: bool = False
    cost: int | None = None
    travel_days: int | None = None
    closed: Closed = field(default_factory=Closed)

    @property
    def known_as(self) -> tuple[str, ...]:
        """What a list of distances calls it: its name, that of a desa alone too, and the code of a desa; `office`."""
        names = [self.name, self.name.partition(" (")[0]] if self.kind != "office" else [self.name, "office"]
        codes = [self.pool] if self.pool and self.kind == "desa" else []
        return tuple(dict.fromkeys(one.strip().casefold() for one in (*codes, *names)))

    @property
    def days_on_the_way(self) -> int:
        """Days before the first day of work."""
        if self.travel_days is not None:
            return self.travel_days
        return int(assumed()["river_travel_days"]) if self.river else 0


@dataclass(frozen=True)
class Candidates:
    """All places, the residents that each desa still has to record, and days on which nobody goes anywhere.

    due, held: wajib KTP of all, and recorded ones. roads: kilometres between two places, each by its code or name.
    """

    places: tuple[Place, ...]
    pools: dict[str, int]
    closed: Closed
    office: Place | None
    due: int
    held: int
    roads: dict[frozenset[str], float] = field(default_factory=dict)

    def kilometres(self, one: Place, other: Place) -> float | None:
        """Return the way between two places: by the distances that are given, else as the crow flies.

        None where neither tells.
        """
        for a in one.known_as:
            for b in other.known_as:
                if (km := self.roads.get(frozenset((a, b)))) is not None:
                    return km
        return kilometres(one, other)

    @property
    def reachable(self) -> int:
        """How many are reached if every place is visited long enough: nobody twice."""
        alone = sum(one.need for one in self.places if one.pool not in self.pools)
        shared: dict[str, int] = {}
        for one in self.places:
            if one.pool in self.pools:
                shared[str(one.pool)] = shared.get(str(one.pool), 0) + one.need
        return alone + sum(min(need, self.pools[code]) for code, need in shared.items())


def candidates_of(
    roll: Roll,
    counted: pl.DataFrame,
    entries: pl.DataFrame | None,
    listed: Path | None,
    distances: Path | None = None,
) -> Candidates:
    """Return where teams may go.

    Args:
        roll: the residents of a run, by the villages' word where there is one.
        counted: as `standing_of` gives it for KTP-el.
        entries: answers of villages; who is away or in prison is not expected, who needs it is visited at home.
        listed: a CSV of places.
        distances: a CSV of kilometres, see `read_distances`.
    """
    open_ = counted.filter(pl.col("due_after") & ~pl.col("held_after"))
    said = dict.fromkeys((*NOT_THERE, "home_visit"), pl.Series([], dtype=pl.String))
    if entries is not None:
        agreed, _ = standing_answers(entries.select(ENTRIES.keys()))
        said = {code: agreed.filter(pl.col("answer") == code)["record_key"] for code in said}
    away = pl.concat([said[code] for code in NOT_THERE])
    there = open_.filter(~pl.col("record_key").is_in(away.implode())).with_columns(
        _home=pl.col("record_key").is_in(said["home_visit"].implode())
    )
    desa = (
        there.filter(pl.col("desa_code").is_not_null())
        .group_by("desa_code", "desa", "kecamatan")
        .agg(need=pl.len().cast(pl.Int64), home=pl.col("_home").sum().cast(pl.Int64))
        .sort("desa_code")
    )
    places = [
        Place("desa", f"{name} ({kecamatan})", code, need, home)
        for code, name, kecamatan, need, home in desa.select(
            "desa_code", "desa", "kecamatan", "need", "home"
        ).iter_rows()
    ]
    pools = dict(desa.select("desa_code", "need").iter_rows())
    due, held = (int(counted[name].sum()) for name in ("due_after", "held_after"))
    rows = [] if listed is None else read_places(listed)
    young = _young(roll)
    found = _joined(places, pools, rows, young, (due, held))
    return found if distances is None else replace(found, roads=read_distances(distances))


def _young(roll: Roll) -> dict[str, int]:
    """Return by desa and kecamatan code how many turn 17 within a year and are not recorded."""
    here = roll.residents.filter(
        ~pl.col("wajib_ktp") & (pl.col("birth") <= of_age(roll.day, YOUNG)) & (pl.col("recorded") != "yes")
        & pl.col("once") & ~pl.col("life").is_in(GONE)
    )  # fmt: skip
    found: dict[str, int] = {}
    for name in ("desa_code", "kecamatan_code"):
        found |= dict(here.drop_nulls(name).group_by(name).len().iter_rows())
    return found


def _joined(
    places: list[Place],
    pools: dict[str, int],
    rows: list[Place],
    young: dict[str, int],
    counts: tuple[int, int],
) -> Candidates:
    """Return places of the run with what the CSV says of them, and the CSV's own."""
    told = {one.pool: one for one in rows if one.kind == "desa"}
    known = []
    for one in places:
        row = told.get(one.pool)
        known.append(
            one
            if row is None
            else replace(row, name=one.name, need=min(one.need, row.need or one.need), home=one.home)
        )
    extra = []
    for one in rows:
        if one.kind in ("school", "campus"):
            need = one.need or young.get(one.pool or "", 0)
            extra.append(replace(one, need=need, counts=False, pool=None))
        elif one.kind == "public":
            extra.append(replace(one, pool=one.pool if one.pool in pools else None, counts=one.pool in pools))
    closed = [one.closed for one in rows if one.kind == "closed"]
    days = frozenset(day for one in closed for day in one.days)
    weekdays = frozenset(number for one in closed for number in one.weekdays)
    office = next((one for one in rows if one.kind == "office"), None)
    return Candidates(
        tuple(one for one in (*known, *extra) if one.need > 0), pools, Closed(days, weekdays), office, *counts
    )


def read_places(path: Path) -> list[Place]:
    """Return the rows of a CSV of places.

    Args:
        path: the file; its columns may be parted by commas or semicolons.

    Raises:
        InputError: with every fault at once, each with its line.
    """
    reader = _csv(path, "places", COLUMNS, ("kind", "name"))
    found, faults = [], []
    for number, row in enumerate(reader, 2):
        cells = {name: str(row.get(name) or "").strip() for name in COLUMNS}
        if any(cells.values()):
            try:
                found.append(_place(cells))
            except ValueError as fault:
                faults.append(f"line {number}: {fault}")
    if faults:
        raise InputError(f"places {path.name}: {'; '.join(faults[:20])}")
    return found


def read_distances(path: Path) -> dict[frozenset[str], float]:
    """Return the kilometres between two places, either way.

    Args:
        path: a CSV with the columns from, to and km; places by name or by the code of a desa, the office as `office`.

    Raises:
        InputError: with every fault at once, each with its line.
    """
    found, faults = {}, []
    for number, row in enumerate(_csv(path, "distances", ("from", "to", "km"), ("from", "to", "km")), 2):
        ends = [str(row.get(name) or "").strip().casefold() for name in ("from", "to")]
        ends = [end.replace(".", "") if end.replace(".", "").isdecimal() else end for end in ends]
        try:
            km = float(str(row.get("km") or "").replace(",", "."))
        except ValueError:
            km = math.nan
        if not (all(ends) and 0 <= km <= 20_000):
            faults.append(f"line {number}: from, to and km of 0 to 20000 are needed")
            continue
        found[frozenset(ends)] = km
    if faults:
        raise InputError(f"distances {path.name}: {'; '.join(faults[:20])}")
    return found


def _csv(path: Path, what: str, columns: Sequence[str], needed: Sequence[str]) -> csv.DictReader[str]:
    """Open a CSV of an office; InputError where it is none, or has other columns."""
    if not path.is_file():
        raise InputError(f"{what} {path.name}: no such file")
    raw = read_bytes(path)
    if b"\0" in raw[:4096]:
        raise InputError(f"{what} {path.name}: not CSV")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    head = text.split("\n", 1)[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=max(",;\t", key=head.count))
    names = [str(name or "").strip().lower() for name in reader.fieldnames or []]
    if not set(names) <= set(columns) or not set(needed) <= set(names):
        told = f"{', '.join(columns)}; needed: {', '.join(needed)}"
        raise InputError(f"{what} {path.name}: wrong columns; allowed: {told}")
    reader.fieldnames = names
    return reader


def _place(cells: dict[str, str]) -> Place:
    """Return a row as a place; ValueError says what is wrong with it."""
    kind = cells["kind"].lower()
    if kind not in KINDS:
        raise ValueError(f"unknown kind; allowed: {', '.join(KINDS)}")
    code = cells["code"].replace(".", "")
    if code and not (code.isascii() and code.isdecimal() and len(code) in (6, 10)):
        raise ValueError("code is no code of a desa or kecamatan")
    if kind == "desa" and len(code) != 10:
        raise ValueError("a desa needs its code of 10 digits")
    if cells["access"].lower() not in ("", "road", "river"):
        raise ValueError("access is neither road nor river")
    lat, lon = _degrees(cells["lat"], 90), _degrees(cells["lon"], 180)
    if (lat is None) != (lon is None):
        raise ValueError("lat and lon go together")
    if kind == "public" and not cells["need"]:
        raise ValueError("a public place needs its need")
    return Place(
        kind, cells["name"], code or None, _count(cells["need"], "need") or 0,
        lat=lat, lon=lon, river=cells["access"].lower() == "river", cost=_count(cells["cost"], "cost"),
        travel_days=_count(cells["travel_days"], "travel_days", most=10), closed=_closed(cells["closed"].split()),
    )  # fmt: skip


def _count(text: str, name: str, most: int = 10**12) -> int | None:
    if not text:
        return None
    plain = text.replace(".", "")
    if not (plain.isascii() and plain.isdecimal()) or len(plain) > 13 or int(plain) > most:
        raise ValueError(f"{name} is no whole number of 0 to {most}")
    return int(plain)


def _degrees(text: str, most: int) -> float | None:
    if not text:
        return None
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = math.nan
    if not -most <= value <= most:
        raise ValueError(f"lat or lon is no number of -{most} to {most}")
    return value


def _closed(words: Iterable[str]) -> Closed:
    days: set[date] = set()
    weekdays: set[int] = set()
    for word in words:
        word = word.strip(",;")
        if word.lower() in WEEKDAYS:
            weekdays.add(WEEKDAYS[word.lower()])
            continue
        first, _, last = word.partition("..")
        try:
            begin, end = date.fromisoformat(first), date.fromisoformat(last or first)
        except ValueError:
            raise ValueError("closed holds no day, span of days or day of the week") from None
        if not 0 <= (end - begin).days <= 3660:
            raise ValueError("closed holds a span that ends before it begins, or lasts ten years")
        days |= {begin + timedelta(days=i) for i in range((end - begin).days + 1)}
    return Closed(frozenset(days), frozenset(weekdays))


def kilometres(one: Place, other: Place) -> float | None:
    """Return the distance of two places along the earth's surface; None where either has no coordinates."""
    points: list[Any] = [one.lat, one.lon, other.lat, other.lon]
    if None in points:
        return None
    a, b, c, d = (math.radians(value) for value in points)
    half = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return 2 * 6371.0 * math.asin(math.sqrt(min(1.0, half)))
