"""A village at work: worklists filled in by a script, with the slips of people who type."""

from __future__ import annotations

import csv
import random
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
import polars as pl
from openpyxl.styles import Font

VERDICT, DATE, NOTE, KEY = 13, 14, 15, 16
HEADER = 4
Answerer = Callable[[dict[str, object]], str]


@dataclass
class Slips:
    """How a clerk types. share: of answers that are written with a slip."""

    chance: random.Random
    share: float = 0.3
    made: dict[str, int] = field(default_factory=dict)

    def typed(self, text: str) -> str:
        """Return an answer as it was typed: in capitals, with a letter lost or doubled."""
        if not text or self.chance.random() > self.share:
            return text
        at = self.chance.randrange(4, len(text) - 1) if len(text) > 6 else 0
        ways = [text.upper(), f" {text} ", text.title(), text[:at] + text[at] + text[at:] if at else text]
        return self.chance.choice(ways)


def fill(
    book_path: Path, out: Path, rows: pl.DataFrame, answer: Answerer, slips: Slips, *, sort: bool = False
) -> None:
    """Fill in a workbook and save it under `out`; rows: of worklist.parquet, by key."""
    told = {row["key"]: row for row in rows.iter_rows(named=True)}
    book = openpyxl.load_workbook(book_path)
    for sheet in book.worksheets[:-2]:
        lines = []
        for line in sheet.iter_rows(min_row=HEADER + 1, max_col=KEY):
            values = [cell.value for cell in line]
            row = told[str(values[KEY - 1])]
            if row["asked"]:
                values[VERDICT - 1] = slips.typed(answer(row)) or None
                values[DATE - 1] = (
                    date(2026, 11, 1 + int(row["number"]) % 27) if values[VERDICT - 1] else None
                )
            lines.append(values)
        if sort:
            lines.sort(key=lambda values: str(values[4]))
        for at, values in enumerate(lines, HEADER + 1):
            for column, value in enumerate(values, 1):
                sheet.cell(at, column).value = value
    out.parent.mkdir(parents=True, exist_ok=True)
    book.save(out)


def office() -> str | None:
    """Return the program by which LibreOffice is called; None where it is not there."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def saved_by_libreoffice(path: Path, profile: Path, ending: str = "xlsx") -> Path:
    """Open a workbook in LibreOffice and save it again, as an .xlsx in its place; returns where."""
    program = office()
    assert program is not None
    out = profile / "saved"
    command = [
        program,
        f"-env:UserInstallation=file://{profile}/user",
        "--headless",
        "--convert-to",
        ending,
        "--outdir",
    ]
    subprocess.run([*command, str(out), str(path)], check=True, capture_output=True, timeout=180)
    target = path.with_suffix(f".{ending}")
    shutil.move(out / target.name, target)
    return target


def sheets_of(path: Path) -> dict[str, list[list[object]]]:
    """The cells of the lists of a workbook, without the sheets behind them."""
    book = openpyxl.load_workbook(path)
    return {
        sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)]
        for sheet in book.worksheets[:-2]
    }


def as_google_saves_it(path: Path, out: Path) -> Path:
    """Write a workbook as Google Sheets exports it: texts in the cells themselves, days as numbers without a format,
    nothing hidden or protected, no drop-downs, and a thousand empty rows with a style below.
    """
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for title, rows in sheets_of(path).items():
        sheet = made.create_sheet(title)
        for at, row in enumerate(rows, 1):
            for column, value in enumerate(row, 1):
                day = value.date() if isinstance(value, datetime) else value
                serial = (day - date(1899, 12, 30)).days if isinstance(day, date) else value
                cell = sheet.cell(at, column, serial)
                if isinstance(serial, str):
                    cell.data_type = "inlineStr"
        for at in range(len(rows) + 1, len(rows) + 1_000):
            sheet.cell(at, 1).font = Font(name="Arial", size=10)
    made.save(out)
    _with_inline_texts(out)
    return out


def _with_inline_texts(path: Path) -> None:
    """Write inline texts of a workbook as the format has them; openpyxl only writes their kind."""
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    with zipfile.ZipFile(path, "w") as book:
        for name, part in parts.items():
            book.writestr(
                name,
                re.sub(
                    rb't="inlineStr"><v>(.*?)</v>', rb't="inlineStr"><is><t>\1</t></is>', part, flags=re.S
                ),
            )


def as_google_exports_csv(path: Path, folder: Path) -> list[Path]:
    """Write every sheet as Google Sheets downloads it: comma, UTF-8 without a mark, a day as it is shown."""
    found = []
    for title, rows in sheets_of(path).items():
        found.append(folder / f"{path.stem} - {title}.csv")
        shown = [[f"{cell:%d-%m-%Y}" if isinstance(cell, date) else cell for cell in row] for row in rows]
        with found[-1].open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(shown)
    return found


def as_open_document(path: Path, out: Path) -> Path:
    """Write a workbook as .ods, in as few elements as the format needs."""
    tables = "".join(
        f'<table:table table:name="{escape(title)}">{"".join(map(_open_row, rows))}</table:table>'
        for title, rows in sheets_of(path).items()
    )
    spaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>',
        )
        archive.writestr(
            "content.xml",
            f"<office:document-content{spaces}><office:body><office:spreadsheet>{tables}"
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return out


def _open_row(row: list[object]) -> str:
    return f"<table:table-row>{''.join(map(_open_cell, row))}</table:table-row>"


def _open_cell(value: object) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, date):
        return f'<table:table-cell office:value-type="date" office:date-value="{value:%Y-%m-%d}"/>'
    if isinstance(value, int | float):
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
    text = f"<text:p>{escape(str(value))}</text:p>"
    return f'<table:table-cell office:value-type="string">{text}</table:table-cell>'
