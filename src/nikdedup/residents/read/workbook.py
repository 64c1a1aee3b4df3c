"""A workbook as tables of text, one per sheet, with what kind of cell each value was.

Excel keeps 15 digits of a number, so a NIK typed as a number has lost its last one. The
digits are therefore read as they stand and the kind of cell goes along: whether to
believe them is decided later, per column.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl

from nikdedup.config import Config
from nikdedup.errors import InputError
from nikdedup.residents.read.bip import Members, carry_families
from nikdedup.residents.read.columns import NAME, known_keys, shown_headers
from nikdedup.residents.read.grids import grids_of
from nikdedup.residents.read.header import PREVIEW, Header, Row, find_header, first_filled
from nikdedup.residents.read.merges import fill_merged
from nikdedup.residents.read.sheets import Layout
from nikdedup.residents.read.tables import Table
from nikdedup.residents.read.villages import regions_around, regions_of_sheets
from nikdedup.residents.read.wording import field_named, hinted

_PERSON = {"nik", "no_kk", "tgl_lhr", "ttl", "tmpt_lhr", "jenis_klmin", "nama_lgkp_ibu", "stat_hbkel"}
_NOT_COUNTED = {"nik", "tgl_lhr", "ttl", "nama_lgkp_ibu"}
"""Fields of a list of residents, and those of them that no recap has."""

_DATE_CELL = r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
"""How the reader writes a date cell; a date alone has midnight for its time."""


def read_workbook(path: Path, raw: bytes, digest: str, config: Config) -> list[Table]:
    """Return a table per sheet with records, in sheet order; sheets of other things only list their rows.

    Raises InputError for a password, a damaged file, or a sheet of records without header.
    """
    grids = grids_of(path, raw, config.limits, parallel=config.run.threads != 1)
    if not grids:
        raise InputError(f"{path.name}: no filled sheet in the workbook")
    known = known_keys(config)
    headers = {sheet: find_header(_preview(grid.text), known) for sheet, grid in grids.items()}
    lists = [sheet for sheet, header in headers.items() if header and _is_list(header, known)]
    if not lists:
        headers |= {s: headers[s] or first_filled(_preview(grids[s].text)) for s in list(grids)[:1]}
        grids = dict(list(grids.items())[:1])
    places = regions_of_sheets(lists)
    tables = []
    for sheet, grid in grids.items():
        header = headers[sheet]
        if len(grids) > 1 and sheet not in lists:
            _refuse_list(path, {name: headers[name] for name in (sheet, lists[0])}, grid.text, config)
            tables.append(_no_table(path, sheet, grid.text, digest))
        elif header:
            fields = [field_named(name, known) or "" for name in header.names]
            by_column = dict(zip(grid.text.columns, fields, strict=True))
            stored = grid.layout()
            filled = fill_merged(grid.text, stored, header.index, by_column)
            members = carry_families(filled, grid.numeric, header, known)
            members = members or Members(filled, grid.numeric, header, {})
            around = regions_around(_titles(grid.text, header), places.get(sheet, {}), path.name)
            tables.append(replace(_table(path, sheet, stored, members, digest), around=around))
    return tables


def _preview(text: pl.DataFrame) -> list[Row]:
    return list(text.head(PREVIEW).rows())


def _titles(text: pl.DataFrame, header: Header) -> list[str]:
    """Return the texts above the header, each row on a line."""
    return [" ".join(cell for cell in row if cell) for row in text.head(header.index).rows()]


def _is_list(header: Header, known: dict[str, str]) -> bool:
    """Say whether a header is that of residents: it has the name, or words of it beside two fields of a person."""
    named = any(field_named(name, known) == NAME for name in header.names)
    return named or (any(NAME in hinted(name) for name in header.names) and _is_of_people(header, known))


def _is_of_people(header: Header, known: dict[str, str]) -> bool:
    fields = {field_named(name, known) for name in header.names}
    return len(fields & _PERSON) > 1 and bool(fields & _NOT_COUNTED)


def _refuse_list(path: Path, headers: dict[str, Header | None], text: pl.DataFrame, config: Config) -> None:
    """Raise InputError for a sheet of residents whose header has no name; it tells the layout of both sheets."""
    (sheet, header), (other, there) = headers.items()
    below = (
        header is not None and _is_of_people(header, known_keys(config)) and text.height > header.index + 1
    )
    cells = pl.all().str.contains(r"^\D?\d{15,16}$").fill_null(False)
    if not below and not text.select(pl.any_horizontal(cells).any()).item():
        return
    found, others = (
        ", ".join(name for name in shown_headers(one.names, config) if name) if one else "none"
        for one in (header, there)
    )
    raise InputError(
        f"{path.name} sheet {sheet!r}: residents but no header of the name (headers found: {found}; "
        f"those of sheet {other!r}: {others}); add a header row, or set columns.{NAME}"
    )


def _table(path: Path, sheet: str, stored: Layout, members: Members, digest: str) -> Table:
    """Return what stands below the header, down to the last filled row, without the dropped rows."""
    text, header = members.text, members.header
    first = header.index + header.height
    dropped = {row: reason for row, reason in members.dropped.items() if row >= first}
    filled = text.select(pl.arg_where(pl.any_horizontal(pl.all().is_not_null()))).to_series()
    kept = pl.int_range(first, max(int(filled[-1]) + 1, first), dtype=pl.UInt32, eager=True)
    if dropped:
        kept = kept.filter(~kept.is_in(list(dropped)))
    cells, numbers = text[kept], members.numeric[kept]
    return Table(
        file=path.name,
        sheet=sheet,
        headers=header.names,
        columns=cells.columns,
        frame=cells.lazy().with_columns(_short_date(c) for c in cells.columns),
        source_rows=kept + 1,
        skipped=[*header.skipped(_preview(text)), *((row + 1, reason) for row, reason in dropped.items())],
        kinds=_kinds(cells, numbers),
        uncalculated=_uncalculated(stored, text, header),
        hidden=_hidden(stored, kept + 1),
        digest=digest,
    )


def _hidden(stored: Layout, source_rows: pl.Series) -> pl.Series | None:
    """Return per row why nobody sees it in Excel, `sheet_hidden` or `row_hidden`; None where all are seen."""
    if stored.hidden:
        return pl.Series(["sheet_hidden"]).new_from_index(0, len(source_rows))
    numbers = stored.hidden_rows()
    if not numbers:
        return None
    unseen = source_rows.is_in(numbers)
    return unseen.to_frame("why").select(pl.when("why").then(pl.lit("row_hidden")).alias("why"))["why"]


def _uncalculated(stored: Layout, text: pl.DataFrame, header: Header) -> dict[str, list[int]]:
    """Return column -> rows (1-based) of its cells whose formula nobody has calculated."""
    cells = stored.uncalculated()
    offset = stored.left_of(text, header.index) if cells else None
    found: dict[str, list[int]] = {}
    if offset is None:
        return found
    for place, row in cells:
        if 0 <= place - offset < text.width:
            found.setdefault(text.columns[place - offset], []).append(row)
    return found


def _short_date(column: str) -> pl.Expr:
    """Cut the time off a date cell whose time is midnight."""
    col = pl.col(column)
    midnight = col.str.contains(r"^\d{4}-\d\d-\d\d 00:00:00$")
    return pl.when(midnight).then(col.str.head(10)).otherwise(col).alias(column)


def _kinds(cells: pl.DataFrame, numbers: pl.DataFrame) -> pl.LazyFrame:
    """Return per cell "number", "date" or "text", null where it is empty."""
    both = pl.concat([cells, numbers.rename(lambda c: f"n{c}")], how="horizontal").lazy()
    return both.select(
        pl.when(pl.col(f"n{c}").is_not_null())
        .then(pl.lit("number"))
        .when(pl.col(c).str.contains(_DATE_CELL))
        .then(pl.lit("date"))
        .when(pl.col(c).is_not_null())
        .then(pl.lit("text"))
        .alias(c)
        for c in cells.columns
    )


def _no_table(path: Path, sheet: str, text: pl.DataFrame, digest: str) -> Table:
    """Return a sheet without records, such as a cover or a recap, as skipped rows."""
    rows = text.select(pl.any_horizontal(pl.all().str.contains(r"\S").fill_null(False))).to_series().to_list()
    last = max((i for i, filled in enumerate(rows) if filled), default=-1)
    skipped = [(i + 1, "title" if filled else "blank") for i, filled in enumerate(rows[: last + 1])]
    return Table(path.name, sheet, [], [], pl.LazyFrame(), skipped=skipped, digest=digest)
