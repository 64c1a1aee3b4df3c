"""outreach(): which places to visit on which day with which team, what that reaches and costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import polars as pl

from nikdedup.config import LAST_DAY
from nikdedup.errors import ConfigError, InputError, argument, door
from nikdedup.publish import make_folder
from nikdedup.run.coverage import rolled
from nikdedup.run.result import Result
from nikdedup.run.worklist import day_of
from nikdedup.runtime.extras import missing
from nikdedup.village import (
    Asked,
    Candidates,
    Plan,
    assumed,
    candidates_of,
    plan_visits,
    roll_after,
    standing_of,
    teams_curve,
)

BOOK, CALENDAR, CHART, LETTERS, CURVE = (
    "schedule.xlsx",
    "schedule.ics",
    "schedule.svg",
    "letters.xlsx",
    "teams.svg",
)


@dataclass(frozen=True)
class Outreach:
    """A plan of visits, or a curve of plans by number of teams. target: share of wajib KTP that should be recorded."""

    candidates: Candidates
    asked: Asked
    plan: Plan
    target: float
    curve: tuple[tuple[int, Plan], ...] = ()
    listed: bool = False
    lang: Literal["id", "en"] = "id"

    def text(self) -> str:
        """Return the plan as plain text: what it reaches, costs and assumes."""
        from nikdedup.show.village import plan_text

        return plan_text(self)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """Return expected coverage after each visit as a picture, as a notebook shows it, and the plan as text."""
        from nikdedup.show.village import reached_svg

        drawn = reached_svg(self)
        return {**({"image/svg+xml": drawn} if drawn else {}), "text/plain": self.text()}

    @door
    def write(self, out: str | Path) -> list[Path]:
        """Write schedule, calendar, chart and letters into a folder, all of them or none; returns their paths.

        Nothing of them says why somebody is visited at home, and nobody is named.

        Args:
            out: the folder; it is made where it is not there.
        """
        from nikdedup.show import write_all

        folder = Path(out)
        files = [(folder / name, write) for name, write in self._files()]
        make_folder(folder)
        write_all(files)
        return [path for path, _ in files]

    def _files(self) -> list[tuple[str, Callable[[Path], object]]]:
        from nikdedup.show.village import (
            calendar_bytes,
            curve_svg,
            reached_svg,
            write_letters,
            write_schedule,
        )

        files: list[tuple[str, Callable[[Path], object]]] = [
            (BOOK, partial(write_schedule, found=self)),
            (LETTERS, partial(write_letters, found=self)),
        ]
        calendar = calendar_bytes(self)
        files.append((CALENDAR, lambda path: path.write_bytes(calendar)))
        drawn = [(CHART, reached_svg(self))]
        if self.curve:
            drawn.append((CURVE, curve_svg(self)))
        return files + [(name, partial(_write, text=text)) for name, text in drawn if text]


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


@door
def outreach(
    result: Result,
    asked: Asked,
    *,
    places: str | Path | None = None,
    distances: str | Path | None = None,
    most_teams: int | None = None,
    verdicts: pl.DataFrame | None = None,
    lang: Literal["id", "en"] | None = None,
) -> Outreach:
    """Return the visits that reach most residents who are not recorded.

    Args:
        result: the run that they are counted from.
        asked: teams, days and what they can do.
        places: a CSV of places, see village/places.py; every desa with residents to record is one anyway.
        distances: a CSV of kilometres between places; else they are as the crow flies.
        most_teams: also plan for one team, two and so on up to this many.
        verdicts: answers of villages, village.ENTRIES.
        lang: of the texts; that of the run if not given.

    Raises:
        InputError: where the run kept no residents or has no reference date, and for a CSV that cannot be read.
        ConfigError: where HiGHS is not installed.
    """
    roll = rolled(result)
    if verdicts is not None:
        roll = roll_after(roll, verdicts)
    files = (None if one is None else Path(one) for one in (places, distances))
    candidates = candidates_of(roll, standing_of(roll, "ktp"), verdicts, *files)
    if not candidates.places:
        raise InputError("nobody is left to be recorded at any place; there is nothing to plan")
    plan = plan_visits(candidates, asked)
    curve = tuple(teams_curve(candidates, asked, most_teams)) if most_teams else ()
    spoken = lang or result.config.run.lang
    return Outreach(candidates, asked, plan, result.config.coverage_target, curve, places is not None, spoken)


MOST = {"teams": 200, "days": 750, "stops": 3, "capacity": 100_000, "until_teams": 60}
"""Largest numbers that a plan is made for: more is a slip of the hand, or no plan to be carried out."""


def asked_of(
    teams: int,
    days: int,
    start: str,
    capacity: int | None,
    stops: int,
    weekends: bool,
    team_day: int,
    team: int,
    until_teams: int | None,
) -> Asked:
    """Return what an office has, from the options as they were given; ConfigError names one that is out of range."""
    day = day_of("start", start)
    given = {"teams": teams, "days": days, "stops": stops, "capacity": capacity, "until_teams": until_teams}
    for name, value in given.items():
        if value is not None and value > MOST[name]:
            raise ConfigError(f"{argument(name, value)}; allowed: 1 to {MOST[name]}")
    if day is None or day.year > LAST_DAY.year - 12:
        raise ConfigError(f"{argument('start', start)}; allowed: a date before {LAST_DAY.year - 11}")
    return Asked(teams, days, day, capacity or int(assumed()["capacity"]), stops, weekends, team_day, team)


def check_calendar() -> None:
    """Raise ConfigError where the library that writes calendars is not installed."""
    if lacking := missing("icalendar"):
        raise ConfigError(f"{argument('out')} {lacking}")
