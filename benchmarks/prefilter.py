"""What the prefilter costs and spares: `python -m benchmarks.prefilter`.

Pairs are compared under wide margins and under the shipped ones; a pair is lost that the first way weighs at or above
the review threshold and the second never compares. Gate: one pair to be reviewed in 2,000.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.data import FOLDER, extract

SEEDS = (880301, 880302, 880303)
PROFILES = ("hard", "murung-raya", "stranger")
WIDE_LOG2 = 15.0
MOST_LOST = 1 / 2_000


@dataclass(frozen=True)
class Spared:
    """review: pairs at or above the review threshold. named, scored: pairs whose names, and whose other fields too, are
    compared. lost: pairs to be reviewed that are not.
    """

    review: int
    named: int
    scored: int
    lost: int

    def __add__(self, other: Spared) -> Spared:
        return Spared(
            self.review + other.review,
            self.named + other.named,
            self.scored + other.scored,
            self.lost + other.lost,
        )


def measured(profile: str, rows: int, seed: int, *, wide_log2: float, folder: Path = FOLDER) -> Spared:
    """Return what the shipped margins spare and lose in one extract, beside margins of `wide_log2`."""
    from nikdedup.config import Config
    from nikdedup.match.block.run_passes import candidates
    from nikdedup.match.features.features import evidence_of
    from nikdedup.match.matcher import Matcher
    from nikdedup.match.weighed import weighed
    from nikdedup.residents.read.extract import read
    from nikdedup.residents.understanding import understand

    file, _ = extract(profile, rows, seed, folder=folder)
    config = Config()
    matcher = Matcher.of(evidence_of(understand(read(file), config)[1], structured=True), config)
    margins = replace(matcher.prefilter.weights, margin_log2=wide_log2, named_margin_log2=wide_log2)
    wide = replace(matcher, prefilter=replace(matcher.prefilter, weights=margins))
    found, compared, scored = weighed(wide, across_only=False, threads=1)
    weight = matcher.estimated(compared, scored)[1].weight_log2
    review = weight >= config.match.review_log2
    named = candidates(matcher.evidence, matcher.prefilter, config.match, threads=1)
    kept = weighed(matcher, across_only=False, threads=1)[0]
    pairs = found.left.astype(np.int64) << 32 | found.right
    lost = ~np.isin(pairs[review], kept.left.astype(np.int64) << 32 | kept.right)
    return Spared(int(review.sum()), len(named.left), len(kept.left), int(lost.sum()))


def main(arguments: list[str] | None = None) -> int:
    """Print a line per profile; return 1 where more than one pair to be reviewed in 2,000 is lost."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.prefilter", description=__doc__)
    parser.add_argument("--profiles", nargs="+", default=list(PROFILES))
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--wide", type=float, default=WIDE_LOG2)
    options = parser.parse_args(arguments)
    print("| profile | to be reviewed | names compared | compared | lost |\n|---|--:|--:|--:|--:|")
    total = Spared(0, 0, 0, 0)
    for profile in options.profiles:
        each = [measured(profile, options.rows, seed, wide_log2=options.wide) for seed in options.seeds]
        one = sum(each, Spared(0, 0, 0, 0))
        total += one
        print(f"| {profile} | {one.review:,} | {one.named:,} | {one.scored:,} | {one.lost:,} |", flush=True)
    return int(total.lost > MOST_LOST * total.review)


if __name__ == "__main__":
    sys.exit(main())
