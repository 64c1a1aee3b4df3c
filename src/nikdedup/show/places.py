"""How a record is called: its number (`row`, from 0), its line in the file it came from, its own id."""

from __future__ import annotations

from typing import Any

import polars as pl

from nikdedup.masking import mask_numbers
from nikdedup.show.texts import say


def shown_place(columns: list[str], lang: str) -> pl.Expr:
    """Return where a record stands, as the workbook shows it and `explain` takes it: "daftar.xlsx:Murung:12".

    columns: those of the published residents. Records of a frame have no file: "baris 12". Null without a line.
    """
    if "source_row" not in columns:
        return pl.lit(None, pl.String)
    line = pl.col("source_row").cast(pl.String)
    before, after = say("explain.line", lang, line="\n").split("\n")
    bare = pl.concat_str(pl.lit(before), line, pl.lit(after))
    parts = [pl.col(name) for name in ("source_file", "source_sheet") if name in columns]
    origin = pl.concat_str(pl.lit(""), *parts, separator=":", ignore_nulls=True).str.strip_prefix(":")
    return pl.when(origin == "").then(bare).otherwise(pl.concat_str(origin, pl.lit(":"), line))


def places(residents: pl.DataFrame | None, rows: list[int], lang: str) -> dict[int, str]:
    """Return row -> where it stands, such as "baris 12" or "baris 12, daftar.xlsx/Murung, ID R-7"; "" where not known.

    The file is named where the records come from several, the record id where it is not the row. All numbers are
    labelled: "data nomor" (record number) is ours and counts from 0, "baris" (row) is what Excel or an editor shows.
    """
    if residents is None:
        return dict.fromkeys(rows, "")
    files: list[str] = [name for name in ("source_file", "source_sheet") if name in residents.columns]
    several = bool(files) and residents.select(files).unique().height > 1
    found = residents.filter(pl.col("row").is_in(rows)).rows_by_key("row", named=True, unique=True)
    return {row: _place(row, found.get(row, {}), files if several else [], lang) for row in rows}


def _place(row: int, resident: dict[str, Any], files: list[str], lang: str) -> str:
    """Return line, file and id of one record, as far as they are known and say something."""
    line, own = resident.get("source_row"), resident.get("record_id")
    parts = [
        say("explain.line", lang, line=line) if line is not None else "",
        "/".join(resident[name] for name in files if resident[name]),
        say("explain.record_id", lang, id=own) if own not in (None, str(row)) else "",
    ]
    return mask_numbers(", ".join(part for part in parts if part))


def named(row: int, place: str, lang: str) -> str:
    """Return number and place of a record as one text.

    >>> named(11, "baris 12", "id"), named(11, "", "en")
    ('data nomor 11 (baris 12)', 'record number 11')
    """
    return say("explain.number", lang, row=row) + (f" ({place})" if place else "")
