"""A workbook looked through as the zip file it is, before a reader unpacks it: bombs, far cells, entities, damage.

Every part of XML is unpacked once, piece by piece, and nothing of it is kept.
"""

from __future__ import annotations

import copy
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import ParseError

import numpy as np
import numpy.typing as npt

from nikdedup.config import LimitsConfig
from nikdedup.errors import InputError
from nikdedup.residents.read.guard import FREE, bomb
from nikdedup.residents.read.sheets import Book

PIECE = 1 << 22
OVERLAP = 256
"""Bytes of a piece that are looked at again with the next."""
LONGEST_TAG = 1 << 20
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
FILL = 10
"""Empty cells for each filled one that are no cause for a second look."""
DAMAGED = "the workbook is damaged; open it in Excel and save it again"
FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    LookupError,
    ValueError,
    ParseError,
)
"""What the libraries raise over a broken zip file or broken XML."""

_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']*)""")
_CELL = re.compile(rb"""<(?:\w+:)?c\s(?:[^>]*?\s)?r\s*=\s*["']([A-Za-z]+)(\d+)["'][^>]*(?<!/)>(?!</)""")
"""A cell with something in it, its column and row."""
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s")
_STRING_CELL = re.compile(rb"""\st=["']s["'][^>]*>\s*<(?:\w+:)?v>(\d{1,9})<""")


def check_book(path: Path, raw: bytes, limits: LimitsConfig) -> None:
    """Raise InputError for a workbook that is damaged, or asks for more than the limits allow.

    What no XML part is (pictures, print settings) is left alone: no reader of ours opens it.

    Args:
        path: for messages.
        raw: the bytes of a zip file.
        limits: what a workbook may ask for.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            _check_archive(path, archive, len(raw), limits)
    except InputError:
        raise
    except FAULTS:
        raise InputError(f"{path.name}: {DAMAGED}") from None


def _check_archive(path: Path, archive: zipfile.ZipFile, size: int, limits: LimitsConfig) -> None:
    names = [name for name in archive.namelist() if name.endswith((".xml", ".rels"))]
    check_parts(path, archive, size, limits, names).check_strings(archive)
    _check_sheets(path, archive, limits)


def check_parts(
    path: Path, archive: zipfile.ZipFile, size: int, limits: LimitsConfig, names: Sequence[str]
) -> Parts:
    """Return what has been seen of the XML parts of a workbook; InputError or one of FAULTS where one is unsound.

    names: parts that are looked at.
    """
    parts = archive.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise InputError(f"{path.name}: the workbook is protected by a password; save it without one")
    if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
        raise zipfile.BadZipFile  # no program packs a workbook otherwise
    if len({part.filename for part in parts}) < len(parts):
        raise zipfile.BadZipFile
    seen = Parts(path, size, limits)
    for name in names:
        seen.look_at(archive, archive.getinfo(name))
    return seen


def _check_sheets(path: Path, archive: zipfile.ZipFile, limits: LimitsConfig) -> None:
    """Refuse a workbook of more sheets than the limit, or one that names a part twice, which no program writes."""
    check_sheets(path, len(_SHEET.findall(archive.read("xl/workbook.xml"))), limits)
    parts = [part for part, _ in Book.of(archive).places.values() if part]
    if len(set(parts)) < len(parts):
        raise zipfile.BadZipFile


def check_sheets(path: Path, sheets: int, limits: LimitsConfig) -> None:
    """Raise InputError for a workbook of more sheets than the limit."""
    if sheets > limits.sheets:
        raise InputError(
            f"{path.name}: {sheets:,} sheets; at most {limits.sheets:,} are allowed; "
            "part the workbook, or raise limits.sheets"
        )


def far(name: str, extent: Extent, limits: LimitsConfig) -> str:
    """Return the refusal of a sheet whose cells reach too far."""
    key = "sheet_cells" if extent.area > limits.sheet_cells else "blank_cells"
    return (
        f"{name}: a sheet of {extent.last_row:,} rows and {extent.columns:,} columns with "
        f"{extent.filled:,} filled cells; clear the cells far from the table, or raise limits.{key} "
        f"({getattr(limits, key):,})"
    )


@dataclass
class Parts:
    """What has been seen of a workbook. total: bytes unpacked. texts: lengths of the shared texts, in XML.

    cells: how many cells a part has, of those that have any.
    """

    path: Path
    size: int
    limits: LimitsConfig
    total: int = 0
    texts: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    cells: dict[str, int] = field(default_factory=dict)

    def look_at(self, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
        """Unpack one part and check all that is in it."""
        extent, lengths, seen = Extent(), [], 0
        for before, piece in self._pieces(archive, part):
            if not before:
                _check_encoding(piece)
            if b"\0" in piece:
                raise zipfile.BadZipFile
            if b"<!" in piece and (b"<!DOCTYPE" in piece or b"<!ENTITY" in piece):
                raise InputError(
                    f"{self.path.name}: a part of the workbook declares a document type or entities, "
                    "which Excel never writes; open it in Excel and save it again"
                )
            extent.add(piece, before)
            if "sharedStrings" in part.filename:
                found = _starts(piece, b"<si")
                lengths.append(found[found > before - 3] + seen - before)
            seen += len(piece) - before
        if extent.filled:
            self.cells[part.filename] = extent.filled
        if lengths:
            self.texts = np.diff(np.concatenate([*lengths, [seen]]))
        if extent.too_large(self.limits):
            self._check_extent(archive, part)

    def _pieces(self, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[tuple[int, bytes]]:
        """Yield (bytes seen before, piece); BadZipFile where the part is not as large as the directory says."""
        whole = copy.copy(part)
        whole.file_size = 1 << 62  # unpack to the end, not to what the directory says
        size, tail = 0, b""
        with archive.open(whole) as stream:
            while piece := stream.read(PIECE):
                size += len(piece)
                if size > max(FREE, part.compress_size * self.limits.expansion) or self._too_much(len(piece)):
                    raise InputError(bomb(self.path.name, self.limits))
                yield len(tail), tail + piece
                tail = _unfinished(tail + piece)
        if size != part.file_size:
            raise zipfile.BadZipFile

    def _too_much(self, more: int) -> bool:
        self.total += more
        return self.total > max(FREE, self.size * self.limits.expansion)

    def _check_extent(self, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
        """Look again at cells that have something in them: formats alone may reach far."""
        exact = Extent()
        for _, piece in self._pieces(archive, part):
            found = _CELL.findall(piece)
            exact.reach([_column(letters) for letters, _ in found], [int(row[:8]) for _, row in found])
            exact.filled += len(found)
        if exact.too_large(self.limits):
            raise InputError(far(self.path.name, exact, self.limits))

    def check_strings(self, archive: zipfile.ZipFile) -> None:
        """Refuse shared texts that become too much because many cells name them; each cell gets its own."""
        longest = int(self.texts.max(initial=0))
        if longest > self.limits.cell_bytes:
            raise InputError(
                f"{self.path.name}: a cell of about {longest:,} bytes; at most {self.limits.cell_bytes:,} are allowed; "
                "shorten it, or raise limits.cell_bytes"
            )
        allowed = max(FREE, self.size * self.limits.expansion)
        if longest * sum(self.cells.values()) <= allowed:
            return
        self.total, total = 0, 0
        for name, count in self.cells.items():
            for _, piece in self._pieces(archive, archive.getinfo(name)) if count else ():
                named = np.array([int(number) for number in _STRING_CELL.findall(piece)], np.int64)
                total += int(self.texts[named[named < len(self.texts)]].sum())
                if total > allowed:
                    raise InputError(bomb(self.path.name, self.limits))


@dataclass
class Extent:
    """How far the cells of a sheet reach, and about how many are filled."""

    first_column: int = LAST_COLUMN
    last_column: int = 0
    last_row: int = 0
    filled: int = 0

    def add(self, piece: bytes, before: int) -> None:
        """Take in a piece of a sheet, of which so many bytes were seen before; cells that end in it count."""
        starts = _starts(piece, b"<c ")
        starts = starts[starts <= len(piece) - 6]  # one that is cut off comes again with the next piece
        usual = starts[_follows(piece, starts + 3, b'r="')]
        columns, rows = _references(piece, usual + 6)
        known = (columns > 0) & (rows > 0)
        self.reach(columns[known], rows[known])
        self.filled += int((starts >= before).sum())
        if known.sum() < len(starts) or b":c " in piece:
            found = _CELL.findall(piece)
            self.reach([_column(name) for name, _ in found], [int(row[:8]) for _, row in found])
            self.filled += piece.count(b":c ", before)

    def reach(self, columns: npt.ArrayLike, rows: npt.ArrayLike) -> None:
        """Take in cells by their columns and rows, from 1."""
        across, down = np.asarray(columns, np.int64), np.asarray(rows, np.int64)
        if len(across):
            if across.max() > LAST_COLUMN or down.max() > LAST_ROW:
                raise zipfile.BadZipFile  # no sheet has such a cell, and its reader would look for it for minutes
            self.first_column = min(self.first_column, int(across.min()))
            self.last_column = max(self.last_column, int(across.max()))
            self.last_row = max(self.last_row, int(down.max()))

    @property
    def columns(self) -> int:
        """Columns from the first to the last filled one."""
        return max(0, self.last_column - self.first_column + 1)

    @property
    def area(self) -> int:
        """Cells in them, from the first row on."""
        return self.columns * self.last_row

    def too_large(self, limits: LimitsConfig) -> bool:
        """Say whether the cells, or the empty ones among them, are more than the limits allow."""
        blank = self.area - self.filled * (1 + FILL)
        return self.area > limits.sheet_cells or blank > limits.blank_cells


def _check_encoding(piece: bytes) -> None:
    """Raise BadZipFile for XML that is not UTF-8: no workbook has any, and signs of it could be overlooked."""
    told = _ENCODING.match(piece[3:] if piece.startswith(b"\xef\xbb\xbf") else piece)
    if told and told[1].lower() not in (b"utf-8", b"utf8", b"us-ascii", b"ascii"):
        raise zipfile.BadZipFile


def _unfinished(piece: bytes) -> bytes:
    """Return the end of a piece that belongs to the next one too: a tag that is cut off, and a little before it."""
    begin = piece.rfind(b"<")
    if begin < 0 or piece.find(b">", begin) >= 0:
        begin = len(piece)
    if len(piece) - begin > LONGEST_TAG:
        raise zipfile.BadZipFile
    return piece[max(0, min(begin, len(piece) - OVERLAP)) :]


def _starts(piece: bytes, sign: bytes) -> npt.NDArray[np.int64]:
    """Return where `sign` stands in the piece."""
    text = np.frombuffer(piece, np.uint8)
    size = len(text) - len(sign) + 1
    if size <= 0:
        return np.zeros(0, np.int64)
    first = np.uint16(sign[0] | sign[1] << 8)
    pairs = [np.frombuffer(piece, "<u2", (len(text) - shift) // 2, shift) == first for shift in (0, 1)]
    found = np.sort(
        np.concatenate([2 * np.flatnonzero(pairs[0]), 2 * np.flatnonzero(pairs[1]) + 1]), kind="stable"
    )
    found = found[found < size]
    return found[_follows(piece, found + 2, sign[2:])]


def _follows(piece: bytes, places: npt.NDArray[np.int64], sign: bytes) -> npt.NDArray[np.bool_]:
    """Return at which places `sign` stands; never at the end of the piece, which comes again with the next."""
    text = np.frombuffer(piece, np.uint8)
    found = places + len(sign) <= len(text)
    for shift, letter in enumerate(sign):
        found &= text[np.minimum(places + shift, len(text) - 1)] == letter
    return found


def _references(
    piece: bytes, starts: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return the columns and rows of cells whose references begin at these places; 0 where none can be read."""
    text = np.concatenate([np.frombuffer(piece, np.uint8), np.zeros(16, np.uint8)])
    at = starts.copy()
    columns = _number(text, at, first=64, last=90, base=26, longest=4)  # no sheet has as many
    rows = _number(text, at, first=47, last=57, base=10, longest=8)
    return columns, rows


def _number(
    text: npt.NDArray[np.uint8], at: npt.NDArray[np.int64], *, first: int, last: int, base: int, longest: int
) -> npt.NDArray[np.int32]:
    """Read a number at each of many places, and move them behind it. first: the sign before that of 1 or 0."""
    number = np.zeros(len(at), np.int32)
    zero = first if base == 26 else first + 1
    for _ in range(longest):
        sign = text[at]
        more = (sign > first) & (sign <= last)
        if not more.any():
            break
        number = np.where(more, number * base + (sign - zero), number)
        at += more
    return number


def _column(letters: bytes) -> int:
    """Turn the letters of a column into its number: A is 1, AA is 27; what is too long lies beyond any limit."""
    number = 0
    for letter in letters[:5].upper():
        number = number * 26 + letter - 64
    return number
