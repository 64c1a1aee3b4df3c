"""One table of any source made into fields: columns mapped, cells as text, rows that are no records apart."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from nikdedup.config import Config
from nikdedup.errors import InputError, argument
from nikdedup.residents.dates import DATE_FIELDS, GAP
from nikdedup.residents.read.codes import decoded
from nikdedup.residents.read.columns import ColumnMap, shown_headers
from nikdedup.residents.read.families import carried_cards, may_be_carried
from nikdedup.residents.read.guard import check_cells, readable
from nikdedup.residents.read.nonrecords import OTHER_HEADER, plain_rows, reasons, with_continued
from nikdedup.residents.read.one_value import on_one_line, statuses_apart, without_formula_signs
from nikdedup.residents.read.recognise import columns_of
from nikdedup.residents.read.tables import Table, as_text, column_type, null_if_blank
from nikdedup.residents.read.villages import LEVELS, Names, regions_of_group_rows, with_places
from nikdedup.residents.read.wording import is_running_number

RECORD_ID = "_record_id"
IDS = ("nik", "no_kk")
"""Fields refused as floats: 16 digits do not fit."""
_TAIL = 1_000
"""Rows at the end of a block among which a plain record is looked for first."""


@dataclass(frozen=True)
class Loose:
    """A column no field claims: header as it may be shown, position (1-based), filled cells, fields it may be."""

    header: str
    position: int
    filled: int
    may_be: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shaped:
    """The records of one table.

    fields: mapped fields as text, null where blank, and the record id where one is named.
    source_rows: Int64, 1-based. skipped: (source row, reason) of rows that are no records.
    headers: field -> headers it came from, and unmapped: those that no field claims, as they may be shown.
    types: field -> one of `tables.COLUMN_TYPES`. digest: SHA-256 of the file or of what was read.
    columns: positions of the fields in the table. loose: columns that are not used, line numbers apart.
    hidden: reason code per record, as in `Table`. carried: who has the card of the head above; None: nobody.
    below: what the last group row of the table, or above it, gives; None where there is none.
    """

    fields: pl.DataFrame
    source_rows: pl.Series
    skipped: list[tuple[int, str]]
    headers: dict[str, list[str]]
    unmapped: list[str]
    types: dict[str, str]
    digest: str
    columns: ColumnMap
    loose: list[Loose]
    hidden: pl.Series | None = None
    carried: pl.Series | None = None
    below: Names | None = None


def shape(
    table: Table,
    config: Config,
    limit: int | None = None,
    *,
    known: ColumnMap | None = None,
    counted: bool = True,
    above: Names | None = None,
) -> Shaped:
    """Return the records of a table, the first `limit` of them.

    Args:
        table: a table as it came.
        config: settings of the run.
        limit: records wanted at most; all where None.
        known: its columns, where they were looked at.
        counted: whether to count the cells of columns that are not used.
        above: of a block of a table, what the last group row above it gives, as `Shaped.below` has it; None for
            a whole table, which alone shows whose cards are carried.

    Raises:
        InputError: where the headers do not say what is what, or a NIK is a float.
    """
    if not table.headers:
        empty = pl.Series(dtype=pl.Int64)
        nothing = ColumnMap({}, None, [])
        return Shaped(pl.DataFrame(), empty, table.skipped, {}, [], {}, table.digest or "", nothing, [])
    columns = columns_of(table, config) if known is None else known
    dtypes = dict(table.frame.collect_schema())
    headers = {field: [table.headers[i] for i in places] for field, places in columns.fields.items()}
    types = {f: _type(table, [table.columns[i] for i in p], dtypes) for f, p in columns.fields.items()}
    _refuse_floats(table, headers, types, config)
    # A few rows more than asked for, since titles and totals go; the whole table only if that was too few.
    rows = _Rows.of(table, columns, headers, config, None if limit is None else limit + 100, above)
    if limit is not None and len(rows.kept) < limit <= rows.fields.height:
        rows = _Rows.of(table, columns, headers, config, None, above)
    rows = rows.first(limit)
    if table.kinds is not None:
        types |= _cell_types(table, columns, table.kinds, rows.kept)
    position = pl.int_range(1, rows.read + 1, eager=True)
    numbers = position if table.source_rows is None else table.source_rows
    shown = shown_headers(table.headers, config)
    source_rows = numbers.gather(rows.kept).cast(pl.Int64)
    _refuse_uncalculated(table, columns, shown, source_rows)
    fields = rows.fields if rows.whole else rows.fields[rows.kept]
    cards = carried_cards(fields) if table.printed and above is None else None
    carried = None if cards is None else fields["no_kk"].is_null()
    fields = fields if cards is None else fields.with_columns(cards.alias("no_kk"))
    fields, told = with_places(fields, rows.kept, rows.groups, table.around)
    types |= dict.fromkeys(told, "text")
    return Shaped(
        fields=fields,
        source_rows=source_rows,
        skipped=sorted([*table.skipped, *((int(numbers[i]), reason) for i, reason in rows.skipped)]),
        headers={field: [shown[i] for i in places] for field, places in columns.fields.items()},
        unmapped=[shown[i] for i in columns.unmapped if table.headers[i].strip()],
        types=types,
        digest=table.digest or _digest(fields),
        columns=replace(
            columns, how=columns.how | told | ({} if cards is None else {"no_kk": "filled_down"})
        ),
        loose=_loose(table, columns, rows, shown, limit) if counted else [],
        hidden=None if table.hidden is None else table.hidden.gather(rows.kept),
        carried=carried,
        below=dict(zip(LEVELS, rows.groups.row(-1)[1:], strict=True)) if rows.groups.height else None,
    )


def block_end(table: Table, columns: ColumnMap, config: Config) -> int:
    """Return where a block of a table may end, for what its rows mean to be the same as in the whole.

    That is above the last record of it of which the rows around say nothing; 0 where there is none but the
    first.

    Args:
        table: a table as it came.
        columns: where its fields stand, as `columns_of` returns them.
        config: settings of the run.
    """
    headers = {field: [table.headers[i] for i in places] for field, places in columns.fields.items()}
    assert table.source_rows is not None
    height = len(table.source_rows)
    for rows in (min(_TAIL, height), height):
        tail = replace(table, frame=table.frame.tail(rows), source_rows=table.source_rows.tail(rows))
        fields, others = _collect(tail, columns, config, None)
        plain = plain_rows(fields.select(list(headers)), headers, others).arg_true()
        if len(plain):
            return height - rows + int(plain[-1])
    return 0


def may_carry_cards(table: Table, columns: ColumnMap, config: Config) -> bool:
    """Say whether a table that begins as this one does may give family cards on the rows of heads alone.

    Args:
        table: a table as it came.
        columns: where its fields stand, as `columns_of` returns them.
        config: settings of the run.
    """
    headers = {field: [table.headers[i] for i in places] for field, places in columns.fields.items()}
    rows = _Rows.of(table, columns, headers, config, None, {})
    return may_be_carried(rows.fields[rows.kept])


def _loose(
    table: Table, columns: ColumnMap, rows: _Rows, shown: Sequence[str], limit: int | None
) -> list[Loose]:
    """Return the columns that are not used, with how many cells of the records are filled.

    Of a frame or Parquet file, of which other columns are never held, of all rows.
    """
    places = [i for i in columns.unmapped if not is_running_number(table.headers[i])]
    if not places:
        return []
    dtypes = table.frame.collect_schema()
    frame = table.frame if limit is None else table.frame.head(rows.read)
    if table.source_rows is not None:
        frame = rows.others[rows.kept].lazy()
    named = [table.columns[i] for i in places]
    counts = frame.select(_is_filled(name, dtypes[name]).sum().alias(name) for name in named).collect().row(0)
    return [
        Loose(
            shown[i] if table.headers[i].strip() else "",
            i + 1,
            int(count) + len(table.uncalculated.get(table.columns[i], ())),
            tuple(columns.unsure.get(i, ())),
        )
        for i, count in zip(places, counts, strict=True)
    ]


def _is_filled(name: str, dtype: pl.DataType) -> pl.Expr:
    col = pl.col(name)
    if dtype != pl.String:
        return col.is_not_null()
    return (col.str.strip_chars() != "").fill_null(False)


@dataclass(frozen=True)
class _Rows:
    """Rows read: all their fields, positions of the records, positions and reasons of the others."""

    fields: pl.DataFrame
    others: pl.DataFrame
    kept: pl.Series
    skipped: list[tuple[int, str]]
    groups: pl.DataFrame

    @classmethod
    def of(
        cls,
        table: Table,
        columns: ColumnMap,
        headers: Mapping[str, list[str]],
        config: Config,
        limit: int | None,
        above: Names | None,
    ) -> _Rows:
        fields, others = _collect(table, columns, config, limit)
        found = reasons(
            fields.select(list(headers)), headers, others,
            printed=table.printed, titled=table.file is not None,
        )  # fmt: skip
        _refuse_other_header(table, found, fields, others, config)
        fields = with_continued(fields, found)
        kept = pl.int_range(fields.height, dtype=pl.UInt32, eager=True)
        if found.height:
            kept = kept.filter(~kept.is_in(found["index"].implode()))
        groups = regions_of_group_rows(
            _titles(fields, others, found) if table.printed else pl.DataFrame(), above
        )
        return cls(fields, others, kept, list(found.iter_rows()), groups)

    @property
    def read(self) -> int:
        return self.fields.height

    @property
    def whole(self) -> bool:
        return len(self.kept) == self.fields.height

    def first(self, limit: int | None) -> _Rows:
        """Return the rows up to the record number `limit`."""
        if limit is None or len(self.kept) <= limit:
            return self
        kept = self.kept.head(limit)
        skipped = [found for found in self.skipped if found[0] < kept[-1]]
        return _Rows(self.fields, self.others, kept, skipped, self.groups)


def _titles(fields: pl.DataFrame, others: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Return `index` and `text` of the rows that are titles between the records."""
    at = found.filter(pl.col("reason") == "title")["index"]
    cells = [*fields[at].get_columns(), *(others[at].get_columns() if others.width else [])]
    rows = pl.DataFrame([cell.alias(str(i)) for i, cell in enumerate(cells)])
    text = rows.select(pl.concat_str(pl.all(), separator=" ", ignore_nulls=True).alias("text"))
    return text.select(at.alias("index"), "text")


def _collect(
    table: Table, columns: ColumnMap, config: Config, limit: int | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read the mapped columns as text, null where blank; and, of a sheet or CSV file, the unmapped ones."""
    dtypes, used = table.frame.collect_schema(), _used(table, columns)
    text = {
        name: decoded(as_text(name, dtypes[name], shown, table.where), header)
        for header, shown, name in zip(
            table.headers, shown_headers(table.headers, config), table.columns, strict=True
        )
        if name in used
    }
    asked = {field: [text[table.columns[i]] for i in places] for field, places in columns.fields.items()}
    if columns.record_id is not None:
        asked[RECORD_ID] = [text[table.columns[columns.record_id]]]
    loose_too = table.source_rows is not None
    loose = [table.columns[i] for i in columns.unmapped] if loose_too else []
    frame = table.frame if limit is None else table.frame.head(limit)
    joined = [_joined(e, gap=GAP if f in DATE_FIELDS else None).alias(f) for f, e in asked.items()]
    with readable(table.where):
        rows = frame.select(*joined, *loose).collect()
    check_cells(table.where, rows.iter_columns(), table.source_rows, config.limits)
    fields, names = rows.select(list(asked)), list(asked)
    # A spreadsheet's trick: of other sources, only ids may have kept it.
    fields = without_formula_signs(fields, names if loose_too else [f for f in IDS if f in names])
    if columns.fields.get("ektp_status", 0) == columns.fields.get("flag_status", 1):
        fields = statuses_apart(fields)
    return null_if_blank(on_one_line(fields, printed=table.printed), names), rows.select(loose)


def _used(table: Table, columns: ColumnMap) -> set[str]:
    places = {i for found in columns.fields.values() for i in found} | {columns.record_id}
    return {table.columns[i] for i in places if i is not None}


def _joined(parts: list[pl.Expr], *, gap: str | None) -> pl.Expr:
    """Join the columns of one field with a space, blank ones left out.

    gap: stands for a blank one where others are filled, so that each part of a date keeps its place.
    """
    if len(parts) == 1:
        return parts[0]
    filled = [pl.when(part.str.strip_chars() != "").then(part) for part in parts]
    if gap is None:
        return pl.concat_str(filled, separator=" ", ignore_nulls=True)
    told = pl.any_horizontal(part.is_not_null() for part in filled)
    return pl.when(told).then(pl.concat_str([part.fill_null(gap) for part in filled], separator=" "))


def _type(table: Table, names: list[str], dtypes: Mapping[str, pl.DataType]) -> str:
    found = {table.types.get(name) or column_type(dtypes[name]) for name in names}
    return found.pop() if len(found) == 1 else "mixed"


def _cell_types(table: Table, columns: ColumnMap, kinds: pl.LazyFrame, kept: pl.Series) -> dict[str, str]:
    """Return field -> what kind its records' cells are, `text` where all are empty."""
    used = kinds.select(sorted(_used(table, columns))).collect()[kept]
    types = {}
    for field, places in columns.fields.items():
        found = {kind for i in places for kind in used[table.columns[i]].unique().drop_nulls()}
        types[field] = found.pop() if len(found) == 1 else "mixed" if found else "text"
    return types


def _refuse_floats(
    table: Table, headers: Mapping[str, list[str]], types: Mapping[str, str], config: Config
) -> None:
    """Raise InputError for a NIK or No. KK stored as floats, unless the office accepts that."""
    for field in IDS:
        if types.get(field) == "float" and not config.accept_damaged_nik and config.nik_scheme == "nik":
            raise InputError(
                f"{table.where}: column {shown_headers(headers[field], config)[0]!r} ({field}) holds floats, "
                f"digits may be lost; read it as text, or use {argument('accept_damaged_nik', True)}"
            )


def _refuse_uncalculated(
    table: Table, columns: ColumnMap, shown: Sequence[str], source_rows: pl.Series
) -> None:
    """Raise InputError where a cell of a field is a formula that was never calculated: its value is nowhere."""
    for places in columns.fields.values():
        for i in places:
            rows = source_rows.filter(source_rows.is_in(table.uncalculated.get(table.columns[i], [])))
            if len(rows):
                raise InputError(
                    f"{table.where}: {len(rows)} cell{'s' if len(rows) > 1 else ''} of column {shown[i]!r} "
                    f"hold a formula that was never calculated (first in row {rows[0]}); "
                    "open the workbook in Excel and save it"
                )


def _refuse_other_header(
    table: Table, found: pl.DataFrame, fields: pl.DataFrame, others: pl.DataFrame, config: Config
) -> None:
    """Raise InputError for a header of another order of columns among the records; it tells both layouts."""
    at = found.filter(pl.col("reason") == OTHER_HEADER)["index"]
    if at.is_empty():
        return
    cells = [*fields.row(at[0]), *(others.row(at[0]) if others.width else ())]
    place = int(at[0]) + 1 if table.source_rows is None else table.source_rows[int(at[0])]
    raise InputError(
        f"{table.where}: row {place} is a header of another layout ("
        f"{', '.join(shown_headers([cell for cell in cells if cell], config))}) than the first one ("
        f"{', '.join(name for name in shown_headers(table.headers, config) if name)}); "
        "put the lists into files or sheets of their own"
    )


def _digest(fields: pl.DataFrame) -> str:
    """Return SHA-256 over the hashes of the rows; the same for one version of polars."""
    digest = hashlib.sha256(repr(fields.columns).encode())
    digest.update(fields.hash_rows(seed=0).to_numpy().tobytes())
    return digest.hexdigest()
