"""Coverage as a notebook shows it: bars before and after settling, against the target; counts alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from nikdedup.show import numbers
from nikdedup.show.cell import cell, head, table
from nikdedup.show.small import BLUE, GREY, Bar, stacked_bars
from nikdedup.show.texts import say
from nikdedup.show.village.coverage_tables import whole_table
from nikdedup.village import Tally


def coverage_html(tallies: Sequence[Tally], day: date, lang: str) -> str:
    """Return how many have each paper, before and after settling, with the target as a mark.

    Args:
        tallies: of each paper, KTP-el first.
        day: the date that the extract speaks of.
        lang: `id` or `en`.
    """
    ktp, title = tallies[0], say("village.coverage_heading", lang, day=numbers.day(day.isoformat(), lang))
    bars: list[Bar] = []
    for one in tallies:
        for side, tone, key in ((one.before, GREY, "before"), (one.after, BLUE, "after")):
            if side.share is not None:
                name = f"{say(f'village.short_{one.paper}', lang)}, {say(f'village.{key}', lang).lower()}"
                shown = (
                    f"{numbers.percent(side.share, lang, floor=True)} / {numbers.percent(one.target, lang)}"
                )
                bars.append((name, ((side.share, tone),), shown))
    needed = numbers.integer(ktp.after.needed(ktp.target), lang)
    line = say("plot.coverage_note", lang, needed=needed, target=numbers.percent(ktp.target, lang))
    drawn = stacked_bars(bars, title, behind=140)
    tables = (table(whole_table(one, lang), folded=at > 0) for at, one in enumerate(tallies))
    then = ('coverage.write("cakupan")',)
    return cell(head(title, line), drawn, *tables, then=then, lang=lang)
