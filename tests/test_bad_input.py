"""What cannot be read: each case with its exact message, one line, without any person's data.

And what is read all the same, with a note on each record it is about.
"""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import polars as pl
import pytest

import nikdedup
from nikdedup.config import Config
from nikdedup.errors import ConfigError, InputError
from nikdedup.residents.read.extract import read
from nikdedup.runtime import files

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
FORMATS = "allowed: .parquet, .pq, .csv, .tsv, .txt, .csv.gz, .tsv.gz, .txt.gz, .xlsx, .xlsm, .xls, .ods"
FRAMES = (
    "allowed: a path, a frame (pandas, polars, pyarrow, anything with __arrow_c_stream__), or a list of these"
)
NAMES = "NAMA_LGKP, NAMA, Nama Lengkap, Nama Penduduk, Nama Lgkp, Nama Warga, Nama Pemilih"
PEOPLE = pl.DataFrame(
    {"ID": ["r1", "r2"], "NIK": ["6212010107909001", "6212010107909002"], "NAMA": ["SITI AMINAH", "SLAMET"]}
)


def put(name: str, content: bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return make


def parquet(name: str, frame: pl.DataFrame, cut: int | None = None) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        frame.write_parquet(folder / name)
        (folder / name).write_bytes((folder / name).read_bytes()[:cut])
        return folder / name

    return make


def xlsx(rows: dict[str, list[list[Any]]], cut: int | None = None) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name, cells in rows.items():
            sheet = book.create_sheet(name)
            for row in cells:
                sheet.append(row)
        book.save(folder / "a.xlsx")
        (folder / "a.xlsx").write_bytes((folder / "a.xlsx").read_bytes()[:cut])
        return folder / "a.xlsx"

    return make


def folder_of(*makers: Callable[[Path], Path]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        inner = folder / "masuk"
        inner.mkdir()
        for maker in makers:
            maker(inner)
        return inner

    return make


def zipped(folder: Path) -> Path:
    import zipfile

    with zipfile.ZipFile(folder / "a.xlsx", "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    return folder / "a.xlsx"


def damaged_pages(folder: Path) -> Path:
    PEOPLE.drop("ID").write_parquet(folder / "a.parquet")
    raw = bytearray((folder / "a.parquet").read_bytes())
    raw[4:60] = b"\xff" * 56
    (folder / "a.parquet").write_bytes(raw)
    return folder / "a.parquet"


CASES: list[Any] = [
    pytest.param(lambda f: f / "ada.csv", {}, "ada.csv: no such file or folder", id="missing path"),
    pytest.param(
        lambda f: str(f / "*.csv"), {}, f"*.csv: no readable file matches; {FORMATS}", id="glob of nothing"
    ),
    pytest.param(
        folder_of(put("catatan.txt", b"x"), put("~$a.xlsx", b"x")),
        {},
        f"masuk: no readable file in this folder (sub-folders are left out); {FORMATS}",
        id="folder of nothing",
    ),
    pytest.param(put("a.docx", b"x"), {}, f"a.docx: unsupported file type '.docx'; {FORMATS}", id="suffix"),
    pytest.param(put("a", b"x"), {}, f"a: unsupported file type ''; {FORMATS}", id="no suffix"),
    pytest.param(
        put("~$a.xlsx", b"x"),
        {},
        "~$a.xlsx: a lock file of Excel, not a workbook; name the workbook itself",
        id="lock file",
    ),
    pytest.param(
        lambda f: [],
        {},
        "no input given; allowed: a path, a folder, a glob, a frame, or a list of these",
        id="no input",
    ),
    pytest.param(lambda f: {"NIK": ["1"]}, {}, f"data is dict, no frame; {FRAMES}", id="dict"),
    pytest.param(lambda f: None, {}, f"data is NoneType, no frame; {FRAMES}", id="None"),
    pytest.param(lambda f: PEOPLE["NAMA"], {}, f"data is Series, no frame; {FRAMES}", id="series"),
    pytest.param(put("a.csv", b""), {}, "a.csv: the file is empty", id="empty csv"),
    pytest.param(put("a.csv", b"\xef\xbb\xbf"), {}, "a.csv: the file is empty", id="only a byte order mark"),
    pytest.param(put("a.csv", b"\r\n \r\n"), {}, "a.csv: the file is empty", id="only line ends"),
    pytest.param(put("a.xlsx", b""), {}, "a.xlsx: the file is empty", id="empty xlsx"),
    pytest.param(put("a.parquet", b""), {}, "a.parquet: the file is empty", id="empty parquet"),
    pytest.param(put("a.csv", b"NIK;NAMA\n"), {}, "a.csv: no records, only a header", id="zero records"),
    pytest.param(
        put("a.csv", b"NIK;NAMA\n;\n;JUMLAH\n"), {}, "a.csv: no records, only a header", id="only a total"
    ),
    pytest.param(
        parquet("a.parquet", PEOPLE.head(0)),
        {},
        "a.parquet: no records, only a header",
        id="zero rows in parquet",
    ),
    pytest.param(
        xlsx({"Data": [["NIK", "NAMA"]]}),
        {},
        "a.xlsx sheet 'Data': no records, only a header",
        id="zero rows in a sheet",
    ),
    pytest.param(xlsx({"Data": []}), {}, "a.xlsx: no filled sheet in the workbook", id="empty workbook"),
    pytest.param(
        put("a.csv", b"NIK;TGL LAHIR\n6212010107909001;01-07-1990\n"),
        {},
        "a.csv: no column for the name; headers found: NIK, TGL LAHIR; "
        f"allowed: {NAMES}; or set columns.nama_lgkp",
        id="no name column",
    ),
    pytest.param(
        put("a.csv", b"6212010107909001;SITI AMINAH\n6212010107909002;SLAMET\n"),
        {},
        "a.csv: no header row: the first row looks like data; add a row of headers, allowed for the name: "
        f"{NAMES}; or set columns.nama_lgkp",
        id="no header row",
    ),
    pytest.param(
        xlsx(
            {
                "Data": [["NIK", "NAMA"], ["6212010107909001", "SITI"]],
                "Lanjutan": [["6212010107909002", "SLAMET"]],
            }
        ),
        {},
        "a.xlsx sheet 'Lanjutan': residents but no header of the name (headers found: none; "
        "those of sheet 'Data': NIK, NAMA); add a header row, or set columns.nama_lgkp",
        id="sheet of records without header",
    ),
    pytest.param(
        put("a.csv", b"NIK;No. NIK;NAMA\n1;2;A\n"),
        {},
        "a.csv: columns 'NIK' and 'No. NIK' both claim nik; say which one with columns.nik",
        id="two columns for one field",
    ),
    pytest.param(
        put("a.csv", b"NIK;NAMA\n1\x00;A\n"),
        {},
        "a.csv: NUL bytes in the text; the file is damaged or no CSV file, export it again",
        id="NUL bytes",
    ),
    pytest.param(
        put("a.csv", b"NIK;NAMA\n1;\x81\x8d\n"),
        {},
        "a.csv: the text is in no known encoding; allowed: UTF-8, UTF-16 or Windows-1252 (cp1252)",
        id="undecodable",
    ),
    pytest.param(
        put("a.csv", b"\xff\xfeN\x00\x00\xd8A\x00"),
        {},
        "a.csv: not readable as UTF-16-LE; export it again as UTF-8",
        id="broken UTF-16",
    ),
    pytest.param(
        put("a.csv", b"PK\x03\x04...."),
        {},
        "a.csv: an Excel workbook inside; rename it to .xlsx, or save it as CSV",
        id="workbook called csv",
    ),
    pytest.param(
        put("a.csv", b"PAR1...."),
        {},
        "a.csv: a Parquet file inside; rename it to .parquet",
        id="parquet called csv",
    ),
    pytest.param(
        put("a.csv.gz", gzip.compress(b"NIK;NAMA\n1;A\n" * 99)[:-9]),
        {},
        "a.csv.gz: the gzip file is cut off or damaged; copy it again",
        id="cut gzip",
    ),
    pytest.param(
        put("a.csv.gz", b"NIK;NAMA\n1;A\n"),
        {},
        "a.csv.gz: the gzip file is cut off or damaged; copy it again",
        id="no gzip",
    ),
    pytest.param(
        put("a.parquet", b"NIK;NAMA\n1;A\n"),
        {},
        "a.parquet: not a Parquet file, or cut off; copy or export it again",
        id="no parquet",
    ),
    pytest.param(
        parquet("a.parquet", PEOPLE, cut=-20),
        {},
        "a.parquet: not a Parquet file, or cut off; copy or export it again",
        id="cut parquet",
    ),
    pytest.param(
        put("a.xls", OLE + b"\0" * 600),
        {},
        "a.xls: the workbook is damaged; open it in Excel and save it again",
        id="legacy xls cut off",
    ),
    pytest.param(
        put("a.xls", b"<html><table>"),
        {},
        "a.xls: a web page (HTML) that is only named a workbook; open it in Excel and save as .xlsx",
        id="html called xls",
    ),
    pytest.param(
        put("a.xlsx", OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")),
        {},
        "a.xlsx: the workbook is protected by a password; save it without one",
        id="password",
    ),
    pytest.param(
        folder_of(put("a.xls", OLE + b"\0" * 9)),
        {},
        "a.xls: the workbook is damaged; open it in Excel and save it again",
        id="legacy xls in a folder",
    ),
    pytest.param(
        xlsx({"Data": [["NIK", "NAMA"], ["1", "A"]]}, cut=-300),
        {},
        "a.xlsx: the workbook is cut off or damaged; copy it again",
        id="cut workbook",
    ),
    pytest.param(
        zipped,
        {},
        "a.xlsx: a zip file but no workbook; open it in Excel and save as .xlsx",
        id="zip of something else",
    ),
    pytest.param(
        folder_of(parquet("a.parquet", PEOPLE), parquet("b.parquet", PEOPLE.rename({"NIK": "NO_NIK"}))),
        {},
        "a.parquet and b.parquet: parts of one extract with different columns: NIK, NO_NIK; "
        "give them as separate inputs, or export them alike",
        id="mixed schemas",
    ),
    pytest.param(
        lambda f: PEOPLE.with_columns(ID=pl.Series(["6212010107909001"] * 2)),
        {"record_id": "ID"},
        "record_id 'ID': 1 value is not unique, first in row 1 and row 2",
        id="duplicate record ids in a frame",
    ),
    pytest.param(
        lambda f: [PEOPLE, put("a.csv", b"ID;NAMA\nr3;A\nr1;B\nr2;C\n")(f)],
        {"record_id": "id"},
        "record_id 'id': 2 values are not unique, first in row 1 and row 3 of a.csv",
        id="duplicate record ids over sources",
    ),
    pytest.param(
        put("a.csv", b"ID;NAMA\nr3;A\n ;B\n;C\n"),
        {"record_id": "ID"},
        "record_id 'ID': blank in 2 records, first in row 3 of a.csv",
        id="blank record ids",
    ),
    pytest.param(
        put("a.csv", b"ID;NAMA\nr3;A\n"),
        {"record_id": "KODE"},
        "a.csv: no record_id column 'KODE'; columns found: ID, NAMA",
        id="no record id column",
    ),
    pytest.param(
        lambda f: pd.DataFrame({"NIK": [6212010107909001.0, None], "NAMA": ["A", "B"]}),
        {},
        "frame: column 'NIK' (nik) holds floats, digits may be lost; "
        "read it as text, or use accept_damaged_nik = True",
        id="float NIK in pandas",
    ),
    pytest.param(
        lambda f: pd.DataFrame({"NIK": [6212010107909001.0, "6212010107909002"], "NAMA": ["A", "B"]}),
        {},
        "frame: column 'NIK' (nik) holds floats, digits may be lost; "
        "read it as text, or use accept_damaged_nik = True",
        id="float among objects",
    ),
    pytest.param(
        parquet("a.parquet", PEOPLE.with_columns(KK=pl.lit(6212010101019001.0))),
        {},
        "a.parquet: column 'KK' (no_kk) holds floats, digits may be lost; "
        "read it as text, or use accept_damaged_nik = True",
        id="double No. KK in parquet",
    ),
    pytest.param(
        lambda f: PEOPLE.with_columns(ALAMAT=pl.Series([["JL. A"], ["JL. B"]])),
        {},
        "frame: column 'ALAMAT' holds list values; allowed: text, numbers, dates",
        id="lists in a column",
    ),
    pytest.param(
        lambda f: pl.scan_parquet(f / "ada.parquet"),
        {},
        "frame: the LazyFrame cannot be read (FileNotFoundError)",
        id="lazy frame of a missing file",
    ),
    pytest.param(
        damaged_pages,
        {},
        "a.parquet: damaged, cannot be read to the end; export it again",
        id="parquet damaged inside",
    ),
    pytest.param(
        lambda f: PEOPLE,
        {"columns": {"alamat": "Rumah"}},
        "columns.alamat: no column 'Rumah'; columns found: ID, NIK, NAMA",
        id="override of no column",
    ),
    pytest.param(
        lambda f: PEOPLE.rename({"NAMA": "Sebutan"}),
        {"columns": {"nama_lgkp": "Sebtan"}},
        "columns.nama_lgkp: no column 'Sebtan'; close: Sebutan",
        id="override of the name mistyped",
    ),
]


@pytest.mark.parametrize(("make", "options", "message"), CASES)
def test_one_plain_line(
    make: Callable[[Path], Any], options: dict[str, Any], message: str, tmp_path: Path
) -> None:
    data = make(tmp_path)
    with pytest.raises(InputError) as caught:
        read(data, config=Config().with_options(**options))
    assert str(caught.value) == message
    assert "\n" not in message
    assert caught.value.exit_code == 2
    assert caught.value.__cause__ is None
    for person in ("6212010107909001", "SITI", "SLAMET"):
        assert person not in message


def test_override_is_a_config_fault() -> None:
    with pytest.raises(ConfigError):
        read(PEOPLE, config=Config(columns={"alamat": "Almat"}))


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv", "a.parquet"])
def test_file_that_may_not_be_opened(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / name).write_bytes(b"x")

    def locked(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.open", locked)
    with pytest.raises(InputError) as caught:
        read(tmp_path / name)
    assert str(caught.value) == f"{name}: cannot be opened; close it in Excel, or check who may read it"


def test_a_file_of_the_system_without_anything_to_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Waiting:
        def __enter__(self) -> "Waiting":
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def read(self) -> None:
            return None

    (tmp_path / "a.csv").write_text("NAMA\nSITI\n")
    monkeypatch.setattr(files, "open_file", lambda _: Waiting())
    with pytest.raises(InputError, match=r"^a\.csv: "):
        read(tmp_path / "a.csv")


def test_damaged_sheet_inside_a_sound_zip(tmp_path: Path) -> None:
    import zipfile

    source = xlsx({"Data": [["NIK", "NAMA"], ["1", "A"]]})(tmp_path)
    with zipfile.ZipFile(source) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"][:80]
    with zipfile.ZipFile(tmp_path / "b.xlsx", "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(InputError) as caught:
        read(tmp_path / "b.xlsx")
    assert str(caught.value) == "b.xlsx: the workbook is damaged; open it in Excel and save it again"


def unseen(what: str) -> Callable[[Path], Path]:
    """Make a workbook of three residents on two sheets, of which a row or a sheet is hidden."""

    def make(folder: Path) -> Path:
        header = ["NIK", "NAMA"]
        first = [header, ["6212010107909001", "SITI AMINAH"], ["6212010107909002", "SLAMET RIYADI"]]
        path = xlsx({"Data": first, "Lama": [header, ["6212010107909003", "BUDI SANTOSO"]]})(folder)
        book = openpyxl.load_workbook(path)
        if what == "row":
            book["Data"].row_dimensions[3].hidden = True
        else:
            book["Lama"].sheet_state = "hidden"
        book.save(path)
        return path

    return make


NOTED = [
    pytest.param(unseen("row"), "row_hidden", ["Data:3"], id="hidden or filtered-out row"),
    pytest.param(unseen("sheet"), "sheet_hidden", ["Lama:2"], id="hidden sheet"),
]


@pytest.mark.parametrize(("make", "code", "places"), NOTED)
def test_read_with_a_note(make: Callable[[Path], Path], code: str, places: list[str], tmp_path: Path) -> None:
    result = nikdedup.dedupe(make(tmp_path), reference_date="2026-06-30")
    assert len(result.residents) == 3
    assert result.run["quality"]["flags"][code] == 1
    found = nikdedup.profile(make(tmp_path), reference_date="2026-06-30").frame.filter(measure=code)
    assert found.select("section", "count", "places").rows() == [("reasons", 1, places)]
