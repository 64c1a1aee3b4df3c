"""The cells of a sheet that are to be changed, found in its XML by their place in the bytes.

A sheet is read once by expat; only wanted cells are looked at, and all else stays where it is, byte for byte.
Only the published format is relied on: `sheetData` of ECMA-376, part 1, 18.3.1.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

Place = tuple[int, int]
"""Row (1-based, as Excel shows it) and column (0-based)."""

_FILLED = re.compile(rb"<(?:\w+:)?c\s(?:[^>]*?\s)?r=[\"']([A-Z]+)\d+[\"'][^>]*(?<!/)>")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass
class Cell:
    """A cell as it stands. start, end: its bytes. kind: attribute t. text: of v or is, None where it is empty."""

    start: int
    end: int
    style: int
    kind: str
    text: str | None = None
    formula: bool = False
    rich: bool = False
    """Parts of the text have formats of their own."""


@dataclass
class Sheet:
    """What was found in a sheet: wanted cells, where those could be put that are not there, merged areas."""

    prefix: str = ""
    cells: dict[Place, Cell] = field(default_factory=dict)
    gaps: dict[Place, int] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    """First row, last row, first column, last column of each area."""

    def origins(self) -> Origins:
        """Return the way from a covered cell to the one that shows for it."""
        return Origins(self.merged)


class Origins:
    """Which cell shows for one that a merged area covers."""

    def __init__(self, merged: Iterable[tuple[int, int, int, int]]) -> None:
        """Sort areas by column, and by row in it."""
        self._areas: dict[int, list[tuple[int, int, int]]] = {}
        for top, bottom, left, right in sorted(merged):
            for column in range(left, min(right, left + 100) + 1):
                self._areas.setdefault(column, []).append((top, bottom, left))

    def of(self, place: Place) -> Place | None:
        """Return the first cell of the area that covers this one; None where none does."""
        areas = self._areas.get(place[1], [])
        at = bisect_right(areas, (place[0], 2**31, 0)) - 1
        if at < 0 or place[0] > areas[at][1]:
            return None
        origin = (areas[at][0], areas[at][2])
        return None if origin == place else origin


def column_number(letters: str) -> int:
    """Return the 0-based number of a column.

    >>> column_number("A"), column_number("AA")
    (0, 26)
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def first_column(xml: bytes) -> int:
    """Return the first column in which a cell of the sheet is filled, from which its reader counts."""
    least: int | None = None
    for found in _FILLED.finditer(xml):
        number = column_number(found[1].decode())
        if number == 0:
            return 0
        least = number if least is None else min(least, number)
    return least or 0


def find_cells(xml: bytes, wanted: Mapping[int, set[int]]) -> Sheet:
    """Return the wanted cells of a sheet. xml: its part in UTF-8. wanted: row -> columns."""
    return _Finder(xml, wanted).sheet


class _Finder:
    """One pass over a sheet."""

    def __init__(self, xml: bytes, wanted: Mapping[int, set[int]]) -> None:
        self.xml, self.wanted, self.sheet = xml, wanted, Sheet()
        self.row, self.column, self.left = 0, -1, list[int]()
        self.cell: Cell | None = None
        self.at: Place = (0, 0)
        self.letters: list[str] | None = None
        self.phonetic = False
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._root
        self.parser.EndElementHandler = self._end
        self.parser.Parse(xml, True)

    def _root(self, name: str, _: dict[str, str]) -> None:
        self.sheet.prefix = name[: name.find(":") + 1]
        self.names = {
            self.sheet.prefix + tag: tag for tag in ("row", "c", "v", "t", "f", "r", "rPh", "mergeCell")
        }
        self.parser.StartElementHandler = self._start

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = self.names.get(name)
        if self.cell is not None:
            self._inside(self.cell, tag)
        elif tag == "c":
            if self.left:
                self._cell(attributes)
        elif tag == "row":
            self.row = int(attributes.get("r", self.row + 1))
            self.column, self.left = -1, sorted(self.wanted.get(self.row, ()))
        elif tag == "mergeCell":
            self.sheet.merged.append(_area(attributes["ref"]))

    def _cell(self, attributes: dict[str, str]) -> None:
        place = attributes.get("r")
        self.column = column_number(place.rstrip("0123456789")) if place else self.column + 1
        start = self.parser.CurrentByteIndex
        while self.left and self.left[0] < self.column:
            self.sheet.gaps[self.row, self.left.pop(0)] = start
        if self.left and self.left[0] == self.column:
            self.at = (self.row, self.left.pop(0))
            kind = attributes.get("t", "n")
            self.cell = Cell(start, start, int(attributes.get("s", 0)), kind)

    def _inside(self, cell: Cell, tag: str | None) -> None:
        if tag == "f":
            cell.formula = True
        elif tag == "r":
            cell.rich = True
        elif tag == "rPh":
            self.phonetic = True
        elif tag in ("v", "t") and not self.phonetic:
            self.letters = []
            self.parser.CharacterDataHandler = self.letters.append

    def _end(self, name: str) -> None:
        tag = self.names.get(name)
        if tag == "row":
            at = self.parser.CurrentByteIndex
            if self.left and self.xml.startswith(b"</", at):
                self.sheet.gaps |= {(self.row, column): at for column in self.left}
            self.left = []
        if self.cell is None:
            return
        if tag in ("v", "t") and self.letters is not None:
            self.cell.text = (self.cell.text or "") + "".join(self.letters)
            self.letters, self.parser.CharacterDataHandler = None, None
        elif tag == "rPh":
            self.phonetic = False
        elif tag == "c":
            self.cell.end = self._close(self.cell.start)
            self.sheet.cells[self.at] = self.cell
            self.cell = None

    def _close(self, start: int) -> int:
        """Return the end of the cell that begins at `start`: of its only tag, or of the closing one."""
        only = self.xml.index(b">", start) + 1
        if self.xml[only - 2 : only] == b"/>":
            return only
        return self.xml.index(b">", self.parser.CurrentByteIndex) + 1


def _area(reference: str) -> tuple[int, int, int, int]:
    ends = [re.fullmatch(r"\$?([A-Z]+)\$?(\d+)", end) for end in reference.split(":")]
    (left, top), (right, bottom) = [(column_number(e[1]), int(e[2])) for e in (ends[0], ends[-1]) if e]
    return top, bottom, left, right


def shared_texts(xml: bytes, wanted: set[int]) -> dict[int, tuple[str, bool]]:
    """Return number -> shared text, and whether parts of it have formats of their own."""
    found: dict[int, tuple[str, bool]] = {}
    parser = expat.ParserCreate()
    state = {"number": -1, "phonetic": False, "rich": False}
    text: list[str] = []

    def start(name: str, _: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        if tag == "si":
            state["number"] += 1
            state["rich"] = False
            text.clear()
        elif state["number"] in wanted:
            if tag == "rPh":
                state["phonetic"] = True
            elif tag == "r":
                state["rich"] = True
            elif tag == "t" and not state["phonetic"]:
                parser.CharacterDataHandler = text.append

    def end(name: str) -> None:
        tag = name.rpartition(":")[2]
        if tag == "t":
            parser.CharacterDataHandler = None
        elif tag == "rPh":
            state["phonetic"] = False
        elif tag == "si" and state["number"] in wanted:
            found[state["number"]] = ("".join(text), bool(state["rich"]))

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.Parse(xml, True)
    return found


def unescaped(text: str) -> str:
    """Return a text of a workbook as Excel shows it.

    >>> unescaped("A_x0020_B")
    'A B'
    """
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
