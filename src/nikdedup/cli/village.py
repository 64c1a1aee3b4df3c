"""Commands of the village loop: coverage, lists out, verdicts back, visits planned."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nikdedup.cli.options import Lang, Shown, count, whole
from nikdedup.cli.talk import TALK, show
from nikdedup.runtime.users import user

if TYPE_CHECKING:
    import polars as pl

    from nikdedup.village import Book

group = typer.Typer()

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a run, or a state.")]

Verdicts = Annotated[
    Path | None,
    typer.Option(
        "--verdicts", metavar="STATE", help="State whose answers count for this run; its own if it is one."
    ),
]


def _placed(folder: Path, verdicts: Path | None) -> tuple[Path, Book | None]:
    """Return the run that a folder is read as, and the book of verdicts that counts for it; None without one."""
    from nikdedup.nightly import book_of, run_read

    book = book_of(folder if verdicts is None else verdicts)
    if verdicts is not None:
        book.about()
    return run_read(folder), book if book.exists else None


def _nights(folder: Path) -> pl.DataFrame | None:
    """Return the coverage of the nights of a state; None of a run."""
    from nikdedup.nightly import is_state

    if not is_state(folder):
        return None
    from nikdedup.nightly import coverage_of_nights, reading

    with reading(folder) as store:
        return coverage_of_nights(store)


@group.command(
    help="Say how many must hold a KTP-el and how many are recorded, by kecamatan, desa, sex and age, before and "
    "after doubles, deaths and moves are settled."
)
def coverage(
    folder: Folder,
    targets: Annotated[
        Path | None, typer.Option("--targets", metavar="FILE", help="TOML file of shares to be reached.")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="GROUPS", help="kecamatan, desa, sex, age; several with commas."),
    ] = None,
    geojson: Annotated[
        Path | None, typer.Option("--geojson", metavar="FILE", help="Areas of a map, with their codes.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Also write workbook, chart and map there.")
    ] = None,
    verdicts: Verdicts = None,
    lang: Lang = None,
) -> None:
    """Run `nikdedup coverage`."""
    from nikdedup.errors import ConfigError, argument
    from nikdedup.run.coverage import coverage as counted
    from nikdedup.run.coverage import groups_of

    groups = groups_of(by)
    if geojson is not None and out is None:
        raise ConfigError(f"{argument('geojson')} draws a map into a folder; name it with {argument('out')}")
    run, book = _placed(folder, verdicts)
    entries = None if book is None else book.entries()
    nights = _nights(folder)
    found = counted(run, targets=targets, areas=geojson, verdicts=entries, nights=nights, lang=lang)
    text = found.text(by=groups)
    if out is None:
        show(text)
        return
    found.write(out)
    TALK.get().answer(f"{text}\n\n{show_written(found.lang, out)}", out)


@group.command(
    help="Write the list of every village: who is not recorded, and which records may be one person; to be printed "
    "and filled in.\n\nA workbook and a CSV file per kecamatan, a sheet per desa. NIKs are masked unless "
    "--show-identities; all files are readable by their owner only."
)
def worklist(
    folder: Folder,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the lists; new or empty.")],
    per: Annotated[
        Literal["kecamatan", "desa"], typer.Option("--per", help="A workbook per kecamatan or per desa.")
    ] = "kecamatan",
    turns_17_before: Annotated[
        str | None,
        typer.Option(
            "--turns-17-before", metavar="YYYY-MM-DD", help="Also list who turns 17 before this day."
        ),
    ] = None,
    due: Annotated[
        str | None, typer.Option("--due", metavar="YYYY-MM-DD", help="Day by which the lists are to be back.")
    ] = None,
    paper: Annotated[Literal["a4", "f4"], typer.Option("--paper", help="Paper of the printed lists.")] = "a4",
    verdicts: Verdicts = None,
    lang: Lang = None,
    show_identities: Shown = False,
) -> None:
    """Run `nikdedup worklist`."""
    from nikdedup.nightly import book_to_change, is_state
    from nikdedup.run.open import open as open_run
    from nikdedup.run.worklist import day_of
    from nikdedup.run.worklist import worklist as listed
    from nikdedup.village import judged_of

    days = (day_of("turns_17_before", turns_17_before), day_of("due", due))
    place, book = _placed(folder, verdicts)
    judged = None if book is None else judged_of(book.entries())
    found = listed(
        open_run(place), place, judged=judged, turning_before=days[0], due=days[1], per=per, paper=paper, lang=lang,
        show_identities=show_identities,
    )  # fmt: skip
    books = found.write(out)
    if verdicts is None and (book is not None or is_state(folder)):
        found.give_out(book_to_change(folder), out)
    TALK.get().answer(f"{found.text(len(books))}\n{show_written(found.lang, out)}", out)


@group.command(
    help="Read the answers of villages into a state, say how they stand, or take a file's answers back.\n\n"
    "`verdicts import FILE... --into STATE`, `verdicts status STATE`, `verdicts undo FILE... --into STATE`. What "
    "cannot be read stays open and is listed by desa with its cell; the same file again changes nothing."
)
def verdicts(
    what: Annotated[
        Literal["import", "status", "undo"], typer.Argument(metavar="import|status|undo", help="What to do.")
    ],
    places: Annotated[
        list[Path], typer.Argument(metavar="FILE...|STATE", help="Lists that came back, or the state.")
    ],
    into: Annotated[
        Path | None, typer.Option("--into", metavar="STATE", help="State, or a new folder that becomes one.")
    ] = None,
    lists: Annotated[
        Path | None,
        typer.Option("--lists", metavar="DIR", help="Folder that worklist wrote; else it is looked for."),
    ] = None,
    today: Annotated[
        str | None, typer.Option("--today", metavar="YYYY-MM-DD", help="What is late is told from this day.")
    ] = None,
    lang: Lang = None,
) -> None:
    """Run `nikdedup verdicts`."""
    if what == "status":
        _status(places, into, today, lang or "id")
    else:
        _read_in(what, places, into, lists, lang or "id")


def _status(places: list[Path], into: Path | None, today: str | None, lang: str) -> None:
    from datetime import date

    from nikdedup.errors import ConfigError, argument
    from nikdedup.nightly import book_of
    from nikdedup.run.verdicts import status
    from nikdedup.run.worklist import day_of
    from nikdedup.show.village import status_text

    if len(places) != 1 or into is not None:
        raise ConfigError(f"verdicts status takes one state, and no {argument('into')}")
    show(status_text(status(book_of(places[0]), today=day_of("today", today) or date.today()), lang))


def _read_in(what: str, files: list[Path], into: Path | None, lists: Path | None, lang: str) -> None:
    from datetime import UTC, datetime

    from nikdedup.errors import ConfigError, argument
    from nikdedup.nightly import book_to_change, is_state, made_a_state, run_read
    from nikdedup.run.verdicts import import_verdicts, take_back
    from nikdedup.show import say
    from nikdedup.show.village import imported_text

    if into is None:
        raise ConfigError(f"verdicts {what} needs {argument('into')}, the state of the answers")
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    book, run = book_to_change(into), run_read(into) if is_state(into) else None
    if what == "import":
        new = not is_state(into) and not book.exists
        found = import_verdicts(files, into, who=user(), at=at, lists=lists, run=run, book=book)
        if new:
            made_a_state(into)
        text = imported_text(found, lang)
    else:
        keys = take_back(files, into, who=user(), at=at, run=run, book=book)
        text = say("verdicts.undone", lang, n=len(keys))
    TALK.get().answer(text, into)


@group.command(
    help="Plan which villages, schools and campuses to visit on which day with which team, so that most residents are "
    "recorded.\n\nThe plan is the best there is, by HiGHS, or says how far from it; of plans that reach as many it is "
    "a cheap one. What it assumes is said. With --until-teams it answers how many teams reach the target."
)
def outreach(
    folder: Folder,
    teams: Annotated[
        int, typer.Option("--teams", metavar="N", parser=count, help="Teams that can be out on a day.")
    ],
    days: Annotated[int, typer.Option("--days", metavar="N", parser=count, help="Working days.")],
    start: Annotated[str, typer.Option("--start", metavar="YYYY-MM-DD", help="First day.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Also write schedule, calendar, chart and letters there."),
    ] = None,
    capacity: Annotated[
        int | None,
        typer.Option("--capacity", metavar="N", parser=count, help="Recordings of a team in a day."),
    ] = None,
    places: Annotated[
        Path | None,
        typer.Option("--places", metavar="FILE", help="CSV of places, their way, costs and closed days."),
    ] = None,
    distances: Annotated[
        Path | None,
        typer.Option("--distances", metavar="FILE", help="CSV from, to, km; else as the crow flies."),
    ] = None,
    stops: Annotated[
        int,
        typer.Option(
            "--stops", metavar="N", parser=count, help="Most places of one day, where they are near."
        ),
    ] = 1,
    weekends: Annotated[
        bool, typer.Option("--weekends", help="Saturdays and Sundays are working days.")
    ] = False,
    team_day_cost: Annotated[
        int, typer.Option("--team-day-cost", metavar="RP", parser=whole, help="Rp of a team and day.")
    ] = 0,
    set_cost: Annotated[
        int, typer.Option("--set-cost", metavar="RP", parser=whole, help="Rp of a team's recording set.")
    ] = 0,
    until_teams: Annotated[
        int | None,
        typer.Option(
            "--until-teams",
            metavar="N",
            parser=count,
            help="Also plan for 1 to N teams: which reach the target?",
        ),
    ] = None,
    verdicts: Verdicts = None,
    lang: Lang = None,
) -> None:
    """Run `nikdedup outreach`."""
    from nikdedup.run.open import open as open_run
    from nikdedup.run.outreach import asked_of, check_calendar
    from nikdedup.run.outreach import outreach as planned

    asked = asked_of(teams, days, start, capacity, stops, weekends, team_day_cost, set_cost, until_teams)
    if out is not None:
        check_calendar()
    run, book = _placed(folder, verdicts)
    entries = None if book is None else book.entries()
    found = planned(
        open_run(run),
        asked,
        places=places,
        distances=distances,
        most_teams=until_teams,
        verdicts=entries,
        lang=lang,
    )
    if out is None:
        show(found.text())
        return
    found.write(out)
    TALK.get().answer(f"{found.text()}\n\n{show_written(found.lang, out)}", out)


def show_written(lang: str, out: Path) -> str:
    """Return the line that says where something was written."""
    from nikdedup.show import say

    return say("village.written", lang, out=out)
