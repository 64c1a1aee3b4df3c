"""The second record of a person, by kind A, C, D, E or F, and what went wrong on it.

What befalls a copy is first drawn as plain levels (slips in the name, change of the
date, state of each parent), then tempered: a copy keeps enough for a careful clerk
with all columns in hand, but for the small share that is left hopeless on purpose.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from nikdedup.lab.damage import change_dates, damage
from nikdedup.lab.places import Home, addresses
from nikdedup.lab.rates import CopyRates, ParentChange, Rates
from nikdedup.lab.records import (
    birth_places,
    day_number,
    grown,
    history,
    is_default,
    open_statuses,
    recorded_statuses,
)
from nikdedup.lab.slips import SMALL, one_word
from nikdedup.lab.words import FEMALE, Flags, Floats, Ints

KINDS = ("A", "C", "D", "E", "F")
_PARENT = ("same", "slip", "one_word", "missing", "other")
_SAME, _SLIP, _ONE_WORD, _MISSING, _OTHER = range(5)
_ENOUGH = 7.15
"""Points a copy must keep: a whole name 4, an ordinary date 4, a mother 3, a father 1.5; see `_points`."""


@dataclass
class _Fate:
    """What happens to each copy: levels, still free to be tempered."""

    name: Ints  # 0 untouched, 1 a slip inside a word, 2 a word moved or cut, 3 several
    mother: Ints
    father: Ints


def make_copies(
    records: pl.DataFrame, home: Home, rates: Rates, size: int, rng: np.random.Generator
) -> pl.DataFrame:
    """Return the copies for an extract of `size` records, with `kind`, `same_nik`, `same_kk` and `third` set.

    Every person is repeated under one kind only; a third record of a person has the kind
    of the second. `records` is one record per person, row number = person.
    """
    counts = {kind: round(getattr(rates.kinds, kind) * size) for kind in KINDS}
    free = _copied_people(records, rates, sum(counts.values()), rng)
    parts, start = [], 0
    for kind, count in counts.items():
        originals, third = _with_thirds(free[start : start + count], rates, rng)
        parts.append(_planned(kind, records[originals], third, rates, rng))
        start += count
    copies = _written(pl.concat(parts), rates, rng)
    copies = _moved(copies, home, rates, rng)
    anew = pl.col("kind") != "A"
    later = history(copies, day_number(rates.reference_date), rng)
    return copies.with_columns(pl.when(anew).then(new).otherwise(new.name).alias(new.name) for new in later)


def _with_thirds(originals: Ints, rates: Rates, rng: np.random.Generator) -> tuple[Ints, Flags]:
    """Return whom each copy repeats; some repeat a person who has a second record already."""
    third = rng.random(len(originals)) < rates.kinds.third_copy
    third[:1] = False
    seconds = originals[~third]
    if len(seconds):
        originals = np.where(third, seconds[rng.integers(0, len(seconds), len(originals))], originals)
    return originals, third


def _copied_people(records: pl.DataFrame, rates: Rates, count: int, rng: np.random.Generator) -> Ints:
    """Return people to repeat, most of them grown, all with something to know them by."""
    birth = records["birth"].to_numpy()
    adult = grown(records, day_number(rates.reference_date))
    no_mother = records["mother"].is_null().to_numpy()
    no_father = records["father"].is_null().to_numpy()
    poor = no_mother & (no_father | is_default(birth))
    fit = ~poor & (records["trap"] != 3).to_numpy()
    order = np.argsort(rng.random(len(birth)) * np.where(adult, 1.0, 3.0) + 10 * ~fit, kind="stable")
    return rng.permutation(order[:count])


def _planned(
    kind: str, originals: pl.DataFrame, third: Flags, rates: Rates, rng: np.random.Generator
) -> pl.DataFrame:
    """Return the originals with the new birth date and the levels of what befalls the other columns."""
    how: CopyRates = getattr(rates.copies, kind)
    n, latest = len(originals), day_number(rates.reference_date)
    birth = originals["birth"].to_numpy()
    date_kinds = list(type(how.date).model_fields)
    chosen = _draw([getattr(how.date, d) for d in date_kinds], n, rng)
    fate = _Fate(
        _draw(list(how.name), n, rng), _draw_parent(how.mother, n, rng), _draw_parent(how.father, n, rng)
    )
    changed, differs = change_dates(birth, date_kinds, chosen, latest, rng)
    differs = _temper(fate, originals, changed, differs, rng.random(n) < how.hopeless, rng)
    new_birth = np.where(differs, changed, birth)
    frozen = rng.random(n) < 0.85
    stays = rng.random(n) < how.same_village
    return originals.with_columns(
        pl.Series("birth", new_birth),
        pl.Series("nik_birth", np.where(frozen, new_birth, originals["nik_birth"].to_numpy())),
        pl.Series("name_level", fate.name),
        pl.Series("mother_level", fate.mother),
        pl.Series("father_level", fate.father),
        pl.lit(kind).alias("kind"),
        pl.lit(kind in "AD").alias("same_nik"),
        pl.Series("same_kk", rng.random(n) < how.same_kk),
        pl.Series("nik_slip", (rng.random(n) < how.nik_slip) | (kind == "E")),
        pl.Series("third", third),
        pl.Series("stays", stays),
        pl.Series("keeps_prefix", rng.random(n) < how.same_prefix),
        pl.Series("other_place", rng.random(n) < how.place),
    )


def _written(copies: pl.DataFrame, rates: Rates, rng: np.random.Generator) -> pl.DataFrame:
    """Write name, mother and father as their levels say."""
    woman = (copies["sex"] == FEMALE).to_numpy()
    levels = {field: copies[f"{field}_level"].to_numpy() for field in ("name", "mother", "father")}
    return copies.with_columns(
        _slipped(copies["name"], levels["name"], woman, rates, rng).alias("name"),
        _parent(copies["mother_known"], levels["mother"], True, rates, rng).alias("mother"),
        _parent(copies["father_known"], levels["father"], False, rates, rng).alias("father"),
    )


def _draw(weights: list[float], n: int, rng: np.random.Generator) -> Ints:
    shares = np.array(weights)
    return rng.choice(len(weights), size=n, p=shares / shares.sum())


def _draw_parent(change: ParentChange, n: int, rng: np.random.Generator) -> Ints:
    return _draw([getattr(change, state) for state in _PARENT], n, rng)


def _points(fate: _Fate, originals: pl.DataFrame, changed: Ints, differs: Flags) -> Floats:
    """Return how much still speaks for the copy being the same person (more is more)."""
    single = (~originals["name"].str.contains(" ")).to_numpy()
    name = np.array([4.0, 3.0, 2.0, 1.0])[fate.name] - 0.7 * single
    default = is_default(originals["birth"].to_numpy()) | (differs & is_default(changed))
    date = np.where(differs, 1.0, np.where(default, 1.5, 4.0))
    no_mother, no_father = originals["mother"].is_null().to_numpy(), originals["father"].is_null().to_numpy()
    mother = np.where(no_mother, 0.0, np.array([3.0, 2.2, 1.5, 0.0, -1.0])[fate.mother])
    father = np.where(no_father, 0.0, np.array([1.5, 1.1, 0.8, 0.0, -0.5])[fate.father])
    unknown = (no_mother | (fate.mother == _MISSING)) & (default | differs)
    other = fate.mother == _OTHER
    return np.where(unknown | other, -1.0, name + date + mother + father)


def _temper(
    fate: _Fate,
    originals: pl.DataFrame,
    changed: Ints,
    differs: Flags,
    hopeless: Flags,
    rng: np.random.Generator,
) -> Flags:
    """Take back, step by step, what would leave too little; return which dates still differ.

    First the parents come back (a slip may stay), then the name gets better, last the date.
    """
    coin = rng.random(len(differs)) < 0.5
    for step in range(5):
        short = (_points(fate, originals, changed, differs) < _ENOUGH) & ~hopeless
        gone = short & (fate.mother > _SLIP)
        fate.mother = np.where(gone, np.where(coin, _SAME, _SLIP), fate.mother)
        if step == 1:
            fate.father = np.where(short & (fate.father > _SLIP), _SAME, fate.father)
        if step == 2:
            fate.mother, fate.father = (
                np.where(short, _SAME, fate.mother),
                np.where(short, _SAME, fate.father),
            )
        if step == 3:
            fate.name = np.where(short & (fate.name > 1), np.where(coin, 2, 1), fate.name)
        if step == 4:
            differs = differs & ~short
            fate.name = np.where(short, np.minimum(fate.name, 1), fate.name)
    return differs


def _slipped(
    names: pl.Series, level: Ints, woman: Flags, rates: Rates, rng: np.random.Generator
) -> pl.Series:
    small = {kind: weight for kind, weight in rates.damage.items() if kind in SMALL}
    large = {kind: weight for kind, weight in rates.damage.items() if kind not in SMALL}
    names = damage(names, (level == 1).astype(np.int64), small, woman, rng)
    names = damage(names, (level == 2).astype(np.int64), large, woman, rng)
    several = (level == 3) * rng.integers(2, 4, len(level))
    return damage(names, several, rates.damage, woman, rng)


def _parent(known: pl.Series, state: Ints, woman: bool, rates: Rates, rng: np.random.Generator) -> pl.Series:
    slips = (state == _SLIP).astype(np.int64)
    names = damage(known, slips, rates.damage, np.full(len(known), woman), rng)
    shorter = one_word(known, rng)
    stranger = known.gather(pl.Series(rng.permutation(len(known))))
    frame = pl.DataFrame({"n": names, "o": shorter, "x": stranger, "state": state})
    return frame.select(
        pl.when(pl.col("state") == _MISSING).then(None)
        .when(pl.col("state") == _ONE_WORD).then("o")
        .when(pl.col("state") == _OTHER).then("x")
        .otherwise("n")
    ).to_series()  # fmt: skip


def _moved(copies: pl.DataFrame, home: Home, rates: Rates, rng: np.random.Generator) -> pl.DataFrame:
    """Give the copies village, address, birth place and issuing kecamatan of their second registration."""
    n = len(copies)
    village = copies["village"].to_numpy()
    stays = copies["stays"].to_numpy()
    village = np.where(stays, village, rng.choice(len(home.village_kec), n))
    written_anew = rng.random(n) < np.where(stays, 0.5, 1.0)
    address = addresses(home.village_name.gather(pl.Series(village)), rng)
    rt = np.where(rng.random(n) < np.where(stays, 0.8, 0.1), copies["rt"].to_numpy(), rng.integers(1, 13, n))
    inside = rng.random(n) < 0.7
    elsewhere = np.where(inside, home.village_kec[village], rng.choice(home.foreign, n))
    keeps = copies["keeps_prefix"].to_numpy()
    prefix = np.where(keeps, copies["prefix"].to_numpy(), elsewhere)
    foreign = np.where(keeps, copies["foreign"].to_numpy(), ~inside)
    place = birth_places(np.where(rng.random(n) < 0.6, copies["prefix"].to_numpy(), prefix), rates, rng)
    return copies.with_columns(
        pl.Series("village", village),
        pl.Series("rt", rt),
        pl.Series("prefix", prefix),
        pl.Series("foreign", foreign),
        pl.when(pl.Series(written_anew)).then(address).otherwise("address").alias("address"),
        pl.when("other_place").then(place).otherwise("place").alias("place"),
    )


def give_statuses(
    records: pl.DataFrame, copies: pl.DataFrame, rates: Rates, rng: np.random.Generator
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return records and copies with the recording status that people held twice have.

    Grown people of kinds C, E, F: 85 % one side recorded, the other not (either may be the older
    record), 10 % neither, 5 % one unique and one DUPLICATE_RECORD. Third records are not recorded.
    Kinds A and D are one NIK: both rows show one status, D at times the older one.
    """
    n = len(copies)
    person = copies["person"].to_numpy()
    adult = grown(records, day_number(rates.reference_date))[person]
    kind = copies["kind"].to_numpy()
    r = rates.recording
    mode = _draw([r.one, r.none, r.duplicate], n, rng)
    older = rng.random(n) < 0.5
    unique, still_open = recorded_statuses(n, rng), open_statuses(n, rng)
    twice = np.isin(kind, ("C", "E", "F"))
    loser = np.where(mode == 2, "DUPLICATE_RECORD", still_open)
    winner = np.where(mode == 1, "BELUM REKAM", unique)
    before = records["status"].gather(pl.Series(person)).to_numpy()
    stale = (kind == "D") & (rng.random(n) < 0.3)
    on_copy = np.where(twice, np.where(older, loser, winner), np.where(stale, "BELUM REKAM", before))
    on_copy = np.where(copies["third"].to_numpy() & twice, still_open, on_copy)
    on_copy = np.where(adult, on_copy, "UNREGISTERED")
    sets = np.flatnonzero(twice & adult & ~copies["third"].to_numpy())
    on_original = pl.Series(np.where(older, winner, loser)[sets], dtype=pl.String)
    status = records["status"].scatter(pl.Series(person[sets]), on_original)
    return records.with_columns(status.alias("status")), copies.with_columns(
        pl.Series("status", on_copy, dtype=pl.String)
    )
