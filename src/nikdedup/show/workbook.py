"""decisions.xlsx: what an office filters, prints, ticks off and sends to the villages.

One sheet per action, the records of a case one below the other in one band of colour, what differs from the
counterpart in bold; a last sheet of totals and a legend. Up to KETERANGAN
the columns of the printed page; behind it the counterpart and the keys by which
replies find their way back. What a sheet shows of a record (its number, its place,
its case) is what `explain` takes. The file holds identities: it is created for its
owner only.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

from nikdedup import schema
from nikdedup.errors import InputError
from nikdedup.show import numbers
from nikdedup.show.differing import differing
from nikdedup.show.formulas import neutral
from nikdedup.show.places import shown_place
from nikdedup.show.texts import items, label, say
from nikdedup.show.workbook_summary import add_summary
from nikdedup.show.xlsx_rows import PATTERN_ROW, Shape, column_letters, fill

SPLIT_ROWS = 100_000
"""An action of more rows than this is split into one sheet per kecamatan."""

_WORK = (
    "propose_deactivation", "close_kk", "drop_copy", "correct_nik", "separate", "adjudicate", "verify", "record",
)  # fmt: skip
ACTIONS = (*_WORK, *(action for action in schema.ACTIONS if action not in (*_WORK, "keep")), "keep")
"""Order of the sheets: what needs work first."""

WIDTHS: dict[str, float] = {
    "nik": 17.5,
    "no_kk": 17.5,
    "name": 19,
    "sex": 4.5,
    "birth": 11,
    "mother": 15,
    "kecamatan": 11.5,
    "desa": 12,
    "rt_rw": 8,
    "status": 13,
    "row": 8,
    "source": 14,
    "action": 10.5,
    "differs": 17,
    "reason": 52,
    "remark": 19,
    "other_row": 10,
    "other_nik": 17.5,
    "other_name": 24,
    "other_source": 26,
    "record_id": 16,
    "case": 16,
    "decision": 20,
}
"""Columns in their order, with their width in characters."""

PRINTED = list(WIDTHS).index("remark") + 1
_NIK_STAYS = ("close_kk", "drop_copy")
"""Actions that end a row and not its NIK: a column copied from there must not end up in a deactivation."""
_UNTOUCHED = ("birth", "remark", "row", "other_row")
"""Columns that hold no text of the extract."""
_LAST_ROW = 1_048_575  # rows of an Excel sheet, header included, counted from 0


BAND = "#EAF1F7"
"""Colour of every other case on a sheet."""
_FIELDS: dict[str, tuple[str, ...]] = {
    "nik": ("nik",),
    "no_kk": ("no_kk",),
    "name": ("nama_lgkp",),
    "sex": ("jenis_klmin",),
    "birth": ("tgl_lhr",),
    "mother": ("nama_lgkp_ibu",),
    "kecamatan": ("wilayah",),
    "desa": ("wilayah",),
    "rt_rw": ("no_rt", "no_rw"),
    "status": ("recorded",),
}
"""Columns that are bold where one of these fields differs from that of the counterpart."""
_MARKED = {name: f"{name}_differs" for name in _FIELDS}


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
    columns = _columns(table)
    sheets = list(_sheets(table, lang))
    skeleton = _skeleton(sheets, columns, lang)
    try:
        _create_private(path)
        fill(
            skeleton,
            path,
            [_cells(rows, columns) for _, rows in sheets],
            Shape("height", {"birth": "birth_text"}, "band", _MARKED),
        )
    except PermissionError:
        message = f"{path.name}: cannot be written; is it open in Excel, or the folder read-only?"
        raise InputError(message) from None


def sheet_table(decisions: pl.DataFrame, residents: pl.DataFrame, lang: str) -> pl.DataFrame:
    """Return one line per decision, the columns of WIDTHS as they are printed, sorted for the desk.

    Birth is a date where it is known; `birth_text` is what the file says where it is
    not. `sheet` and `area` (kecamatan) say where the line belongs; `<column>_differs`
    whether the counterpart has something else there. Sorted by kecamatan,
    desa, RW, RT and row, the order in which a village is walked; the records of a case
    follow the first of them on their sheet.
    """
    needed = pl.concat([decisions["row"], decisions["other_row"].drop_nulls()]).unique()
    residents = residents.filter(pl.col("row").is_in(needed.implode()))
    shown = _resident_columns(residents, lang)
    other = shown.select(
        pl.col("row").alias("other_row"),
        pl.col("nik").alias("other_nik"),
        pl.col("name").alias("other_name"),
        pl.col("source").alias("other_source"),
    )
    labels = {action: label("action", action, lang) for action in ACTIONS}
    apart = differing(decisions, residents, lang)
    marks = apart.fields.select(
        pl.any_horizontal(fields).alias(_MARKED[name]) for name, fields in _FIELDS.items()
    )
    return (
        decisions.select(
            "row",
            "other_row",
            pl.col("action").alias("sheet"),
            pl.col("action").replace(labels).alias("action"),
            apart.told,
            *marks,
            pl.col(f"reasons_{lang}").alias("reason"),
            pl.lit("").alias("remark"),
            "record_id",
            pl.col("case_id").alias("case"),
            pl.col("decision_id").alias("decision"),
        )
        .join(shown, on="row", how="left", maintain_order="left")
        .join(other, on="other_row", how="left", maintain_order="left")
        .sort("area", "desa", "rw", "rt", "row", nulls_last=True)
        .with_row_index("walk")
        .sort(pl.col("walk").min().over("sheet", "case"), "walk")
        .with_columns(neutral(pl.col(name)) for name in (*WIDTHS, "birth_text") if name not in _UNTOUCHED)
    )


def _columns(table: pl.DataFrame) -> list[str]:
    """Return the columns of the sheets: those of WIDTHS, the record ids only where they say more than the row."""
    own = table.filter(pl.col("record_id") != pl.col("row").cast(pl.String)).height
    return [name for name in WIDTHS if own or name != "record_id"]


def _resident_columns(residents: pl.DataFrame, lang: str) -> pl.DataFrame:
    """Return what a sheet shows of every resident, from whichever columns the extract has."""

    def first(*names: str) -> pl.Expr:
        found = [pl.col(name).cast(pl.String) for name in names if name in residents.columns]
        return pl.coalesce(*found, pl.lit(None, pl.String))

    code = first("wilayah_clean")
    rt, rw = first("no_rt_clean", "no_rt"), first("no_rw_clean", "no_rw")
    recorded = {name: text.upper() for name, text in items("recorded", lang).items()}
    birth = pl.col("tgl_lhr_clean") if "tgl_lhr_clean" in residents.columns else pl.lit(None, pl.Date)
    return residents.select(
        "row",
        first("nik_clean", "nik").alias("nik"),
        first("no_kk_clean", "no_kk").alias("no_kk"),
        first("nama_lgkp", "nama_lgkp_clean").alias("name"),
        first("jenis_klmin_clean", "jenis_klmin").alias("sex"),
        birth.alias("birth"),
        first("tgl_lhr", "ttl").alias("birth_text"),
        first("nama_lgkp_ibu", "nama_lgkp_ibu_clean").alias("mother"),
        pl.coalesce(first("kec_name"), _dotted(code, 6)).alias("kecamatan"),
        pl.coalesce(first("kel_name"), _dotted(code, 10)).alias("desa"),
        pl.coalesce(
            pl.when(rt.is_not_null()).then(pl.concat_str(rt, pl.lit("/"), rw.fill_null("-"))),
            first("rt_rw"),
        ).alias("rt_rw"),
        rt.alias("rt"),
        rw.alias("rw"),
        pl.coalesce(first("ektp_status"), first("recorded").replace(recorded)).alias("status"),
        shown_place(residents.columns, lang).alias("source"),
        pl.coalesce(first("kec_name"), code.str.slice(0, 6)).alias("area"),
    )


def _dotted(code: pl.Expr, digits: int) -> pl.Expr:
    """Write a region code as the ministry does (62.12.01.2001); null if it is shorter than `digits`."""
    part = code.str.slice(0, digits).str.replace(r"^(\d\d)(\d\d)(\d\d)(\d{4})?$", "${1}.${2}.${3}.${4}")
    return pl.when(code.str.len_chars() >= digits).then(part.str.strip_chars_end("."))


def _sheets(table: pl.DataFrame, lang: str) -> Iterator[tuple[str, pl.DataFrame]]:
    """Give name and rows of every sheet; one empty sheet if there are no decisions."""
    taken: set[str] = set()
    for action in dict.fromkeys((*ACTIONS, *table["sheet"].unique().sort())):
        rows = table.filter(pl.col("sheet") == action)
        title = label("sheet", action, lang).upper()
        if rows.height <= SPLIT_ROWS:
            parts = [(title, rows)] if rows.height else []
        else:
            areas = rows.partition_by("area", maintain_order=True)
            parts = [(f"{title} {_area_title(part, lang)}", part) for part in areas]
        for name, part in parts:
            for start in range(0, part.height, _LAST_ROW):
                yield _sheet_name(name, taken), part.slice(start, _LAST_ROW)
    if not taken:
        yield say("sheet.none", lang), table.head(0)


def _area_title(part: pl.DataFrame, lang: str) -> str:
    """Return the kecamatan of a part, cleared of what a sheet name must not hold."""
    name = part["kecamatan"][0] or say("sheet.no_kecamatan", lang)
    return "".join(" " if sign in "[]:*?/\\'" else sign for sign in name)


def _sheet_name(name: str, taken: set[str]) -> str:
    """Return a name of at most 31 characters that no sheet has yet (Excel ignores case)."""
    number, found = 1, name[:31].strip()
    while found.lower() in taken:
        number += 1
        found = f"{name[: 31 - len(str(number)) - 1].strip()} {number}"
    taken.add(found.lower())
    return found


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
        *columns, "birth_text", "height", "band", *_MARKED.values()
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
