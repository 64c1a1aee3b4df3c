"""The before-and-after a run prints: plain text, aligned, no identities."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from nikdedup.publish import RunRecord
from nikdedup.show import figures, numbers
from nikdedup.show.figures import Table
from nikdedup.show.reading_text import reading_notes, source_notes
from nikdedup.show.texts import label, say


def aligned(table: Table, *, indent: str = "  ") -> list[str]:
    """Return the lines of a table, words to the left, figures to the right, no decoration.

    Trailing spaces are cut, so that the text can be compared and pasted.
    """
    lines = [*table.rows, *([table.total] if table.total else [])]
    if not lines:
        return []
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    rendered = []
    for line in lines:
        cells = [
            cell.ljust(width) if i < table.text_columns else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        rendered.append((indent + "  ".join(cells)).rstrip())
    return rendered


def summary_text(run: RunRecord, lang: str, *, kept: Sequence[str] = ()) -> str:
    """Return what the office wants to know first, as plain text of at most 100 columns.

    Records, people, doubles by kind, proposals by action, coverage before and after against the target with the
    number still missing; near the end, where it is read, what the run could not do for want of columns, and
    failed health checks. Ends without a line break. Where the report lies is the caller's to say.

    Args:
        run: record of the run (run.json).
        lang: `id` or `en`.
        kept: names under which workbooks were kept that somebody had filled in.
    """
    day = run.reference_date
    key = "summary.heading" if day else "summary.heading_no_date"
    parts = [[say(key, lang, day=numbers.day(day, lang))]]
    names = ("records", "people", "people_of_two_or_more", "joined_pairs", "review_pairs", "shared_niks")
    parts.append(aligned(Table("", ("", ""), tuple(figures.counts(run, names, lang)))))
    for table in (figures.kinds(run, lang), figures.actions(run, lang)):
        if table:
            parts.append([table.title, *aligned(table)])
    parts.append(_officers_lines(run, lang))
    parts.append(_coverage_lines(run, lang))
    parts.append(_listed(say("reading.told", lang), source_notes(run, lang)))
    parts.append(_listed(say("reading.title", lang), reading_notes(run, lang)))
    parts.append(_health_lines(run, lang))
    parts.append([say("summary.workbook_kept", lang, name=name) for name in kept])
    text = "\n\n".join("\n".join(lines) for lines in parts if lines)
    # The console of an office's Windows (cp1252) has no minus sign, and would fail at printing it.
    return text.replace("−", "-")


def _coverage_lines(run: RunRecord, lang: str) -> list[str]:
    table = figures.coverage_table(run, lang)
    if not table:
        return [say("coverage.unknown", lang)]
    header = aligned(Table("", table.headers, (("", *table.headers[1:]), *table.rows)))
    return [table.title, *header]


def _officers_lines(run: RunRecord, lang: str) -> list[str]:
    """Say how many entries of the officers' list hold, and which have no effect; nothing without a list."""
    told = run.officers
    if not told:
        return []
    idle = {"lapsed": told.lapsed, "unmatched": told.unmatched, "aside": told.aside}
    lines = []
    for name, n, of_villages in (("held", told.entries, False), ("answers", told.answers, True)):
        held = n - sum(
            (entry > told.entries) is of_villages for entries in idle.values() for entry in entries
        )
        if n:
            lines.append(
                say(f"officers.{name}", lang, n=numbers.integer(n, lang), held=numbers.integer(held, lang))
            )
    if run.counts.declared:
        stated = [
            f"{label('meaning', code, lang)} {numbers.integer(n, lang)}"
            for code, n in run.counts.declared.items()
            if n
        ]
        lines.append("  - " + say("officers.statuses", lang, listed=", ".join(stated)))
    for name, entries in idle.items():
        if not entries:
            continue
        listed = ", ".join(map(str, entries[:10])) + (", …" if len(entries) > 10 else "")
        lines.append("  - " + say(f"officers.{name}", lang, entries=listed))
    return lines


def _listed(title: str, notes: list[str]) -> list[str]:
    """Return a title and the notes below it, broken into lines; nothing without notes."""
    fill = textwrap.TextWrapper(
        98, initial_indent="  - ", subsequent_indent="    ", break_long_words=False
    ).fill
    return [title, *map(fill, notes)] if notes else []


def _health_lines(run: RunRecord, lang: str) -> list[str]:
    failed = [text for ok, text in figures.health(run, lang) if not ok]
    if failed:
        return [say("summary.health_failed", lang), *(f"  - {text}" for text in failed)]
    return [say("summary.health_ok", lang)] if run.health else []
