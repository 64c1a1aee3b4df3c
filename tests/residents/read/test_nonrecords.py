"""Lists as offices lay them out: column numbers, totals, signatures and wrapped rows are no residents."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nikdedup.config import Config
from nikdedup.residents.read.extract import Extract, read

HEADER = "NO;NIK;NO KK;NAMA LENGKAP;L/P;TTL;ALAMAT;NAMA IBU;KET"
NAMES = ["BUDI SANTOSO", "SITI AMINAH", "LURAH SUGIONO", "RIZKY"]


def person(number: int, name: str | None = None) -> str:
    name = NAMES[number % len(NAMES)] if name is None else name
    ids, rest = f"{number};62120111028{number:02d}9001;6212010905109001", "JL A;SUTI;SUDAH REKAM"
    return f"{ids};{name};L;Puruk Cahu, 11-02-1983;{rest}"


def listed(folder: Path, *lines: str) -> Extract:
    path = folder / "a.csv"
    path.write_text("\n".join([HEADER, *lines]), encoding="utf-8")
    return read(path)


def reasons(extract: Extract) -> dict[int, str]:
    return {row.source_row: row.reason for row in extract.skipped}


SIGNED = [
    pytest.param(
        [";JUMLAH;;2;;;;;", ";;;;;Puruk Cahu, 30 Juni 2026;;;", ";;;;;Kepala Desa Beriwit;;;", "",
         ";;;;;HERMAN LUKAS;;;", ";;;;;NIP. 19700101 199503 1 001;;;"],
        ["total", "title", "footer", "blank", "title", "footer"], id="in the column of births",
    ),
    pytest.param(
        [";;;Puruk Cahu, 30 Juni 2026;;;;;", ";;;Kepala Desa Beriwit,;;;;;", "", ";;;HERMAN LUKAS;;;;;",
         ";;;NIP. 19700101 199503 1 001;;;;;"],
        ["footer", "footer", "blank", "footer", "footer"], id="in the column of names",
    ),
    pytest.param(
        [";Mengetahui,;;;;Puruk Cahu, 30 Juni 2026;;;", ";Camat Murung;;Kepala Desa;;;;;", "",
         ";YOHANES;;HERMAN LUKAS;;;;;"],
        ["footer", "footer", "blank", "footer"], id="two side by side",
    ),
    pytest.param(
        ["JUMLAH;;;6 ORANG;L=3 P=3;;;;"], ["total"], id="a count in the column of names",
    ),
    pytest.param(
        ["TOTAL;;;3 (tiga) jiwa;;;;;", "Rekapitulasi;;;;;;;;", "Laki-laki;1;;;;;;;",
         "Perempuan;2;;;;;;;", "Keterangan :;;;;;;;;"],
        ["total", "total", "title", "title", "footer"], id="recap",
    ),
    pytest.param(
        ["", ";;;a.n. Kepala Dinas;;;;;", ";;;Sekretaris,;;;;;", ";;;ttd;;;;;", ";;;MARTHA;;;;;"],
        ["blank", "footer", "footer", "footer", "footer"], id="on behalf of",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "expected"), SIGNED)
def test_ends_of_lists(tmp_path: Path, lines: list[str], expected: list[str]) -> None:
    extract = listed(tmp_path, person(1), person(2), *lines)
    assert extract.frame["nama_lgkp"].to_list() == [NAMES[1], NAMES[2]]
    assert list(reasons(extract).values()) == expected


def test_a_row_of_a_frame_with_one_filled_cell_is_a_record() -> None:
    """Nobody lays out a frame: there is no title among its rows."""
    frame = pl.DataFrame(
        {
            "NIK": [None, None, "A7", None],
            "NAMA": ["SITI", None, None, None],
            "KEC": [None, "MURUNG", None, None],
        }
    )
    extract = read(frame, config=Config(columns={"kec_name": "KEC"}))
    assert extract.frame.select("nama_lgkp", "kec_name", "nik").rows() == [
        ("SITI", None, None), (None, "MURUNG", None), (None, None, "A7")
    ]  # fmt: skip
    assert list(reasons(extract).values()) == ["blank"]


def test_signatures_between_pages(tmp_path: Path) -> None:
    page = [";;;Kepala Desa,;;;;;", ";;;HERMAN LUKAS;;;;;"]
    extract = listed(
        tmp_path, person(1), *page, "DESA BAHITOM", HEADER, "1;2;3;4;5;6;7;8;9", person(2), *page
    )
    assert extract.frame["nama_lgkp"].to_list() == [NAMES[1], NAMES[2]]
    assert extract.frame["kel_name"].to_list() == [None, "BAHITOM"]


def test_rest_of_wrapped_cells_is_joined_to_the_record_above(tmp_path: Path) -> None:
    extract = listed(
        tmp_path, person(1, "MUHAMMAD"), ";;;RIZKY PRATAMA;;;;;", person(2), ";;;;;;HILIR;WATI;", person(3)
    )
    assert extract.frame.select("nama_lgkp", "alamat", "nama_lgkp_ibu").rows() == [
        ("MUHAMMAD RIZKY PRATAMA", "JL A", "SUTI"), (NAMES[2], "JL A HILIR", "SUTI WATI"), (NAMES[3], "JL A", "SUTI"),
    ]  # fmt: skip
    assert reasons(extract) == {3: "continued", 5: "continued"}


@pytest.mark.parametrize(
    "line",
    ["(1);(2);(3);(4);(5);(6);(7);(8);(9)", "1;2;3;4;5;6=5;7;8;9", "a;b;c;d;e;f;g;h;i",
     ";(16 digit);;;(L/P);(tempat, tgl);;;", ";(16 angka);(16 angka);(sesuai KTP);;;;;"],
)  # fmt: skip
def test_a_row_below_the_header_that_numbers_or_explains_it(tmp_path: Path, line: str) -> None:
    extract = listed(tmp_path, line, person(1), person(2))
    assert extract.frame["nama_lgkp"].to_list() == [NAMES[1], NAMES[2]]
    assert reasons(extract) == {2: "header_repeated"}


def test_the_rest_of_a_wrapped_status_tells_the_rest_of_name_and_place(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    full = "{n};62120111028{n}9001;{name};L;{place};11-02-1983;SUTI;{status}\n"
    head = "NO;NIK;NAMA;L/P;TEMPAT LAHIR;TGL LAHIR;NAMA IBU;STATUS REKAM\n"
    wrapped = full.format(n=31, name="ROBERTUS", place="TUMBANG", status="SUDAH")
    whole = full.format(n=32, name="RIZKY", place="JANGKANG", status="BELUM REKAM")
    path.write_text(head + wrapped + ";;LANDA;;OLONG;;;REKAM\n" + whole, encoding="utf-8")
    extract = read(path)
    assert extract.frame.select("nama_lgkp", "tmpt_lhr", "ektp_status").rows() == [
        ("ROBERTUS LANDA", "TUMBANG OLONG", "SUDAH REKAM"), ("RIZKY", "JANGKANG", "BELUM REKAM"),
    ]  # fmt: skip
    path.write_text(head + wrapped + ";;LANDA;;OLONG;;;BELUM REKAM\n" + whole, encoding="utf-8")
    assert len(read(path).frame) == 3


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("3;;;BAYI NY SITI;P;;;;", id="a newborn"),
        pytest.param(";;;BAYI RINI;;;;;", id="a newborn without a number"),
        pytest.param("4;;;LURAH SUGIONO;L;;JL B;;", id="a name that is a title too"),
        pytest.param("5;;;RIZKY;;;;;", id="a line number"),
        pytest.param(";;;RIZKY;L;;;;", id="a sex of its own"),
        pytest.param(";6212010102839001;;;;;;;", id="a NIK alone"),
        pytest.param(";X;X;X;L;X;X;X;X", id="a letter in every cell"),
    ],
)
def test_who_has_a_name_or_a_nik_is_a_resident(tmp_path: Path, line: str) -> None:
    extract = listed(tmp_path, person(1), line, person(2))
    assert len(extract.frame) == 3
    assert reasons(extract) == {}


def test_names_alone_are_residents(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("NAMA;ALAMAT\nBUDI;JL A\nSITI;\nJUMLAH;2\n", encoding="utf-8")
    assert read(path).frame["nama_lgkp"].to_list() == ["BUDI", "SITI"]


def test_rows_of_parquet_are_not_understood_by_their_neighbours(tmp_path: Path) -> None:
    rows = [person(1), ";;;RIZKY;;;;;", ";;;Kepala Desa;;;;;", ";;;HERMAN;;;;;"]
    frame = listed(tmp_path, person(1), *rows).frame
    assert len(frame) == 2
    columns = HEADER.split(";")
    table = [dict(zip(columns, (cell or None for cell in row.split(";")), strict=True)) for row in rows]
    pl.DataFrame(table).write_parquet(tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet").frame["nama_lgkp"].to_list() == [NAMES[1], "RIZKY", "HERMAN"]


@settings(deadline=None, max_examples=30)
@given(st.permutations(SIGNED), st.integers(1, 3))
def test_no_end_of_a_list_costs_a_resident(
    tmp_path_factory: pytest.TempPathFactory, order: list[object], pages: int
) -> None:
    lines, count = [], 0
    for one in order[:pages]:
        lines += [person(count + 1), person(count + 2), *one.values[0]]  # type: ignore[attr-defined]
        count += 2
    extract = listed(tmp_path_factory.mktemp("list"), *lines)
    assert len(extract.frame) == count
    assert len(extract.frame) + len(extract.skipped) == len(lines)


def test_a_place_and_date_of_birth_is_no_signature():
    births = ["Puruk Cahu, 8 Januari 2001", "Muara Teweh, 7 Mei 2001"]
    assert read(pl.DataFrame({"NAMA": ["SITI AMINAH", "RUSLAN"], "TTL": births})).skipped == []


def test_a_full_row_under_the_name_of_an_office_is_a_resident():
    """KASI is a head of section, and a name; who has birth, sex, parents and address beside it is no signature."""
    people = pl.DataFrame(
        {
            "NAMA_LGKP": ["KASI", "RUSLAN"],
            "TGL_LHR": ["11-02-1983", "12-03-1990"],
            "JENIS_KLMIN": ["P", "L"],
            "NAMA_LGKP_IBU": ["SUTI", "AMINAH"],
            "ALAMAT": ["JL A", "JL B"],
        }
    )
    assert read(people).skipped == []
