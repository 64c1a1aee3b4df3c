"""One list saved as .xlsx, .ods and .xls: the same records, kinds of cells, hidden rows and merged cells."""

import re
import zipfile
from pathlib import Path

import pytest

from nikdedup.config import Config
from nikdedup.errors import InputError
from nikdedup.residents.read.extract import read

FORMATS = Path(__file__).parents[2] / "cases" / "formats"
OTHERS = ["ods", "xls"]


@pytest.mark.parametrize("ending", OTHERS)
def test_the_same_as_from_xlsx(ending: str) -> None:
    excel, other = (read(FORMATS / f"penduduk.{one}") for one in ("xlsx", ending))
    assert other.frame.drop("source_file").equals(excel.frame.drop("source_file"))
    assert other.column_types == excel.column_types
    assert [(s.source_row, s.reason) for s in other.skipped] == [
        (s.source_row, s.reason) for s in excel.skipped
    ]


@pytest.mark.parametrize("ending", OTHERS)
def test_ids_dates_and_what_is_hidden(ending: str) -> None:
    extract = read(FORMATS / f"penduduk.{ending}")
    assert extract.frame["nik"].to_list()[3] == "6212010101709004"  # a number cell, digit for digit
    assert extract.column_types["nik"] == "mixed"
    assert extract.frame["tgl_lhr"].to_list()[1:3] == ["1980-08-02", "15-03-2005"]
    assert extract.frame["ektp_created"][0] == "2014-03-05 09:30:00"
    assert extract.frame["no_kk"].to_list()[:3] == ["6212010101019001"] * 3  # merged over three rows
    assert extract.frame["_hidden"].to_list() == [None] * 4 + ["row_hidden"]


def rewritten(path: Path, target: Path, **changes: tuple[str, str]) -> Path:
    """Copy a workbook of LibreOffice with texts of its contents exchanged."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            content = source.read(name)
            if name == "content.xml":
                text = content.decode()
                for old, new in changes.values():
                    text, count = re.subn(old, new, text, count=1)
                    assert count == 1
                content = text.encode()
            archive.writestr(name, content)
    return target


def test_a_sheet_of_libreoffice_that_is_hidden(tmp_path: Path) -> None:
    shown = 'style:family="table"[^>]*><style:table-properties table:display="'
    path = rewritten(
        FORMATS / "penduduk.ods",
        tmp_path / "a.ods",
        hidden=(f"({shown})true", r"\1false"),
    )
    assert read(path).frame["_hidden"].to_list() == ["sheet_hidden"] * 5


def test_a_formula_nobody_has_calculated(tmp_path: Path) -> None:
    cell = r'<table:table-cell[^>]*office:value-type="string"[^>]*><text:p>SLAMET</text:p></table:table-cell>'
    empty = '<table:table-cell table:formula="of:=UPPER([.D6])"/>'
    path = rewritten(FORMATS / "penduduk.ods", tmp_path / "a.ods", formula=(cell, empty))
    with pytest.raises(InputError, match="1 cell of column 'Nama Lengkap' hold a formula"):
        read(path)


@pytest.mark.parametrize("ending", OTHERS)
def test_one_thread_or_two(ending: str) -> None:
    one = read(FORMATS / f"penduduk.{ending}", config=Config().with_options(threads=1))
    assert one.frame.equals(read(FORMATS / f"penduduk.{ending}").frame)
