"""Tables put right: one for each file, sheet or frame, and all of them under each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from nikdedup.residents.read import Shaped, Table
from nikdedup.show.formulas import may_run, neutral
from nikdedup.show.formulas import neutralised as safe
from nikdedup.show.frame_edit import Changes, edited

CHANGE_TABLE: dict[str, pl.DataType] = {
    "row": pl.Int64(),  # of the record, as contracts say; null for a row that was left out
    "source_file": pl.String(),
    "source_sheet": pl.String(),
    "source_row": pl.Int64(),
    "column": pl.String(),  # header as it stands in the file; null for a row that was left out
    "before": pl.String(),
    "after": pl.String(),  # null where what was lost cannot be put back
    "reason": pl.String(),  # one of residents.change_steps.KINDS
    "certain": pl.Boolean(),
    "applied": pl.Boolean(),
}
"""The change table, sorted by row, left-out rows last. It holds identities, as the extract does."""

LINES = CHANGE_TABLE | {"field": pl.String(), "place": pl.Int64()}
"""The change table with field and position of the column."""

PLACES = ("kel_name", "kec_name", "kab_name", "prop_name")
"""Fields that titles, group rows or the name of a sheet may say where no column does."""

_COUNT = "\x1f"
"""Parts header and number in the name of a column; no header holds it."""


@dataclass(frozen=True)
class CleanTable:
    """One table put right. file: number of its file among the inputs; None for a frame.

    cells: the records as text, changes put in; columns as in table. came: the same as they came, typed where
    the source has types. kinds: what each cell was in a workbook. lines: changes, as
    CHANGE_TABLE with `place` (position of the column) and `field`. left_out: a line per row that is no record.
    places: field -> position of its column. start: row of the first record in the whole extract.
    """

    file: int | None
    table: Table
    shaped: Shaped
    cells: pl.DataFrame = field(repr=False)
    came: pl.DataFrame = field(repr=False)
    kinds: pl.DataFrame | None = field(repr=False)
    lines: pl.DataFrame = field(repr=False)
    left_out: pl.DataFrame = field(repr=False)
    places: Mapping[str, int]
    start: int

    @property
    def typed(self) -> bool:
        """Whether columns have types of their own: a frame or a Parquet file."""
        return self.kinds is None and self.table.separator is None

    def places_without_column(self) -> pl.DataFrame:
        """Return the places of the records that no column says, as fields."""
        fields = self.shaped.fields
        told = [f for f in PLACES if f in fields.columns and f not in self.shaped.columns.fields]
        return fields.select(f for f in told if fields[f].null_count() < fields.height)

    def typed_changes(self) -> tuple[Changes, pl.DataFrame]:
        """Return the changes of typed columns, and the lines that hold: a date column has no way of writing."""
        dates = [i for i, dtype in enumerate(self.came.dtypes) if dtype in (pl.Date, pl.Datetime)]
        style = pl.col("place").is_in(dates) & pl.col("reason").is_in(["date_format"])
        lines = self.lines.filter(~style.fill_null(False))
        found = {}
        for (place,), own in lines.filter("applied").group_by("place", maintain_order=True):
            found[int(str(place))] = ((own["row"] - self.start).cast(pl.UInt32), own["after"])
        return found, lines

    def typed_cells(self) -> pl.DataFrame:
        """Return the records in the types they had, changes put in."""
        return edited(self.came, self.typed_changes()[0], self.cells) if self.typed else self.cells

    def formulas(self) -> pl.DataFrame:
        """Return a line for each cell that could run as a formula: it gets an apostrophe, or Excel's own one."""
        found = [pl.DataFrame(schema=LINES)]
        for place, name in enumerate(self.cells.columns):
            at = self.cells.select(may_run(pl.col(name)).fill_null(False)).to_series().arg_true()
            if not len(at):
                continue
            texts = self.cells[name].gather(at)
            columns = {
                "row": at.cast(pl.Int64) + self.start,
                "source_row": self.shaped.source_rows.gather(at),
                "before": texts,
                "after": texts.to_frame("text").select(neutral(pl.col("text"))).to_series(),
            }
            found.append(self.applied(columns, place, "formula"))
        return pl.concat(found)

    def applied(
        self, columns: Mapping[str, pl.Series], place: int, reason: str, field: str | None = None
    ) -> pl.DataFrame:
        """Return lines that are applied for certain. columns: row, source_row, before, after."""
        same = {
            "source_file": self.table.file,
            "source_sheet": self.table.sheet,
            "column": self.table.headers[place],
            "reason": reason,
            "certain": True,
            "applied": True,
            "field": field,
            "place": place,
        }
        lines = pl.DataFrame(dict(columns)).with_columns(
            pl.lit(value).alias(key) for key, value in same.items()
        )
        return lines.select(pl.col(key).cast(dtype) for key, dtype in LINES.items())


@dataclass(frozen=True)
class Stacked:
    """Tables under each other: headers as they came, one column per header, and the changes made."""

    headers: list[str]
    table: pl.DataFrame
    changes: pl.DataFrame


def stacked(tables: Sequence[CleanTable], *, typed: bool = False, neutralised: bool = False) -> Stacked:
    """Return tables under each other; with where records came from, if there are several sources, and the places that
    stood above the records or in the name of a sheet.

    Args:
        tables: cleaned tables, in order.
        typed: columns keep their type where all tables agree on it; else all cells are texts.
        neutralised: with an apostrophe in front of what could run as a formula.
    """
    filled = [table for table in tables if table.cells.height]
    frames = [_named(table.typed_cells() if typed else table.cells, table) for table in filled]
    frames = _of_one_type(frames, [_named(table.cells, table) for table in filled])
    frames = _sourced(filled, [_placed(frame, table) for frame, table in zip(frames, filled, strict=True)])
    whole = pl.concat(frames, how="diagonal")
    lines = [table.typed_changes()[1] if typed else table.lines for table in tables]
    if neutralised:
        lines += [table.formulas() for table in filled]
        whole = safe(whole)
    headers = [name.rpartition(_COUNT)[0] for name in whole.columns]
    return Stacked(headers, whole, listed([*lines, *(table.left_out for table in tables)]))


def listed(lines: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return lines as the change table, in order of row and column."""
    whole = pl.concat([pl.DataFrame(schema=LINES), *lines])
    return whole.sort("row", "place", nulls_last=True, maintain_order=True).select(list(CHANGE_TABLE))


def _named(frame: pl.DataFrame, table: CleanTable) -> pl.DataFrame:
    """Name columns by their header and how often it stood further left, so that sources can be stacked."""
    headers = table.table.headers
    names = [f"{header}{_COUNT}{headers[:i].count(header)}" for i, header in enumerate(headers)]
    return frame.rename(dict(zip(frame.columns, names, strict=True)))


def _placed(frame: pl.DataFrame, table: CleanTable) -> pl.DataFrame:
    """Add columns for what titles, group rows or the sheet's name say of the place: those do not come along."""
    told = table.places_without_column().rename(lambda name: f"{name.upper()}{_COUNT}0")
    return frame.hstack([column for column in told if column.name not in frame.columns])


def _of_one_type(frames: list[pl.DataFrame], texts: list[pl.DataFrame]) -> list[pl.DataFrame]:
    """Return frames whose columns of one name have one type: text where they differ."""
    types: dict[str, set[pl.DataType]] = {}
    for frame in frames:
        for name, dtype in frame.schema.items():
            types.setdefault(name, set()).add(dtype)
    differ = {name for name, found in types.items() if len(found) > 1}
    return [
        frame.with_columns(text[name] for name in frame.columns if name in differ)
        for frame, text in zip(frames, texts, strict=True)
    ]


def _sourced(tables: Sequence[CleanTable], frames: Sequence[pl.DataFrame]) -> list[pl.DataFrame]:
    """Add the columns that tell sources apart, each where there is something to tell; filled ones stay."""
    told = {"source_file": [t.table.file for t in tables], "source_sheet": [t.table.sheet for t in tables]}
    found = list(frames)
    for header, values in told.items():
        if len(set(values)) < 2:
            continue
        name = f"{header}{_COUNT}0"
        for i, value in enumerate(values):
            new = pl.lit(value, pl.String())
            there = name in found[i].columns
            found[i] = found[i].with_columns((pl.col(name).fill_null(new) if there else new).alias(name))
    return found
