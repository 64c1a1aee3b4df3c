"""People: which records are joined, given confirmed pairs and what must stay apart.

Two records joined by one confirmed pair are a person. Where a chain holds three or
more, every pair inside is looked at: chains are joined strongest pair first, and never
where that would put two records together that a rule calls two people, or two halves
that on the whole do not look alike. The order of the rows does not matter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nikdedup.columnar.arrays import Rows
from nikdedup.columnar.components import components

LARGEST = 60
"""Chains of more records than this are not joined at all: they go to review as a whole."""
WEAK_BRIDGE = "weak_bridge"
"""Reason of a refusal: the records on either side do not look alike on the whole."""


@dataclass(frozen=True)
class Edges:
    """All pairs inside the chains: weight, and the rule that calls the two records two people, "" where none."""

    left: Rows
    right: Rows
    weight_log2: NDArray[np.float64]
    apart: NDArray[np.str_]


class Refusal(NamedTuple):
    """A confirmed pair that was not joined.

    reason: the rule that calls `first` and `second` two people, one of each side, or WEAK_BRIDGE; then these
    two are the pair itself.
    """

    left: int
    right: int
    reason: str
    first: int
    second: int


Table = dict[tuple[int, int], tuple[float, str]]
"""Weight and rule of each pair inside the chains, under one order of the two records."""


@dataclass(frozen=True)
class People:
    """label: for each record the index of the person's first record.

    refused: pairs whose join was refused. too_large: the records of each chain that was not joined at all.
    """

    label: Rows
    refused: list[Refusal] = field(default_factory=list)
    too_large: list[Rows] = field(default_factory=list)


def cluster(
    records: int,
    left: Rows,
    right: Rows,
    weight_log2: NDArray[np.float64],
    rank: NDArray[np.integer[Any]],
    inside: Callable[[Rows, Rows], Edges],
    *,
    join_log2: float,
    tie: NDArray[np.integer[Any]] | None = None,
) -> People:
    """Join confirmed pairs (left[k], right[k]) into people.

    Args:
        records: number of records.
        left: number of one record of each confirmed pair.
        right: number of the other one.
        weight_log2: total weight of each pair in bits (log2), prior included.
        rank: order of the record ids, a person is named after the first.
        inside: compares pairs of records, for chains of three and more.
        join_log2: mean weight from which two groups of records may be joined.
        tie: breaks ties, among equals the rank does; the rank alone if not given.
    """
    label = np.arange(records, dtype=np.int32)
    nodes, ends = np.unique(np.concatenate([left, right]), return_inverse=True)
    component = components(len(nodes), *np.split(ends, 2))
    size = np.bincount(component, minlength=len(nodes))[component]
    label[nodes] = _smallest(nodes, component, rank)
    chained, component = nodes[size > 2].astype(np.int32), component[size > 2]
    if not len(chained):
        return People(label)
    sorting = np.argsort(component, kind="stable")
    chains = np.split(chained[sorting], np.flatnonzero(np.diff(component[sorting])) + 1)
    within = np.isin(left, chained)
    confirmed = set(zip(left[within].tolist(), right[within].tolist(), strict=True))
    confirmed |= {(b, a) for a, b in confirmed}
    edges = inside(*_all_pairs([chain for chain in chains if len(chain) <= LARGEST]))
    table = {
        (int(a), int(b)): (float(w), str(x))
        for a, b, w, x in zip(edges.left, edges.right, edges.weight_log2, edges.apart, strict=True)
    }
    order = _order(chained, rank, tie)
    home: dict[int, set[int]] = {}
    for chain in chains:
        parts = [{int(record)} for record in chain]
        if len(chain) <= LARGEST:
            parts = _join(parts, table, confirmed, order, join_log2)
            home |= {record: part for part in parts for record in part}
        for part in parts:
            label[list(part)] = min(part, key=lambda record: int(rank[record]))
    parted = label[left] != label[right]
    refused = [
        _refusal(a, b, home, table, order)
        for a, b in zip(left[parted].tolist(), right[parted].tolist(), strict=True)
        if a in home
    ]
    return People(label, refused, [chain for chain in chains if len(chain) > LARGEST])


def _order(
    nodes: Rows, rank: NDArray[np.integer[Any]], tie: NDArray[np.integer[Any]] | None
) -> dict[int, int]:
    """Return the place of each node in the order by which ties are broken."""
    keys = [rank[nodes]] if tie is None else [rank[nodes], tie[nodes]]
    return {int(nodes[at]): place for place, at in enumerate(np.lexsort(keys))}


def _smallest(nodes: Rows, component: NDArray[np.int64], rank: NDArray[np.integer[Any]]) -> Rows:
    """Return for each node the one of smallest rank in its component."""
    order = np.lexsort((rank[nodes], component))
    first = order[np.flatnonzero(np.diff(component[order], prepend=-1))]
    named: Rows = nodes[first].astype(np.int32)
    return named[np.searchsorted(component[first], component)]


def _all_pairs(chains: list[Rows]) -> tuple[Rows, Rows]:
    """Return all pairs inside the chains."""
    pairs = [(chain[i], chain[j]) for chain in chains for i, j in [np.triu_indices(len(chain), 1)]]
    if not pairs:
        return np.empty(0, np.int32), np.empty(0, np.int32)
    return np.concatenate([left for left, _ in pairs]), np.concatenate([right for _, right in pairs])


def _look(table: Table, a: int, b: int) -> tuple[float, str]:
    return table[a, b] if (a, b) in table else table[b, a]


def _refusal(a: int, b: int, home: dict[int, set[int]], table: Table, order: dict[int, int]) -> Refusal:
    """Say why a confirmed pair is not one person, by the people as they came out in the end."""

    def place(pair: tuple[int, int]) -> tuple[int, int]:
        return order[pair[0]], order[pair[1]]

    across = sorted(((x, y) for x in home[a] for y in home[b]), key=place)
    against = ((x, y, _look(table, x, y)[1]) for x, y in across)
    first, second, reason = next((found for found in against if found[2]), (a, b, WEAK_BRIDGE))
    return Refusal(a, b, reason, first, second)


def _join(
    parts: list[set[int]],
    table: Table,
    confirmed: set[tuple[int, int]],
    order: dict[int, int],
    join_log2: float,
) -> list[set[int]]:
    """Join parts of one chain, strongest confirmed pair first, where nothing speaks against it."""
    home = {record: part for part in parts for record in part}
    records = sorted(home, key=order.__getitem__)
    links = [(a, b) for i, a in enumerate(records) for b in records[i + 1 :] if (a, b) in confirmed]
    links.sort(key=lambda link: (-_look(table, *link)[0], order[link[0]], order[link[1]]))
    for a, b in links:
        one, other = home[a], home[b]
        if one is other:
            continue
        across = [_look(table, x, y) for x in one for y in other]
        mean = sum(weight for weight, _ in across) / len(across)
        if any(apart for _, apart in across) or mean < join_log2:
            continue
        one |= other
        for record in other:
            home[record] = one
    return list({id(part): part for part in home.values()}.values())
