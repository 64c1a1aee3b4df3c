"""A workbook cleaned to a workbook: only cells that change are written anew, all else is as it was."""

import base64
import io
import re
import shutil
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import polars as pl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.cell.rich_text import CellRichText

import nikdedup
from nikdedup.show.workbook_edit import LEFT, PUT, SAME, Edit, _worked_out_anew, edit_workbook

CASES = Path(__file__).parents[1] / "cases" / "clean"
TODAY = "2026-06-30"
NIKS = ["6212014107609001", "6212010107809005", "6212011705209003", "6212015604879001"]
CARD = "6212010905109001"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def office_workbook(path, **options):
    """Write a workbook as an office keeps one: titles, merged cells, formulas, lists, pictures, a chart."""
    book = xlsxwriter.Workbook(path, options)
    sheet = book.add_worksheet("BERIWIT")
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    red = book.add_format({"font_color": "red", "bold": True, "border": 1})
    sheet.merge_range("B1:H1", "DAFTAR PENDUDUK DESA BERIWIT", red)
    sheet.write_row("B3", ["NO KK", "NIK", "NAMA", "TGL LAHIR", "JK", "RT", "UMUR", "KET"], red)
    sheet.merge_range("B4:B5", f"'{CARD}", red)
    sheet.write("B6", CARD)
    people = [
        (f"'{NIKS[0]}", "SITI  AMINAH", datetime(1960, 7, 1), "P", 1, "=1+1"),
        (int(NIKS[1]), "RUSLAN ALI", "1 Juli 1980", "LK", 2, "-"),
        (NIKS[2], "ABDUL RAHMAN", 29402, "LK", 3, None),
    ]
    for row, (nik, name, born, sex, rt, note) in enumerate(people, 3):
        sheet.write(row, 2, nik, red)
        sheet.write(row, 3, name, red)
        sheet.write(row, 4, born, day if isinstance(born, datetime) else None)
        sheet.write(row, 5, sex)
        sheet.write(row, 6, rt)
        sheet.write_formula(row, 7, f"=2026-YEAR(E{row + 1})", None, 66)
        sheet.write_string(row, 8, note) if note else None
    sheet.write_formula("D7", "=UPPER(D6)", red, "abdul  rahman")
    sheet.write("C7", NIKS[3])
    sheet.write("B8", "JUMLAH")
    sheet.write_formula("C8", "=COUNTA(C4:C7)", None, 4)
    sheet.set_row(5, 30, None, {"hidden": True})
    sheet.set_column("C:C", 25, None, {"hidden": True})
    sheet.data_validation("F4:F7", {"validate": "list", "source": ["LK", "PR"]})
    sheet.conditional_format("G4:G7", {"type": "cell", "criteria": ">", "value": 1, "format": red})
    sheet.insert_image("K2", "logo.png", {"image_data": io.BytesIO(PNG)})
    sheet.insert_textbox("K8", "tanda tangan")
    sheet.write_comment("D4", "periksa lagi")
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=BERIWIT!$G$4:$G$6"})
    sheet.insert_chart("K12", chart)
    sheet.freeze_panes(3, 0)
    sheet.autofilter("B3:I7")
    recap = book.add_worksheet("REKAP")
    recap.write_row("A1", ["DESA", "JUMLAH"])
    recap.write("A2", "BERIWIT  ")
    recap.write_formula("B2", '=COUNTIF(BERIWIT!F4:F7,"LK")', None, 2)
    recap.hide()
    book.define_name("orang", "=BERIWIT!$D$4:$D$7")
    book.close()
    return path


def look(cell):
    styles = (cell.font, cell.fill, cell.border, cell.alignment, cell.protection)
    return (cell.value, cell.data_type, cell.number_format, cell.quotePrefix, *map(repr, styles))


def differences(before, after):
    """Return sheet and coordinate -> the cell after, of all cells that differ; the rest of each sheet must not."""
    one, two = (openpyxl.load_workbook(path) for path in (before, after))
    assert (one.sheetnames, one.epoch) == (two.sheetnames, two.epoch)
    found = {}
    for old, new in zip(one.worksheets, two.worksheets, strict=True):
        assert old.dimensions == new.dimensions
        for rows in zip(old.iter_rows(), new.iter_rows(), strict=True):
            for was, now in zip(*rows, strict=True):
                if look(was) != look(now):
                    found[f"{old.title} {now.coordinate}"] = now
    old_parts, new_parts = parts(before), parts(after)
    assert list(old_parts) == list(new_parts)
    cell = re.compile(rb"<c [^>]*?(?:/>|>.*?</c>)", re.DOTALL)
    for name in old_parts:
        if name.startswith("xl/worksheets/sheet"):
            assert cell.sub(b"", old_parts[name]) == cell.sub(b"", new_parts[name])
        elif name != "xl/styles.xml":
            assert old_parts[name] == new_parts[name], name
    return found


def parts(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_only_cells_that_change_are_written_anew(tmp_path):
    given_, out = office_workbook(tmp_path / "desa.xlsx"), tmp_path / "bersih.xlsx"
    found = nikdedup.clean(given_, out, reference_date=TODAY)
    changed = differences(given_, out)
    assert {place: cell.value for place, cell in changed.items()} == {
        "BERIWIT B4": CARD,
        "BERIWIT C4": NIKS[0],
        "BERIWIT D4": "SITI AMINAH",
        "BERIWIT F4": "PR",
        "BERIWIT I4": "=1+1",
        "BERIWIT C5": NIKS[1],
        "BERIWIT E5": "01-07-1980",
        "BERIWIT E6": datetime(1980, 6, 30),
    }
    assert {changed[f"BERIWIT {c}"].number_format for c in ("B4", "C4", "C5")} == {"@"}
    assert changed["BERIWIT E6"].number_format == "dd/mm/yyyy"
    assert changed["BERIWIT C4"].font.color.rgb == "FFFF0000"
    assert changed["BERIWIT I4"].quotePrefix
    assert changed["BERIWIT I4"].data_type == "s"
    told = found.changes.filter("applied").select("source_sheet", "source_row", "column", "reason")
    assert told.rows() == [
        ("BERIWIT", 4, "NO KK", "id_separators"),
        ("BERIWIT", 4, "NIK", "id_separators"),
        ("BERIWIT", 4, "NAMA", "spaces"),
        ("BERIWIT", 4, "JK", "spelling"),
        ("BERIWIT", 4, "KET", "formula"),
        ("BERIWIT", 5, "NIK", "number_to_text"),
        ("BERIWIT", 5, "TGL LAHIR", "date_format"),
        ("BERIWIT", 6, "TGL LAHIR", "date_format"),
    ]


def test_what_no_library_keeps_is_kept(tmp_path):
    given_, out = office_workbook(tmp_path / "desa.xlsx"), tmp_path / "bersih.xlsx"
    nikdedup.clean(given_, out, reference_date=TODAY)
    before, after = parts(given_), parts(out)
    assert {name for name in before if before[name] != after[name]} == {
        "xl/worksheets/sheet1.xml",
        "xl/styles.xml",
    }
    assert {name.split("/")[1] for name in after if "/" in name} >= {
        "media",
        "charts",
        "drawings",
        "comments1.xml",
    }
    assert b'fullCalcOnLoad="1"' in after["xl/workbook.xml"]
    values = openpyxl.load_workbook(out, data_only=True)
    assert [values["BERIWIT"][f"H{row}"].value for row in (4, 5, 6)] == [66] * 3
    assert values["REKAP"]["B2"].value == 2


def test_a_formula_is_never_replaced(tmp_path):
    given_, out = office_workbook(tmp_path / "desa.xlsx"), tmp_path / "bersih.xlsx"
    found = nikdedup.clean(given_, out, reference_date=TODAY)
    assert openpyxl.load_workbook(out)["BERIWIT"]["D7"].value == "=UPPER(D6)"
    left = found.changes.filter(source_row=7, column="NAMA")
    assert left.select("reason", "certain", "applied").rows() == [("spaces", True, False)]
    listed = openpyxl.load_workbook(tmp_path / "bersih.changes.xlsx").active
    assert [row[8].value for row in listed.iter_rows() if (row[2].value, row[3].value) == (7, "NAMA")] == [
        "Tidak ditulis (rumus)"
    ]


def test_cleaning_a_clean_workbook_gives_the_same_bytes(tmp_path):
    first, second = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    nikdedup.clean(office_workbook(tmp_path / "desa.xlsx"), first, reference_date=TODAY)
    again = nikdedup.clean(first, second, reference_date=TODAY)
    assert not again.changes["applied"].any()
    assert parts(first) == parts(second)


def test_dates_of_a_1904_workbook_keep_their_day(tmp_path):
    given_, out = office_workbook(tmp_path / "mac.xlsx", date_1904=True), tmp_path / "bersih.xlsx"
    nikdedup.clean(given_, out, reference_date=TODAY, apply="all")
    one, two = (openpyxl.load_workbook(path)["BERIWIT"] for path in (given_, out))
    assert one["E4"].value == two["E4"].value == datetime(1960, 7, 1)
    serial = two["E6"]
    if isinstance(serial.value, datetime):  # shown as the day that Excel itself shows for the number
        assert serial.value == openpyxl.utils.datetime.from_excel(
            29402, openpyxl.utils.datetime.CALENDAR_MAC_1904
        )
    else:
        assert serial.value == 29402


@pytest.mark.parametrize("name", ["52.xlsx", "54.xlsm", "60.xlsx", "63.xlsx", "A2.xlsx"])
def test_workbooks_of_the_field(name, tmp_path):
    out = tmp_path / name
    found = nikdedup.clean(CASES / name, out, reference_date=TODAY)
    applied = found.changes.filter("applied")
    changed = differences(CASES / name, out)
    assert len(changed) == len(applied)
    assert set(changed) == {
        f"{sheet} {openpyxl.utils.get_column_letter(column)}{row}"
        for sheet, row, column in (
            (line["source_sheet"], line["source_row"], header_column(CASES / name, line))
            for line in applied.rows(named=True)
        )
    }
    assert not any("rows" in reason for reason in applied["reason"])


def header_column(path, line):
    sheet = openpyxl.load_workbook(path)[line["source_sheet"]]
    for row in sheet.iter_rows(max_row=10):
        for cell in row:
            if cell.value == line["column"]:
                return cell.column
    raise AssertionError(line["column"])


def test_macros_stay_in_a_workbook_that_may_hold_them(tmp_path):
    given_ = tmp_path / "dengan_macro.xlsm"
    shutil.copy(CASES / "54.xlsm", given_)
    with zipfile.ZipFile(given_, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 a macro")
    nikdedup.clean(given_, tmp_path / "bersih.xlsm", reference_date=TODAY)
    assert parts(tmp_path / "bersih.xlsm")["xl/vbaProject.bin"] == b"\xd0\xcf\x11\xe0 a macro"
    with pytest.raises(nikdedup.InputError, match=r"allowed are \.xlsm, \.parquet, \.csv"):
        nikdedup.clean(given_, tmp_path / "bersih.xlsx")
    with pytest.raises(nikdedup.InputError, match=r"b\.xlsm: allowed are"):
        nikdedup.clean(CASES / "60.xlsx", tmp_path / "b.xlsm")


def test_mixed_dates_and_sexes(tmp_path):
    name = "two_row_header_mixed_dates.xlsx"
    nikdedup.clean(CASES / name, tmp_path / name, reference_date=TODAY)
    sheet = openpyxl.load_workbook(tmp_path / name).active
    came = openpyxl.load_workbook(CASES / name).active
    assert {cell.value for cell in sheet["F"][2:]} == {"L", "P"}
    dates = [(old, new) for old, new in zip(came["E"][2:], sheet["E"][2:], strict=True)]
    assert all(new.is_date for old, new in dates if old.is_date or isinstance(old.value, int))
    texts = [new.value for _, new in dates if not new.is_date]
    short = [text for text in texts if len(text) == 8]
    assert len(short) == 4  # 1901 or 2001: proposed
    assert all(datetime.strptime(text, "%d-%m-%Y") for text in texts if text not in short)
    assert sheet.max_row == came.max_row


def test_several_sheets_to_one_table_keep_the_name_of_the_sheet(tmp_path):
    out = tmp_path / "semua.csv"
    found = nikdedup.clean(CASES / "per_desa_ttl.xlsx", out, reference_date=TODAY)
    table = pl.read_csv(out, infer_schema=False)
    assert table["source_sheet"].n_unique() == 5
    assert "source_file" not in table.columns
    assert table["source_sheet"].unique(maintain_order=True).to_list()[:2] == ["BERIWIT", "BAHITOM"]
    assert set(found.changes["reason"]) >= {"row_title", "row_blank"}
    again = nikdedup.clean(out, tmp_path / "lagi.csv", reference_date=TODAY)
    assert not again.changes["applied"].any()


def test_rich_text_and_gaps(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append([None, None, "NIK", "NAMA", "TGL LAHIR"])
    sheet.append([None, None, f"'{NIKS[0]}", CellRichText("SITI  ", "AMINAH"), None])
    sheet["D2"] = CellRichText(
        "SITI  ", openpyxl.cell.rich_text.TextBlock(openpyxl.cell.text.InlineFont(b=True), "A")
    )
    book.save(tmp_path / "a.xlsx")
    found = nikdedup.clean(tmp_path / "a.xlsx", tmp_path / "b.xlsx", reference_date=TODAY, apply="all")
    assert {
        place: cell.value for place, cell in differences(tmp_path / "a.xlsx", tmp_path / "b.xlsx").items()
    } == {
        "Sheet C2": NIKS[0],
        "Sheet E2": "01-07-1960",
    }
    told = dict(found.changes.select("column", "applied").iter_rows())
    assert told == {"NIK": True, "NAMA": False, "TGL LAHIR": True}


@pytest.mark.parametrize(
    ("xml", "after"),
    [
        (b'<w><sheets/><calcPr calcId="1"/></w>', b'<w><sheets/><calcPr calcId="1" fullCalcOnLoad="1"/></w>'),
        (
            b'<w><sheets></sheets><calcPr fullCalcOnLoad="0"></calcPr></w>',
            b'<w><sheets></sheets><calcPr fullCalcOnLoad="1"></calcPr></w>',
        ),
        (
            b"<x:w><x:sheets></x:sheets><x:definedNames></x:definedNames></x:w>",
            b"<x:w><x:sheets></x:sheets><x:definedNames></x:definedNames>"
            b'<x:calcPr fullCalcOnLoad="1"/></x:w>',
        ),
    ],
)
def test_formulas_are_worked_out_anew(xml, after):
    assert _worked_out_anew(xml) == after


def test_a_cell_that_holds_something_else_is_left():
    book = openpyxl.Workbook()
    book.active.append(["NIK", "A"])
    book.active.append([NIKS[0], "x"])
    memory = io.BytesIO()
    book.save(memory)
    edits = [
        Edit(2, 0, NIKS[1], NIKS[2], "id"),
        Edit(2, 1, "x", "x", "text"),
        Edit(2, 1, "x", "y", "text"),
        Edit(9, 1, "x", "y", "text"),
    ]
    done = edit_workbook(memory.getvalue(), {"Sheet": edits[:2], "TIADA": edits[:1]})
    assert done.outcomes == {"Sheet": [LEFT, SAME], "TIADA": [LEFT]}
    assert done.parts == {}
    assert edit_workbook(memory.getvalue(), {"Sheet": edits[2:]}).outcomes["Sheet"] == [PUT, LEFT]


texts = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")) | st.sampled_from(list("<>&\"'\n_ x00")),
    max_size=30,
)


@given(
    cells=st.lists(
        st.tuples(texts, st.integers(0, 10**9), st.dates(date(1901, 1, 1), date(2099, 1, 1))),
        min_size=1,
        max_size=8,
    ),
    after=texts.filter(str.strip),
    data=st.data(),
)
@settings(max_examples=25, deadline=None)
def test_any_text_can_be_put_in_any_workbook(cells, after, data):
    book = openpyxl.Workbook()
    for row in cells:
        book.active.append(list(row))
    memory = io.BytesIO()
    book.save(memory)
    row = data.draw(st.integers(1, len(cells)))
    before = cells[row - 1][0]
    raw = memory.getvalue()
    done = edit_workbook(raw, {"Sheet": [Edit(row, 0, before, after, "text")]})
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as source, zipfile.ZipFile(written, "w") as target:
        for name in source.namelist():
            target.writestr(name, done.parts.get(name, source.read(name)))
    shift = 0 if any(text for text, *_ in cells) else 1
    sheet = openpyxl.load_workbook(written).active
    if not shift and done.outcomes["Sheet"] == [PUT]:
        assert sheet.cell(row, 1).value == after
    for i, cell_row in enumerate(sheet.iter_rows(values_only=True), 1):
        assert cell_row[1] == cells[i - 1][1]
        assert cell_row[2].date() == cells[i - 1][2]
