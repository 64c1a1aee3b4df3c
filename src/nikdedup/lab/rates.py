"""How often things happen in a synthetic extract: one table of rates per profile.

The shipped profiles are in `data/rates.toml`. A profile of one's own is a TOML
file with the same keys; it names only what differs from `murung-raya`.
"""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from nikdedup.config import text_of, toml_of
from nikdedup.errors import ConfigError, argument

BASE_PROFILE = "murung-raya"

Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0)]
Mean = Annotated[float, Field(ge=0, le=10)]
Bound = Annotated[float, Field(gt=0, le=1000)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PeopleRates(_Table):
    """Households, names, dates and places. names: which list of names they bear, `names` or `stranger`."""

    names: Literal["names", "stranger"]
    mononym_young: Share
    mononym_old: Share
    married_head: Share
    grandparent: Share
    other_relative: Share
    sibling_families: Annotated[float, Field(ge=1, le=10)]
    twin_births: Share
    twins_within: Annotated[float, Field(ge=0, le=0.25)]
    tail_share: Share
    default_july: Share
    default_december: Share
    default_january: Share
    default_fifteenth: Share
    zero_dates: Share
    outside_prefix: Share
    retired_prefix: Share
    place_drift: Share


class NoiseRates(_Table):
    """What is wrong or missing on any record, repeated or not."""

    nik_date_mismatch: Share
    nik_sex_mismatch: Share
    missing_nik: Share
    missing_kk: Share
    missing_mother: Share
    missing_father: Share
    parent_drift: Share
    truncated_tail: Share
    unrecorded: Share


class KindRates(_Table):
    """Records that repeat a person, by kind A to F; B are pairs of strangers."""

    A: Share
    B: Share
    C: Share
    D: Share
    E: Share
    F: Share
    third_copy: Share

    @model_validator(mode="after")
    def _room(self) -> KindRates:
        if self.A + self.C + self.D + self.E + self.F > 0.3:
            raise ValueError("at most 0.3 of the records may repeat a person")
        return self


class TrapRates(_Table):
    """Pairs of people who look alike and are not the same."""

    father_son: Annotated[float, Field(ge=0, le=0.02)]
    common_name_default_date: Annotated[float, Field(ge=0, le=0.02)]
    lookalike: Annotated[float, Field(ge=0, le=0.02)]


class RecordingRates(_Table):
    """Recording of the two records of a grown person held under two NIKs."""

    one: Share
    none: Share
    duplicate: Share


class DateChange(_Table):
    """What happened to the birth date of a copy; relative weights."""

    same: float = 0.0
    swapped: float = 0.0
    year: float = 0.0
    digit: float = 0.0
    day: float = 0.0
    default: float = 0.0


class ParentChange(_Table):
    """What happened to a parent's name on a copy; relative weights."""

    same: float = 0.0
    slip: float = 0.0
    one_word: float = 0.0
    missing: float = 0.0
    other: float = 0.0


class CopyRates(_Table):
    """How a copy of one kind differs from the record it repeats."""

    name: Annotated[tuple[float, ...], Field(min_length=4, max_length=4)]
    date: DateChange
    mother: ParentChange
    father: ParentChange
    place: Share
    same_kk: Share
    same_village: Share
    same_prefix: Share = 0.0
    nik_slip: Share = 0.0
    hopeless: Share = 0.0


class CopyTable(_Table):
    """Copy rates of the five kinds that repeat a person."""

    A: CopyRates
    C: CopyRates
    D: CopyRates
    E: CopyRates
    F: CopyRates


class CorruptionRates(_Table):
    """What a corruptor that knows nothing of the registry does to the cells of repeated records, see `corruptor`.

    name, parent, date, place, number: mean edits of a cell. sex, missing, missing_date, fields_swapped: shares of
    cells or of records. date_issued: how often a wrong date was there when the second NIK was issued. background:
    share of all records that are damaged once, repeated or not. text, digits: relative frequency of the kinds of edit.
    """

    name: Mean
    parent: Mean
    date: Mean
    place: Mean
    number: Mean
    sex: Share
    missing: Share
    missing_date: Share
    fields_swapped: Share
    date_issued: Share
    background: Share
    text: dict[str, Weight]
    digits: dict[str, Weight]


class Rates(_Table):
    """Everything that shapes an extract but its size and its seed.

    corruption: who damages repeated records beside `damage` and `copies`; nobody if not given. spread: path of a
    rate -> the bounds between which each seed draws its own.
    """

    reference_date: date
    kec_spellings: Annotated[int, Field(ge=1, le=10)]
    cultures: dict[str, Annotated[float, Field(ge=0)]]
    people: PeopleRates
    noise: NoiseRates
    kinds: KindRates
    traps: TrapRates
    recording: RecordingRates
    damage: dict[str, Annotated[float, Field(ge=0)]]
    copies: CopyTable
    corruption: CorruptionRates | None = None
    spread: dict[str, tuple[Bound, Bound]] = {}

    def drawn(self, seed: int) -> Rates:
        """Return the rates of one extract: those that are spread drawn between their bounds, even in their logarithm.

        Raises ConfigError where `spread` names a rate that does not exist, or one of its bounds is out of range.
        """
        values = self.model_dump()
        dice = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, len(self.spread)])))
        for path, (low, high) in self.spread.items():
            *tables, rate = path.split(".")
            table: Any = values
            for name in tables:
                table = table.get(name) if isinstance(table, dict) else None
            if not isinstance(table, dict) or not isinstance(table.get(rate), float):
                raise ConfigError(
                    f"{argument('profile')}: spread.{path} is unknown; allowed are paths of single rates"
                )
            table[rate] = low * (high / low) ** dice.random()
        return _rates(values, argument("profile"))


def _rates(values: dict[str, Any], origin: str) -> Rates:
    try:
        return Rates.model_validate(values)
    except ValidationError as faults:
        first = faults.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{origin}: {name}: {first['msg'].removeprefix('Value error, ')}") from None


@cache
def _shipped() -> dict[str, Any]:
    text = resources.files("nikdedup.lab").joinpath("data/rates.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def profiles() -> list[str]:
    """Return the names of the shipped profiles.

    >>> profiles()
    ['murung-raya', 'hard', 'movers', 'simduk', 'stranger']
    """
    return list(_shipped())


def load_rates(profile: str) -> Rates:
    """Return the rates of a shipped profile, or of a TOML file of one's own.

    Raises ConfigError for an unknown name, an unreadable file or a value out of range.

    >>> load_rates("hard").kinds.C > load_rates("murung-raya").kinds.C
    True
    """
    shipped = _shipped()
    if profile in shipped:
        changes = shipped[profile]
    elif profile.endswith(".toml"):
        changes = _read(Path(profile))
    else:
        raise ConfigError(
            f"{argument('profile')} {profile!r}: allowed are {', '.join(shipped)}, or a .toml file"
        )
    values = changes if profile == BASE_PROFILE else _merged(shipped[BASE_PROFILE], changes)
    return _rates(values, f"{argument('profile')} {profile!r}")


def _read(path: Path) -> dict[str, Any]:
    origin = f"{argument('profile')} {path.name}"
    return toml_of(text_of(path, origin), origin)


_WHOLE = {"cultures", "name", "date", "mother", "father", "spread"}
"""Tables of shares that belong together: a profile replaces them as a whole."""


def _merged(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in changes.items():
        nested = isinstance(value, dict) and isinstance(base.get(key), dict) and key not in _WHOLE
        merged[key] = _merged(base[key], value) if nested else value
    return merged
