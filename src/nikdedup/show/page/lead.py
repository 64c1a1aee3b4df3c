"""The first sentence of a report, and its last ones: what was found, and what an office does now."""

from __future__ import annotations

from dataclasses import dataclass

from nikdedup.publish import RunRecord
from nikdedup.show import figures, numbers
from nikdedup.show.texts import say

STEPS = ("decide", "ask", "answers")
COMMANDS = {
    "decide": "nikdedup explain {folder} {case}",
    "ask": "nikdedup worklist {folder} --out {lists} --per desa",
    "answers": "nikdedup verdicts import {answers}/*.xlsx --into {state} --lists {lists}\n"
    "nikdedup dedupe {data} --state {state}",
}
"""What is typed at each step."""
PLACES = ("folder", "lists", "answers", "state", "data", "case")
"""What a reader fills in."""


@dataclass(frozen=True)
class NextStep:
    """A step: what it is called, what it is for, and the command."""

    title: str
    text: str
    command: str


def headline_sentence(run: RunRecord, lang: str) -> str:
    """Return what an officer would say of the run in one sentence.

    Args:
        run: record of the run.
        lang: `id` or `en`.
    """
    counts = run.counts
    double = counts.records - counts.people
    figure = {
        "records": counts.records,
        "double": double,
        "proposed": counts.actions.get("propose_deactivation", 0),
        "review": counts.review_pairs,
    }
    said = {name: numbers.integer(n, lang) for name, n in figure.items()}
    told = say("page.lead" if double else "page.lead_none", lang, **said)
    found = figures.coverage(run)
    if found is None:
        return f"{told}."
    after = found.sides[1]
    shares = [numbers.percent(side.share, lang, floor=True) for side in found.sides]
    needed = after.missing_to_target or 0
    key = ("changed" if shares[0] != shares[1] else "same") if needed else "reached"
    target = numbers.percent(found.target, lang)
    missing = numbers.integer(needed, lang)
    reach = say(f"page.lead_{key}", lang, before=shares[0], after=shares[1], missing=missing, target=target)
    return f"{told}; {reach}."


def places_note(lang: str) -> str:
    """Return what the names in the commands stand for.

    Args:
        lang: `id` or `en`.
    """
    return say("page.next_note", lang, **{name: say(f"page.{name}", lang) for name in PLACES})


def next_steps(lang: str) -> list[NextStep]:
    """Return the three steps that follow, in their order, with what is typed.

    Args:
        lang: `id` or `en`.
    """
    names = {name: say(f"page.{name}", lang) for name in PLACES}
    return [
        NextStep(
            say(f"page.{step}_title", lang),
            say(f"page.{step}_text", lang, **names),
            COMMANDS[step].format(**names),
        )
        for step in STEPS
    ]
