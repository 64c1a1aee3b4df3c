"""Extracts as they come (Parquet, CSV, Excel, frames) into one table of records, as text.

Every record gets its identity: `row`, `record_id`, and where it stood. What is no record is
listed with its reason, what no field claims is listed by header, and nothing is cleaned:
the values stay as the office wrote them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from nikdedup.config import Config
from nikdedup.errors import InputError, door
from nikdedup.residents.read.columns import check_overrides
from nikdedup.residents.read.frames import read_frame, read_parquet, same_columns
from nikdedup.residents.read.given_ids import check_ids, record_ids
from nikdedup.residents.read.guard import check_columns, check_rows, unpack
from nikdedup.residents.read.inputs import WORKBOOKS, Item, digest_of, expand, read_bytes, suffix
from nikdedup.residents.read.pages import check_pages, footer
from nikdedup.residents.read.partfile import check_keys
from nikdedup.residents.read.shaping import Loose, Shaped, shape
from nikdedup.residents.read.tables import Table, plain
from nikdedup.schema import IDENTITY, in_order


@dataclass(frozen=True)
class SkippedRow:
    """A row that is no record: where it stood (1-based) and why, one of `nonrecords.REASONS`."""

    source_file: str | None
    source_sheet: str | None
    source_row: int
    reason: str


@dataclass(frozen=True)
class SourceInfo:
    """One file, sheet or frame that was read.

    file: base name, None for a frame. input: index of the INPUT it belongs to. rows: records kept.
    column_types: field -> one of `tables.COLUMN_TYPES`, for the detection of damaged ids.
    digest: SHA-256 of the file; for a frame, of the values read.
    ragged_rows: source rows of records with more or fewer cells than the header. surplus_cells: filled ones
    beyond the last header, which no column holds. misquoted_rows: source rows of a CSV file whose quotes do not
    enclose cells; those at the ends of numbers were taken off.
    """

    file: str | None
    sheet: str | None
    input: int
    rows: int
    column_types: dict[str, str]
    digest: str
    ragged_rows: list[int]
    surplus_cells: int = 0
    misquoted_rows: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class UnusedColumn:
    """A column of a source that holds something and is not used.

    position: 1-based. filled: cells that hold something, of `rows`. may_be: fields it may be, where nobody guesses.
    """

    file: str | None
    sheet: str | None
    header: str
    position: int
    filled: int
    rows: int
    may_be: tuple[str, ...]


@dataclass(frozen=True)
class Extract:
    """All records of all inputs, and what is known about their origin.

    frame: columns of `schema.IDENTITY`, the mapped ones of `schema.FIELDS` as text (null where
    blank), `_source` UInt32, the index of the INPUT, and, if there are such records, `_hidden`: the
    reason code of those that nobody sees in Excel, `_carried`: whose family card is that of the head above.
    mapping: field -> headers it came from.
    unmapped: headers no field claims. how: field -> what told it, see `columns.HOW`. unused: columns with data
    that no field claims, line numbers apart. fingerprint: SHA-256 over the sources in order.
    """

    frame: pl.DataFrame = field(repr=False)
    mapping: dict[str, list[str]]
    unmapped: list[str]
    skipped: list[SkippedRow] = field(repr=False)
    sources: list[SourceInfo] = field(repr=False)
    fingerprint: str
    how: dict[str, list[str]] = field(default_factory=dict)
    unused: list[UnusedColumn] = field(default_factory=list, repr=False)

    @property
    def column_types(self) -> dict[str, str]:
        """Field -> one of `tables.COLUMN_TYPES` over all sources, `mixed` where they differ."""
        found: dict[str, set[str]] = {}
        for source in self.sources:
            for name, kind in source.column_types.items():
                found.setdefault(name, set()).add(kind)
        return {name: kinds.pop() if len(kinds) == 1 else "mixed" for name, kinds in found.items()}


Part = tuple[int, Table, Shaped]
"""Index of the INPUT, the table as its reader found it, and its records as fields."""


@door
def read(data: Any, *, config: Config = Config()) -> Extract:  # noqa: B008 (Config is frozen)
    """Return the records of one or several inputs as an `Extract`.

    `row` counts over all of them in the order given. `config.sample` stops early.

    Args:
        data: a path (file, folder or glob), an address (`s3://…`), a frame (pandas, polars, pyarrow, a data set or
            stream of it, Arrow PyCapsule), or a list of these.
        config: settings of the run.

    Raises:
        InputError: in one line for whatever cannot be read without guessing.
        ConfigError: in one line for whatever cannot be read without guessing.

    Example:
        >>> people = pl.DataFrame({"NIK": ["6212019999999001"], "Nama Lengkap": ["SITI AMINAH"]})
        >>> read(people).frame.select("row", "record_id", "nik", "nama_lgkp").row(0)
        (0, '0', '6212019999999001', 'SITI AMINAH')
    """
    return extract_of(read_parts(expand(data, config.limits), config=config), config=config)


def read_parts(items: Iterable[Item], *, config: Config, whole: bool = True) -> list[Part]:
    """Return every table of the files and frames as it came and as fields, in order; errors as `read`.

    Args:
        items: index of the input with its file or frame, as `expand` returns them.
        config: settings of the run.
        whole: the tables are an extract, which has every column that the config names; else they may lack some.
    """
    found: list[Part] = []
    wanted = config.sample
    for index, table in tables_of(items, config):
        if wanted is not None and wanted <= 0:
            break
        part = shape(table, config, wanted)
        found.append((index, table, part))
        if wanted is not None:
            wanted -= part.fields.height
    else:
        if whole:
            check_overrides([table.headers for _, table, _ in found], config)
    if not any(part.fields.height for _, _, part in found):
        raise InputError(f"{_origin(found)}: no records, only a header" if found else "no records")
    return found


def extract_of(found: Sequence[Part], *, config: Config) -> Extract:
    """Return the records of all parts under each other, and what is known about their origin.

    Args:
        found: the parts, in order.
        config: settings of the run.
    """
    sources = [_source_info(*parts) for parts in found]
    return Extract(
        frame=_frame(found, config),
        mapping=mapping_of([part.headers for _, _, part in found]),
        unmapped=list(dict.fromkeys(header for _, _, part in found for header in part.unmapped)),
        skipped=[
            SkippedRow(table.file, table.sheet, row, reason)
            for _, table, part in found
            for row, reason in part.skipped
        ],
        sources=sources,
        fingerprint=fingerprint_of(sources),
        how=how_read([part.columns.how for _, _, part in found]),
        unused=[
            one
            for _, table, part in found
            for one in unused_of(table.file, table.sheet, part.fields.height, part.loose)
        ],
    )


def how_read(parts: Sequence[Mapping[str, str]]) -> dict[str, list[str]]:
    """Return field -> what told it over all parts, in the order of the fields.

    Args:
        parts: field -> what tells it, of each part.
    """
    there = in_order(f for how in parts for f in how)
    return {f: list(dict.fromkeys(how[f] for how in parts if f in how)) for f in there}


def unused_of(file: str | None, sheet: str | None, rows: int, loose: Sequence[Loose]) -> list[UnusedColumn]:
    """Return the columns of one source that hold something and are not used.

    Args:
        file: base name; None for a frame.
        sheet: sheet of a workbook, else None.
        rows: records of the source.
        loose: columns that are no field.
    """
    return [
        UnusedColumn(file, sheet, one.header, one.position, min(one.filled, rows), rows, one.may_be)
        for one in loose
        if one.filled and rows
    ]


def tables_of(
    items: Iterable[Item], config: Config, parts: dict[int, Table] | None = None
) -> Iterator[tuple[int, Table]]:
    """Yield (index of the input, table) in order; Parquet parts of one input must have the same columns.

    Args:
        items: index of the input with its file or frame, as `expand` returns them.
        config: settings of the run.
        parts: the first Parquet table of each input, for items that are asked for by and by.
    """
    parts = {} if parts is None else parts
    for index, item in items:
        tables = _read_file(item, config) if isinstance(item, Path) else [read_frame(item)]
        for table in tables:
            check_columns(table.where, len(table.headers), config.limits)
            if isinstance(item, Path) and suffix(item) in (".parquet", ".pq"):
                same_columns([parts.setdefault(index, table), table], config)
            yield index, replace(table, file=table.file and plain(table.file))


def _read_file(path: Path, config: Config) -> list[Table]:
    """Read one file by its suffix; a workbook that only has another suffix is told by its first bytes."""
    if suffix(path) in (".parquet", ".pq"):
        if not path.stat().st_size:
            raise InputError(f"{path.name}: the file is empty")
        check_pages(path, footer(path), config.limits)
        check_keys(path, config)
        return [read_parquet(path, digest_of(path))]
    check_rows(path, config.limits)
    from nikdedup.residents.read.biff import OLE

    raw = read_bytes(path)
    digest = hashlib.sha256(raw).hexdigest()
    if suffix(path) in WORKBOOKS:
        from nikdedup.residents.read.workbook import read_workbook

        return read_workbook(path, raw, digest, config)
    if suffix(path).endswith(".gz"):
        raw = unpack(path, raw, config.limits)
    if raw.startswith((b"PK\x03\x04", OLE)):
        raise InputError(f"{path.name}: an Excel workbook inside; rename it to .xlsx, or save it as CSV")
    if raw.startswith(b"PAR1"):
        raise InputError(f"{path.name}: a Parquet file inside; rename it to .parquet")
    from nikdedup.residents.read.csvfile import read_csv

    return [read_csv(path, raw, digest, config)]


def _frame(found: Sequence[Part], config: Config) -> pl.DataFrame:
    """Put the parts under each other and give every record its identity."""
    parts, first_row = [], 0
    for index, table, part in found:
        stop = first_row + part.fields.height
        parts.append(placed(table, part, index=index, rows=pl.int_range(first_row, stop, eager=True)))
        first_row = stop
    frame = pl.concat([part for part in parts if part.height], how="diagonal")
    if config.record_id is not None:
        check_ids(frame, config.record_id, pseudonym=config.record_id_pseudonym)
    return identified(frame, config)


def placed(table: Table, part: Shaped, *, index: int, rows: pl.Series) -> pl.DataFrame:
    """Return the records of one part with their place in it.

    Args:
        table: the table as it came.
        part: the same as fields.
        index: index of the INPUT.
        rows: numbers of the records in the whole extract.
    """
    size = part.fields.height
    place = part.fields.select(
        rows.alias("row"),
        pl.lit(table.file, pl.String).alias("source_file"),
        pl.lit(table.sheet, pl.String).alias("source_sheet"),
        part.source_rows.alias("source_row"),
        pl.lit(index, pl.UInt32).alias("_source"),
        *([] if part.hidden is None else [part.hidden.alias("_hidden")]),
        *([] if part.carried is None else [part.carried.alias("_carried")]),
    )
    return pl.concat([place, part.fields], how="horizontal") if size else place


def identified(frame: pl.DataFrame, config: Config) -> pl.DataFrame:
    """Return placed records with their id, the columns in the order of the schema; `check_ids` looks at given ids.

    Args:
        frame: records as `placed` returns them.
        config: settings of the run.
    """
    if config.record_id is None:
        frame = frame.with_columns(record_id=pl.col("row").cast(pl.String))
    else:
        frame = frame.with_columns(record_ids(frame, pseudonym=config.record_id_pseudonym))
    private = [name for name in ("_source", "_hidden", "_carried") if name in frame.columns]
    there = in_order(name for name in frame.columns if name not in IDENTITY and not name.startswith("_"))
    return frame.select(*IDENTITY, *there, *private)


def _source_info(index: int, table: Table, part: Shaped) -> SourceInfo:
    rows = part.fields.height
    return SourceInfo(
        table.file, table.sheet, index, rows, part.types, part.digest, table.ragged, table.surplus,
        table.misquoted,
    )  # fmt: skip


def mapping_of(parts: Sequence[dict[str, list[str]]]) -> dict[str, list[str]]:
    """Return field -> headers it came from over all parts, in the order of the fields.

    Args:
        parts: field -> headers of each part.
    """
    found: dict[str, list[str]] = {}
    for part in parts:
        for name, headers in part.items():
            found[name] = list(dict.fromkeys([*found.get(name, []), *headers]))
    return {f: found[f] for f in in_order(found)}


def fingerprint_of(sources: Sequence[SourceInfo]) -> str:
    """Return SHA-256 over the sources in order.

    Args:
        sources: files, sheets and frames, in order.
    """
    text = "\n".join(f"{s.input} {s.file} {s.sheet} {s.digest}" for s in sources)
    return hashlib.sha256(text.encode()).hexdigest()


def _origin(found: Sequence[tuple[int, Table, Shaped]]) -> str:
    return found[0][1].where if len(found) == 1 else f"{len(found)} sources"
