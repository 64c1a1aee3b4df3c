"""clean(): an extract in the shape it came in, with what is certain put right, and every change listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import polars as pl

from nikdedup.config import Config
from nikdedup.errors import ConfigError, InputError, door
from nikdedup.residents.changes import CHANGES, changes
from nikdedup.residents.normalise import ANY_DAY
from nikdedup.residents.read import Extract, Part, extract_of, read_parts
from nikdedup.residents.reading.inputs import expand
from nikdedup.residents.reading.recognise import columns_of
from nikdedup.residents.reading.shape import Shaped
from nikdedup.residents.reading.tables import Table, as_text
from nikdedup.residents.understand import understand_and_survey
from nikdedup.show.extract_file import FORMULA, check_target, neutral, unique, write_all, writer

CHANGE_TABLE: dict[str, pl.DataType] = {
    "row": pl.Int64(),  # of the record, as contracts say; null for a row that was left out
    "source_file": pl.String(),
    "source_sheet": pl.String(),
    "source_row": pl.Int64(),
    "column": pl.String(),  # header as it stands in the file; null for a row that was left out
    "before": pl.String(),
    "after": pl.String(),
    "reason": pl.String(),  # one of residents.changes.KINDS
    "certain": pl.Boolean(),
    "applied": pl.Boolean(),
}
"""The change table, sorted by row, left-out rows last. It holds identities, as the extract does."""

APPLY = ("certain", "all")

_COUNT = "\x1f"
"""Parts header and number in the name of a column; no header holds it."""
_ROUNDS = 5
_NOTHING = pl.DataFrame(schema={**CHANGES, "applied": pl.Boolean()})


@dataclass(frozen=True)
class Cleaned:
    """A corrected extract: its columns as text, and the changes made and proposed."""

    headers: list[str]
    """Headers as they came; one may stand twice."""
    table: pl.DataFrame = field(repr=False)
    """One text column per header, in the order of headers; the records in their order."""
    changes: pl.DataFrame = field(repr=False)
    """Columns of CHANGE_TABLE."""
    separator: str
    """Separator of the CSV input, a comma for other inputs."""
    places: pl.DataFrame = field(repr=False)
    """Where each record stood: row, source_file, source_sheet, source_row."""
    inputs: list[Path] = field(repr=False)
    lang: Literal["id", "en"] = "id"
    written: tuple[Path, Path] | None = None
    """Extract and change table, where they were written."""

    @property
    def frame(self) -> pl.DataFrame:
        """The corrected extract under its headers; repeated ones are numbered."""
        return self.table.rename(dict(zip(self.table.columns, unique(self.headers), strict=True)))

    def text(self, lang: Literal["id", "en"] | None = None) -> str:
        """Return how many cells were changed and how many changes are proposed, by kind; no identities."""
        from nikdedup.show.changes_text import changes_text

        return changes_text(self.changes, len(self.table), lang or self.lang)

    @door
    def write(self, out: str | Path, *, changes: str | Path | None = None) -> Cleaned:
        """Write the extract and its change table; return what was written, with the paths.

        out, changes: .parquet, .csv or .xlsx; `<stem>.changes.parquet` beside `out` when not given. In CSV
        and Excel a cell that could run as a formula gets an apostrophe, which is a listed change too. Both
        files are written whole or not at all, readable by their owner only. InputError for an input's path.
        """
        target, table_path = check_targets(out, changes, self.inputs)
        table, listed = self.table, self.changes
        if target.suffix.lower() != ".parquet":
            table, listed = _neutralised(self)
        suffix = table_path.suffix.lower()
        lines = listed.with_columns(pl.all().cast(pl.String)) if suffix != ".parquet" else listed
        if suffix != ".parquet":
            lines = lines.with_columns(
                *(neutral(pl.col(name)).alias(name) for name in ("column", "before", "after"))
            )
        write_all([
            (table_path, writer(lines.columns, lines, suffix)),
            (target, writer(self.headers, table, target.suffix.lower(), separator=self.separator)),
        ])  # fmt: skip
        return replace(self, table=table, changes=listed, written=(target, table_path))


def check_targets(out: str | Path, listed: str | Path | None, inputs: Sequence[Path]) -> tuple[Path, Path]:
    """Return both output paths; InputError unless they may be written and are no inputs."""
    target = Path(out)
    table = Path(listed) if listed is not None else target.with_name(f"{target.stem}.changes.parquet")
    for path, option in ((target, "--out"), (table, "--changes")):
        check_target(path, option)
        if any(_same(path, given) for given in inputs):
            raise InputError(
                f"{option} {path.name}: is an input; the extract as it came is never overwritten"
            )
    if _same(target, table):
        raise InputError(f"--changes {table.name}: is the same file as --out")
    return target, table


def _same(path: Path, other: Path) -> bool:
    return path.resolve() == other.resolve() or (path.exists() and other.exists() and path.samefile(other))


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

    data: as for `dedupe`. Several inputs, sheets and files are put under each other: columns of one header
    are one column, in order of first appearance. Rows that are no records (titles, repeated headers, totals)
    are left out and listed. apply: "all" makes the proposed changes too. out, changes: see `Cleaned.write`;
    nothing is written without `out`. Cleaning what was cleaned changes nothing.
    Raises InputError or ConfigError with one plain line.
    """
    if apply not in APPLY:
        raise ConfigError(f"apply = {apply!r}; allowed: {', '.join(APPLY)}")
    settings = Config.resolve(config, options)
    inputs = [path for _, path in expand(data) if isinstance(path, Path)]
    if out is not None:
        check_targets(out, changes, inputs)
    cleaned = _cleaned(read_parts(data, config=settings), inputs, settings, apply)
    return cleaned if out is None else cleaned.write(out, changes=changes)


def _cleaned(parts: Sequence[Part], inputs: list[Path], config: Config, apply: str) -> Cleaned:
    """Put the changes of each part in its cells, and the parts under each other."""
    extract = extract_of(parts, config=config)
    found = _found(extract, config) if apply == "certain" else _in_rounds(extract, config)
    tables, lines, start = [], [], 0
    for _, table, shaped in parts:
        stop = start + shaped.fields.height
        own = found.filter(pl.col("row").is_between(start, stop - 1))
        cells, listed = _put(_records(table, shaped), own, _columns_of_fields(table, config), start)
        tables.append(cells.rename(dict(zip(cells.columns, _keys(table.headers), strict=True))))
        lines += [_located(listed, table, shaped, start), _left_out(table, shaped)]
        start = stop
    stacked = pl.concat([cells for cells in tables if cells.height], how="diagonal")
    listed = pl.concat([pl.DataFrame(schema=CHANGE_TABLE), *lines])
    return Cleaned(
        headers=[name.rpartition(_COUNT)[0] for name in stacked.columns],
        table=stacked,
        changes=listed.sort("row", nulls_last=True, maintain_order=True),
        separator=next((table.separator for _, table, _ in parts if table.separator), ","),
        places=extract.frame.select("row", "source_file", "source_sheet", "source_row"),
        inputs=inputs,
        lang=config.run.lang,
    )


def _found(extract: Extract, config: Config) -> pl.DataFrame:
    """Return the changes of an extract as it stands; the certain ones are marked as applied."""
    reference, residents, damage = understand_and_survey(extract, config)
    found = changes(residents, config=config, reference_date=reference or ANY_DAY, survey=damage)
    return found.with_columns(applied=pl.col("certain"))


def _in_rounds(extract: Extract, config: Config) -> pl.DataFrame:
    """Return all changes, the proposed ones too, until there is nothing left to change: a line per cell.

    A change may be evidence for another one: a NIK whose letters became digits tells the date of birth. A
    cell changed twice keeps what it was first and the reason it was changed for last.
    """
    rounds: list[pl.DataFrame] = []
    for _ in range(_ROUNDS):
        found = _found(extract, config)
        # Sorted by certainty, the proposed line of a cell comes last and holds what the certain one does.
        found = found.unique(["row", "field"], keep="last", maintain_order=True)
        if found.is_empty():
            break
        rounds.append(found)
        frame = extract.frame
        for (name,), lines in found.group_by("field", maintain_order=True):
            column = frame[str(name)].scatter(lines["row"].cast(pl.UInt32), lines["after"])
            frame = frame.with_columns(column)
        extract = replace(extract, frame=frame)
    cells = pl.concat([_NOTHING, *rounds]).group_by("row", "field", maintain_order=True)
    merged = cells.agg(pl.col("before").first(), pl.col("after", "reason").last(), pl.col("certain").all())
    return merged.filter(pl.col("before").ne_missing(pl.col("after"))).with_columns(applied=pl.lit(True))


def _keys(headers: Sequence[str]) -> list[str]:
    """Name columns by their header and how often it stood further left, so that sources can be stacked."""
    return [f"{header}{_COUNT}{headers[:i].count(header)}" for i, header in enumerate(headers)]


def _records(table: Table, shaped: Shaped) -> pl.DataFrame:
    """Return all columns of a table as text, records only, in their order."""
    types = dict(table.frame.collect_schema())
    cells = table.frame.select(
        as_text(name, types[name], header, table.where).alias(name)
        for header, name in zip(table.headers, table.columns, strict=True)
    ).collect()
    if table.source_rows is None:
        return cells[shaped.source_rows - 1]
    places = table.source_rows.cast(pl.Int64).to_frame("row").with_row_index("at")
    at = shaped.source_rows.to_frame("row").join(places, on="row", how="left", maintain_order="left")["at"]
    return cells[at]


def _columns_of_fields(table: Table, config: Config) -> dict[str, str]:
    """Return field -> its column; a field joined of several columns has no cell of its own."""
    if not table.headers:
        return {}
    found = columns_of(table, config).fields
    return {name: table.columns[places[0]] for name, places in found.items() if len(places) == 1}


def _put(
    cells: pl.DataFrame, found: pl.DataFrame, columns: Mapping[str, str], start: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Put the applied changes in the cells; return them and the changes of the columns there are."""
    headers = dict(zip(cells.columns, range(cells.width), strict=True))
    found = found.filter(pl.col("field").is_in(list(columns)))
    for (name,), lines in found.filter("applied").group_by("field", maintain_order=True):
        column = columns[str(name)]
        cells = cells.with_columns(cells[column].scatter(lines["row"] - start, lines["after"]))
    places = {name: headers[column] for name, column in columns.items()}
    return cells, found.with_columns(
        place=pl.col("field").replace_strict(places, default=None, return_dtype=pl.Int64)
    )


def _located(found: pl.DataFrame, table: Table, shaped: Shaped, start: int) -> pl.DataFrame:
    """Say where changes stand: file, sheet, source row and header; in order of row and column."""
    names = pl.Series(table.headers, dtype=pl.String())
    return found.sort("row", "place", maintain_order=True).select(
        "row",
        pl.lit(table.file, pl.String()).alias("source_file"),
        pl.lit(table.sheet, pl.String()).alias("source_sheet"),
        pl.lit(shaped.source_rows).gather(pl.col("row") - start).alias("source_row"),
        pl.lit(names).gather("place").alias("column"),
        "before", "after", "reason", "certain", "applied",
    )  # fmt: skip


def _left_out(table: Table, shaped: Shaped) -> pl.DataFrame:
    """Return a line for each row that is no record."""
    lines = [
        (None, table.file, table.sheet, row, None, None, None, f"row_{reason}", True, True)
        for row, reason in shaped.skipped
    ]
    return pl.DataFrame(lines, schema=CHANGE_TABLE, orient="row")


def _neutralised(cleaned: Cleaned) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return table and changes with an apostrophe in front of what could run as a formula."""
    risky = cleaned.table.select(pl.all().str.contains(FORMULA).fill_null(False))
    found = [name for name in risky.columns if risky[name].any()]
    if not found:
        return cleaned.table, cleaned.changes
    table = cleaned.table.with_columns(neutral(pl.col(name)).alias(name) for name in found)
    lines = []
    for name in found:
        at = risky[name].arg_true()
        cells = pl.DataFrame({"before": cleaned.table[name].gather(at), "after": table[name].gather(at)})
        same = {"column": name.rpartition(_COUNT)[0], "reason": "formula", "certain": True, "applied": True}
        line = cleaned.places[at].hstack(cells).with_columns(pl.lit(v).alias(k) for k, v in same.items())
        lines.append(line.select(pl.col(key).cast(dtype) for key, dtype in CHANGE_TABLE.items()))
    listed = pl.concat([cleaned.changes, *lines])
    return table, listed.sort("row", nulls_last=True, maintain_order=True)
