"""decisions.xlsx: what an office filters, prints, ticks off and sends to the villages.

How it looks: bands of colour, what differs in bold, filter, drop-down, print layout, and a last sheet of totals and a
legend; what stands on its sheets is in decision_sheets. The file holds identities: it is created for its owner only.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

from nikdedup.errors import InputError
from nikdedup.show import numbers
from nikdedup.show.decision_sheets import MARKED, PRINTED, WIDTHS, sheet_table, sheets_of, shown_columns
from nikdedup.show.texts import items, say
from nikdedup.show.workbook_summary import add_summary
from nikdedup.show.xlsx_rows import PATTERN_ROW, Shape, column_letters, fill

_NIK_STAYS = ("close_kk", "drop_copy")
"""Actions that end a row and not its NIK: a column copied from there must not end up in a deactivation."""
BAND = "#EAF1F7"
"""Colour of every other case on a sheet."""


@dataclass(frozen=True)
class _Formats:
    """Styles of a kind of row: plain or inside a band, cells marked or not."""

    text: Any
    wrap: Any
    day: Any
    key: Any
    number: Any
    other_number: Any


def write_workbook(
    path: str | Path, decisions: pl.DataFrame, residents: pl.DataFrame, *, lang: str = "id"
) -> None:
    """Write decisions.xlsx; the same input gives the same bytes.

    Ids are text cells; a text that a spreadsheet could take for a formula gets an apostrophe in front
    (docs/domain.md 9).

    Args:
        path: the file to write.
        decisions: schema.DECISIONS.
        residents: the published table (originals and clean columns); rows without a decision are not written.
        lang: `id` or `en`.

    Raises:
        InputError: if the file cannot be written, for instance because Excel has it open.
    """
    path = Path(path)
    table = sheet_table(decisions, residents, lang)
    columns = shown_columns(table)
    sheets = list(sheets_of(table, lang))
    skeleton = _skeleton(sheets, columns, lang)
    try:
        _create_private(path)
        fill(
            skeleton,
            path,
            [_cells(rows, columns) for _, rows in sheets],
            Shape("height", {"birth": "birth_text"}, "band", MARKED),
        )
    except PermissionError:
        message = f"{path.name}: cannot be written; is it open in Excel, or the folder read-only?"
        raise InputError(message) from None


_BORDER: dict[str, Any] = {"border": 1, "border_color": "#BFBFBF"}
_HEADER: dict[str, Any] = {
    **_BORDER, "font_size": 11, "bold": True, "bg_color": "#DCE6F1", "text_wrap": True, "valign": "vcenter",
    "align": "center",
}  # fmt: skip


def _formats(book: Any, **look: Any) -> _Formats:
    """Return the styles of a kind of row; look: what they have beside the usual."""
    cell = {"valign": "top", "font_size": 11, **_BORDER, **look}
    text = cell | {"num_format": "@"}
    grey = {"font_color": "#6B6B6B"}
    return _Formats(
        text=book.add_format(text),
        wrap=book.add_format(text | {"text_wrap": True}),
        day=book.add_format(cell | {"num_format": "dd-mm-yyyy", "align": "left"}),
        key=book.add_format(text | grey),
        number=book.add_format(cell | {"num_format": "0", "align": "center"}),
        other_number=book.add_format(cell | {"num_format": "0", "align": "center"} | grey),
    )


_LINE_POINTS = 15
_WRAPPED = (
    "name", "mother", "kecamatan", "desa", "status", "source", "action", "differs", "reason", "remark",
)  # fmt: skip


def _skeleton(sheets: list[tuple[str, pl.DataFrame]], columns: list[str], lang: str) -> bytes:
    """Return the workbook without its rows: names, styles, filter, drop-down and print layout."""
    import xlsxwriter

    memory = BytesIO()
    book = xlsxwriter.Workbook(memory, {"in_memory": True})
    # A fixed date: the bytes must depend on the decisions, not on the clock.
    book.set_properties({"title": say("report.title", lang), "created": datetime(2000, 1, 1)})
    banded, marked = {"bg_color": BAND}, {"bold": True}
    kinds = [_formats(book, **look) for look in ({}, banded, marked, banded | marked)]
    header = book.add_format(_HEADER)
    first = book.add_format({**_BORDER, "top": 1, "top_color": "#000000"})
    for name, rows in sheets:
        count, titles = rows.height, _titles(rows, columns, lang)
        sheet = book.add_worksheet(name)
        _prepare_page(sheet, count, columns, lang)
        _part_cases(sheet, count, columns, first)
        for i, column in enumerate(columns):
            sheet.set_column(i, i, WIDTHS[column])
            sheet.write_string(0, i, titles[column], header)
            for at, formats in enumerate(kinds if count else (), start=PATTERN_ROW - 1):
                sheet.write_blank(at, i, None, _style(column, i, formats))
    if any(rows.height for _, rows in sheets):
        add_summary(book, sheets, lang, band=BAND)
    book.close()
    return memory.getvalue()


def _titles(rows: pl.DataFrame, columns: list[str], lang: str) -> dict[str, str]:
    """Return the header of each column; that of NIKs which stay valid says so, wherever it is copied to."""
    titles = {column: say(f"column.{column}", lang) for column in columns}
    if rows["sheet"].is_in(_NIK_STAYS).any():
        titles["nik"] = say("column.nik_stays", lang)
    return titles


def _style(column: str, index: int, formats: _Formats) -> Any:
    if column in ("row", "other_row"):
        return formats.number if index < PRINTED else formats.other_number
    if index >= PRINTED:
        return formats.key
    if column == "birth":
        return formats.day
    return formats.wrap if column in _WRAPPED else formats.text


def _cells(rows: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """Return the cells of a sheet in column order, `birth_text` for days Excel cannot hold, and `height`.

    Heights are estimated from the length of the wrapped texts: a reader that does not
    measure them itself (LibreOffice, most viewers) would print lines over each other.
    """
    lines = [(pl.col(name).str.len_chars() / _letters(name)).ceil() for name in _WRAPPED]
    height = pl.max_horizontal(*lines, pl.lit(1.0)).clip(1, 27) * _LINE_POINTS
    # Every other case of the sheet stands in a band of colour.
    band = (pl.col("case") != pl.col("case").shift()).fill_null(False).cum_sum() % 2 == 1
    return rows.with_columns(_excel_day().alias("birth"), height.alias("height"), band.alias("band")).select(
        *columns, "birth_text", "height", "band", *MARKED.values()
    )


def _letters(column: str) -> float:
    """Return how many letters fit into one line of a column, with some to spare for the end of a line.

    A width counts digits. Names and statuses are capitals, about as wide; a sentence is small letters: 1.2 to
    one digit, measured in the rendered page.
    """
    return WIDTHS[column] * 1.1 if column == "reason" else WIDTHS[column] - 1.5


def _excel_day() -> pl.Expr:
    """Return birth as the day number of Excel; null before 1 March 1900, which Excel counts wrongly."""
    first = date(1900, 3, 1)
    number = (pl.col("birth") - pl.lit(date(1899, 12, 30))).dt.total_days()
    return pl.when(pl.col("birth") >= first).then(number)


def _part_cases(sheet: Any, count: int, columns: list[str], first: Any) -> None:
    """Draw a line above the first record of each case, so that what belongs together is seen."""
    case = column_letters(columns.index("case"))
    if count:
        rule = {"type": "formula", "criteria": f"=${case}2<>${case}1", "format": first}
        sheet.conditional_format(1, 0, count, len(columns) - 1, rule)


def _prepare_page(sheet: Any, count: int, columns: list[str], lang: str) -> None:
    """Set frozen header, filter, drop-down list and print layout (A4 landscape, as wide as the page)."""
    sheet.freeze_panes(1, 3)
    sheet.autofilter(0, 0, max(count, 1), len(columns) - 1)
    sheet.set_row(0, 30)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.3, right=0.3, top=0.6, bottom=0.5)
    sheet.repeat_rows(0)
    sheet.fit_to_pages(1, 0)
    sheet.print_area(0, 0, max(count, 1), PRINTED - 1)
    total = say("workbook.count", lang, n=numbers.integer(count, lang))
    sheet.set_header(f"&L&A&C{say('workbook.secret', lang)}&R{total}")
    sheet.set_footer(f"&C{say('workbook.page', lang)}")
    sheet.ignore_errors({"number_stored_as_text": f"A2:{column_letters(len(columns) - 1)}{count + 2}"})
    if count:
        remark = PRINTED - 1
        rule = {
            "validate": "list",
            "source": list(items("answer", lang).values()),
            "input_title": say("workbook.hint_title", lang),
            "input_message": say("workbook.hint", lang),
            # Offices add a date, a place or another NIK to the answer: nothing is refused.
            "show_error": False,
        }
        sheet.data_validation(1, remark, count, remark, rule)


def _create_private(path: Path) -> None:
    """Create the file readable by its owner only, before anything is in it."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    # A file that was there before keeps its mode otherwise; Windows knows only read-only.
    path.chmod(0o600)
