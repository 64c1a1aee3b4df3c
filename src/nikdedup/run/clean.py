"""clean(): an extract in the shape it came in, with what is certain put right, and every change listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.config import Config
from nikdedup.errors import ConfigError, door
from nikdedup.masking import mask_numbers
from nikdedup.residents import ANY_DAY, understand_and_survey
from nikdedup.residents.changes import CHANGES, DATES, changes
from nikdedup.residents.read import Extract, Part, Shaped, Table, as_text, expand, extract_of, read_parts
from nikdedup.schema import FIELDS
from nikdedup.show import (
    CHANGE_TABLE,
    LINES,
    CleanTable,
    Plan,
    Stacked,
    edited_alike,
    plan,
    stacked,
    unique,
    write_plan,
)

__all__ = ["CHANGE_TABLE", "Cleaned", "clean"]

APPLY = ("certain", "all")

_ROUNDS = 5
_NOTHING = pl.DataFrame(schema={**CHANGES, "applied": pl.Boolean()})


@dataclass(frozen=True, repr=False)
class Cleaned:
    """A corrected extract, and the changes made and proposed."""

    tables: list[CleanTable] = field(repr=False)
    """The tables of the inputs put right, each in its own shape."""
    changes: pl.DataFrame = field(repr=False)
    """Columns of CHANGE_TABLE."""
    frame: Any = field(repr=False)
    """The corrected records: a frame of the kind that was given, with its types; else a polars frame, of text
    where the input is CSV or Excel. Several inputs stand under each other; see `clean`."""
    headers: list[str] = field(repr=False)
    """Headers as they came; one may stand twice."""
    inputs: list[Path] = field(repr=False)
    lang: Literal["id", "en"] = "id"
    written: tuple[Path, ...] | None = None
    """What was written: each extract, and after it the table of its changes."""

    @property
    def records(self) -> int:
        """How many records there are."""
        return sum(table.cells.height for table in self.tables)

    def text(self, lang: Literal["id", "en"] | None = None) -> str:
        """Return how many cells were changed and how many changes are proposed, by kind; no identities.

        Args:
            lang: `id` or `en`; that of the config where None.
        """
        from nikdedup.show import changes_text

        return changes_text(self.changes, self.records, lang or self.lang)

    def __repr__(self) -> str:
        made = self.changes["applied"].sum()
        counts = f"{made} changes made, {len(self.changes) - made} proposed"
        return f"Cleaned({self.records} records, {counts}{', written' if self.written else ''})"

    def _repr_html_(self) -> str:
        from nikdedup.show import cleaned_html

        files = None if self.written is None else [mask_numbers(path.name) for path in self.written]
        return cleaned_html(self.changes, self.records, files, lang=self.lang)

    @door
    def write(self, out: str | Path, *, changes: str | Path | None = None) -> Cleaned:
        """Write the extract and the table of its changes, whole or not at all, readable by their owner only.

        One input whose format `out` has is written in its own shape: of a workbook only the cells that change, all
        else as it was; of a CSV file its separator, quotes, encoding and ends of lines; of a Parquet file its types.
        Anything else becomes one table. In CSV and Excel a cell that could run as a formula gets an apostrophe, which
        is a listed change too.

        Args:
            out: a .parquet, .csv or .xlsx file; or a folder (an existing one, or a name without ending), into which
                each input goes in its own shape under its own name.
            changes: where the table of changes goes; `<stem>.changes.<ending of out>` beside each extract where None.
                .parquet has the columns of CHANGE_TABLE; .csv and .xlsx are for reading, in the language of the run.

        Returns:
            What was written, with the paths.

        Raises:
            InputError: for the path of an input, or a place where no file may be written.
            RunError: where the disk is full or a file locked; earlier files are as they were.
        """
        return self._written(plan(out, changes, self.inputs))

    def _written(self, made: Plan) -> Cleaned:
        listed, paths = write_plan(made, self.tables, self.lang)
        return replace(self, changes=listed, written=paths)


@door
def clean(
    data: Any,
    out: str | Path | None = None,
    *,
    changes: str | Path | None = None,
    apply: Literal["certain", "all"] = "certain",
    config: Config | str | Path | dict[str, Any] | None = None,
    **options: Any,
) -> Cleaned:
    """Return an extract in the shape it came in with its certain faults put right, and every change.

    Several inputs, sheets and files are put under each other: columns of one header are one column, in order of
    first appearance, and `source_file` and `source_sheet` say where a record came from if there are several; written
    to a folder, each stays what it is. Dates, codes and names are written as most cells of their file are. Rows that
    are no records (titles, repeated headers, totals) stay in a workbook; elsewhere they are left out and listed.
    Cleaning what was cleaned changes nothing.

    Args:
        data: as for `dedupe`.
        out: see `Cleaned.write`; nothing is written without it.
        changes: see `Cleaned.write`.
        apply: "certain" makes the certain changes, "all" the proposed ones too.
        config: as for `dedupe`.
        **options: as for `dedupe`.

    Raises:
        InputError: for an input that cannot be read without guessing, or a target that cannot be written.
        ConfigError: for settings that are unknown or not allowed, all of them in one line.

    Example:
        >>> people = pl.DataFrame({"NIK": ["'6212014107809001 "], "NAMA_LGKP": ["SITI AMINAH"]})
        >>> clean(people).frame["NIK"].to_list()
        ['6212014107809001']
    """
    if apply not in APPLY:
        raise ConfigError(f"apply = {apply!r}; allowed: {', '.join(APPLY)}")
    settings = Config.resolve(config, options)
    sources = expand(data, settings.limits)
    inputs = [path for _, path in sources if isinstance(path, Path)]
    made = None if out is None else plan(out, changes, inputs)
    if made is not None and made.own and settings.sample is not None:
        raise ConfigError("sample: a file in its own shape is cleaned as a whole; leave it out")
    parts = read_parts(sources, config=settings)
    each = made is not None and made.stacked is None
    tables = _tables(parts, _numbered(parts, sources), settings, apply, each=each)
    cleaned = _cleaned(tables, inputs, data, settings)
    return cleaned if made is None else cleaned._written(made)


def _cleaned(tables: list[CleanTable], inputs: list[Path], data: Any, config: Config) -> Cleaned:
    """Return the tables with what a caller looks at: one frame, and its changes."""
    typed = all(table.typed for table in tables)
    whole: Stacked = stacked(tables, typed=typed)
    frame: Any = whole.table.rename(dict(zip(whole.table.columns, unique(whole.headers), strict=True)))
    if len(tables) == 1 and tables[0].file is None:
        one = tables[0]
        given = data[0] if isinstance(data, (list, tuple)) else data
        kept = one.shaped.source_rows - 1
        frame = edited_alike(given, kept, one.typed_changes()[0], one.typed_cells())
    return Cleaned(
        tables=tables,
        changes=whole.changes,
        frame=frame,
        headers=whole.headers,
        inputs=inputs,
        lang=config.run.lang,
    )


def _numbered(parts: Sequence[Part], sources: Sequence[tuple[int, Any]]) -> list[int | None]:
    """Return for each part the number of its file among all files, None for a frame.

    A file has one part, or one for each of its sheets.
    """
    files = [isinstance(item, Path) for _, item in sources]
    found: list[int | None] = []
    at, seen = -1, set[tuple[int, str | None, str | None]]()
    for index, table, _ in parts:
        place = (index, table.file, table.sheet)
        same = at >= 0 and table.sheet is not None and place not in seen
        if not (same and any(one[:2] == place[:2] for one in seen)):
            at, seen = at + 1, set()
        seen.add(place)
        found.append(sum(files[:at]) if files[at] else None)
    return found


def _tables(
    parts: Sequence[Part], files: Sequence[int | None], config: Config, apply: str, *, each: bool
) -> list[CleanTable]:
    """Return every table put right. each: every file has its own way of writing, else all have one together."""
    extract = extract_of(parts, config=config)
    cells = [_records(table, shaped) for _, table, shaped in parts]
    groups = _groups(parts, files) if each else [slice(0, len(extract.frame))]
    typed = _typed(parts, cells, len(extract.frame))
    raw = _raw(parts, cells, extract.frame)
    found = (_found if apply == "certain" else _in_rounds)(extract, config, groups, typed, raw)
    tables, start = [], 0
    for (_, table, shaped), file, (texts, came, kinds) in zip(parts, files, cells, strict=True):
        stop = start + shaped.fields.height
        places = _places(shaped)
        own = found.filter(pl.col("row").is_between(start, stop - 1) & pl.col("field").is_in(list(places)))
        lines = _in_cells(_located(own, table, shaped, places, start), texts, start)
        tables.append(CleanTable(
            file, table, shaped, _put(texts, lines, start), came, kinds, lines,
            _left_out(table, shaped), places, start,
        ))  # fmt: skip
        start = stop
    return tables


def _groups(parts: Sequence[Part], files: Sequence[int | None]) -> list[slice]:
    """Return the rows of each file."""
    groups: list[slice] = []
    last: int | None = None
    start = 0
    for (_, _, shaped), file in zip(parts, files, strict=True):
        stop = start + shaped.fields.height
        if groups and file is not None and file == last:
            groups[-1] = slice(groups[-1].start, stop)
        else:
            groups.append(slice(start, stop))
        start, last = stop, file
    return groups


def _typed(parts: Sequence[Part], cells: Sequence[_Cells], n: int) -> dict[str, npt.NDArray[np.bool_]]:
    """Return field -> which of n records have a date by type in it."""
    found: dict[str, npt.NDArray[np.bool_]] = {}
    start = 0
    for (*_, shaped), (_, came, kinds) in zip(parts, cells, strict=True):
        stop = start + shaped.fields.height
        for name in (name for name in DATES if name in shaped.columns.fields):
            place = _places(shaped).get(name)
            mask = found.setdefault(name, np.zeros(n, bool))
            if place is not None and kinds is not None:
                mask[start:stop] = (kinds.to_series(place) == "date").fill_null(False).to_numpy()
            elif place is not None:
                mask[start:stop] = came.dtypes[place] in (pl.Date, pl.Datetime)
        start = stop
    return found


_Masks = Mapping[str, npt.NDArray[np.bool_]]


def _raw(parts: Sequence[Part], cells: Sequence[_Cells], frame: pl.DataFrame) -> pl.DataFrame:
    """Return the fields of all records as their cells stand; as they were read where a field has no one cell."""
    found: dict[str, list[pl.Series]] = {name: [] for name in frame.columns if name in FIELDS}
    start = 0
    for (*_, shaped), (texts, _, _) in zip(parts, cells, strict=True):
        stop = start + shaped.fields.height
        places = _places(shaped)
        for name, columns in found.items():
            here = texts.to_series(places[name]) if name in places else frame[name][start:stop]
            columns.append(here.alias(name))
        start = stop
    return pl.DataFrame([pl.concat(columns) for columns in found.values() if columns])


def _found(
    extract: Extract, config: Config, groups: Sequence[slice], typed: _Masks, raw: pl.DataFrame
) -> pl.DataFrame:
    """Return the changes of an extract as it stands; the certain ones are marked as applied."""
    reference, residents, damage = understand_and_survey(extract, config)
    found = [
        changes(
            residents[rows],
            config=config,
            reference_date=reference or ANY_DAY,
            survey=damage,
            typed={name: mask[rows] for name, mask in typed.items()},
            raw=raw[rows],
        )
        for rows in groups
        if rows.stop > rows.start
    ]
    applied = pl.col("certain") & pl.col("after").is_not_null()
    return pl.concat([pl.DataFrame(schema=CHANGES), *found]).with_columns(applied=applied)


def _in_rounds(
    extract: Extract, config: Config, groups: Sequence[slice], typed: _Masks, raw: pl.DataFrame
) -> pl.DataFrame:
    """Return all changes, the proposed ones too, until there is nothing left to change: a line per cell.

    A change may be evidence for another one: a NIK whose letters became digits tells the date of birth. A
    cell changed twice keeps what it was first and the reason it was changed for last.
    """
    rounds: list[pl.DataFrame] = []
    lost = pl.DataFrame(schema=_NOTHING.schema)
    for _ in range(_ROUNDS):
        found = _found(extract, config, groups, typed, raw)
        lost = found.filter(pl.col("after").is_null())
        # Sorted by certainty, the proposed line of a cell comes last and holds what the certain one does.
        found = found.drop_nulls("after").unique(["row", "field"], keep="last", maintain_order=True)
        if found.is_empty():
            break
        rounds.append(found)
        frame = extract.frame
        for (name,), lines in found.group_by("field", maintain_order=True):
            rows, after = lines["row"].cast(pl.UInt32), lines["after"]
            frame = frame.with_columns(frame[str(name)].scatter(rows, after))
            if name in raw.columns:
                raw = raw.with_columns(raw[str(name)].scatter(rows, after))
        extract = replace(extract, frame=frame)
    cells = pl.concat([_NOTHING, *rounds]).group_by("row", "field", maintain_order=True)
    merged = cells.agg(pl.col("before").first(), pl.col("after", "reason").last(), pl.col("certain").all())
    merged = merged.filter(pl.col("before").ne_missing(pl.col("after"))).with_columns(applied=pl.lit(True))
    return pl.concat([merged.select(_NOTHING.columns), lost.select(_NOTHING.columns)])


_Cells = tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame | None]
"""Records of a table as text, as they came, and what kind each cell of a workbook is."""


def _records(table: Table, shaped: Shaped) -> _Cells:
    """Return all columns of a table, records only, in their order."""
    if not table.headers:
        return pl.DataFrame(), pl.DataFrame(), None
    at = shaped.source_rows - 1
    if table.source_rows is not None:
        places = table.source_rows.cast(pl.Int64).to_frame("row").with_row_index("at")
        rows = shaped.source_rows.to_frame("row")
        at = rows.join(places, on="row", how="left", maintain_order="left")["at"]
    came = table.frame.select(table.columns).collect()[at]
    texts = came.select(
        as_text(name, came.schema[name], header, table.where).alias(name)
        for header, name in zip(table.headers, table.columns, strict=True)
    )
    kinds = None if table.kinds is None else table.kinds.select(table.columns).collect()[at]
    return texts, came, kinds


def _places(shaped: Shaped) -> dict[str, int]:
    """Return field -> position of its column; a field joined of several columns has no cell of its own."""
    return {name: places[0] for name, places in shaped.columns.fields.items() if len(places) == 1}


def _put(cells: pl.DataFrame, lines: pl.DataFrame, start: int) -> pl.DataFrame:
    """Return the cells with the applied changes put in."""
    for (place,), own in lines.filter("applied").group_by("place", maintain_order=True):
        name = cells.columns[int(str(place))]
        rows = (own["row"] - start).cast(pl.UInt32)
        cells = cells.with_columns(cells[name].scatter(rows, own["after"]))
    return cells


def _located(
    found: pl.DataFrame, table: Table, shaped: Shaped, places: Mapping[str, int], start: int
) -> pl.DataFrame:
    """Say where changes stand: file, sheet, source row and header; in order of row and column."""
    names = pl.Series(table.headers, dtype=pl.String())
    place = pl.col("field").replace_strict(dict(places), default=None, return_dtype=pl.Int64)
    return found.with_columns(place=place).sort("row", "place", maintain_order=True).select(
        "row",
        pl.lit(table.file, pl.String()).alias("source_file"),
        pl.lit(table.sheet, pl.String()).alias("source_sheet"),
        pl.lit(shaped.source_rows).gather(pl.col("row") - start).alias("source_row"),
        pl.lit(names).gather("place").alias("column"),
        "before", "after", "reason", "certain", "applied", "field", "place",
    )  # fmt: skip


def _in_cells(lines: pl.DataFrame, texts: pl.DataFrame, start: int) -> pl.DataFrame:
    """Return lines without those of a text that stands in another cell, as a family's number carried down."""
    kept = [lines.clear()]
    for (place,), own in lines.group_by("place", maintain_order=True):
        cells = texts.to_series(int(str(place))).gather((own["row"] - start).cast(pl.UInt32))
        kept.append(own.filter(cells.is_not_null() | own["before"].is_null()))
    return pl.concat(kept).sort("row", "place", maintain_order=True)


def _left_out(table: Table, shaped: Shaped) -> pl.DataFrame:
    """Return a line for each row that is no record."""
    lines = [
        (None, table.file, table.sheet, row, None, None, None, f"row_{reason}", True, True, None, None)
        for row, reason in shaped.skipped
    ]
    return pl.DataFrame(lines, schema=LINES, orient="row")
