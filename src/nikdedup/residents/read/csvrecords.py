"""Records of a CSV file out of its lines, by a separator: plain ones at once, broken ones one by one.

A line with stray or unclosed quotes, or with a number of cells other than the header's, costs itself and not the file.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from nikdedup.config import LimitsConfig
from nikdedup.residents.read.cells import cut
from nikdedup.residents.read.guard import check_columns

LONGEST_RECORD = 50
"""Lines one quoted cell may run over; a quote not closed by then is taken for a stray sign."""

LINES_AHEAD = 5_000
"""Lines fetched at a time where most of them are broken."""

SWALLOWED = 5
"""Columns of a table from which on lines that all have as many separators as a record are records, though a quote
runs over them: no cell of a sound file looks so."""

_DIGITS = re.compile(r"[\d\s.'\"-]+")

WIDE = 200
"""Columns of a table up to which one pattern holds a whole record."""


@dataclass(frozen=True)
class Dialect:
    """A separator and the patterns that follow from it."""

    separator: str

    def whole(self, more: str = "*") -> str:
        """Pattern of a complete record: cells without quotes, or quoted from end to end, `more` after one."""
        cut = re.escape(self.separator)
        cell = rf'(?:"(?:[^"]|"")*"|[^"{cut}]*)'
        return rf"^{cell}(?:{cut}{cell}){more}$"

    @cached_property
    def cell(self) -> re.Pattern[str]:
        """Pattern of a cell that may run over lines, with quotes inside unquoted cells allowed, as in MUH. "ALI"."""
        cut = re.escape(self.separator)
        return re.compile(rf'"(?:[^"]|"")*+"|[^"{cut}\n][^{cut}\n]*|(?!")')

    def opens(self, line: str) -> bool:
        """Say whether a quoted cell begins on this line and does not end on it."""
        edge = rf"(^|{re.escape(self.separator)})"
        rest = re.sub(edge + r'"(?:[^"]|"")*+"', r"\1", line)
        return re.search(edge + '"', rest) is not None


def whole_record(lines: list[str], dialect: Dialect, width: int = 0) -> tuple[int, str]:
    """Return how many lines the record takes that begins on the first one, and its text.

    width: cells of a record, where that is known.
    """
    if not dialect.opens(lines[0]):
        return 1, lines[0]
    text, at = "\n".join(lines), 0
    while found := dialect.cell.match(text, at):
        at = found.end()
        if at == len(text) or text[at] == "\n":
            count = text.count("\n", 0, at) + 1
            if width >= SWALLOWED and _are_records(lines[:count], dialect, width):
                break
            return count, text[:at]
        if text[at] != dialect.separator:
            break
        at += 1
    return 1, lines[0]


def _are_records(lines: list[str], dialect: Dialect, width: int) -> bool:
    """Say whether the lines of a quoted cell look like records each: it has swallowed them."""
    return len(lines) > 1 and all(line.count(dialect.separator) == width - 1 for line in lines)


@dataclass(frozen=True)
class Records:
    """Records as they were cut out of lines, which are counted from 0.

    cells: columns "0" to width - 1. begins: the line each record begins on. ragged: the lines of ragged ones. surplus:
    filled cells beyond the width, which no column holds. misquoted: the lines of records whose quotes do not enclose
    cells. lines: how many the records take.
    """

    cells: pl.DataFrame
    begins: pl.Series
    ragged: pl.Series
    surplus: int
    misquoted: pl.Series
    lines: int


def records_of(
    path: Path, lines: pl.Series, dialect: Dialect, width: int, limits: LimitsConfig, stop: int | None
) -> Records:
    """Return the records that begin on the first `stop` lines, or on any; lines are counted from 0."""
    stop = len(lines) if stop is None else min(stop, len(lines))
    whole = dialect.whole(f"{{{width - 1}}}")
    fits = pl.col("line").str.contains(whole) if width <= WIDE else pl.lit(False)
    frame = lines.head(stop).rename("line").to_frame().with_row_index("at")
    frame = frame.with_columns(cells=pl.when(fits).then(pl.lit(width, pl.UInt32)))
    if frame["cells"].null_count():
        frame = frame.with_columns(pl.col("cells").fill_null(_count_cells(dialect)))
    check_columns(path.name, _widest(frame), limits)
    odd, misquoted, taken = _broken_lines(frame, lines, dialect, width)
    if taken:
        frame = frame.filter(~pl.col("at").is_in(taken))
    parts = [_parse(part, dialect, width) for part in frame.partition_by("cells", maintain_order=True)]
    table = pl.concat([odd, *parts])
    table = table if table["at"].is_sorted() else table.sort("at")
    return Records(
        cells=table.drop("at", "ragged", "surplus"),
        begins=table["at"],
        ragged=table.filter("ragged")["at"],
        surplus=int(table["surplus"].sum()),
        misquoted=pl.Series(misquoted, dtype=pl.UInt32),
        lines=max([stop, *(line + 1 for line in taken[-1:])]),
    )


def _widest(frame: pl.DataFrame) -> int:
    """Return the most cells of one line."""
    return int(frame.select(pl.col("cells").max()).item() or 0)


def _count_cells(dialect: Dialect) -> pl.Expr:
    """Number of cells of each line, null where it is no whole record."""
    line = pl.col("line")
    outside = line.str.replace_all(r'"(?:[^"]|"")*"', "")
    cells = outside.str.count_matches(dialect.separator, literal=True) + 1
    return pl.when(pl.col("cells").is_null() & line.str.contains(dialect.whole())).then(cells)


def _parse(lines: pl.DataFrame, dialect: Dialect, width: int) -> pl.DataFrame:
    """Parse whole records that all have the same number of cells: at, ragged, then `width` columns.

    Missing cells are null; further cells are cut off, and make the record ragged unless blank.
    """
    found = lines["cells"][0]
    names = [str(i) for i in range(found)]
    text = io.BytesIO()
    lines.select("line").write_csv(text, include_header=False, quote_style="never")
    text.seek(0)
    cells = pl.read_csv(
        text,
        separator=dialect.separator,
        has_header=False,
        infer_schema=False,
        new_columns=names,
    )
    beyond = [pl.col(name).str.contains(r"\S").fill_null(False) for name in names[width:]]
    surplus = pl.sum_horizontal(beyond).cast(pl.UInt32) if beyond else pl.lit(0, pl.UInt32)
    short = pl.col("line").str.contains(rf"[^\s{re.escape(dialect.separator)}]")
    ragged = lines.select(short).to_series() if found < width else surplus > 0
    missing = [pl.lit(None, pl.String).alias(str(i)) for i in range(found, width)]
    return cells.select(
        lines["at"], ragged.alias("ragged"), surplus.alias("surplus"), *names[:width], *missing
    )


def _broken_lines(
    frame: pl.DataFrame, every: pl.Series, dialect: Dialect, width: int
) -> tuple[pl.DataFrame, list[int], list[int]]:
    """Parse the lines that are no whole records, in the form of `_parse`; also return which are misquoted.

    Last come all lines used up.

    every: the lines of the frame, and those behind that its last record may run over.
    """
    records: list[tuple[object, ...]] = []
    misquoted: list[int] = []
    taken: list[int] = []
    broken = frame.filter(pl.col("cells").is_null())["at"].to_list()
    # Where there are many of them, lines are fetched many at a time.
    ahead = LONGEST_RECORD if len(broken) * LONGEST_RECORD < len(frame) else LINES_AHEAD
    first, lines = 0, list[str]()
    for at in broken:
        if taken and at <= taken[-1]:
            continue
        if at + LONGEST_RECORD > first + len(lines):
            first, lines = at, every.slice(at, ahead).to_list()
        count, text = whole_record(lines[at - first : at - first + LONGEST_RECORD], dialect, width)
        taken += range(at, at + count)
        cells = cells_of(text, dialect)
        if _is_misquoted(text, dialect) or _are_records(
            lines[at - first : at - first + count], dialect, width
        ):
            misquoted.append(at)
            cells = [_bare(cell, open_quote=dialect.opens(text)) for cell in cells]
        surplus = sum(1 for cell in cells[width:] if cell.strip())
        records.append((at, len(cells) < width or surplus > 0, surplus, *[*cells, *[None] * width][:width]))
    names = [str(i) for i in range(width)]
    schema = {"at": pl.UInt32, "ragged": pl.Boolean, "surplus": pl.UInt32, **dict.fromkeys(names, pl.String)}
    return pl.DataFrame(records, schema=schema, orient="row"), misquoted, taken


def cells_of(text: str, dialect: Dialect) -> list[str]:
    """Cut one record into cells; a line whose quote never closes is cut at every separator."""
    if dialect.opens(text):
        return text.split(dialect.separator)
    return cut(text, dialect.separator)


def _is_misquoted(text: str, dialect: Dialect) -> bool:
    """Say whether the quotes of a record do not enclose its cells; pairs within a cell, as in MUH. "ALI", may."""
    if dialect.opens(text):
        return True
    sign = re.escape(dialect.separator)
    outside = re.sub(rf'(^|{sign})"(?:[^"]|"")*+"(?={sign}|$)', r"\1", text)
    return any(cell.startswith('"') or cell.count('"') % 2 for cell in outside.split(dialect.separator))


def _bare(cell: str, *, open_quote: bool) -> str:
    """Return a cell of a misquoted record without the quotes at its ends that have no counterpart within it.

    Of words they are taken off only where a quote of the record never closes, open_quote: else they may be meant, as
    in GG. 3".

    >>> [_bare(cell, open_quote=False) for cell in ('"6212', '6212""', '"6212"', 'MUH. "ALI"', 'GG. 3"')]
    ['6212', '6212', '6212', 'MUH. "ALI"', 'GG. 3"']
    """
    if not open_quote and not _DIGITS.fullmatch(cell):
        return cell
    cell = cell.removeprefix('""').removesuffix('""')
    if cell.count('"') == 2 and cell[0] == cell[-1] == '"':
        return cell[1:-1]
    if cell.count('"') % 2 == 0:
        return cell
    return cell[1:] if cell.startswith('"') else cell.removesuffix('"')
