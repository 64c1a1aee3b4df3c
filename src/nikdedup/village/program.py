"""Visits as a mixed-integer program: which trips are made, on which kind of day, and how many residents they reach.

Trips of a single day differ only by the days on which they are possible: days that are open to the same places are
alike, and a class of them is one constraint. Trips with days on the way are placed day by day.
"""

from __future__ import annotations

import math
from datetime import date

from nikdedup.village.optimiser import Program
from nikdedup.village.places import Candidates, assumed
from nikdedup.village.trips import Asked, Trip

LEAST_DAY_COST = 1000
"""Rp that a team-day counts at least, so that no day is spent where it reaches nobody."""


class VisitProgram(Program):
    """Columns of residents reached per place, of work per trip and stop, and of trips; reach and cost to be optimised.

    classes: days that are alike, with the places that are closed on them. trip: by number of the trip, and class of
    days, or for a trip of several days its first day.
    """

    def __init__(self, candidates: Candidates, asked: Asked, days: list[date], trips: list[Trip]) -> None:
        super().__init__()
        self.asked, self.days, self.trips, self.places = asked, days, trips, candidates.places
        self.classes = self._alike()
        self.work = {(g, i): self.column(math.inf) for g, one in enumerate(trips) for i in one.stops}
        self.reached = [self.column(one.need) for one in self.places]
        self.trip = {
            (g, k): self.column(asked.teams * (len(self.classes[k][1]) if one.days == 1 else 1), whole=True)
            for g, one in enumerate(trips)
            for k in self._starts(one)
        }
        self._of_places(candidates)
        self._of_trips()
        self._of_days()

    @property
    def reach(self) -> dict[int, float]:
        """Residents reached."""
        return dict.fromkeys(self.reached, 1.0)

    @property
    def cost(self) -> dict[int, float]:
        """What trips cost, in millions of Rp, their team-days too."""
        day = max(self.asked.team_day, LEAST_DAY_COST)
        found = {}
        for (g, _), column in self.trip.items():
            found[column] = (self.trips[g].cost + self.trips[g].days * day) / 1e6
        return found

    def _alike(self) -> list[tuple[frozenset[int], list[int]]]:
        """Return classes of days that are open to the same places: which are closed, and which days."""
        found: dict[frozenset[int], list[int]] = {}
        for at, day in enumerate(self.days):
            closed = frozenset(i for i, one in enumerate(self.places) if day in one.closed)
            found.setdefault(closed, []).append(at)
        return list(found.items())

    def _starts(self, trip: Trip) -> list[int]:
        """Return the classes in which a trip of a day is possible, or the days on which a longer one may begin."""
        if trip.days == 1:
            return [k for k, (closed, _) in enumerate(self.classes) if not closed & set(trip.stops)]
        place = self.places[trip.stops[0]]
        return [
            d
            for d in range(len(self.days) - trip.days + 1)
            if self.days[d + trip.days - 1] not in place.closed
        ]

    def _of_places(self, candidates: Candidates) -> None:
        """Bound who is reached by the work that is done at a place, and by the residents of its desa."""
        home = assumed()["home_visit"]
        there: dict[int, list[int]] = {}
        for (_, i), column in self.work.items():
            there.setdefault(i, []).append(column)
        pools: dict[str, list[int]] = {}
        for i, one in enumerate(self.places):
            # A resident of the place takes longer on average, the more of them are visited at home.
            weight = (one.need - one.home + home * one.home) / one.need
            self.at_most(0.0, {self.reached[i]: weight, **dict.fromkeys(there[i], -1.0)})
            if one.pool is not None:
                pools.setdefault(one.pool, []).append(self.reached[i])
        for code, members in pools.items():
            if len(members) > 1:
                self.at_most(candidates.pools[code], dict.fromkeys(members, 1.0))

    def _of_trips(self) -> None:
        """Bound the work at all stops of a trip by how often it is made."""
        made: dict[int, list[int]] = {}
        for (g, _), column in self.trip.items():
            made.setdefault(g, []).append(column)
        for g, one in enumerate(self.trips):
            done = dict.fromkeys((self.work[g, i] for i in one.stops), 1.0)
            self.at_most(0.0, done | dict.fromkeys(made.get(g, []), -float(self.asked.capacity)))

    def _of_days(self) -> None:
        """Keep teams out to those there are: per day where long trips are, and per class of days."""
        out: dict[int, list[int]] = {}
        for (g, k), column in self.trip.items():
            if self.trips[g].days > 1:
                for day in range(k, k + self.trips[g].days):
                    out.setdefault(day, []).append(column)
        for columns in out.values():
            self.at_most(self.asked.teams, dict.fromkeys(columns, 1.0))
        for k, (_, days) in enumerate(self.classes):
            short = [column for (g, at), column in self.trip.items() if at == k and self.trips[g].days == 1]
            terms = dict.fromkeys(short, 1.0)
            for day in days:
                for column in out.get(day, []):
                    terms[column] = terms.get(column, 0.0) + 1.0
            self.at_most(self.asked.teams * len(days), terms)
