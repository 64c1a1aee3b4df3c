"""Workbooks of LibreOffice come back as they were, but for the cells that change."""

import io
import zipfile
from pathlib import Path
from typing import Any

import fastexcel
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nikdedup
from nikdedup.show.document_edit import edit_document
from nikdedup.show.workbook_edit import LEFT, PUT, SAME, Edit

SOURCE = Path(__file__).parents[1] / "cases" / "formats" / "penduduk.ods"
TODAY = "2026-06-30"
SPACES = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
}


def changed(target: Path, *texts: tuple[bytes, bytes]) -> Path:
    with zipfile.ZipFile(SOURCE) as source, zipfile.ZipFile(target, "w") as archive:
        for entry in source.infolist():
            content = source.read(entry)
            for old, new in texts if entry.filename == "content.xml" else ():
                assert old in content
                content = content.replace(old, new, 1)
            archive.writestr(entry, content)
    return target


def document(rows: str) -> bytes:
    """Return a workbook of one sheet with these rows, as XML."""
    names = "".join(f' xmlns:{name}="{address}"' for name, address in SPACES.items())
    xml = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{names}><office:body><office:spreadsheet>'
        f'<table:table table:name="A">{rows}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", xml)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return memory.getvalue()


def cell(text: str, more: str = "") -> str:
    return f'<table:table-cell office:value-type="string"{more}><text:p>{text}</text:p></table:table-cell>'


def texts(raw: bytes, content: bytes | None) -> list[tuple[Any, ...]]:
    """Return the cells of a workbook, with other contents where some are given."""
    memory = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as source, zipfile.ZipFile(memory, "w") as archive:
        for name in source.namelist():
            archive.writestr(name, content if name == "content.xml" and content else source.read(name))
    book = fastexcel.read_excel(memory.getvalue())
    return book.load_sheet(0, header_row=None, skip_rows=0, dtypes="string").to_polars().rows()


def test_only_cells_that_change_are_written_anew(tmp_path: Path) -> None:
    source = changed(
        tmp_path / "a.ods",
        (b"<text:p>6212014107609001<", b"<text:p>'6212014107609001 <"),
        (b"<text:p>AHMAD YANI<", b"<text:p>AHMAD  YANI<"),
    )
    found = nikdedup.clean(source, tmp_path / "b.ods", reference_date=TODAY)
    made = found.changes.filter("applied", pl.col("row").is_not_null())
    assert made.select("source_row", "reason").rows() == [
        (4, "id_separators"), (5, "spaces"), (7, "number_to_text"),
    ]  # fmt: skip
    back, first = nikdedup.read(tmp_path / "b.ods").frame, nikdedup.read(SOURCE).frame
    assert back.drop("source_file").equals(first.drop("source_file"))
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(tmp_path / "b.ods") as after:
        assert before.namelist() == after.namelist()
        assert (
            after.infolist()[0].compress_type == zipfile.ZIP_STORED
        )  # by its first part a workbook is known
        parts = [name for name in before.namelist() if before.read(name) != after.read(name)]
        assert parts == ["content.xml"]
        old, new = before.read("content.xml"), after.read("content.xml")
    assert abs(len(new) - len(old)) < 300
    assert found.written == (tmp_path / "b.ods", tmp_path / "b.changes.xlsx")


def test_cleaning_a_clean_workbook_gives_the_same_bytes(tmp_path: Path) -> None:
    nikdedup.clean(SOURCE, tmp_path / "b.ods", reference_date=TODAY)
    nikdedup.clean(tmp_path / "b.ods", tmp_path / "c.ods", reference_date=TODAY)
    assert (tmp_path / "c.ods").read_bytes() == (tmp_path / "b.ods").read_bytes()


def test_a_run_of_equal_rows_is_parted() -> None:
    run = '<table:table-row table:number-rows-repeated="3">' + cell("x", ' table:number-columns-repeated="4"')
    raw = document(f"<table:table-row>{cell('NAMA')}</table:table-row>{run}</table:table-row>")
    done = edit_document(raw, {"A": [Edit(3, 2, "x", "Y&Z", "text"), Edit(3, 0, "x", "7", "number")]})
    assert done.outcomes == {"A": [PUT, PUT]}
    assert texts(raw, done.parts["content.xml"]) == [
        ("NAMA", None, None, None), ("x",) * 4, ("7", "x", "Y&Z", "x"), ("x",) * 4,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("there", "edit", "outcome"),
    [
        pytest.param(cell("x"), Edit(1, 0, "other", "y", "text"), LEFT, id="holds something else"),
        pytest.param(
            cell("x", ' table:formula="of:=A2"'), Edit(1, 0, "x", "y", "text"), LEFT, id="a formula"
        ),
        pytest.param(cell("=x"), Edit(1, 0, "=x", "'=x", "quoted"), LEFT, id="no text runs"),
        pytest.param(cell("x"), Edit(1, 5, None, "y", "text"), LEFT, id="no such cell"),
        pytest.param(
            '<table:table-cell office:value-type="date" office:date-value="1960-07-01"/>',
            Edit(1, 0, "1960-07-01", "01-07-1960", "date"),
            SAME,
            id="the day already",
        ),
    ],
)
def test_what_is_left(there: str, edit: Edit, outcome: str) -> None:
    done = edit_document(document(f"<table:table-row>{there}</table:table-row>"), {"A": [edit]})
    assert (done.outcomes["A"], done.parts) == ([outcome], {})


@pytest.mark.parametrize(
    ("there", "before"),
    [
        pytest.param(
            '<table:table-cell office:value-type="float" office:value="7"/>', "7", id="a value alone"
        ),
        pytest.param("<table:table-cell/>", None, id="empty"),
        pytest.param("<table:table-cell></table:table-cell>", None, id="empty, with two tags"),
    ],
)
@pytest.mark.parametrize("behind", ["", cell("z")], ids=["last", "before another"])
def test_a_cell_without_text_changes_alone(there: str, before: str | None, behind: str) -> None:
    heads = f"<table:table-row>{cell('A') * 2}</table:table-row>"
    raw = document(f"{heads}<table:table-row>{cell('x')}{there}{behind}</table:table-row>")
    done = edit_document(raw, {"A": [Edit(2, 1, before, "8", "number")]})
    assert done.outcomes["A"] == [PUT]
    *_, row = texts(raw, done.parts["content.xml"])
    assert row == ("x", "8", "z")[: 3 if behind else 2]


def test_a_date_becomes_one_like_the_others_of_its_column() -> None:
    day = (
        '<table:table-cell table:style-name="ce7" office:value-type="date" office:date-value="1960-07-01">'
        "<text:p>01-07-1960</text:p></table:table-cell>"
    )
    raw = document(
        f"<table:table-row>{day}</table:table-row><table:table-row>{cell('1/8/70')}</table:table-row>"
    )
    done = edit_document(raw, {"A": [Edit(2, 0, "1/8/70", "01-08-1970", "date", sample=1)]})
    assert (
        b'table:style-name="ce7" office:value-type="date" office:date-value="1970-08-01"'
        in (done.parts["content.xml"])
    )


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), min_size=1, max_size=4),
    st.data(),
)
def test_any_cell_of_any_runs(runs: list[tuple[int, int]], data: st.DataObject) -> None:
    """However often rows and cells stand, exactly the cell that was meant changes."""
    rows = "".join(
        f'<table:table-row table:number-rows-repeated="{down}">'
        + cell("a", f' table:number-columns-repeated="{across}"')
        + f"{cell('b')}</table:table-row>"
        for down, across in runs
    )
    raw = document(rows)
    before = texts(raw, None)
    row = data.draw(st.integers(0, len(before) - 1))
    column = data.draw(st.sampled_from([i for i, text in enumerate(before[row]) if text is not None]))
    done = edit_document(raw, {"A": [Edit(row + 1, column, before[row][column], "Ü<&", "text")]})
    assert done.outcomes["A"] == [PUT]
    expected = [list(line) for line in before]
    expected[row][column] = "Ü<&"
    assert texts(raw, done.parts["content.xml"]) == [tuple(line) for line in expected]
