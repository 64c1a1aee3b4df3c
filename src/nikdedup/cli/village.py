"""Commands of the village loop: coverage, lists out, verdicts back, visits planned."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nikdedup.cli.options import Lang
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
    from nikdedup.show import say

    groups = groups_of(by)
    if geojson is not None and out is None:
        raise ConfigError(f"{argument('geojson')} draws a map into a folder; name it with {argument('out')}")
    found = counted(run_folder(folder), targets=targets, areas=geojson, lang=lang)
    text = found.text(by=groups)
    if out is None:
        show(text)
        return
    found.write(out)
    TALK.get().answer(f"{text}\n\n{say('village.written', found.lang, out=out)}", out)
