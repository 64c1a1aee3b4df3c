"""The visits that reach most residents, and of those plans the cheapest: a proven optimum, or how far from it.

First the most residents that can be reached are found, then the least cost at that number, then teams and days, then
who is recorded at which stop. Every step is exact; what is left to chance is told as a gap.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from nikdedup.village.optimiser import Program
from nikdedup.village.places import Candidates, Place, assumed
from nikdedup.village.program import VisitProgram
from nikdedup.village.trips import Asked, Trip, trips_of, working_days

GAP = 0.02
"""Costs this near to the least are good enough; who is reached is asked for exactly, as far as the time goes."""


@dataclass(frozen=True)
class Visit:
    """A team at a place on a day. reached: residents recorded; home: of those at home."""

    day: date
    team: int
    place: Place
    reached: int
    home: int
    cost: int
    leaves: date


@dataclass(frozen=True)
class Plan:
    """Visits in order of days. reached: residents in all; bound: no plan reaches more; gap: how far from it, proven.

    cost: Rp of all, ways and team-days; cost_gap: how far from the least at this number of residents; None if untold.
    """

    visits: tuple[Visit, ...]
    reached: int
    bound: float
    gap: float
    cost: int
    cost_gap: float | None
    team_days: int


def plan_visits(candidates: Candidates, asked: Asked) -> Plan:
    """Return the plan that reaches most residents, and of those plans the cheapest that was found.

    Args:
        candidates: where teams may go.
        asked: what the office has.

    Raises:
        ConfigError: where HiGHS is not installed.
        RunError: where it finds no plan in its time.
    """
    days = working_days(asked, candidates)
    trips = trips_of(candidates, asked.stops) if days else []
    if not trips:
        return Plan((), 0, 0.0, 0.0, asked.teams * asked.team, 0.0, 0)
    program = VisitProgram(candidates, asked, days, trips)
    best = program.best(program.reach, most=True, gap=1e-6, seconds=asked.seconds * 0.6)
    program.at_least(math.floor(best.value + 1e-6), program.reach)
    cheap = program.best(program.cost, most=False, gap=GAP, seconds=asked.seconds * 0.4, start=best.columns)
    made = _scheduled(program, cheap.columns)
    visits = _shared_out(candidates, asked, days, trips, made)
    reached = sum(one.reached for one in visits)
    bound = max(math.floor(best.bound + 1e-6), reached)
    team_days = sum(trips[g].days for _, _, g in made)
    cost = sum(one.cost for one in visits) + team_days * asked.team_day + asked.teams * asked.team
    return Plan(
        visits, reached, bound, (bound - reached) / bound if bound else 0.0, cost, cheap.gap, team_days
    )


def _scheduled(program: VisitProgram, columns: list[float]) -> list[tuple[int, int, int]]:
    """Return day of work, team and trip of every trip, in order; a trip of several days keeps its team for all of them.

    The fullest trips of a class of days come first. There is always a team: no more trips overlap than there are teams.
    """
    trips, teams = program.trips, range(program.asked.teams)
    busy: list[set[int]] = [set() for _ in program.days]
    made = []
    counts = {where: round(columns[column]) for where, column in program.trip.items()}
    for begin, g in sorted((k, g) for (g, k), n in counts.items() for _ in range(n) if trips[g].days > 1):
        span = range(begin, begin + trips[g].days)
        team = next(t for t in teams if all(t not in busy[d] for d in span))
        for d in span:
            busy[d].add(team)
        made.append((span[-1], team, g))
    full = {g: sum(columns[program.work[g, i]] for i in one.stops) for g, one in enumerate(trips)}
    for k, (_, days) in enumerate(program.classes):
        waiting = [g for (g, at), n in counts.items() if at == k and trips[g].days == 1 for _ in range(n)]
        free = [(d, t) for d in days for t in teams if t not in busy[d]]
        waiting.sort(key=lambda g: (-full[g], g))
        for (d, team), g in zip(free, waiting, strict=False):
            busy[d].add(team)
            made.append((d, team, g))
    return sorted(made)


def _shared_out(
    candidates: Candidates,
    asked: Asked,
    days: list[date],
    trips: Sequence[Trip],
    made: Sequence[tuple[int, int, int]],
) -> tuple[Visit, ...]:
    """Return visits with whole residents: as many as the trips can reach, and of those as early as they can.

    At each stop there are residents who come and some who are visited at home, which takes longer.
    """
    program, home = Program(), assumed()["home_visit"]
    stops = [(n, i) for n, (_, _, g) in enumerate(made) for i in trips[g].stops]
    come = {
        one: program.column(candidates.places[one[1]].need - candidates.places[one[1]].home, whole=True)
        for one in stops
    }
    at_home = {one: program.column(candidates.places[one[1]].home, whole=True) for one in stops}
    _of_sums(program, candidates, stops, come, at_home)
    for n in range(len(made)):
        mine = [one for one in stops if one[0] == n]
        terms = {come[one]: 1.0 for one in mine} | {at_home[one]: home for one in mine}
        program.at_most(asked.capacity, terms)
    early = {one: 1.0 + (len(made) - one[0]) / (len(made) + 1) / 1000 for one in stops}
    objective = {columns[one]: early[one] for one in stops for columns in (come, at_home)}
    found = program.best(objective, most=True, gap=1e-7, seconds=asked.seconds * 0.4).columns if stops else []
    visits = []
    for nth, one in enumerate(stops):
        at, team, g = made[one[0]]
        first = nth == 0 or stops[nth - 1][0] != one[0]
        coming, visited = round(found[come[one]]), round(found[at_home[one]])
        if coming + visited or first:
            place, leaves = candidates.places[one[1]], days[max(0, at - trips[g].days + 1)]
            cost = trips[g].cost if first else 0
            visits.append(Visit(days[at], team + 1, place, coming + visited, visited, cost, leaves))
    return tuple(visits)


def _of_sums(
    program: Program,
    candidates: Candidates,
    stops: Sequence[tuple[int, int]],
    come: dict[tuple[int, int], int],
    at_home: dict[tuple[int, int], int],
) -> None:
    """Record nobody twice: neither at one place nor at two of the same desa."""
    pools: dict[str, dict[int, float]] = {}
    for i, place in enumerate(candidates.places):
        mine = [one for one in stops if one[1] == i]
        program.at_most(place.need - place.home, {come[one]: 1.0 for one in mine})
        program.at_most(place.home, {at_home[one]: 1.0 for one in mine})
        if place.pool in candidates.pools:
            terms = {columns[one]: 1.0 for one in mine for columns in (come, at_home)}
            pools.setdefault(str(place.pool), {}).update(terms)
    for code, terms in pools.items():
        program.at_most(candidates.pools[code], terms)


def teams_curve(candidates: Candidates, asked: Asked, most: int) -> list[tuple[int, Plan]]:
    """Return the plan of one team, of two and so on: what each reaches and costs.

    Args:
        candidates: where teams may go.
        asked: what the office has besides.
        most: teams of the last plan; the curve ends before where all are reached.
    """
    found: list[tuple[int, Plan]] = []
    for teams in range(1, most + 1):
        plan = plan_visits(candidates, replace(asked, teams=teams, seconds=asked.seconds / most))
        found.append((teams, plan))
        if plan.reached >= candidates.reachable:
            break
    return found
