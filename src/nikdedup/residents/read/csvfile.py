"""A CSV file as a table of text: any usual separator and encoding, ragged rows kept and listed.

Lines are taken apart first and every record remembers the line it begins on. Almost all of
them are plain and go through the fast parser at once; lines with stray or unclosed quotes, or
with a number of cells other than the header's, are parsed one by one, so that one broken line
costs that line and not the file.
"""

from __future__ import annotations

import codecs
import io
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from nikdedup.config import Config, LimitsConfig
from nikdedup.errors import InputError
from nikdedup.residents.read.cells import cut
from nikdedup.residents.read.columns import known_keys
from nikdedup.residents.read.guard import check_columns, check_lines
from nikdedup.residents.read.header import PREVIEW, Header, find_header, first_filled
from nikdedup.residents.read.tables import Table, plain
from nikdedup.residents.read.villages import regions_around

SEPARATORS = (";", ",", "\t", "|", ":")
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

BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True)
class _Dialect:
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


@dataclass(frozen=True)
class Layout:
    """Where the header of a CSV file stands, and what parts its cells.

    first: the line, counted from 0, that the first record begins on. skipped, around: as in `Table`.
    """

    path: Path
    dialect: _Dialect
    headers: list[str]
    first: int
    skipped: list[tuple[int, str]]
    around: dict[str, tuple[str, str]]

    @classmethod
    def of(cls, path: Path, lines: pl.Series, config: Config) -> Layout:
        """Find the header among the first PREVIEW lines; InputError where there is none, or of too many columns."""
        start, dialect, header, begins = _layout(lines.head(PREVIEW).to_list(), known_keys(config))
        if not any(header.names):  # signs that nobody sees, and separators
            raise InputError(f"{path.name}: the file is empty")
        check_columns(path.name, len(header.names), config.limits)
        titles = [[lines[line].strip(f'{dialect.separator}"')] for line in begins[: header.index]]
        return cls(
            path,
            dialect,
            header.names,
            begins[header.index + header.height],
            [(begins[row - 1] + 1, reason) for row, reason in header.skipped(titles)][start:],
            regions_around((title[0].replace(dialect.separator, " ") for title in titles), {}, path.name),
        )

    def table(
        self, lines: pl.Series, digest: str, config: Config, *, at: int, stop: int | None = None
    ) -> tuple[Table, int]:
        """Return the table of records that begin on the first `stop` of some lines, and how many lines it takes.

        at: the line of the file that the first of them is; a record begins on it. LONGEST_RECORD further lines
        than `stop`, or all there are, let the last record be told whole.
        """
        found = _records(self.path, lines, self.dialect, len(self.headers), config.limits, stop)
        table = Table(
            file=plain(self.path.name),
            sheet=None,
            headers=self.headers,
            columns=found.cells.columns,
            frame=found.cells.lazy(),
            source_rows=found.begins + at + 1,
            skipped=self.skipped if at == self.first else [],
            ragged=(found.ragged + at + 1).to_list(),
            surplus=found.surplus,
            misquoted=(found.misquoted + at + 1).to_list(),
            around=self.around,
            digest=digest,
            separator=self.dialect.separator,
        )
        return table, found.lines


def read_csv(path: Path, raw: bytes, digest: str, config: Config) -> Table:
    """Return the table in the bytes of a CSV file, all cells text.

    Raises InputError for an empty file, NUL bytes, or an encoding that is none of UTF-8, UTF-16, cp1252.
    """
    check_lines(path.name, lambda: [raw], config.limits)
    lines = without_formulas(_lines(path, raw))
    layout = Layout.of(path, lines, config)
    return layout.table(lines.slice(layout.first), digest, config, at=layout.first)[0]


def _lines(path: Path, raw: bytes) -> pl.Series:
    """Decode to UTF-8 and cut into lines; CR LF, LF or CR end a line."""
    text = _utf8(path, raw)
    if not text.strip():
        raise InputError(f"{path.name}: the file is empty")
    if b"\0" in text:
        raise InputError(
            f"{path.name}: NUL bytes in the text; the file is damaged or no CSV file, export it again"
        )
    if b"\r" in text and b"\n" not in text:
        text = text.replace(b"\r", b"\n")
    try:
        return pl.read_lines(text).to_series()
    except pl.exceptions.ComputeError:
        return pl.read_lines(_cp1252(path, text)).to_series()
    except OSError:  # it begins as a compressed file does, and polars would unpack it
        raise InputError(f"{path.name}: damaged, cannot be read to the end; export it again") from None


def _utf8(path: Path, raw: bytes) -> bytes:
    """Return the bytes as UTF-8 where a byte order mark or the NULs of UTF-16 tell; else as they are."""
    encoding = next((name for bom, name in BOMS if raw.startswith(bom)), None)
    bom = next((bom for bom, _ in BOMS if raw.startswith(bom)), b"")
    if encoding is None:
        sample = raw[:4096]
        odd, even = sample[1::2].count(0), sample[::2].count(0)
        if max(odd, even) * 4 > len(sample) and min(odd, even) * 20 < max(odd, even):
            encoding = "utf-16-le" if odd > even else "utf-16-be"
    if encoding in (None, "utf-8"):
        return raw[len(bom) :]
    try:
        return raw[len(bom) :].decode(encoding).encode()
    except UnicodeDecodeError:
        raise InputError(
            f"{path.name}: not readable as {encoding.upper()}; export it again as UTF-8"
        ) from None


def _cp1252(path: Path, raw: bytes) -> bytes:
    try:
        return raw.decode("cp1252").encode()
    except UnicodeDecodeError:
        raise InputError(
            f"{path.name}: the text is in no known encoding; allowed: UTF-8, UTF-16 or Windows-1252 (cp1252)"
        ) from None


def without_formulas(lines: pl.Series) -> pl.Series:
    """Return the lines with cells such as ="6212...", which keep Excel from counting, as quoted cells."""
    if not lines.str.contains('="', literal=True).any():
        return lines
    return lines.str.replace_all(r'(^|[;,\t|:])="{1,2}([^"]+)"{1,2}', '${1}"${2}"')


def _layout(lines: list[str], known: dict[str, str]) -> tuple[int, _Dialect, Header, list[int]]:
    """Find separator and header together: the separator under which a header names most fields.

    The first element is 1 if the first line is Excel's `sep=;`, which is no title, else 0. The last one says
    on which line each of the first records begins, for a header cell may run over several, and the one after them.
    """
    hint = re.fullmatch(r"\"?sep=([!#-/:-@\[-`{-~]|\t)\"?", lines[0].strip(" "), re.IGNORECASE)
    separators = [hint.group(1)] if hint else list(SEPARATORS)
    best: tuple[int, _Dialect, Header, list[int]] | None = None
    for dialect in map(_Dialect, _telling(separators, lines)):
        rows, begins = _first_rows(lines, dialect)
        header = find_header(rows, known)
        score = len([name for name in header.names if name]) if header else 0
        if header and (best is None or score > best[0]):
            best = (score, dialect, header, begins)
    if best is not None:
        return int(bool(hint)), *best[1:]
    dialect = _Dialect(max(separators, key=lambda sign: sum(line.count(sign) for line in lines)))
    rows, begins = _first_rows(lines, dialect)
    return int(bool(hint)), dialect, first_filled(rows), begins


def _telling(separators: list[str], lines: list[str]) -> list[str]:
    """Return the separators that part something, and the first of the others, which part nothing alike."""
    absent = [sign for sign in separators if not any(sign in line for line in lines)]
    return [sign for sign in separators if sign not in absent[1:]]


def _first_rows(lines: list[str], dialect: _Dialect) -> tuple[list[list[str]], list[int]]:
    """Return the cells of the first records, and the lines they begin on with the one after the last."""
    rows, begins = [], [0]
    while begins[-1] < len(lines):
        at = begins[-1]
        count, text = _whole_record(lines[at : at + LONGEST_RECORD], dialect)
        rows.append(_cells(text, dialect))
        begins.append(at + count)
    return rows, begins


def _whole_record(lines: list[str], dialect: _Dialect, width: int = 0) -> tuple[int, str]:
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


def _are_records(lines: list[str], dialect: _Dialect, width: int) -> bool:
    """Say whether the lines of a quoted cell look like records each: it has swallowed them."""
    return len(lines) > 1 and all(line.count(dialect.separator) == width - 1 for line in lines)


@dataclass(frozen=True)
class _Records:
    """cells: columns "0" to width - 1. begins: the line each record begins on. ragged: the lines of ragged ones.

    surplus: filled cells beyond the width, which no column holds. misquoted: the lines of records whose quotes do not
    enclose cells. lines: how many the records take.
    """

    cells: pl.DataFrame
    begins: pl.Series
    ragged: pl.Series
    surplus: int
    misquoted: pl.Series
    lines: int


def _records(
    path: Path, lines: pl.Series, dialect: _Dialect, width: int, limits: LimitsConfig, stop: int | None
) -> _Records:
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
    return _Records(
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


def _count_cells(dialect: _Dialect) -> pl.Expr:
    """Number of cells of each line, null where it is no whole record."""
    line = pl.col("line")
    outside = line.str.replace_all(r'"(?:[^"]|"")*"', "")
    cells = outside.str.count_matches(dialect.separator, literal=True) + 1
    return pl.when(pl.col("cells").is_null() & line.str.contains(dialect.whole())).then(cells)


def _parse(lines: pl.DataFrame, dialect: _Dialect, width: int) -> pl.DataFrame:
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
    frame: pl.DataFrame, every: pl.Series, dialect: _Dialect, width: int
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
        count, text = _whole_record(lines[at - first : at - first + LONGEST_RECORD], dialect, width)
        taken += range(at, at + count)
        cells = _cells(text, dialect)
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


def _cells(text: str, dialect: _Dialect) -> list[str]:
    """Cut one record into cells; a line whose quote never closes is cut at every separator."""
    if dialect.opens(text):
        return text.split(dialect.separator)
    return cut(text, dialect.separator)


def _is_misquoted(text: str, dialect: _Dialect) -> bool:
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
