"""Worklists as workbooks: a sheet per desa, printed in landscape, answered from a drop-down, signed on the last sheet.

Cells that identify somebody are locked without a password: who must sort may unprotect. The key of every row stands in
a hidden column at the end and moves with its row.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from nikdedup.show import numbers
from nikdedup.show.texts import say
from nikdedup.show.village.printed_rows import FREE, WIDTHS
from nikdedup.show.xlsx_rows import column_letters
from nikdedup.village import answers

HEADER = 3
"""Row of the column heads, 0-based: title, explanation and totals stand above."""
PAPERS = {"a4": 9, "f4": 14}
"""Numbers of paper sizes: F4 is sold as folio, 8.5 by 13 inches."""
_COLUMNS = list(WIDTHS)
_VERDICT = _COLUMNS.index("verdict")
_WRAPPED = ("part", "name", "born", "address", "mother", "status", "reason", "verdict", "note")
_SMALL = ("part", "status", "reason")
"""Columns in small letters, of which more fit into a line."""
_POINTS = 13.5
_ANSWERS = len(answers())


@dataclass(frozen=True)
class Village:
    """A sheet. rows: as `list_rows` gives them."""

    sheet: str
    desa: str
    kecamatan: str
    rows: pl.DataFrame


@dataclass(frozen=True)
class Printed:
    """How lists are printed. due: the day before which they are to be returned."""

    day: date
    lang: str
    due: date | None = None
    paper: str = "a4"


def sheet_names(names: Sequence[str]) -> list[str]:
    """Return names of at most 31 characters that Excel takes, no two alike.

    Args:
        names: what the sheets should be called.

    >>> sheet_names(["BERIWIT", "Beriwit", "MUARA/UNTU"])
    ['BERIWIT', 'Beriwit 2', 'MUARA UNTU']
    """
    taken: set[str] = set()
    found = []
    for name in names:
        plain = re.sub(r"[\[\]:*?/\\']", " ", name).strip()[:31] or "-"
        number, one = 1, plain
        while one.lower() in taken:
            number += 1
            one = f"{plain[: 30 - len(str(number))].strip()} {number}"
        taken.add(one.lower())
        found.append(one)
    return found


def write_worklist(path: Path, villages: Sequence[Village], printed: Printed) -> None:
    """Write one workbook; the same rows give the same bytes.

    Args:
        path: file to be written.
        villages: its sheets, one at least.
        printed: how they are printed.
    """
    import xlsxwriter

    lang = printed.lang
    with xlsxwriter.Workbook(str(path)) as book:
        title = say("list.title", lang, desa=villages[0].kecamatan)
        title = say("list.title", lang, desa=villages[0].kecamatan)
        book.set_properties({"title": title, "created": datetime(2000, 1, 1)})
        cells = _Cells(book)
        sheets = [book.add_worksheet(one.sheet) for one in villages]
        form, words = book.add_worksheet(say("list.form_sheet", lang)), say("list.words_sheet", lang)
        _words(book.add_worksheet(words), lang)
        for sheet, one in zip(sheets, villages, strict=True):
            _village(sheet, one, printed, words, cells)
        _form(form, villages, printed, cells)


class _Cells:
    """Formats of the workbook."""

    def __init__(self, book: Any) -> None:
        edge = {"border": 1, "border_color": "#A6A6A6", "valign": "top", "font_size": 10}
        head = {
            "bold": True,
            "bg_color": "#DCE6F1",
            "text_wrap": True,
            "align": "center",
            "valign": "vcenter",
        }
        free = {"locked": False, "bg_color": "#FFFBE6"}
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.note = book.add_format({"italic": True, "font_color": "#404040"})
        self.figure = book.add_format({"bold": True, "align": "left"})
        self.head = book.add_format(edge | head)
        wrap = edge | {"num_format": "@", "text_wrap": True}
        styles = {
            "text": edge | {"num_format": "@"},
            "wrap": wrap,
            "quiet": wrap | {"font_color": "#7F7F7F"},
            "free": wrap | free,
            "free_day": edge | free | {"num_format": "dd-mm-yyyy", "align": "left"},
        }
        self.body = {
            (name, first): book.add_format(style | ({"top": 2, "top_color": "#000000"} if first else {}))
            for name, style in styles.items()
            for first in (False, True)
        }
        """Formats of the rows by name, and whether a case or part begins in the row."""
        self.count = book.add_format(edge | {"num_format": "#,##0", "align": "right", "valign": "vcenter"})
        self.total = book.add_format(edge | {"num_format": "#,##0", "bold": True, "top": 2})
        self.sign = book.add_format(edge | {"locked": False})
        self.paragraph = book.add_format({"text_wrap": True, "valign": "top"})
        self.centre = book.add_format({"align": "center"})
        self.blank = book.add_format({"align": "center", "locked": False})
        self.place = book.add_format(edge | {"text_wrap": True, "valign": "vcenter"})


def _words(sheet: Any, lang: str) -> None:
    """Write the words of the drop-down on a hidden sheet: a list in the rule itself holds 255 characters only."""
    for i, answer in enumerate(answers().values()):
        sheet.write_string(i, 0, answer.label(lang))
    sheet.hide()


def _village(sheet: Any, village: Village, printed: Printed, words: str, cells: _Cells) -> None:
    rows, lang = village.rows, printed.lang
    _page(sheet, village, printed, len(rows))
    last = HEADER + len(rows)
    day = numbers.day(printed.day.isoformat(), lang)
    due = say("list.due", lang, day=numbers.day(printed.due.isoformat(), lang)) if printed.due else ""
    sheet.write_string(0, 0, say("list.title", lang, desa=village.desa), cells.title)
    sheet.write_string(
        1, 0, say("list.subtitle", lang, kecamatan=village.kecamatan, day=day, due=due), cells.note
    )
    asked = int(rows["asked"].sum())
    sheet.write_string(2, 0, f"{say('list.to_fill', lang)}:", cells.note)
    sheet.write_number(2, 2, asked, cells.figure)
    sheet.write_string(2, 3, f"{say('list.filled', lang)}:", cells.note)
    sheet.write_formula(2, 4, _filled(last, len(rows) - asked), cells.figure, 0)
    for i, (name, width) in enumerate(WIDTHS.items()):
        sheet.set_column(i, i, width, None, {"hidden": name == "key"})
        sheet.write_string(HEADER, i, say(f"list.column_{name}", lang), cells.head)
    sheet.set_row(HEADER, 32)
    heights = _heights(rows)
    lines = zip(rows.iter_rows(named=True), heights, _starts(rows), strict=True)
    for at, (line, height, first) in enumerate(lines, HEADER + 1):
        sheet.set_row(at, height)
        _row(sheet, at, line, cells, first=first)
    if len(rows):
        _rules(sheet, last, words, lang)
    sheet.autofilter(HEADER, 0, max(last, HEADER + 1), len(WIDTHS) - 2)
    sheet.protect("", {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True})


def _filled(last: int, said_already: int) -> str:
    """Return the formula of how many rows are answered; said_already: those in which nobody is asked."""
    letter = column_letters(_VERDICT)
    return f'=COUNTIF({letter}{HEADER + 2}:{letter}{last + 1},"?*")-{said_already}'


def _row(sheet: Any, at: int, line: dict[str, Any], cells: _Cells, *, first: bool) -> None:
    for i, name in enumerate(_COLUMNS):
        style, text = cells.body[_style(name, line["asked"]), first], line[name]
        if text:
            sheet.write_string(at, i, text, style)
        else:
            sheet.write_blank(at, i, None, style)


def _style(name: str, asked: bool) -> str:
    if name in FREE:
        return "quiet" if not asked else "free_day" if name == "date" else "free"
    return "quiet" if not asked else "wrap" if name in _WRAPPED else "text"


def _heights(rows: pl.DataFrame) -> list[float]:
    """Return the height of each row in points, from the length of its wrapped texts: not all programs measure it."""
    lines = [
        (
            pl.col(name).fill_null("").str.len_chars() / (WIDTHS[name] * (1.15 if name in _SMALL else 0.95))
        ).ceil()
        for name in _WRAPPED
    ]
    lines.append(pl.lit(2.0))  # place and date of birth
    return rows.select(pl.max_horizontal(*lines, pl.lit(1.0)) * _POINTS).to_series().to_list()


def _rules(sheet: Any, last: int, words: str, lang: str) -> None:
    """Give the cells of answers their drop-down, those of dates a hint; nothing that is typed is refused."""
    choice = {
        "validate": "list",
        "source": f"='{words}'!$A$1:$A${_ANSWERS}",
        "input_message": say("list.verdict_hint", lang),
        "show_error": False,
    }
    sheet.data_validation(HEADER + 1, _VERDICT, last, _VERDICT, choice)
    hint = {"validate": "any", "input_message": say("list.date_hint", lang)}
    sheet.data_validation(HEADER + 1, _VERDICT + 1, last, _VERDICT + 1, hint)


def _starts(rows: pl.DataFrame) -> list[bool]:
    """Return in which rows a part of the list, or a case, begins: there is a line above them."""
    part, case = ((pl.col(name) != pl.col(name).shift(1)).fill_null(True) for name in ("code", "case"))
    return rows.select(part | ((pl.col("code") == "double") & case)).to_series().to_list()


def _page(sheet: Any, village: Village, printed: Printed, count: int) -> None:
    sheet.set_landscape()
    sheet.set_paper(PAPERS[printed.paper])
    sheet.set_margins(left=0.3, right=0.3, top=0.55, bottom=0.5)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEADER)
    sheet.freeze_panes(HEADER + 1, _COLUMNS.index("name") + 1)
    sheet.print_area(0, 0, HEADER + max(count, 1), len(WIDTHS) - 2)
    place = f"{village.desa}, {village.kecamatan}".replace("&", "&&")
    sheet.set_header(f"&L{place}&R{say('list.secret', printed.lang)}")
    sheet.set_footer(f"&L&A&R{say('workbook.page', printed.lang)}")
    sheet.ignore_errors({"number_stored_as_text": f"A1:{column_letters(len(WIDTHS))}{HEADER + count + 2}"})


def _form(sheet: Any, villages: Sequence[Village], printed: Printed, cells: _Cells) -> None:
    """Write the berita acara: answers counted by formula for each desa, with lines to sign on."""
    lang, kecamatan = printed.lang, villages[0].kecamatan
    labels = [one.label(lang) for one in answers().values()]
    heads = [
        "NO",
        say("list.form_desa", lang),
        say("list.to_fill", lang),
        *labels,
        say("list.form_open", lang),
    ]
    heads.append(say("list.form_sign", lang))
    width = len(heads)
    sheet.set_landscape()
    sheet.set_paper(PAPERS[printed.paper])
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.set_column(0, 0, 4.5)
    sheet.set_column(1, 1, 24)
    sheet.set_column(2, width - 2, 10.5)
    sheet.set_column(width - 1, width - 1, 34)
    sheet.write_string(0, 0, say("list.form_title", lang), cells.title)
    day = numbers.day(printed.day.isoformat(), lang)
    sheet.merge_range(
        1, 0, 1, width - 1, say("list.form_text", lang, day=day, kecamatan=kecamatan), cells.paragraph
    )
    sheet.set_row(1, 34)
    for i, text in enumerate(heads):
        sheet.write_string(2, i, text, cells.head)
    sheet.set_row(2, 48)
    sheet.repeat_rows(2)
    for at, one in enumerate(villages, 3):
        _form_row(sheet, at, one, labels, cells)
    last, asked = 3 + len(villages), sum(int(one.rows["asked"].sum()) for one in villages)
    sheet.write_blank(last, 0, None, cells.total)
    sheet.write_string(last, 1, say("word.total", lang), cells.total)
    for i in range(2, width - 1):
        letter = column_letters(i)
        value = asked if i in (2, width - 2) else 0
        sheet.write_formula(last, i, f"=SUM({letter}4:{letter}{last})", cells.total, value)
    sheet.write_blank(last, width - 1, None, cells.total)
    signs = (
        (1, say("list.form_camat", lang, kecamatan=kecamatan)),
        (width - 1, say("list.form_office", lang)),
    )
    for column, text in signs:
        sheet.write_string(last + 2, column, text, cells.centre)
        sheet.write_string(last + 7, column, say("list.form_line", lang), cells.blank)
    sheet.set_footer(f"&L{say('list.secret', lang)}&R{say('workbook.page', lang)}")
    sheet.protect("", {"format_columns": True, "format_rows": True})


def _form_row(sheet: Any, at: int, village: Village, labels: Sequence[str], cells: _Cells) -> None:
    letter, last = column_letters(_VERDICT), HEADER + len(village.rows) + 1
    place = f"'{village.sheet}'!${letter}${HEADER + 2}:${letter}${last}"
    asked = int(village.rows["asked"].sum())
    sheet.set_row(at, 30)
    sheet.write_number(at, 0, at - 2, cells.count)
    sheet.write_string(at, 1, village.desa, cells.place)
    sheet.write_number(at, 2, asked, cells.count)
    for i, text in enumerate(labels, 3):
        # What is written behind the word (a NIK, a place) is counted with it.
        sheet.write_formula(at, i, f'=COUNTIF({place},"{text}*")', cells.count, 0)
    first, end = column_letters(3), column_letters(2 + len(labels))
    sheet.write_formula(
        at, 3 + len(labels), f"=C{at + 1}-SUM({first}{at + 1}:{end}{at + 1})", cells.count, asked
    )
    sheet.write_blank(at, 4 + len(labels), None, cells.sign)
