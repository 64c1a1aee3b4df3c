"""A sheet of a workbook as it is laid out: merged cells, and rows that nobody sees; of .xlsx, told from its XML.

The workbook reader hands over every row and does not tell a visible one from one that is hidden by hand,
by a filter or by a collapsed group; all three are one attribute of the row (ISO/IEC 29500-1, 18.3.1.73).
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from typing import Protocol
from xml.etree import ElementTree

import polars as pl

_TRUE = (b"1", b"true")
_TOLD = re.compile(rb"\s(hidden|r)\s*=\s*[\"'](\w+)[\"']")
"""Whether a row is hidden, and its number, among the attributes of its tag."""
_EMPTY_FORMULA = re.compile(
    rb"<(?:\w+:)?c\s([^>]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_CELL = re.compile(rb"\br=[\"']([A-Z]+)(\d+)[\"']")
_TEXT = re.compile(rb"\bt=[\"']str[\"']")


LONGEST_NUMBER = 7
"""Digits of the last row of a sheet; what is longer, or no number, numbers no row."""


Area = tuple[int, int, int]
"""Cells merged over rows: their first column, first and last row, 0-based."""


class Layout(Protocol):
    """What a workbook tells of a sheet beside its values, whatever the format."""

    @property
    def hidden(self) -> bool:
        """Whether the whole sheet is hidden."""

    def hidden_rows(self) -> list[int]:
        """Return the numbers (1-based) of the rows that are hidden, in order."""

    def uncalculated(self) -> list[tuple[int, int]]:
        """Return column (0-based) and row (1-based) of the cells whose formula nobody has calculated."""

    def merged(self) -> list[Area]:
        """Return the cells that are merged over several columns or rows."""

    def left_of(self, grid: pl.DataFrame, row: int) -> int | None:
        """Return how many columns of the sheet lie left of a grid of its cells; None where nothing tells.

        row: of the grid (0-based), with a filled cell.
        """


@dataclass(frozen=True)
class Laid:
    """A layout that was looked up while the file was checked. first: its first column with a filled cell, 0-based."""

    hidden: bool = False
    rows: list[int] = field(default_factory=list)
    formulas: list[tuple[int, int]] = field(default_factory=list)
    areas: list[Area] = field(default_factory=list)
    first: int = 0

    def hidden_rows(self) -> list[int]:
        """See `Layout`."""
        return self.rows

    def uncalculated(self) -> list[tuple[int, int]]:
        """See `Layout`."""
        return self.formulas

    def merged(self) -> list[Area]:
        """See `Layout`."""
        return self.areas

    def left_of(self, grid: pl.DataFrame, row: int) -> int | None:
        """See `Layout`."""
        return self.first


@dataclass(frozen=True)
class Sheet:
    """xml: the sheet's part, empty where the workbook does not say which. hidden: the sheet is."""

    xml: bytes = field(repr=False)
    hidden: bool

    def hidden_rows(self) -> list[int]:
        """Return the numbers (1-based) of the rows that are hidden, in order.

        Only tags of rows are looked at, and those only where the word occurs among the rows: reading every
        cell's tag would take as long again as reading the workbook.
        """
        opening = re.search(rb"<((?:\w+:)?)sheetData\b", self.xml)
        if opening is None:
            return []
        first, last = opening.end(), self.xml.rfind(b"sheetData")
        if self.xml.find(b"hidden", first, last) < 0:
            return []
        tag, found, number = b"<" + opening[1] + b"row", [], 0
        at = self.xml.find(tag, first, last)
        while at >= 0:
            end = self.xml.find(b">", at)
            told = dict(_TOLD.findall(self.xml, at, end))
            given = told.get(b"r", b"")
            number = int(given) if given.isdigit() and len(given) <= LONGEST_NUMBER else number + 1
            if told.get(b"hidden") in _TRUE:
                found.append(number)
            at = self.xml.find(tag, end, last)
        return found

    def uncalculated(self) -> list[tuple[int, int]]:
        """Return column (0-based) and row (1-based) of the cells whose formula nobody has calculated.

        Programs that write workbooks leave the value of a formula out; Excel puts it there when it saves. A
        formula that was calculated to an empty text says that it is a text.
        """
        if b"<f" not in self.xml and b":f" not in self.xml:
            return []
        found = (told[1] for told in _EMPTY_FORMULA.finditer(self.xml) if not _TEXT.search(told[1]))
        cells = (cell for attributes in found if (cell := _CELL.search(attributes)))
        return [(column_number(cell[1]), int(cell[2])) for cell in cells]

    def merged(self) -> list[Area]:
        """Return the cells that are merged over several columns or rows."""
        if b"<mergeCell " not in self.xml:
            return []
        found = re.findall(rb'<mergeCell ref="([A-Z]+)(\d+):[A-Z]+(\d+)"', self.xml)
        return [(column_number(letters), int(first) - 1, int(last) - 1) for letters, first, last in found]

    def left_of(self, grid: pl.DataFrame, row: int) -> int | None:
        """Return how many columns lie left of the grid, told by the first filled cell of a row of it."""
        found = re.search(rb'<row [^>]*?r="%d"[^>]*>(.*?)</row>' % (row + 1), self.xml, re.DOTALL)
        cells = re.findall(rb'<c r="([A-Z]+)\d+"[^>/]*>', found.group(1)) if found else []
        filled = [i for i, cell in enumerate(grid.row(row)) if cell is not None]
        return column_number(cells[0]) - filled[0] if cells and filled else None


def column_number(letters: bytes) -> int:
    """Turn the letters of a column into its 0-based number.

    >>> column_number(b"A"), column_number(b"AA")
    (0, 26)
    """
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


@dataclass(frozen=True)
class Book:
    """The sheets of a workbook by name, found through its relations: the part of each, "" if there is none, hidden."""

    archive: zipfile.ZipFile
    places: dict[str, tuple[str, bool]]

    @classmethod
    def of(cls, archive: zipfile.ZipFile) -> Book:
        """Look up the sheets of a workbook; of two with one name the first counts."""
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
        relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
        there = set(archive.namelist())
        places: dict[str, tuple[str, bool]] = {}
        for sheet in book.iter():
            if sheet.tag.endswith("}sheet"):
                ids = [value for key, value in sheet.items() if key.endswith("}id")]
                target = targets.get(ids[0], "") if ids else ""
                path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
                hidden = sheet.get("state", "visible") != "visible"
                places.setdefault(sheet.get("name", ""), (path if path in there else "", hidden))
        return cls(archive, places)

    def sheet(self, name: str) -> Sheet:
        """Return a sheet by its name; an empty one that nobody hides where there is none of that name."""
        path, hidden = self.places.get(name, ("", False))
        return Sheet(self.archive.read(path) if path else b"", hidden)
