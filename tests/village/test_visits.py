"""Plans of visits: as good as trying everything, never two places at once, nobody twice, closed days kept."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from functools import cache
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nikdedup.show.village.schedule_book import _days
from nikdedup.village import Asked, Candidates, Place, Plan, Visit, plan_visits, teams_curve, working_days
from nikdedup.village.places import Closed

pytest.importorskip("highspy", reason="the extra `outreach` is not installed")

MONDAY = date(2026, 11, 30)


def place(name: str, need: int, **more: Any) -> Place:
    return Place("desa", name, more.pop("pool", name), need, **more)


def candidates(*places: Place, closed: Closed | None = None, office: Place | None = None) -> Candidates:
    pools: dict[str, int] = {}
    for one in places:
        if one.kind == "desa" and one.pool:
            pools[one.pool] = max(pools.get(one.pool, 0), one.need)
    return Candidates(places, pools, closed or Closed(), office, 1000, 500)


def asked(teams: int = 1, days: int = 5, capacity: int = 10, **more: Any) -> Asked:
    return Asked(teams, days, MONDAY, capacity, **more)


def reached(plan: Plan) -> dict[str, int]:
    found: Counter[str] = Counter()
    for one in plan.visits:
        found[one.place.name] += one.reached
    return dict(found)


def test_with_too_few_days_the_fullest_places_are_visited() -> None:
    plan = plan_visits(candidates(place("a", 3), place("b", 9), place("c", 7), place("d", 2)), asked(days=2))
    assert reached(plan) == {"b": 9, "c": 7}
    assert (plan.reached, plan.bound, plan.gap) == (16, 16, 0)


def test_a_place_of_many_is_visited_again() -> None:
    plan = plan_visits(candidates(place("a", 25), place("b", 4)), asked(days=3))
    assert reached(plan) == {"a": 25}
    assert [one.reached for one in plan.visits] == [10, 10, 5]


def test_no_day_is_spent_where_nobody_is_left() -> None:
    plan = plan_visits(candidates(place("a", 5)), asked(teams=3, days=60))
    assert (plan.team_days, len(plan.visits)) == (1, 1)


def test_weekends_and_closed_days_are_kept() -> None:
    here = candidates(place("a", 100), closed=Closed(frozenset([date(2026, 12, 2)])))
    days = working_days(asked(days=5), here)
    assert [day.isoformat() for day in days] == [
        "2026-11-30",
        "2026-12-01",
        "2026-12-03",
        "2026-12-04",
        "2026-12-07",
    ]
    assert {one.day for one in plan_visits(here, asked(days=5)).visits} == set(days)
    assert len(working_days(asked(days=7, weekends=True), here)) == 7
    assert date(2026, 12, 5) in working_days(asked(days=7, weekends=True), here)


def test_a_place_is_visited_on_a_day_on_which_it_can_be_reached() -> None:
    closed = Closed(frozenset([MONDAY, MONDAY + timedelta(1)]))
    plan = plan_visits(candidates(place("a", 9, closed=closed), place("b", 8), place("c", 7)), asked(days=3))
    assert plan.reached == 24
    assert [one.day for one in plan.visits if one.place.name == "a"] == [MONDAY + timedelta(2)]


def test_days_on_the_way_keep_a_team_away() -> None:
    far = place("far", 10, river=True, travel_days=2)
    plan = plan_visits(candidates(far, place("a", 4), place("b", 4), place("c", 4)), asked(days=3))
    assert reached(plan) == {"a": 4, "b": 4, "c": 4}, "three days bring 12, the far place 10"
    plan = plan_visits(candidates(far, place("a", 4)), asked(days=3))
    [visit] = plan.visits
    assert (visit.place.name, visit.leaves, visit.day) == ("far", MONDAY, MONDAY + timedelta(2))


def test_nobody_is_recorded_at_two_places() -> None:
    market = Place("public", "market", "a", 6)
    plan = plan_visits(candidates(place("a", 8), market), asked(days=5))
    assert (plan.reached, plan.bound) == (8, 8)
    once = place("a", 8, closed=Closed(frozenset([MONDAY + timedelta(1)])))
    both = plan_visits(candidates(once, market), asked(days=2, capacity=5))
    assert (both.reached, both.bound) == (8, 8)


def test_of_plans_that_reach_as_many_the_cheap_one_is_taken() -> None:
    dear, cheap = place("dear", 5, cost=9_000_000), place("cheap", 5, cost=10_000)
    plan = plan_visits(candidates(dear, cheap), asked(days=1))
    assert reached(plan) == {"cheap": 5}
    assert plan.cost == 10_000
    both = plan_visits(candidates(dear, cheap), asked(days=2, team_day=100, team=7))
    assert both.cost == 9_010_000 + 2 * 100 + 7


def test_visits_at_home_take_their_time() -> None:
    [visit] = plan_visits(candidates(place("a", 10, home=1)), asked(days=1, capacity=15)).visits
    assert (visit.reached, visit.home) in {(9, 0), (6, 1)}
    assert visit.reached == 9
    assert plan_visits(candidates(place("a", 10, home=1)), asked(days=1, capacity=19)).reached == 10


def test_near_places_share_a_day() -> None:
    near = [place(name, 3, lat=-0.6, lon=114.6 + i / 100) for i, name in enumerate("abc")]
    far = place("far", 4, lat=2.0, lon=117.0)
    alone = plan_visits(candidates(*near, far), asked(days=1))
    assert alone.reached == 4
    shared = plan_visits(candidates(*near, far), asked(days=1, stops=3))
    assert shared.reached == 9
    assert {one.team for one in shared.visits} == {1}


def test_the_curve_rises_and_ends_where_all_are_reached() -> None:
    here = candidates(*(place(name, 10) for name in "abcdef"))
    curve = teams_curve(here, asked(days=2, team=5), most=9)
    assert [(teams, plan.reached) for teams, plan in curve] == [(1, 20), (2, 40), (3, 60)]
    assert [plan.cost for _, plan in curve] == [5, 10, 15]


def test_no_days_no_visits() -> None:
    every = Closed(weekdays=frozenset(range(7)))
    plan = plan_visits(candidates(place("a", 5), closed=every), asked())
    assert (plan.visits, plan.reached, plan.gap) == ((), 0, 0.0)


PLACES = st.lists(
    st.tuples(st.integers(1, 12), st.frozensets(st.integers(0, 2), max_size=2), st.integers(0, 1)),
    min_size=1,
    max_size=4,
)


@settings(max_examples=25)
@given(PLACES, st.integers(1, 2), st.integers(3, 9))
def test_as_good_as_trying_everything(
    told: list[tuple[int, frozenset[int], int]], teams: int, capacity: int
) -> None:
    days = [MONDAY + timedelta(i) for i in range(3)]
    places = [
        place(f"p{i}", need, closed=Closed(frozenset(days[d] for d in closed)), travel_days=way)
        for i, (need, closed, way) in enumerate(told)
    ]
    plan = plan_visits(candidates(*places), asked(teams=teams, days=3, capacity=capacity))
    assert plan.reached == best_by_trying(tuple(told), teams, capacity)
    check(plan, places, teams, capacity)


@cache
def routes(ways: tuple[tuple[frozenset[int], int], ...]) -> list[tuple[int, ...]]:
    """All ways of one team through three days, as the places that it works at."""
    found = set()
    for choice in product(range(-1, len(ways)), repeat=3):
        day, work = 0, []
        for one in choice:
            if day >= 3:
                break
            if one < 0:
                day += 1
                continue
            closed, way = ways[one]
            if day + way < 3 and day + way not in closed:
                work.append(one)
                day += way + 1
            else:
                day = 9
                work = []
        found.add(tuple(sorted(work)))
    return sorted(found)


def best_by_trying(told: tuple[tuple[int, frozenset[int], int], ...], teams: int, capacity: int) -> int:
    ways = tuple((closed, way) for _, closed, way in told)
    best = 0
    for chosen in product(routes(ways), repeat=teams):
        visits = Counter(one for route in chosen for one in route)
        best = max(best, sum(min(told[i][0], n * capacity) for i, n in visits.items()))
    return best


def check(plan: Plan, places: list[Place], teams: int, capacity: int) -> None:
    """A plan keeps to teams, days, capacity and need."""
    busy: dict[tuple[date, int], set[str]] = defaultdict(set)
    for one in plan.visits:
        assert 1 <= one.team <= teams
        assert one.day not in one.place.closed
        assert one.reached <= capacity
        day = one.leaves
        while day <= one.day:
            busy[day, one.team].add(f"{one.place.name} {one.day}")
            day += timedelta(1)
    assert all(len(trips) == 1 for trips in busy.values())
    for one in places:
        assert reached(plan).get(one.name, 0) <= one.need


def test_a_letter_says_each_day_once_whoever_comes() -> None:
    school = place("SMA 1", 90)
    first, second = date(2026, 12, 1), date(2026, 12, 2)
    visits = [
        Visit(second, 1, school, 30, 0, 0, second),
        Visit(first, 1, school, 40, 3, 0, first),
        Visit(first, 2, school, 20, 1, 0, first),
    ]
    assert _days(visits, "en") == [
        [("day", "Tuesday, 2026-12-01"), ("people", "60 (2 teams)"), ("home", "4")],
        [("day", "Wednesday, 2026-12-02"), ("people", "30")],
    ]
