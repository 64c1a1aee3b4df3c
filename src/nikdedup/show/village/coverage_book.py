"""coverage.xlsx: one sheet for the whole and one per group, totals by formula, printable."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from nikdedup.show import numbers
from nikdedup.show.texts import label, say
from nikdedup.show.village.a4 import printed_on_a4
from nikdedup.show.village.coverage_tables import figure_headers, group_name, paper_title
from nikdedup.show.xlsx_rows import column_letters
from nikdedup.village import BY, CAUSES, Tally

FIRST_ROW = 5
"""Of a group's table, 0-based: title, date and target stand above its header."""
_DOWN = "ROUNDDOWN({held}/{due}+0.00000001,4)"
"""A share as `numbers.floored` rounds it down, so that nobody reads a target as reached that is not."""
_NEEDED = "=MAX(0,ROUNDUP(ROUND({target}*{due},6),0)-{held})"
"""ceil(target x due) - held; rounded first, lest a float a hair too large be one more recording."""


def write_coverage_book(path: Path, tallies: Sequence[Tally], day: date, lang: str) -> None:
    """Write the workbook of coverage; the same figures give the same bytes.

    Args:
        path: the file to write.
        tallies: coverage of each paper.
        day: date the extract speaks of.
        lang: `id` or `en`.
    """
    import xlsxwriter

    heading = say("village.coverage_heading", lang, day=numbers.day(day.isoformat(), lang))
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"title": heading, "created": datetime(2000, 1, 1)})
        cells = _Cells(book)
        _whole(book.add_worksheet(say("village.sheet_whole", lang)), tallies, heading, lang, cells)
        for found in tallies:
            for by in BY:
                name = f"{say(f'village.short_{found.paper}', lang)} {say(f'village.by_{by}', lang)}"
                _group(book.add_worksheet(name[:31]), found, by, heading, lang, cells)


class _Cells:
    """Formats of the workbook."""

    def __init__(self, book: Any) -> None:
        edge = {"border": 1, "border_color": "#BFBFBF"}
        head = {
            "bold": True,
            "bg_color": "#DCE6F1",
            "text_wrap": True,
            "align": "center",
            "valign": "vcenter",
        }
        bold = edge | {"bold": True, "top": 2}
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.note = book.add_format({"italic": True, "font_color": "#5F5F5F"})
        self.head = book.add_format(edge | head)
        self.text = book.add_format(edge)
        self.count = book.add_format(edge | {"num_format": "#,##0"})
        self.share = book.add_format(edge | {"num_format": "0.00%"})
        self.total_text = book.add_format(bold)
        self.total_count = book.add_format(bold | {"num_format": "#,##0"})
        self.total_share = book.add_format(bold | {"num_format": "0.00%"})


def _whole(sheet: Any, tallies: Sequence[Tally], heading: str, lang: str, cells: _Cells) -> None:
    """Write the sheet of the whole: a block per paper, before, the effect of each cause, after."""
    printed_on_a4(sheet, lang, margin=0.4)
    sheet.set_column(0, 0, 52)
    sheet.set_column(1, 3, 16)
    sheet.write_string(0, 0, heading, cells.title)
    row = 2
    for found in tallies:
        row = _block(sheet, row, found, lang, cells) + 2
    sheet.write_string(row, 0, say("village.coverage_note", lang), cells.note)


def _block(sheet: Any, row: int, found: Tally, lang: str, cells: _Cells) -> int:
    """Write the block of a paper from `row` on; return the row below it."""
    own = (say(f"village.{side}_{found.paper}", lang) for side in ("due", "held"))
    for i, text in enumerate((paper_title(found, lang), *own, "%")):
        sheet.write_string(row, i, text, cells.head)
    lines = [(say("village.before", lang), *found.before)]
    lines += [(label("cause", one.cause, lang), one.due, one.held) for one in found.effects]
    for at, (name, due, held) in enumerate(lines, row + 1):
        sheet.write_string(at, 0, name, cells.text)
        sheet.write_number(at, 1, due, cells.count)
        sheet.write_number(at, 2, held, cells.count)
        sheet.write_blank(at, 3, None, cells.share)
    _share(sheet, row + 1, cells.share, found.before.share)
    last = row + 1 + len(lines)
    sheet.write_string(last, 0, say("village.after", lang), cells.total_text)
    for i, value in enumerate(found.after, 1):
        letter = column_letters(i)
        sheet.write_formula(last, i, f"=SUM({letter}{row + 2}:{letter}{last})", cells.total_count, value)
    _share(sheet, last, cells.total_share, found.after.share)
    for at, name in ((last + 1, "target"), (last + 2, "needed")):
        sheet.write_string(at, 0, say(f"village.{name}", lang), cells.text)
        for i in (1, 2, 3):
            sheet.write_blank(at, i, None, cells.text)
    sheet.write_number(last + 1, 3, found.target, cells.share)
    formula = _NEEDED.format(target=f"D{last + 2}", due=f"B{last + 1}", held=f"C{last + 1}")
    sheet.write_formula(last + 2, 2, formula, cells.count, found.after.needed(found.target))
    return last + 3


def _share(sheet: Any, row: int, style: Any, share: float | None) -> None:
    formula = f'=IF(B{row + 1}=0,"",{_DOWN.format(held=f"C{row + 1}", due=f"B{row + 1}")})'
    down = numbers.floored(share)
    sheet.write_formula(row, 3, formula, style, "" if down is None else down)


def _group(sheet: Any, found: Tally, by: str, heading: str, lang: str, cells: _Cells) -> None:
    """Write one line per group, what each cause takes away behind its figures, and totals by formula."""
    printed_on_a4(sheet, lang, margin=0.4)
    frame, group = found.groups[by], say(f"village.by_{by}", lang)
    sheet.write_string(
        0, 0, f"{paper_title(found, lang)}, {say('village.per', lang, group=group.lower())}", cells.title
    )
    sheet.write_string(1, 0, heading, cells.note)
    target = f"{say('village.target', lang)}: {numbers.percent(found.target, lang)}"
    sheet.write_string(2, 0, target, cells.note)
    causes = [one for one in CAUSES if (frame[f"{one}_due"] != 0).any()]
    headers = [
        group,
        *figure_headers(found, lang),
        say("village.due_before", lang),
        say("village.held_before", lang),
    ]
    for cause in causes:
        named = label("cause", cause, lang)
        headers += [f"{named}: {say(f'village.{side}', lang)}" for side in ("denominator", "numerator")]
    for i, text in enumerate(headers):
        sheet.write_string(FIRST_ROW - 1, i, text, cells.head)
    sheet.set_row(FIRST_ROW - 1, 62)
    sheet.set_column(0, 0, 38)
    sheet.set_column(1, len(headers) - 1, 12.5)
    for at, line in enumerate(frame.iter_rows(named=True), FIRST_ROW):
        sheet.write_string(at, 0, group_name(by, line, lang), cells.text)
        _line(sheet, at, _figures(line, causes), cells.count, cells.share)
    sheet.write_string(FIRST_ROW + len(frame), 0, say("word.total", lang), cells.total_text)
    _totals(sheet, found, len(frame), causes, cells)
    sheet.freeze_panes(FIRST_ROW, 1)
    sheet.repeat_rows(FIRST_ROW - 1)
    sheet.autofilter(FIRST_ROW - 1, 0, FIRST_ROW + max(len(frame), 1) - 1, len(headers) - 1)


SHARES = (4, 5, 6)
"""Columns of shares: before, after, gap."""


def _figures(line: dict[str, Any], causes: Sequence[str]) -> list[float | None]:
    gap = None if line["gap"] is None else max(line["gap"], 0.0)
    settled = [line[name] for name in ("due_after", "held_after", "missing_after")]
    settled += [numbers.floored(line[name]) for name in ("share", "share_after")]
    effects = [line[f"{cause}_{side}"] for cause in causes for side in ("due", "held")]
    return [*settled, gap, line["needed"], line["due"], line["held"], *effects]


def _line(sheet: Any, at: int, figures: Sequence[float | None], count: Any, share: Any) -> None:
    for i, value in enumerate(figures, 1):
        style = share if i in SHARES else count
        if value is None:
            sheet.write_blank(at, i, None, style)
        else:
            sheet.write_number(at, i, value, style)


def _totals(sheet: Any, found: Tally, lines: int, causes: Sequence[str], cells: _Cells) -> None:
    """Write sums, and shares and need of the sums: what is needed in all is not the sum of the groups."""
    at = FIRST_ROW + lines
    row, target = at + 1, repr(found.target)
    own = {
        4: f'=IF(I{row}=0,"",{_DOWN.format(held=f"J{row}", due=f"I{row}")})',
        5: f'=IF(B{row}=0,"",{_DOWN.format(held=f"C{row}", due=f"B{row}")})',
        6: f'=IF(B{row}=0,"",MAX(0,{target}-C{row}/B{row}))',
        7: _NEEDED.format(target=target, due=f"B{row}", held=f"C{row}"),
    }
    for i, value in enumerate(_figures(found.whole, causes), 1):
        letter = column_letters(i)
        summed = f"=SUM({letter}{FIRST_ROW + 1}:{letter}{at})" if lines else "=0"
        style = cells.total_share if i in SHARES else cells.total_count
        sheet.write_formula(at, i, own.get(i, summed), style, "" if value is None else value)
