"""decisions.xlsx: columns of the contract, text ids, no formulas, ready to filter, tick and print."""

from __future__ import annotations

import os
import re
import stat
from datetime import date, datetime
from zipfile import ZipFile

import openpyxl
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nikdedup import schema
from nikdedup.errors import InputError
from nikdedup.show import decision_sheets, workbook
from nikdedup.show.decision_sheets import WIDTHS, sheet_table
from nikdedup.show.differing import differing
from nikdedup.show.workbook import write_workbook
from nikdedup.show.xlsx_rows import Shape, _inside, _sheet, _text, escaped
from tests.show.conftest import decision

HEADERS = [
    "NIK", "NO. KK", "NAMA LENGKAP", "L/P", "TGL LAHIR", "NAMA IBU", "KECAMATAN", "DESA/KEL", "RT/RW",
    "STATUS REKAM", "NOMOR DATA", "BARIS SUMBER", "TINDAKAN", "BEDA DENGAN PASANGAN", "ALASAN", "KETERANGAN",
]  # fmt: skip


def written(tmp_path, decisions, residents, **options):
    path = tmp_path / "decisions.xlsx"
    write_workbook(path, decisions, residents, **options)
    return openpyxl.load_workbook(path)


def lists(book):
    """Return the sheets of decisions, without that of totals."""
    return [sheet for sheet in book if sheet.title not in ("RINGKASAN", "SUMMARY")]


def rows_of(sheet):
    header, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_sheets_by_action_in_the_order_of_work_with_contract_columns(tmp_path, decisions, residents):
    book = written(tmp_path, decisions, residents)
    assert book.sheetnames == ["USULAN NONAKTIF", "VERIFIKASI DESA", "TETAP DIPAKAI", "RINGKASAN"]
    for sheet in lists(book):
        assert [cell.value for cell in sheet[1]][: len(HEADERS)] == HEADERS


def test_every_decision_is_there_once_and_no_other_resident(tmp_path, decisions, residents):
    book = written(tmp_path, decisions, residents)
    niks = [row["NIK"] for sheet in lists(book) for row in rows_of(sheet)]
    expected = residents.filter(pl.col("row").is_in([0, 1, 2, 3]))["nik"]
    assert sorted(niks) == sorted(expected)


def test_values_of_one_line(tmp_path, decisions, residents):
    line = rows_of(written(tmp_path, decisions, residents)["TETAP DIPAKAI"])[0]
    assert line["NIK"] == "6212014107609001"
    assert line["TGL LAHIR"] == datetime(1960, 7, 1)
    assert (line["KECAMATAN"], line["DESA/KEL"], line["RT/RW"]) == ("MURUNG", "BERIWIT", "001/002")
    assert line["STATUS REKAM"] == "BIO_CAPTURED"
    assert (line["NOMOR DATA"], line["BARIS SUMBER"]) == (0, "murung_raya.xlsx:Murung:3")
    assert line["BEDA DENGAN PASANGAN"] == (
        "NIK, No. KK, RT, kecamatan atau desa, status rekam; kosong di salah satu: RW"
    )
    assert line["KETERANGAN"] is None
    assert (line["NOMOR PASANGAN"], line["NIK PASANGAN"]) == (1, "6212024107609001")
    assert line["BARIS PASANGAN"] == "murung_raya.xlsx:Murung:4"
    assert (line["KASUS"], line["ID KEPUTUSAN"]) == ("c0", "d0")
    assert "ID DATA" not in line, "the record ids of this run are its rows"


def test_ids_are_text_cells(tmp_path, decisions, residents):
    sheet = written(tmp_path, decisions, residents)["TETAP DIPAKAI"]
    for column in (1, 2):
        cell = sheet.cell(2, column)
        assert (cell.data_type, cell.number_format) == ("s", "@")
    assert sheet.cell(2, 5).number_format == "dd-mm-yyyy"


def test_the_number_that_explain_takes_is_a_number(tmp_path, decisions, residents):
    sheet = written(tmp_path, decisions, residents)["TETAP DIPAKAI"]
    for title in ("NOMOR DATA", "NOMOR PASANGAN"):
        [cell] = [below for head, below in zip(sheet[1], sheet[2], strict=True) if head.value == title]
        assert (cell.data_type, cell.number_format) == ("n", "0")


def test_records_of_a_case_stand_together_and_are_parted_by_a_line(tmp_path, decisions, residents):
    """Row 0 and 4 are a case across two kecamatan, 1 and 3 another; the walk alone goes 4, 3, 0, 1."""
    cases = {0: "c0", 1: "c1", 3: "c1", 4: "c0"}
    lines = [decision(row, "verify", case_id=case, other_row=None) for row, case in cases.items()]
    table = pl.DataFrame(lines, schema=schema.DECISIONS)
    sheet = written(tmp_path, table, residents)["VERIFIKASI DESA"]
    assert [row["NOMOR DATA"] for row in rows_of(sheet)] == [4, 0, 3, 1]
    assert {row["BEDA DENGAN PASANGAN"] for row in rows_of(sheet)} == {None}, (
        "no counterpart, nothing to tell"
    )
    [(area, [rule])] = [(str(one.sqref), one.rules) for one in sheet.conditional_formatting]
    case = next(cell.column_letter for cell in sheet[1] if cell.value == "KASUS")
    assert (area, rule.formula) == ("A2:V5", [f"${case}2<>${case}1"])
    assert rule.dxf.border.top.style == "thin"


def test_every_other_case_stands_in_a_band_of_colour(tmp_path, decisions, residents):
    cases = {0: "c0", 1: "c1", 2: "c2", 3: "c1", 4: "c0"}
    lines = [decision(row, "verify", case_id=case, other_row=None) for row, case in cases.items()]
    sheet = written(tmp_path, pl.DataFrame(lines, schema=schema.DECISIONS), residents)["VERIFIKASI DESA"]
    case = next(cell.column for cell in sheet[1] if cell.value == "KASUS")
    colours = {}
    for row in sheet.iter_rows(min_row=2):
        assert (
            len(
                {
                    cell.fill.bgColor.rgb if cell.fill.fill_type is None else cell.fill.fgColor.rgb
                    for cell in row
                }
            )
            == 1
        )
        colours.setdefault(row[case - 1].value, set()).add(row[0].fill.fill_type)
    assert [*colours.values()] == [{None}, {"solid"}, {None}]


def test_what_differs_from_the_counterpart_is_bold_and_nothing_else(tmp_path, decisions, residents):
    sheet = written(tmp_path, decisions, residents)["TETAP DIPAKAI"]
    bold = {head.value for head, cell in zip(sheet[1], sheet[2], strict=True) if cell.font.bold}
    assert bold == {"NIK", "NO. KK", "KECAMATAN", "DESA/KEL", "RT/RW", "STATUS REKAM"}
    alone = decisions.with_columns(other_row=pl.lit(None, pl.Int64))
    for one in lists(written(tmp_path, alone, residents)):
        assert not any(cell.font.bold for row in one.iter_rows(min_row=2) for cell in row)


def test_a_sheet_can_be_filtered_by_kecamatan_and_desa(tmp_path, decisions, residents):
    for sheet in lists(written(tmp_path, decisions, residents)):
        assert {"KECAMATAN", "DESA/KEL"} <= {cell.value for cell in sheet[1]}
        assert sheet.auto_filter.ref == sheet.dimensions


@pytest.mark.parametrize(
    ("lang", "name", "total"), [("id", "RINGKASAN", "Jumlah"), ("en", "SUMMARY", "Total")]
)
def test_the_last_sheet_adds_up_and_says_what_colours_mean(tmp_path, decisions, residents, lang, name, total):
    book = written(tmp_path, decisions, residents, lang=lang)
    assert book.sheetnames[-1] == name
    header, *rows = book[name].iter_rows(values_only=True)
    at = next(i for i, row in enumerate(rows) if row[0] == total)
    counts, foot = rows[:at], rows[at]
    assert header[len(foot) - 1] == total or total in header
    last = header.index(total)
    assert foot[last] == decisions.height == sum(row[last] for row in counts)
    for column in range(1, last):
        assert foot[column] == sum(row[column] for row in counts)
    by_sheet = [len(rows_of(sheet)) for sheet in lists(book)]
    assert list(foot[1:last]) == by_sheet
    told = [row[1] for row in rows[at + 1 :] if row[0] and row[1]]
    assert len(told) == 7
    assert not any("{" in one for one in told)
    band = next(
        cell
        for row in book[name].iter_rows()
        for cell in row
        if cell.value and "/" in str(cell.value) and cell.fill.fill_type
    )
    assert band.fill.fgColor.rgb.endswith(workbook.BAND[1:])


def test_given_record_ids_are_shown(tmp_path, decisions, residents):
    given = decisions.with_columns(record_id=pl.Series(["R-7", "=R-8", "R-9", "R-10"]))
    book = written(tmp_path, given, residents)
    shown = [row["ID DATA"] for sheet in lists(book) for row in rows_of(sheet)]
    assert sorted(shown) == ["'=R-8", "R-10", "R-7", "R-9"]
    assert book["TETAP DIPAKAI"].auto_filter.ref == "A1:W2"


@pytest.mark.parametrize("action", [*schema.ACTIONS, "close_kk", "drop_copy", "action_of_tomorrow"])
def test_every_action_has_a_sheet(tmp_path, action, decisions, residents):
    book = written(tmp_path, decisions.with_columns(action=pl.lit(action)), residents)
    assert len(rows_of(book.active)) == decisions.height
    assert book.sheetnames != ["TIDAK ADA USULAN"]


@pytest.mark.parametrize(
    ("action", "header"),
    [
        ("propose_deactivation", "NIK"),
        ("close_kk", "NIK (TETAP AKTIF)"),
        ("drop_copy", "NIK (TETAP AKTIF)"),
        ("verify", "NIK"),
    ],
)
def test_a_nik_that_stays_valid_says_so_wherever_its_column_is_copied(
    tmp_path, action, header, decisions, residents
):
    book = written(tmp_path, decisions.with_columns(action=pl.lit(action)), residents)
    assert book.active["A1"].value == header


DIFFERING = [
    pytest.param({}, {}, "nothing", id="equal"),
    pytest.param({"nama_lgkp_clean": "SITI"}, {"nama_lgkp_clean": "SITTI"}, "name", id="name"),
    pytest.param({"nama_lgkp": "Siti"}, {"nama_lgkp": "SITI"}, "nothing", id="clean values count"),
    pytest.param({"nik_clean": None, "nik": "0"}, {}, "NIK", id="an unusable NIK is another"),
    pytest.param(
        {"nama_lgkp_ibu_clean": None, "nama_lgkp_ibu": "-"}, {}, "blank in one: mother", id="a dash is blank"
    ),
    pytest.param(
        {"recorded": "unknown"}, {"recorded": "yes"}, "blank in one: recording status", id="unknown status"
    ),
    pytest.param(
        {"tgl_lhr_clean": date(1961, 7, 1), "no_rt_clean": None},
        {},
        "birth date; blank in one: RT",
        id="both kinds",
    ),
]


@pytest.mark.parametrize(("mine", "theirs", "said"), DIFFERING)
def test_what_differs_is_named(residents, mine, theirs, said):
    line = residents.row(0, named=True)
    two = pl.DataFrame([line | mine, line | theirs | {"row": 1}], schema=residents.schema)
    pairs = pl.DataFrame(
        {"row": [0, 1, 0], "other_row": [1, 0, None]}, schema_overrides={"other_row": pl.Int64}
    )
    found = differing(pairs, two, "en")
    assert found.told.to_list() == [said, said, None]
    assert found.fields.select(pl.any_horizontal(pl.all())).to_series().to_list() == [
        said != "nothing"
    ] * 2 + [False]


def test_formulas_are_neutralised(tmp_path, decisions, residents):
    book = written(tmp_path, decisions, residents)
    values = [cell.value for sheet in book for row in sheet.iter_rows(min_row=2) for cell in row]
    assert "'=cmd Budi" in values
    assert "'=HYPERLINK(1)" in values
    assert not [v for v in values if isinstance(v, str) and re.match(r"\s*(?:[=@]|[+\-].*\w)", v)]
    assert "-" in values  # a lone sign runs nothing, and is shown as it came
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)


def test_sheet_is_ready_for_use_and_print(tmp_path, decisions, residents):
    sheet = written(tmp_path, decisions, residents)["USULAN NONAKTIF"]
    assert sheet.freeze_panes == "D2"
    assert sheet.auto_filter.ref == "A1:V3"
    assert sheet.dimensions == "A1:V3"
    assert sheet.print_area == "'USULAN NONAKTIF'!$A$1:$P$3"
    assert (sheet.page_setup.orientation, str(sheet.page_setup.paperSize)) == ("landscape", "9")
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.page_setup.fitToHeight == 0
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    (rule,) = sheet.data_validations.dataValidation
    assert str(rule.sqref) == "P2:P3"
    assert "Meninggal" in rule.formula1
    assert len(rule.formula1) <= 257
    assert not rule.showErrorMessage


def test_long_reasons_get_a_row_as_high_as_they_need(tmp_path, decisions, residents):
    long = decisions.with_columns(reasons_id=pl.lit("kata " * 60))
    sheet = written(tmp_path, long, residents)["TETAP DIPAKAI"]
    assert sheet.row_dimensions[2].height >= 15 * 300 / WIDTHS["reason"]


def test_a_page_is_not_wasted_on_rows_that_are_too_high(tmp_path, decisions, residents):
    """A reason of eight lines in the rendered page gets at most two spare ones."""
    reason = (
        "Usulkan nonaktif karena data ganda: data ini belum pernah rekam, sedangkan orang yang sama sudah rekam "
        "KTP-el pada baris 2982. Konfirmasikan dahulu kepada penduduk. Bukti (terhadap baris 2982): nama berbunyi "
        "sama, tanggal lahir sama tetapi tanggal bawaan, nama ibu sama, nama ayah sama. Yang berbeda: NIK. "
        "Keyakinan: bobot 15,1, peluang satu orang lebih dari 99,9%. Perekaman pada data ini gagal dan harus "
        "diulang. Berubah bila penduduk menunjukkan bahwa kedua data milik dua orang, atau status rekam dikoreksi."
    )
    sheet = written(tmp_path, decisions.with_columns(reasons_id=pl.lit(reason)), residents)["TETAP DIPAKAI"]
    assert 8 * 15 <= sheet.row_dimensions[2].height <= 10 * 15


def test_english_workbook(tmp_path, decisions, residents):
    book = written(tmp_path, decisions, residents, lang="en")
    assert book.sheetnames == ["DEACTIVATE", "VERIFY", "KEEP", "SUMMARY"]
    assert "The record in row 3" in rows_of(book["KEEP"])[0]["REASON"]


@pytest.mark.parametrize("lang", ["id", "en"])
def test_drop_down_list_fits_into_excel(lang):
    from nikdedup.show.texts import items

    answers = list(items("answer", lang).values())
    assert len(",".join(answers)) <= 255
    assert not any("," in answer for answer in answers)


def test_same_decisions_give_the_same_bytes(tmp_path, decisions, residents):
    paths = [tmp_path / name for name in ("a.xlsx", "b.xlsx")]
    for path, table in zip(
        paths, (decisions, decisions.sample(fraction=1, shuffle=True, seed=4)), strict=True
    ):
        write_workbook(path, table, residents)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    with ZipFile(paths[0]) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert "2000-01-01" in archive.read("docProps/core.xml").decode()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no owner-only mode")
def test_only_the_owner_reads_it_even_if_a_file_was_there(tmp_path, decisions, residents):
    path = tmp_path / "decisions.xlsx"
    path.write_text("old")
    path.chmod(0o644)
    write_workbook(path, decisions, residents)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["decisions.xlsx"]


def test_file_open_in_excel_is_one_plain_line(tmp_path, decisions, residents, monkeypatch):
    def locked(*_args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(workbook.os, "open", locked)
    with pytest.raises(InputError, match=r"^decisions\.xlsx: cannot be written; is it open in Excel"):
        write_workbook(tmp_path / "decisions.xlsx", decisions, residents)


def test_no_decisions_give_an_empty_sheet_with_headers(tmp_path, residents):
    book = written(tmp_path, schema.empty(schema.DECISIONS), residents)
    assert book.sheetnames == ["TIDAK ADA USULAN"]
    assert book.active.max_row == 1


def test_large_action_is_split_by_kecamatan(tmp_path, decisions, residents, monkeypatch):
    monkeypatch.setattr(decision_sheets, "SPLIT_ROWS", 1)
    awkward = residents.with_columns(
        pl.col("kec_name").replace({"TANAH SIANG": "TANAH/SIANG [LAMA] YANG PANJANG"})
    )
    book = written(tmp_path, decisions, awkward)
    names = [sheet.title for sheet in lists(book)]
    assert names[:2] == ["USULAN NONAKTIF MURUNG", "USULAN NONAKTIF TANAH SIANG  LA"]
    assert sum(len(rows_of(book[name])) for name in names) == decisions.height


def test_split_sheets_with_one_long_name_stay_apart():
    taken = set()
    names = [
        decision_sheets._sheet_name("USULAN NONAKTIF KECAMATAN YANG SANGAT PANJANG", taken) for _ in range(12)
    ]
    assert len(set(names)) == 12
    assert max(map(len, names)) <= 31


def test_dates_excel_cannot_hold_stay_text(tmp_path, decisions, residents):
    old = residents.with_columns(
        tgl_lhr_clean=pl.Series([date(1899, 5, 1), None, date(1900, 3, 1), None, None]),
        tgl_lhr=pl.Series(["01-05-1899", "00/00/1950", "01-03-1900", None, None]),
    )
    rows = [row for sheet in lists(written(tmp_path, decisions, old)) for row in rows_of(sheet)]
    assert sorted(str(row["TGL LAHIR"]) for row in rows) == [
        "00/00/1950",
        "01-05-1899",
        "1900-03-01 00:00:00",
        "None",
    ]


def test_extract_with_few_columns_still_gives_a_list(decisions):
    codes = ["6212012001", "621202", None, None]
    few = pl.DataFrame({"row": [0, 1, 2, 3], "nik": ["a", "b", "c", "d"], "wilayah_clean": codes})
    table = sheet_table(decisions, few, "id").sort("row")
    assert table["kecamatan"].to_list() == ["62.12.01", "62.12.02", None, None]
    assert table["desa"].to_list() == ["62.12.01.2001", None, None, None]
    assert table["name"].null_count() == 4


CASES = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=30)


@given(st.lists(CASES, min_size=1, max_size=4))
@settings(max_examples=60)
def test_any_text_survives_the_way_into_a_cell(texts):
    """Blanks around a text are kept by every cell that has some; an empty text gives an empty cell."""
    from xml.etree import ElementTree

    table = pl.DataFrame({"t": texts, "height": [15.0] * len(texts)})
    pattern = '<dimension ref="A1"/><row r="2"><c r="A2" s="3"/></row>'
    xml = b"".join(_sheet(f"<sheet>{pattern}</sheet>", table, Shape("height")))
    cells = [row[0] for row in ElementTree.fromstring(xml).iter("row")]
    assert [(cell.get("r"), cell.get("s")) for cell in cells] == [
        (f"A{i + 2}", "3") for i in range(len(texts))
    ]
    for cell, text in zip(cells, texts, strict=True):
        inside = cell.find("is/t")
        assert (inside is None) == (text == "")
        if inside is not None:
            found = re.sub(r"_x005F_(x[0-9A-Fa-f]{4}_)", r"_\1", inside.text or "")
            assert found == re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "\ufffd", text)
            kept = inside.get("{http://www.w3.org/XML/1998/namespace}space") == "preserve"
            assert kept or found == found.strip()


@given(
    st.lists(st.none() | st.text(st.sampled_from("A&<>_x0É\x00\x1f\n\ufffe\uffff"), max_size=9), max_size=6)
)
@example(["_x0041_"])
def test_whole_columns_are_passed_over_only_where_nothing_is_to_be_escaped(texts):
    column = pl.Series("a", texts, dtype=pl.String)
    wanted = column.to_frame().select(escaped(pl.col("a"))).to_series()
    assert _inside(column).to_list() == [text or None for text in wanted]


@pytest.mark.parametrize("text", [" A", "A ", "\u00a0A", "A\t", " "])
def test_blanks_around_a_text_are_kept(text):
    assert 'space="preserve"' in str(_text(pl.Series("a", ["B", None, text])))
    assert 'space="preserve"' not in str(_text(pl.Series("a", ["B", None, "A B", ""])))


def test_texts_longer_than_a_cell_are_cut():
    texts = pl.Series(["é" * 32_768, "é" * 32_767, "a"])
    assert _inside(texts).str.len_chars().to_list() == [32_767, 32_767, 1]
