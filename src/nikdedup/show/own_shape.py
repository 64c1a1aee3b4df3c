"""An input file put right in its own shape: the same workbook, CSV or Parquet file with the cells that change.

What an edit meets in the file decides what is listed: a date cell that says the day already is no change, and a
formula, or a cell that does not hold what the change was made for, is left and listed as not made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from nikdedup.publish import write_parquet
from nikdedup.residents.changes import DATES, IDS
from nikdedup.residents.ids import EXACT_FLOAT
from nikdedup.residents.read import read_bytes, suffix
from nikdedup.show.clean_tables import CleanTable, stacked
from nikdedup.show.csv_edit import edit_csv
from nikdedup.show.document_edit import edit_document, write_document
from nikdedup.show.extract_file import unique, writer
from nikdedup.show.workbook_edit import LEFT, SAME, Edit, edit_workbook, write_edited

DOCUMENT = ".ods"
WORKBOOKS = (".xlsx", ".xlsm", DOCUMENT)
CSVS = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")
PARQUETS = (".parquet", ".pq")
KEPT = (*WORKBOOKS, *CSVS, *PARQUETS)
"""Formats that are written in their own shape; the others become a table of Excel."""
AS_TABLE = ".xlsx"

Write = Callable[[Path], None]


@dataclass(frozen=True)
class OwnShape:
    """A file to be written in its own shape, and the changes that are made so."""

    write: Write
    lines: pl.DataFrame


def own_shape(path: Path, tables: Sequence[CleanTable]) -> OwnShape:
    """Return an input file with its changes put in. tables: of this file, in order."""
    if suffix(path) in WORKBOOKS:
        return _workbook(path, tables)
    if suffix(path) in CSVS:
        return _csv(path, tables[0])
    return _parquet(tables[0]) if suffix(path) in PARQUETS else _as_table(tables)


def _as_table(tables: Sequence[CleanTable]) -> OwnShape:
    """Return the sheets of a workbook that cannot be written as it is, under each other."""
    whole = stacked(tables, neutralised=True)
    lines = [one for table in tables for one in (table.lines, table.formulas(), table.left_out)]
    return OwnShape(writer(whole.headers, whole.table, AS_TABLE), pl.concat(lines))


def _parquet(table: CleanTable) -> OwnShape:
    keys = [i for i, header in enumerate(table.table.headers) if header in table.table.keys]
    frame = table.typed_cells()
    names = dict(zip(frame.columns, unique(table.table.headers), strict=True))
    frame = frame.drop([frame.columns[i] for i in keys])  # the partition folder tells them
    names = {column: names[column] for column in frame.columns}
    lines = pl.concat([table.typed_changes()[1], table.left_out])
    told = pl.col("place").is_in(keys).fill_null(False)
    lines = lines.with_columns(applied=pl.col("applied") & ~told)
    return OwnShape(lambda path: write_parquet(frame.rename(names), path), lines)


def _csv(path: Path, table: CleanTable) -> OwnShape:
    lines = _together(table.lines, table.formulas())
    asked = lines.with_row_index("line").filter(pl.col("applied") & pl.col("place").is_not_null())
    edits = [
        Edit(row, place, before, after, "text")
        for row, place, before, after in asked.select("source_row", "place", "before", "after").iter_rows()
    ]
    positions = table.table.source_rows
    done = edit_csv(
        read_bytes(path),
        edits,
        separator=table.table.separator or ",",
        starts=[] if positions is None else positions.to_list(),
        left_out=[] if table.places_without_column().width else [row for row, _ in table.shaped.skipped],
        packed=suffix(path).endswith(".gz"),
    )
    made = [_as_made(lines, asked["line"], done.outcomes)]
    if not table.places_without_column().width:  # rows that say the place of the records below them stay
        made.append(table.left_out)
    lines = pl.concat(made)
    return OwnShape(lambda target: _write_bytes(target, done.data), lines)


def _write_bytes(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _together(lines: pl.DataFrame, formulas: pl.DataFrame) -> pl.DataFrame:
    """Return changes and what keeps formulas from running, in order of row; the apostrophe comes last in a cell."""
    return pl.concat([lines, formulas]).sort("row", "place", maintain_order=True)


def _as_made(lines: pl.DataFrame, numbers: pl.Series, outcomes: Sequence[str]) -> pl.DataFrame:
    """Return the lines as they came to be. numbers: of the lines that were asked for; outcomes: of each of them."""
    became = pl.DataFrame({"line": numbers, "became": pl.Series(outcomes, dtype=pl.String())})
    told = lines.with_row_index("line").join(became, on="line", how="left", maintain_order="left")
    nothing = (pl.col("became") == SAME) | ((pl.col("became") == LEFT) & (pl.col("reason") == "formula"))
    told = told.filter(~nothing.fill_null(False))
    made = pl.col("applied") & (pl.col("became") != LEFT).fill_null(True)
    return told.with_columns(applied=made).drop("line", "became")


def _workbook(path: Path, tables: Sequence[CleanTable]) -> OwnShape:
    raw = read_bytes(path)
    lines, asked, edits = [], [], {}
    for table in tables:
        found = _together(pl.concat([table.lines, _numbers(table)]), table.formulas())
        wanted = found.with_row_index("line").filter(pl.col("applied") & pl.col("place").is_not_null())
        edits[table.table.sheet or ""] = list(_edits(table, wanted))
        lines.append(found)
        asked.append(wanted["line"])
    edit, write = (
        (edit_document, write_document) if suffix(path) == DOCUMENT else (edit_workbook, write_edited)
    )
    done = edit(raw, edits)
    made = [
        _as_made(found, numbers, done.outcomes.get(table.table.sheet or "", []))
        for table, found, numbers in zip(tables, lines, asked, strict=True)
    ]
    return OwnShape(lambda target: write(raw, done, target), pl.concat(made))


def _edits(table: CleanTable, lines: pl.DataFrame) -> Iterator[Edit]:
    """Yield the edits of a sheet: what kind of value each cell gets, and a date cell to take the format from."""
    samples: dict[int, int | None] = {}
    numbers: dict[tuple[int, str], bool] = {}
    columns = ("source_row", "place", "before", "after", "field", "reason")
    for row, place, before, after, name, reason in lines.select(columns).iter_rows():
        kind = "id" if name in IDS else "date" if name in DATES else "text"
        if reason == "formula":
            kind = "quoted"
        elif reason == "spelling":
            if (place, after) not in numbers:
                numbers[place, after] = _numeric(table, place, after)
            kind = "number" if numbers[place, after] else "text"
        if kind == "date" and place not in samples:
            samples[place] = _date_row(table, place)
        yield Edit(row, place, before, after, kind, samples.get(place) if kind == "date" else None)


def _numeric(table: CleanTable, place: int, text: str) -> bool:
    """Return whether the column writes this code as a number more often than as a text."""
    if table.kinds is None:
        return False
    alike = table.kinds[table.kinds.columns[place]].filter(table.cells[table.cells.columns[place]] == text)
    return bool(2 * (alike == "number").sum() > (alike.is_in(["number", "text"])).sum())


def _date_row(table: CleanTable, place: int) -> int | None:
    """Return the row of the column's first date cell, as Excel shows it."""
    if table.kinds is None:
        return None
    found = (table.kinds[table.kinds.columns[place]] == "date").arg_true()
    return int(table.shaped.source_rows[found[0]]) if len(found) else None


def _numbers(table: CleanTable) -> pl.DataFrame:
    """Return a line for each NIK or No. KK that is a number cell and has lost no digit: it becomes text."""
    found = [table.lines.clear()]
    if table.kinds is None:
        return found[0]
    damaged = table.lines.filter(reason="digits_lost")
    for name in IDS:
        if (place := table.places.get(name)) is None:
            continue
        values = table.cells[table.cells.columns[place]].cast(pl.Int64, strict=False)
        whole = (table.kinds[table.kinds.columns[place]] == "number") & values.is_between(10**15, EXACT_FLOAT)
        rows = whole.fill_null(False).arg_true()
        rows = rows.filter(
            ~(rows.cast(pl.Int64) + table.start).is_in(damaged.filter(field=name)["row"].implode())
        )
        found.append(_as_text(table, name, place, rows))
    return pl.concat(found)


def _as_text(table: CleanTable, name: str, place: int, rows: pl.Series) -> pl.DataFrame:
    """Return a line for each number that becomes text. rows: positions of the records."""
    texts = table.cells[table.cells.columns[place]].gather(rows)
    told = {
        "row": rows.cast(pl.Int64) + table.start,
        "source_row": table.shaped.source_rows.gather(rows),
        "before": texts,
        "after": texts,
    }
    return table.applied(told, place, "number_to_text", name)
