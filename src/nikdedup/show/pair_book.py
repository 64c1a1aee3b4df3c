"""Pairs as a workbook: two lines each, what differs in bold, and cells in which an officer answers."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from nikdedup.show.figures import kind_name
from nikdedup.show.pair_table import PARTS
from nikdedup.show.texts import items, label, say

_ANSWERS = ("same", "different", "unsure")
_WIDTHS = {
    "nik": 19,
    "no_kk": 19,
    "nama_lgkp": 28,
    "nama_lgkp_ibu": 24,
    "nama_lgkp_ayah": 24,
    "alamat": 30,
    "tmpt_lhr": 16,
}


def write_pair_book(path: Path, table: pl.DataFrame, lang: str) -> None:
    """Write the pairs of a `paired_records`; every value is a text cell, so that no id changes and no formula runs."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False})
    book.set_properties({"created": datetime(2000, 1, 1)})  # the same bytes for the same pairs
    look = {"num_format": "@", "text_wrap": True, "valign": "top", "border": 1, "border_color": "#C8CCD2"}
    plain = [book.add_format(look | ({"bg_color": "#EEF3F7"} if band else {})) for band in (0, 1)]
    apart = [
        book.add_format(look | ({"bg_color": "#EEF3F7"} if band else {}) | {"bold": True}) for band in (0, 1)
    ]
    sheet = book.add_worksheet(say("pairs.sheet", lang))
    parts = [part for part in PARTS if f"{part}_l" in table.columns]
    headers, widths = _headers(parts, lang)
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 2})
    for at, (header, width) in enumerate(zip(headers, widths, strict=True)):
        sheet.set_column(at, at, width)
        sheet.write_string(0, at, header, bold)
    for number, pair in enumerate(table.iter_rows(named=True)):
        for line, side in enumerate("lr"):
            row, marked = 1 + 2 * number + line, set(pair["apart"] or []) | {"differs"}
            for at, (name, text) in enumerate(_cells(pair, side, number, parts, lang)):
                sheet.write_string(row, at, text, (apart if name in marked else plain)[number % 2])
    last = max(2 * len(table), 1)
    answers = [say(f"pairs.{one}", lang) for one in _ANSWERS]
    sheet.data_validation(
        1, len(headers) - 2, last, len(headers) - 2, {"validate": "list", "source": answers}
    )
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, last, len(headers) - 1)
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{last + 1}"})
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    book.close()


def _headers(parts: list[str], lang: str) -> tuple[list[str], list[float]]:
    names = items("differs", lang)
    own = [(say(f"pairs.{key}", lang), width) for key, width in (("pair", 8), ("record", 10), ("place", 22))]
    fields = [(names[part][0].upper() + names[part][1:], _WIDTHS.get(part, 12)) for part in parts]
    rest = [(say(key, lang), width) for key, width in (
        ("report.action", 20), ("pairs.kind", 22), ("pairs.band", 14), ("pairs.differs", 28),
        ("pairs.answer", 16), ("pairs.remark", 28),
    )]  # fmt: skip
    told = [*own, *fields, *rest]
    return [name for name, _ in told], [float(width) for _, width in told]


def _cells(
    pair: dict[str, Any], side: str, number: int, parts: list[str], lang: str
) -> list[tuple[str, str]]:
    """Return field and text of every cell of a line; what is said of the pair stands in both."""
    fields = [(part, _text(pair[f"{part}_{side}"], part, lang)) for part in parts]
    kind = kind_name(str(pair["kind"]), lang) if pair["kind"] else ""
    return [
        ("", str(number + 1)), ("", str(pair[f"row_{side}"])), ("", str(pair[f"place_{side}"] or "")), *fields,
        ("", label("action", pair[f"action_{side}"], lang)), ("", kind),
        ("", label("band", pair["band"] or "null", lang)), ("differs", str(pair["differs"] or "")), ("", ""), ("", ""),
    ]  # fmt: skip


def _text(value: object, part: str, lang: str) -> str:
    if part == "recorded":
        return label("recorded", value or "unknown", lang)
    return "" if value is None else str(value)
