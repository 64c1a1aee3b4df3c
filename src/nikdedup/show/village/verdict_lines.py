"""What came of answers, as plain text: what was read, what stays open and where, how villages and proposals agree."""

from __future__ import annotations

from typing import Any

import polars as pl

from nikdedup.show import numbers
from nikdedup.show.figures import Table
from nikdedup.show.summary import aligned
from nikdedup.show.texts import label, say
from nikdedup.village import LEAST, Agreement, answers

MOST_LISTED = 200
"""Open cells that are listed one by one; of more, how many more there are."""


def imported_text(found: Any, lang: str) -> str:
    """Return what was read in and what stays open, by desa and cell; no name and no NIK is in it.

    Args:
        found: run.verdicts.Imported.
        lang: of the text.
    """
    lines = [say("verdicts.taken", lang, taken=found.taken, known=found.known, shown=found.shown)]
    for code, count in found.by_answer.items():
        lines.append(f"  {answers()[code].label(lang)}: {numbers.integer(count, lang)}")
    lines.append(say("verdicts.constraints", lang, n=found.constraints, unnamed=found.unnamed))
    if found.torn:
        lines.append(say("verdicts.torn", lang, n=found.torn))
    if len(found.open):
        lines.append(say("verdicts.open", lang, n=len(found.open)))
        lines += _open_lines(found.open.head(MOST_LISTED), lang)
        if len(found.open) > MOST_LISTED:
            lines.append("  " + say("verdicts.more", lang, n=len(found.open) - MOST_LISTED))
    return "\n".join(lines)


def _open_lines(table: pl.DataFrame, lang: str) -> list[str]:
    rows = []
    for line in table.iter_rows(named=True):
        place = "!".join(one for one in (line["sheet"], line["cell"]) if one)
        rows.append(
            (line["desa"] or numbers.NONE, label("problem", line["problem"], lang), line["file"], place)
        )
    return [
        line.replace(numbers.NONE, "-") for line in aligned(Table("", ("", "", "", ""), tuple(rows), None, 4))
    ]


def status_text(found: Any, lang: str) -> str:
    """Return what is out, back, late and open by desa, and how far villages and proposals agree.

    Args:
        found: run.verdicts.Status.
        lang: of the text.
    """
    names = ("out", "back", "late", "open", "unread", "disagree")
    heads = (say("village.by_desa", lang), *(say(f"verdicts.{name}_head", lang) for name in names))
    rows = [
        (
            f"{line['desa'] or say('village.unknown', lang)} ({line['kecamatan'] or say('village.unknown', lang)})",
            *(numbers.integer(line[name], lang) for name in names),
        )
        for line in found.villages.iter_rows(named=True)
    ]
    sums = (numbers.integer(int(found.villages[name].sum()), lang) for name in names)
    table = Table("", heads, (heads, *rows), (say("word.total", lang), *sums))
    first = say("verdicts.standing", lang, n=found.answers, back=found.taken_back)
    return "\n\n".join([first, "\n".join(aligned(table)), *_agreement(found.agreement, lang)])


def _agreement(found: Agreement, lang: str) -> list[str]:
    """Return the blocks of agreement by kind and by weight, and the threshold that the answers support."""
    if not found.kinds:
        return []
    blocks = []
    for title, shares in (("kinds", found.kinds), ("weights", found.weights)):
        heads = (
            say(f"verdicts.{title}", lang),
            *(say(f"verdicts.{name}", lang) for name in ("n", "same", "share", "interval")),
        )
        rows = []
        for one in shares:
            group = (
                label("kind", one.group if one.group != "?" else "null", lang)
                if title == "kinds"
                else one.group
            )
            ends = " - ".join(numbers.percent(end, lang, digits=1) for end in (one.low, one.high))
            figures = (numbers.integer(n, lang) for n in (one.n, one.same))
            rows.append((group, *figures, numbers.percent(one.share, lang, digits=1), ends))
        if rows:
            blocks.append("\n".join(aligned(Table("", heads, (heads, *rows)))))
    return [say("verdicts.agreement", lang), *blocks, _support(found, lang)]


def _support(found: Agreement, lang: str) -> str:
    support = found.support
    if support is None:
        return say("verdicts.too_few", lang, least=LEAST)
    target = numbers.percent(support.target, lang, digits=1)
    if support.log2 is None:
        return say("verdicts.no_support", lang, n=support.answers, target=target)
    ends = [
        numbers.NONE if end is None else numbers.decimal(end, lang, digits=1)
        for end in (support.low, support.high)
    ]
    found_at = numbers.decimal(support.log2, lang, digits=1)
    text = say(
        "verdicts.support", lang, n=support.answers, target=target, log2=found_at, low=ends[0], high=ends[1]
    )
    return text.replace("−", "-")
