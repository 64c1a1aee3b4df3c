"""Coverage by kecamatan, desa, sex and age: before and after duplicates, deaths and moves are settled.

Every resident leaves the count for one cause at most, the first of CAUSES that applies; so the effects add up to the
difference between before and after, on the numerator and on the denominator.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import polars as pl

from nikdedup.schema import GONE
from nikdedup.village.roll import Roll
from nikdedup.village.targets import Targets

CAUSES = ("dead", "moved", "abroad", "inactive", "duplicate")
"""Why a record that must hold a KTP counts no more, in the order in which they are asked."""
BY = ("kecamatan", "desa", "sex", "age")
BANDS = (17, 23, 30, 40, 50, 60)
"""Lower ends of the age bands; below the first are those who are or were married."""


class Side(NamedTuple):
    """Residents who must have a paper, and those who have it."""

    due: int
    held: int

    @property
    def share(self) -> float | None:
        """Those who have it of those who must; None where nobody must."""
        return self.held / self.due if self.due else None

    def needed(self, target: float) -> int:
        """Return how many more must get it to reach the target: ceil(target x due) - held, without float error.

        >>> Side(91_000, 87_360).needed(0.992), Side(33_500, 32_160).needed(0.95), Side(31_000, 12_400).needed(0.3)
        (2912, 0, 0)
        """
        return max(0, math.ceil(Fraction(str(target)) * self.due) - self.held)


class Effect(NamedTuple):
    """What a cause takes from (or gives to) the denominator and the numerator."""

    cause: str
    due: int
    held: int


@dataclass(frozen=True)
class Tally:
    """Coverage of one paper. whole, groups: kind of group -> one line per group, columns of `grouped`."""

    paper: str
    target: float
    before: Side
    after: Side
    effects: tuple[Effect, ...]
    whole: dict[str, Any]
    groups: dict[str, pl.DataFrame]

    @property
    def gap(self) -> float | None:
        """Target less share after settling; None where nobody must have the paper."""
        return None if self.after.share is None else self.target - self.after.share


def tallies(roll: Roll, targets: Targets, ktp_target: float, *, by: Sequence[str] = BY) -> tuple[Tally, ...]:
    """Return the coverage of each paper of which the extract tells.

    Args:
        roll: the residents, as `roll_of` returns them.
        targets: what is to be reached.
        ktp_target: of the run, where targets has none.
        by: kinds of group that are wanted.
    """
    found = [tally(roll, "ktp", targets.ktp or ktp_target, by)]
    if "certificate" in roll.told:
        found.append(tally(roll, "birth_certificate", targets.birth_certificate, by))
    if "kia" in roll.told:
        found.append(tally(roll, "kia", targets.kia, by))
    return tuple(found)


def tally(roll: Roll, paper: str, target: float, by: Sequence[str] = BY) -> Tally:
    """Return the coverage of one paper, as a whole and by group, before and after."""
    counted = standing_of(roll, paper)
    whole = _figures(counted.select(_sums(counted.columns)), target).row(0, named=True)
    effects = [Effect(cause, whole[f"{cause}_due"], whole[f"{cause}_held"]) for cause in CAUSES]
    effects.append(Effect("verdict_recorded", 0, whole["said"]))
    return Tally(
        paper,
        target,
        before=Side(whole["due"], whole["held"]),
        after=Side(whole["due_after"], whole["held_after"]),
        effects=tuple(one for one in effects if one.due or one.held),
        whole=whole,
        groups={one: grouped(counted, one, target) for one in by},
    )


def standing_of(roll: Roll, paper: str) -> pl.DataFrame:
    """Return the roll with due, held, cause, due_after and held_after of one paper, and the age band.

    due: must have it, each resident once. cause: why a record counts no more, or null. Who is recorded only by what a
    village said has it afterwards.

    Args:
        roll: the residents of a run.
        paper: ktp, birth_certificate or kia.
    """
    due, held = {
        "ktp": ("wajib_ktp", pl.col("recorded") == "yes"),
        "birth_certificate": ("child", pl.col("certificate").fill_null(False)),
        "kia": ("kia_due", pl.col("kia").fill_null(False)),
    }[paper]
    residents = roll.residents
    said = (
        pl.col("said_recorded") if paper == "ktp" and "said_recorded" in residents.columns else pl.lit(False)
    )
    cause = pl.coalesce(
        pl.when(pl.col("life").is_in(GONE)).then("life"),
        pl.when(pl.col("displaced")).then(pl.lit("duplicate")),
    )
    counted = residents.with_columns(due=pl.col(due) & pl.col("once"), cause=cause, band=_band())
    counted = counted.with_columns(held=pl.col("due") & held)
    return counted.with_columns(due_after=pl.col("due") & pl.col("cause").is_null()).with_columns(
        held_after=pl.col("due_after") & (pl.col("held") | said)
    )


def _band() -> pl.Expr:
    """Return the age band as its lower end, 0 below the first; null where the age is unknown."""
    bands = pl.lit(0, pl.Int64)
    for lowest in BANDS:
        bands = pl.when(pl.col("age") >= lowest).then(pl.lit(lowest, pl.Int64)).otherwise(bands)
    return pl.when(pl.col("age").is_not_null()).then(bands)


KEYS: dict[str, Sequence[str]] = {
    "kecamatan": ("kecamatan_code", "kecamatan"),
    "desa": ("kecamatan_code", "kecamatan", "desa_code", "desa"),
    "sex": ("sex",),
    "age": ("band",),
}
"""Columns that name a group."""


def grouped(counted: pl.DataFrame, by: str, target: float) -> pl.DataFrame:
    """Return one line per group: KEYS, due, held, missing and share before and after, gap, needed, and effects.

    counted: as `standing_of` gives it. Groups of nobody are left out; unknown places, sexes and ages are a group of
    their own, last. gap: target less share after, in points of a share; needed: recordings that close it. `<cause>_due`
    and `<cause>_held` are what each of CAUSES takes away; said: who is recorded by a village's word alone.
    """
    keys = list(KEYS[by])
    found = (
        counted.group_by(keys)
        .agg(_sums(counted.columns))
        .filter(pl.col("due") > 0)
        .sort(keys, nulls_last=True)
    )
    return _figures(found, target)


def _sums(columns: Sequence[str]) -> list[pl.Expr]:
    """Return the sums over a group, all Int64; of as many residents a line as `n` says, where that is a column."""

    def many(one: pl.Expr) -> pl.Expr:
        return ((one.cast(pl.Int64) * pl.col("n")) if "n" in columns else one).sum().cast(pl.Int64)

    sums = [many(pl.col(name)).alias(name) for name in ("due", "held", "due_after", "held_after")]
    for cause in CAUSES:
        left = pl.col("due") & (pl.col("cause") == cause).fill_null(False)
        sums += [
            -many(left).alias(f"{cause}_due"),
            -many(left & pl.col("held")).alias(f"{cause}_held"),
        ]
    return [*sums, many(pl.col("held_after") & ~pl.col("held")).alias("said")]


def _figures(found: pl.DataFrame, target: float) -> pl.DataFrame:
    """Return sums with what follows from them."""
    needed = [Side(*pair).needed(target) for pair in found.select("due_after", "held_after").iter_rows()]
    return found.with_columns(
        pl.Series("needed", needed, dtype=pl.Int64),
        missing=pl.col("due") - pl.col("held"),
        missing_after=pl.col("due_after") - pl.col("held_after"),
        share=pl.when(pl.col("due") > 0).then(pl.col("held") / pl.col("due")),
        share_after=pl.when(pl.col("due_after") > 0).then(pl.col("held_after") / pl.col("due_after")),
    ).with_columns(gap=target - pl.col("share_after"))


def furthest_behind(desa: pl.DataFrame, most: int = 20) -> pl.DataFrame:
    """Return the desa that need most recordings to reach the target, the first the furthest behind.

    Args:
        desa: coverage of each desa.
        most: lines wanted at most.
    """
    order = ["needed", "share_after", "desa_code"]
    known = desa.filter(pl.col("desa_code").is_not_null() & (pl.col("needed") > 0))
    return known.sort(order, descending=[True, False, False]).head(most)
