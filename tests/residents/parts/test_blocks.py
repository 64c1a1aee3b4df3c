"""A CSV file read block by block gives the records, places and remarks of the file read as a whole."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nikdedup import Config, InputError, read
from nikdedup.columnar.spill import InFolder, InMemory
from nikdedup.residents.parts import blocks
from nikdedup.residents.parts.blocks import put_in_blocks
from nikdedup.residents.parts.slices import read_slice, slices_of
from nikdedup.residents.read import Extract, csvblocks, expand, inputs
from tests.residents.parts.cutting import looked_at

HEADER = "NO;NIK;NAMA;NO KK;TMPT LAHIR;TGL LAHIR;ALAMAT"
SAID = ("mapping", "unmapped", "skipped", "sources", "fingerprint", "how", "unused")


def person(number: int) -> str:
    nik = 6212010107909001 + number % 900
    card = 6212010905109001 + number // 2
    return f"{number};{nik};SITI AMINAH;{card};PURUK CAHU;01-07-1990;JL MERDEKA {number}"


LINES = {
    "person": person,
    "quoted over lines": lambda n: person(n).replace("JL", '"JL\nGG ""3"";\n\n') + '"',
    "quote that never ends": lambda n: person(n).replace("JL", '"JL'),
    "quote inside": lambda n: person(n).replace("AMINAH", '"NUR"'),
    "a cell too many": lambda n: person(n) + ";LEBIH",
    "cells too few": lambda n: ";".join(person(n).split(";")[:4]),
    "rest of a name": lambda _: ";;BINTI ABDULLAH;;;;",
    "rest of an address": lambda _: ";;;;;;RT 3 RW 4",
    "no NIK": lambda n: f"{n};;BAYI NY SITI;;;;",
    "lone word": lambda _: ";;SUHARTO;;;;",
    "village": lambda n: f"DESA MUARA JOLOI {'I' * (n % 3 + 1)};;;;;;",
    "kecamatan": lambda _: "KECAMATAN SERIBU RIAM;;;;;;",
    "total": lambda _: "JUMLAH;;;125;;;",
    "signature": lambda _: ";;Mengetahui,;;;;",
    "header": lambda _: HEADER,
    "blank": lambda _: ";;;;;;",
    "nothing": lambda _: "",
    "formula": lambda n: person(n).replace("6212010107", '="6212010107', 1).replace(";SITI", '";SITI', 1),
}
CARDS_STAND_TWICE = [person(2), person(3)]


def records_of(path: Path, most: int, folder: Path) -> tuple[pl.DataFrame, Extract]:
    """Return the records of a file that is read in parts, and what is said of them."""
    found = looked_at(path, InFolder(folder), most)
    frames = [
        read_slice(one, Config(), InFolder(folder), first_row=first, fields=found.fields)
        for one, first in zip(found.slices, found.first_rows, strict=True)
        if one.rows
    ]
    return pl.concat(frames), found.extract


def check(path: Path, most: int, folder: Path) -> None:
    whole = read(path)
    frame, extract = records_of(path, most, folder)
    assert frame.equals(whole.frame)
    for name in SAID:
        assert getattr(extract, name) == getattr(whole, name), name


def in_blocks(path: Path, most: int) -> int:
    """Return in how many blocks a file is put on a shelf; 0 where it is read as a whole."""
    tables = csvblocks.csv_blocks(path, Config(), lines=most)
    found = None if tables is None else put_in_blocks(0, tables, Config(), InMemory(), first=0)
    return 0 if found is None else len(found.parts)


@pytest.fixture(autouse=True)
def few_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "LOOKED_AT", 2)
    monkeypatch.setattr("nikdedup.residents.read.contents.LOOKED_AT", 2)


@settings(max_examples=80)
@given(
    kinds=st.lists(st.sampled_from([*LINES, "person", "person"]), min_size=1, max_size=30),
    most=st.integers(2, 9),
    title=st.sampled_from(["", "DAFTAR PENDUDUK DESA BERIWIT\n;;\n"]),
    ends=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]),
    last=st.booleans(),
)
def test_blocks_are_the_whole(
    kinds: list[str], most: int, title: str, ends: str, encoding: str, last: bool
) -> None:
    lines = [LINES[kind](4 + number) for number, kind in enumerate(kinds)]
    lines = [*CARDS_STAND_TWICE, *lines, person(900).replace("AMINAH", "NÉ")]
    text = title + "\n".join([HEADER, *lines]) + "\n" * last
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes(text.replace("\n", ends).encode(encoding))
        check(path, most, Path(folder))


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def written(*lines: str, encoding: str = "utf-8", ends: str = "\n", header: str = HEADER) -> Path:
        path = tmp_path / "a.csv"
        path.write_bytes((ends.join([header, *lines]) + ends).encode(encoding))
        return path

    return written


def test_no_cut_is_inside_a_quoted_cell(write: Any, tmp_path: Path) -> None:
    """Every line of the file is tried as the place of a cut; the line inside the quotes looks like a resident."""
    odd = person(7).replace("JL", f'"JL\n{person(8)}\n') + '"'
    path = write(*CARDS_STAND_TWICE, *map(person, range(4, 7)), odd, *map(person, range(9, 14)))
    assert read(path).frame.height == 11
    for most in range(1, 14):
        assert in_blocks(path, most) > (most < 5)
        check(path, most, tmp_path)


@pytest.mark.parametrize(
    "behind",
    [
        ["rest of a name"],
        ["rest of an address", "person"],
        ["total", "lone word", "lone word"],
        ["signature", "lone word", "blank", "lone word", "person"],
        ["village", "person", "person", "person", "person"],
        ["kecamatan", "village", "person", "village", "person", "kecamatan", "person", "person"],
    ],
    ids=" ".join,
)
def test_what_rows_around_say_goes_over_the_cut(behind: list[str], write: Any, tmp_path: Path) -> None:
    lines = [LINES[kind](20 + number) for number, kind in enumerate(behind)]
    path = write(*CARDS_STAND_TWICE, *map(person, range(4, 7)), *lines)
    for most in range(1, 12):
        check(path, most, tmp_path)
    assert in_blocks(path, 2) > 1


def test_a_village_holds_until_the_next_one(write: Any, tmp_path: Path) -> None:
    path = write(*CARDS_STAND_TWICE, "DESA BERIWIT;;;;;;", *map(person, range(4, 14)))
    frame, extract = records_of(path, 3, tmp_path)
    assert frame["kel_name"].to_list() == [None] * 2 + ["BERIWIT"] * 10
    assert extract.how["kel_name"] == ["group_row"]


def test_a_title_is_told_from_group_rows_of_later_blocks(write: Any, tmp_path: Path) -> None:
    path = write(
        *CARDS_STAND_TWICE,
        *map(person, range(4, 9)),
        "DESA BERIWIT;;;;;;",
        person(9),
        header=f"DESA BAHITOM\n{HEADER}",
    )
    check(path, 3, tmp_path)
    assert read(path).how["kel_name"] == ["group_row"]


def test_cards_of_heads_alone_are_carried_over_the_whole_file(write: Any, tmp_path: Path) -> None:
    header = f"{HEADER};HUBUNGAN"
    families = []
    for number in range(0, 24, 2):
        member = person(number + 1).split(";")
        families += [person(number) + ";KEPALA KELUARGA", ";".join([*member[:3], "", *member[4:]]) + ";ANAK"]
    path = write(*families, header=header)
    assert read(path).frame["no_kk"].null_count() == 0
    assert in_blocks(path, 5) == 0
    asked: list[Path] = []
    slices_of(expand(path), Config(), InMemory(), most=5, whole=asked.append)
    assert asked == [path]
    check(path, 5, tmp_path)


@pytest.mark.parametrize(("encoding", "ends"), [("utf-16", "\n"), ("utf-8", "\r")], ids=["UTF-16", "CR"])
def test_what_cannot_be_cut_is_read_as_a_whole(encoding: str, ends: str, write: Any, tmp_path: Path) -> None:
    path = write(*CARDS_STAND_TWICE, *map(person, range(4, 14)), encoding=encoding, ends=ends)
    assert in_blocks(path, 3) == 0
    check(path, 3, tmp_path)


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["LF", "CR LF"])
def test_pieces_of_any_size_are_the_same_lines(
    ends: str, write: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(*CARDS_STAND_TWICE, *map(person, range(4, 14)), LINES["quoted over lines"](14), ends=ends)
    for size in (1, 64, 200):
        monkeypatch.setattr(csvblocks, "PIECE", size)
        check(path, 3, tmp_path)


def test_blocks_are_not_all_held(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second part lies on the shelf before the end of the file is read."""
    path = write(*CARDS_STAND_TWICE, *map(person, range(4, 900)))
    monkeypatch.setattr(csvblocks, "PIECE", 1_000)
    read_bytes, put, at_second = [0], [0], [0]

    def counted(path: Path, size: int) -> Any:
        for piece in inputs.pieces_of(path, size):
            read_bytes[0] += len(piece)
            yield piece

    class Watched(InMemory):
        def put_table(self, name: str, part: int, table: pl.DataFrame) -> None:
            put[0] += 1
            at_second[0] = read_bytes[0] if put[0] == 2 else at_second[0]
            super().put_table(name, part, table)

    monkeypatch.setattr(csvblocks, "pieces_of", counted)
    slices_of(expand(path), Config(), Watched(), most=20)
    size = path.stat().st_size
    assert read_bytes[0] > 2 * size  # looked over, and read
    assert at_second[0] < size * 2 + size / 3


def test_a_file_that_changes_meanwhile_is_refused(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(*CARDS_STAND_TWICE, *map(person, range(4, 90)))
    shaped = blocks.shape

    def changing(*given: Any, **named: Any) -> Any:
        path.write_text(HEADER)
        return shaped(*given, **named)

    monkeypatch.setattr(blocks, "shape", changing)
    with pytest.raises(InputError, match=r"a\.csv: was changed while it was read; run again"):
        slices_of(expand(path), Config(), InMemory(), most=3)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "is empty"),
        (b" \n \n", "is empty"),
        (b"NIK;NAMA\n1;A\0B\n", "NUL bytes"),
        (b"PK\x03\x04\n", "an Excel workbook inside"),
        (b"NIK;NAMA\n1;\x81\n", "no known encoding"),
        (b"NIK;ALAMAT\n1;2\n", "name"),
        (b"x^;NIK;NAMA\n", "damaged"),
    ],
    ids=["empty", "blank", "NUL", "workbook", "encoding", "no name", "packed"],
)
def test_a_fault_is_said_as_of_the_whole(content: bytes, fault: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    said = []
    for reading in (read, lambda path: slices_of(expand(path), Config(), InMemory(), most=3)):
        with pytest.raises(InputError, match=fault) as raised:
            reading(tmp_path / "a.csv")
        said.append(str(raised.value))
    assert said[0] == said[1]


def test_a_record_is_told_whole_below_a_long_title(
    write: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csvblocks, "PIECE", 64)
    long = person(4).replace("JL", '"JL\n' + "GG\n" * 45) + '"'
    path = write(*CARDS_STAND_TWICE, long, person(5), header="\n".join([*["DAFTAR PENDUDUK"] * 55, HEADER]))
    assert read(path).frame.height == 4
    check(path, 3, tmp_path)
