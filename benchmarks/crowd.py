"""What 200,000 people on one default birth date cost: `python -m benchmarks.crowd`.

An import put 1 July of one year into the birth date of 200,000 of 300,000 residents; their NIKs stayed. The same
extract is judged as it was and with the crowd: seconds, memory, precision and
recall, and the pairs that no budget allowed to look at. Writes CROWD.md.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import polars as pl

from benchmarks.data import FOLDER, extract, nikdedup_command
from benchmarks.machine import commit, versions
from benchmarks.measure import measure
from nikdedup.lab.evaluate import evaluate
from nikdedup.lab.scorecard import Evaluation

FILE = Path(__file__).resolve().parent / "CROWD.md"
ROWS, CROWD, SEED = 300_000, 200_000, 906_001
MOST_SLOWER, MOST_LARGER = 4.0, 2.0
"""How many times the seconds and the memory of the same extract without the crowd it may take."""

_HEAD = """# A crowd on one birth date

Written by `python -m benchmarks.crowd`. A block above the budget (`match.max_block`) is split by name and by
mother; *skipped* are the pairs of what stayed too large.
"""


def crowded(frame: pl.DataFrame, crowd: int) -> pl.DataFrame:
    """Return the extract with the first `crowd` records born on 1 July 1970; their NIKs stay."""
    return frame.with_columns(
        TGL_LHR=pl.when(pl.int_range(pl.len()) < crowd).then(pl.lit("01-07-1970")).otherwise("TGL_LHR")
    )


def judged(file: Path, truth: Path) -> tuple[float, float, Evaluation, int]:
    """Return seconds, GB, evaluation and skipped pairs of one run at shipped settings."""
    with tempfile.TemporaryDirectory(prefix="crowd-", dir=file.parent) as folder:
        run = Path(folder) / "run"
        cost = measure(
            [*nikdedup_command(), "dedupe", str(file), "--out", str(run), "--no-residents", "--no-report"]
        )
        if cost.exit_code:
            raise SystemExit(f"dedupe {file.name}: {cost.error}")
        passes = json.loads((run / "run.json").read_text(encoding="utf-8"))["passes"]
        skipped = sum(one["skipped_pairs"] for one in passes)
        return cost.wall_s, cost.peak_bytes / 1e9, evaluate(run, truth), skipped


def main(arguments: list[str] | None = None) -> int:
    """Write CROWD.md; return 1 where the crowd breaks time or memory."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crowd", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--crowd", type=int, default=CROWD)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args(arguments)
    file, truth = extract("hard", options.rows, options.seed, folder=FOLDER)
    crowd = file.with_name(f"{file.stem}-crowd.parquet")
    crowded(pl.read_parquet(file), options.crowd).write_parquet(crowd)
    plain, packed = judged(file, truth), judged(crowd, truth)
    lines = [
        "| extract | s | GB | P | R | F1 | with review | skipped pairs |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, (seconds, gb, found, skipped) in (("as generated", plain), ("with the crowd", packed)):
        shares = [found.precision.value, found.recall.value, found.f1, found.recall_with_review.value]
        told = " | ".join(f"{share or 0:.4f}" for share in shares)
        lines.append(f"| {name} | {seconds:.1f} | {gb:.2f} | {told} | {skipped:,} |")
    made = (
        f"Commit {commit()}, {versions()}; `hard`, {options.rows:,} records, {options.crowd:,} on one date."
    )
    FILE.write_text("\n".join([_HEAD, made, "", *lines, ""]), encoding="utf-8")
    print("\n".join(lines))
    return int(packed[0] > MOST_SLOWER * plain[0] or packed[1] > MOST_LARGER * plain[1])


if __name__ == "__main__":
    sys.exit(main())
