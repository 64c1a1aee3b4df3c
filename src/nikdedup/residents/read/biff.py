"""An old Excel workbook (.xls) looked through before a reader unpacks it: passwords, far cells, layout.

Its reader makes a full grid of every sheet, so that a cell in the last corner of each of some sheets takes gigabytes.
The file is a small file system (MS-CFB) in which one stream holds the workbook as records (MS-XLS).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from nikdedup.config import LimitsConfig
from nikdedup.errors import InputError
from nikdedup.residents.read.bookguard import Extent, check_sheets, far
from nikdedup.residents.read.opendocument import PROTECTED
from nikdedup.residents.read.sheets import Area, Laid

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Signature of the old Office container: an .xls, or any workbook behind a password."""
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_NAMES = ("WORKBOOK", "BOOK")
_END = 0xFFFFFFFA
"""Sector numbers from here on are signs: the end of a chain, a free sector, one of the table itself."""
_BOF, _EOF, _FILEPASS, _BOUNDSHEET, _ROW, _MERGED, _MULRK = 0x809, 0x0A, 0x2F, 0x85, 0x208, 0xE5, 0xBD
_CELLS = frozenset({0x203, 0x27E, 0xFD, 0x204, 0xD6, 0x205, 0x06, 0x206, 0x406, _MULRK})
_DIMENSIONS = 0x200
_ROW_HIDDEN = 0x20
_LAST_ROW, _LAST_COLUMN = 65_536, 256


def old_layouts(path: Path, raw: bytes, limits: LimitsConfig) -> list[Laid]:
    """Return how each sheet of an old workbook is laid out, in their order.

    Args:
        path: for messages.
        raw: bytes that begin with OLE.
        limits: what a workbook may ask for; all sheets together, for all are unpacked at once.

    Raises:
        InputError: for a password, or where it asks for more. Damage raises one of `bookguard.FAULTS`.
    """
    if ENCRYPTED in raw:
        raise InputError(f"{path.name}: {PROTECTED}")
    stream = _workbook_stream(raw)
    begins = []
    for kind, body in _records(stream, 0):
        if kind == _FILEPASS:
            raise InputError(f"{path.name}: {PROTECTED}")
        if kind == _BOUNDSHEET:
            begins.append(struct.unpack_from("<I", body)[0])
    check_sheets(path, len(begins), limits)
    sheets = [_sheet(stream, begin) for begin in begins]
    whole = Extent(first_column=1, last_column=1)
    for extent in (sheet.extent for sheet in sheets):
        if extent.too_large(limits):
            raise InputError(far(path.name, extent, limits))
        whole.last_row += extent.area
        whole.filled += extent.filled
    if whole.too_large(limits):
        largest = max((sheet.extent for sheet in sheets), key=lambda extent: extent.area)
        raise InputError(far(path.name, largest, limits))
    return [Laid(rows=s.unseen, areas=s.areas, first=s.extent.first_column - 1) for s in sheets]


@dataclass
class _Sheet:
    extent: Extent = field(default_factory=Extent)
    unseen: list[int] = field(default_factory=list)
    areas: list[Area] = field(default_factory=list)


def _sheet(stream: bytes, begin: int) -> _Sheet:
    """Return what the records of a sheet tell; those of charts that stand in it apart."""
    found, depth = _Sheet(), 0
    rows, columns = [], []
    for kind, body in _records(stream, begin):
        if kind == _BOF:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if not depth:
                break
        elif kind == _DIMENSIONS:
            _check_dimensions(body)
        elif depth > 1:
            continue
        elif kind in _CELLS:
            row, column = struct.unpack_from("<HH", body)
            last = struct.unpack_from("<H", body, len(body) - 2)[0] if kind == _MULRK else column
            rows += [row + 1] * 2
            columns += [column + 1, last + 1]
            found.extent.filled += max(0, last - column + 1)
        elif kind == _ROW and struct.unpack_from("<H", body, 12)[0] & _ROW_HIDDEN:
            found.unseen.append(struct.unpack_from("<H", body)[0] + 1)
        elif kind == _MERGED:
            count = struct.unpack_from("<H", body)[0]
            areas = struct.iter_unpack("<4H", body[2 : 2 + 8 * count])
            found.areas += [(left, first, last) for first, last, left, _ in areas]
    found.extent.reach(columns, rows)
    found.unseen.sort()
    return found


def _check_dimensions(body: bytes) -> None:
    """Raise EOFError for a sheet that says of itself that it is larger than any: its reader makes room for it."""
    first, last, left, right = struct.unpack_from("<IIHH" if len(body) >= 14 else "<4H", body)
    if not (first <= last <= _LAST_ROW and left <= right <= _LAST_COLUMN):
        raise EOFError


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Give kind and body of the records from a place on, to the end of its part or of the stream."""
    depth = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + size]
        depth += (kind == _BOF) - (kind == _EOF)
        if kind == _EOF and depth <= 0:
            return
        at += 4 + size


def _workbook_stream(raw: bytes) -> bytes:
    """Return the stream of the workbook; struct.error or EOFError where the container is damaged."""
    sector = 1 << struct.unpack_from("<H", raw, 0x1E)[0]
    if sector not in (512, 4096):
        raise EOFError
    cutoff = struct.unpack_from("<I", raw, 0x38)[0]
    table = _table(raw, sector)
    folder = _chain(raw, sector, table, struct.unpack_from("<I", raw, 0x30)[0])
    entries = {name: (begin, size) for name, begin, size in _entries(folder)}
    begin, size = next((entries[name] for name in _NAMES if name in entries), (_END, 0))
    if begin >= _END:
        raise EOFError
    if size >= cutoff:
        return _chain(raw, sector, table, begin)[:size]
    small = _chain(raw, sector, table, entries["ROOT ENTRY"][0])
    numbers = _chain(raw, sector, table, struct.unpack_from("<I", raw, 0x3C)[0])
    short = np.frombuffer(numbers, "<u4")
    return b"".join(small[64 * i : 64 * i + 64] for i in _numbers(short, begin))[:size]


def _table(raw: bytes, sector: int) -> np.ndarray:
    """Return the table of sectors: for each the number of the next."""
    places = list(struct.unpack_from("<109I", raw, 0x4C))
    more, count = struct.unpack_from("<II", raw, 0x44)
    for _ in range(min(count, len(raw) // sector)):
        if more >= _END:
            break
        *further, more = struct.unpack_from(f"<{sector // 4}I", raw, (more + 1) * sector)
        places += further
    found = [raw[(i + 1) * sector : (i + 2) * sector] for i in places if i < _END]
    whole = b"".join(found)
    return np.frombuffer(whole[: len(whole) // 4 * 4], "<u4")


def _numbers(table: np.ndarray, begin: int) -> Iterator[int]:
    """Give the numbers of a chain of sectors; EOFError where it leads nowhere or into itself."""
    for _ in range(len(table) + 1):
        if begin >= _END:
            return
        if begin >= len(table):
            raise EOFError
        yield begin
        begin = int(table[begin])
    raise EOFError


def _chain(raw: bytes, sector: int, table: np.ndarray, begin: int) -> bytes:
    return b"".join(raw[(i + 1) * sector : (i + 2) * sector] for i in _numbers(table, begin))


def _entries(folder: bytes) -> Iterator[tuple[str, int, int]]:
    """Give name in capitals, first sector and size of the streams of the container."""
    for at in range(0, len(folder) - 127, 128):
        length = struct.unpack_from("<H", folder, at + 64)[0]
        begin, size = struct.unpack_from("<II", folder, at + 116)
        name = folder[at : at + min(length, 64)].decode("utf-16-le", "replace").rstrip("\0").upper()
        if name:
            yield name, begin, size
