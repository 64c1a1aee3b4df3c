"""Whether the pages of a Parquet file are what its footer says, before a fast reader trusts them.

The fast reader ends the whole process at some damaged pages. Where the headers of all pages agree with the footer it
is let loose at once; where one does not, a careful reader goes through the file first and says what it makes of it.
Looking at headers alone costs a fraction of a millisecond for each column and row group.
Source: the format's thrift definition, apache/parquet-format, `parquet.thrift`.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from nikdedup.config import LimitsConfig
from nikdedup.errors import InputError
from nikdedup.residents.read.guard import FREE, bomb, unreadable
from nikdedup.runtime.files import open_file

HEADER_BYTES = 1 << 12
"""Read at once where a page begins; a header with long statistics is read again as a whole."""
LONGEST_HEADER = 1 << 20
ENCODINGS = frozenset({0, 2, 3, 4, 5, 6, 7, 8, 9})
DATA, DICTIONARY, DATA_V2 = 0, 2, 3
HEADER_OF = {DATA: 5, DICTIONARY: 7, DATA_V2: 8}
"""Kind of page -> field of its own header."""
ENCODING_AT = {DATA: 2, DICTIONARY: 2, DATA_V2: 4}
BATCH_ROWS = 1 << 15


class _Odd(Exception):
    """A page that is not what it should be."""


def footer(path: Path) -> Any:
    """Return what pyarrow reads from the end of a Parquet file.

    Args:
        path: the file.

    Raises:
        InputError: if it is none.
    """
    from pyarrow import ArrowException
    from pyarrow.parquet import read_metadata

    try:
        with open_file(path) as file:
            return read_metadata(file)
    except (ArrowException, OSError, ValueError) as fault:
        raise unreadable(
            path.name, fault, "not a Parquet file, or cut off; copy or export it again"
        ) from None


def check_pages(path: Path, about: Any, limits: LimitsConfig) -> None:
    """Raise InputError for a file that a careful reader cannot read to the end. about: its `footer`.

    A few bytes that stand for hundreds of millions of rows or bytes are refused as a bomb, be they packed or
    values of a dictionary that millions of rows repeat.
    """
    size = path.stat().st_size
    if about.num_rows * 25 > FREE and about.num_rows > size * limits.expansion:
        raise InputError(bomb(path.name, limits))
    repeated = 0
    try:
        with open_file(path) as file:
            for group in range(about.num_row_groups):
                told = about.row_group(group)
                for column in range(told.num_columns):
                    repeated += _check_chunk(path.name, file, told.column(column), size, limits)
                    if repeated > max(FREE, size * limits.expansion):
                        raise InputError(bomb(path.name, limits))
    except (_Odd, OverflowError):
        _read_carefully(path)


def _check_chunk(name: str, file: BinaryIO, told: Any, size: int, limits: LimitsConfig) -> int:
    """Go from page to page through one column of a row group; _Odd where they are not what the footer says.

    Returns how many bytes its values have in all, by the mean of its dictionary; 0 where it has none.
    """
    at = told.data_page_offset
    if told.has_dictionary_page and told.dictionary_page_offset:
        at = min(at, told.dictionary_page_offset)
    end, values, mean = at + told.total_compressed_size, 0, 0.0
    if not 4 <= at <= end <= size or told.file_path:
        raise _Odd
    while at < end:
        file.seek(at)
        page = _page(file)
        at += page.header + page.packed
        if page.kind == DICTIONARY:
            mean = page.unpacked / max(1, page.values)
        else:
            values += page.values
        if at > end or page.unpacked > told.total_uncompressed_size:
            raise _Odd
        if page.unpacked > max(FREE, page.packed * limits.expansion):
            raise InputError(bomb(name, limits))
    if values != told.num_values:
        raise _Odd
    return int(mean * values)


@dataclass(frozen=True)
class _Page:
    """kind: DATA, DICTIONARY or DATA_V2. values: of the page. header, packed, unpacked: bytes."""

    kind: int
    values: int
    header: int
    packed: int
    unpacked: int


def _page(file: BinaryIO) -> _Page:
    """Read the header of the page at which the file stands."""
    begin = file.tell()
    text = io.BytesIO(file.read(HEADER_BYTES))
    try:
        fields = _struct(text)
    except IndexError:
        file.seek(begin)
        text = io.BytesIO(file.read(LONGEST_HEADER))
        try:
            fields = _struct(text)
        except IndexError:
            raise _Odd from None
    kind, unpacked, packed = (_size(fields, number) for number in (1, 2, 3))
    own = fields.get(HEADER_OF.get(kind, -1))
    if not isinstance(own, dict) or _size(own, ENCODING_AT[kind]) not in ENCODINGS:
        raise _Odd
    return _Page(kind, _size(own, 1), text.tell(), packed, unpacked)


def _size(fields: dict[int, Any], number: int) -> int:
    """Return a field that is a whole number of 0 or more; _Odd where it is none."""
    value = fields.get(number)
    if not isinstance(value, int) or value < 0:
        raise _Odd
    return value


def _read_carefully(path: Path) -> None:
    """Read a whole file with pyarrow, piece by piece; InputError where that fails."""
    from pyarrow import ArrowException
    from pyarrow.parquet import ParquetFile

    try:
        with open_file(path) as file:
            for batch in ParquetFile(file).iter_batches(BATCH_ROWS, use_threads=False):
                batch.validate(full=True)
    except (ArrowException, OSError, ValueError) as fault:
        raise unreadable(path.name, fault) from None


# Thrift's compact protocol, as far as headers of pages need it.

_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _STRUCT = 1, 2, 3, 7, 8, 12
_INTEGERS = (4, 5, 6)
_DEEPEST = 8


def _struct(text: io.BytesIO, depth: int = 0) -> dict[int, Any]:
    """Return field number -> value of a structure; IndexError where the bytes end before it, _Odd if it is none."""
    if depth > _DEEPEST:
        raise _Odd
    fields: dict[int, Any] = {}
    number = 0
    while kind := _byte(text):
        number = number + (kind >> 4) if kind >> 4 else _signed(text)
        fields[number] = _value(text, kind & 15, depth)
    return fields


def _value(text: io.BytesIO, kind: int, depth: int) -> Any:
    if kind in (_TRUE, _FALSE):
        return kind == _TRUE
    if kind == _BYTE:
        return _byte(text)
    if kind in _INTEGERS:
        return _signed(text)
    if kind == _DOUBLE:
        return _skip(text, 8)
    if kind == _BINARY:
        return _skip(text, _unsigned(text))
    if kind == _STRUCT:
        return _struct(text, depth + 1)
    raise _Odd  # headers of pages hold no lists, sets or maps


def _byte(text: io.BytesIO) -> int:
    return text.read(1)[0]


def _skip(text: io.BytesIO, size: int) -> None:
    if len(text.read(size)) < size:
        raise IndexError


def _unsigned(text: io.BytesIO) -> int:
    number = shift = 0
    while True:
        byte = _byte(text)
        number |= (byte & 127) << shift
        if byte < 128:
            return number
        shift += 7
        if shift > 63:
            raise _Odd


def _signed(text: io.BytesIO) -> int:
    number = _unsigned(text)
    return (number >> 1) ^ -(number & 1)
