"""Layout B, the Buku Induk Penduduk: family rows above members, wrapped statuses, page footers, sheets."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from nikdedup.residents.read.extract import Extract, read

HEADER = ["NO", "Nama Lengkap", "NIK", "Tempat Lahir", "Tanggal Lahir", "JK", "Stat Kwn", "Gol. Drh", "SHDK"]
HEADER += ["Agama", "Pendidikan Terakhir", "No Akta Lahir", "Pekerjaan", "Nama Ibu", "Nama Ayah", "Wjb KTP"]
HEADER += ["KTP-eL", "Status", "Stat Rkm"]


def member(number: int, name: str, nik: str, status: str) -> list[Any]:
    row = [number, name, nik, "MURUNG", "01-07-1990", "Pr", "BK", "-", "ANAK", "ISLAM", "SLTA/SEDERAJAT"]
    return [*row, None, "PELAJAR", "SRI", "BUDI", "Ya", "Ya", "AKTIF", status]


def family(kk: Any, address: str) -> list[Any]:
    return [kk, None, None, address]


def rest(status: str) -> list[Any]:
    return [None] * 18 + [status]


ROWS: list[list[Any]] = [
    ["BUKU INDUK PENDUDUK WARGA NEGARA INDONESIA"],
    ["DESA : MUARA JOLOI I"],
    HEADER,
    family("6212010101019001", "ALAMAT : JL. SATU, RT/RW : 002/000 DUSUN : -"),
    member(1, "SITI AMINAH", "6212014107909001", "SENT_FOR_CARD_"),
    rest("PRINTING"),
    member(2, "SLAMET", "6212010107909002", "BIO"),
    [None, "Tanggal Cetak : 01-02-2016 halaman 1"],
    HEADER,
    rest("CAPTURED"),
    family(6212010101019002, "SEI BABUAT RT/RW:003/001 DUSUN : DUSUN HULU KODE POS : 73911"),
    member(1, "BUDI", "6212010107909003", "PRINT_READY_RECORD"),
    ["Halaman 1 dari 1"],
]


def printout(tmp_path: Path, **sheets: list[list[Any]]) -> Extract:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(tmp_path / "bip.xlsx")
    return read(tmp_path / "bip.xlsx")


def test_families_come_down_to_their_members(tmp_path: Path) -> None:
    frame = printout(tmp_path, A=ROWS).frame
    assert frame.select(
        "source_row", "nama_lgkp", "no_kk", "alamat", "rt_rw", "dusun", "kode_pos"
    ).rows() == [
        (5, "SITI AMINAH", "6212010101019001", "JL. SATU", "002/000", "-", None),
        (7, "SLAMET", "6212010101019001", "JL. SATU", "002/000", "-", None),
        (12, "BUDI", "6212010101019002", "SEI BABUAT", "003/001", "DUSUN HULU", "73911"),
    ]


def test_wrapped_statuses_are_joined_over_a_page_break(tmp_path: Path) -> None:
    frame = printout(tmp_path, A=ROWS).frame
    assert frame["ektp_status"].to_list() == ["SENT_FOR_CARD_PRINTING", "BIO CAPTURED", "PRINT_READY_RECORD"]


def test_every_other_row_is_listed(tmp_path: Path) -> None:
    extract = printout(tmp_path, A=ROWS)
    assert [(row.source_row, row.reason) for row in extract.skipped] == [
        (1, "title"),
        (2, "title"),
        (4, "title"),
        (6, "continued"),
        (8, "footer"),
        (9, "header_repeated"),
        (10, "continued"),
        (11, "title"),
        (13, "footer"),
    ]
    assert extract.unmapped == ["NO", "KTP-eL"]


def test_kind_of_the_family_number_is_kept(tmp_path: Path) -> None:
    assert printout(tmp_path, A=ROWS).column_types["no_kk"] == "mixed"
    assert printout(tmp_path, A=ROWS[:7]).column_types["no_kk"] == "text"


def test_sheets_do_not_inherit_a_family(tmp_path: Path) -> None:
    second = [HEADER, member(1, "TANPA KELUARGA", "6212010107909004", "BELUM REKAM"), *ROWS[3:5]]
    frame = printout(tmp_path, A=ROWS, B=second).frame
    assert frame["no_kk"].to_list()[3:] == [None, "6212010101019001"]
    assert frame["source_sheet"].to_list() == ["A"] * 3 + ["B"] * 2


def test_family_row_above_the_header(tmp_path: Path) -> None:
    rows = [ROWS[3], HEADER, ROWS[4], ROWS[10], HEADER, ROWS[11]]
    frame = printout(tmp_path, A=rows).frame
    assert frame["no_kk"].to_list() == ["6212010101019001", "6212010101019002"]


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(["No KK", "NIK", "NAMA", "ALAMAT"], id="a column for the KK"),
        pytest.param(["Kartu", "NIK", "NAMA", "ALAMAT"], id="a KK under an unknown header"),
    ],
)
def test_an_ordinary_list_with_such_addresses_is_left_alone(header: list[str], tmp_path: Path) -> None:
    rows = [
        header,
        *([f"621201010101000{i}", f"621201010790900{i}", f"N {i}", "A RT/RW : 1/2"] for i in (1, 2)),
    ]
    frame = printout(tmp_path, A=rows).frame
    assert frame["nama_lgkp"].to_list() == ["N 1", "N 2"]
    assert frame["alamat"].to_list() == ["A RT/RW : 1/2"] * 2
