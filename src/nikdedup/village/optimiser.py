"""Mixed-integer programs, solved by HiGHS: the best there is, or how far from it at most.

HiGHS and its Python package highspy (MIT) are an extra: `pip install ".[outreach]"`. One thread and a fixed
seed: the same program has the same answer, as long as it is solved before its time is up.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from nikdedup.errors import RunError
from nikdedup.runtime.extras import needed


@dataclass(frozen=True)
class Solved:
    """The best columns that were found. bound: no others are better than that. gap: between the two; None if untold."""

    value: float
    bound: float
    gap: float | None
    columns: list[float]


@dataclass
class Program:
    """Columns from 0 to a bound, some of them whole, and rows between two ends."""

    upper: list[float] = field(default_factory=list)
    whole: list[int] = field(default_factory=list)
    rows: list[tuple[float, float, dict[int, float]]] = field(default_factory=list)

    def column(self, upper: float, *, whole: bool = False) -> int:
        """Add a column; returns its number."""
        self.upper.append(upper)
        if whole:
            self.whole.append(len(self.upper) - 1)
        return len(self.upper) - 1

    def at_most(self, high: float, terms: dict[int, float]) -> None:
        """Keep a sum of columns from being greater."""
        if terms:
            self.rows.append((-math.inf, high, terms))

    def at_least(self, low: float, terms: dict[int, float]) -> None:
        """Keep a sum of columns from being less."""
        if terms:
            self.rows.append((low, math.inf, terms))

    def best(
        self,
        objective: dict[int, float],
        *,
        most: bool,
        gap: float,
        seconds: float,
        start: list[float] | None = None,
    ) -> Solved:
        """Return the columns with the most, or the least, of an objective; RunError where none are found in time."""
        import numpy as np

        highspy = _highspy()
        with _silent():
            highs = highspy.Highs()
        for name, value in (
            ("output_flag", False),
            ("mip_rel_gap", gap),
            ("time_limit", seconds),
            ("random_seed", 18),
            ("threads", 1),
        ):
            highs.setOptionValue(name, value)
        count, infinite = len(self.upper), highspy.kHighsInf
        highs.addVars(count, np.zeros(count), np.minimum(np.array(self.upper), infinite))
        costs = np.zeros(count)
        costs[list(objective)] = list(objective.values())
        highs.changeColsCost(count, np.arange(count, dtype=np.int32), costs)
        whole = np.array(self.whole, dtype=np.int32)
        highs.changeColsIntegrality(len(whole), whole, np.full(len(whole), highspy.HighsVarType.kInteger))
        for low, high, terms in self.rows:
            numbers, values = np.array(list(terms), dtype=np.int32), np.array(list(terms.values()))
            highs.addRow(max(low, -infinite), min(high, infinite), len(terms), numbers, values)
        highs.changeObjectiveSense(highspy.ObjSense.kMaximize if most else highspy.ObjSense.kMinimize)
        if start is not None:
            first = highspy.HighsSolution()
            first.col_value = start
            highs.setSolution(first)
        highs.run()
        return _solved(highs)


def _solved(highs: Any) -> Solved:
    info = highs.getInfo()
    if info.primal_solution_status != 2:
        raise RunError("the optimiser found no plan in its time; ask for fewer days or places")
    gap = float(info.mip_gap)
    return Solved(
        float(info.objective_function_value),
        float(info.mip_dual_bound),
        gap if math.isfinite(gap) else None,
        list(highs.getSolution().col_value),
    )


def _highspy() -> Any:
    with needed("outreach"):
        import highspy
    return highspy


@contextmanager
def _silent() -> Iterator[None]:
    """Keep the first line of HiGHS, which is printed before it can be told to be silent, off the screen."""
    try:
        kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    except OSError:  # nothing is printed where there is no screen
        yield
        return
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
