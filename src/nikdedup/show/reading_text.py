"""What summary, report and notebook say of reading: what was told by what, what was not used, what is lacking."""

from __future__ import annotations

from collections.abc import Sequence

from nikdedup.masking import HIDDEN
from nikdedup.publish import Input, RunRecord, Unused
from nikdedup.show import numbers
from nikdedup.show.texts import label, say

MOST = 12
"""Columns named one by one."""


def reading_notes(run: RunRecord, lang: str) -> list[str]:
    """Return what no column tells, was not used or not read, and what that costs, a sentence each."""
    found = run.input
    return [*_lacking(run, lang), *_unused(found, lang), *_ragged(found, lang), *_misquoted(found, lang)]


def _lacking(run: RunRecord, lang: str) -> list[str]:
    """Say what no column tells and what that costs."""
    if run.config.nik_scheme == "opaque":
        return []
    records = run.counts.records
    lines = []
    for cost in run.input.cost:
        line = label("cost", cost.code, lang)
        if cost.rows < records:
            n, of = numbers.integer(cost.rows, lang), numbers.integer(records, lang)
            line = say("reading.of_rows", lang, text=line, n=n, of=of)
        lines.append(line)
    return lines


def _unused(found: Input, lang: str) -> list[str]:
    """Name the columns that hold something and are not used; first those that may be a field which is missing."""
    unused = sorted(found.unused, key=lambda one: not one.may_be)
    lines = [
        say("reading.may_be", lang, column=_column(one, lang), fields=", ".join(one.may_be))
        for one in unused
        if one.may_be
    ]
    plain = [
        f"{_column(one, lang)} ({numbers.percent(one.share, lang, digits=0)})"
        for one in unused
        if not one.may_be
    ]
    if plain:
        more = f", +{len(plain) - MOST}" if len(plain) > MOST else ""
        lines.append(say("reading.unused", lang, columns=", ".join(plain[:MOST]) + more))
    return lines


def _column(one: Unused, lang: str) -> str:
    """Name a column by its header, else by its position; and by its sheet if there are several."""
    header = one.header or ""
    if header and not header.startswith(HIDDEN):
        name = repr(header)
    else:
        name = say("reading.hidden" if header else "reading.column", lang, n=one.column)
    return f"{name} [{one.sheet}]" if one.sheet else name


def _ragged(found: Input, lang: str) -> list[str]:
    lines = []
    for source in found.sources:
        rows = source.ragged_rows
        if rows:
            cells = numbers.integer(source.surplus_cells, lang)
            n = numbers.integer(len(rows), lang)
            lines.append(say("reading.ragged", lang, file=source.file, n=n, rows=_listed(rows), cells=cells))
    return lines


def _misquoted(found: Input, lang: str) -> list[str]:
    return [
        say(
            "reading.misquoted", lang,
            file=source.file, n=numbers.integer(len(source.misquoted_rows), lang), rows=_listed(source.misquoted_rows),
        )
        for source in found.sources
        if source.misquoted_rows
    ]  # fmt: skip


def _listed(rows: Sequence[int]) -> str:
    return ", ".join(map(str, rows[:MOST])) + (", …" if len(rows) > MOST else "")


def source_notes(run: RunRecord, lang: str) -> list[str]:
    """Say which fields were told by something else than the config or a header, a sentence each."""
    found, lines, around = run.input, [], dict[str, list[str]]()
    for field, manners in found.how.items():
        for manner in manners:
            if manner == "content":
                headers = ", ".join(repr(header) for header in found.mapping.get(field, []))
                lines.append(say("told.content", lang, field=field.upper(), headers=headers))
            elif manner not in ("config", "header", "note"):
                around.setdefault(manner, []).append(field.upper())
    return lines + [
        label("told", how, lang).format(field=", ".join(fields)) for how, fields in around.items()
    ]
