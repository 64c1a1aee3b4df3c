"""Commands of the village loop: coverage, lists out, verdicts back, visits planned."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from nikdedup.cli.options import Lang, Shown
from nikdedup.cli.talk import TALK, show

group = typer.Typer()

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a run, or a state.")]


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
    lang: Lang = None,
) -> None:
    """Run `nikdedup coverage`."""
    from nikdedup.errors import ConfigError, argument
    from nikdedup.nightly import run_folder
    from nikdedup.run.coverage import coverage as counted
    from nikdedup.run.coverage import groups_of

    groups = groups_of(by)
    if geojson is not None and out is None:
        raise ConfigError(f"{argument('geojson')} draws a map into a folder; name it with {argument('out')}")
    found = counted(run_folder(folder), targets=targets, areas=geojson, lang=lang)
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
    lang: Lang = None,
    show_identities: Shown = False,
) -> None:
    """Run `nikdedup worklist`."""
    from nikdedup.nightly import run_folder
    from nikdedup.run.open import open as open_run
    from nikdedup.run.worklist import day_of
    from nikdedup.run.worklist import worklist as listed

    days = (day_of("turns_17_before", turns_17_before), day_of("due", due))
    place = run_folder(folder)
    found = listed(
        open_run(place), place, turning_before=days[0], due=days[1], per=per, paper=paper, lang=lang,
        show_identities=show_identities,
    )  # fmt: skip
    books = found.write(out)
    TALK.get().answer(f"{found.text(len(books))}\n{show_written(found.lang, out)}", out)


def show_written(lang: str, out: Path) -> str:
    """Return the line that says where something was written."""
    from nikdedup.show import say

    return say("village.written", lang, out=out)
