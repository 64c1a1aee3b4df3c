"""An explanation as people read it: lines for a terminal, a table for a notebook."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from nikdedup.show import numbers
from nikdedup.show.cell import cell, head
from nikdedup.show.places import named
from nikdedup.show.small import steps_drawn
from nikdedup.show.texts import label, say

if TYPE_CHECKING:
    from nikdedup.show.compared import Compared
    from nikdedup.show.explained import Explained, Ruling, Step


def printable(lines: list[str]) -> str:
    """Return lines as one text; the console of an office's Windows (cp1252) has no minus sign."""
    return "\n".join(lines).replace("−", "-").strip()


def pair_text(explained: Explained) -> str:
    """Return the explanation of a pair as plain text."""
    lines = [_title(explained), explained.verdict, ""]
    if explained.steps:
        lines += [*_step_lines(explained), ""]
    lines += [f"{name}: {text}" for name, text in facts(explained)]
    lines += ["", *ruling_lines(explained.rulings, explained.lang), *explained.notes]
    return printable(lines)


def _title(explained: Explained) -> str:
    a, b = (
        named(row, explained.places.get(row, ""), explained.lang)
        for row in (explained.row_a, explained.row_b)
    )
    return say("explain.title", explained.lang, a=a, b=b)


def _step_lines(explained: Explained) -> list[str]:
    """Return the sum line by line, the values compared indented below their field."""
    rows = [
        (
            say("explain.start", explained.lang),
            "",
            "",
            numbers.decimal(explained.prior_log2, explained.lang, signed=True),
        )
    ]
    rows += [(step.name, step.meaning, *_figures(step, explained.lang)) for step in explained.steps]
    head = tuple(say(f"explain.{key}", explained.lang) for key in ("field", "level", "weight", "running"))
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(4)]

    def line(row: tuple[str, ...]) -> str:
        words = (cell.ljust(width) for cell, width in zip(row[:2], widths[:2], strict=True))
        figures = (cell.rjust(width) for cell, width in zip(row[2:], widths[2:], strict=True))
        return "  " + "  ".join((*words, *figures))

    lines = [line(head), line(rows[0])]
    for step, row in zip(explained.steps, rows[1:], strict=True):
        lines.append(line(row))
        lines += [f"      {_values(pair, explained.lang)}" for pair in step.compared]
    return lines


def _figures(step: Step, lang: str) -> tuple[str, str]:
    weight = numbers.decimal(step.weight_log2, lang, signed=True)
    return weight, numbers.decimal(step.total_log2, lang, signed=True)


def _values(pair: Compared, lang: str) -> str:
    sides = f"{pair.a or numbers.NONE}  |  {pair.b or numbers.NONE}"
    return f"{label('part', pair.part, lang)}: {sides}" + (f"  ({pair.note})" if pair.note else "")


def facts(explained: Explained) -> list[tuple[str, str]]:
    """Return weight, relation, band, passes and thresholds as name and text."""
    lang, found = explained.lang, []
    if explained.weight_log2 is not None:
        chance = say("explain.probability", lang, p=numbers.percent(explained.probability, lang, floor=True))
        found.append(
            (
                say("explain.total", lang),
                f"{numbers.decimal(explained.weight_log2, lang, signed=True)} ({chance})",
            )
        )
    if explained.relation is not None:
        named = ", ".join(label("pass", name, lang) for name in explained.passes)
        found += [
            (say("explain.relation", lang), label("relation", explained.relation, lang)),
            (say("explain.band", lang), label("band", explained.band or "null", lang)),
            (say("explain.passes", lang), named or say("explain.no_passes", lang)),
        ]
    if explained.officers is not None:
        found.append((say("explain.officers", lang), explained.officers))
    found += [(say("explain.declared", lang), told) for told in explained.declared]
    limits = {
        key: numbers.decimal(explained.thresholds[f"{key}_log2"], lang) for key in ("review", "confirmed")
    }
    return [*found, (say("explain.thresholds", lang), say("explain.limits", lang, **limits))]


def ruling_lines(rulings: tuple[Ruling, ...], lang: str) -> list[str]:
    """Return one line per decision: row, action, kind, reason, rule."""
    if not rulings:
        return [say("explain.no_decision", lang)]
    return [_ruling_line(ruling, lang) for ruling in rulings]


def _ruling_line(ruling: Ruling, lang: str) -> str:
    kind = f" ({ruling.kind}, {label('kind', ruling.kind, lang)})" if ruling.kind else ""
    record = named(ruling.row, ruling.place, lang)
    head = f"{say('explain.decision', lang, record=record)}: {label('action', ruling.action, lang)}{kind}."
    return f"{head} {ruling.reason} [{say('explain.rule', lang, rule=ruling.rule)}]"


def pair_html(explained: Explained) -> str:
    """Return the explanation of a pair for a notebook: no scripts, every text escaped."""
    told = [f"{name}: {text}" for name, text in facts(explained)]
    rulings = "".join(f"<p>{escape(line)}</p>" for line in ruling_lines(explained.rulings, explained.lang))
    notes = "".join(f"<p><small>{escape(note)}</small></p>" for note in explained.notes)
    first = head(_title(explained), explained.verdict, *told)
    a, b = explained.row_a, explained.row_b
    then = [f"result.compare({a}, {b})", f"result.plot.waterfall({a}, {b})"]
    return cell(
        first, _picture(explained), _step_table(explained), rulings, notes, then=then, lang=explained.lang
    )


def _picture(explained: Explained) -> str:
    """Return the sum of the weights as a small picture; "" where the pair has no steps."""
    if not explained.steps or explained.weight_log2 is None:
        return ""
    lang = explained.lang
    steps = [(say("explain.start", lang), 0.0, explained.prior_log2)]
    steps += [(one.name, one.total_log2 - one.weight_log2, one.total_log2) for one in explained.steps]
    steps.append((say("explain.total", lang), 0.0, explained.weight_log2))
    return steps_drawn(steps, explained.thresholds, _title(explained), lang)


def _step_table(explained: Explained) -> str:
    if not explained.steps:
        return ""
    rows_ab = (
        named(row, explained.places.get(row, ""), explained.lang)
        for row in (explained.row_a, explained.row_b)
    )
    keys = (say(f"explain.{key}", explained.lang) for key in ("level", "weight", "running"))
    head = "".join(
        f"<th>{escape(name)}</th>" for name in (say("explain.field", explained.lang), *rows_ab, *keys)
    )
    start = f"<td colspan=5>{escape(say('explain.start', explained.lang))}</td>"
    start += f'<td class="n">{numbers.decimal(explained.prior_log2, explained.lang, signed=True)}</td>'
    body = "".join(f"<tr>{_step_cells(step, explained.lang)}</tr>" for step in explained.steps)
    return f"<table><tr>{head}</tr><tr>{start}</tr>{body}</table>"


def _step_cells(step: Step, lang: str) -> str:
    left = "<br>".join(escape(part.a or numbers.NONE) for part in step.compared)
    right = "<br>".join(escape(part.b or numbers.NONE) for part in step.compared)
    remarks = "".join(f"<br><small>{escape(part.note)}</small>" for part in step.compared if part.note)
    words = (escape(step.name), left, right, escape(step.meaning) + remarks)
    figures = "".join(f'<td class="n">{text}</td>' for text in _figures(step, lang))
    return "".join(f"<td>{cell}</td>" for cell in words) + figures
