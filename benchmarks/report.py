"""RESULTS.md from the stored results: tables, machine, versions; nothing in it is typed by hand."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from benchmarks import writing
from benchmarks.contestants import CONTESTANTS
from benchmarks.run import ANSWERED

Result = dict[str, Any]

_ORDER = list(CONTESTANTS)
_HEAD = """# Benchmarks

Written by `python -m benchmarks` from `results.jsonl`; run it to measure again, `--smoke` for a first look.

Each figure is a whole process seen from outside: start of the interpreter, reading, matching, writing.
Wall and processor time and peak resident memory (summed over the process tree, sampled ten times a second) are
medians over the repeats. All contestants of a run take turns on the same file and may use every core.
*Ratio* is wall time against nikdedup **in the same run**; a dash means that it was measured in another
run. A commit with `+` had changes on top. *Load* is how many processes wanted to run in the minute before
a repeat, at most: more than the cores means that the machine was shared, and wall times are too long
(processor times less so).

F1 counts pairs of records against the truth of the generator. nikdedup is judged as shipped, its review
pairs counting as not found. The others get **their best case**: every threshold is tried against the
truth, with pairs as they are and with connected components as persons, and the best F1 stands here, which
nobody without the truth could choose; *own* is F1 at the threshold of their own examples (Splink:
probability 0.95; recordlinkage: what `ECMClassifier.predict` says). *Blocked* is the share of true pairs
they score at all.

The peers' settings, and what was tried on the way, are in `splink_peer.py` and `recordlinkage_peer.py`;
both read the same cleaned columns.
"""


def results_text(results: list[Result], charts: list[str]) -> str:
    """Return RESULTS.md; charts: names of picture files beside it."""
    parts = [_HEAD, *(f"![{name.removesuffix('.svg')}]({name})\n" for name in charts)]
    ordered = sorted(results, key=lambda r: (r["profile"], r["rows"], r["seed"], _ORDER.index(r["peer"])))
    for profile, of_profile in groupby(ordered, key=lambda r: r["profile"]):
        parts.append(f"## Profile {profile}\n")
        for (rows, seed), some in groupby(of_profile, key=lambda r: (r["rows"], r["seed"])):
            parts.append(f"### {rows:,} records, seed {seed}\n\n{table(list(some))}\n")
    parts += [_written(ordered), _outside(results), _machines(results)]
    return "\n".join(parts)


def table(results: list[Result]) -> str:
    """Return one Markdown table of the contestants on one file."""
    ours = next((r for r in results if r["peer"] == "ours" and r["exit_code"] in ANSWERED), None)
    names = [
        "wall s",
        "ratio",
        "processor s",
        "peak MB",
        "F1",
        "precision",
        "recall",
        "own",
        "blocked",
        "repeats",
        "load",
    ]
    lines = [f"| | {' | '.join(names)} | commit |", "|---" + "|--:" * len(names) + "|---|"]
    return "\n".join([*lines, *(_row(result, ours) for result in results)])


def _row(result: Result, ours: Result | None) -> str:
    title = CONTESTANTS[result["peer"]].title
    if result["exit_code"] not in ANSWERED:
        reason = result["error"] or f"exit code {result['exit_code']}"
        return f"| {title} | no answer: {reason} |" + " |" * 10 + f" {result['commit']} |"
    answer = result["answer"]
    same_run = ours is not None and ours["run"] == result["run"]
    cells = [
        title,
        f"{result['wall_s']:.2f}",
        f"{result['wall_s'] / ours['wall_s']:.2f}" if ours and same_run else "-",
        f"{result['cpu_s']:.2f}",
        f"{result['peak_mb']:,}",
        *(
            _share(answer.get(key))
            for key in ("f1", "precision", "recall", "f1_own_threshold", "blocked_recall")
        ),
        str(len(result["walls_s"])),
        f"{result['load']:.1f}",
        result["commit"],
    ]
    return f"| {' | '.join(cells)} |"


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _written(results: list[Result]) -> str:
    """Tell what each file of a run costs to write, where that was measured."""
    found = writing.table(results)
    return f"## Writing a run, processor seconds\n\n{found}\n" if found else ""


def _outside(results: list[Result]) -> str:
    """Name the sizes that a contestant was not given, so that an absent line is not read as forgotten."""
    largest = max((r["rows"] for r in results), default=0)
    limited = [
        c for c in CONTESTANTS.values() if c.limit < largest and any(r["peer"] == c.name for r in results)
    ]
    if not limited:
        return ""
    lines = [f"- {c.title}: up to {c.limit:,} records (`--beyond-limits` gives it more)" for c in limited]
    return "## Not run\n\n" + "\n".join(lines) + "\n"


def _machines(results: list[Result]) -> str:
    """Return machine and versions of every run that still stands in a table."""
    runs = {r["run"]: r for r in results}
    lines = ["## Machine and versions\n"]
    for name in sorted(runs):
        where = runs[name]["machine"]
        packages = ", ".join(f"{package} {number}" for package, number in runs[name]["versions"].items())
        lines.append(
            f"- run {name}, commit {runs[name]['commit']}: {where['cpu']}, {where['cores']} cores, "
            f"{where['memory_gb']} GB, {where['system']}, Python {where['python']}; {packages}"
        )
    return "\n".join(lines) + "\n"
