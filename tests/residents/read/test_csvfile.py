"""CSV: separators, encodings, quotes, ragged and broken lines, and the line each record begins on."""

import csv
import gzip
import io
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nikdedup.config import Config
from nikdedup.residents.read.csvfile import read_csv
from nikdedup.residents.read.csvrecords import Dialect, whole_record
from nikdedup.residents.read.extract import Extract, SkippedRow, read


def read_text(tmp_path: Path, text: str | bytes, name: str = "a.csv") -> Extract:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read(path)


def names(extract: Extract) -> list[str | None]:
    return extract.frame["nama_lgkp"].to_list()


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends(tmp_path: Path, separator: str, end: str) -> None:
    lines = ["NIK;NAMA;TGL LAHIR", "6212010107909001;SITI AMINAH;01-07-1990", "0000000000000012;SLAMET;"]
    extract = read_text(tmp_path, end.join(line.replace(";", separator) for line in lines) + end)
    assert extract.frame.select("nik", "nama_lgkp", "tgl_lhr").rows() == [
        ("6212010107909001", "SITI AMINAH", "01-07-1990"),
        ("0000000000000012", "SLAMET", None),
    ]
    assert extract.frame["source_row"].to_list() == [2, 3]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    text = "NIK;NAMA\n6212010107909001;JOSÉ NUÑEZ\n6212010107909002;SITI\n"
    assert names(read_text(tmp_path, text.encode(encoding))) == ["JOSÉ NUÑEZ", "SITI"]


def test_gzip(tmp_path: Path) -> None:
    raw = gzip.compress(b"NIK;NAMA\n6212010107909001;SITI\n")
    assert names(read_text(tmp_path, raw, "a.csv.gz")) == ["SITI"]


def test_titles_hint_blank_lines_and_totals(tmp_path: Path) -> None:
    lines = [
        "sep=;",
        "DAFTAR NAMA PENDUDUK BELUM REKAM;;;",
        "KECAMATAN: MURUNG;;;",
        ";;;",
        "NO;NIK;NAMA;ALAMAT",
        "(1);(2);(3);(4)",
        "1;6212010107909001;SITI AMINAH;JL. A",
        "",
        "DESA MUARA JOLOI;;;",
        "NO;NIK;NAMA;ALAMAT",
        "2;;SLAMET;",
        "3;;;",
        "JUMLAH;;125;",
        "Halaman 1 dari 2;;;",
        ";;;",
    ]
    extract = read_text(tmp_path, "\n".join(lines))
    assert names(extract) == ["SITI AMINAH", "SLAMET"]
    assert extract.frame["source_row"].to_list() == [7, 11]
    assert [(row.source_row, row.reason) for row in extract.skipped] == [
        (2, "title"),
        (3, "title"),
        (4, "blank"),
        (6, "header_repeated"),
        (8, "blank"),
        (9, "title"),
        (10, "header_repeated"),
        (12, "blank"),
        (13, "total"),
        (14, "footer"),
        (15, "blank"),
    ]
    assert extract.skipped[0] == SkippedRow("a.csv", None, 2, "title")
    assert extract.unmapped == ["NO"]


def test_two_line_header(tmp_path: Path) -> None:
    lines = [
        "NIK;NAMA;LAHIR;;ALAMAT;;",
        ";;TEMPAT;TANGGAL;JALAN;RT;RW",
        "6212010107909001;SITI;MURUNG;1-7-1990;A;1;2",
    ]
    extract = read_text(tmp_path, "\n".join(lines))
    assert extract.frame.select("tmpt_lhr", "tgl_lhr", "no_rt", "no_rw").row(0) == (
        "MURUNG",
        "1-7-1990",
        "1",
        "2",
    )
    assert extract.frame["source_row"].to_list() == [3]


def test_quotes(tmp_path: Path) -> None:
    lines = [
        '"NIK";"NAMA";"ALAMAT"',
        '"6212010107909001";"SITI ""NUR"" AMINAH";"JL. A; RT 1"',
        '6212010107909002;MUH. "ALI";GG. 3"',
        '"6212010107909003";"SLAMET";"BARIS SATU',
        'BARIS DUA"',
        '6212010107909004;"RUSAK;JL. B',
        "6212010107909005;BUDI;JL. C",
    ]
    extract = read_text(tmp_path, "\n".join(lines))
    assert names(extract) == ['SITI "NUR" AMINAH', 'MUH. "ALI"', "SLAMET", "RUSAK", "BUDI"]
    assert extract.frame["alamat"].to_list() == [
        "JL. A; RT 1",
        'GG. 3"',
        "BARIS SATU\nBARIS DUA",
        "JL. B",
        "JL. C",
    ]
    assert extract.frame["source_row"].to_list() == [2, 3, 4, 6, 7]
    assert extract.sources[0].ragged_rows == []


def test_a_quote_that_never_closes_costs_its_line_alone(tmp_path: Path) -> None:
    lines = ['1,"SITI', "2,ALI", '3,"BUDI', '4,"JL. A', 'RT 1"', '5,"A"B', "6,ANI"]
    (tmp_path / "a.csv").write_text("\n".join(["NO,NAMA", *lines]) + "\n")
    assert read(tmp_path / "a.csv").frame["nama_lgkp"].to_list() == [
        "SITI", "ALI", "BUDI", "JL. A RT 1", "AB", "ANI",
    ]  # fmt: skip


@given(st.lists(st.text('",;ab ', max_size=7), min_size=1, max_size=6))
def test_a_record_ends_with_the_first_line_that_leaves_no_quote_open(lines: list[str]) -> None:
    cell = r'(?:"(?:[^"]|"")*+"|[^",\n][^,\n]*|)'
    whole = re.compile(rf"^{cell}(?:,{cell})*$")
    dialect = Dialect(",")
    ends = [n for n in range(2, len(lines) + 1) if whole.match("\n".join(lines[:n]))]
    count = ends[0] if ends and dialect.opens(lines[0]) else 1
    assert whole_record(lines, dialect) == (count, "\n".join(lines[:count]))


def test_ragged_rows_are_kept_and_listed(tmp_path: Path) -> None:
    lines = [
        "NIK,NAMA,ALAMAT",
        "1234567890123456,A",
        "1234567890123457,B,JL. X, RT 1",
        "1234567890123458,C,JL,,",
        "",
        "9",
    ]
    extract = read_text(tmp_path, "\n".join(lines))
    assert names(extract) == ["A", "B", "C", None]
    assert extract.frame["alamat"].to_list() == [None, "JL. X", "JL", None]
    assert extract.sources[0].ragged_rows == [2, 3, 6]


def test_headers_may_be_empty_or_repeated_where_no_field_claims_them(tmp_path: Path) -> None:
    extract = read_text(tmp_path, "NIK;NAMA;X;X;;\n1234567890123456;A;1;2;;\n")
    assert extract.unmapped == ["X"]


cell = st.text(alphabet=st.sampled_from("AB 1;,|'\"\n\u00e9"), max_size=6).filter(
    lambda s: "\n" not in s or s.strip()
)


@settings(max_examples=80, deadline=None)
@given(
    rows=st.lists(st.tuples(cell, cell), min_size=1, max_size=8),
    separator=st.sampled_from([";", ",", "\t", "|"]),
    style=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_what_a_csv_writer_wrote_is_read_back(
    rows: list[tuple[str, str]], separator: str, style: int, end: str
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, quoting=style, lineterminator=end)
    writer.writerow(["NIK", "NAMA LENGKAP", "ALAMAT"])
    records = [(f"62120101079{i:05d}", *row) for i, row in enumerate(rows)]
    writer.writerows(records)
    table = read_csv(Path("a.csv"), text.getvalue().encode(), "", Config())
    assert table.headers == ["NIK", "NAMA LENGKAP", "ALAMAT"]
    found = [tuple(cell or "" for cell in row) for row in table.frame.collect().rows()]
    assert found == records
    assert table.ragged == []


HEADERS = [
    "NO",
    "NO KK",
    "NIK",
    "NAMA LENGKAP",
    "JK",
    "TEMPAT LAHIR",
    "TANGGAL LAHIR",
    "NAMA IBU",
    "STATUS REKAM",
]
PERSON = ["1", "6212010905109001", "6212011102839001", "BAMBANG PRIYONO", "L", "PURUK CAHU", "11-02-1983"]
PERSON += ["SUTINAH", "CARD_PRINTED"]
FIELDS = ["no_kk", "nik", "nama_lgkp", "jenis_klmin", "tmpt_lhr", "tgl_lhr", "nama_lgkp_ibu", "ektp_status"]
BREAKS = ["\n", "\r\n", "\v", " <br> ", "  ", "\n\n"]


@settings(deadline=None, max_examples=40)
@given(
    places=st.sets(st.integers(0, 8), min_size=1),
    sign=st.sampled_from(BREAKS),
    end=st.sampled_from(["\n", "\r\n"]),
    separator=st.sampled_from([";", ",", "\t"]),
    titles=st.integers(0, 2),
)
def test_header_cells_may_be_wrapped(
    places: set[int],
    sign: str,
    end: str,
    separator: str,
    titles: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    cells = [h.replace(" ", sign) if i in places else h for i, h in enumerate(HEADERS)]
    line = separator.join(f'"{cell}"' if set(cell) & set("\r\n\v") else cell for cell in cells)
    text = end.join([*["DAFTAR WARGA"] * titles, line, separator.join(PERSON), ""])
    extract = read_text(tmp_path_factory.mktemp("csv"), text)
    assert list(extract.mapping) == sorted(FIELDS, key=list(extract.mapping).index)
    assert set(extract.mapping) == set(FIELDS)
    assert extract.frame.select(FIELDS).rows() == [tuple(PERSON[1:])]
    wrapped = text[: text.index(PERSON[1])].replace("\r\n", "\n").count("\n")
    assert extract.frame["source_row"].to_list() == [wrapped + 1]
    assert [(one.source_row, one.reason) for one in extract.skipped] == [
        (i + 1, "title") for i in range(titles)
    ]


@pytest.mark.parametrize(
    "cell", ['="{}"', '"=""{}"""', '=""{}""', "={}", '=T("{}")', '"=\\""{}\\"""'], ids=lambda cell: str(cell)
)
def test_formula_signs_are_taken_off(tmp_path: Path, cell: str) -> None:
    person = [cell.format(one) if i in (1, 2) else one for i, one in enumerate(PERSON)]
    extract = read_text(tmp_path, "\n".join([";".join(HEADERS), ";".join(person)]))
    assert extract.frame.select("no_kk", "nik").row(0) == (PERSON[1], PERSON[2])


def test_other_formulas_stay_as_they_are(tmp_path: Path) -> None:
    extract = read_text(tmp_path, "NIK;NAMA\n=A1&B1;=SUM(A1:A2)\n")
    assert extract.frame.select("nik", "nama_lgkp").row(0) == ("=A1&B1", "=SUM(A1:A2)")


def test_colon_as_separator(tmp_path: Path) -> None:
    extract = read_text(tmp_path, "\n".join([":".join(HEADERS), ":".join(PERSON)]))
    assert extract.frame.select(FIELDS).rows() == [tuple(PERSON[1:])]


def test_cells_beyond_the_header_are_counted(tmp_path: Path) -> None:
    rows = ["NIK;NAMA", "1;BUDI;LEBIH;LAGI", "2;SITI;", "3", '4;"ALI\nABU";LEBIH']
    source = read_text(tmp_path, "\n".join(rows)).sources[0]
    assert (source.rows, source.ragged_rows, source.surplus_cells) == (4, [2, 4, 5], 3)


def test_a_wrapped_name_is_one_name(tmp_path: Path) -> None:
    two = f'"{PERSON[2]}\n6212015604879001"'
    rows = [
        "NIK;NAMA;NAMA IBU",
        f'{PERSON[2]};"EDI\nSUPRAPTO";"NUR\r\nHAYATI"',
        f'{two};"SITI\nBUDI";X',
        f'{PERSON[2]};"1. SITI\n2. BUDI";X',
    ]
    extract = read_text(tmp_path, "\n".join(rows))
    assert names(extract) == ["EDI SUPRAPTO", "SITI\nBUDI", "1. SITI\n2. BUDI"]
    assert extract.frame["nama_lgkp_ibu"][0] == "NUR HAYATI"


WIDE_HEADER = "NIK,NAMA,TGL LAHIR,ALAMAT,RT,RW"


@pytest.mark.parametrize(
    ("lines", "niks", "told"),
    [
        pytest.param(['""6212014107809001"",ANI,,,,'], ["6212014107809001"], [2], id="quotes twice"),
        pytest.param(['6212014107809001",ANI,,,,'], ["6212014107809001"], [2], id="one behind"),
        pytest.param(['"6212014107809001,ANI,,,,'], ["6212014107809001"], [2], id="never closed"),
        pytest.param(
            ['"6212014107809001","ANI,,,,'], ["6212014107809001"], [2], id="another one never closed"
        ),
        pytest.param(['"6212014107809001"x,ANI,,,,'], ["6212014107809001x"], [2], id="more behind the quote"),
        pytest.param(['6212014107809001,MUH. "ALI",,,,'], ["6212014107809001"], [], id="a nickname"),
        pytest.param(['"6212014107809001","A ""B"", C",,"JL\nA",,'], ["6212014107809001"], [], id="sound"),
        pytest.param(
            ['"6212014107809001,ANI,,,,', '6212014107809002",BUDI,,,,', "6212014107809003,CITRA,,,,"],
            ["6212014107809001", "6212014107809002", "6212014107809003"],
            [2, 3],
            id="a record within a quote",
        ),
    ],
)
def test_quotes_that_do_not_enclose_cells_are_taken_off_and_told(
    lines: list[str], niks: list[str], told: list[int], tmp_path: Path
) -> None:
    extract = read_text(tmp_path, "\n".join([WIDE_HEADER, *lines]) + "\n")
    assert extract.frame["nik"].to_list() == niks
    assert extract.sources[0].misquoted_rows == told
    assert extract.sources[0].ragged_rows == []


def test_a_quote_over_records_of_few_columns_is_told(tmp_path: Path) -> None:
    """Of two or three columns a cell may hold as many separators; who reads run.json looks at the row."""
    lines = ["NIK,NAMA,ALAMAT", '"6212014107809001,ANI,JL A', '6212014107809002",BUDI,JL B', "3,CITRA,JL C"]
    source = read_text(tmp_path, "\n".join(lines) + "\n").sources[0]
    assert (source.rows, source.misquoted_rows) == (2, [2])
