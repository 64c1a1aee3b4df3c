"""A village at work: worklists filled in by a script, with the slips of people who type."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl

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


def saved_by_libreoffice(path: Path, profile: Path) -> None:
    """Open a workbook in LibreOffice and save it again in its place."""
    program = office()
    assert program is not None
    out = profile / "saved"
    command = [
        program,
        f"-env:UserInstallation=file://{profile}/user",
        "--headless",
        "--convert-to",
        "xlsx",
        "--outdir",
    ]
    subprocess.run([*command, str(out), str(path)], check=True, capture_output=True, timeout=180)
    shutil.move(out / path.name, path)
