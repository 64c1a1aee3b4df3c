"""How far chances and estimates of a run are from the truth: probabilities of stored pairs, false matches by decoys."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import polars as pl

from nikdedup.publish import RunRecord

BINS = 10
PARTS = ("all", "confirmed", "review")


@dataclass(frozen=True)
class Bin:
    """Pairs of like probability: how many, how many of them should be true by their probability, how many are.

    variance: of the number that are true, were every probability right.
    """

    pairs: int
    expected: float
    true: int
    variance: float

    @property
    def noise(self) -> float:
        """Return how far `true` lies from `expected` on average, were every probability right.

        As a normal distribution has it, or where next to nothing varies, as rare events have it.

        >>> round(Bin(100, 50.0, 57, 25.0).noise, 2), Bin(100, 99.99, 100, 0.01).noise
        (3.99, 0.02)
        """
        return min(math.sqrt(2 * self.variance / math.pi), 2 * self.variance)


@dataclass(frozen=True)
class Calibration:
    """Bins of equal counts, from the least probable pairs to the most."""

    bins: tuple[Bin, ...]

    @property
    def pairs(self) -> int:
        """Return the pairs of all bins."""
        return sum(one.pairs for one in self.bins)

    @property
    def error(self) -> float | None:
        """Return the expected calibration error, mean distance of probability and truth; null without pairs.

        >>> Calibration((Bin(10, 9.0, 8, 0.9), Bin(10, 9.9, 10, 0.1))).error
        0.055
        """
        apart = sum(abs(one.expected - one.true) for one in self.bins)
        return round(apart / self.pairs, 6) if self.pairs else None

    @property
    def noise(self) -> float | None:
        """Return the error that counts of this size bring by chance, were every probability right; null without pairs.

        >>> Calibration((Bin(10, 9.0, 8, 0.9), Bin(10, 9.9, 10, 0.1))).noise
        0.047847
        """
        return round(sum(one.noise for one in self.bins) / self.pairs, 6) if self.pairs else None

    def as_dict(self) -> dict[str, Any]:
        """Return error, noise and bins as plain values."""
        bins = [vars(one) for one in self.bins]
        return {"pairs": self.pairs, "error": self.error, "noise": self.noise, "bins": bins}

    @classmethod
    def together(cls, parts: list[Calibration]) -> Calibration:
        """Return the calibration of several files, each bin with the same bin of the others."""
        longest = max((len(part.bins) for part in parts), default=0)
        bins = [[part.bins[i] for part in parts if i < len(part.bins)] for i in range(longest)]
        return cls(
            tuple(Bin(*(sum(getattr(o, f) for o in some) for f in Bin.__annotations__)) for some in bins)
        )


@dataclass(frozen=True)
class ExpectedFalse:
    """False matches among confirmed pairs: as decoys of the run expect them, with their interval, and as they are.

    expected, low and high are null where the run could not measure them.
    """

    confirmed: int
    false: int
    expected: float | None
    low: float | None
    high: float | None

    @property
    def holds(self) -> bool | None:
        """Return whether the estimate is within a factor of two or its interval covers the truth; null without one."""
        if self.expected is None or self.low is None or self.high is None:
            return None
        return self.false / 2 <= self.expected <= self.false * 2 or self.low <= self.false <= self.high

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {**vars(self), "holds": self.holds}


def judged_pairs(pairs: pl.DataFrame, both: pl.DataFrame) -> pl.DataFrame:
    """Return band, probability and `true` of the stored pairs that have a band, least probable first.

    both: record_id and true_person_id of each record.
    """
    person = both.select("record_id", "true_person_id")
    banded = pairs.filter(pl.col("band").is_in(["confirmed", "review"]))
    sides = banded.join(person, left_on="record_id_l", right_on="record_id", maintain_order="left").join(
        person, left_on="record_id_r", right_on="record_id", suffix="_r", maintain_order="left"
    )
    same = pl.col("true_person_id") == pl.col("true_person_id_r")
    return sides.sort("probability", "row_l", "row_r").select("band", "probability", same.alias("true"))


def calibrations(judged: pl.DataFrame) -> dict[str, Calibration]:
    """Return the calibration of all pairs that `judged_pairs` gave, and of each band apart."""
    return {
        part: _binned(judged if part == "all" else judged.filter(pl.col("band") == part)) for part in PARTS
    }


def _binned(judged: pl.DataFrame) -> Calibration:
    place = pl.int_range(pl.len()) * BINS // pl.len()
    bins = judged.group_by(place.alias("bin")).agg(
        pl.len(),
        pl.col("probability").sum(),
        pl.col("true").sum(),
        (pl.col("probability") * (1 - pl.col("probability"))).sum().alias("variance"),
    )
    return Calibration(tuple(Bin(*row) for row in bins.sort("bin").drop("bin").iter_rows()))


def expected_false(judged: pl.DataFrame, record: RunRecord) -> ExpectedFalse:
    """Return what decoys said of confirmed pairs beside the truth. record: of the run."""
    confirmed = judged.filter(pl.col("band") == "confirmed")
    false = int((~confirmed["true"]).sum())
    said, counted = record.decoys, record.counts.confirmed_pairs
    if said is None or said.false_matches is None or said.low is None or said.high is None:
        return ExpectedFalse(len(confirmed), false, None, None, None)
    return ExpectedFalse(len(confirmed), false, said.false_matches, said.low * counted, said.high * counted)
