"""Commands on states: list nights, tell histories, go back, look at the audit."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nikdedup.cli.options import Lang, Shown, count
from nikdedup.cli.talk import TALK, show, show_aside
from nikdedup.errors import ConfigError, InputError, argument
from nikdedup.masking import mask_numbers
from nikdedup.runtime.journal import tell
from nikdedup.runtime.users import user

if TYPE_CHECKING:
    from nikdedup.config import Config
    from nikdedup.nightly import JobFile, Night
    from nikdedup.run.inputs import Inputs

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
    from nikdedup.nightly import night_said, reading, writing
    from nikdedup.nightly import rollback as go_back

    with writing(state) as store:
        go_back(store, run, who=user())
    with reading(state) as store:
        TALK.get().answer(night_said("rolled_back", lang or LANG, run=run), state)


@group.command(
    help="Forget old nights: their snapshots, the keys of records in the ledger, and what villages' answers and lists "
    "say of people. Counts and the audit stay."
)
def forget(
    state: Folder,
    before: Annotated[
        str, typer.Option("--before", metavar="YYYY-MM-DD", help="The first day that is kept.")
    ],
    lang: Lang = None,
) -> None:
    """Run `nikdedup forget`."""
    from nikdedup.config import reference_day
    from nikdedup.nightly import forget as forget_before
    from nikdedup.nightly import night_said, writing

    try:
        day = reference_day(before)
    except ValueError as fault:
        raise ConfigError(f"{argument('before', before)}; allowed: {fault}") from None
    with writing(state) as store:
        gone = forget_before(store, day, who=user())
    said = [night_said("forgotten", lang or LANG, runs=", ".join(map(str, gone.runs)))] if gone.runs else []
    if gone.answers or gone.lists:
        said.append(night_said("answers_forgotten", lang or LANG, answers=gone.answers, lists=gone.lists))
    if gone.shortened:
        said.append(night_said("answers_shortened", lang or LANG, answers=gone.shortened))
    TALK.get().answer("\n".join(said), state)


@group.command(
    help="Ask whether a person is already there, before a new NIK is issued: the likeliest records of the newest "
    "night, with their evidence.\n\nExit code 0 where somebody was found, 1 where nobody was."
)
def lookup(
    state: Folder,
    nama: Annotated[str | None, typer.Option("--nama", metavar="NAME", help="Full name.")] = None,
    nik: Annotated[str | None, typer.Option("--nik", metavar="NIK", help="NIK, where there is one.")] = None,
    no_kk: Annotated[
        str | None, typer.Option("--no-kk", metavar="NO", help="Number of the family card.")
    ] = None,
    tgl_lhr: Annotated[
        str | None, typer.Option("--tgl-lhr", metavar="DATE", help="Date of birth, as it is written.")
    ] = None,
    tmpt_lhr: Annotated[
        str | None, typer.Option("--tmpt-lhr", metavar="PLACE", help="Place of birth.")
    ] = None,
    jenis_klmin: Annotated[str | None, typer.Option("--jenis-klmin", metavar="L|P", help="Sex.")] = None,
    nama_ibu: Annotated[str | None, typer.Option("--nama-ibu", metavar="NAME", help="Mother.")] = None,
    nama_ayah: Annotated[str | None, typer.Option("--nama-ayah", metavar="NAME", help="Father.")] = None,
    alamat: Annotated[str | None, typer.Option("--alamat", metavar="TEXT", help="Address.")] = None,
    most: Annotated[
        int, typer.Option("--most", metavar="N", parser=count, help="Records shown, at the most.")
    ] = 5,
    lang: Lang = None,
    show_identities: Shown = False,
) -> None:
    """Run `nikdedup lookup`."""
    from nikdedup.nightly import Lookup, Question, found_text, is_state, run_folder

    said = {
        "nama": nama, "nik": nik, "no_kk": no_kk, "tgl_lhr": tgl_lhr, "tmpt_lhr": tmpt_lhr,
        "jenis_klmin": jenis_klmin, "nama_ibu": nama_ibu, "nama_ayah": nama_ayah, "alamat": alamat,
    }  # fmt: skip
    if nama is None and nik is None:
        raise ConfigError(f"lookup needs {argument('nama')} or {argument('nik')}")
    if not is_state(state):
        raise InputError(f"{state.name}: not a state (state.json is missing)")
    newest = Lookup.of(run_folder(state).parent)
    asked = Question.of(newest, {name: text for name, text in said.items() if text is not None})
    found = newest.compare(asked.residents).head(most)
    show(found_text(newest, asked, found, lang or LANG, show_identities=show_identities))
    raise typer.Exit(0 if len(found) else 1)


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


@group.command(
    help="What is done every night, as a job file says: write an example of one, check it, run the night, or learn "
    "the weights anew.\n\nExit code 0: published. 3: a health check failed, nothing was published. 4: another night "
    "is at work."
)
def nightly(
    what: Annotated[
        Literal["init", "check", "run", "refit"],
        typer.Argument(metavar="init|check|run|refit", help="What to do."),
    ],
    job: Annotated[Path, typer.Argument(metavar="JOB.toml", help="Job file.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="run: say what the night would change, and write nothing.")
    ] = False,
    apply: Annotated[
        bool, typer.Option("--apply", help="refit: use what was learnt from the next night on.")
    ] = False,
    lang: Lang = None,
) -> None:
    """Run `nikdedup nightly`."""
    if dry_run and what != "run":
        raise ConfigError(f"{argument('dry_run', True)} is of `nightly run`")
    if apply and what != "refit":
        raise ConfigError(f"{argument('apply', True)} is of `nightly refit`")
    work = {"init": _init, "check": _check, "refit": _refit}
    raise typer.Exit(_run(job, dry_run, lang) if what == "run" else work[what](job, apply, lang))


def _init(job: Path, _: bool, lang: Literal["id", "en"] | None) -> int:
    from nikdedup.nightly import write_example

    write_example(job, lang or LANG)
    TALK.get().answer(str(job), job)
    return 0


def _check(job: Path, _: bool, lang: Literal["id", "en"] | None) -> int:
    """List all faults, each on a line of its own as compilers do."""
    from nikdedup.nightly import JobFile, faults_of, night_said
    from nikdedup.show import in_indonesian

    file = JobFile.read(job)
    lang = _spoken(file, lang)
    faults = faults_of(file)
    for fault in faults:
        said = fault.text if lang == "en" else in_indonesian(fault.text)
        show(mask_numbers(f"{file.name}:{fault.line}: {' '.join(said.split())}"))
    if not faults:
        show(night_said("sound", lang, name=file.name))
    return 2 if faults else 0


def _spoken(file: JobFile, lang: Literal["id", "en"] | None) -> Literal["id", "en"]:
    """Return the language of a job's answers, in which its faults are told from here on too."""
    said = lang or file.lang
    TALK.get().indonesian = said == "id"
    return said


def _run(job: Path, dry: bool, lang: Literal["id", "en"] | None) -> int:
    from nikdedup.nightly import JobFile, run_job
    from nikdedup.show import show_progress

    file = JobFile.read(job)
    said = _spoken(file, lang)
    with show_progress(sys.stderr if TALK.get().progress else None, said) as progress:
        night = run_job(file, dry=dry, progress=progress)
    return tell_night(night, Path(file.sound()[0].state), said)


def _refit(job: Path, apply: bool, lang: Literal["id", "en"] | None) -> int:
    from nikdedup.nightly import JobFile, refit_job
    from nikdedup.show import show_progress

    file = JobFile.read(job)
    said = _spoken(file, lang)
    with show_progress(sys.stderr if TALK.get().progress else None, said) as progress:
        found = refit_job(file, apply=apply, progress=progress)
    show(mask_numbers(found.text(said)))
    return 0


def run_night(
    state: Path, inputs: list[str], settings: Config, *, out: Path | None = None, warn: bool = False
) -> int:
    """Run a night by hand on a state, which is made where it is new; return the exit code."""
    from nikdedup.nightly import Asked, for_a_night, writing
    from nikdedup.nightly import night as run
    from nikdedup.run.inputs import Inputs
    from nikdedup.show import show_progress

    settings = for_a_night(settings)
    found = Inputs.of(inputs, limits=settings.limits)
    asked = Asked(user(), warn=warn)
    stream = sys.stderr if TALK.get().progress else None
    with (
        show_progress(stream, settings.run.lang) as progress,
        _folder(out, found),
        writing(state, make=True) as store,
    ):
        night = run(store, found, config=settings, asked=asked, progress=progress)
        if night.published and out is not None:
            night.result.write(out)
    return tell_night(night, state, settings.run.lang)


@contextmanager
def _folder(out: Path | None, inputs: Inputs) -> Iterator[None]:
    """Hold the folder that a run is written to beside the state, where one is named."""
    if out is None:
        yield
        return
    from nikdedup.publish import check_folder, writing

    check_folder(out, inputs=inputs.paths)
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
