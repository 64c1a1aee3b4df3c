"""Joins that clustering refused, and why: what a decision and `run.json` say about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nikdedup.columnar.arrays import Rows
from nikdedup.match.cluster.people import People
from nikdedup.publish import RefusedKept

JOINS: dict[str, pl.DataType] = {
    "row_l": pl.Int64(),
    "row_r": pl.Int64(),
    "reason": pl.String(),
    "row_a": pl.Int64(),
    "row_b": pl.Int64(),
}
"""A pair above the confirmed weight that is not one person, row_l < row_r. reason: a rule of the matcher by which
row_a and row_b, one of either side, are two people; or weak_bridge, and then row_a, row_b are the pair itself."""

CHAINS: dict[str, pl.DataType] = {"row": pl.Int64(), "chain": pl.Int64(), "links": pl.Int64()}
"""A record of a chain too large to be joined: the smallest row of the chain, and how many confirmed pairs it holds."""


@dataclass(frozen=True)
class Refused:
    """What was not joined although pairs were strong enough, sorted by row."""

    joins: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=JOINS))
    chains: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CHAINS))

    @classmethod
    def by(cls, people: People, row: NDArray[np.integer[Any]], left: Rows) -> Self:
        """Turn positions into rows of the extract. left: one side of the pairs that were to be joined."""
        joins = [
            (int(row[one.left]), int(row[one.right]), one.reason, int(row[one.first]), int(row[one.second]))
            for one in people.refused
        ]
        ordered: list[Any] = [(a, b, why, x, y) if a < b else (b, a, why, y, x) for a, b, why, x, y in joins]
        chains = []
        for chain in people.too_large:
            rows = row[chain]
            links = int(np.isin(left, chain).sum())
            chains += [(int(one), int(rows.min()), links) for one in rows]
        return cls(
            pl.DataFrame(sorted(set(ordered), key=lambda one: one[:2]), schema=JOINS, orient="row"),
            pl.DataFrame(sorted(chains), schema=CHAINS, orient="row"),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return what `run.json` keeps: rows and reasons."""
        grouped = self.chains.group_by("chain", "links").agg(pl.col("row").sort()).sort("chain")
        return {
            "joins": [list(one) for one in self.joins.iter_rows()],
            "chains": [{"rows": rows, "links": links} for _, links, rows in grouped.iter_rows()],
        }

    @classmethod
    def of(cls, kept: RefusedKept | None) -> Self:
        """Read back what `as_dict` gave; a run of an earlier version kept nothing."""
        if kept is None:
            return cls()
        chains = [(row, one.rows[0], one.links) for one in kept.chains for row in one.rows]
        return cls(
            pl.DataFrame(kept.joins, schema=JOINS, orient="row"),
            pl.DataFrame(sorted(chains), schema=CHAINS, orient="row"),
        )
