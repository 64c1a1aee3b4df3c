"""A plan of visits as plain text: what it reaches, how far from the best it is, what it costs and assumes."""

from __future__ import annotations

from typing import Any

from nikdedup.show import numbers
from nikdedup.show.figures import Table
from nikdedup.show.summary import aligned
from nikdedup.show.texts import say
from nikdedup.village import Plan, Visit, assumed

MOST_LISTED = 40


def plan_text(found: Any) -> str:
    """Return the plan: figures, visits, the curve where there is one, and what is assumed.

    Args:
        found: run.outreach.Outreach.
    """
    lang = found.lang
    parts = [
        "\n".join(
            [say("plan.heading", lang, teams=found.asked.teams, days=found.asked.days), *_figures(found)]
        )
    ]
    if found.plan.visits:
        parts.append("\n".join(aligned(_visits(found, MOST_LISTED))))
    hidden = len(found.plan.visits) - MOST_LISTED
    if hidden > 0:
        parts.append("  " + say("plan.more", lang, n=hidden))
    if found.curve:
        parts.append("\n".join([say("plan.curve", lang), *aligned(curve_table(found)), teams_needed(found)]))
    parts.append("\n".join([say("plan.assumptions", lang), *(f"  - {text}" for text in assumptions(found))]))
    return "\n\n".join(parts).replace("−", "-")


def coverage_after(found: Any, plan: Plan) -> float | None:
    """Return the share of wajib KTP that are recorded after a plan; who is not wajib KTP yet raises it by nothing.

    Args:
        found: run.outreach.Outreach.
        plan: one of its plans.
    """
    gained = sum(one.reached for one in plan.visits if one.place.counts)
    return (found.candidates.held + gained) / found.candidates.due if found.candidates.due else None


def _figures(found: Any) -> list[str]:
    lang, plan = found.lang, found.plan
    held = found.candidates.held / found.candidates.due if found.candidates.due else None
    cost_gap = numbers.NONE if plan.cost_gap is None else numbers.percent(plan.cost_gap, lang)
    rows = (
        (say("plan.reached", lang), numbers.integer(plan.reached, lang)),
        (say("plan.bound", lang), numbers.integer(int(plan.bound), lang)),
        (say("plan.gap", lang), numbers.percent(plan.gap, lang)),
        (say("plan.before", lang), numbers.percent(held, lang, floor=True)),
        (say("plan.after", lang), numbers.percent(coverage_after(found, plan), lang, floor=True)),
        (say("plan.target", lang), numbers.percent(found.target, lang)),
        (say("plan.team_days", lang), numbers.integer(plan.team_days, lang)),
        (say("plan.cost", lang), numbers.integer(plan.cost, lang)),
        (say("plan.cost_gap", lang), cost_gap),
    )
    return [line.replace(numbers.NONE, "-") for line in aligned(Table("", ("", ""), rows))]


def _visits(found: Any, most: int) -> Table:
    heads = tuple(say(f"plan.{name}", found.lang) for name in ("day", "team", "place", "people", "home"))
    rows = [heads]
    for one in found.plan.visits[:most]:
        figures = (numbers.integer(n, found.lang) for n in (one.reached, one.home))
        rows.append((day_of(one, found.lang), str(one.team), one.place.name, *figures))
    return Table("", heads, tuple(rows), None, 3)


def day_of(visit: Visit, lang: str) -> str:
    """Return the day of a visit, and the one on which its team leaves where that is another.

    Args:
        visit: of a plan.
        lang: of the text.
    """
    day = numbers.day(visit.day.isoformat(), lang)
    if visit.leaves == visit.day:
        return day
    return say("plan.leaves", lang, day=day, leaves=numbers.day(visit.leaves.isoformat(), lang))


def curve_table(found: Any) -> Table:
    """Return teams, residents reached, coverage and cost of each plan of the curve.

    Args:
        found: run.outreach.Outreach.
    """
    lang = found.lang
    heads = tuple(say(f"plan.{name}", lang) for name in ("teams", "people", "after", "gap", "cost"))
    rows = [heads]
    for teams, plan in found.curve:
        share = numbers.percent(coverage_after(found, plan), lang, floor=True)
        gap, cost = numbers.percent(plan.gap, lang), numbers.integer(plan.cost, lang)
        rows.append((str(teams), numbers.integer(plan.reached, lang), share, gap, cost))
    return Table("", heads, tuple(rows))


def teams_needed(found: Any) -> str:
    """Return how many teams reach the target in the days there are, or that no number of them does.

    Args:
        found: run.outreach.Outreach.
    """
    for teams, plan in found.curve:
        if (coverage_after(found, plan) or 0.0) >= found.target:
            return say("plan.enough", found.lang, teams=teams, cost=numbers.integer(plan.cost, found.lang))
    return say("plan.not_enough", found.lang, teams=found.curve[-1][0])


def assumptions(found: Any) -> list[str]:
    """Return what the plan takes for granted, in sentences.

    Args:
        found: run.outreach.Outreach.
    """
    lang, asked, told = found.lang, found.asked, assumed()
    homes = sum(one.home for one in found.candidates.places)
    lines = [
        say("plan.assume_capacity", lang, capacity=asked.capacity),
        say("plan.assume_home", lang, weight=int(told["home_visit"]), homes=homes),
        say("plan.assume_weekends" if asked.weekends else "plan.assume_weekdays", lang),
    ]
    if found.listed:
        river, road = (numbers.integer(told[f"{name}_cost"], lang) for name in ("river_trip", "road_km"))
        lines.append(
            say("plan.assume_cost", lang, river=river, road=road, days=int(told["river_travel_days"]))
        )
    else:
        lines.append(say("plan.assume_no_places", lang))
    if asked.stops > 1:
        lines.append(say("plan.assume_near", lang, stops=asked.stops, km=int(told["near_km"])))
    lines.append(say("plan.assume_young", lang))
    return lines
