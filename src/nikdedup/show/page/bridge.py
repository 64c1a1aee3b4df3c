"""The bridge from today's coverage to the target as rows with bars, which a telephone shows as well as a page."""

from __future__ import annotations

from dataclasses import dataclass

from nikdedup.schema import GONE
from nikdedup.show import numbers
from nikdedup.show.plots import Rows, coverage_steps
from nikdedup.show.texts import say
from nikdedup.village import Tally

WIDTH = 1000
"""Units of the whole axis."""
LEAST = 4
"""Width of the smallest change, so that it is seen."""


@dataclass(frozen=True)
class Step:
    """One row: its name, its figure, what kind of change it is, and where its bar and the target stand (0 to WIDTH)."""

    name: str
    figure: str
    tone: str
    left: int
    width: int
    target: int


def bridge_steps(found: Tally, lang: str) -> list[Step]:
    """Return the rows of the bridge: today, each cause, after the proposals, what must be recorded.

    Args:
        found: coverage of the KTP-el; empty where nobody must hold one.
        lang: `id` or `en`.
    """
    if found.before.share is None or found.after.share is None:
        return []
    rows = coverage_steps(found, lang)
    if any(effect.cause in GONE for effect in found.effects):
        rows = _from_the_living(rows, found, lang)
    ends = [
        float(row[side])
        for row in rows
        for side in ("start", "end")
        if row["tone"] != "total" or side == "end"
    ]
    low = max(0.0, min(ends) - 0.01)
    high = min(1.0, max(found.target, *ends) + 0.005)

    def at(share: float) -> int:
        return round(WIDTH * (min(max(share, low), high) - low) / (high - low))

    steps = []
    for row in rows:
        left, right = sorted((at(float(row["start"])), at(float(row["end"]))))
        width = max(LEAST, right - left)
        left = min(left, WIDTH - width)
        steps.append(
            Step(str(row["step"]), str(row["label"]), str(row["tone"]), left, width, at(found.target))
        )
    return steps


def _from_the_living(rows: Rows, found: Tally, lang: str) -> Rows:
    """Return the rows with the coverage that the run itself names: of those who are neither dead nor gone."""
    gone = [effect for effect in found.effects if effect.cause in GONE]
    due, held = (sum(getattr(one, name) for one in gone) for name in ("due", "held"))
    share = (found.before.held + held) / (found.before.due + due)
    living = {**rows[0], "end": share, "right": share, "label": numbers.percent(share, lang, floor=True)}
    whole = {**rows[0], "step": say("page.bridge_all", lang)}
    return [whole, *rows[1 : 1 + len(gone)], living, *rows[1 + len(gone) :]]
