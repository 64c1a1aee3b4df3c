"""Parts of an extract: each is read by itself, and no record is ever in two.

A Parquet file is cut into ranges of rows, which are read from it whenever they are asked for. A CSV file is read once,
block by block (blocks.py). A workbook or a frame, and a CSV file that cannot be cut, is read once and as a whole, for
what its rows mean depends on those around them. The records that come of either lie on the shelf, in parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.columnar.spill import Shelf
from nikdedup.config import Config
from nikdedup.errors import InputError
from nikdedup.residents.damage import Key
from nikdedup.residents.parts.blocks import RECORDS, Blocks, put_in_blocks
from nikdedup.residents.parts.seen import Look
from nikdedup.residents.read import (
    ColumnMap,
    Item,
    Shaped,
    SourceInfo,
    Table,
    changed,
    check_overrides,
    columns_of,
    csv_blocks,
    footer,
    identified,
    placed,
    read_parquet,
    shape,
    suffix,
    tables_of,
)
from nikdedup.schema import in_order

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Source:
    """The file, sheet or frame that a part is of; fields as in `SourceInfo`. how: field -> what told it."""

    input: int
    file: str | None
    sheet: str | None
    digest: str
    how: dict[str, str]
    ragged_rows: list[int] = field(default_factory=list)
    surplus_cells: int = 0
    misquoted_rows: list[int] = field(default_factory=list)

    @property
    def key(self) -> Key:
        """By what a source is known."""
        return self.input, self.file, self.sheet

    def info(self, rows: int, types: dict[str, str]) -> SourceInfo:
        """Return what is known of the source, of which so many records were kept."""
        return SourceInfo(
            self.file, self.sheet, self.input, rows, types, self.digest, self.ragged_rows, self.surplus_cells,
            self.misquoted_rows,
        )  # fmt: skip


@dataclass(frozen=True)
class FileRange:
    """Rows of one Parquet file: so many from row `begin` (0-based) of the file on.

    columns: where the fields of the file stand. changed: size and time of change of the file, by which it is known
    to be still the same.
    """

    source: Source
    rows: int
    path: Path
    changed: tuple[int, int]
    begin: int
    columns: ColumnMap


@dataclass(frozen=True)
class Shelved:
    """Records that lie on the shelf as those of part `number`: their source is no file that is read part by part."""

    source: Source
    rows: int
    number: int
    seen: Look


Slice = FileRange | Shelved
"""Rows of one source."""


def slices_of(
    items: Iterable[Item],
    config: Config,
    shelf: Shelf,
    *,
    most: int,
    whole: Callable[[Path], None] = lambda path: None,
) -> list[Slice]:
    """Return the parts of files and frames, of `most` rows each or few more; of Parquet, whole row groups if it can
    be.

    Args:
        items: index of the input with its file or frame, as `expand` returns them.
        config: settings of the run.
        shelf: where parts leave arrays for each other: memory or a folder.
        most: rows of a part at most.
        whole: called with a CSV file that is to be read as a whole, before it is.

    Raises:
        InputError: for a file or frame that is no extract.
        ConfigError: for settings that do not fit it.
    """
    slices: list[Slice] = []
    headers: list[list[str]] = []
    first_tables: dict[int, Table] = {}
    for index, item in items:
        blocks = _blocks(index, item, config, shelf, len(slices), most)
        if blocks is not None:
            headers.append(blocks.table.headers)
            slices += _of_blocks(index, blocks)
            continue
        if _is_csv(item):
            whole(item)
        for _, table in tables_of([(index, item)], config, first_tables):
            headers.append(table.headers)
            slices += (
                _shelved(index, table, config, shelf, len(slices), most)
                if table.path is None
                else _ranges(index, table, table.path, config, most)
            )
    check_overrides(headers, config)
    return slices


def _is_csv(item: Any) -> bool:
    return isinstance(item, Path) and suffix(item) in (".csv", ".tsv", ".txt")


def _blocks(index: int, item: Any, config: Config, shelf: Shelf, first: int, most: int) -> Blocks | None:
    """Put the records of a CSV file on the shelf in blocks; None for anything else, and where it cannot be cut."""
    if not _is_csv(item):
        return None
    tables = csv_blocks(item, config, lines=most)
    return None if tables is None else put_in_blocks(index, tables, config, shelf, first=first)


def _of_blocks(index: int, blocks: Blocks) -> list[Slice]:
    """Return the parts whose records lie on the shelf in blocks."""
    table = blocks.table
    source = Source(
        index,
        table.file,
        None,
        table.digest or "",
        blocks.how,
        blocks.ragged,
        blocks.surplus,
        blocks.misquoted,
    )
    return [
        Shelved(source, seen.records, number, replace(seen, types=blocks.types))
        for number, seen in blocks.parts
    ]


def _ranges(index: int, table: Table, path: Path, config: Config, most: int) -> list[Slice]:
    columns = columns_of(table, config)
    source = Source(index, table.file, None, table.digest or "", columns.how)
    cuts = _cuts(_row_groups(path), most) or [(0, 0)]  # an empty file is a source too
    return [FileRange(source, rows, path, changed(path), begin, columns) for begin, rows in cuts]


def _shelved(index: int, table: Table, config: Config, shelf: Shelf, first: int, most: int) -> list[Slice]:
    """Read a source, put its records on the shelf, and return its parts, the first of which has number `first`."""
    part = shape(table, config)
    source = Source(
        index,
        table.file,
        table.sheet,
        part.digest,
        part.columns.how,
        table.ragged,
        table.surplus,
        table.misquoted,
    )
    seen = Look.of(part)
    further = replace(seen, skipped=[], loose=[replace(one, filled=0) for one in seen.loose])
    frame = placed(table, part, index=index, rows=pl.int_range(seen.records, eager=True))
    cuts = _cuts([seen.records], most) or [(0, 0)]
    for number, (begin, rows) in enumerate(cuts, first):
        shelf.put_table(RECORDS, number, frame[begin : begin + rows])
    return [
        Shelved(source, rows, number, replace(further if begin else seen, records=rows))
        for number, (begin, rows) in enumerate(cuts, first)
    ]


def fields_of(slices: Sequence[Slice]) -> list[str]:
    """Return the fields of all parts that have rows.

    Args:
        slices: parts of an extract.
    """
    found = {name for one in slices if one.rows for name in _named_fields(one)}
    return in_order(found)


def _named_fields(one: Slice) -> Iterable[str]:
    return one.columns.fields if isinstance(one, FileRange) else one.seen.fields


def _row_groups(path: Path) -> list[int]:
    """Return how many rows each row group of a Parquet file has."""
    about = footer(path)
    return [about.row_group(i).num_rows for i in range(about.num_row_groups)]


def _cuts(groups: Sequence[int], most: int) -> list[tuple[int, int]]:
    """Return where slices begin and how many rows they have.

    >>> _cuts([40, 40, 40, 250], 100)
    [(0, 80), (80, 40), (120, 100), (220, 100), (320, 50)]
    """
    cuts: list[tuple[int, int]] = []
    begin = size = 0
    for rows in groups:
        if size + rows > most:
            cuts.append((begin, size))
            begin, size = begin + size, 0
        size += rows
        while size > most:
            cuts.append((begin, most))
            begin, size = begin + most, size - most
    return [cut for cut in (*cuts, (begin, size)) if cut[1]]


def completed(frame: pl.DataFrame, fields: Sequence[str]) -> pl.DataFrame:
    """Return records with all fields of the extract: null where their own source has none of the kind."""
    return frame.with_columns(pl.lit(None, pl.String).alias(f) for f in fields if f not in frame.columns)


def read_slice(
    one: Slice,
    config: Config,
    shelf: Shelf,
    *,
    first_row: int,
    fields: Sequence[str],
    wanted: Rows | None = None,
    skipped: Sequence[int] = (),
) -> pl.DataFrame:
    """Return the records of a part, as `read` gives those of a whole extract.

    Args:
        one: the part.
        config: settings of the run.
        shelf: where parts leave arrays for each other: memory or a folder.
        first_row: number of the first record.
        fields: of all parts.
        wanted: which records, counted from 0; None for all.
        skipped: rows of the part that are no records, as its `Look` tells; asked for with `wanted`, of which no
            other row is understood.
    """
    if isinstance(one, Shelved):
        frame = shelf.table(RECORDS, one.number)
        frame = frame if wanted is None else frame[wanted]
        here = np.arange(one.rows) if wanted is None else wanted
        frame = frame.with_columns(pl.Series("row", first_row + here))
    else:
        if wanted is None:
            table, part = shaped_rows(one, config)
            wanted = np.arange(part.fields.height)
        else:
            table, part = shaped_rows(one, config, np.delete(np.arange(one.rows), skipped)[wanted])
        frame = placed(table, part, index=one.source.input, rows=pl.Series(first_row + wanted))
    return identified(completed(frame, fields), config)


def shaped_rows(
    one: FileRange, config: Config, rows: Rows | None = None, *, counted: bool = False
) -> tuple[Table, Shaped]:
    """Return the table of a file and the records of a range of it. rows: of the range, sorted; None for all."""
    if changed(one.path) != one.changed:
        raise InputError(f"{one.source.file}: was changed while it was read; run again")
    table = read_parquet(one.path, one.source.digest)
    frame, place = table.frame.slice(one.begin, one.rows), pl.int_range(1, one.rows + 1, eager=True)
    if rows is not None:
        frame, place = frame.map_batches(lambda read: read[rows], slice_pushdown=False), place[rows]
    table = replace(table, file=one.source.file, frame=frame)
    part = shape(table, config, known=one.columns, counted=counted)
    source_rows = place.gather(part.source_rows - 1) + one.begin
    skipped = [(row + one.begin, reason) for row, reason in part.skipped]
    return table, replace(part, source_rows=source_rows, skipped=skipped)
