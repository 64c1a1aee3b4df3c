"""The command line: parse, call, exit code.

Exit codes: 0 done; 1 unexpected failure, or `recheck` found a difference; 2 wrong input, option
or config (one plain line on stderr); 3 done and published, but a health check failed; 4 another
run writes to the folder; 130 stopped by Ctrl-C or SIGTERM.
"""

from __future__ import annotations

import logging
import os
import re
import signal
import sys
from contextlib import ExitStack, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from io import TextIOWrapper
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import typer

from nikdedup.errors import DEBUG, LITTLE_MEMORY, ConfigError, InputError, NikdedupError, RunError, crash_of
from nikdedup.journal import NOT_COMPILED, tell
from nikdedup.masking import mask_numbers
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


@dataclass
class Talk:
    """How much the command line says, and where: what the options before the command ask for."""

    quiet: bool = False
    plain: bool = True
    """Faults and progress are lines for people on stderr; false where stderr is a log of JSON."""
    indonesian: bool = False
    """Help and faults are in Indonesian."""
    closing: ExitStack = field(default_factory=ExitStack)

    @property
    def progress(self) -> bool:
        """Whether progress is shown."""
        return self.plain and not self.quiet

    def answer(self, text: str, path: Path | str | None = None) -> None:
        """Print what a command has to say; if that is asked to be little, only the path of what was written."""
        typer.echo(path if self.quiet and path is not None else text)


LANGUAGE = "NIKDEDUP_LANG"
"""Variable of the environment that holds the language of help and faults where --lang does not say it."""

TALK = ContextVar("TALK", default=Talk())  # noqa: B039 (each command line sets its own)

HELP = (
    "Find residents registered twice, and NIKs held by two people.\n\n"
    "The options below may stand before the command or after it."
)
# Help is stated, not taken from docstrings: `python -OO` has none.
app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None,
)  # fmt: skip

Lang = Annotated[
    Literal["id", "en"] | None,
    typer.Option("--lang", help="Language of what is printed and written, help and faults included."),
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


def _version(asked: bool) -> None:
    if asked:
        import nikdedup

        typer.echo(f"nikdedup {nikdedup.__version__}")
        raise typer.Exit()


@app.callback(help=HELP)
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Say no more than errors and the path of what was written.")
    ] = False,
    log_file: Annotated[
        Path | None, typer.Option("--log-file", metavar="F", help="Add a line for each stage to a file.")
    ] = None,
    log_json: Annotated[
        bool, typer.Option("--log-json", help="Log as lines of JSON, to stderr without --log-file.")
    ] = False,
) -> None:
    """Set up what every command shares; these options may stand before the command or after it."""
    talk = TALK.get()
    talk.quiet = quiet
    if log_file is not None or log_json:
        from nikdedup.show.logs import logging_to

        talk.plain = log_file is not None or not log_json
        talk.closing.enter_context(logging_to(log_file, as_json=log_json, stream=sys.stderr))


@app.command(help="Find duplicates in an extract and propose what to do with each record.")
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
    """Run `nikdedup dedupe`."""
    from nikdedup.budget import check_memory, disk_needed, files_of, records_of
    from nikdedup.pipeline import compiled
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
    needed, talk = disk_needed(records_of(inputs)), TALK.get()
    stream = sys.stderr if talk.progress else None
    with show_progress(stream, settings.run.lang) as progress, writing(out, needed_bytes=needed):
        result = run(
            None if link else list(inputs),
            link=(inputs[0], inputs[1]) if link else None,
            config=settings,
            progress=progress,
        )
        progress("write")
        result.write(out)
    failed = [check for check in result.run["health"] if not check["ok"]]
    with suppress(KeyboardInterrupt):  # too late to stop the run: it is published, and the exit code says so
        label = "Hasil" if settings.run.lang == "id" else "Output"
        talk.answer(f"{result.summary()}\n{label}: {out}", out)
        for check in failed:
            text = check[f"text_{settings.run.lang}"]
            tell("health", text, level=logging.WARNING, check=check["check"])
            if talk.plain:
                typer.echo(f"! {text}", err=True)
        if talk.progress and not compiled():
            typer.echo(f"nikdedup: {NOT_COMPILED}", err=True)
    raise typer.Exit(3 if failed else 0)


@app.command(
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


@app.command(
    help="Compute every decision of a run again from its pairs and residents, and compare.\n\nExit code 0 "
    "where all are equal, 1 where one differs or a file was changed, with counts and row numbers."
)
def recheck(folder: Annotated[Path, typer.Argument(metavar="DIR")], lang: Lang = None) -> None:
    """Run `nikdedup recheck`."""
    from nikdedup.rechecking import recheck_folder

    found = recheck_folder(folder)
    typer.echo(found.text(lang))
    raise typer.Exit(0 if found.ok else 1)


@app.command(
    help="Say what an extract holds: completeness, findings, default dates, NIK against columns, texts."
)
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
    """Run `nikdedup profile`."""
    from nikdedup.profiling import profile as look
    from nikdedup.show.extract_file import check_target

    settings = _settings(
        config, record_id=record_id, reference_date=reference_date, sample=sample, lang=lang,
        accept_damaged_nik=accept_damaged_nik or None,
    )  # fmt: skip
    if out is not None:
        check_target(out, "--out", (".parquet",))
    found = look(list(inputs), config=settings)
    if out is None:
        typer.echo(found.text())
    else:
        label = "Hasil" if found.lang == "id" else "Output"
        TALK.get().answer(f"{found.text()}\n\n{label}: {found.write(out)}", out)


@app.command(
    help="Write the extract again with its certain faults put right, and a table of all changes beside it."
    "\n\nOf a workbook that becomes a workbook only cells that change are written anew; a CSV file keeps its "
    "separator, quotes and encoding. Several inputs are put under each other, or each for itself into a "
    "folder. All files hold identities and are readable by their owner only."
)
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
    """Run `nikdedup clean`."""
    from nikdedup.cleaning import clean as put_right
    from nikdedup.show.texts import say

    settings = _settings(
        config, record_id=record_id, reference_date=reference_date, lang=lang,
        accept_damaged_nik=accept_damaged_nik or None,
    )  # fmt: skip
    cleaned = put_right(list(inputs), out, changes=changes, apply=apply, config=settings)
    *written, listed = cleaned.written or (out, out)
    if len(written) > 1:
        said = say("clean.written_all", cleaned.lang, out=out)
    else:
        said = say("clean.written", cleaned.lang, out=written[0], changes=listed)
    TALK.get().answer(f"{cleaned.text()}\n{said}", out if len(written) > 1 else written[0])


@app.command(help="Read one NIK: region, date, sex, serial, verdict and reasons.")
def nik(
    number: Annotated[str, typer.Argument(metavar="NUMBER")],
    reference_date: ReferenceDate = None,
    lang: Lang = None,
    show_identities: Shown = False,
) -> None:
    """Run `nikdedup nik`."""
    from nikdedup.show.nik_card import nik_text

    typer.echo(
        nik_text(number, reference_date=reference_date, lang=lang or "id", show_identities=show_identities)
    )


@app.command(help="Make synthetic residents, and the truth about them beside the extract.")
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
    lang: Lang = None,
) -> None:
    """Run `nikdedup generate`."""
    from nikdedup.lab.generate import generate as make

    try:
        report = make(out, rows=rows, seed=seed, profile=profile, parts=parts)
    except InputError as fault:  # every message of the generator begins with the name of its argument
        raise type(fault)(f"--{fault}") from None
    TALK.get().answer(report.text(lang or "en"), out)


@app.command(help="Print precision, recall and F1 of a run against the truth, by kind.")
def evaluate(
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    truth: Annotated[Path, typer.Argument(metavar="TRUTH")],
    lang: Lang = None,
) -> None:
    """Run `nikdedup evaluate`."""
    from nikdedup.lab.evaluate import evaluate as judge
    from nikdedup.publish import opened_whole

    with opened_whole(folder) as run:
        typer.echo(judge(run, truth).text(lang or "id"))


INTERRUPTED = 130
"""What typer makes of Ctrl-C, and what we make of SIGTERM."""
SHARED = ("--version", "--quiet", "--log-file", "--log-json")
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
    talk = Talk(indonesian=_language(arguments) == "id")
    with talk.closing:
        token = TALK.set(talk)
        try:
            code = _called(_in_front(_lang_behind(arguments)))
            tell("end", f"exit {code}", exit=code)
            return code
        finally:
            TALK.reset(token)


def _language(arguments: list[str]) -> str | None:
    """Return the language of help and faults: what `--lang` says, else the environment; English if neither does.

    >>> _language(["nik", "1", "--lang", "id"]), _language(["--lang=en", "nik", "1"])
    ('id', 'en')
    """
    asked = [one for before, one in pairwise(["", *arguments]) if before == "--lang"]
    asked += [one.removeprefix("--lang=") for one in arguments if one.startswith("--lang=")]
    return asked[-1] if asked else os.environ.get(LANGUAGE)


def _lang_behind(arguments: list[str]) -> list[str]:
    """Return the arguments with a `--lang` that stands before the command behind it, where the command reads it.

    >>> _lang_behind(["--lang", "id", "nik", "1"]), _lang_behind(["--lang=id", "--help"])
    (['nik', '--lang', 'id', '1'], ['--help'])
    """
    first = arguments[0] if arguments else ""
    size = 2 if first == "--lang" else 1 if first.startswith("--lang=") else 0
    said, rest = arguments[:size], arguments[size:]
    return [rest[0], *said, *rest[1:]] if rest and rest[0] in COMMANDS else rest or said


def _in_front(arguments: list[str]) -> list[str]:
    """Return the arguments with the options that every command shares moved before the command.

    >>> _in_front(["nik", "1", "--quiet", "--log-file", "a.log", "--", "--quiet"])
    ['--quiet', '--log-file', 'a.log', 'nik', '1', '--', '--quiet']
    """
    shared: list[str] = []
    others: list[str] = []
    rest = list(arguments)
    while rest and rest[0] != "--":
        one = rest.pop(0)
        (shared if one in SHARED or one.startswith("--log-file=") else others).append(one)
        if one == "--log-file" and rest:
            shared.append(rest.pop(0))
    return [*shared, *others, *rest]


def _called(arguments: list[str]) -> int:
    command = typer.main.get_command(app)
    if TALK.get().indonesian:
        from nikdedup.show.messages import help_in_indonesian

        help_in_indonesian(command)
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
    """Print one line, with whatever looks like a NIK masked, log it, and return the exit code."""
    line = mask_numbers(" ".join(message.split()))
    if TALK.get().indonesian:
        from nikdedup.show.messages import in_indonesian

        line = in_indonesian(line)
    tell("error", line, level=logging.ERROR, exit=code)
    if TALK.get().plain:
        print(f"nikdedup: {line}", file=sys.stderr)  # noqa: T201
    return code


def _usage(message: str) -> str:
    """Return a usage fault in our words: the option first, then what is wrong with it."""
    if message.startswith("Missing command"):
        return f"no command given; allowed: {', '.join(COMMANDS)}; more with --help"
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
