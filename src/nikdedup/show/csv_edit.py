"""A CSV file with some cells changed: separator, quotes, encoding and ends of lines stay as they came."""

from __future__ import annotations

import gzip
import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from nikdedup.residents.read import BOMS
from nikdedup.show.workbook_edit import LEFT, PUT, SAME, Edit


@dataclass(frozen=True)
class Lines:
    """A CSV file as lines with their ends. mark: the byte order mark. encoding: of all that follows."""

    lines: list[str]
    encoding: str
    mark: bytes

    @classmethod
    def of(cls, raw: bytes) -> Lines:
        """Take a file apart, as the reader of CSV files does."""
        mark, encoding = next(((m, e) for m, e in BOMS if raw.startswith(m)), (b"", ""))
        body = raw[len(mark) :]
        encoding = encoding or _encoding(body)
        text = body.decode(encoding)
        end = r"[^\n]*\n|[^\n]+" if "\n" in text else r"[^\r]*\r|[^\r]+"
        return cls(re.findall(end, text), encoding, mark)

    def joined(self, kept: Sequence[str]) -> bytes:
        """Return lines as bytes of the same encoding, the mark in front."""
        return self.mark + "".join(kept).encode(self.encoding)


def _encoding(body: bytes) -> str:
    sample = body[:4096]
    odd, even = sample[1::2].count(0), sample[::2].count(0)
    if max(odd, even) * 4 > len(sample) and min(odd, even) * 20 < max(odd, even):
        return "utf-16-le" if odd > even else "utf-16-be"
    try:
        body.decode()
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


@dataclass(frozen=True)
class EditedCsv:
    """A CSV file to be written, and what became of each edit."""

    data: bytes
    outcomes: list[str]


def edit_csv(
    raw: bytes,
    edits: Sequence[Edit],
    *,
    separator: str,
    starts: Sequence[int],
    left_out: Sequence[int],
    packed: bool = False,
) -> EditedCsv:
    """Return a CSV file with cells changed and rows left out.

    raw: the file. edits: by row (the line it begins on, 1-based) and column (0-based). separator: of cells.
    starts: lines on which rows below the header begin, rising. left_out: lines on which a row begins that shall
    go, titles above the header among them. packed: the file is gzipped, and shall be again.
    """
    file = Lines.of(gzip.decompress(raw) if packed else raw)
    outcomes = [LEFT] * len(edits)
    by_row: dict[int, list[int]] = {}
    for i, one in enumerate(edits):
        by_row.setdefault(one.row, []).append(i)
    instead: dict[int, tuple[int, str]] = {}
    for row, numbers in by_row.items():
        stop = _stop(row, starts, len(file.lines))
        record = "".join(file.lines[row - 1 : stop - 1])
        new, found = _edited(record, separator, [edits[i] for i in numbers])
        instead[row] = (stop, new)
        for i, outcome in zip(numbers, found, strict=True):
            outcomes[i] = outcome
    for row in left_out:
        instead[row] = (_stop(row, starts, len(file.lines)), "")
    data = file.joined(list(chain.from_iterable(_kept(file.lines, instead))))
    return EditedCsv(gzip.compress(data, mtime=0) if packed else data, outcomes)


def _stop(row: int, starts: Sequence[int], lines: int) -> int:
    """Return the line after a row: where the next one begins; a row above the header is one line."""
    if not starts or row < starts[0]:
        return row + 1
    at = bisect_right(starts, row)
    return starts[at] if at < len(starts) else lines + 1


def _kept(lines: Sequence[str], instead: Mapping[int, tuple[int, str]]) -> list[Sequence[str]]:
    """Return the lines with some rows (first line -> line after it, new text) written anew."""
    kept: list[Sequence[str]] = []
    at = 1
    for row in sorted(instead):
        stop, new = instead[row]
        kept += [lines[at - 1 : row - 1], [new]]
        at = stop
    return [*kept, lines[at - 1 :]]


def _edited(record: str, separator: str, edits: Sequence[Edit]) -> tuple[str, list[str]]:
    """Return a record with cells changed, and what became of each edit."""
    cells = _cells(record, separator)
    values = [_value(cell) for cell in cells]
    all_quoted = all(cell.startswith('"') for cell in cells if cell) and any(cells)
    outcomes = []
    for edit in edits:
        outcome = LEFT
        if edit.column < len(cells) and _alike(edit.before, values[edit.column]):
            outcome = SAME if values[edit.column] == edit.after else PUT
            quoted = cells[edit.column].startswith('"') or (not cells[edit.column] and all_quoted)
            values[edit.column] = edit.after
            if outcome == PUT:
                cells[edit.column] = _quoted(edit.after, separator, always=quoted)
        outcomes.append(outcome)
    end = re.search(r"[\r\n]*\Z", record)
    return separator.join(cells) + (end[0] if end else ""), outcomes


def _cells(record: str, separator: str) -> list[str]:
    """Cut a record into cells as they are written, quotes and all; the end of the line is none of them.

    >>> _cells('1;"A;B";C' + chr(10), ";")
    ['1', '"A;B"', 'C']
    """
    text = record.rstrip("\r\n")
    cut = re.escape(separator)
    pattern = re.compile(rf'("(?:[^"]|"")*+"(?={cut}|\Z)|[^{cut}]*)({cut}|\Z)')
    cells, at = [], 0
    while found := pattern.match(text, at):
        cells.append(found[1])
        at = found.end()
        if not found[2]:
            break
    return cells


def _value(cell: str) -> str:
    if len(cell) > 1 and cell.startswith('"') and cell.endswith('"'):
        return cell[1:-1].replace('""', '"')
    return cell


def _quoted(text: str, separator: str, *, always: bool) -> str:
    if always or any(sign in text for sign in (separator, '"', "\n", "\r")):
        return '"' + text.replace('"', '""') + '"'
    return text


def _alike(before: str | None, value: str) -> bool:
    """Return whether a cell holds what its reader told; breaks of lines and spaces are not compared."""
    return "".join((before or "").split()) == "".join(value.split())
