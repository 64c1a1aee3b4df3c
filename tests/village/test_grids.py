"""One list as Excel, LibreOffice and Google Sheets give it back: the same answers of the same cells."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import openpyxl
import polars as pl
import pytest

import nikdedup
from nikdedup.config import LimitsConfig
from nikdedup.village import Known, Line, grids_of, lines_of
from tests.village.villages import (
    Slips,
    as_google_exports_csv,
    as_google_saves_it,
    as_open_document,
    fill,
    office,
    saved_by_libreoffice,
)


@pytest.fixture(scope="module")
def returned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Known]:
    """A list of one kecamatan as Excel saves it, filled in, and what the office knows of it."""
    from nikdedup.run.open import open as open_run
    from nikdedup.run.worklist import worklist

    folder = tmp_path_factory.mktemp("returned")
    nikdedup.generate(folder / "a.parquet", rows=2_000, seed=11)
    nikdedup.dedupe(folder / "a.parquet", reference_date="2026-06-30", report=False).write(folder / "run")
    books = worklist(open_run(folder / "run"), folder / "run").write(folder / "out")
    rows = pl.read_parquet(folder / "out" / "worklist.parquet")
    words = ("ada, belum rekam", "meninggal", "tidak diketahui", "")
    fill(
        books[0], folder / books[0].name, rows,
        lambda row: words[int(str(row["number"])) % 4], Slips(random.Random(2), share=0),
    )  # fmt: skip
    return folder / books[0].name, Known.of(rows)


def lines(known: Known, *paths: Path) -> list[Line]:
    return [
        line for path in paths for grid in grids_of(path, LimitsConfig()) for line in lines_of(grid, known)
    ]


SAVED: list[tuple[str, Callable[[Path, Path], list[Path]]]] = [
    ("LibreOffice .ods", lambda path, out: [as_open_document(path, out / "a.ods")]),
    ("Google Sheets .xlsx", lambda path, out: [as_google_saves_it(path, out / "a.xlsx")]),
    ("Google Sheets CSV", as_google_exports_csv),
]


@pytest.mark.parametrize("save", [pytest.param(save, id=name) for name, save in SAVED])
def test_whoever_has_saved_it(
    returned: tuple[Path, Known], tmp_path: Path, save: Callable[[Path, Path], list[Path]]
) -> None:
    path, known = returned
    wanted, found = lines(known, path), lines(known, *save(path, tmp_path))
    assert len([line for line in wanted if line.code]) > 5
    assert {line.day for line in wanted if line.code} != {None}
    assert [line._replace(sheet=None) for line in found] == [line._replace(sheet=None) for line in wanted]


@pytest.mark.skipif(office() is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("ending", ["ods", "xls", "xlsx"])
def test_saved_by_libreoffice_itself(returned: tuple[Path, Known], tmp_path: Path, ending: str) -> None:
    path, known = returned
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())
    saved = saved_by_libreoffice(copy, tmp_path / "libreoffice", ending)
    assert lines(known, saved) == lines(known, path)


def test_a_column_put_in_front_moves_the_cells_that_are_named(
    returned: tuple[Path, Known], tmp_path: Path
) -> None:
    path, known = returned
    book = openpyxl.load_workbook(path)
    for sheet in book.worksheets:
        sheet.insert_cols(1)
    book.save(tmp_path / "a.xlsx")
    found = lines(known, tmp_path / "a.xlsx")
    assert {line.cell[0] for line in found} == {"N"}
    assert [line.code for line in found] == [line.code for line in lines(known, path)]
