"""The rows of a workbook: many cells at once, straight into the sheets of an empty .xlsx.

xlsxwriter makes the workbook (styles, filter, drop-down, print layout) and spends
11 s on 50,000 rows of 19 cells; written column-wise, as here, the same rows take
under 2 s, in bounded memory, and no temporary file ever holds an identity. Only the
published format is relied on: `sheetData` of ECMA-376, part 1, 18.3.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import polars as pl

CHUNK_ROWS = 20_000
PATTERN_ROW = 2
"""Row (1-based) of the skeleton that shows the style of every column, replaced by the data."""

_MAX_CELL = 32_767  # characters of an Excel cell
_PACKED = 4  # of 9: a third of the time of the usual 6, for a file a seventh larger


def fill(
    skeleton: bytes, path: Path, tables: Sequence[pl.DataFrame], *, instead: Mapping[str, str], height: str
) -> None:
    """Write `skeleton` to `path` with the rows of `tables`, one table per sheet, in order.

    Every sheet of the skeleton has a header row and, unless its table is empty, a
    pattern row: one styled cell per column of the table. String columns become text
    cells, number columns numbers; null and "" give an empty cell of the same style.
    `instead` names for a number column the text column, not shown itself, that is
    written where the number is null; `height` names the column of row heights in points.
    """
    with (
        ZipFile(BytesIO(skeleton)) as source,
        ZipFile(path, "w", ZIP_DEFLATED, compresslevel=_PACKED) as target,
    ):
        for name in source.namelist():
            found = re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", name)
            parts: Iterator[bytes] = iter([source.read(name)])
            if found:
                parts = _sheet(source.read(name).decode(), tables[int(found[1]) - 1], instead, height)
            # A name, not a ZipInfo of our own: it dates from 1980, so that bytes do not depend on the clock.
            with target.open(name, "w", force_zip64=True) as file:
                for part in parts:
                    file.write(part)


def _sheet(xml: str, table: pl.DataFrame, instead: Mapping[str, str], height: str) -> Iterator[bytes]:
    """Give the XML of one sheet, its pattern row replaced by the rows of `table`, in pieces."""
    pattern = re.search(rf'<row r="{PATTERN_ROW}".*?</row>', xml)
    if pattern is None:
        yield xml.encode()
        return
    styles = re.findall(r'<c r="[A-Z]+\d+" s="(\d+)"', pattern[0])
    last = f"{column_letters(len(styles) - 1)}{table.height + 1}"
    yield re.sub(
        r'<dimension ref="[^"]*"/>', f'<dimension ref="A1:{last}"/>', xml[: pattern.start()]
    ).encode()
    row = _row(table, styles, instead, height)
    for start in range(0, table.height, CHUNK_ROWS):
        rows = table.slice(start, CHUNK_ROWS).with_row_index("_line", offset=start + PATTERN_ROW)
        yield "".join(rows.select(row).to_series()).encode()
    yield xml[pattern.end() :].encode()


def _row(table: pl.DataFrame, styles: Sequence[str], instead: Mapping[str, str], height: str) -> pl.Expr:
    """Return the XML of one row as one text per line of `table`."""
    line = pl.col("_line").cast(pl.String)
    shown = [name for name in table.columns if name not in (*instead.values(), height)]
    cells = []
    for i, name in enumerate(shown):
        start = pl.concat_str(pl.lit(f'<c r="{column_letters(i)}'), line, pl.lit(f'" s="{styles[i]}"'))
        text = pl.col(instead.get(name, name))
        cell = _text_cell(start, text)
        if table.schema[name].is_numeric():
            number = pl.concat_str(start, pl.lit("><v>"), pl.col(name).cast(pl.String), pl.lit("</v></c>"))
            cell = pl.when(pl.col(name).is_not_null()).then(number).otherwise(cell)
        cells.append(cell)
    tall = pl.col(height).cast(pl.Int64).cast(pl.String)
    opening = pl.concat_str(pl.lit('<row r="'), line, pl.lit('" ht="'), tall, pl.lit('" customHeight="1">'))
    return pl.concat_str(opening, *cells, pl.lit("</row>")).alias("xml")


def _text_cell(start: pl.Expr, text: pl.Expr) -> pl.Expr:
    text = text.cast(pl.String).str.slice(0, _MAX_CELL)
    inline = pl.lit(' t="inlineStr"><is><t xml:space="preserve">')
    filled = pl.concat_str(start, inline, escaped(text), pl.lit("</t></is></c>"))
    return pl.when(text.is_null() | (text == "")).then(pl.concat_str(start, pl.lit("/>"))).otherwise(filled)


def escaped(text: pl.Expr) -> pl.Expr:
    """Return text as XML allows it and Excel reads it back.

    Characters that XML forbids become U+FFFD; `_x0041_`, which Excel would decode
    to a letter, keeps its underscore as `_x005F_` (ECMA-376, 22.9.2.19).
    """
    return (
        text.str.replace_all("&", "&amp;", literal=True)
        .str.replace_all("<", "&lt;", literal=True)
        .str.replace_all(">", "&gt;", literal=True)
        .str.replace_all(r"_(x[0-9A-Fa-f]{4}_)", "_x005F_${1}")
        .str.replace_all("[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\x{FFFE}\\x{FFFF}]", "\ufffd")
    )


def column_letters(index: int) -> str:
    """Return the letters of a 0-based column.

    >>> column_letters(0), column_letters(25), column_letters(26)
    ('A', 'Z', 'AA')
    """
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
