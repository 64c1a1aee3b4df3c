"""Trips that a team may make: one place, or several near each other on one day, and days on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations, pairwise

from nikdedup.village.places import Candidates, assumed

MOST_STOPS = 3
NEIGHBOURS = 6
"""Nearest places that a place may share a day with."""
SECONDS = 45.0
_WEEKEND = (5, 6)


@dataclass(frozen=True)
class Asked:
    """What an office has. team_day: Rp of a team and day; team: Rp of one more set of equipment."""

    teams: int
    days: int
    start: date
    capacity: int
    stops: int = 1
    weekends: bool = False
    team_day: int = 0
    team: int = 0
    seconds: float = SECONDS


@dataclass(frozen=True)
class Trip:
    """Places that are visited on one trip, how many days it takes, and what the way costs."""

    stops: tuple[int, ...]
    days: int
    cost: int


def working_days(asked: Asked, candidates: Candidates) -> list[date]:
    """Return the days on which teams may be out, in order: as many as were asked for.

    Args:
        asked: the first day, how many, and whether Saturdays and Sundays are working days.
        candidates: whose closed days are left out.
    """
    found: list[date] = []
    day = asked.start
    for _ in range(asked.days * 10 + 4000):
        if len(found) == asked.days:
            break
        if (asked.weekends or day.weekday() not in _WEEKEND) and day not in candidates.closed:
            found.append(day)
        day += timedelta(days=1)
    return found


def trips_of(candidates: Candidates, stops: int) -> list[Trip]:
    """Return all trips that a team may make.

    Args:
        candidates: where teams may go.
        stops: most places of one day; those with coordinates alone share a day, and only with near ones.
    """
    places, near = candidates.places, assumed()["near_km"]
    trips = [Trip((i,), 1 + one.days_on_the_way, _way(candidates, (i,))) for i, one in enumerate(places)]
    seen: set[tuple[int, ...]] = set()
    for i, one in enumerate(places):
        if stops < 2 or one.days_on_the_way:
            continue
        around = [
            (km, j)
            for j, other in enumerate(places)
            if j != i
            and not other.days_on_the_way
            and (km := candidates.kilometres(one, other)) is not None
            and km <= near
        ]
        neighbours = [j for _, j in sorted(around)[:NEIGHBOURS]]
        for size in range(1, min(stops, MOST_STOPS)):
            for more in combinations(neighbours, size):
                seen.add(tuple(sorted((i, *more))))
    return trips + [Trip(one, 1, _way(candidates, one)) for one in sorted(seen)]


def _way(candidates: Candidates, stops: Sequence[int]) -> int:
    """Return what the way of a trip costs: as the CSV says, else by boat or by kilometres; 0 where nothing tells."""
    places = [candidates.places[i] for i in stops]
    if any(one.cost is not None for one in places):
        return max(one.cost or 0 for one in places)
    if any(one.river for one in places):
        return int(assumed()["river_trip_cost"])
    if candidates.office is None:
        return 0
    legs = [candidates.office, *places, candidates.office]
    found = [candidates.kilometres(one, other) for one, other in pairwise(legs)]
    return 0 if None in found else int(sum(one or 0.0 for one in found) * assumed()["road_km_cost"])
