"""A workbook of LibreOffice with some cells changed and all else as it was, byte for byte.

Runs of equal cells and rows stand once with a count; where one of them changes, the run is parted.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from xml.parsers import expat
from xml.sax.saxutils import escape

from nikdedup.residents.dates import parse_date
from nikdedup.show.workbook_edit import LEFT, PUT, SAME, Edit, Edited

CONTENT = "content.xml"
_CELLS = ("table:table-cell", "table:covered-table-cell")
_ROWS, _COLUMNS = "table:number-rows-repeated", "table:number-columns-repeated"
_KEPT = re.compile(rb'\stable:(?:style-name|content-validation-name|number-(?:rows|columns)-spanned)="[^"]*"')
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_ANY_DAY = date(2100, 1, 1)


def edit_document(raw: bytes, edits: Mapping[str, Sequence[Edit]]) -> Edited:
    """Return the changed part of a workbook of LibreOffice. raw: the file. edits: sheet name -> edits."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        xml = archive.read(CONTENT)
    walk = _Walk(xml, {sheet: _rows_of(found) for sheet, found in edits.items() if found})
    outcomes: dict[str, list[str]] = {}
    spliced: list[tuple[int, int, bytes]] = []
    for sheet, found in edits.items():
        if found:
            outcomes[sheet] = [LEFT] * len(found)
            spliced += _edited(walk.sheets.get(sheet, _Sheet()), found, outcomes[sheet], xml)
    for begin, end, new in sorted(spliced, reverse=True):
        xml = xml[:begin] + new + xml[end:]
    return Edited({CONTENT: xml} if spliced else {}, outcomes)


def write_document(raw: bytes, edited: Edited, path: Path) -> None:
    """Write a workbook of LibreOffice with its changed part; the others are copied as they are packed."""
    with zipfile.ZipFile(io.BytesIO(raw)) as source, zipfile.ZipFile(path, "w") as target:
        for entry in source.infolist():
            info = zipfile.ZipInfo(entry.filename, entry.date_time)
            info.compress_type, info.external_attr = entry.compress_type, entry.external_attr
            data = edited.parts.get(entry.filename)
            target.writestr(info, source.read(entry) if data is None else data)


def _rows_of(edits: Sequence[Edit]) -> frozenset[int]:
    """Return the rows (1-based) that are changed, or that a date takes its format from."""
    return frozenset(row for one in edits for row in (one.row, one.sample) if row is not None)


@dataclass
class _Cell:
    """begin, end: its bytes. column: 0-based, of the first of `times` cells. text: what it says, None if nothing."""

    begin: int
    column: int
    times: int
    told: dict[str, str]
    end: int = 0
    text: str | None = None


@dataclass
class _Row:
    """begin, end: its bytes. first: its number (1-based), the first of `times`."""

    begin: int
    first: int
    times: int
    end: int = 0
    cells: list[_Cell] = field(default_factory=list)


@dataclass
class _Sheet:
    """rows: those that are asked for. left: the first filled column, 0-based."""

    rows: list[_Row] = field(default_factory=list)
    left: int = 1 << 20

    def cell(self, row: int, column: int) -> _Cell | None:
        """Return a cell by its row (1-based) and its column counted from the first filled one."""
        at = column + self.left
        cells = (c for r in self.rows if r.first <= row < r.first + r.times for c in r.cells)
        return next((c for c in cells if c.column <= at < c.column + c.times), None)


class _Walk:
    """The rows of some sheets that are asked for, found in content.xml."""

    def __init__(self, xml: bytes, wanted: Mapping[str, frozenset[int]]) -> None:
        self.xml, self.wanted = xml, wanted
        self.sheets: dict[str, _Sheet] = {}
        self.sheet: _Sheet | None = None
        self.rows: frozenset[int] = frozenset()
        self.row: _Row | None = None
        self.cell: _Cell | None = None
        self.inside, self.number, self.column = 0, 1, 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.Parse(xml, True)

    def _start(self, name: str, told: dict[str, str]) -> None:
        at = self.parser.CurrentByteIndex
        if name == "table:table":
            sheet = told.get("table:name", "")
            self.rows, self.number = self.wanted.get(sheet, frozenset()), 1
            self.sheet = self.sheets.setdefault(sheet, _Sheet())
        elif self.sheet is None:
            return
        elif name == "table:table-row":
            times = int(told.get(_ROWS, 1))
            asked = any(self.number <= row < self.number + times for row in self.rows)
            self.row = _Row(at, self.number, times) if asked else None
            self.number, self.column = self.number + times, 0
        elif name in _CELLS:
            times = int(told.get(_COLUMNS, 1))
            if "office:value-type" in told:
                self.sheet.left = min(self.sheet.left, self.column)
            self.cell = _Cell(at, self.column, times, told) if self.row is not None else None
            self.column += times
        elif name == "text:p" and self.cell is not None:
            self.inside = 1
            self.cell.text = "" if self.cell.text is None else f"{self.cell.text}\n"
        elif name == "text:s" and self.inside and self.cell is not None:
            self.cell.text = (self.cell.text or "") + " " * int(told.get("text:c", 1))

    def _text(self, text: str) -> None:
        if self.inside and self.cell is not None:
            self.cell.text = (self.cell.text or "") + text

    def _end(self, name: str) -> None:
        if name == "table:table":
            self.sheet = None
        elif name == "text:p":
            self.inside = 0
        elif name in _CELLS and self.cell is not None and self.row is not None:
            self.cell.end = self._behind(name)
            self.row.cells.append(self.cell)
            self.cell = None
        elif name == "table:table-row" and self.row is not None and self.sheet is not None:
            self.row.end = self._behind(name)
            self.sheet.rows.append(self.row)
            self.row = None

    def _behind(self, name: str) -> int:
        """Return where an element ends: the parser stands before its second tag, or behind the one that it has."""
        at = self.parser.CurrentByteIndex
        second = re.compile(rb"</%s\s*>" % name.encode()).match(self.xml, at)
        return second.end() if second else at


def _edited(
    sheet: _Sheet, edits: Sequence[Edit], outcomes: list[str], xml: bytes
) -> Iterator[tuple[int, int, bytes]]:
    """Yield begin, end and new bytes of each row that changes; note what became of each edit."""
    by_row: dict[int, list[tuple[int, Edit]]] = {}
    for number, one in enumerate(edits):
        by_row.setdefault(one.row, []).append((number, one))
    for row in sheet.rows:
        lines = {at: by_row[at] for at in range(row.first, row.first + row.times) if at in by_row}
        made, before = [], row.first
        for at, found in lines.items():
            new = _new_row(sheet, row, found, outcomes, xml)
            if new is not None:
                made += [_repeated(xml[row.begin : row.end], _ROWS, at - before), new]
                before = at + 1
        if made:
            rest = _repeated(xml[row.begin : row.end], _ROWS, row.first + row.times - before)
            yield row.begin, row.end, b"".join([*made, rest])


def _new_row(
    sheet: _Sheet, row: _Row, found: Sequence[tuple[int, Edit]], outcomes: list[str], xml: bytes
) -> bytes | None:
    """Return one row with its changes; None where none is made."""
    pieces: list[tuple[int, int, bytes]] = []
    by_cell: dict[int, list[tuple[int, bytes]]] = {}
    cells = {cell.begin: cell for cell in row.cells}
    for number, one in found:
        cell = sheet.cell(row.first, one.column)
        outcomes[number], new = _new_cell(sheet, cell, one, xml)
        if cell is not None and new is not None:
            by_cell.setdefault(cell.begin, []).append((one.column + sheet.left, new))
    for begin, changes in by_cell.items():
        cell = cells[begin]
        old, at, parts = xml[cell.begin : cell.end], cell.column, b""
        for column, new in sorted(dict(changes).items()):
            parts += _repeated(old, _COLUMNS, column - at) + new
            at = column + 1
        pieces.append((cell.begin, cell.end, parts + _repeated(old, _COLUMNS, cell.column + cell.times - at)))
    if not pieces:
        return None
    text, end = b"", row.begin
    for begin, stop, new in sorted(pieces):
        text, end = text + xml[end:begin] + new, stop
    return _repeated(text + xml[end : row.end], _ROWS, 1)


def _new_cell(sheet: _Sheet, cell: _Cell | None, one: Edit, xml: bytes) -> tuple[str, bytes | None]:
    """Return what becomes of an edit, and the cell that it makes."""
    if cell is None or "table:formula" in cell.told or one.kind == "quoted":
        return LEFT, None  # LibreOffice runs no text as a formula
    if cell.told.get("office:value-type", "string") == "string" and (cell.text or None) != one.before:
        return LEFT, None
    tag = xml[cell.begin : xml.index(b">", cell.begin)]
    kept, said = b"".join(_KEPT.findall(tag)), one.after
    if one.kind == "date" and (told := _as_date(sheet, cell, one)):
        day, style = told
        if cell.told.get("office:date-value", "")[:10] == day.isoformat():
            return SAME, None
        kept = style or kept
        value = f'office:value-type="date" office:date-value="{day.isoformat()}"'
        said = f"{day:%d-%m-%Y}"
    elif one.kind == "number":
        value = f'office:value-type="float" office:value="{escape(one.after)}"'
    else:
        value = 'office:value-type="string"'
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in _FORBIDDEN.sub("", said).split("\n"))
    return PUT, b"<table:table-cell" + kept + f" {value}>{lines}</table:table-cell>".encode()


def _as_date(sheet: _Sheet, cell: _Cell, one: Edit) -> tuple[date, bytes] | None:
    """Return the day of a cell that is a date by type, or becomes one as others of its column, and its style."""
    day = parse_date(one.after, reference_date=_ANY_DAY).value
    if day is None:
        return None
    if cell.told.get("office:value-type") == "date":
        return day, b""
    sample = None if one.sample is None else sheet.cell(one.sample, one.column)
    if sample is None or sample.told.get("office:value-type") != "date":
        return None
    style = sample.told.get("table:style-name")
    return day, b"" if style is None else f' table:style-name="{escape(style)}"'.encode()


def _repeated(element: bytes, name: str, times: int) -> bytes:
    """Return an element that stands so many times; nothing for none."""
    if times < 1:
        return b""
    end = element.index(b">")
    tag = re.sub(rb'\s%s="\d+"' % name.encode(), b"", element[:end])
    count = b"" if times == 1 else f' {name}="{times}"'.encode()
    bare = tag.endswith(b"/")
    return tag.removesuffix(b"/") + count + b"/" * bare + element[end:]
