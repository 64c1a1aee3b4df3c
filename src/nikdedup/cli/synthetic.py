"""Commands of the lab: synthetic residents with their truth, and how well a run found it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nikdedup.cli.options import Lang, count, whole
from nikdedup.cli.talk import TALK, show

group = typer.Typer()


@group.command(help="Make synthetic residents, and the truth about them beside the extract.")
def generate(
    rows: Annotated[int, typer.Option("--rows", metavar="N", parser=count, help="Records of the extract.")],
    seed: Annotated[
        int,
        typer.Option("--seed", metavar="S", parser=whole, help="The same seed gives the same residents."),
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="Parquet or CSV; a folder with --parts.")
    ],
    profile: Annotated[
        str, typer.Option("--profile", help="Which mix of people and errors.")
    ] = "murung-raya",
    parts: Annotated[
        int, typer.Option("--parts", metavar="N", parser=count, help="Write that many files.")
    ] = 1,
    lang: Lang = None,
) -> None:
    """Run `nikdedup generate`."""
    from nikdedup.lab import generate as make

    report = make(out, rows=rows, seed=seed, profile=profile, parts=parts)
    TALK.get().answer(report.text(lang or "en"), out)


@group.command(help="Print precision, recall and F1 of a run against the truth, by kind.")
def evaluate(
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    truth: Annotated[Path, typer.Argument(metavar="TRUTH")],
    lang: Lang = None,
) -> None:
    """Run `nikdedup evaluate`."""
    from nikdedup.lab import evaluate as judge
    from nikdedup.nightly import run_folder
    from nikdedup.publish import opened_whole

    with opened_whole(run_folder(folder)) as run:
        show(judge(run, truth).text(lang or "id"))
