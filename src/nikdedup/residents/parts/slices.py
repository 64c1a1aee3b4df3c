"""Parts of an extract: each is read by itself, and no record is ever in two.

A Parquet file is cut into ranges of rows, which are read from it whenever they are asked for. Everything else is read
once and as a whole, for what its rows mean depends on those around them: a quoted cell of a CSV file runs over several
lines, a title names the village of the rows below, a card stands at the head of a family alone. The records that come
of it lie on the shelf, in parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.columnar.spill import Shelf
from nikdedup.config import Config
from nikdedup.errors import InputError
from nikdedup.residents.as_of import count_births
from nikdedup.residents.damage import Key
from nikdedup.residents.normalise import count_events
from nikdedup.residents.read import (
    ColumnMap,
    Item,
    Loose,
    Shaped,
    SourceInfo,
    Table,
    check_overrides,
    columns_of,
    footer,
    identified,
    placed,
    read_parquet,
    shape,
    tables_of,
)
from nikdedup.schema import FIELDS

Rows = npt.NDArray[np.int64]

RECORDS = "records"
"""Table on the shelf: the records of a part that was read with its whole source."""


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

    @property
    def key(self) -> Key:
        """By what a source is known."""
        return self.input, self.file, self.sheet

    def told(self, rows: int, types: dict[str, str]) -> SourceInfo:
        """Return what is told of the source of which so many records were kept."""
        return SourceInfo(
            self.file, self.sheet, self.input, rows, types, self.digest, self.ragged_rows, self.surplus_cells
        )


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
class Look:
    """What a first look at a part has found: how many records, what are none, and what `Shaped` says of columns.

    fields: that the records have. events, births: as `count_events` and `count_births` give them. sexes: texts of the
    column of sex. columns: what was put on the shelf, with types.
    """

    records: int
    skipped: list[tuple[int, str]]
    headers: dict[str, list[str]]
    unmapped: list[str]
    types: dict[str, str]
    loose: list[Loose]
    fields: list[str] = field(default_factory=list)
    events: npt.NDArray[np.int64] = field(default_factory=lambda: count_events([]))
    births: npt.NDArray[np.int64] = field(default_factory=lambda: count_births(None))
    sexes: list[str] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, part: Shaped) -> Look:
        """Return what shaping a part tells of it."""
        fields = [name for name in FIELDS if name in part.fields.columns]
        return cls(
            part.fields.height, part.skipped, part.headers, part.unmapped, part.types, part.loose, fields
        )


@dataclass(frozen=True)
class Shelved:
    """Records that were read with their whole source, and lie on the shelf as those of part `number`."""

    source: Source
    rows: int
    number: int
    seen: Look


Slice = FileRange | Shelved
"""Rows of one source."""


def slices_of(items: Iterable[Item], config: Config, shelf: Shelf, *, most: int) -> list[Slice]:
    """Return the parts of files and frames, of `most` rows each at most; Parquet where it can be of whole row groups.

    Raises InputError or ConfigError for what tells that the files are no extract.
    """
    slices: list[Slice] = []
    headers = []
    for index, table in tables_of(items, config):
        headers.append(table.headers)
        slices += (
            _shelved(index, table, config, shelf, len(slices), most)
            if table.path is None
            else _ranges(index, table, table.path, config, most)
        )
    check_overrides(headers, config)
    return slices


def _ranges(index: int, table: Table, path: Path, config: Config, most: int) -> list[Slice]:
    columns = columns_of(table, config)
    source = Source(index, table.file, None, table.digest or "", columns.how)
    cuts = _cuts(_row_groups(path), most) or [(0, 0)]  # an empty file is a source too
    return [FileRange(source, rows, path, _changed(path), begin, columns) for begin, rows in cuts]


def _shelved(index: int, table: Table, config: Config, shelf: Shelf, first: int, most: int) -> list[Slice]:
    """Read a source, put its records on the shelf, and return its parts, the first of which has number `first`."""
    part = shape(table, config)
    source = Source(
        index, table.file, table.sheet, part.digest, part.columns.how, table.ragged, table.surplus
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
    """Return the fields of all parts that have rows."""
    found = {name for one in slices if one.rows for name in _named_fields(one)}
    return [name for name in FIELDS if name in found]


def _named_fields(one: Slice) -> Iterable[str]:
    return one.columns.fields if isinstance(one, FileRange) else one.seen.fields


def _changed(path: Path) -> tuple[int, int]:
    about = path.stat()
    return about.st_size, about.st_mtime_ns


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

    first_row: number of the first record. fields: of all parts. wanted: which records, counted from 0; None for all.
    skipped: rows of the part that are no records, as its `Look` tells; asked for with `wanted`, of which no other row
    is understood.
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
    if _changed(one.path) != one.changed:
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
