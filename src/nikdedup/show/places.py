"""How a record is called in an explanation: its number (`row`, from 0) and its line in the file it came from."""

from __future__ import annotations

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
    """Return row -> where it stands, such as "baris 12" or "baris 12, daftar.xlsx/Murung"; "" where not known.

    The file is named where the records come from several. Both numbers are always labelled: "data nomor"
    (record number) is ours and counts from 0, "baris" (row) is what Excel or an editor shows.
    """
    known = dict.fromkeys(rows, "")
    if residents is None or "source_row" not in residents.columns:
        return known
    files = [name for name in ("source_file", "source_sheet") if name in residents.columns]
    several = bool(files) and residents.select(files).unique().height > 1
    found = residents.filter(pl.col("row").is_in(rows)).select("row", "source_row", *files)
    for row, line, *names in found.iter_rows():
        if line is not None:
            origin = mask_numbers("/".join(name for name in names if name)) if several else ""
            known[row] = say("explain.line", lang, line=line) + (f", {origin}" if origin else "")
    return known


def named(row: int, place: str, lang: str) -> str:
    """Return number and place of a record as one text.

    >>> named(11, "baris 12", "id"), named(11, "", "en")
    ('data nomor 11 (baris 12)', 'record number 11')
    """
    return say("explain.number", lang, row=row) + (f" ({place})" if place else "")
