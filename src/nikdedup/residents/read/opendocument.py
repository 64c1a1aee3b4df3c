"""A workbook of LibreOffice (.ods) looked through before a reader unpacks it: bombs, far cells, passwords, layout.

A run of equal cells or rows is one element with a count, so that a few bytes can ask for a whole sheet of cells; what
they come to is counted. ISO/IEC 26300-3: 9.1 tables, 9.1.4 cells; 26300-2: encryption.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from nikdedup.config import LimitsConfig
from nikdedup.errors import InputError
from nikdedup.residents.read.bookguard import LAST_ROW, PIECE, Extent, check_parts, check_sheets, far
from nikdedup.residents.read.guard import FREE, bomb
from nikdedup.residents.read.sheets import Area, Laid

MIMETYPE = b"application/vnd.oasis.opendocument.spreadsheet"
CONTENT, MANIFEST = "content.xml", "META-INF/manifest.xml"
PROTECTED = "the workbook is protected by a password; save it without one"
_CELLS = ("table:table-cell", "table:covered-table-cell")
_HIDDEN = ("collapse", "filter")


def is_document(archive: zipfile.ZipFile) -> bool:
    """Say whether a zip file is a workbook of LibreOffice, as its first part says."""
    names = archive.namelist()
    return "mimetype" in names and archive.read("mimetype").strip().startswith(MIMETYPE)


def document_layouts(
    path: Path, archive: zipfile.ZipFile, size: int, limits: LimitsConfig
) -> dict[str, Laid]:
    """Return sheet -> how it is laid out, for a workbook that asks for no more than the limits allow.

    Args:
        path: for messages.
        archive: the workbook.
        size: bytes of it.
        limits: what a workbook may ask for.

    Raises:
        InputError: for a password, or where it asks for more. What it is damaged by raises one of `bookguard.FAULTS`.
    """
    names = set(archive.namelist())
    if "encrypted-package" in names or (MANIFEST in names and b"encryption-data" in archive.read(MANIFEST)):
        raise InputError(f"{path.name}: {PROTECTED}")
    if CONTENT not in names:
        raise zipfile.BadZipFile
    check_parts(path, archive, size, limits, [CONTENT])
    walk = _Walk(path, max(FREE, size * limits.expansion), limits)
    try:
        with archive.open(CONTENT) as stream:
            walk.through(iter(lambda: stream.read(PIECE), b""))
    except expat.ExpatError:
        raise zipfile.BadZipFile from None
    check_sheets(path, len(walk.sheets), limits)
    for extent in (sheet.extent for sheet in walk.sheets.values()):
        if extent.too_large(limits):
            raise InputError(far(path.name, extent, limits))
    return {name: sheet.laid() for name, sheet in walk.sheets.items()}


@dataclass
class _Sheet:
    """A sheet while its elements go by. row, column: 0-based, where the next one stands."""

    extent: Extent = field(default_factory=Extent)
    unseen: list[tuple[int, int]] = field(default_factory=list)
    formulas: list[tuple[int, int]] = field(default_factory=list)
    areas: list[Area] = field(default_factory=list)
    row: int = 0
    next_row: int = 0
    column: int = 0

    def begin_row(self, attributes: dict[str, str]) -> None:
        self.row, self.column = self.next_row, 0
        self.next_row += _count(attributes, "table:number-rows-repeated")
        if attributes.get("table:visibility") in _HIDDEN:
            self.unseen.append((self.row, self.next_row))

    def add(self, attributes: dict[str, str]) -> int:
        """Take in a cell; return how many cells of the sheet it stands for, 0 where it is empty."""
        at, across = self.column, _count(attributes, "table:number-columns-repeated")
        self.column += across
        if "table:number-rows-spanned" in attributes:
            self.areas.append((at, self.row, self.row + _count(attributes, "table:number-rows-spanned") - 1))
        if "office:value-type" not in attributes:
            if "table:formula" in attributes:
                self.formulas.append((at, self.row + 1))
            return 0
        self.extent.reach([at + 1, self.column], [self.row + 1, self.next_row])
        self.extent.filled += across * (self.next_row - self.row)
        return across * (self.next_row - self.row)

    def laid(self) -> Laid:
        last = self.extent.last_row
        hidden = [row + 1 for begin, end in self.unseen for row in range(begin, min(end, last))]
        return Laid(rows=hidden, formulas=self.formulas, areas=self.areas, first=self.extent.first_column - 1)


@dataclass
class _Walk:
    """A walk over content.xml. allowed: bytes that repeated cells may come to. begun: where the last one begins, and
    how often it stands there.
    """

    path: Path
    allowed: int
    limits: LimitsConfig
    sheets: dict[str, _Sheet] = field(default_factory=dict)
    sheet: _Sheet | None = None
    begun: tuple[int, int] = (0, 0)
    total: int = 0

    def through(self, pieces: object) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler = lambda name, found: self._start(name, found, parser.CurrentByteIndex)
        parser.EndElementHandler = self._end
        for piece in pieces:  # type: ignore[attr-defined]
            parser.Parse(piece, False)
        parser.Parse(b"", True)

    def _start(self, name: str, attributes: dict[str, str], at: int) -> None:
        if name == "table:table":
            self.sheet = self.sheets.setdefault(attributes.get("table:name", ""), _Sheet())
        elif self.sheet is None:
            return
        elif name in _CELLS:
            self._weigh(at)
            self.begun = (at, self.sheet.add(attributes))
        elif name == "table:table-row":
            self._weigh(at)
            self.sheet.begin_row(attributes)
        elif name == "text:s" and _count(attributes, "text:c") > self.limits.cell_bytes:
            raise InputError(bomb(self.path.name, self.limits))

    def _end(self, name: str) -> None:
        if name == "table:table":
            self.sheet = None

    def _weigh(self, at: int) -> None:
        """Count the bytes of the last cell as often as it stands in the sheet."""
        begin, times = self.begun
        self.begun = (at, 0)
        if times > 1:
            self.total += (at - begin) * times
            if self.total > self.allowed:
                raise InputError(bomb(self.path.name, self.limits))


def _count(attributes: dict[str, str], name: str) -> int:
    """Return how often an element stands; more than a sheet has rows is damage."""
    text = attributes.get(name)
    if text is None:
        return 1
    if not (text.isascii() and text.isdigit()) or (name != "text:c" and int(text[:9]) > LAST_ROW):
        raise zipfile.BadZipFile
    return int(text[:18])
