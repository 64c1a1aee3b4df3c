"""Workbooks: typed cells as exact text, titles, merged cells, several sheets, hidden rows, kinds of cell."""

import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from nikdedup.config import Config
from nikdedup.errors import InputError
from nikdedup.residents.read.extract import read
from nikdedup.residents.understanding import understand

HEADER = ["NO", "No KK", "NIK", "NAMA", "TGL LAHIR", "RT"]


def workbook(
    path: Path, sheets: dict[str, list[list[Any]]], merged: tuple[str, ...] = (), at: str = "A1"
) -> Path:
    """Write sheets of rows, the first cell at `at`; ranges of `merged` are merged on the first sheet."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        start = sheet[at]
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if value is not None:
                    sheet.cell(start.row + r, start.column + c, value)
    for area in merged:
        book.worksheets[0].merge_cells(area)
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(6212010107909001, "6212010107909001", id="NIK as a number"),
        pytest.param(6.21201010790910e15, "6212010107909100", id="float without exponent"),
        pytest.param("0612010107909001", "0612010107909001", id="text keeps its zero"),
        pytest.param("'6212010107909001", "'6212010107909001", id="apostrophe stays"),
        pytest.param(5.0, "5", id="whole"),
        pytest.param(1.25, "1.25", id="fraction"),
        pytest.param(0, "0", id="zero"),
        pytest.param(date(1990, 7, 1), "1990-07-01", id="date"),
        pytest.param(datetime(1990, 7, 1, 8, 30), "1990-07-01 08:30:00", id="date-time"),
        pytest.param("01/07/1990", "01/07/1990", id="date as text"),
        pytest.param("   ", None, id="blank"),
    ],
)
def test_cell_becomes_text(tmp_path: Path, value: Any, expected: str | None) -> None:
    path = workbook(tmp_path / "a.xlsx", {"Data": [["NAMA", "NIK", "ALAMAT"], ["SITI", value, "x"]]})
    assert read(path).frame["nik"].to_list() == [expected]


def test_titles_offsets_totals_and_source_rows(tmp_path: Path) -> None:
    rows = [
        ["DAFTAR PENDUDUK"],
        [],
        HEADER,
        [1, 6212010101019001, 6212010107909001, "SITI", date(1990, 7, 1), 5],
        [],
        HEADER,
        [2, 6212010101019001, 6212010107909002, "SLAMET", "31-12-1960", 5],
        [3],
        ["JUMLAH", None, None, 2],
        ["Halaman 1"],
    ]
    path = workbook(tmp_path / "a.xlsx", {"Murung": rows}, at="C4")
    extract = read(path)
    frame = extract.frame
    assert frame["source_row"].to_list() == [7, 10]
    assert frame["source_sheet"].to_list() == ["Murung", "Murung"]
    assert frame["tgl_lhr"].to_list() == ["1990-07-01", "31-12-1960"]
    assert [(row.source_row, row.reason) for row in extract.skipped] == [
        (1, "blank"),
        (2, "blank"),
        (3, "blank"),
        (4, "title"),
        (5, "blank"),
        (8, "blank"),
        (9, "header_repeated"),
        (11, "blank"),
        (12, "total"),
        (13, "footer"),
    ]
    assert extract.sources[0].column_types == {
        "nik": "number",
        "no_kk": "number",
        "nama_lgkp": "text",
        "tgl_lhr": "mixed",
        "no_rt": "number",
    }


@pytest.mark.parametrize(
    ("niks", "kind"),
    [
        pytest.param([6212010107909001, 6212010107909002], "number", id="numbers"),
        pytest.param(["6212010107909001", "6212010107909002"], "text", id="texts of digits"),
        pytest.param([6212010107909001, "6212010107909002"], "mixed", id="both"),
        pytest.param([date(1990, 7, 1), None], "date", id="dates"),
        pytest.param([None, None], "text", id="empty"),
    ],
)
@pytest.mark.parametrize("threads", [None, 1])
def test_kind_of_cells(tmp_path: Path, niks: list[Any], kind: str, threads: int | None) -> None:
    rows = [["NAMA", "NIK"], *[["A", nik] for nik in niks], ["JUMLAH", 2]]
    extract = read(
        workbook(tmp_path / "a.xlsx", {"Data": rows}), config=Config().with_options(threads=threads)
    )
    assert extract.frame.height == 2
    assert extract.column_types["nik"] == kind


def test_sheets_in_order_with_columns_of_their_own(tmp_path: Path) -> None:
    sheets = {
        "Sampul": [["LAPORAN"], [None], ["Kabupaten Murung Raya"]],
        "Desa B": [["NIK", "NAMA"], ["6212010107909001", "SITI"]],
        "Kosong": [],
        "Desa A": [["Nama Lengkap", "Nomor NIK", "JK"], ["BUDI", "6212010107909002", "L"]],
        "Rekap": [["KECAMATAN", "DESA", "JUMLAH"], ["MURUNG", "A", 12]],
    }
    extract = read(workbook(tmp_path / "a.xlsx", sheets))
    assert extract.frame.select("row", "source_sheet", "nik", "nama_lgkp", "jenis_klmin").rows() == [
        (0, "Desa B", "6212010107909001", "SITI", None),
        (1, "Desa A", "6212010107909002", "BUDI", "L"),
    ]
    assert extract.mapping["nama_lgkp"] == ["NAMA", "Nama Lengkap"]
    assert [(row.source_sheet, row.source_row) for row in extract.skipped] == [
        ("Sampul", 1),
        ("Sampul", 2),
        ("Sampul", 3),
        ("Rekap", 1),
        ("Rekap", 2),
    ]


def test_family_cells_merged_over_members(tmp_path: Path) -> None:
    rows = [
        ["No KK", "NIK", "NAMA", "ALAMAT", "AGAMA"],
        ["6212010101019001", "6212010107909001", "SITI", "JL. A", "ISLAM"],
        [None, "6212010107909002", "SLAMET", None, None],
        [None, "6212010107909003", "BUDI", None, None],
        ["6212010101019002", "6212010107909004", "SRI", None, None],
    ]
    merged = ("B3:B5", "E3:E5", "F3:F5")
    extract = read(workbook(tmp_path / "a.xlsx", {"Data & Desa": rows}, merged, at="B2"))
    assert extract.frame["no_kk"].to_list() == ["6212010101019001"] * 3 + ["6212010101019002"]
    assert extract.frame["alamat"].to_list() == ["JL. A"] * 3 + [None]
    assert extract.frame["agama"].to_list() == ["ISLAM", None, None, None]


def test_merged_header_over_two_rows(tmp_path: Path) -> None:
    rows = [
        ["NO", "NIK", "NAMA", "LAHIR", None, "ALAMAT", None, None],
        [None, None, None, "TEMPAT", "TANGGAL", None, "RT", "RW"],
        [1, "6212010107909001", "SITI", "MURUNG", date(1990, 7, 1), "JL. A", 1, 2],
    ]
    merged = ("A1:A2", "B1:B2", "C1:C2", "D1:E1", "F1:H1")
    extract = read(workbook(tmp_path / "a.xlsx", {"Data": rows}, merged))
    assert extract.frame.select("tmpt_lhr", "tgl_lhr", "alamat", "no_rt", "no_rw").rows() == [
        ("MURUNG", "1990-07-01", "JL. A", "1", "2")
    ]


def test_header_named_by_config_is_found(tmp_path: Path) -> None:
    rows = [["Data warga"], ["Sebutan", "Nomor"], ["SITI", "6212010107909001"]]
    config = Config(columns={"nama_lgkp": "Sebutan", "nik": "nomor"})
    extract = read(workbook(tmp_path / "a.xlsx", {"Data": rows}), config=config)
    assert extract.frame.select("nik", "nama_lgkp").rows() == [("6212010107909001", "SITI")]


def test_layout_a_with_all_its_quirks(tmp_path: Path) -> None:
    header = [
        "Nomor KK",
        "NIK",
        "Nama Penduduk",
        "Status",
        "Tanggal Lahir",
        "Kelamin",
        "RW",
        "RT",
        "Tgl Entri",
    ]
    rows = [
        header,
        [
            "6212010101019001",
            "62.1201.010790.9001",
            "SITI",
            "HIDUP",
            datetime(1990, 7, 1),
            "P",
            0,
            5,
            datetime(2015, 3, 2, 9, 15),
        ],
        ["6212010101019001", "6212010107909002", "SLAMET", "MATI", datetime(1960, 12, 31), "L", 1, 12, None],
    ]
    frame = read(workbook(tmp_path / "a.xlsx", {"Sheet1": rows})).frame
    assert frame.row(0)[5:-1] == (
        "62.1201.010790.9001",
        "6212010101019001",
        "SITI",
        "P",
        "1990-07-01",
        "5",
        "0",
        "HIDUP",
        "2015-03-02 09:15:00",
    )


PEOPLE = [[f"62120101079090{i:02d}", name] for i, name in enumerate(["SITI", "SLAMET", "BUDI", "SRI"], 1)]
READING = Config(reference_date=date(2026, 6, 30))


def hide(path: Path, rows: tuple[int, ...] = (), sheets: dict[str, str] | None = None) -> Path:
    """Hide rows of the first sheet, and whole sheets."""
    book = openpyxl.load_workbook(path)
    for row in rows:
        book.worksheets[0].row_dimensions[row].hidden = True
    for name, state in (sheets or {}).items():
        book[name].sheet_state = state
    book.save(path)
    return path


def rewritten(path: Path, change: Callable[[str], str]) -> Path:
    """Change the XML of the first sheet."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    new = change(parts[name].decode())
    assert new != parts[name].decode()
    parts[name] = new.encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def notes(path: Path, config: Config = READING) -> dict[str, list[str]]:
    """Return name -> reason codes that tell of hiding."""
    residents = understand(read(path, config=config), config)[1]
    assert not [name for name in residents.columns if name.startswith("_h")]
    codes = [[c for c in found if c.endswith("_hidden")] for found in residents["flags"].to_list()]
    return dict(zip(residents["nama_lgkp"].to_list(), codes, strict=True))


SEEN: dict[str, list[str]] = {name: [] for _, name in PEOPLE}


@pytest.mark.parametrize(
    "config", [READING, READING.with_options(nik_scheme="opaque")], ids=["nik", "opaque"]
)
def test_hidden_rows_stay_and_are_told(tmp_path: Path, config: Config) -> None:
    rows = [["DAFTAR PENDUDUK"], [], ["NIK", "NAMA"], *PEOPLE, ["JUMLAH", None]]
    path = hide(workbook(tmp_path / "a.xlsx", {"Data": rows}), rows=(1, 5, 7, 8))
    assert notes(path, config) == SEEN | {"SLAMET": ["row_hidden"], "SRI": ["row_hidden"]}
    extract = read(path)
    assert extract.frame["source_row"].to_list() == [4, 5, 6, 7]
    assert [one.reason for one in extract.skipped] == ["title", "blank", "total"]


def test_hidden_rows_below_rows_that_are_no_records(tmp_path: Path) -> None:
    rows = [["NIK", "NAMA"], PEOPLE[0], ["NIK", "NAMA"], PEOPLE[1], [], PEOPLE[2], PEOPLE[3]]
    path = hide(workbook(tmp_path / "a.xlsx", {"Data": rows}), rows=(3, 6))
    assert notes(path) == SEEN | {"BUDI": ["row_hidden"]}
    assert notes(path, READING.with_options(sample=2)) == {"SITI": [], "SLAMET": []}


def test_nothing_hidden_leaves_no_note(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"Data": [["NIK", "NAMA"], *PEOPLE]})
    assert notes(path) == SEEN
    assert "_hidden" not in read(path).frame.columns
    book = openpyxl.load_workbook(path)
    book.active.column_dimensions["D"].hidden = True
    book.active.row_dimensions[3].height = 40
    book.save(path)
    assert notes(path) == SEEN


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_sheets_that_are_hidden(tmp_path: Path, state: str) -> None:
    header = ["NIK", "NAMA"]
    sheets = {"Data": [header, *PEOPLE[:2]], "Lama & Arsip": [header, *PEOPLE[2:]]}
    path = workbook(tmp_path / "a.xlsx", sheets)
    hide(path, rows=(2,), sheets={"Lama & Arsip": state})
    assert notes(path) == {
        "SITI": ["row_hidden"],
        "SLAMET": [],
        "BUDI": ["sheet_hidden"],
        "SRI": ["sheet_hidden"],
    }


def prefixed(xml: str) -> str:
    return re.sub(r"<(/?)(?!\?)", r"<\1x:", xml).replace("xmlns=", "xmlns:x=")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda xml: xml.replace('hidden="1"', "hidden = 'true'"), id="other writing of true"),
        pytest.param(lambda xml: re.sub(r'(<row) r="\d+"', r"\1", xml), id="rows without a number"),
        pytest.param(prefixed, id="prefixed tags"),
    ],
)
def test_hidden_rows_of_other_writers(tmp_path: Path, change: Callable[[str], str]) -> None:
    path = hide(workbook(tmp_path / "a.xlsx", {"Data": [["NIK", "NAMA"], *PEOPLE]}), rows=(3, 5))
    assert notes(rewritten(path, change)) == SEEN | {"SLAMET": ["row_hidden"], "SRI": ["row_hidden"]}


def test_rows_said_not_to_be_hidden(tmp_path: Path) -> None:
    path = hide(workbook(tmp_path / "a.xlsx", {"Data": [["NIK", "NAMA"], *PEOPLE]}), rows=(3,))
    assert notes(rewritten(path, lambda xml: xml.replace('hidden="1"', 'hidden="0"'))) == SEEN


LAYOUT = ["NIK", "NAMA", "TGL LAHIR", "STATUS REKAM"]
BUDI = ["6212010102839001", "BUDI", "01-02-1983", "SUDAH REKAM"]


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(["NO. NIK", "NAMA WNI", "Tgl. Lhr", "KET REKAM"], id="words of the name"),
        pytest.param(
            ["N.I.K", "Nama Lengkap (sesuai KTP)", "Tanggal\nLahir", "STATUS"], id="notes and breaks"
        ),
    ],
)
def test_sheets_of_other_layouts_are_all_read(tmp_path: Path, header: list[str]) -> None:
    path = workbook(tmp_path / "a.xlsx", {"A": [LAYOUT, BUDI], "B": [["REKAP"], header, BUDI]})
    extract = read(path)
    assert extract.frame.select("nik", "nama_lgkp", "tgl_lhr", "ektp_status").rows() == [tuple(BUDI)] * 2


@pytest.mark.parametrize(
    "row", [pytest.param(BUDI, id="NIKs"), pytest.param(["", *BUDI[1:]], id="no NIK at all")]
)
def test_a_sheet_of_residents_without_a_name_is_refused(tmp_path: Path, row: list[str]) -> None:
    other = ["NIK", "WARGA", "TGL LAHIR", "STATUS REKAM"]
    path = workbook(tmp_path / "a.xlsx", {"A": [LAYOUT, BUDI], "B": [other, row]})
    with pytest.raises(InputError) as caught:
        read(path)
    assert str(caught.value) == (
        "a.xlsx sheet 'B': residents but no header of the name (headers found: NIK, WARGA, TGL LAHIR, STATUS REKAM; "
        "those of sheet 'A': NIK, NAMA, TGL LAHIR, STATUS REKAM); add a header row, or set columns.nama_lgkp"
    )


@pytest.mark.parametrize(
    "header",
    [
        ["DESA", "KK", "L/P", "JUMLAH"],
        ["NAMA BARANG", "HARGA"],
        ["KECAMATAN", "DESA", "JUMLAH"],
        ["KODE", "ARTI"],
    ],
)
def test_recaps_are_no_lists(tmp_path: Path, header: list[str]) -> None:
    path = workbook(tmp_path / "a.xlsx", {"A": [LAYOUT, BUDI], "B": [header, ["x", 1, 2]]})
    extract = read(path)
    assert len(extract.frame) == 1
    assert [(one.source_sheet, one.source_row) for one in extract.skipped] == [("B", 1), ("B", 2)]


def test_a_header_may_stand_below_its_parents(tmp_path: Path) -> None:
    rows = [
        ["DATA PENDUDUK"],
        ["NO", "IDENTITAS", None, None, "KELAHIRAN", None, "KET"],
        [None, "NIK", "NAMA", "L/P", "TEMPAT", "TGL", None],
        [1, *BUDI[:2], "L", "PURUK CAHU", *BUDI[2:]],
    ]
    extract = read(workbook(tmp_path / "a.xlsx", {"A": rows}))
    assert extract.frame.select("nik", "nama_lgkp", "tmpt_lhr", "tgl_lhr", "ektp_status").row(0) == (
        *BUDI[:2], "PURUK CAHU", *BUDI[2:],
    )  # fmt: skip
    assert [(one.source_row, one.reason) for one in extract.skipped] == [(1, "title")]


def test_titles_in_two_cells_are_no_parents(tmp_path: Path) -> None:
    rows = [["DESA", "BERIWIT"], ["KECAMATAN", ": MURUNG"], LAYOUT, BUDI]
    extract = read(workbook(tmp_path / "a.xlsx", {"A": rows}))
    assert [one.reason for one in extract.skipped] == ["title", "title"]
    assert extract.frame.select("kel_name", "kec_name").row(0) == ("BERIWIT", "MURUNG")


def test_a_header_of_another_order_below_is_refused(tmp_path: Path) -> None:
    rows = [
        LAYOUT,
        BUDI,
        LAYOUT,
        BUDI,
        ["NAMA", "NIK", "STATUS REKAM", "TGL LAHIR"],
        [BUDI[1], BUDI[0], *BUDI[:1:-1]],
    ]
    with pytest.raises(
        InputError, match=r"^a.xlsx sheet 'A': row 5 is a header of another layout \(.*\) than the first"
    ):
        read(workbook(tmp_path / "a.xlsx", {"A": rows}))
    assert len(read(workbook(tmp_path / "b.xlsx", {"A": rows[:4]})).frame) == 2
