"""The command line: parse, call, exit code.

Exit codes: 0 done; 1 unexpected failure; 2 wrong input, option or config (one plain line
on stderr); 3 done and published, but a health check failed.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from nikdedup.errors import ConfigError, NikdedupError

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
    int | None, typer.Option("--sample", metavar="N", help="Look at the first N records only.")
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
        int | None, typer.Option("--threads", metavar="N", help="Most threads at work.")
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
    from nikdedup.config import Config
    from nikdedup.pipeline import dedupe as run
    from nikdedup.publish import check_folder
    from nikdedup.show.progress import show_progress

    options = _given(
        record_id=record_id, reference_date=reference_date, sample=sample, threads=threads, memory=memory, lang=lang,
        residents=False if no_residents else None, report=False if no_report else None,
        accept_damaged_nik=accept_damaged_nik or None,
    )  # fmt: skip
    settings = (Config.load(config) if config else Config()).with_options(**options)
    if link and len(inputs) != 2:
        raise ConfigError(f"--link takes exactly two inputs; found {len(inputs)}")
    check_folder(out)
    with show_progress(sys.stderr, settings.run.lang) as progress:
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
    row_a: Annotated[int | None, typer.Argument(metavar="[ROW_A]")] = None,
    row_b: Annotated[int | None, typer.Argument(metavar="[ROW_B]")] = None,
    person: Annotated[
        str | None, typer.Option("--person", metavar="ID", help="Tell a whole person instead.")
    ] = None,
    svg: Annotated[
        Path | None, typer.Option("--svg", metavar="FILE", help="Also draw the weights to FILE.")
    ] = None,
    lang: Lang = None,
    show_identities: Shown = False,
) -> None:
    """Say why two records of a run were joined, put to review or kept apart."""
    from nikdedup.result import open_run

    if (person is None) == (row_a is None or row_b is None):
        raise ConfigError("explain takes either ROW_A and ROW_B, or --person ID")
    result = open_run(folder)
    if person is not None:
        typer.echo(result.explain_person(person, show_identities=show_identities, lang=lang).text())
        return
    assert row_a is not None and row_b is not None  # noqa: PT018 (checked above; for the type checker)
    explanation = result.explain(row_a, row_b, show_identities=show_identities, lang=lang)
    typer.echo(explanation.text())
    if svg is not None:
        svg.write_text(explanation.svg(), encoding="utf-8")


@app.command()
def profile(
    inputs: Inputs,
    config: Settings = None,
    record_id: RecordId = None,
    reference_date: ReferenceDate = None,
    sample: Sample = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Also write it, .parquet.")] = None,
    lang: Lang = None,
    accept_damaged_nik: Damaged = False,
) -> None:
    """Say what an extract holds: completeness, findings, default dates, NIK against columns, texts."""
    from nikdedup.profiling import profile as look
    from nikdedup.show.extract_file import check_target

    options = _given(
        record_id=record_id, reference_date=reference_date, sample=sample, lang=lang,
        accept_damaged_nik=accept_damaged_nik or None,
    )  # fmt: skip
    if out is not None:
        check_target(out, "--out", (".parquet",))
    found = look(list(inputs), config=config, **options)
    typer.echo(found.text())
    if out is not None:
        typer.echo(f"\n{'Hasil' if found.lang == 'id' else 'Output'}: {found.write(out)}")


@app.command()
def clean(
    inputs: Inputs,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Extract: .parquet, .csv or .xlsx.")],
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

    Columns, headers and order stay; several inputs are put under each other; titles, repeated headers and
    totals are left out and listed. Both files hold identities and are readable by their owner only.
    """
    from nikdedup.cleaning import clean as put_right
    from nikdedup.show.texts import say

    options = _given(
        record_id=record_id, reference_date=reference_date, lang=lang,
        accept_damaged_nik=accept_damaged_nik or None,
    )  # fmt: skip
    cleaned = put_right(list(inputs), out, changes=changes, apply=apply, config=config, **options)
    typer.echo(cleaned.text())
    written, listed = cleaned.written or (out, out)
    typer.echo(say("clean.written", cleaned.lang, out=written, changes=listed))


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
    rows: Annotated[int, typer.Option("--rows", min=1, help="Records of the extract.")],
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same residents.")],
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="Parquet or CSV; a folder with --parts.")
    ],
    profile: Annotated[
        str, typer.Option("--profile", help="Which mix of people and errors.")
    ] = "murung-raya",
    parts: Annotated[int, typer.Option("--parts", min=1, help="Write that many files.")] = 1,
) -> None:
    """Make synthetic residents, and the truth about them beside the extract."""
    from nikdedup.lab.generate import generate as make

    report = make(out, rows=rows, seed=seed, profile=profile, parts=parts)
    typer.echo(report.text())


@app.command()
def evaluate(
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    truth: Annotated[Path, typer.Argument(metavar="TRUTH")],
    lang: Lang = None,
) -> None:
    """Print precision, recall and F1 of a run against the truth, by kind."""
    from nikdedup.lab.evaluate import evaluate as judge

    typer.echo(judge(folder, truth).text(lang or "id"))


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def main() -> None:
    """Run the command line and exit with its code."""
    _limit_threads(sys.argv[1:])
    command = typer.main.get_command(app)
    try:
        code = command.main(args=sys.argv[1:], prog_name="nikdedup", standalone_mode=False)
    except NikdedupError as fault:
        print(f"nikdedup: {fault}", file=sys.stderr)  # noqa: T201
        code = fault.exit_code
    except Exception as fault:
        code = _usage_or_crash(fault)
    sys.exit(code or 0)


def _usage_or_crash(fault: Exception) -> int:
    """Say a usage fault in one line; a crash names its place but never a value (values may be identities)."""
    message = getattr(fault, "format_message", None)
    if message is not None:
        print(f"nikdedup: {' '.join(message().split())}", file=sys.stderr)  # noqa: T201
        return 2
    if os.environ.get("NIKDEDUP_DEBUG"):
        raise fault
    trace = fault.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "?"
    kind = type(fault).__name__
    print(f"nikdedup: unexpected failure ({kind} in {place}); nothing was published", file=sys.stderr)  # noqa: T201
    return 1


def _limit_threads(arguments: list[str]) -> None:
    """Set the thread pool of polars before it is loaded; later it cannot be changed."""
    for here, following in zip(arguments, [*arguments[1:], ""], strict=True):
        name, _, value = here.partition("=")
        if name == "--threads" and (value or following).isdigit():
            os.environ["POLARS_MAX_THREADS"] = value or following


if __name__ == "__main__":
    main()
