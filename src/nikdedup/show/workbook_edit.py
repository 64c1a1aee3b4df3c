"""A workbook with some cells changed and all else as it was, byte for byte.

A workbook that a library loads and saves again loses what the library does not know: openpyxl drops the values of
formulas, which the next reader then finds empty, shapes, form controls and pictures. Here only the bytes of changed
cells are written anew, and styles are added to the list; a changed cell keeps its style, and its type where the
new value has one.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from posixpath import normpath
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from nikdedup.residents.dates import parse_date
from nikdedup.show.workbook_cells import Cell, Place, Sheet, find_cells, first_column, shared_texts, unescaped
from nikdedup.show.workbook_styles import TEXT_FORMAT, Styles, spliced
from nikdedup.show.xlsx_rows import column_letters

PUT, SAME, LEFT = "put", "same", "left"
"""What became of an edit: put in the cell; the cell says so already; not put, the cell holds something else."""

DATE_FORMAT = r"dd\-mm\-yyyy"
_MOST = 32_767  # characters of an Excel cell
_ANY_DAY = date(2100, 1, 1)
_ISO = re.compile(r"\d{4}-\d\d-\d\d")
_PLAIN = re.compile(r"-?\d+(?:\.\d+)?")
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True)
class Edit:
    """One cell to change.

    row: as Excel shows it. column: 0-based, counted from the first filled column of the sheet. before: what its
    reader told, null where blank. after: new text. kind: what the new value is: "text"; "id", a number
    written as text; "date", a date where the cell or its column holds dates by type; "number"; "quoted", the
    same text with Excel's own apostrophe. sample: row of a date cell of the column, for its format.
    """

    row: int
    column: int
    before: str | None
    after: str
    kind: str
    sample: int | None = None


@dataclass(frozen=True)
class Edited:
    """A workbook to be written: the parts that changed, and what became of each edit of each sheet."""

    parts: Mapping[str, bytes]
    outcomes: Mapping[str, list[str]]


def edit_workbook(raw: bytes, edits: Mapping[str, Sequence[Edit]]) -> Edited:
    """Return the changed parts of a workbook. raw: the file. edits: sheet name -> edits."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        book = _Book(archive)
        outcomes = {sheet: book.edit(sheet, found) for sheet, found in edits.items() if found}
        return Edited(book.changed(), outcomes)


def write_edited(raw: bytes, edited: Edited, path: Path) -> None:
    """Write a workbook with its changed parts; the others are copied."""
    with zipfile.ZipFile(io.BytesIO(raw)) as source, zipfile.ZipFile(path, "w") as target:
        for entry in source.infolist():
            info = zipfile.ZipInfo(entry.filename, entry.date_time)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, entry.external_attr
            data = edited.parts.get(entry.filename)
            target.writestr(info, source.read(entry) if data is None else data)


class _Book:
    """The parts of a workbook that matter here."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.names = set(archive.namelist())
        self.book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
        self.sheets = self._sheets()
        self.styles = Styles(self._part("xl/styles.xml")) if "xl/styles.xml" in self.names else None
        settings = next((e for e in self.book.iter() if e.tag.endswith("}workbookPr")), None)
        mac = settings is not None and settings.get("date1904") in ("1", "true")
        self.epoch = datetime(1904, 1, 1) if mac else datetime(1899, 12, 30)
        self.parts: dict[str, bytes] = {}

    def _part(self, name: str) -> bytes:
        """Return a part as UTF-8."""
        xml = self.archive.read(name)
        if xml[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            return xml.removeprefix(b"\xef\xbb\xbf")
        return re.sub(r"(<\?xml[^>]*encoding=[\"'])[^\"']*", r"\g<1>UTF-8", xml.decode("utf-16")).encode()

    def _sheets(self) -> dict[str, str]:
        """Return sheet -> its part."""
        relations = ElementTree.fromstring(self.archive.read("xl/_rels/workbook.xml.rels"))
        targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
        sheets = {}
        for element in self.book.iter():
            if element.tag.endswith("}sheet"):
                ids = [value for name, value in element.items() if name.endswith("}id")]
                target = targets.get(ids[0], "") if ids else ""
                sheets[element.get("name", "")] = normpath(
                    target.lstrip("/") if target.startswith("/") else f"xl/{target}"
                )
        return sheets

    def edit(self, sheet: str, edits: Sequence[Edit]) -> list[str]:
        """Change a sheet and return what became of each edit."""
        part = self.sheets.get(sheet, "")
        if part not in self.names:
            return [LEFT] * len(edits)
        xml = self._part(part)
        shift = first_column(xml)
        wanted: dict[int, set[int]] = {}
        for one in edits:
            wanted.setdefault(one.row, set()).add(one.column + shift)
            if one.sample is not None:
                wanted.setdefault(one.sample, set()).add(one.column + shift)
        found = find_cells(xml, wanted)
        work = _SheetEdit(self, xml, found, shift)
        outcomes = work.outcomes(edits)
        if work.pieces:
            self.parts[part] = spliced(xml, work.pieces)
        return outcomes

    def texts(self, sheet: Sheet) -> dict[int, tuple[str, bool]]:
        """Return the shared texts of the cells found."""
        numbers = {int(cell.text or 0) for cell in sheet.cells.values() if cell.kind == "s"}
        if not numbers or "xl/sharedStrings.xml" not in self.names:
            return {}
        return shared_texts(self._part("xl/sharedStrings.xml"), numbers)

    def changed(self) -> dict[str, bytes]:
        """Return the changed parts: sheets, styles, and the order to work out formulas when it is opened."""
        if not self.parts:
            return {}
        more = {"xl/styles.xml": self.styles.changed()} if self.styles else {}
        sheets = (self.archive.read(part) for part in self.sheets.values() if part in self.names)
        if any(re.search(rb"<(?:\w+:)?f[ >/]", xml) for xml in sheets):
            more["xl/workbook.xml"] = _worked_out_anew(self._part("xl/workbook.xml"))
        return self.parts | more


def _worked_out_anew(xml: bytes) -> bytes:
    """Return the workbook's part with the order to work out every formula when it is opened."""
    if found := re.search(rb"<(?:\w+:)?calcPr\b[^>]*?(?=/?>)", xml):
        tag = re.sub(rb"\sfullCalcOnLoad\s*=\s*[\"'][^\"']*[\"']", b"", found[0])
        return xml[: found.start()] + tag + b' fullCalcOnLoad="1"' + xml[found.end() :]
    ends = list(re.finditer(rb"</((?:\w+:)?)(?:sheets|functionGroups|externalReferences|definedNames)>", xml))
    at = ends[-1].end()
    return xml[:at] + b'<%scalcPr fullCalcOnLoad="1"/>' % ends[-1][1] + xml[at:]


class _SheetEdit:
    """The edits of one sheet, made into pieces of its XML."""

    def __init__(self, book: _Book, xml: bytes, sheet: Sheet, shift: int) -> None:
        self.book, self.xml, self.sheet, self.shift = book, xml, sheet, shift
        self.texts = book.texts(sheet)
        self.origins = sheet.origins()
        self.pieces: list[tuple[int, int, bytes]] = []

    def outcomes(self, edits: Sequence[Edit]) -> list[str]:
        """Put the edits in, cell by cell, and return what became of each."""
        by_place: dict[Place, list[int]] = {}
        for i, one in enumerate(edits):
            by_place.setdefault((one.row, one.column + self.shift), []).append(i)
        found = [LEFT] * len(edits)
        for place, numbers in by_place.items():
            values = [edits[i] for i in numbers if edits[i].kind != "quoted"]
            outcome, quote = self._cell(place, values[-1] if values else None, len(values) < len(numbers))
            for i in numbers:
                found[i] = quote if edits[i].kind == "quoted" else outcome
        for place, numbers in by_place.items():
            origin = self.origins.of(place)
            shown = by_place.get(origin) if origin else None
            if shown and edits[shown[-1]].after == edits[numbers[-1]].after and found[shown[-1]] != LEFT:
                for i in numbers:
                    found[i] = SAME
        return found

    def _cell(self, place: Place, edit: Edit | None, quote: bool) -> tuple[str, str]:
        """Write a cell anew; return what became of the value and of the apostrophe."""
        cell = self.sheet.cells.get(place)
        if (
            cell is None
            and place in self.sheet.gaps
            and edit
            and not edit.before
            and not self.origins.of(place)
        ):
            cell = Cell(self.sheet.gaps[place], self.sheet.gaps[place], 0, "n")
        if cell is None or cell.formula or cell.kind in ("b", "e"):
            return LEFT, LEFT
        value = None if edit is None else self._value(edit, cell)
        style = cell.style if value is None else value.style
        if quote and self.book.styles:
            style = self.book.styles.like(style, quoted=True)
        quoted = PUT if quote and not self._quoted(cell.style) else SAME
        if value is not None and not value.same:
            self.pieces.append((cell.start, cell.end, self._written(place, style, value)))
            return PUT, quoted
        if style != cell.style:
            self.pieces.append(self._restyled(cell, style))
        return LEFT if value is None else SAME, quoted

    def _quoted(self, style: int) -> bool:
        return self.book.styles is not None and self.book.styles.quoted(style)

    def _value(self, edit: Edit, cell: Cell) -> _Value | None:
        """Return what the cell shall hold; None where it does not hold what the edit was made for."""
        text, rich = cell.text, cell.rich
        if cell.kind == "s":
            text, rich = self.texts.get(int(text or 0), (None, False))
        number = cell.kind == "n" and text is not None
        if text is not None and not number:
            text = unescaped(text)
        if (
            rich
            or len(edit.after) > _MOST
            or not reads_as(edit.before, text, number=number, epoch=self.book.epoch)
        ):
            return None
        if edit.kind == "date" and (number or (text is None and edit.sample is not None)):
            return self._date(edit, cell, float(text) if text else None)
        if edit.kind == "number" and _PLAIN.fullmatch(edit.after):
            return _Value(cell.style, edit.after, number=True)
        style = cell.style
        if edit.kind == "id" and self.book.styles:
            style = self.book.styles.like(style, number_format=TEXT_FORMAT)
        return _Value(style, edit.after, same=text == edit.after and not number)

    def _date(self, edit: Edit, cell: Cell, serial: float | None) -> _Value | None:
        """Return a date by type: the cell's own number where it says this day, in a format that shows it."""
        day = parse_date(edit.after, reference_date=_ANY_DAY).value
        if day is None or self.book.styles is None:
            return None
        told = None if serial is None else _moment(serial, self.book.epoch).date()
        style = cell.style
        if serial is None or not _ISO.match(edit.before or ""):
            if told is not None and told != day:
                return None  # read by another epoch than the workbook's
            style = self.book.styles.like(style, number_format=self._date_format(edit))
        new = (datetime(day.year, day.month, day.day) - self.book.epoch).days
        return _Value(style, str(new), number=True, same=told == day and style == cell.style)

    def _date_format(self, edit: Edit) -> int:
        """Return the format of the column's date cells; dd-mm-yyyy where it has none."""
        styles = self.book.styles
        sample = self.sheet.cells.get((edit.sample or 0, edit.column + self.shift))
        if styles is None or sample is None:
            return styles.number_format(DATE_FORMAT) if styles else 0
        return styles.format_of(sample.style)

    def _written(self, place: Place, style: int, value: _Value) -> bytes:
        """Return the XML of a cell."""
        tag, known = self.sheet.prefix, f' s="{style}"' if style else ""
        opening = f'<{tag}c r="{column_letters(place[1])}{place[0]}"{known}'
        if value.number:
            return f"{opening}><{tag}v>{value.text}</{tag}v></{tag}c>".encode()
        text = escape(_FORBIDDEN.sub("\ufffd", _ESCAPE.sub("_x005F_", value.text)))
        inside = f'<{tag}is><{tag}t xml:space="preserve">{text}</{tag}t></{tag}is>'
        return f'{opening} t="inlineStr">{inside}</{tag}c>'.encode()

    def _restyled(self, cell: Cell, style: int) -> tuple[int, int, bytes]:
        """Return the tag that opens a cell with another style."""
        end = self.xml.index(b">", cell.start)
        tag = re.sub(rb"\ss=[\"']\d+[\"']", b"", self.xml[cell.start : end])
        name = re.match(rb"<[\w:]+", tag)
        cut = name.end() if name else 0
        return cell.start, end, tag[:cut] + b' s="%d"' % style + tag[cut:]


@dataclass(frozen=True)
class _Value:
    """What a cell shall hold. same: it does already."""

    style: int
    text: str
    number: bool = False
    same: bool = False


def reads_as(before: str | None, text: str | None, *, number: bool, epoch: datetime) -> bool:
    """Return whether a cell holds what its reader told; breaks of lines and spaces are not compared.

    >>> reads_as("1960-07-01", "22098", number=True, epoch=datetime(1899, 12, 30))
    True
    """
    if before is None or not before.strip():
        return text is None or not text.strip()
    if text is None:
        return False
    if not number:
        return "".join(text.split()) == "".join(before.split())
    if _ISO.match(before):
        return _moment(float(text), epoch).strftime("%Y-%m-%d") == before[:10]
    return bool(_PLAIN.fullmatch(before)) and float(before) == float(text)


def _moment(serial: float, epoch: datetime) -> datetime:
    try:
        return epoch + timedelta(days=serial, milliseconds=1)
    except OverflowError:
        return epoch
