"""Pairs that are declared to be one person, or two, as links between rows.

The links act on clustering and appear among the reasons; a decision overridden by an official is the same thing. What
an officer has declared is never contradicted by a village: its answers that would do so are set aside, and counted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import date

import polars as pl

from nikdedup.errors import InputError
from nikdedup.settle.declared import PAIRS, names_of, rows_named

LINKS: dict[str, pl.DataType] = {
    "row_l": pl.Int64(),
    "row_r": pl.Int64(),
    "kind": pl.String(),
    "who": pl.String(),
    "when": pl.Date(),
    "why": pl.String(),
    "until": pl.Date(),
    "line": pl.Int64(),
    "source": pl.String(),
}
"""Links between rows, row_l < row_r; `line` counts the entries of the list from 1. source: of a village's answer."""


def check_entries(constraints: pl.DataFrame, *, reference_date: date | None = None) -> None:
    """Raise InputError where entries contradict each other as they are written, before any record is read.

    Records are told apart by how an entry names them; two names of one record meet in `resolve_constraints`.
    Entries with an `until` count only where reference_date says that they hold.

    Args:
        constraints: as `load_constraints` returns them.
        reference_date: day on which an entry with an `until` must hold; None where there is none.
    """
    until = pl.col("until")
    live = constraints.filter(
        until.is_null() | (until >= reference_date if reference_date is not None else pl.lit(False))
    )
    sides = live.filter(pl.col("kind").is_in(PAIRS)).select(
        "kind", "line", **{f"row_{side}": names_of(side) for side in "lr"}
    )
    numbers = pl.concat([sides["row_l"], sides["row_r"]]).unique(maintain_order=True)
    codes = {name: number for number, name in enumerate(numbers)}
    table = sides.filter(pl.col("row_l") != pl.col("row_r")).with_columns(
        pl.col("row_l", "row_r").replace_strict(codes, default=None, return_dtype=pl.Int64)
    )
    faults = contradictions(table)
    if faults:
        raise InputError(f"constraints: {'; '.join(faults)}")


def resolve_constraints(
    constraints: pl.DataFrame, residents: pl.DataFrame, *, reference_date: date | None = None
) -> tuple[pl.DataFrame, list[int], list[int]]:
    """Return LINKS between the rows of `residents`, the lines that name a record not among them, and those set aside.

    constraints: as `load_constraints` returns them, with `village` where villages have told too. residents: as
    `rows_named` takes them. Entries whose `until` lies before reference_date have lapsed and are left out. InputError
    when entries of officers contradict each other, also through chains: it names the entries by line.
    """
    live = held(constraints, reference_date).filter(pl.col("kind").is_in(PAIRS))
    sides = [rows_named(live, residents, side) for side in "lr"]
    both = sides[0].join(sides[1], on="line", how="inner", maintain_order="left")
    links = both.filter(pl.col("row_l") != pl.col("row_r")).join(
        live, on="line", how="left", maintain_order="left"
    )
    links = links.with_columns(
        pl.min_horizontal("row_l", "row_r").alias("row_l"), pl.max_horizontal("row_l", "row_r").alias("row_r")
    )
    links = links.unique(["row_l", "row_r", "kind"], keep="first", maintain_order=True).sort(
        "row_l", "row_r", "kind"
    )
    village = links["village"] if "village" in links.columns else pl.repeat(False, len(links), eager=True)
    links = links.select(pl.col(column).cast(kind) for column, kind in LINKS.items())
    faults = contradictions(links.filter(~village))
    if faults:
        raise InputError(f"constraints: {'; '.join(faults)}")
    aside = _torn(links) & village
    unmatched = sorted(set(live["line"]) - set(both["line"]))
    return links.filter(~aside), unmatched, sorted(set(links.filter(aside)["line"]))


def held(constraints: pl.DataFrame, reference_date: date | None) -> pl.DataFrame:
    """Return the entries that have not lapsed on the date that the extract speaks of; all where it speaks of none."""
    if reference_date is None:
        return constraints
    return constraints.filter(pl.col("until").is_null() | (pl.col("until") >= reference_date))


def _torn(links: pl.DataFrame) -> pl.Series:
    """Return which links hang together with two rows that must be one person and cannot be."""
    group = _groups(links)
    bad = {
        group[left]
        for left, right in links.filter(pl.col("kind") == "cannot_link").select("row_l", "row_r").iter_rows()
        if group[left] == group[right]
    }
    ends: Iterator[tuple[int, int]] = links.select("row_l", "row_r").iter_rows()
    return pl.Series([bool(bad & {group[left], group[right]}) for left, right in ends], dtype=pl.Boolean)


def contradictions(links: pl.DataFrame) -> list[str]:
    """Return one plain line per cannot_link between rows that must_links tie together.

    The shortest chain of must_links is named by the lines of the list.
    """
    ties: dict[int, list[tuple[int, int]]] = {}
    for left, right, line in (
        links.filter(pl.col("kind") == "must_link").select("row_l", "row_r", "line").iter_rows()
    ):
        ties.setdefault(left, []).append((right, line))
        ties.setdefault(right, []).append((left, line))
    faults = []
    for left, right, line in (
        links.filter(pl.col("kind") == "cannot_link").select("row_l", "row_r", "line").iter_rows()
    ):
        chain = _chain(ties, left, right)
        if chain is not None:
            named = ", ".join(str(tie) for tie in sorted(set(chain)))
            faults.append(f"entry {line} (cannot_link) contradicts must_link in entry {named}")
    return sorted(set(faults))


def closed_links(links: pl.DataFrame) -> pl.DataFrame:
    """Return row_l, row_r, kind, who, when, until, line and source with every consequence of the links.

    must_links hold by chain, cannot_links through them: if a must be b and b cannot be c, then a cannot be c.
    who, when, until, line and source are null for what only follows.

    Args:
        links: row_l, row_r and kind, with who, when, until, line and source where known.
    """
    group = _groups(links)
    members: dict[int, list[int]] = {}
    for row, label in group.items():
        members.setdefault(label, []).append(row)
    found: set[tuple[int, int, str]] = set()
    for rows in members.values():
        found |= {(a, b, "must_link") for a in rows for b in rows if a < b}
    for left, right in links.filter(pl.col("kind") == "cannot_link").select("row_l", "row_r").iter_rows():
        pairs = ((a, b) for a in members[group[left]] for b in members[group[right]] if a != b)
        found |= {(min(pair), max(pair), "cannot_link") for pair in pairs}
    keys = ["row_l", "row_r", "kind"]
    closed = pl.DataFrame(sorted(found), schema={key: LINKS[key] for key in keys}, orient="row")
    stated = links.select(*keys, "who", "when", "until", "line", "source").unique(
        keys, keep="first", maintain_order=True
    )
    return closed.join(stated, on=keys, how="left", maintain_order="left")


def _groups(links: pl.DataFrame) -> dict[int, int]:
    """Return for each linked row the smallest row that must_links tie it to, itself at least."""
    parent = {row: row for row in [*links["row_l"], *links["row_r"]]}

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = row = parent[parent[row]]
        return row

    for left, right in links.filter(pl.col("kind") == "must_link").select("row_l", "row_r").iter_rows():
        first, second = sorted((root(left), root(right)))
        parent[second] = first
    return {row: root(row) for row in sorted(parent)}


def _chain(ties: dict[int, list[tuple[int, int]]], start: int, goal: int) -> list[int] | None:
    """Return the lines of a shortest chain of must_links from start to goal, or None."""
    reached: dict[int, list[int]] = {start: []}
    waiting = deque([start])
    while waiting:
        row = waiting.popleft()
        if row == goal:
            return reached[row]
        for after, line in sorted(ties.get(row, [])):
            if after not in reached:
                reached[after] = [*reached[row], line]
                waiting.append(after)
    return None
