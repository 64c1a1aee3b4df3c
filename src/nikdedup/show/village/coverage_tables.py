"""Coverage as plain text: the whole with the effect of every cause, then a table for each group."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl

from nikdedup.show import numbers
from nikdedup.show.figures import Table
from nikdedup.show.summary import aligned
from nikdedup.show.texts import label, say
from nikdedup.village import KEYS, Tally, furthest_behind

MOST_NIGHTS = 12
"""Nights that the text lists; the chart shows all."""


def coverage_text(
    tallies: Sequence[Tally],
    day: date,
    lang: str,
    *,
    by: Sequence[str] = ("kecamatan",),
    nights: pl.DataFrame | None = None,
) -> str:
    """Return the coverage of every paper as text.

    Args:
        tallies: as `tallies` gives them, KTP-el first.
        day: the date that the extract speaks of.
        lang: of the text.
        by: the groups to be listed, of village.BY.
        nights: coverage of the nights of a state, see run.coverage; None of a run.
    """
    parts = [say("village.coverage_heading", lang, day=numbers.day(day.isoformat(), lang))]
    for found in tallies:
        parts.append(_block(whole_table(found, lang)))
        parts += [_block(group_table(found, group, lang)) for group in by]
        if found.paper == "ktp" and "desa" not in by:
            parts.append(_block(behind_table(found, lang)))
    if nights is not None and len(nights) > 1:
        parts.append(_block(trend_table(nights, lang)))
    parts.append(say("village.coverage_note", lang))
    return "\n\n".join(part for part in parts if part).replace("−", "-")


def _block(table: Table) -> str:
    if not table:
        return ""
    head = Table("", table.headers, (table.headers, *table.rows), table.total, table.text_columns)
    return "\n".join([table.title, *aligned(head)])


def whole_table(found: Tally, lang: str) -> Table:
    """Return due, held and share before, the effect of each cause, and after; then target, gap and what is needed."""
    rows = [_side(say("village.before", lang), *found.before, lang=lang)]
    for effect in found.effects:
        name = label("cause", effect.cause, lang)
        rows.append((f"  {name}", *(numbers.integer(n, lang) for n in (effect.due, effect.held)), ""))
    rows.append(_side(say("village.after", lang), *found.after, lang=lang))
    rows.append((say("village.target", lang), "", "", numbers.percent(found.target, lang)))
    rows.append((say("village.gap", lang), "", "", _points(found.gap, lang)))
    rows.append(
        (say("village.needed", lang), "", numbers.integer(found.after.needed(found.target), lang), "")
    )
    held = say(f"village.held_{found.paper}", lang)
    return Table(
        paper_title(found, lang), ("", say(f"village.due_{found.paper}", lang), held, "%"), tuple(rows)
    )


def paper_title(found: Tally, lang: str) -> str:
    """Return what the coverage of a paper is called."""
    return say(f"village.title_{found.paper}", lang)


def _side(name: str, due: int, held: int, *, lang: str) -> tuple[str, ...]:
    share = held / due if due else None
    return (name, *(numbers.integer(n, lang) for n in (due, held)), numbers.percent(share, lang, floor=True))


def _points(gap: float | None, lang: str) -> str:
    return numbers.NONE if gap is None else numbers.decimal(max(gap, 0.0) * 100, lang)


def group_table(found: Tally, by: str, lang: str) -> Table:
    """Return one line per kecamatan, desa, sex or age band with a total; the figures are those after settling."""
    lines = found.groups[by].iter_rows(named=True)
    rows = tuple((group_name(by, line, lang), *_cells(line, lang)) for line in lines)
    group = say(f"village.by_{by}", lang)
    total = (say("word.total", lang), *_cells(found.whole, lang))
    title = f"{paper_title(found, lang)}, {say('village.per', lang, group=group.lower())}"
    return Table(title, (group, *figure_headers(found, lang)), rows, total)


def behind_table(found: Tally, lang: str, most: int = 10) -> Table:
    """Return the desa that need most recordings."""
    lines = furthest_behind(found.groups["desa"], most).iter_rows(named=True)
    rows = tuple((group_name("desa", line, lang), *_cells(line, lang)) for line in lines)
    headers = (say("village.by_desa", lang), *figure_headers(found, lang))
    return Table(say("village.behind", lang, n=len(rows)), headers, rows)


def trend_table(nights: pl.DataFrame, lang: str) -> Table:
    """Return what the last nights of a state told of their coverage, the newest last."""
    rows = []
    for line in nights.tail(MOST_NIGHTS).iter_rows(named=True):
        shares = (line[f"recorded{end}"] / (line[f"wajib_ktp{end}"] or 1) for end in ("", "_after"))
        figures = (numbers.integer(line[name], lang) for name in ("wajib_ktp_after", "recorded_after"))
        cells = (*figures, *(numbers.percent(share, lang, floor=True) for share in shares))
        rows.append((numbers.integer(line["run"], lang), numbers.day(line["day"], lang), *cells))
    heads = ("night", "day", "due_ktp", "held_ktp", "share_before", "share_after")
    return Table(
        say("village.trend", lang),
        tuple(say(f"village.{name}", lang) for name in heads),
        tuple(rows),
        None,
        2,
    )


def figure_headers(found: Tally, lang: str) -> tuple[str, ...]:
    """Return the headers of the figures of a group."""
    own = (say(f"village.{side}_{found.paper}", lang) for side in ("due", "held"))
    names = ("missing", "share_before", "share_after", "gap", "needed")
    return (*own, *(say(f"village.{name}", lang) for name in names))


def _cells(line: dict[str, Any], lang: str) -> tuple[str, ...]:
    return (
        *(numbers.integer(line[name], lang) for name in ("due_after", "held_after", "missing_after")),
        *(numbers.percent(line[name], lang, floor=True) for name in ("share", "share_after")),
        _points(line["gap"], lang),
        numbers.integer(line["needed"], lang),
    )


def group_name(by: str, line: dict[str, Any], lang: str) -> str:
    """Return what a group is called: places by name, sexes and age bands in words; unknown ones say so."""
    if by in ("kecamatan", "desa"):
        name = line[by] or say("village.unknown", lang)
        return f"{name} ({line['kecamatan'] or say('village.unknown', lang)})" if by == "desa" else str(name)
    key = line[KEYS[by][0]]
    return (
        say("village.unknown", lang) if key is None else label("band" if by == "age" else "sexes", key, lang)
    )
