"""The profile of an extract as tables for the terminal, the report and the notebook."""

from __future__ import annotations

from typing import Any

from nikdedup.residents import SECTIONS
from nikdedup.show import numbers
from nikdedup.show.cell import cell, head
from nikdedup.show.cell import table as table_cell
from nikdedup.show.figures import Table
from nikdedup.show.small import fullness
from nikdedup.show.summary import aligned
from nikdedup.show.texts import label, reason, say

Lines = list[dict[str, Any]]

_PLACES = 3
_CODED = {"stat_kwn": "marital", "stat_hbkel": "family_place"}
"""Columns understood as the registry's numbers -> group of their names."""


def profile_tables(sections: dict[str, Lines], lang: str) -> list[Table]:
    """Return every section that holds something as a formatted table.

    sections: section -> its lines, as `residents.profile.as_dict` returns them.
    """
    steps = {
        "columns": _columns, "reasons": _reasons, "defaults": _defaults, "nik": _verdicts,
        "origin": _origin, "residence": _residence, "cards": _cards,
        "truncation": _truncation, "texts": _texts, "skipped": _skipped,
    }  # fmt: skip
    tables = []
    for name in SECTIONS:
        tables.append(steps[name](sections.get(name, []), lang))
        if name == "nik":
            tables.append(_against(sections.get(name, []), lang))
    return [table for table in tables if table]


def profile_text(sections: dict[str, Lines], records: int, day: str | None, lang: str) -> str:
    """Return the profile as aligned plain text; the sentence of a finding stands below its code.

    Args:
        sections: section -> its lines, as `as_dict` returns them.
        records: number of records.
        day: reference date as ISO text; None where there is none.
        lang: `id` or `en`.
    """
    parts = [_title(day, lang) + "\n" + say("profile.records", lang, n=numbers.integer(records, lang))]
    for table in profile_tables(sections, lang):
        if table.title == say("profile.reasons", lang):
            # The sentence is too long for a line of a terminal, and the code is what filters understand.
            rows = tuple((row[1], *row[2:]) for row in table.rows)
            table = Table(table.title, table.headers[1:], rows, text_columns=1)
            body = _with_sentences(table, lang)
        else:
            body = aligned(
                Table("", table.headers, (table.headers, *table.rows), table.total, table.text_columns)
            )
        parts.append("\n".join([table.title, *body]))
    # The console of an office's Windows (cp1252) has no minus sign, and would fail at printing it.
    return "\n\n".join(parts).replace("−", "-")


def profile_html(sections: dict[str, Lines], records: int, day: str | None, lang: str) -> str:
    """Return the profile for a notebook; every text is escaped.

    Args:
        sections: section -> its lines, as `as_dict` returns them.
        records: number of records.
        day: reference date as ISO text; None where there is none.
        lang: `id` or `en`.
    """
    counted = say("profile.records", lang, n=numbers.integer(records, lang))
    tables = profile_tables(sections, lang)
    body = "".join(table_cell(one, folded=at != 1) for at, one in enumerate(tables))
    picture = fullness(_full(sections.get("columns", []), records), _title(day, lang), lang)
    return cell(head(_title(day, lang), counted), picture, body, then=THEN, lang=lang)


THEN = ("nikdedup.clean(data)", "nikdedup.dedupe(data)")
"""What follows a look at an extract."""


def _full(lines: Lines, records: int) -> list[tuple[str, int, int, int]]:
    """Return of each column its name, and how many cells are understood, filled without being understood, and all."""
    counts: dict[str, dict[str, int]] = {}
    for line in lines:
        counts.setdefault(line["column"], {})[line["measure"]] = line.get("count") or 0
    return [
        (
            name.upper(),
            one.get("filled", 0) - one.get("not_understood", 0),
            one.get("not_understood", 0),
            records,
        )
        for name, one in counts.items()
    ]


def _title(day: str | None, lang: str) -> str:
    return (
        say("profile.title", lang, day=numbers.day(day, lang)) if day else say("profile.title_no_date", lang)
    )


def _with_sentences(table: Table, lang: str) -> list[str]:
    lines = aligned(Table("", table.headers, (table.headers, *table.rows), text_columns=1))
    found = [lines[0]]
    for line, row in zip(lines[1:], table.rows, strict=True):
        found += [line, f"      {reason(row[0], lang)}"]
    return found


def _share(line: dict[str, Any], lang: str) -> str:
    return numbers.percent(line["share"], lang, digits=2) if "share" in line else numbers.NONE


def _figures(line: dict[str, Any], lang: str) -> tuple[str, str]:
    return numbers.integer(line["count"], lang), _share(line, lang)


def _places(line: dict[str, Any]) -> str:
    places = line.get("places", [])
    return ", ".join(places[:_PLACES]) + (" …" if len(places) > _PLACES else "") if places else numbers.NONE


def _headers(lang: str, *names: str) -> tuple[str, ...]:
    return tuple(say(name if "." in name else f"profile.{name}", lang) for name in names)


def _columns(lines: Lines, lang: str) -> Table:
    by_column: dict[str, dict[str, dict[str, Any]]] = {}
    for line in lines:
        by_column.setdefault(line["column"], {})[line["measure"]] = line
    rows = []
    for column, found in by_column.items():
        unread, kind = found.get("not_understood"), found.get("type")
        rows.append((
            column.upper(),
            label("cell_type", kind["value"], lang) if kind else numbers.NONE,
            numbers.integer(found["filled"]["count"], lang), _share(found["filled"], lang),
            numbers.integer(found["distinct"]["count"], lang),
            numbers.integer(unread["count"], lang) if unread else numbers.NONE,
            _places(unread) if unread else numbers.NONE,
        ))  # fmt: skip
    names = ("column", "type", "filled", "word.share", "distinct", "not_understood", "first_rows")
    return Table(say("profile.columns", lang), _headers(lang, *names), tuple(rows), text_columns=2)


def _reasons(lines: Lines, lang: str) -> Table:
    rows = tuple(
        (reason(line["measure"], lang), line["measure"], *_figures(line, lang), _places(line))
        for line in lines
    )  # fmt: skip
    names = ("report.reason", "word.code", "word.rows", "word.share", "first_rows")
    return Table(say("profile.reasons", lang), _headers(lang, *names), rows, text_columns=2)


def _counted(lines: Lines, names: list[str], title: str, header: str, lang: str) -> Table:
    rows = tuple(
        (name, numbers.integer(line["count"], lang), _share(line, lang))
        for name, line in zip(names, lines, strict=True)
    )
    return Table(say(title, lang), _headers(lang, header, "word.rows", "word.share"), rows)


def _defaults(lines: Lines, lang: str) -> Table:
    names = [label("default_date", line["measure"], lang) for line in lines]
    return _counted(lines, names, "profile.defaults", "default", lang)


def _verdicts(lines: Lines, lang: str) -> Table:
    lines = [line for line in lines if line["measure"].startswith("verdict_") and line["count"]]
    rows = tuple(
        (label("verdict", line["measure"][len("verdict_") :], lang), *_figures(line, lang), _places(line))
        for line in lines
    )
    names = ("report.verdict", "word.rows", "word.share", "first_rows")
    return Table(say("profile.nik", lang), _headers(lang, *names), rows)


def _against(lines: Lines, lang: str) -> Table:
    rows = []
    for column in ("tgl_lhr", "jenis_klmin", "no_kab"):
        found = {line["measure"]: line for line in lines if line.get("column") == column}
        if found and found["compared"]["count"]:
            differs = found["differs"]
            counts = [numbers.integer(found[name]["count"], lang) for name in ("compared", "differs")]
            rows.append((label("against", column, lang), *counts, _share(differs, lang), _places(differs)))
    names = ("column", "compared", "differs", "word.share", "first_rows")
    return Table(say("profile.against", lang), _headers(lang, *names), tuple(rows))


def _origin(lines: Lines, lang: str) -> Table:
    return _regions(lines, "profile.origin", "regency", "profile.other_regencies", lang)


def _residence(lines: Lines, lang: str) -> Table:
    return _regions(lines, "profile.residence", "kecamatan", "profile.other_kecamatan", lang)


def _regions(lines: Lines, title: str, header: str, rest: str, lang: str) -> Table:
    names = [
        say(rest, lang, n=line["value"]) if line["measure"].startswith("other_") else line["value"]
        for line in lines
    ]
    return _counted(lines, names, title, header, lang)


def _cards(lines: Lines, lang: str) -> Table:
    names = [label("card", line["measure"], lang) for line in lines]
    return _counted(lines, names, "profile.cards", "card", lang)


def _truncation(lines: Lines, lang: str) -> Table:
    rows = tuple(
        (line.get("value", numbers.NONE), line["column"].upper(), *_figures(line, lang),
         numbers.integer(suspect["count"], lang), _places(suspect))
        for line, suspect in zip(lines[::2], lines[1::2], strict=True)
    )  # fmt: skip
    names = ("source", "column", "ends_in_0", "word.share", "suspect", "first_rows")
    return Table(say("profile.truncation", lang), _headers(lang, *names), rows, text_columns=2)


def _texts(lines: Lines, lang: str) -> Table:
    rows = []
    for line in lines:
        measure, text = str(line["measure"]), str(line["value"])
        if measure in ("other_texts", "not_shown"):
            text, meaning = say(f"profile.{measure}", lang, n=text), numbers.NONE
        else:
            group = _CODED.get(line["column"], "meaning") if measure.isdigit() else "meaning"
            meaning = label(group, measure, lang)
        counts = (numbers.integer(line["count"], lang), _share(line, lang))
        rows.append((line["column"].upper(), text, meaning, *counts, _places(line)))
    names = ("column", "text", "meaning", "word.rows", "word.share", "first_rows")
    return Table(say("profile.texts", lang), _headers(lang, *names), tuple(rows), text_columns=3)


def _skipped(lines: Lines, lang: str) -> Table:
    rows = tuple(
        (label("skipped", line["measure"], lang), numbers.integer(line["count"], lang), _places(line))
        for line in lines
    )
    return Table(
        say("profile.skipped", lang), _headers(lang, "report.reason", "word.rows", "first_rows"), rows
    )
