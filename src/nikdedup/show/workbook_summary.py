"""The last sheet of decisions.xlsx: rows by action and kecamatan with totals, and what the colours mean."""

from __future__ import annotations

from typing import Any

import polars as pl

from nikdedup.show.texts import items, label, say

LEGEND = ("band", "bold", "nik_stays", "grey", "filter", "remark", "explain")
"""Texts of the legend, in their order."""


def add_summary(book: Any, sheets: list[tuple[str, pl.DataFrame]], lang: str, *, band: str) -> None:
    """Add the sheet of totals and legend to a workbook.

    Args:
        book: of xlsxwriter.
        sheets: name and rows of the other sheets; one row at least.
        lang: `id` or `en`.
        band: colour of every other case.
    """
    rows = pl.concat([rows.select("sheet", "kecamatan") for _, rows in sheets])
    actions = list(dict.fromkeys(rows["sheet"]))
    table = rows.pivot("sheet", index="kecamatan", values="sheet", aggregate_function="len")
    table = table.select("kecamatan", *(pl.col(one).fill_null(0) for one in actions)).sort(
        "kecamatan", nulls_last=True
    )
    names = [label("action", one, lang) for one in actions]
    headers = [say("column.kecamatan", lang), *names, say("word.total", lang)]
    lines = [
        [line[0] or say("sheet.no_kecamatan", lang), *line[1:], sum(line[1:])] for line in table.iter_rows()
    ]
    sums = [sum(line[at] for line in lines) for at in range(1, len(headers))]
    sheet = book.add_worksheet(say("sheet.summary", lang))
    edge = {"border": 1, "border_color": "#BFBFBF", "font_size": 11}
    bold = {"bold": True, "bg_color": "#DCE6F1"}
    text, number = (book.add_format(edge | {"num_format": form}) for form in ("@", "#,##0"))
    head = book.add_format(edge | bold | {"text_wrap": True, "valign": "vcenter", "align": "center"})
    foot_text, foot_number = (book.add_format(edge | bold | {"num_format": form}) for form in ("@", "#,##0"))
    sheet.set_row(0, 45)
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, len(headers) - 1, 13)
    for at, header in enumerate(headers):
        sheet.write_string(0, at, header, head)
    for row, line in enumerate([*lines, [say("word.total", lang), *sums]], start=1):
        last = row > len(lines)
        sheet.write_string(row, 0, str(line[0]), foot_text if last else text)
        for at, count in enumerate(line[1:], start=1):
            sheet.write_number(row, at, count, foot_number if last else number)
    _add_legend(book, sheet, len(lines) + 3, lang, band)
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_header(f"&L&A&C{say('workbook.secret', lang)}")
    sheet.set_footer(f"&C{say('workbook.page', lang)}")


def _add_legend(book: Any, sheet: Any, row: int, lang: str, band: str) -> None:
    edge = {"border": 1, "border_color": "#BFBFBF", "font_size": 11, "valign": "top"}
    looks: dict[str, dict[str, Any]] = {
        "band": {"bg_color": band},
        "bold": {"bold": True},
        "grey": {"font_color": "#6B6B6B"},
    }
    wrap = book.add_format({"text_wrap": True, "valign": "top", "font_size": 11})
    sheet.write_string(row, 0, say("legend.title", lang), book.add_format({"bold": True, "font_size": 11}))
    answers = ", ".join(items("answer", lang).values())
    for at, key in enumerate(LEGEND, start=row + 1):
        sample = book.add_format(edge | looks.get(key, {}))
        sheet.write_string(at, 0, say(f"legend.{key}_sign", lang), sample)
        sheet.merge_range(at, 1, at, 8, say(f"legend.{key}", lang, answers=answers), wrap)
        sheet.set_row(at, 45 if key == "remark" else 30)
