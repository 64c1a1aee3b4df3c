"""Broken inputs as Hypothesis strategies: sound ones of each kind, spoilt where their structure is."""

from __future__ import annotations

import copy
import gzip
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

SIGNS = [
    b'"', b"'", b';', b',', b'\t', b'|', b'\r', b'\n', b'\r\n', b'\x00', b' ', b'=', b'\xef\xbb\xbf',
    b'\xff\xfe', b'\xff', b'\x81', b'\xed\xa0\x80', b'\xe2\x80\xae', b'\xe2\x80\x8b', b'sep=', b'sep="',
    b'="', b'BIN ', b'ALIAS ', b'(', b'NIK', b'NAMA', b'TGL_LHR', b'9' * 40, b'-1', b'1e308', b'nan',
    b'0000-00-00', b'31-12-9999', b'99999', b'A' * 300, b'6212010107909001',
]  # fmt: skip
TAGS = [
    b'<', b'>', b'/>', b'</row>', b'<row>', b'<row r="99999999999">', b'<row r="x" hidden="1">',
    b'<c r="XFD1048576"><v>1</v></c>', b'<c r="A0"><v>1</v></c>', b'<c r="ZZZZ1"><v>1</v></c>',
    b'<c t="s"><v>99999999</v></c>', b'<c t="d"><v>x</v></c>', b'<c t="e"><v>#N/A</v></c>',
    b'<mergeCell ref="A1:XFD1048576"/>', b'<mergeCell ref="B9:A1"/>', b'<!DOCTYPE a>', b'<!--',
    b'<![CDATA[', b'&amp;', b'&#0;', b'&x;', b'<sheetData>', b'</sheetData>', b'state="hidden"',
    b' r:id="rId9"', b' s="999999"', b'<v>1e999</v>', b'<v>-99999999999</v>', b'<f>A1</f>',
    b' t="inlineStr"', b'<is><t>', b'Target="../../x"', b'Target=""', b'xmlns', b'_x0000_',
]  # fmt: skip
THINGS: list[Any] = [
    None, True, False, -1, 0, 2**70, 1e400, float('nan'), '', 'x', '../../x', '\ud800', '9999-12-31', [],
    [None], {}, {'x': 1}, [[1]], '6212010107909001',
]  # fmt: skip


@st.composite
def spoilt(draw: st.DrawFn, sound: bytes, signs: list[bytes]) -> bytes:
    """Return the bytes with a few pieces left out, put in, doubled or overwritten."""
    raw = sound
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(raw)))
        size = draw(st.sampled_from([1, 1, 2, 4, 16, 200]))
        kind = draw(st.sampled_from(["put in", "write over", "byte", "leave out", "double", "cut off"]))
        if kind == "cut off" and draw(st.integers(0, 3)):
            kind = "leave out"
        sign = draw(st.sampled_from(signs)) if kind in ("put in", "write over") else b""
        if kind == "put in":
            raw = raw[:at] + sign + raw[at:]
        elif kind == "write over":
            raw = raw[:at] + sign + raw[at + len(sign) :]
        elif kind == "byte":
            raw = raw[:at] + bytes([draw(st.integers(0, 255))]) + raw[at + 1 :]
        elif kind == "double":
            raw = raw[:at] + raw[at : at + size] * draw(st.sampled_from([2, 3, 50])) + raw[at + size :]
        else:
            raw = raw[:at] + (raw[at + size :] if kind == "leave out" else b"")
    return raw


@st.composite
def csv_file(draw: st.DrawFn, sound: bytes) -> tuple[str, bytes]:
    """Return a name and the bytes of a broken CSV file: of other encodings, or packed, too."""
    text = draw(spoilt(sound, SIGNS))
    packed = draw(st.integers(0, 9))
    if packed == 0:
        return "a.csv.gz", draw(spoilt(gzip.compress(text, mtime=0), SIGNS))
    if packed == 1:
        return "a.csv.gz", gzip.compress(text, mtime=0)
    if packed == 2:
        return "a.csv", text.decode("utf-8", "replace").encode("utf-16", "replace")
    return draw(st.sampled_from(["a.csv", "a.txt", "a.tsv"])), text


@st.composite
def workbook(draw: st.DrawFn, sound: bytes) -> tuple[str, bytes]:
    """Return a name and the bytes of a broken workbook: parts changed or left out, or the zip file itself."""
    if draw(st.integers(0, 4)) == 0:
        return "a.xlsx", draw(spoilt(sound, SIGNS))
    with zipfile.ZipFile(io.BytesIO(sound)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for _ in range(draw(st.integers(1, 2))):
        weighed = [name for name in parts for _ in range(4 if "sheet" in name or "haredS" in name else 1)]
        name = draw(st.sampled_from(sorted(weighed))) if weighed else ""
        kind = draw(st.sampled_from(["spoil"] * 8 + ["leave out", "rename"]))
        if kind == "spoil" and name:
            parts[name] = draw(spoilt(parts[name], TAGS + SIGNS[:16]))
        elif name:
            content = parts.pop(name)
            if kind == "rename":
                parts[
                    draw(st.sampled_from(["xl/x.xml", "../x.xml", "xl/workbook.xml", "\ud7ff", "a/" * 50]))
                ] = content
    file = io.BytesIO()
    with zipfile.ZipFile(
        file, "w", draw(st.sampled_from([zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2]))
    ) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return draw(st.sampled_from(["a.xlsx", "a.xlsx", "a.xlsm", "a.csv"])), file.getvalue()


@st.composite
def parquet(draw: st.DrawFn, sound: list[bytes]) -> tuple[str, bytes]:
    """Return a name and the bytes of a broken Parquet file."""
    raw = draw(st.sampled_from(sound))
    if draw(st.booleans()):  # the footer decides most
        end = int.from_bytes(raw[-8:-4], "little") + 8
        return "a.parquet", raw[:-end] + draw(spoilt(raw[-end:], SIGNS[-16:]))
    return "a.parquet", draw(spoilt(raw, SIGNS[-16:]))


@st.composite
def settings_file(draw: st.DrawFn, sound: Mapping[str, bytes]) -> tuple[str, bytes]:
    """Return a name and the bytes of a broken config, policy, list of constraints or of region codes."""
    name = draw(st.sampled_from(sorted(sound)))
    return name, draw(
        spoilt(
            sound[name],
            [
                *SIGNS,
                b"[",
                b"]",
                b"{}",
                b"= 1",
                b"= []",
                b"'''",
                b"true",
                b"1e9999",
                b"[[rule]]",
                b"[limits]",
            ],
        )
    )


@st.composite
def run_json(draw: st.DrawFn, sound: bytes) -> bytes:
    """Return a run.json in which some value is another thing, or is not there; or whose text is broken."""
    if draw(st.integers(0, 9)) == 0:
        return draw(spoilt(sound, SIGNS))
    run = json.loads(sound)
    for _ in range(draw(st.integers(1, 3))):
        holder, key = _a_place(draw, run)
        if draw(st.integers(0, 3)) == 0:
            del holder[key]
        else:
            holder[key] = copy.deepcopy(draw(st.sampled_from(THINGS)))
    return json.dumps(run).encode("utf-8", "replace")


def _a_place(draw: st.DrawFn, tree: Any) -> tuple[Any, Any]:
    """Return a list or table somewhere in the tree, and one of its keys."""
    while True:
        keys = sorted(tree) if isinstance(tree, dict) else range(len(tree))
        key = draw(st.sampled_from(list(keys)))
        below = tree[key]
        if not isinstance(below, dict | list) or not below or draw(st.integers(0, 3)) == 0:
            return tree, key
        tree = below


def table(frame: Any) -> st.SearchStrategy[Any]:
    """Return tables of a run whose columns are of another type, missing, renamed, doubled in rows, or empty."""
    import polars as pl

    column = st.sampled_from(frame.columns)
    text = column.map(lambda name: frame.with_columns(pl.lit("x").alias(name)))
    number = column.map(lambda name: frame.with_columns(pl.lit(2**60).alias(name)))
    values = st.sampled_from(
        [-1, 0, 255, -(2**31), 3_000_000, 1e308, float("nan"), "", "\n", "K-1", "9" * 5000]
    )
    of_its_type = st.tuples(column, values).map(lambda to: _holding(frame, *to))
    null = column.map(lambda name: frame.with_columns(pl.lit(None).alias(name)))
    lists = column.map(
        lambda name: frame.with_columns(pl.concat_list(pl.lit("x"), pl.lit(None, pl.String)).alias(name))
    )
    ways: list[st.SearchStrategy[Any]] = [text, number, of_its_type, null, lists, column.map(frame.drop)]
    ways.append(column.map(lambda name: frame.rename({name: "lain"})))
    ways += [st.just(frame.head(0)), st.just(pl.concat([frame, frame])), st.just(frame.reverse())]
    return st.one_of(ways)


def _holding(frame: Any, name: str, value: Any) -> Any:
    """Return the table with one value in all of a column, which keeps its type; a date is so many days from 1970."""
    import polars as pl

    kind = frame.schema[name]
    if kind == pl.Date:
        new = pl.lit(value if isinstance(value, int) else 0, pl.Int32).cast(pl.Date)
    elif kind == pl.List(pl.String):
        new = pl.concat_list(pl.lit(str(value)))
    elif isinstance(value, str) and kind != pl.String:
        new = pl.lit(None, kind)
    else:
        new = pl.lit(value).cast(kind, strict=False)
    return frame.with_columns(new.alias(name))
