"""A CSV file as a table of text: any usual separator and encoding, ragged rows kept and listed.

The file is cut into lines, the header and its separator are found together, and every record remembers the line it
begins on; how lines become records stands in csvrecords.py.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from nikdedup.config import Config
from nikdedup.errors import InputError
from nikdedup.residents.read.columns import known_keys
from nikdedup.residents.read.csvrecords import LONGEST_RECORD, Dialect, cells_of, records_of, whole_record
from nikdedup.residents.read.guard import check_columns, check_lines
from nikdedup.residents.read.header import PREVIEW, Header, find_header, first_filled
from nikdedup.residents.read.tables import Table, plain
from nikdedup.residents.read.villages import regions_around

SEPARATORS = (";", ",", "\t", "|", ":")
BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True)
class Layout:
    """Where the header of a CSV file stands, and what parts its cells.

    first: the line, counted from 0, that the first record begins on. skipped, around: as in `Table`.
    """

    path: Path
    dialect: Dialect
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
        found = records_of(self.path, lines, self.dialect, len(self.headers), config.limits, stop)
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


def _layout(lines: list[str], known: dict[str, str]) -> tuple[int, Dialect, Header, list[int]]:
    """Find separator and header together: the separator under which a header names most fields.

    The first element is 1 if the first line is Excel's `sep=;`, which is no title, else 0. The last one says
    on which line each of the first records begins, for a header cell may run over several, and the one after them.
    """
    hint = re.fullmatch(r"\"?sep=([!#-/:-@\[-`{-~]|\t)\"?", lines[0].strip(" "), re.IGNORECASE)
    separators = [hint.group(1)] if hint else list(SEPARATORS)
    best: tuple[int, Dialect, Header, list[int]] | None = None
    for dialect in map(Dialect, _telling(separators, lines)):
        rows, begins = _first_rows(lines, dialect)
        header = find_header(rows, known)
        score = len([name for name in header.names if name]) if header else 0
        if header and (best is None or score > best[0]):
            best = (score, dialect, header, begins)
    if best is not None:
        return int(bool(hint)), *best[1:]
    dialect = Dialect(max(separators, key=lambda sign: sum(line.count(sign) for line in lines)))
    rows, begins = _first_rows(lines, dialect)
    return int(bool(hint)), dialect, first_filled(rows), begins


def _telling(separators: list[str], lines: list[str]) -> list[str]:
    """Return the separators that part something, and the first of the others, which part nothing alike."""
    absent = [sign for sign in separators if not any(sign in line for line in lines)]
    return [sign for sign in separators if sign not in absent[1:]]


def _first_rows(lines: list[str], dialect: Dialect) -> tuple[list[list[str]], list[int]]:
    """Return the cells of the first records, and the lines they begin on with the one after the last."""
    rows, begins = [], [0]
    while begins[-1] < len(lines):
        at = begins[-1]
        count, text = whole_record(lines[at : at + LONGEST_RECORD], dialect)
        rows.append(cells_of(text, dialect))
        begins.append(at + count)
    return rows, begins
