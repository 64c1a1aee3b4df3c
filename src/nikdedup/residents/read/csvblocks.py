"""A CSV file in blocks of lines, cut where a record ends: no more of it is held than a block.

One look over the whole file tells its digest and encoding. What cannot be cut so is read as a whole: a file in UTF-16,
one whose lines end in CR alone, and whatever is wrong with a file, so that there is one place that says it.
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import polars as pl

from nikdedup.config import Config
from nikdedup.errors import InputError
from nikdedup.residents.read.csvfile import Layout, without_formulas
from nikdedup.residents.read.csvrecords import LONGEST_RECORD
from nikdedup.residents.read.guard import PIECE, check_lines
from nikdedup.residents.read.header import PREVIEW
from nikdedup.residents.read.inputs import changed, pieces_of
from nikdedup.residents.read.tables import Table
from nikdedup.runtime.share import share

PACKED = (
    *(b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1"),
    *(b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"x\x01", b"x^", b"x\x9c", b"x\xda"),
)
"""How files begin that are packed, or no text."""
WIDE_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
NOT_CP1252 = b"\x81\x8d\x8f\x90\x9d"


@dataclass(frozen=True)
class _Scan:
    """What one look over a file tells. encoding: utf-8 or cp1252. changed: size and time of change it had before."""

    digest: str
    encoding: str
    changed: tuple[int, int]


def csv_blocks(path: Path, config: Config, *, lines: int) -> Iterator[Table] | None:
    """Give the tables of a CSV file, of the records that begin on so many lines each; None where it cannot be cut.

    Under each other they are the table that `read_csv` makes of the file.

    Args:
        path: the file.
        config: settings of the run.
        lines: of the file on which the records of one table begin.
    """
    scan = _scanned(path, config)
    return None if scan is None else _blocks(path, scan, config, lines)


def _blocks(path: Path, scan: _Scan, config: Config, most: int) -> Iterator[Table]:
    pieces = _pieces(path, scan.encoding)
    lines, layout, at, more = next(pieces), None, 0, True
    while True:
        while more and len(lines) < most + LONGEST_RECORD + PREVIEW:
            piece = next(pieces, None)
            lines, more = (lines, False) if piece is None else (pl.concat([lines, piece]), True)
        if layout is None:
            layout = Layout.of(path, lines, config)
            lines, at = lines.slice(layout.first), layout.first
        last = not more and len(lines) <= most
        if changed(path) != scan.changed:
            raise InputError(f"{path.name}: was changed while it was read; run again")
        table, taken = layout.table(lines, scan.digest, config, at=at, stop=None if last else most)
        yield table
        if last:
            return
        lines, at = lines.slice(taken), at + taken


def _scanned(path: Path, config: Config) -> _Scan | None:
    """Return what a look over a file tells; None where it is to be read as a whole."""
    digest, decoder = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")()
    before = changed(path)
    utf8, cp1252, ends, begin = True, True, 0, b""
    for piece in pieces_of(path, PIECE):
        begin = begin or piece[:4]
        digest.update(piece)
        ends += piece.count(b"\n")
        if b"\0" in piece or begin.startswith((*PACKED, *WIDE_BOMS)):
            return None
        try:
            utf8 = utf8 and (decoder.decode(piece) is not None)
        except UnicodeDecodeError:
            utf8 = False
        cp1252 = cp1252 and len(piece) == len(piece.translate(None, NOT_CP1252))
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        utf8 = False
    if not ends or not (utf8 or cp1252):
        return None
    check_lines(path.name, lambda: pieces_of(path, PIECE), config.limits)
    return _Scan(digest.hexdigest(), "utf-8" if utf8 else "cp1252", before)


def _pieces(path: Path, encoding: str) -> Iterator[pl.Series]:
    """Give the lines of a file, some of them at a time."""
    rest, first, read, size = b"", True, 0, path.stat().st_size
    for piece in chain(pieces_of(path, PIECE), [b""]):
        read += len(piece)
        share(read / size)
        whole, end, begun = (rest + piece).rpartition(b"\n")
        text, rest = (whole + end, begun) if piece else (rest, b"")
        if text:
            yield _lines(text.removeprefix(codecs.BOM_UTF8) if first else text, encoding)
            first = False


def _lines(text: bytes, encoding: str) -> pl.Series:
    text = text if encoding == "utf-8" else text.decode(encoding).encode()
    # Behind a line of its own no text is taken for a packed file.
    return without_formulas(pl.read_lines(b"\n" + text).to_series().slice(1))
