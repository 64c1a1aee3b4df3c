"""Workbooks whose formulas nobody has calculated: their values are nowhere, so they are refused, not read as blank."""

import re
import zipfile
from pathlib import Path

import openpyxl
import pytest

from nikdedup.errors import InputError
from nikdedup.residents.read.extract import read

HEADER = ["NO", "NIK", "NAMA", "TGL LAHIR", "UMUR"]
FORMULA = '="621201"&"1102839001"'


def book(path: Path, *rows: list[object], left: int = 0) -> Path:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row in ([HEADER], [*rows]):
        for one in row:
            sheet.append([None] * left + one)
    workbook.save(path)
    return path


def person(nik: object = "6212011102839001", name: object = "BUDI", age: object = 40) -> list[object]:
    return [1, nik, name, "11-02-1983", age]


@pytest.mark.parametrize("left", [0, 2])
def test_formulas_of_a_field_are_refused(tmp_path: Path, left: int) -> None:
    path = book(tmp_path / "a.xlsx", person(), person(FORMULA), person(FORMULA), left=left)
    with pytest.raises(InputError) as caught:
        read(path)
    assert str(caught.value) == (
        "a.xlsx sheet 'Sheet': 2 cells of column 'NIK' hold a formula that was never calculated (first in row 3); "
        "open the workbook in Excel and save it"
    )


def test_formulas_of_other_columns_and_of_totals_do_not_matter(tmp_path: Path) -> None:
    total = ["JUMLAH", "=COUNTA(B2:B3)", None, None, None]
    extract = read(book(tmp_path / "a.xlsx", person(age="=1+1"), person(), total))
    assert len(extract.frame) == 2
    assert [(one.header, one.filled) for one in extract.unused] == [("UMUR", 2)]


def rewritten(path: Path, value: str) -> Path:
    """Put a value behind each formula, as Excel does when it saves."""
    other = path.with_name("b.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name.startswith("xl/worksheets/"):
                text = re.sub(
                    r'<c r="(\w+)"([^>]*)><f>(.*?)</f><v ?/?>(</v>)?', value, text.decode()
                ).encode()
            new.writestr(name, text)
    return other


@pytest.mark.parametrize(
    ("value", "nik"),
    [
        pytest.param(
            r'<c r="\1"\2 t="str"><f>\3</f><v>6212011102839001</v>', "6212011102839001", id="calculated"
        ),
        pytest.param(r'<c r="\1"\2 t="str"><f>\3</f><v></v>', None, id="calculated to nothing"),
    ],
)
def test_calculated_formulas_are_read(tmp_path: Path, value: str, nik: str | None) -> None:
    path = rewritten(book(tmp_path / "a.xlsx", person(FORMULA)), value)
    assert read(path).frame["nik"].to_list() == [nik]
