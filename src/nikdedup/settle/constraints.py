"""Pairs that an officer declares to be one person, or two, as links between rows.

A list (CSV, Parquet or a frame) has the columns of CONSTRAINTS, all text: kind (must_link or
cannot_link), both records by `record_id` or by NIK, and who said so, when, why and until when.
The links act on clustering and appear among the reasons; a decision overridden by an
official is the same thing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from nikdedup.config import FIRST_DAY, LAST_DAY
from nikdedup.errors import InputError
from nikdedup.masking import is_plain
from nikdedup.schema import USABLE_NIK

KINDS = ("must_link", "cannot_link")
CONSTRAINTS = ("kind", "record_id_l", "record_id_r", "nik_l", "nik_r", "who", "when", "why", "until")
"""Columns of a list; a side is named by record_id or by NIK, `why` and `until` may be empty."""

LINKS: dict[str, pl.DataType] = {
    "row_l": pl.Int64(),
    "row_r": pl.Int64(),
    "kind": pl.String(),
    "who": pl.String(),
    "when": pl.Date(),
    "why": pl.String(),
    "until": pl.Date(),
    "line": pl.Int64(),
}
"""Links between rows, row_l < row_r; `line` counts the entries of the list from 1."""


_NO_DATE = f"no date (yyyy-mm-dd or dd-mm-yyyy) from {FIRST_DAY} to {LAST_DAY}"


def load_constraints(source: str | Path | pl.DataFrame | Any) -> pl.DataFrame:
    """Return a list of constraints, checked: CONSTRAINTS as text, `when` and `until` as dates, and line.

    Args:
        source: a CSV or Parquet file, or a polars, pandas or Arrow frame.

    Raises:
        InputError: says every fault at once, each with the number of its entry; nothing of what identifies a
            resident is repeated.
    """
    origin, raw = _read(source)
    _check_columns(origin, raw.columns)
    try:
        table = _as_text(raw)
    except pl.exceptions.PolarsError as fault:
        raise InputError(f"{origin}: a column is no text ({type(fault).__name__}); allowed: text") from None
    dates = table.with_columns(_date("when"), _date("until"), pl.col("line").cast(pl.Int64))
    faults = _faults(table, dates)
    if faults:
        raise InputError(f"{origin}: {'; '.join(faults)}")
    return dates


def _check_columns(origin: str, columns: list[str]) -> None:
    """Raise InputError for unknown or missing columns; a first row in their place may name residents."""
    unknown = [column for column in columns if column not in CONSTRAINTS]
    missing = [column for column in ("kind", "who", "when") if column not in columns]
    if not unknown and not missing:
        return
    shown = [column for column in unknown if is_plain(column)]
    hidden = len(unknown) - len(shown)
    if 2 * hidden > len(columns):
        found = "no header row: the first row looks like data"
    else:
        parts = [f"unknown column {column!r}" for column in shown]
        parts += [f"{hidden} unknown column{'s' if hidden > 1 else ''}"] if hidden else []
        found = ", ".join([*parts, *(f"column {column!r} is missing" for column in missing)])
    raise InputError(f"{origin}: {found}; allowed: {', '.join(CONSTRAINTS)}")


def _as_text(raw: pl.DataFrame) -> pl.DataFrame:
    """Return the columns of CONSTRAINTS as text, blank cells and absent columns null, and the line of each entry."""
    return raw.select(
        (pl.col(column) if column in raw.columns else pl.lit(None))
        .cast(pl.String)
        .str.strip_chars()
        .replace("", None)
        .alias(column)
        for column in CONSTRAINTS
    ).with_row_index("line", offset=1)


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
    named = {
        side: pl.coalesce("r" + pl.col(f"record_id_{side}"), "n" + pl.col(f"nik_{side}")) for side in "lr"
    }
    sides = live.select("kind", "line", **{f"row_{side}": name for side, name in named.items()})
    numbers = pl.concat([sides["row_l"], sides["row_r"]]).unique(maintain_order=True)
    codes = {name: number for number, name in enumerate(numbers)}
    table = sides.with_columns(
        pl.col("row_l", "row_r").replace_strict(codes, default=None, return_dtype=pl.Int64)
    )
    faults = contradictions(table)
    if faults:
        raise InputError(f"constraints: {'; '.join(faults)}")


def resolve_constraints(
    constraints: pl.DataFrame, residents: pl.DataFrame, *, reference_date: date | None = None
) -> tuple[pl.DataFrame, list[int]]:
    """Return LINKS between the rows of `residents`, and the lines that name a record not among them.

    residents: row, record_id, nik_clean, nik_verdict. A NIK stands for every undamaged row that holds it.
    Entries whose `until` lies before reference_date have lapsed and are left out. InputError when
    the entries contradict each other, also through chains: it names the entries by line.
    """
    live = constraints
    if reference_date is not None:
        live = live.filter(pl.col("until").is_null() | (pl.col("until") >= reference_date))
    sides = [_rows_of(live, residents, side) for side in "lr"]
    both = sides[0].join(sides[1], on="line", how="inner", maintain_order="left")
    links = both.filter(pl.col("row_l") != pl.col("row_r")).join(
        live, on="line", how="left", maintain_order="left"
    )
    links = links.with_columns(
        pl.min_horizontal("row_l", "row_r").alias("row_l"), pl.max_horizontal("row_l", "row_r").alias("row_r")
    )
    links = links.select(pl.col(column).cast(kind) for column, kind in LINKS.items())
    links = links.unique(["row_l", "row_r", "kind"], keep="first", maintain_order=True).sort(
        "row_l", "row_r", "kind"
    )
    faults = contradictions(links)
    if faults:
        raise InputError(f"constraints: {'; '.join(faults)}")
    unmatched = sorted(set(live["line"]) - set(both["line"]))
    return links, unmatched


def named_in(constraints: pl.DataFrame, residents: pl.DataFrame) -> pl.DataFrame:
    """Return row, record_id, nik_clean and nik_verdict of the residents that an entry may name.

    Args:
        constraints: as `load_constraints` returns them.
        residents: residents with their clean columns.
    """
    ids, niks = (
        pl.concat([constraints[f"{key}_{side}"] for side in "lr"]).drop_nulls().implode()
        for key in ("record_id", "nik")
    )
    named = pl.col("record_id").is_in(ids) | pl.col("nik_clean").is_in(niks)
    return residents.filter(named).select("row", "record_id", "nik_clean", "nik_verdict")


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
    """Return row_l, row_r, kind, who, when, until and line with every consequence of the links.

    must_links hold by chain, cannot_links through them: if a must be b and b cannot be c, then a cannot be c.
    who, when, until and line are null for what only follows.

    Args:
        links: row_l, row_r and kind, with who, when, until and line where known.
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
    stated = links.select(*keys, "who", "when", "until", "line").unique(
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


def _rows_of(constraints: pl.DataFrame, residents: pl.DataFrame, side: str) -> pl.DataFrame:
    """Return line and row_<side>: the rows that one side of each entry names."""
    undamaged = residents.filter(pl.col("nik_verdict").is_in(USABLE_NIK))
    keys = (
        ("record_id", residents.select("record_id", "row")),
        ("nik", undamaged.select(pl.col("nik_clean").alias("nik"), "row")),
    )
    found = [
        constraints.filter(pl.col(f"{key}_{side}").is_not_null())
        .select("line", pl.col(f"{key}_{side}").alias(key))
        .join(rows, on=key, how="inner", maintain_order="left")
        .select("line", pl.col("row").alias(f"row_{side}"))
        for key, rows in keys
    ]
    return pl.concat(found).sort("line", f"row_{side}")


def _read(source: Any) -> tuple[str, pl.DataFrame]:
    if not isinstance(source, str | Path):
        try:
            return "constraints", source if isinstance(source, pl.DataFrame) else pl.DataFrame(source)
        except (TypeError, ValueError):
            found = type(source).__name__
            raise InputError(
                f"constraints: found {found}; allowed: a CSV or Parquet file, or a frame"
            ) from None
    path = Path(source)
    if path.suffix.lower() not in (".csv", ".parquet"):
        raise InputError(f"constraints {path.name}: suffix {path.suffix!r}; allowed: .csv, .parquet")
    try:
        if path.suffix.lower() == ".parquet":
            return f"constraints {path.name}", pl.read_parquet(path)
        return f"constraints {path.name}", pl.read_csv(path, infer_schema=False)
    except FileNotFoundError:
        raise InputError(f"constraints {path.name}: no such file") from None
    except (pl.exceptions.PolarsError, OSError) as fault:
        raise InputError(f"constraints {path.name}: not readable ({type(fault).__name__})") from None


def _date(column: str) -> pl.Expr:
    text = pl.col(column).str.slice(0, 10)
    day = pl.coalesce(text.str.to_date("%Y-%m-%d", strict=False), text.str.to_date("%d-%m-%Y", strict=False))
    return pl.when(day.is_between(FIRST_DAY, LAST_DAY)).then(day).alias(column)


def _faults(table: pl.DataFrame, dates: pl.DataFrame) -> list[str]:
    """Return every fault of the entries, by line."""
    one_key = {
        side: pl.col(f"record_id_{side}").is_not_null().cast(pl.Int8)
        + pl.col(f"nik_{side}").is_not_null().cast(pl.Int8)
        != 1
        for side in "lr"
    }
    checks: Iterable[tuple[pl.Expr | pl.Series, str]] = (
        (~pl.col("kind").is_in(KINDS).fill_null(False), f"kind is none of {', '.join(KINDS)}"),
        (one_key["l"], "give record_id_l or nik_l, one of them"),
        (one_key["r"], "give record_id_r or nik_r, one of them"),
        (pl.col("record_id_l") == pl.col("record_id_r"), "both sides are the same record"),
        (pl.col("who").is_null(), "who is missing"),
        (dates["when"].is_null(), f"when is {_NO_DATE}"),
        (
            pl.col("until").is_not_null() & dates["until"].is_null(),
            f"until is {_NO_DATE}",
        ),
    )
    found = [(line, text) for check, text in checks for line in table.filter(check)["line"]]
    return [f"entry {line}: {text}" for line, text in sorted(found)]
