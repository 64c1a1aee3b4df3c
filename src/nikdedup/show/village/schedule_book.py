"""schedule.xlsx and letters.xlsx: the plan as a table, and a letter to each place, to be printed and signed.

Neither names anybody or says why somebody is visited at home (UU 27/2022: health is specific personal data).
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

from nikdedup.show import numbers
from nikdedup.show.texts import say
from nikdedup.show.village.a4 import printed_on_a4
from nikdedup.show.village.plan_lines import assumptions, coverage_after
from nikdedup.show.village.worklist_book import sheet_names
from nikdedup.village import Visit

_DAYS = {
    "id": ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


def weekday(day: date, lang: str) -> str:
    """Return the name of the day of the week.

    Args:
        day: any day.
        lang: of the name.
    """
    return _DAYS[lang][day.weekday()]


def write_schedule(path: Path, found: Any) -> None:
    """Write the plan: a line per visit with running coverage, a total by formula, assumptions on a second sheet.

    Args:
        path: file to be written.
        found: run.outreach.Outreach.
    """
    import xlsxwriter

    lang = found.lang
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"title": say("plan.title", lang), "created": datetime(2000, 1, 1)})
        edge = {"border": 1, "border_color": "#A6A6A6"}
        head = book.add_format(
            edge
            | {"bold": True, "bg_color": "#DCE6F1", "text_wrap": True, "align": "center", "valign": "vcenter"}
        )
        middle = book.add_format(edge | {"align": "center"})
        text, count = book.add_format(edge), book.add_format(edge | {"num_format": "#,##0"})
        day, share = (
            book.add_format(edge | {"num_format": "dd-mm-yyyy", "align": "center"}),
            book.add_format(edge | {"num_format": "0.00%"}),
        )
        total = book.add_format(edge | {"bold": True, "top": 2, "num_format": "#,##0"})
        title = book.add_format({"bold": True, "font_size": 14})
        sheet = book.add_worksheet(say("plan.sheet", lang))
        sheet.write_string(
            0, 0, say("plan.heading", lang, teams=found.asked.teams, days=found.asked.days), title
        )
        names = ("leave_day", "day", "weekday", "team", "place", "people", "home", "cost", "after")
        for i, (name, width) in enumerate(zip(names, (12, 12, 10, 8, 44, 11, 11, 14, 12), strict=True)):
            sheet.set_column(i, i, width)
            sheet.write_string(1, i, say(f"plan.{name}", lang), head)
        sheet.set_row(1, 32)
        held = found.candidates.held
        for at, one in enumerate(found.plan.visits, 2):
            held += one.reached if one.place.counts else 0
            sheet.write_datetime(at, 0, datetime.combine(one.leaves, datetime.min.time()), day)
            sheet.write_datetime(at, 1, datetime.combine(one.day, datetime.min.time()), day)
            sheet.write_string(at, 2, weekday(one.day, lang), middle)
            sheet.write_number(at, 3, one.team, middle)
            sheet.write_string(at, 4, one.place.name, text)
            for i, value in enumerate((one.reached, one.home, one.cost), 5):
                sheet.write_number(at, i, value, count)
            after = numbers.floored(held / found.candidates.due) if found.candidates.due else 0
            sheet.write_number(at, 8, after, share)
        last = 2 + len(found.plan.visits)
        for i in range(9):
            sheet.write_blank(last, i, None, total)
        sheet.write_string(last, 4, say("word.total", lang), total)
        for i, letter in ((5, "F"), (6, "G"), (7, "H")):
            value = sum((one.reached, one.home, one.cost)[i - 5] for one in found.plan.visits)
            formula = f"=SUM({letter}3:{letter}{last})" if found.plan.visits else "=0"
            sheet.write_formula(last, i, formula, total, value)
        sheet.freeze_panes(2, 0)
        sheet.autofilter(1, 0, max(last - 1, 2), 8)
        printed_on_a4(sheet, lang, margin=0.5)
        sheet.repeat_rows(1)
        _assumed(book.add_worksheet(say("plan.sheet_assumptions", lang)), found, title)


def _assumed(sheet: Any, found: Any, title: Any) -> None:
    lang, plan = found.lang, found.plan
    sheet.set_column(0, 0, 110)
    sheet.write_string(0, 0, say("plan.assumptions", lang), title)
    share = numbers.percent(coverage_after(found, plan), lang, floor=True)
    lines = [
        *assumptions(found),
        f"{say('plan.reached', lang)}: {numbers.integer(plan.reached, lang)}",
        f"{say('plan.gap', lang)}: {numbers.percent(plan.gap, lang)}",
        f"{say('plan.after', lang)}: {share}",
    ]
    for at, line in enumerate(lines, 2):
        sheet.write_string(at, 0, line)
    printed_on_a4(sheet, lang, margin=0.5)


def write_letters(path: Path, found: Any) -> None:
    """Write a letter to each place, a sheet each, printed on A4.

    Args:
        path: file to be written.
        found: run.outreach.Outreach.
    """
    import xlsxwriter

    lang = found.lang
    visits: dict[str, list[Visit]] = {}
    for one in found.plan.visits:
        visits.setdefault(one.place.name, []).append(one)
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"title": say("letter.title", lang), "created": datetime(2000, 1, 1)})
        formats = {
            "title": book.add_format({"bold": True, "font_size": 14, "align": "center"}),
            "text": book.add_format({"text_wrap": True, "valign": "top", "font_size": 11}),
            "bold": book.add_format({"bold": True, "font_size": 11}),
            "plain": book.add_format({"font_size": 11}),
        }
        for sheet_name, (name, ones) in zip(sheet_names(list(visits)), visits.items(), strict=True):
            _letter(book.add_worksheet(sheet_name), name, ones, lang, formats)
        if not visits:
            book.add_worksheet(say("letter.title", lang)[:31]).write_string(0, 0, say("plan.nothing", lang))


def _days(visits: list[Visit], lang: str) -> list[list[tuple[str, str]]]:
    """Return what a letter says of each day: the day, how many are expected of all teams, how many of them at home."""
    found = []
    for day in sorted({one.day for one in visits}):
        mine = [one for one in visits if one.day == day]
        people, home = sum(one.reached for one in mine), sum(one.home for one in mine)
        expected = numbers.integer(people, lang)
        if len(mine) > 1:
            expected = say("letter.teams", lang, people=expected, teams=len(mine))
        told = [
            ("day", f"{weekday(day, lang)}, {numbers.day(day.isoformat(), lang)}"),
            ("people", expected),
        ]
        found.append([*told, ("home", numbers.integer(home, lang))] if home else told)
    return found


def _letter(sheet: Any, name: str, visits: list[Visit], lang: str, formats: dict[str, Any]) -> None:
    """Write one letter: where, when, how many are expected, and what to bring."""
    kind = "desa" if visits[0].place.kind == "desa" else "other"
    sheet.set_portrait()
    sheet.set_paper(9)
    sheet.set_margins(left=0.9, right=0.9, top=0.8, bottom=0.8)
    sheet.fit_to_pages(1, 1)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 62)
    sheet.merge_range(0, 0, 0, 1, say("letter.title", lang), formats["title"])
    lines = [
        ("number", "……………………"),
        ("matter", say("letter.about", lang)),
        ("to", say(f"letter.to_{kind}", lang, name=name)),
    ]
    row = 2
    for key, text in lines:
        sheet.write_string(row, 0, say(f"letter.{key}", lang), formats["plain"])
        sheet.write_string(row, 1, text, formats["bold"])
        row += 1
    row += 1
    sheet.merge_range(row, 0, row, 1, say("letter.opening", lang, name=name), formats["text"])
    sheet.set_row(row, 50)
    row += 2
    for told in _days(visits, lang):
        for key, text in told:
            sheet.write_string(row, 0, say(f"letter.{key}", lang), formats["plain"])
            sheet.write_string(row, 1, text, formats["bold"])
            row += 1
        row += 1
    for key, height in (("please", 82), ("closing", 34)):
        sheet.merge_range(row, 0, row, 1, say(f"letter.{key}", lang), formats["text"])
        sheet.set_row(row, height)
        row += 1
    for text in (
        say("letter.place_day", lang),
        say("letter.head", lang),
        "",
        "",
        "",
        say("list.form_line", lang),
    ):
        row += 1
        sheet.write_string(row, 1, text, formats["plain"])
