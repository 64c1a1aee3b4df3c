"""Nights on a million residents of which ten thousand change: `python -m benchmarks.nightly`.

Each night is the command, from Parquet to published state, without report and workbook. A third of those that
change are withdrawn, a third are back or new, a third have another name or address. Writes NIGHTLY.md: seconds by
the clock and of processors, peak memory, the ledger after all nights, `nightly check`, and how long `lookup` takes.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from benchmarks.data import extract
from benchmarks.machine import commit, versions

FILE = Path(__file__).resolve().parent / "NIGHTLY.md"
CHANGED = 0.01
MOST_SECONDS, MOST_BYTES, MOST_LEDGER, MOST_CHECK = 12.0, 2_000_000_000, 60_000_000, 1.0
LETTERS = "AEIHNR"

_HEAD = """# Every night

Written by `python -m benchmarks.nightly`. A night is `nikdedup nightly run`, from Parquet to published state with
events, without report and workbook. Published: until the ledger has committed; behind it the night is made ready to
be asked. The limit of seconds is for the middle one of the nights that change something: where the same work costs a
night a quarter more processor seconds than its neighbours, others were at work on the machine.

"""


@dataclass(frozen=True)
class Measured:
    """A command: seconds by the clock and of processors, and its peak memory in bytes."""

    seconds: float
    processor: float
    peak: int
    told: str


def measured(*arguments: str) -> Measured:
    """Run the command line in a process of its own."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "nikdedup.cli", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    out, err = process.communicate()
    seconds, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        raise SystemExit(f"{' '.join(arguments[:2])}: exit {process.returncode}\n{err[-2000:]}")
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Measured(seconds, spent, _peak(err), out + err)


def _peak(log: str) -> int:
    """Return the largest peak that the stages of a night told, in bytes; 0 where there is none."""
    told = [json.loads(line).get("peak_mb") or 0 for line in log.splitlines() if line.startswith("{")]
    return int(max(told, default=0) * 10**6)


def tonight(residents: pl.DataFrame, night: int, share: float) -> pl.DataFrame:
    """Return the residents of a night: others are left out, and others have a slip, than the night before."""
    every = round(3 / share)
    n = pl.int_range(pl.len())
    slip = LETTERS[night % len(LETTERS)]
    changed = pl.when(n % every == night).then(pl.col("NAMA_LGKP") + slip).otherwise(pl.col("NAMA_LGKP"))
    return residents.with_columns(changed).filter(n % every != every - 1 - night)


def main(arguments: list[str] | None = None) -> int:
    """Measure, write the page, and return 1 where a limit is passed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.nightly", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--nights", type=int, default=10)
    parser.add_argument("--seed", type=int, default=17)
    options = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="nikdedup-nights-"))
    try:
        page, fine = _measured_in(folder, options.rows, options.nights, options.seed)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(page)
    FILE.write_text(_HEAD + page, encoding="utf-8")
    return 0 if fine else 1


def _measured_in(folder: Path, rows: int, nights: int, seed: int, repeats: int = 3) -> tuple[str, bool]:
    residents = pl.read_parquet(extract("hard", rows, seed)[0])
    job = folder / "job.toml"
    job.write_text(
        'state = "state"\nlang = "en"\n[[source]]\npath = "a.parquet"\n[retention]\nsnapshots = 1\n'
    )
    lines = [
        "| night | published, s | whole, s | processor s | peak, GB | events | ledger, MB |",
        "|---|---|---|---|---|---|---|",
    ]
    found = []
    for night in range(nights + 1):
        tonight(residents, night, CHANGED).write_parquet(folder / "a.parquet")
        done = measured("nightly", "run", str(job), "--log-json", "--quiet")
        found.append(done)
        ledger = _ledger(folder)
        published = _published(done)
        lines.append(
            f"| {night + 1} | {published:.1f} | {done.seconds:.1f} | {done.processor:.1f} | {done.peak / 1e9:.2f} "
            f"| {_events(done):,} | {ledger / 1e6:.1f} |"
        )
    check = min(measured("nightly", "check", str(job)).seconds for _ in range(repeats))
    asked = residents.row(5, named=True)
    about = ["--nama", str(asked["NAMA_LGKP"]), "--tgl-lhr", str(asked["TGL_LHR"])]
    lookup = min(measured("lookup", str(folder / "state"), *about).seconds for _ in range(repeats))
    warm, many = _asked(folder / "state", residents)
    middle = statistics.median(map(_published, found[1:]))
    fine = (
        middle <= MOST_SECONDS
        and max(one.peak for one in found) <= MOST_BYTES
        and _ledger(folder) <= MOST_LEDGER
        and check <= MOST_CHECK
    )
    lines += [
        "",
        f"The middle night: {middle:.1f} s. `nightly check`: {check:.2f} s. `lookup` from the command line: "
        f"{lookup:.2f} s; one person in a warm process: {warm * 1000:.0f} ms; 10,000 persons: {many:.1f} s.",
        "",
        f"{rows:,} residents (`hard`, seed {seed}), {CHANGED:.0%} changed a night. Limits: {MOST_SECONDS:g} s, "
        f"{MOST_BYTES / 1e9:g} GB, ledger {MOST_LEDGER / 1e6:g} MB, check {MOST_CHECK:g} s. "
        f"{'All kept.' if fine else 'Not all kept.'} {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end; "
        f"{commit()}, {', '.join(f'{name} {one}' for name, one in versions().items())}.",
    ]
    return "\n".join(lines) + "\n", fine


def _events(done: Measured) -> int:
    told = [json.loads(line) for line in done.told.splitlines() if line.startswith("{")]
    return next((one["events"] for one in told if one.get("stage") == "publish"), 0)


def _published(done: Measured) -> float:
    """Return the seconds until the ledger had committed: what comes behind it is told by the last stage."""
    told = [json.loads(line) for line in done.told.splitlines() if line.startswith("{")]
    ready = sum(one["seconds"] for one in told if one.get("stage") == "ready")
    return done.seconds - float(ready)


def _ledger(folder: Path) -> int:
    return sum(path.stat().st_size for path in (folder / "state").glob("ledger.sqlite*"))


def _asked(state: Path, residents: pl.DataFrame) -> tuple[float, float]:
    """Return the seconds for one person in a warm process, the median of nine, and for 10,000."""
    import nikdedup

    opened = nikdedup.open(state)
    assert isinstance(opened, nikdedup.State)
    opened.lookup(residents[:1])
    taken = []
    for at in range(1, 10):
        begin = time.perf_counter()
        opened.lookup(residents[at * len(residents) // 10 :][:1])
        taken.append(time.perf_counter() - begin)
    begin = time.perf_counter()
    opened.lookup(residents.sample(min(10_000, len(residents)), seed=1), threads=os.cpu_count() or 1)
    return sorted(taken)[4], time.perf_counter() - begin


if __name__ == "__main__":
    sys.exit(main())
