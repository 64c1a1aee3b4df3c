"""One benchmark run: everybody in turn on the same file, repeated, so that a busy minute hits all alike."""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.contestants import CONTESTANTS, Contestant
from benchmarks.data import FOLDER, SEED, extract
from benchmarks.machine import commit, machine, versions
from benchmarks.measure import Cost, measure

ANSWERED = (0, 3)


@dataclass
class Plan:
    """What to run. `beyond_limits` gives every file to everybody, whatever their limit."""

    rows: list[int]
    profiles: list[str]
    peers: list[str]
    repeats: int
    timeout_s: float = 3600.0
    beyond_limits: bool = False
    seed: int = SEED
    folder: Path = FOLDER
    id: str = field(default_factory=lambda: datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))


def run(plan: Plan) -> list[dict[str, Any]]:
    """Return one result per profile, size and contestant, ready for JSON; medians over the repeats."""
    about = {"run": plan.id, "commit": commit(), "machine": machine(), "versions": versions()}
    results = []
    for profile in plan.profiles:
        for rows in sorted(plan.rows):
            file, truth = extract(profile, rows, plan.seed, folder=plan.folder)
            taking_part = [
                c for c in map(CONTESTANTS.__getitem__, plan.peers) if plan.beyond_limits or rows <= c.limit
            ]
            for one, costs, answer in _in_turn(taking_part, file, truth, plan):
                question = {"profile": profile, "rows": rows, "seed": plan.seed, "peer": one.name}
                results.append({**about, **question, **_summary(costs), "answer": answer})
    return results


def _in_turn(
    taking_part: list[Contestant], file: Path, truth: Path, plan: Plan
) -> list[tuple[Contestant, list[Cost], dict[str, Any]]]:
    """Run every contestant once per repeat; judge the last answer, then throw it away."""
    costs: dict[str, list[Cost]] = {one.name: [] for one in taking_part}
    answers: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory(prefix="bench-", dir=file.parent) as folder:
        for repeat in range(plan.repeats):
            for one in taking_part:
                if costs[one.name] and costs[one.name][-1].exit_code not in ANSWERED:
                    continue
                out = Path(folder) / one.name
                shutil.rmtree(out, ignore_errors=True)
                cost = measure(one.command(file, out), timeout_s=plan.timeout_s)
                costs[one.name].append(cost)
                _tell(f"{file.stem} {one.name} {repeat + 1}/{plan.repeats}: {_line(cost)}")
        for one in taking_part:
            if one.judge and costs[one.name][-1].exit_code in ANSWERED:
                answers[one.name] = one.judge(Path(folder) / one.name, truth)
    return [(one, costs[one.name], answers.get(one.name, {})) for one in taking_part]


def _summary(costs: list[Cost]) -> dict[str, Any]:
    """Return medians, and the single walls so that their spread can be seen."""
    return {
        "wall_s": round(statistics.median(cost.wall_s for cost in costs), 3),
        "cpu_s": round(statistics.median(cost.cpu_s for cost in costs), 3),
        "peak_mb": round(statistics.median(cost.peak_bytes for cost in costs) / 1e6),
        "walls_s": [round(cost.wall_s, 3) for cost in costs],
        "load": round(max(cost.load for cost in costs), 1),
        "exit_code": costs[-1].exit_code,
        "error": costs[-1].error,
    }


def _line(cost: Cost) -> str:
    if cost.exit_code not in ANSWERED:
        return f"exit {cost.exit_code} after {cost.wall_s:.1f} s: {cost.error}"
    return f"{cost.wall_s:.2f} s, {cost.cpu_s:.2f} s of processor, {cost.peak_bytes / 1e6:,.0f} MB"


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
