"""Workbooks that would end the process, fill the memory or the disk: refused in one line, before they are unpacked."""

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from nikdedup.config import Config, LimitsConfig
from nikdedup.errors import InputError
from nikdedup.residents.read import bookguard
from nikdedup.residents.read.bookguard import check_book
from nikdedup.residents.read.extract import read

CASES = Path(__file__).parents[2] / "cases" / "attack"
DAMAGED = "a.xlsx: the workbook is damaged; open it in Excel and save it again"
ENTITIES = (
    "a.xlsx: a part of the workbook declares a document type or entities, which Excel never writes; "
    "open it in Excel and save it again"
)
SHEET = "xl/worksheets/sheet1.xml"
Parts = dict[str, bytes]


def parts(rows: int = 2) -> Parts:
    """Return the parts of a workbook of so many people."""
    book, file = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["NIK", "NAMA", "ALAMAT"])
    for i in range(rows):
        book.active.append([f"62120101079{9001 + i:05}", f"ALI {i}", None])
    book.save(file)
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def saved(folder: Path, content: Parts) -> Path:
    with zipfile.ZipFile(folder / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in content.items():
            archive.writestr(name, text)
    return folder / "a.xlsx"


def refusal(path: Path, **limits: int) -> str:
    with pytest.raises(InputError) as caught:
        read(path, config=Config(limits=LimitsConfig(**limits)))
    assert caught.value.__cause__ is None
    assert "\n" not in str(caught.value)
    return str(caught.value)


def outcome(path: Path) -> bool:
    """Say whether the two people were read, or the file was refused in one line."""
    try:
        return 1 <= len(read(path).frame) <= 2
    except InputError as fault:
        return "\n" not in str(fault)


def changed(name: str, old: bytes, new: bytes) -> Callable[[Parts], Parts]:
    def change(content: Parts) -> Parts:
        assert old in content[name]
        return content | {name: content[name].replace(old, new)}

    return change


def without(name: str) -> Callable[[Parts], Parts]:
    return lambda content: {key: text for key, text in content.items() if key != name}


@pytest.mark.parametrize("name", ["far_cell.xlsx", "far_row.xlsx"])
def test_a_cell_far_from_the_table(name: str) -> None:
    key = {"far_cell.xlsx": "sheet_cells (100,000,000)", "far_row.xlsx": "blank_cells (4,000,000)"}[name]
    width = {"far_cell.xlsx": 16_384, "far_row.xlsx": 26}[name]
    assert refusal(CASES / name) == (
        f"{name}: a sheet of 1,048,576 rows and {width:,} columns with 236 filled cells; "
        f"clear the cells far from the table, or raise limits.{key}"
    )


@pytest.mark.parametrize(
    "cell",
    [
        b'<c r="ZZ900000" t="n"><v>1</v></c>',
        b'<c r="zz900000" t="n"><v>1</v></c>',
        b'<c t="n" r="ZZ900000"><v>1</v></c>',
        b"<c  r='ZZ900000' t='n'><v>1</v></c>",
        b'<x:c xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" r="ZZ900000"><v>1</v></x:c>',
    ],
    ids=["usual", "small letters", "reference last", "single quotes", "prefix"],
)
def test_far_cells_however_they_are_written(
    cell: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for piece in (1 << 20, 64, 65, 67, 71):  # a tag may lie across the cut
        monkeypatch.setattr(bookguard, "PIECE", piece)
        path = saved(tmp_path, changed(SHEET, b"</row></sheetData>", cell + b"</row></sheetData>")(parts()))
        assert "900,000 rows and 702 columns" in refusal(path)


@pytest.mark.parametrize("reference", [b"M" * 4, b"M" * 50])
def test_a_column_that_no_sheet_has(reference: bytes, tmp_path: Path) -> None:
    cell = b'<c r="' + reference + b'2" t="n"><v>1</v></c>'
    path = saved(tmp_path, changed(SHEET, b"</row></sheetData>", cell + b"</row></sheetData>")(parts()))
    assert "the workbook is damaged" in refusal(path)


def test_formats_far_from_the_table_are_no_cells(tmp_path: Path) -> None:
    styled = b'<c r="XFD3" s="0"/></row><row r="1048576"><c r="A1048576" s="0"/></row></sheetData>'
    path = saved(tmp_path, changed(SHEET, b"</row></sheetData>", styled)(parts()))
    assert len(read(path).frame) == 2


@pytest.mark.parametrize("reference", [b"XFE3", b"ZZZZ5", b"A1048577"])
def test_a_cell_that_no_sheet_has(reference: bytes, tmp_path: Path) -> None:
    cell = b'<c r="' + reference + b'"><v>1</v></c></row></sheetData>'
    path = saved(tmp_path, changed(SHEET, b"</row></sheetData>", cell)(parts()))
    assert "the workbook is damaged" in refusal(path)


def test_most_cells_of_a_sheet(tmp_path: Path) -> None:
    assert (
        len(read(saved(tmp_path, parts(600)), config=Config(limits=LimitsConfig(sheet_cells=2_000))).frame)
        == 600
    )
    assert "raise limits.sheet_cells (1,000)" in refusal(saved(tmp_path, parts(600)), sheet_cells=1_000)


@pytest.fixture
def small_bombs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have bombs begin at a megabyte, so that tests need not make large ones."""
    monkeypatch.setattr(bookguard, "FREE", 1 << 20)


@pytest.mark.usefixtures("small_bombs")
@pytest.mark.parametrize("name", [SHEET, "xl/sharedStrings.xml", "xl/styles.xml", "xl/worksheets/other.xml"])
def test_a_bomb_of_spaces(name: str, tmp_path: Path) -> None:
    content = parts()
    content[name] = content.get(name, b"<worksheet>") + b" " * (3 << 20)
    assert refusal(saved(tmp_path, content)) == (
        "a.xlsx: packed contents of more than 100 times their size, as an extract never has; "
        "export it again, or raise limits.expansion"
    )


@pytest.mark.usefixtures("small_bombs")
def test_many_parts_that_are_no_bomb_each(tmp_path: Path) -> None:
    content = parts() | {f"xl/worksheets/more{i}.xml": b"<a>" + b" " * (1 << 19) + b"</a>" for i in range(20)}
    assert "packed contents" in refusal(saved(tmp_path, content))


def test_a_directory_that_tells_another_size(tmp_path: Path) -> None:
    raw = bytearray(saved(tmp_path, parts(500)).read_bytes())
    entry = raw.rfind(SHEET.encode()) - 46
    assert raw[entry : entry + 4] == b"PK\x01\x02"
    raw[entry + 24 : entry + 28] = (100).to_bytes(4, "little")
    (tmp_path / "a.xlsx").write_bytes(raw)
    assert refusal(tmp_path / "a.xlsx") == DAMAGED


def named_by_many_cells(content: Parts) -> Parts:
    """One text of a megabyte, and every cell names it."""
    text = b"<sst><si><t>" + b"A" * 900_000 + b"</t></si></sst>"
    cells = re.sub(rb't="inlineStr"><is>.*?</is>', b't="s"><v>0</v>', content[SHEET])
    return content | {"xl/sharedStrings.xml": text, SHEET: cells}


@pytest.mark.usefixtures("small_bombs")
def test_a_long_text_that_many_cells_name(tmp_path: Path) -> None:
    path = saved(tmp_path, named_by_many_cells(parts(300)))
    assert "packed contents" in refusal(path)
    assert "a cell of about 900,0" in refusal(path, cell_bytes=10_000)


@pytest.mark.usefixtures("small_bombs")
def test_a_long_text_that_one_cell_names(tmp_path: Path) -> None:
    content = named_by_many_cells(parts(300))
    texts = b"<sst>" + b"<si><t>A</t></si>" + b"<si><t>" + b"A" * 900_000 + b"</t></si></sst>"
    cells = content[SHEET].replace(b"<v>0</v></c></row></sheetData>", b"<v>1</v></c></row></sheetData>")
    path = saved(tmp_path, content | {"xl/sharedStrings.xml": texts, SHEET: cells})
    check_book(path, path.read_bytes(), LimitsConfig())


BILLION = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
CASES_OF_DAMAGE = [
    *(
        pytest.param(changed(name, b"<" + tag, BILLION + b"<" + tag), ENTITIES, id=f"entities in {name}")
        for name, tag in [
            ("xl/_rels/workbook.xml.rels", b"Relationships"),
            ("xl/workbook.xml", b"workbook"),
            (SHEET, b"worksheet"),
            ("xl/styles.xml", b"styleSheet"),
            ("[Content_Types].xml", b"Types"),
        ]
    ),
    pytest.param(without("xl/_rels/workbook.xml.rels"), DAMAGED, id="no relations"),
    pytest.param(without(SHEET), DAMAGED, id="no sheet"),
    pytest.param(
        changed("xl/_rels/workbook.xml.rels", b"</Rel", b"</Lef"), DAMAGED, id="relations are no XML"
    ),
    pytest.param(changed("xl/workbook.xml", b"<sheets>", b"<sheets>\0"), DAMAGED, id="NUL"),
    pytest.param(
        lambda c: c | {"xl/a.xml": '<?xml version="1.0"?><a/>'.encode("utf-16")}, DAMAGED, id="UTF-16"
    ),
    pytest.param(
        lambda c: c | {"xl/a.xml": b'<?xml version="1.0" encoding="cp037"?><a/>'}, DAMAGED, id="EBCDIC"
    ),
]


@pytest.mark.parametrize(("change", "message"), CASES_OF_DAMAGE)
def test_damaged_or_dangerous(change: Callable[[Parts], Parts], message: str, tmp_path: Path) -> None:
    assert refusal(saved(tmp_path, change(parts()))) == message


@pytest.mark.parametrize("number", [b"abc", b"-1", b"0", b"99999999999999999999", b"1048577", b"3.5", b""])
def test_a_row_whose_number_is_none(number: bytes, tmp_path: Path) -> None:
    path = saved(tmp_path, changed(SHEET, b'<row r="3"', b'<row hidden="1" r="' + number + b'"')(parts()))
    assert outcome(path)


@pytest.mark.parametrize("at", [6, 8, 10, 14])
def test_wrong_fields_of_the_zip_directory(at: int, tmp_path: Path) -> None:
    """Flags (encryption among them), way of packing, time, sum of check: each byte in turn all ones."""
    raw = bytearray(saved(tmp_path, parts()).read_bytes())
    entry = raw.rfind(SHEET.encode()) - 46
    raw[entry + at + 2] = 0xFF
    (tmp_path / "a.xlsx").write_bytes(raw)
    assert outcome(tmp_path / "a.xlsx")


def test_two_parts_of_one_name(tmp_path: Path) -> None:
    path = saved(tmp_path, parts())
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr(SHEET, b"<worksheet/>")
    assert refusal(path) == DAMAGED


def test_most_sheets(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for number in range(3):
        sheet = book.create_sheet(f"RT {number}")
        sheet.append(["NIK", "NAMA"])
        sheet.append([f"62120101079{9001 + number:05}", "ALI"])
    book.save(tmp_path / "a.xlsx")
    assert refusal(tmp_path / "a.xlsx", sheets=3) == (
        "a.xlsx: 4 sheets; at most 3 are allowed; part the workbook, or raise limits.sheets"
    )
    assert len(read(tmp_path / "a.xlsx", config=Config(limits=LimitsConfig(sheets=4))).frame) == 3


def test_two_sheets_of_one_part(tmp_path: Path) -> None:
    sheet = re.search(rb"<sheet [^>]*/>", parts()["xl/workbook.xml"])
    assert sheet is not None
    again = sheet[0].replace(b'name="Sheet"', b'name="Again"').replace(b'sheetId="1"', b'sheetId="2"')
    change = changed("xl/workbook.xml", sheet[0], sheet[0] + again)
    assert refusal(saved(tmp_path, change(parts()))) == DAMAGED


def test_a_sound_workbook_is_looked_through_without_a_word(tmp_path: Path) -> None:
    path = saved(tmp_path, parts(50))
    check_book(path, path.read_bytes(), LimitsConfig())
    assert len(read(path).frame) == 50
