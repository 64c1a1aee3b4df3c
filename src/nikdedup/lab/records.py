"""One record per person, as the registry first wrote it: typed columns, before any copy is made.

Columns of the records frame (RECORD): everything a copy may change, in a form that is
easy to change. `render` turns it into the text columns of a SIAK extract.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.lab.damage import change_dates, damage
from nikdedup.lab.households import GRANDPARENT, TRAPS, TWIN, WIFE, People
from nikdedup.lab.places import Home, addresses, spelt
from nikdedup.lab.rates import Rates
from nikdedup.lab.slips import SMALL
from nikdedup.lab.words import Flags, Ints, vocabulary

RECORDED = ("CARD_ISSUED", "PRINT_READY_RECORD", "CARD_PRINTED", "CARD_SHIPPED", "SENT_FOR_CARD_PRINTING")
_RECORDED_SHARES = (0.62, 0.24, 0.07, 0.04, 0.03)
_STARTED = ("SUDAH REKAM", "BIO_CAPTURED", "SENT_FOR_ENROLLMENT", "PROCESSING", "RECEIVED_AT_CENTRAL")
_OPEN = (
    "BELUM REKAM",
    "UNREGISTERED",
    "ENROLL_FAILURE_AT_CENTRAL",
    "SEARCH_FAILURE_AT_CENTRAL",
    "ADJUDICATE_RECORD",
)
_OPEN_SHARES = (0.62, 0.26, 0.06, 0.03, 0.03)
_FLAGS = ("HIDUP", "MATI", "PINDAH DALAM NEGERI", "PINDAH LUAR NEGERI")
_FIRST_ENTRY = np.datetime64(date(2004, 3, 1), "D").astype(np.int64)
_FIRST_RECORDING = np.datetime64(date(2011, 9, 1), "D").astype(np.int64)


def day_number(day: date) -> int:
    """Return days since 1970-01-01."""
    return int(np.datetime64(day, "D").astype(np.int64))


def make_records(people: People, home: Home, rates: Rates, rng: np.random.Generator) -> pl.DataFrame:
    """Return one record per person, in household order, without NIK and No. KK numbers.

    `mother` and `father` may be null; `mother_known` and `father_known` are what a second
    registration would be told. `prefix` is the kecamatan that issues the NIK.
    """
    n, words = len(people), vocabulary(rates.people.names)
    latest = day_number(rates.reference_date)
    houses = int(people.household.max()) + 1
    village = rng.choice(len(home.village_kec), size=houses)
    lives_in = home.village_kec[village]
    prefix, foreign = _issued(people, lives_in[people.household], home, rates, rng)
    nik_birth, nik_sex = _encoded(people, rates, latest, rng)
    mother = _drifted(words.text(people.mother), True, rates, rng)
    father = _drifted(words.text(people.father), False, rates, rng)
    frame = pl.DataFrame({
        "person": np.arange(n), "household": people.household, "role": people.role, "sex": people.sex,
        "culture": people.culture,
        "birth": people.birth, "nik_birth": nik_birth, "nik_sex": nik_sex,
        "prefix": prefix, "foreign": foreign,
        "name": words.text(people.name), "mother_known": mother, "father_known": father,
        "mother": _hidden(mother, (rng.random(n) < rates.noise.missing_mother) & ~people.keep_mother),
        "father": _hidden(father, rng.random(n) < rates.noise.missing_father),
        "place": birth_places(prefix, rates, rng),
        "village": village[people.household],
        "trap": people.trap,
        "written": pl.Series([None], dtype=pl.String).new_from_index(0, n),
        "status": _statuses(people, latest, rates, rng),
        "zero_date": rng.random(n) < rates.people.zero_dates,
    })  # fmt: skip
    house = pl.DataFrame({
        "address": addresses(home.village_name.gather(pl.Series(village)), rng),
        "rt": rng.integers(1, 13, houses), "rw": rng.integers(0, 6, houses) * (rng.random(houses) < 0.7),
    })  # fmt: skip
    frame = frame.hstack(house.select(pl.all().gather(pl.Series(people.household))))
    return frame.with_columns(*history(frame, latest, rng))


def _issued(
    people: People, lives_in: Ints, home: Home, rates: Rates, rng: np.random.Generator
) -> tuple[Ints, Flags]:
    """Return the issuing kecamatan of each NIK and whether it is outside the regency; twins share theirs."""
    weight = np.where((people.role <= WIFE) | (people.role == GRANDPARENT), 1.4, 0.5)
    foreign = rng.random(len(weight)) < rates.people.outside_prefix * weight / weight.mean()
    stayed = rng.random(len(weight)) < 0.8
    inside = np.where(stayed, lives_in, rng.choice(home.kecamatan, len(weight)))
    prefix = np.where(foreign, rng.choice(home.foreign, len(weight)), inside)
    old = _papuan(people, rates) & (rng.random(len(weight)) < rates.people.retired_prefix)
    prefix[old], foreign[old] = rng.choice(home.retired, int(old.sum())), True
    twins = np.flatnonzero(people.role == TWIN)
    prefix[twins], foreign[twins] = prefix[twins - 1], foreign[twins - 1]
    return prefix, foreign


def _papuan(people: People, rates: Rates) -> Flags:
    """Return who comes from Papua, whose provinces were split: their older NIKs bear codes that are no more."""
    cultures = vocabulary(rates.people.names).cultures
    return np.asarray(people.culture == cultures.index("papua"), dtype=np.bool_)


def _encoded(people: People, rates: Rates, latest: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Return date and sex as the NIK froze them: now and then not those of today's record."""
    n = len(people)
    corrected = rng.random(n) < rates.noise.nik_date_mismatch
    how = ["swapped", "year", "digit", "day", "default"]
    earlier, _ = change_dates(people.birth, how, rng.integers(0, len(how), n), latest, rng)
    wrong_sex = rng.random(n) < rates.noise.nik_sex_mismatch
    return np.where(corrected, earlier, people.birth), np.where(wrong_sex, 1 - people.sex, people.sex)


def _drifted(names: pl.Series, woman: bool, rates: Rates, rng: np.random.Generator) -> pl.Series:
    slips = (rng.random(len(names)) < rates.noise.parent_drift).astype(np.int64)
    return damage(names, slips, rates.damage, np.full(len(names), woman), rng)


def _hidden(names: pl.Series, missing: Flags) -> pl.Series:
    return names.scatter(pl.Series(np.flatnonzero(missing)), None) if missing.any() else names


def birth_places(prefix: Ints, rates: Rates, rng: np.random.Generator) -> pl.Series:
    """Return the birth place as written: regency or kecamatan of first registration, at times misspelt."""
    n = len(prefix)
    regency = rng.random(n) < 0.6
    spelling = np.where(regency, 0, rng.integers(0, rates.kec_spellings, n))
    places = spelt(np.where(regency, prefix // 100, prefix), spelling)
    slips = (rng.random(n) < rates.people.place_drift).astype(np.int64)
    return damage(places, slips, dict.fromkeys(SMALL, 1.0), np.zeros(n, dtype=np.bool_), rng)


def _statuses(people: People, latest: int, rates: Rates, rng: np.random.Generator) -> pl.Series:
    """Return the KTP-el status: children nothing, adults recorded but for the unrecorded share."""
    n = len(people)
    age = (latest - people.birth) / 365.2425
    done = rng.choice(RECORDED, n, p=_RECORDED_SHARES)
    started = rng.choice(_STARTED, n)
    still_open = open_statuses(n, rng)
    unrecorded = rng.random(n) < rates.noise.unrecorded * np.where(age < 23, 3, 0.8)
    status = np.where(rng.random(n) < 0.07, started, done)
    status = np.where(unrecorded, still_open, status)
    return pl.Series(np.where(age < 17, "UNREGISTERED", status), dtype=pl.String)


def open_statuses(n: int, rng: np.random.Generator) -> npt.NDArray[np.str_]:
    """Return n statuses of people who are not recorded."""
    return rng.choice(_OPEN, n, p=_OPEN_SHARES)


def recorded_statuses(n: int, rng: np.random.Generator) -> npt.NDArray[np.str_]:
    """Return n statuses of people whose recording passed the national check."""
    return rng.choice(RECORDED, n, p=_RECORDED_SHARES)


def history(frame: pl.DataFrame, latest: int, rng: np.random.Generator) -> list[pl.Series]:
    """Return entry, change and recording dates (days since 1970) and the life status of each record."""
    n = len(frame)
    birth = frame["birth"].to_numpy()
    entry = np.maximum(
        birth + rng.integers(3, 400, n), _FIRST_ENTRY + (rng.random(n) ** 1.6 * 7800).astype(np.int64)
    )
    entry = np.minimum(entry, latest)
    change = entry + (rng.random(n) * (latest - entry + 1)).astype(np.int64)
    of_age = np.maximum(birth + 17 * 365, _FIRST_RECORDING)
    captured = np.minimum(of_age + (rng.random(n) ** 2 * 3000).astype(np.int64), latest)
    flag = rng.choice(_FLAGS, n, p=(0.986, 0.003, 0.01, 0.001))
    return [pl.Series("entry", entry), pl.Series("change", change), pl.Series("captured", captured),
            pl.Series("flag", flag, dtype=pl.String)]  # fmt: skip


def grown(frame: pl.DataFrame, latest: int) -> Flags:
    """Return whether each record's person is 17 or older on day `latest`."""
    ages = latest - frame["birth"].to_numpy()
    return np.asarray(ages > 17 * 365.2425, dtype=np.bool_)


def is_default(birth: Ints) -> Flags:
    """Return whether each day is 1 July, 31 December, 1 January or a 15th."""
    stamp = birth.astype("datetime64[D]")
    month = stamp.astype("datetime64[M]")
    day = (stamp - month.astype("datetime64[D]")).astype(np.int64) + 1
    number = month.astype(np.int64) % 12 + 1
    default = (day == 15) | ((day == 1) & ((number == 7) | (number == 1))) | ((day == 31) & (number == 12))
    return np.asarray(default, dtype=np.bool_)


def trap_names(trap: Ints) -> pl.Series:
    """Return the trap of each record as text, null for none."""
    return pl.Series([*TRAPS[1:], None], dtype=pl.String).gather(pl.Series((trap - 1) % len(TRAPS)))
