"""Commands on states: list nights, tell histories, go back, look at the audit."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nikdedup.cli.options import Lang, count
from nikdedup.cli.talk import TALK, show, show_aside
from nikdedup.runtime.journal import tell

if TYPE_CHECKING:
    from nikdedup.config import Config
    from nikdedup.nightly import Night

group = typer.Typer()

Folder = Annotated[Path, typer.Argument(metavar="STATE", help="Folder in which nights are kept.")]
LANG: Literal["id", "en"] = "id"
"""Language of what is printed where --lang does not say it."""


@group.command(help="List the nights of a state with their figures.")
def runs(state: Folder, lang: Lang = None) -> None:
    """Run `nikdedup runs`."""
    from nikdedup.nightly import reading, runs_text
    from nikdedup.nightly import runs as runs_of

    with reading(state) as store:
        show(runs_text(runs_of(store), lang or LANG))


@group.command(help="Tell what happened to a person or a record, night by night, and why.")
def history(
    state: Folder,
    asked: Annotated[str, typer.Argument(metavar="ID", help="Person id, record id or record key.")],
    lang: Lang = None,
) -> None:
    """Run `nikdedup history`."""
    from nikdedup.nightly import history as history_of
    from nikdedup.nightly import reading

    with reading(state) as store:
        show(history_of(store, asked).text(lang or LANG))


@group.command(
    help="Read a state as it was after an earlier night; what came later stays on record as taken back."
)
def rollback(
    state: Folder,
    run: Annotated[int, typer.Argument(metavar="RUN", parser=count, help="Number of the night.")],
    lang: Lang = None,
) -> None:
    """Run `nikdedup rollback`."""
    from nikdedup.nightly import night_said, reading, user, writing
    from nikdedup.nightly import rollback as go_back

    with writing(state) as store:
        go_back(store, run, who=user())
    with reading(state) as store:
        TALK.get().answer(night_said("rolled_back", lang or LANG, run=run), state)


@group.command(
    help="Look whether the audit of a state is whole, or show its entries about one night.\n\n"
    "`verify` ends with exit code 1 where an entry was edited, deleted, moved or cut off at the end."
)
def audit(
    what: Annotated[Literal["verify", "show"], typer.Argument(metavar="verify|show", help="What to do.")],
    state: Folder,
    run: Annotated[
        int | None, typer.Argument(metavar="[RUN]", parser=count, help="Of one night alone.")
    ] = None,
    lang: Lang = None,
) -> None:
    """Run `nikdedup audit`."""
    from nikdedup.nightly import audit_faults, audit_text, faults_text, reading

    with reading(state) as store:
        if what == "show":
            show(audit_text(store, run, lang or LANG))
            return
        entries, faults = audit_faults(store)
    show(faults_text(entries, faults, lang or LANG))
    raise typer.Exit(1 if faults else 0)


def run_night(
    state: Path, inputs: list[str], settings: Config, *, out: Path | None = None, warn: bool = False
) -> int:
    """Run a night by hand on a state, which is made where it is new; return the exit code."""
    from nikdedup.nightly import Asked, user, writing
    from nikdedup.nightly import night as run
    from nikdedup.show import show_progress

    asked = Asked(user(), warn=warn)
    stream = sys.stderr if TALK.get().progress else None
    with (
        show_progress(stream, settings.run.lang) as progress,
        _folder(out, inputs, settings),
        writing(state, make=True) as store,
    ):
        night = run(store, inputs, config=settings, asked=asked, progress=progress)
        if night.published and out is not None:
            night.result.write(out)
    return tell_night(night, state, settings.run.lang)


@contextmanager
def _folder(out: Path | None, inputs: list[str], settings: Config) -> Iterator[None]:
    """Hold the folder that a run is written to beside the state, where one is named."""
    if out is None:
        yield
        return
    from nikdedup.publish import check_folder, writing
    from nikdedup.run.inputs import Inputs

    found = Inputs.of(inputs, limits=settings.limits)
    check_folder(out, inputs=found.paths)
    with writing(out):
        yield


def tell_night(night: Night, state: Path, lang: Literal["id", "en"]) -> int:
    """Print what a night came to and what was wrong with it; return the exit code."""
    from nikdedup.nightly import night_text

    talk = TALK.get()
    with suppress(KeyboardInterrupt):  # too late to stop the run: it is published, and the exit code says so
        talk.answer(f"{night.result.summary(lang)}\n{night_text(night, lang)}", state)
        for check in (*night.checks, *night.drift):
            text = check.text(lang)
            tell("health", text, level=logging.WARNING, check=check.check, run=night.run)
            if talk.plain:
                show_aside(f"! {text}")
    return 3 if night.checks and not night.published else 0
