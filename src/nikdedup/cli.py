"""The command line: parse, call, exit code.

Exit codes: 0 done; 1 unexpected failure, or `recheck` found a difference; 2 wrong input, option
or config (one plain line on stderr); 3 done and published, but a health check failed; 4 another
run writes to the folder; 130 stopped by Ctrl-C or SIGTERM.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import typer

from nikdedup.errors import DEBUG, LITTLE_MEMORY, ConfigError, InputError, NikdedupError, RunError, crash_of
from nikdedup.process import prepare
from nikdedup.watched import ran_short, watched

if TYPE_CHECKING:
    from nikdedup.config import Config
    from nikdedup.show.explain import Explanation
    from nikdedup.show.explain_person import Story


MOST_DIGITS = 18
"""Digits of a number on the command line: no counter holds one of twenty, and Python reads none of thousands."""


def _count(value: str | int) -> int:
    """Parse a whole number of 1 or more; a default comes as the number it is."""
    return _number(str(value), least=1)


def _whole(value: str | int) -> int:
    """Parse a whole number of 0 or more."""
    return _number(str(value), least=0)


def _number(text: str, *, least: int) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise typer.BadParameter(f"{text[:40]}; allowed: a whole number, {least} or more")
    if len(text) > MOST_DIGITS:
        raise typer.BadParameter(
            f"of {len(text)} digits; allowed: a whole number, {MOST_DIGITS} digits at most"
        )
    if int(text) < least:
        raise typer.BadParameter(f"{text}; allowed: a whole number, {least} or more")
    return int(text)


app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None,
    help="Find residents registered twice, and NIKs held by two people.",
)  # fmt: skip

Lang = Annotated[
    Literal["id", "en"] | None, typer.Option("--lang", help="Language of summary, report and workbook.")
]
Inputs = Annotated[
    list[str], typer.Argument(metavar="INPUT...", help="Parquet, CSV or XLSX: file, folder or glob.")
]
Settings = Annotated[Path | None, typer.Option("--config", help="TOML file of settings.")]
RecordId = Annotated[
    str | None, typer.Option("--record-id", metavar="COL", help="Column that identifies a record.")
]
ReferenceDate = Annotated[
    str | None, typer.Option(metavar="YYYY-MM-DD", help="The date the extract speaks of.")
]
Sample = Annotated[
    int | None,
    typer.Option("--sample", metavar="N", parser=_count, help="Look at the first N records only."),
]
Damaged = Annotated[bool, typer.Option("--accept-damaged-nik", help="Read a NIK column that is a float.")]
Shown = Annotated[bool, typer.Option("--show-identities", help="Show NIKs and names in full.")]


@app.command()
def dedupe(
    inputs: Inputs,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder of the run; new, empty or an earlier run.")
    ],
    config: Settings = None,
    record_id: RecordId = None,
    reference_date: ReferenceDate = None,
    link: Annotated[
        bool, typer.Option("--link", help="Compare exactly two inputs across each other.")
    ] = False,
    sample: Sample = None,
    threads: Annotated[
        int | None, typer.Option("--threads", metavar="N", parser=_count, help="Most threads at work.")
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
) -> None:
    """Find duplicates in an extract and propose what to do with each record."""
    from nikdedup.budget import check_memory, disk_needed, files_of, records_of
    from nikdedup.pipeline import dedupe as run
    from nikdedup.publish import check_folder, writing
    from nikdedup.show.progress import show_progress

    settings = _settings(
        config, record_id=record_id, reference_date=reference_date, sample=sample, threads=threads, memory=memory,
        lang=lang, residents=False if no_residents else None, report=False if no_report else None,
        accept_damaged_nik=accept_damaged_nik or None,
    )  # fmt: skip
    if link and len(inputs) != 2:
        raise ConfigError(f"--link takes exactly two inputs; found {len(inputs)}")
    check_folder(out, inputs=files_of(inputs))
    check_memory(inputs, settings, option="--memory")
    needed = disk_needed(records_of(inputs))
    with show_progress(sys.stderr, settings.run.lang) as progress, writing(out, needed_bytes=needed):
        result = run(
            None if link else list(inputs),
            link=(inputs[0], inputs[1]) if link else None,
            config=settings,
            progress=progress,
        )
        progress("write")
        result.write(out)
    typer.echo(result.summary())
    typer.echo(f"{'Hasil' if settings.run.lang == 'id' else 'Output'}: {out}")
    failed = [check for check in result.run["health"] if not check["ok"]]
    for check in failed:
        typer.echo(f"! {check['text_' + settings.run.lang]}", err=True)
    raise typer.Exit(3 if failed else 0)


@app.command()
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
    """Say why two records of a run were joined, put to review or kept apart; or tell a whole case or person.

    A and B are what decisions.xlsx shows: the record number, the source row, the record id, or one case id alone.
    """
    from nikdedup.result import open_run
    from nikdedup.show.extract_file import check_target, write_text

    if (a is None) == (person is None):
        raise ConfigError("explain takes either A and B, one case, or --person ID")
    if svg is not None:
        check_target(svg, "--svg", (".svg",))
    result = open_run(folder)
    told: Explanation | Story
    if a is None:
        told = result.explain_person(person or "", show_identities=show_identities, lang=lang)
    elif b is None:
        told = result.explain(a, show_identities=show_identities, lang=lang)
    else:
        told = result.explain(a, b, show_identities=show_identities, lang=lang)
    typer.echo(told.text())
    if svg is not None:
        write_text(svg, told.svg())


@app.command()
def recheck(folder: Annotated[Path, typer.Argument(metavar="DIR")], lang: Lang = None) -> None:
    """Compute every decision of a run again from its pairs and residents, and compare.

    Exit code 0 where all are equal, 1 where one differs or a file was changed, with counts and row numbers.
    """
    from nikdedup.rechecking import recheck_folder

    found = recheck_folder(folder)
    typer.echo(found.text(lang))
    raise typer.Exit(0 if found.ok else 1)


@app.command()
def profile(
    inputs: Inputs,
    config: Settings = None,
    record_id: RecordId = None,
    reference_date: ReferenceDate = None,
    sample: Sample = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Also write it, .parquet.")
    ] = None,
    lang: Lang = None,
    accept_damaged_nik: Damaged = False,
) -> None:
    """Say what an extract holds: completeness, findings, default dates, NIK against columns, texts."""
    from nikdedup.profiling import profile as look
    from nikdedup.show.extract_file import check_target

    settings = _settings(
        config, record_id=record_id, reference_date=reference_date, sample=sample, lang=lang,
        accept_damaged_nik=accept_damaged_nik or None,
    )  # fmt: skip
    if out is not None:
        check_target(out, "--out", (".parquet",))
    found = look(list(inputs), config=settings)
    typer.echo(found.text())
    if out is not None:
        typer.echo(f"\n{'Hasil' if found.lang == 'id' else 'Output'}: {found.write(out)}")


@app.command()
def clean(
    inputs: Inputs,
    out: Annotated[
        str,
        typer.Option(
            "--out",
            metavar="FILE|DIR/",
            help="Extract, in its own shape or .parquet, .csv, .xlsx; or a folder.",
        ),
    ],
    config: Settings = None,
    record_id: RecordId = None,
    reference_date: ReferenceDate = None,
    apply: Annotated[
        Literal["certain", "all"], typer.Option("--apply", help="Certain changes, or the proposed too.")
    ] = "certain",
    changes: Annotated[
        Path | None, typer.Option("--changes", metavar="FILE", help="Change table; else beside the extract.")
    ] = None,
    lang: Lang = None,
    accept_damaged_nik: Damaged = False,
) -> None:
    """Write the extract again with its certain faults put right, and a table of all changes beside it.

    Of a workbook that becomes a workbook only cells that change are written anew; a CSV file keeps its
    separator, quotes and encoding. Several inputs are put under each other, or each for itself into a folder.
    All files hold identities and are readable by their owner only.
    """
    from nikdedup.cleaning import clean as put_right
    from nikdedup.show.texts import say

    settings = _settings(
        config, record_id=record_id, reference_date=reference_date, lang=lang,
        accept_damaged_nik=accept_damaged_nik or None,
    )  # fmt: skip
    cleaned = put_right(list(inputs), out, changes=changes, apply=apply, config=settings)
    typer.echo(cleaned.text())
    *written, listed = cleaned.written or (out, out)
    if len(written) > 1:
        typer.echo(say("clean.written_all", cleaned.lang, out=out))
    else:
        typer.echo(say("clean.written", cleaned.lang, out=written[0], changes=listed))


@app.command()
def nik(
    number: Annotated[str, typer.Argument(metavar="NUMBER")],
    reference_date: ReferenceDate = None,
    lang: Lang = None,
    show_identities: Shown = False,
) -> None:
    """Read one NIK: region, date, sex, serial, verdict and reasons."""
    from nikdedup.show.nik_card import nik_text

    typer.echo(
        nik_text(number, reference_date=reference_date, lang=lang or "id", show_identities=show_identities)
    )


@app.command()
def generate(
    rows: Annotated[int, typer.Option("--rows", metavar="N", parser=_count, help="Records of the extract.")],
    seed: Annotated[
        int,
        typer.Option("--seed", metavar="S", parser=_whole, help="The same seed gives the same residents."),
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="Parquet or CSV; a folder with --parts.")
    ],
    profile: Annotated[
        str, typer.Option("--profile", help="Which mix of people and errors.")
    ] = "murung-raya",
    parts: Annotated[
        int, typer.Option("--parts", metavar="N", parser=_count, help="Write that many files.")
    ] = 1,
) -> None:
    """Make synthetic residents, and the truth about them beside the extract."""
    from nikdedup.lab.generate import generate as make

    try:
        report = make(out, rows=rows, seed=seed, profile=profile, parts=parts)
    except InputError as fault:  # every message of the generator begins with the name of its argument
        raise type(fault)(f"--{fault}") from None
    typer.echo(report.text())


@app.command()
def evaluate(
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    truth: Annotated[Path, typer.Argument(metavar="TRUTH")],
    lang: Lang = None,
) -> None:
    """Print precision, recall and F1 of a run against the truth, by kind."""
    from nikdedup.lab.evaluate import evaluate as judge
    from nikdedup.publish import opened_whole

    with opened_whole(folder) as run:
        typer.echo(judge(run, truth).text(lang or "id"))


INTERRUPTED = 130
"""What typer makes of Ctrl-C, and what we make of SIGTERM."""
COMMANDS = tuple(str(one.name or getattr(one.callback, "__name__", "")) for one in app.registered_commands)


def _settings(config: Path | None, **options: Any) -> Config:
    """Return the settings of a command; faults name an option as it is written on the command line."""
    from nikdedup.config import Config

    given = {name: value for name, value in options.items() if value is not None}
    return Config.resolve(config, given, spelling=lambda name: f"--{name.replace('_', '-')}")


def main() -> None:
    """Run the command line and exit with its code."""
    arguments = sys.argv[1:]
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a console of another code page shows "?", and does not fail
            stream.reconfigure(errors="replace")
    prepare(arguments)
    signal.signal(signal.SIGTERM, _interrupt)  # as Ctrl-C: what was put aside goes with the run
    sys.exit(watched(lambda: _code_of(arguments), _say))


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _code_of(arguments: list[str]) -> int:
    """Run a command and return its exit code; every fault becomes one line on stderr."""
    command = typer.main.get_command(app)
    if not arguments:
        return _say(f"no command given; allowed: {', '.join(COMMANDS)}; more with --help", 2)
    try:
        code = int(command.main(args=arguments, prog_name="nikdedup", standalone_mode=False) or 0)
        return _stopped() if code == INTERRUPTED else code
    except NikdedupError as fault:
        return _say(str(fault), fault.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        return _stopped()
    except SystemExit:
        raise
    except BaseException as fault:  # a panic of polars is no Exception
        message = getattr(fault, "format_message", None)
        if message is not None:
            return _say(_usage(message()), 2)
        return _crash(fault)


def _stopped() -> int:
    if ran_short():
        return _say(LITTLE_MEMORY, 1)
    return _say("stopped; nothing was published", INTERRUPTED)


def _say(message: str, code: int) -> int:
    """Print one line, with whatever looks like a NIK masked, and return the exit code."""
    line = re.sub(r"(?<!\d)(\d{6})\d{8}(\d{2})(?!\d)", r"\1••••••••\2", " ".join(message.split()))
    print(f"nikdedup: {line}", file=sys.stderr)  # noqa: T201
    return code


def _usage(message: str) -> str:
    """Return a usage fault in our words: the option first, then what is wrong with it."""
    if found := re.match(r"No such command '(.*?)'", message):
        return f"unknown command {found[1]!r}; allowed: {', '.join(COMMANDS)}"
    if found := re.match(r"No such option:? '?(-[^\s']*)'?(?:.*?(--[\w-]+))?", message, flags=re.DOTALL):
        return f"unknown option {found[1]}; " + (f"did you mean {found[2]}?" if found[2] else "see --help")
    message = re.sub(r"^Invalid value for '?\[?(.+?)\]?'?: ", r"\1 ", message)
    return message.replace("Value error, ", "")


def _crash(fault: BaseException) -> int:
    """Print an unexpected failure as one line, or raise it where that is asked for."""
    if os.environ.get(DEBUG):
        raise fault
    return _say(str(crash_of(fault)), RunError.exit_code)


if __name__ == "__main__":
    main()
