"""What a file costs that is refused: `python -m benchmarks.refused`.

Each shape asks for more than the limits allow (`[limits]` in the config), or is none of what it says it is. It must be
refused with one line, exit 2, in little time and memory, whatever reading it would take. Writes REFUSED.md.
"""

from __future__ import annotations

import argparse
import gzip
import io
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import polars as pl

from benchmarks.data import FOLDER, nikdedup_command
from benchmarks.machine import commit, versions
from benchmarks.measure import measure

FILE = Path(__file__).resolve().parent / "REFUSED.md"
MOST_CPU_S, MOST_MB = 10.0, 500.0
"""What a refusal may cost at the most."""
TIMEOUT_S = 300.0
HEAD = ["NIK", "NAMA", "TGL_LHR"]
ROW = ["6212014107909001", "SITI AMINAH", "01-07-1990"]
LINE = b"6212014107909001,SITI AMINAH,01-07-1990\n"
AT_A_TIME = 1_000_000

_HEAD = """# Files that are refused

Written by `python -m benchmarks.refused`: `dedupe` of files that ask for more than `[limits]` allow, or are damaged.
Seconds of all cores, peak memory of the process tree.
"""


def book(sheets: int) -> bytes:
    """Return a workbook of so many sheets, with one resident in each."""
    made, file = openpyxl.Workbook(), io.BytesIO()
    made.remove(made.active)
    for number in range(sheets):
        sheet = made.create_sheet(f"RT {number}")
        sheet.append(HEAD)
        sheet.append(ROW)
    made.save(file)
    return file.getvalue()


def with_part(workbook: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """Return a workbook with one of its parts changed."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook)) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            text = old.read(name)
            new.writestr(name, change(text) if name == part else text)
    return file.getvalue()


def named_often(times: int) -> Callable[[bytes], bytes]:
    """Return what names the one sheet of a workbook so many times over."""

    def change(text: bytes) -> bytes:
        begin = text.index(b"<sheet ")
        end = text.index(b"/>", begin) + 2
        one = text[begin:end]
        more = [
            one.replace(b'"RT 0"', b'"RT %d"' % k).replace(b'"1"', b'"%d"' % (k + 1)) for k in range(times)
        ]
        return text[:begin] + b"".join(more) + text[end:]

    return change


def far_cell(text: bytes) -> bytes:
    """Return a sheet with a cell in its last row and column."""
    cell = b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>X</t></is></c></row></sheetData>'
    return text.replace(b"</sheetData>", cell)


def spaced(text: bytes) -> bytes:
    """Return a sheet with 400 MB of blanks in it."""
    return text.replace(b"</sheetData>", b"</sheetData>" + b" " * 400_000_000)


def lines(path: Path, count: int, line: bytes, first: bytes = b"NIK,NAMA,TGL_LHR\n") -> None:
    """Write a text file of so many equal lines."""
    with gzip.open(path, "wb", 1) if path.suffix == ".gz" else path.open("wb") as file:
        file.write(first)
        for begin in range(0, count, AT_A_TIME):
            file.write(line * min(AT_A_TIME, count - begin))


def files(folder: Path, count: int) -> None:
    """Write a folder of so many small files."""
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:06}.csv").write_bytes(b"NIK,NAMA,TGL_LHR\n" + LINE)


SHAPES: dict[str, tuple[str, Callable[[Path], object]]] = {
    "5,000 sheets that are one part": (
        "a.xlsx", lambda p: p.write_bytes(with_part(book(1), "xl/workbook.xml", named_often(5_000)))),
    "200 sheets that are one part": (
        "a.xlsx", lambda p: p.write_bytes(with_part(book(1), "xl/workbook.xml", named_often(200)))),
    "2,000 sheets of one row": ("a.xlsx", lambda p: p.write_bytes(book(2_000))),
    "a cell in the last row and column": (
        "a.xlsx", lambda p: p.write_bytes(with_part(book(1), "xl/worksheets/sheet1.xml", far_cell))),
    "a sheet with 400 MB of blanks": (
        "a.xlsx", lambda p: p.write_bytes(with_part(book(1), "xl/worksheets/sheet1.xml", spaced))),
    "50 M short lines, a quote open at the start": (
        "a.csv", lambda p: lines(p, 50_000_000, b"123456,ALI\n", b'NIK,NAMA\n"6212014107909001,SITI\n')),
    "the same, packed": (
        "a.csv.gz", lambda p: lines(p, 50_000_000, b"123456,ALI\n", b'NIK,NAMA\n"6212014107909001,SITI\n')),
    "15 M blank lines": ("a.csv", lambda p: lines(p, 15_000_000, b",,\n")),
    "one cell of 100 MB": ("a.csv", lambda p: p.write_bytes(b"NIK,NAMA\n6212014107909001," + b"X" * 100_000_000)),
    "10,000 columns": ("a.csv", lambda p: p.write_bytes(b"NIK,NAMA" + b",KET" * 10_000 + b"\n" + LINE)),
    "400 MB of zeros, packed": ("a.csv.gz", lambda p: p.write_bytes(gzip.compress(bytes(400_000_000), 9))),
    "Parquet of 2 M rows, one NIK, no name": (
        "a.parquet", lambda p: pl.DataFrame({"NIK": pl.repeat(ROW[0], 2_000_000, eager=True)}).write_parquet(p)),
    "3,000 files": ("many", lambda p: files(p, 3_000)),
    "100,000 files": ("many", lambda p: files(p, 100_000)),
}  # fmt: skip
"""What is tried: the name of the file, and what writes it."""


def refused(shape: str) -> tuple[str, bool]:
    """Return the line of the table for one shape, and whether its refusal keeps within bounds."""
    name, write = SHAPES[shape]
    with tempfile.TemporaryDirectory(prefix="refused-", dir=FOLDER) as folder:
        write(Path(folder) / name)
        command = [
            *nikdedup_command(),
            "dedupe",
            str(Path(folder) / name),
            "--out",
            str(Path(folder) / "run"),
            "--lang",
            "en",
        ]
        cost = measure(command, timeout_s=TIMEOUT_S)
    peak = cost.peak_bytes / 1e6
    said = cost.error.removeprefix("nikdedup: ").replace("|", "\\|")
    line = f"| {shape} | {cost.cpu_s:.1f} | {peak:.0f} | {cost.exit_code} | {said} |"
    return line, cost.exit_code == 2 and cost.cpu_s <= MOST_CPU_S and peak <= MOST_MB


def main(arguments: list[str] | None = None) -> int:
    """Write REFUSED.md; return 1 where a refusal costs too much, or is none."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.refused", description=__doc__)
    parser.add_argument(
        "--only", metavar="TEXT", default="", help="shapes with this text in their name; writes nothing"
    )
    only = parser.parse_args(arguments).only
    FOLDER.mkdir(parents=True, exist_ok=True)
    table = ["| shape | processor s | peak MB | exit code | message |", "|---|--:|--:|--:|---|"]
    within = True
    for shape in SHAPES:
        if only in shape:
            line, kept = refused(shape)
            print(line, flush=True)
            table.append(line)
            within &= kept
    if not only:
        FILE.write_text(
            "\n".join([_HEAD, f"Commit {commit()}, {versions()}.", "", *table, ""]), encoding="utf-8"
        )
    return int(not within)


if __name__ == "__main__":
    sys.exit(main())
