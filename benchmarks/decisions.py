"""What deciding and writing the workbook cost, and how often the right record is kept.

`python -m benchmarks.decisions [--rows N] [--seed S] [--review W]` generates residents with their truth, runs
`dedupe` once and then times its last steps alone, each in this process: `decide` on all tables, as often as RUNS
says, and `write_workbook` on WORKBOOK_ROWS of the decisions (repeated where there are fewer). CPU time is the sum
over all threads; the wall time of a busy machine says less. Prints one line per figure with its gate.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from nikdedup import dedupe, evaluate, generate
from nikdedup.match.cluster.refused import Refused
from nikdedup.run.result import Result
from nikdedup.settle.decisions import decide
from nikdedup.show.workbook import write_workbook

RUNS = 3
"""Times that `decide` runs; the best counts, as the first pays for loading."""
WORKBOOK_ROWS = 50_000
GATES = {"decide": 1.5, "workbook": 8.0, "survivor": 0.998}
"""Seconds for 1 M records and for 50,000 decisions; share of two-record people whose recorded record is kept."""


@dataclass(frozen=True)
class Took:
    """Seconds of wall and of CPU over all threads."""

    wall: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.wall:.2f} s wall, {self.cpu:.2f} s CPU"


def timed(work: Callable[[], object]) -> Took:
    """Return what one call takes."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Took(time.perf_counter() - wall, time.process_time() - cpu)


def deciding(result: Result) -> Took:
    """Return what `decide` takes on the tables of a result that has just been made."""
    residents = result.understood
    if residents is None:
        raise ValueError("a result read back from its folder would have to be understood first")
    refused = Refused.of(result.record.refused)
    took = [
        timed(lambda: decide(result.people, result.pairs, residents, config=result.config, refused=refused))
        for _ in range(RUNS)
    ]
    return min(took, key=lambda one: one.wall)


def workbook(result: Result, path: Path, rows: int = WORKBOOK_ROWS) -> Took:
    """Return what the workbook of `rows` decisions takes; decisions are repeated where there are fewer."""
    times = -(-rows // max(1, len(result.decisions)))
    many = pl.concat([result.decisions] * times).head(rows)
    return timed(lambda: write_workbook(path, many, result.residents, lang="id"))


def measure(
    rows: int,
    seed: int,
    folder: Path,
    *,
    workbook_rows: int = WORKBOOK_ROWS,
    review_log2: float | None = None,
) -> list[str]:
    """Return the lines of a report on one extract, made in `folder` unless it lies there already.

    review_log2: a lower threshold of review makes more decisions; the shipped one if not given.
    """
    extract = folder / f"extract-{rows}-{seed}.parquet"
    truth = extract.with_name(f"{extract.stem}.truth.parquet")
    if not extract.is_file():
        generate(extract, rows=rows, seed=seed)
    options = {} if review_log2 is None else {"match": {"review_log2": review_log2}}
    result = dedupe(extract, config=options)
    lines = [
        f"records    {rows:,}, decisions {len(result.decisions):,}",
        f"decide     {deciding(result)} (gate {GATES['decide']} s for 1,000,000 records)",
        f"workbook   {workbook(result, folder / 'decisions.xlsx', workbook_rows)} "
        f"for {workbook_rows:,} decisions (gate {GATES['workbook']} s for {WORKBOOK_ROWS:,})",
    ]
    result.config = result.config.with_options(report=False, residents=False)
    kept = evaluate(result.write(folder / "run"), truth).survivor
    return [
        *lines,
        f"survivor   {kept.hits / max(1, kept.of):.4f} ({kept.hits:,} of {kept.of:,}; gate {GATES['survivor']})",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument(
        "--keep", type=Path, help="folder to keep the extract in; a temporary one if not given"
    )
    parser.add_argument("--review", type=float, help="threshold of review; a lower one makes more decisions")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        print("\n".join(measure(given.rows, given.seed, folder, review_log2=given.review)))


if __name__ == "__main__":
    main()
