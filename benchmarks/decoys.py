"""Decoys judged by the truth: `python -m benchmarks.decoys`.

At the shipped threshold too few pairs are wrong to judge an estimate by. So each file is run at the first
looser threshold that confirms at least 30 pairs of two people, and what the decoys expected there stands
beside what is true: within a factor of two, or inside the interval. Joins that clustering refused are not
confirmed, and the estimate takes them off.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from benchmarks.data import FOLDER, extract

FILES = (
    ("hard", 200_000, 880301),
    ("hard", 100_000, 880302),
    ("murung-raya", 300_000, 880303),
    ("movers", 200_000, 880304),
    ("simduk", 150_000, 880305),
)
THRESHOLDS = (2.0, 0.0, -2.0, -4.0, -6.0, -8.0, -10.0)
ENOUGH = 30


@dataclass(frozen=True)
class Judged:
    """What decoys expected of one file at one threshold, and what is true."""

    file: str
    threshold: float
    confirmed: int
    true: int
    expected: float
    low: float
    high: float

    @property
    def holds(self) -> bool:
        """Whether the estimate is within a factor of two, or the interval covers the truth."""
        return self.true / 2 <= self.expected <= self.true * 2 or self.low <= self.true <= self.high


def judged(profile: str, rows: int, seed: int, *, folder: Path = FOLDER) -> Judged:
    """Return the judgement of one generated file."""
    import nikdedup

    file, truth = extract(profile, rows, seed, folder=folder)
    person = pl.read_parquet(truth)["true_person_id"]
    for threshold in THRESHOLDS:
        options = {"confirmed_log2": threshold, "review_log2": threshold, "target_precision": None}
        result = nikdedup.dedupe(file, **options)
        pairs = result.pairs.filter(band="confirmed").select("row_l", "row_r").rows()
        false = sum(person[left] != person[right] for left, right in pairs)
        if false >= ENOUGH:
            break
    said, n = result.run["decoys"], result.run["counts"]["confirmed_pairs"]
    return Judged(
        f"{profile}, {rows:,}, seed {seed}", threshold, len(pairs), false,
        said["false_matches"], said["low"] * n, said["high"] * n,
    )  # fmt: skip


def table(found: list[Judged]) -> str:
    """Return the Markdown table."""
    lines = [
        "| file | threshold | confirmed | two people | expected by decoys | 95 % interval | holds |",
        "|---|--:|--:|--:|--:|--:|---|",
    ]
    lines += [
        f"| {one.file} | {one.threshold:g} | {one.confirmed:,} | {one.true} | {one.expected:.1f} | "
        f"{one.low:.1f} - {one.high:.1f} | {'yes' if one.holds else 'no'} |"
        for one in found
    ]
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Print the table; return 1 where an estimate does not hold."""
    argparse.ArgumentParser(prog="python -m benchmarks.decoys", description=__doc__).parse_args(arguments)
    found = []
    for profile, rows, seed in FILES:
        found.append(judged(profile, rows, seed))
        print(table(found[-1:]).splitlines()[-1], file=sys.stderr, flush=True)
    print(table(found))
    return int(not all(one.holds for one in found))


if __name__ == "__main__":
    sys.exit(main())
