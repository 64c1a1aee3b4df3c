"""Share of true pairs that reach comparison, by kind of duplicate: `python -m benchmarks.blocking`.

Counted after the passes and the prefilter of `match`, before any letter is compared: what is lost here
nothing later can find.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.data import FOLDER, extract

SEEDS = (880201, 880202, 880203)
Counts = dict[str, tuple[int, int]]


def true_pairs(truth: pl.DataFrame) -> pl.DataFrame:
    """Return left, right (row numbers) and kind of each pair of records of one person."""
    rows = truth.with_row_index("row").select("row", "true_person_id", "kind")
    twice = rows.filter(pl.len().over("true_person_id") > 1)
    pairs = twice.join(twice, on="true_person_id", suffix="_r").filter(pl.col("row") < pl.col("row_r"))
    return pairs.select(left="row", right="row_r", kind=pl.coalesce("kind_r", "kind")).sort("left", "right")


def reached(profile: str, rows: int, seed: int, *, folder: Path = FOLDER) -> Counts:
    """Return, per kind and for `all`, how many true pairs are compared, of how many."""
    from nikdedup.config import Config
    from nikdedup.match.block.run_passes import candidates
    from nikdedup.match.features.features import evidence_of
    from nikdedup.match.matcher import Matcher
    from nikdedup.residents.read.extract import read
    from nikdedup.residents.understanding import understand

    file, truth = extract(profile, rows, seed, folder=folder)
    config = Config()
    residents = understand(read(file), config)[1]
    matcher = Matcher.of(evidence_of(residents, structured=True), config)
    found = candidates(matcher.evidence, matcher.prefilter, config.match, threads=2)
    pairs = true_pairs(pl.read_parquet(truth))
    n = len(residents)
    codes = pairs["left"].to_numpy().astype(np.int64) * n + pairs["right"].to_numpy()
    met = pairs.with_columns(met=np.isin(codes, found.left.astype(np.int64) * n + found.right))
    kinds = {
        kind: (int(part["met"].sum()), len(part))
        for (kind,), part in met.group_by("kind", maintain_order=True)
    }
    return {"all": (int(met["met"].sum()), len(met)), **dict(sorted(kinds.items()))}


def added(parts: list[Counts]) -> Counts:
    """Return the counts of all extracts together."""
    kinds = sorted({kind for part in parts for kind in part}, key=lambda kind: (kind != "all", kind))
    empty = (0, 0)
    return {
        kind: (sum(p.get(kind, empty)[0] for p in parts), sum(p.get(kind, empty)[1] for p in parts))
        for kind in kinds
    }


def table(profiles: dict[str, Counts]) -> str:
    """Return the Markdown table of blocking recall, a line per profile."""
    kinds = sorted({kind for counts in profiles.values() for kind in counts}, key=lambda k: (k != "all", k))
    lines = [f"| profile | {' | '.join(kinds)} |", "|---" + "|--:" * len(kinds) + "|"]
    for profile, counts in profiles.items():
        cells = [
            f"{counts[kind][0] / counts[kind][1]:.4f} ({counts[kind][1]:,})" if kind in counts else "-"
            for kind in kinds
        ]
        lines.append(f"| {profile} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Print the table; return 1 where less than 0.99 of the true pairs of `hard` are compared."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.blocking", description=__doc__)
    parser.add_argument("--profiles", nargs="+", default=["hard", "murung-raya"])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    options = parser.parse_args(arguments)
    found = {
        profile: added([reached(profile, options.rows, seed) for seed in options.seeds])
        for profile in options.profiles
    }
    print(table(found))
    met, of = found.get("hard", {"all": (1, 1)})["all"]
    return int(met < 0.99 * of)


if __name__ == "__main__":
    sys.exit(main())
