"""What understanding an extract costs: for matching, and for its profile and its table of changes.

`python -m benchmarks.understanding [--rows N] [--profile P] [--seed S]` generates residents and times, in this process,
reading, understanding (what the matcher needs and no more), the table of changes and the profile, RUNS times. Prints
the median of each with its gate, which holds for 1 million records on two quiet cores.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.data import extract
from nikdedup.config import Config
from nikdedup.runtime.memory import prepare

RUNS = 5
GATES = {"understand": 2.5, "changes and profile": 3.0}
"""Seconds for 1 million records, reading aside."""


def once(file: Path) -> dict[str, float]:
    """Return the seconds of each step."""
    from nikdedup.residents.changes.cells import changes
    from nikdedup.residents.read.extract import read
    from nikdedup.residents.understanding import understand, understand_and_survey
    from nikdedup.run.profile import profile_of

    config = Config()
    took: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        begin = time.perf_counter()
        found = work()
        took[name] = time.perf_counter() - begin
        return found

    known = timed("read", lambda: read(file, config=config))
    timed("understand", lambda: understand(known, config, consume=True))
    known = read(file, config=config)
    day, residents, damage = understand_and_survey(known, config)
    timed("changes", lambda: changes(residents, config=config, reference_date=day, survey=damage))
    timed("profile", lambda: profile_of(residents, config=config, reference_date=day, mapping=known.mapping))
    return took | {"changes and profile": took["changes"] + took["profile"]}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.understanding", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--profile", default="murung-raya")
    parser.add_argument("--seed", type=int, default=6212)
    options = parser.parse_args(arguments)
    file, _ = extract(options.profile, options.rows, options.seed)
    runs = [once(file) for _ in range(RUNS)]
    print(f"{options.rows:,} residents, profile {options.profile}, seed {options.seed}, median of {RUNS}")
    for name in runs[0]:
        found = [run[name] for run in runs]
        gate = f"   gate {GATES[name]:.1f} s" if name in GATES and options.rows == 10**6 else ""
        print(f"{name:20} {statistics.median(found):5.2f} s   {min(found):.2f} to {max(found):.2f}{gate}")


if __name__ == "__main__":
    prepare([])
    main()
