"""Village and kecamatan where no column tells them: titles, sheet names, group rows, names of files."""

from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from nikdedup.residents.read.extract import Extract, read
from nikdedup.residents.read.villages import regions_in, regions_of_sheets

HEADER = ["NO", "NIK", "NAMA", "TGL LAHIR"]


def person(number: int) -> list[Any]:
    return [number, f"62120101018{number:01d}{9000 + number}", f"NAMA {chr(64 + number)}", "01-01-1980"]


def book(path: Path, **sheets: list[list[Any]]) -> Extract:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
    workbook.save(path)
    return read(path)


def places(extract: Extract) -> list[tuple[str | None, ...]]:
    frame = extract.frame
    empty = [pl.lit(None, pl.String).alias(n) for n in ("kec_name", "kel_name") if n not in frame.columns]
    return frame.with_columns(empty).select("kel_name", "kec_name").rows()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("DESA : X  KECAMATAN : Y", {"kel_name": "X", "kec_name": "Y"}, id="labels and colons"),
        pytest.param(
            "Kel. Beriwit, Kec. Murung", {"kel_name": "BERIWIT", "kec_name": "MURUNG"}, id="short labels"
        ),
        pytest.param("DESA/KEL : BATU BUA (30 Juni 2026)", {"kel_name": "BATU BUA"}, id="double label"),
        pytest.param("DESA KOTA BARU", {"kel_name": "KOTA BARU"}, id="words that are part of it"),
        pytest.param("DAFTAR WARGA DESA BERIWIT KEADAAN 30 JUNI", {"kel_name": "BERIWIT"}, id="words behind"),
        pytest.param("KABUPATEN MURUNG RAYA", {"kab_name": "MURUNG RAYA"}, id="regency"),
        pytest.param("DAFTAR BELUM REKAM PER DESA", {}, id="label without a name"),
        pytest.param("DAFTAR WARGA DESA BELUM REKAM", {}, id="no name of a place"),
        pytest.param("Kepala Desa Beriwit", {}, id="a person"),
        pytest.param("BUDI DESANTO", {}, id="part of a word"),
    ],
)
def test_told_in(text: str, found: dict[str, str]) -> None:
    assert regions_in(text) == found


@pytest.mark.parametrize(
    ("sheets", "found"),
    [
        pytest.param(["Desa Muara Joloi", "Data"], [{"kel_name": "MUARA JOLOI"}, {}], id="label"),
        pytest.param(
            ["01 BERIWIT", "02 BATU BUA"], [{"kel_name": "BERIWIT"}, {"kel_name": "BATU BUA"}], id="bare"
        ),
        pytest.param(
            ["MURUNG", "TANAH SIANG"], [{"kec_name": "MURUNG"}, {"kec_name": "TANAH SIANG"}], id="kecamatan"
        ),
        pytest.param(["BERIWIT"], [{}], id="one sheet may be called anything"),
        pytest.param(["BERIWIT", "Sheet2"], [{}, {}], id="one that is none"),
        pytest.param(["SUDAH REKAM", "BELUM REKAM"], [{}, {}], id="statuses"),
        pytest.param(["LAKI-LAKI", "PEREMPUAN"], [{}, {}], id="sexes"),
        pytest.param(["A", "B"], [{}, {}], id="letters"),
        pytest.param(["RT 01", "RT 02"], [{}, {}], id="RT"),
    ],
)
def test_told_by_sheets(sheets: list[str], found: list[dict[str, str]]) -> None:
    assert list(regions_of_sheets(sheets).values()) == found


def test_titles_go_before_sheet_names(tmp_path: Path) -> None:
    title = [["DAFTAR PENDUDUK"], ["DESA BERIWIT KECAMATAN MURUNG"], HEADER, person(1)]
    extract = book(tmp_path / "a.xlsx", BAHITOM=title, USUNG=[HEADER, person(2)])
    assert places(extract) == [("BERIWIT", "MURUNG"), ("USUNG", None)]
    assert extract.how["kel_name"] == ["title", "sheet_name"]


def test_group_rows_hold_for_the_records_below(tmp_path: Path) -> None:
    rows = [["KECAMATAN MURUNG"], HEADER, ["DESA BERIWIT"], person(1), person(2), ["JUMLAH", None, 2]]
    rows += [
        [None, None, "DESA : BAHITOM"],
        person(3),
        ["KEC. TANAH SIANG"],
        person(4),
        ["Kel. Saripoi"],
        person(5),
    ]
    extract = book(tmp_path / "a.xlsx", Data=rows)
    assert places(extract) == [
        ("BERIWIT", "MURUNG"), ("BERIWIT", "MURUNG"), ("BAHITOM", "MURUNG"), (None, "TANAH SIANG"),
        ("SARIPOI", "TANAH SIANG"),
    ]  # fmt: skip
    assert extract.how["kel_name"] == ["group_row"]
    path = tmp_path / "a.csv"
    path.write_text(
        "\n".join(";".join("" if c is None else str(c) for c in row) for row in rows), encoding="utf-8"
    )
    assert places(read(path)) == places(extract)


def test_a_column_goes_before_all(tmp_path: Path) -> None:
    rows = [["DESA BERIWIT"], [*HEADER, "DESA"], [*person(1), "BAHITOM"], ["DESA USUNG"], [*person(2), None]]
    assert places(book(tmp_path / "a.xlsx", Data=rows)) == [("BAHITOM", None), (None, None)]


def test_codes_go_before_names(tmp_path: Path) -> None:
    extract = book(tmp_path / "a.xlsx", Data=[["DESA BERIWIT"], [*HEADER, "KD_KEL"], [*person(1), "2001"]])
    assert "kel_name" not in extract.frame.columns


def test_name_of_a_file_with_a_label(tmp_path: Path) -> None:
    path = tmp_path / "desa_beriwit.csv"
    path.write_text("NIK;NAMA\n6212010101809001;BUDI\n", encoding="utf-8")
    extract = read(path)
    assert places(extract) == [("BERIWIT", None)]
    assert extract.how["kel_name"] == ["file_name"]
