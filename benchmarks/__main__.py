"""nikdedup beside its peers in one run: `python -m benchmarks --help`."""

from __future__ import annotations

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks import store
from benchmarks.charts import draw
from benchmarks.contestants import CONTESTANTS
from benchmarks.data import SEED
from benchmarks.report import results_text, table
from benchmarks.run import ANSWERED, Plan, run

FOLDER = Path(__file__).resolve().parent
SMOKE_ROWS = 100_000


def main(arguments: list[str] | None = None) -> int:
    """Measure, print the tables, rewrite RESULTS.md; return 1 where a contestant gave no answer."""
    options = _parser().parse_args(arguments)
    if options.report_only:
        _publish(store.load())
        return 0
    plan = _plan(options)
    results = run(plan)
    print(_tables(results))
    if not options.smoke:
        everything = store.merged(store.load(), results)
        store.save(everything)
        _publish(everything)
    return int(any(result["exit_code"] not in ANSWERED for result in results))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000, 10_000_000])
    parser.add_argument("--profiles", nargs="+", default=["hard", "murung-raya"])
    parser.add_argument("--peers", nargs="+", choices=list(CONTESTANTS), default=list(CONTESTANTS))
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument(
        "--timeout", type=float, default=3600, metavar="SECONDS", help="stop a run after that long"
    )
    parser.add_argument("--beyond-limits", action="store_true", help="give peers more rows than their limit")
    parser.add_argument(
        "--smoke", action="store_true", help="100 k `hard`, everybody once; nothing is stored"
    )
    parser.add_argument("--report-only", action="store_true", help="rewrite RESULTS.md from results.jsonl")
    return parser


def _plan(options: argparse.Namespace) -> Plan:
    peers = [name for name in options.peers if _installed(name)]
    if options.repeats < 1 or not peers:
        raise SystemExit(
            "nothing to run: --repeats is 1 or more, and at least one of --peers must be installed"
        )
    if options.smoke:
        return Plan([SMOKE_ROWS], ["hard"], peers, 1, options.timeout, seed=options.seed)
    return Plan(
        options.rows,
        options.profiles,
        peers,
        options.repeats,
        options.timeout,
        options.beyond_limits,
        options.seed,
    )


def _installed(name: str) -> bool:
    missing = [package for package in CONTESTANTS[name].packages if find_spec(package) is None]
    if missing:
        print(f"{name}: not run, {', '.join(missing)} is not installed", file=sys.stderr)
    return not missing


def _tables(results: list[dict[str, Any]]) -> str:
    files: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for result in results:
        files.setdefault((result["profile"], result["rows"]), []).append(result)
    return "\n\n".join(
        f"{profile}, {rows:,} records\n{table(some)}" for (profile, rows), some in files.items()
    )


def _publish(results: list[dict[str, Any]]) -> None:
    (FOLDER / "RESULTS.md").write_text(results_text(results, draw(results, FOLDER)), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
