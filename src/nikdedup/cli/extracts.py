"""Commands on extracts and numbers as they came: look at them, put them right, read one NIK."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from nikdedup.cli.options import (
    Damaged,
    Inputs,
    Lang,
    RecordId,
    ReferenceDate,
    Sample,
    Settings,
    Shown,
    settings_of,
)
from nikdedup.cli.talk import TALK, show

group = typer.Typer()


@group.command(
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
    from nikdedup.run.profile import profile as look
    from nikdedup.show import check_target

    settings = settings_of(
        config, record_id=record_id, reference_date=reference_date, sample=sample, lang=lang,
        accept_damaged_nik=accept_damaged_nik or None,
    )  # fmt: skip
    if out is not None:
        check_target(out, "out", (".parquet",))
    found = look(list(inputs), config=settings)
    if out is None:
        show(found.text())
    else:
        label = "Hasil" if found.lang == "id" else "Output"
        TALK.get().answer(f"{found.text()}\n\n{label}: {found.write(out)}", out)


@group.command(
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
    from nikdedup.run.clean import clean as put_right
    from nikdedup.show import say

    settings = settings_of(
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


@group.command(
    help="Write an extract in which nobody is named, to ask for help with: other names, addresses and ids by a key, "
    "with the errors between two records kept as errors."
    "\n\nDates, sex, regions and places of birth stay, and names are disguised, not hidden: it remains personal data. "
    "Columns that are not known are left out and named."
)
def pseudonymise(
    inputs: Inputs,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The new extract, .parquet or .csv.")],
    key_file: Annotated[
        Path | None,
        typer.Option("--key-file", metavar="K", help="File of the key; made where it is not there. Keep it."),
    ] = None,
    key_env: Annotated[
        str | None,
        typer.Option("--key-env", metavar="NAME", help="Variable of the environment that holds the key."),
    ] = None,
    config: Settings = None,
    record_id: RecordId = None,
    lang: Lang = None,
    accept_damaged_nik: Damaged = False,
) -> None:
    """Run `nikdedup pseudonymise`."""
    from nikdedup.nightly import pseudonymise as disguise

    settings = settings_of(
        config, record_id=record_id, lang=lang, accept_damaged_nik=accept_damaged_nik or None
    )
    found = disguise(list(inputs), out, key_file=key_file, key_env=key_env, config=settings)
    TALK.get().answer(found.text(settings.run.lang), out)


@group.command(help="Read one NIK: region, date, sex, serial, verdict and reasons.")
def nik(
    number: Annotated[str, typer.Argument(metavar="NUMBER")],
    reference_date: ReferenceDate = None,
    lang: Lang = None,
    show_identities: Shown = False,
) -> None:
    """Run `nikdedup nik`."""
    from nikdedup.show import nik_text

    show(nik_text(number, reference_date=reference_date, lang=lang or "id", show_identities=show_identities))
