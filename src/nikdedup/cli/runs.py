"""Commands on runs: make one, explain its records, compute its decisions again."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nikdedup.cli.nights import run_night
from nikdedup.cli.options import (
    Damaged,
    Inputs,
    Lang,
    RecordId,
    ReferenceDate,
    Sample,
    Settings,
    Shown,
    answers_in,
    count,
    settings_of,
)
from nikdedup.cli.talk import TALK, show, show_aside
from nikdedup.errors import ConfigError, argument
from nikdedup.runtime.journal import NOT_COMPILED, tell

if TYPE_CHECKING:
    from nikdedup.config import Config
    from nikdedup.run.inputs import Inputs as FoundInputs
    from nikdedup.show import Explanation, Story


group = typer.Typer()


@group.command(help="Find duplicates in an extract and propose what to do with each record.")
def dedupe(
    inputs: Inputs,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Folder of the run; new, empty or an earlier run."),
    ] = None,
    config: Settings = None,
    record_id: RecordId = None,
    reference_date: ReferenceDate = None,
    link: Annotated[
        bool, typer.Option("--link", help="Compare two or more inputs across each other, never within one.")
    ] = False,
    sample: Sample = None,
    threads: Annotated[
        int | None, typer.Option("--threads", metavar="N", parser=count, help="Most threads at work.")
    ] = None,
    memory: Annotated[
        str | None, typer.Option("--memory", metavar="SIZE", help="Most memory, such as 4GB.")
    ] = None,
    lang: Lang = None,
    no_residents: Annotated[
        bool, typer.Option("--no-residents", help="Leave residents.parquet out.")
    ] = False,
    no_report: Annotated[
        bool, typer.Option("--no-report", help="Leave report.html and decisions.xlsx out.")
    ] = False,
    accept_damaged_nik: Damaged = False,
    verdicts: Annotated[
        Path | None,
        typer.Option(
            "--verdicts", metavar="STATE", help="State whose villages' answers hold; with --state its own do."
        ),
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option(
            "--state", metavar="STATE", help="Keep the same people under the same numbers from run to run."
        ),
    ] = None,
    warn: Annotated[
        bool, typer.Option("--warn", help="With --state: publish although a health check failed.")
    ] = False,
) -> None:
    """Run `nikdedup dedupe`."""
    from nikdedup.run.inputs import Inputs

    if verdicts is not None and state is not None:
        raise ConfigError(
            f"{argument('verdicts')} and {argument('state')}: a night goes by its own; leave one out"
        )
    settings = settings_of(
        config, record_id=record_id, reference_date=reference_date, sample=sample, threads=threads, memory=memory,
        lang=lang, residents=False if no_residents else None, report=False if no_report else None,
        accept_damaged_nik=accept_damaged_nik or None, verdicts=None if verdicts is None else answers_in(verdicts),
    )  # fmt: skip
    if link and len(inputs) < 2:
        raise ConfigError(f"{argument('link')} takes two or more inputs; found {len(inputs)}")
    if state is not None:
        if link:
            raise ConfigError(
                f"{argument('link')} and {argument('state')}: two extracts are no night; leave one out"
            )
        raise typer.Exit(run_night(state, list(inputs), settings, out=out, warn=warn))
    if out is None:
        raise ConfigError(f"dedupe needs {argument('out')} or {argument('state')}")
    found = Inputs.of(None if link else list(inputs), list(inputs) if link else None, limits=settings.limits)
    raise typer.Exit(_run(found, settings, out))


def _run(found: FoundInputs, settings: Config, out: Path) -> int:
    """Run on inputs and write the folder of the run; return the exit code."""
    from nikdedup.publish import RUN, check_folder, writing
    from nikdedup.run.dedupe import dedupe as run
    from nikdedup.run.residents_aside import ResidentsAside
    from nikdedup.run.resources import check_memory, disk_needed
    from nikdedup.runtime.kernels import all_compiled
    from nikdedup.runtime.watched import publishing
    from nikdedup.show import show_progress

    check_folder(out, inputs=found.paths)
    check_memory(found, settings)
    needed, talk = disk_needed(found.records), TALK.get()
    stream = sys.stderr if talk.progress else None
    with (
        show_progress(stream, settings.run.lang) as progress,
        writing(out, needed_bytes=needed),
        publishing(out / RUN),
        ResidentsAside(out, settings) as aside,
    ):
        result = run(found, config=settings, progress=progress, keep_residents=aside.begin)
        progress("write")
        result.published_in(out, aside=aside.movers)
    failed = [check for check in result.record.health if not check.ok]
    with suppress(KeyboardInterrupt):  # too late to stop the run: it is published, and the exit code says so
        label = "Hasil" if settings.run.lang == "id" else "Output"
        talk.answer(f"{result.summary()}\n{label}: {out}", out)
        for check in failed:
            text = check.text(settings.run.lang)
            tell("health", text, level=logging.WARNING, check=check.check)
            if talk.plain:
                show_aside(f"! {text}")
        if talk.progress and not all_compiled():
            show_aside(f"nikdedup: {NOT_COMPILED}")
    return 3 if failed else 0


@group.command(
    help="Say why two records of a run were joined, put to review or kept apart; or tell a whole case or person."
    "\n\nA and B are what decisions.xlsx shows: the record number, the source row, the record id, "
    "or one case id alone."
)
def explain(
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    a: Annotated[
        str | None,
        typer.Argument(metavar="[A]", help="Row, record id, FILE:SHEET:ROW; or, alone, a case id."),
    ] = None,
    b: Annotated[str | None, typer.Argument(metavar="[B]", help="The other record, in the same way.")] = None,
    person: Annotated[
        str | None, typer.Option("--person", metavar="ID", help="Tell a whole person instead.")
    ] = None,
    svg: Annotated[
        Path | None,
        typer.Option("--svg", metavar="FILE", help="Also draw the weights, or the person, to FILE."),
    ] = None,
    lang: Lang = None,
    show_identities: Shown = False,
) -> None:
    """Run `nikdedup explain`."""
    from nikdedup.nightly import run_folder
    from nikdedup.run.open import open as open_run
    from nikdedup.show import check_target, write_text

    if (a is None) == (person is None):
        raise ConfigError(f"explain takes either A and B, one case, or {argument('person')} ID")
    if svg is not None:
        check_target(svg, "svg", (".svg",))
    result = open_run(run_folder(folder))
    told: Explanation | Story
    if a is None:
        told = result.explain_person(person or "", show_identities=show_identities, lang=lang)
    elif b is None:
        told = result.explain(a, show_identities=show_identities, lang=lang)
    else:
        told = result.explain(a, b, show_identities=show_identities, lang=lang)
    show(told.text())
    if svg is not None:
        write_text(svg, told.svg())


@group.command(
    help="Compute every decision of a run again from its pairs and residents, and compare.\n\nExit code 0 "
    "where all are equal, 1 where one differs or a file was changed, with counts and row numbers."
)
def recheck(folder: Annotated[Path, typer.Argument(metavar="DIR")], lang: Lang = None) -> None:
    """Run `nikdedup recheck`."""
    from nikdedup.nightly import run_folder
    from nikdedup.run.result import recheck_folder

    found = recheck_folder(run_folder(folder))
    show(found.text(lang))
    raise typer.Exit(0 if found.ok else 1)
