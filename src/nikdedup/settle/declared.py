"""What officers and villages have declared of records, as a list that is read and checked before any record is.

A list (CSV, Parquet or a frame) has the columns of CONSTRAINTS, all text. A pair is one person (must_link) or two
(cannot_link); a record is of somebody who is dead, moved, abroad or inactive. A record is named by its record id, by
its NIK, or by its record key, which is what rows without either are known by.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl

from nikdedup.columnar.distinct import map_distinct
from nikdedup.config import FIRST_DAY, LAST_DAY
from nikdedup.errors import InputError
from nikdedup.masking import is_plain, mask_numbers
from nikdedup.residents import HASH
from nikdedup.schema import GONE, USABLE_NIK

PAIRS = ("must_link", "cannot_link")
"""Kinds of entries about two records; those about one are schema.GONE."""
KINDS = (*PAIRS, *GONE)
NAMES = ("record_id", "nik", "record_key")
"""How a record is named. A NIK beside a record key counts where no record has that key, and one alone has the NIK."""
CONSTRAINTS = (
    "kind",
    *(f"{name}_{side}" for name in NAMES for side in "lr"),
    "who",
    "when",
    "why",
    "until",
    "source",
)
"""Columns of a list; `why`, `until` and `source` (file and cell that an answer stood in) may be empty.
`source` stands in `run.json` with long numbers masked."""

_NO_DATE = f"no date (yyyy-mm-dd or dd-mm-yyyy) from {FIRST_DAY} to {LAST_DAY}"


def load_constraints(source: str | Path | pl.DataFrame | Any) -> pl.DataFrame:
    """Return a list of what was declared, checked: CONSTRAINTS as text, `when` and `until` as dates, and line.

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
    source = map_distinct(table["source"], mask_numbers, pl.String())
    dates = table.with_columns(_date("when"), _date("until"), source, pl.col("line").cast(pl.Int64))
    faults = _faults(table, dates)
    if faults:
        raise InputError(f"{origin}: {'; '.join(faults)}")
    return dates


def with_villages(officers: pl.DataFrame | None, villages: pl.DataFrame | None) -> pl.DataFrame | None:
    """Return both lists as one, with `village`; entries of the villages are numbered after those of the officers.

    Args:
        officers: as `load_constraints` returns it; None without one.
        villages: the same, of what villages have answered.
    """
    first = 0 if officers is None else len(officers)
    told = [
        table.with_columns(pl.col("line") + shift, village=pl.lit(village))
        for table, shift, village in ((officers, 0, False), (villages, first, True))
        if table is not None
    ]
    return pl.concat(told) if told else None


def names_of(side: str) -> pl.Expr:
    """Return one text for how the record of a side is named, by which two entries name the same; null without one."""
    ways = ("record_key", "record_id", "nik")
    return pl.coalesce(f"{name}:" + pl.col(f"{name}_{side}") for name in ways)


def named_in(declared: pl.DataFrame, residents: pl.DataFrame) -> pl.DataFrame:
    """Return row, record_id, nik_clean, nik_verdict and HASH of the residents of any part that an entry may name.

    Args:
        declared: as `load_constraints` returns it.
        residents: residents with their clean columns, and with HASH where record ids are not given.
    """
    ids, niks, keys = (
        pl.concat([declared[f"{name}_{side}"] for side in "lr"]).drop_nulls().unique() for name in NAMES
    )
    hashed = [name for name in HASH if name in residents.columns]
    named = pl.col("record_id").is_in(ids.implode()) | pl.col("nik_clean").is_in(niks.implode())
    named |= pl.col(HASH[0]).is_in(_high(keys)) if hashed else pl.col("record_id").is_in(keys.implode())
    return residents.filter(named).select("row", "record_id", "nik_clean", "nik_verdict", *hashed)


def _high(keys: pl.Series) -> list[int]:
    """Return the first of HASH of record keys; texts that are none are left out."""
    digits = keys.str.extract(r"^([0-9a-f]{16})[0-9a-f]{8}(?:-\d+)?$").drop_nulls()
    return [int(text, 16) for text in digits]


def rows_named(declared: pl.DataFrame, residents: pl.DataFrame, side: str) -> pl.DataFrame:
    """Return line and row_<side>: the rows that one side of each entry names.

    declared: as `load_constraints` returns it. residents: row, record_id, nik_clean, nik_verdict, and record_key
    where an entry names one. A NIK stands for every undamaged row that holds it.
    """
    undamaged = residents.filter(pl.col("nik_verdict").is_in(USABLE_NIK)).select(
        name="nik_clean", row="row", holders=pl.len().over("nik_clean")
    )
    key = "record_key" if "record_key" in residents.columns else "record_id"
    found = [
        _named(declared, f"{name}_{side}", residents.select(name=column, row="row"))
        for name, column in (("record_id", "record_id"), ("record_key", key))
    ]
    by_key = declared[f"record_key_{side}"].is_not_null()
    niks = _named(declared.filter(~by_key), f"nik_{side}", undamaged)
    lost = declared.filter(by_key & ~declared["line"].is_in(found[1]["line"].implode()))
    instead = _named(lost, f"nik_{side}", undamaged.filter(pl.col("holders") == 1))
    every = pl.concat([*found, niks, instead]).rename({"row": f"row_{side}"})
    return every.unique().sort("line", f"row_{side}")


def _named(declared: pl.DataFrame, column: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Return line and row of the entries whose column names a row. rows: name and row."""
    entries = declared.filter(pl.col(column).is_not_null()).select("line", name=column)
    return entries.join(rows, on="name", how="inner", maintain_order="left").select("line", "row")


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
    about_one = pl.col("kind").is_in(GONE).fill_null(False)
    checks: Iterable[tuple[pl.Expr | pl.Series, str]] = (
        (~pl.col("kind").is_in(KINDS).fill_null(False), f"kind is none of {', '.join(KINDS)}"),
        (~_named_once("l"), "give record_id_l, nik_l or record_key_l, one of them"),
        (~about_one & ~_named_once("r"), "give record_id_r, nik_r or record_key_r, one of them"),
        (about_one & names_of("r").is_not_null(), "is about one record; leave the names of _r empty"),
        (_one_record("record_id") | _one_record("record_key"), "both sides are the same record"),
        (pl.col("who").is_null(), "who is missing"),
        (dates["when"].is_null(), f"when is {_NO_DATE}"),
        (
            pl.col("until").is_not_null() & dates["until"].is_null(),
            f"until is {_NO_DATE}",
        ),
    )
    found = [(line, text) for check, text in checks for line in table.filter(check)["line"]]
    return [f"entry {line}: {text}" for line, text in sorted(found)]


def _named_once(side: str) -> pl.Expr:
    """Say whether a side is named in one way; a NIK may stand beside a record key."""
    by = {name: pl.col(f"{name}_{side}").is_not_null().cast(pl.Int8) for name in NAMES}
    return by["record_id"] + pl.max_horizontal(by["nik"], by["record_key"]) == 1


def _one_record(name: str) -> pl.Expr:
    return (pl.col(f"{name}_l") == pl.col(f"{name}_r")).fill_null(False)
