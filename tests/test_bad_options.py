"""Everything that can be wrong on the command line: exit 2, one plain line, nothing written."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

import nikdedup
from nikdedup.cli.root import COMMANDS

Call = Callable[..., Any]


def office(text: str) -> Callable[[Path], None]:
    """Make office.toml with this content."""
    return lambda here: (here / "office.toml").write_text(text, encoding="utf-8") and None  # type: ignore[func-returns-value]


def beside(name: str, text: str, setting: str) -> Callable[[Path], None]:
    """Make a file, and office.toml with a setting that names it."""

    def make(here: Path) -> None:
        (here / name).write_text(text, encoding="utf-8")
        office(setting)(here)

    return make


def constraints(*lines: str) -> Callable[[Path], None]:
    header = "kind,record_id_l,record_id_r,nik_l,nik_r,who,when,why,until"
    return beside("pairs.csv", "\n".join([header, *lines]) + "\n", '[settle]\nconstraints = "pairs.csv"\n')


def truth(**columns: list[str | None]) -> Callable[[Path], None]:
    def make(here: Path) -> None:
        base = pl.read_parquet(here / "small.truth.parquet")
        base.with_columns(**{k: pl.Series(v, dtype=pl.String) for k, v in columns.items()}).write_parquet(
            here / "other.parquet"
        )

    return make


def nothing(_: Path) -> None:
    pass


def foreign(here: Path) -> None:
    (here / "letters").mkdir()
    (here / "letters" / "a.txt").write_text("x", encoding="utf-8")


def spoiled(here: Path) -> None:
    (here / "run" / "pairs.parquet").write_bytes(b"PAR1")


def full_folder(here: Path) -> None:
    (here / "parts").mkdir()
    (here / "parts" / "part-0000.parquet").write_text("x", encoding="utf-8")


IN = "dedupe small.parquet --out new"
CONFIGURED = f"{IN} --config office.toml"
CASES = [
    pytest.param(
        nothing, "",
        f"no command given; allowed: {', '.join(COMMANDS)}; more with --help",
        id="no command",
    ),
    pytest.param(
        nothing, "dedup small.parquet",
        f"unknown command 'dedup'; allowed: {', '.join(COMMANDS)}",
        id="unknown command",
    ),
    pytest.param(
        nothing, f"{IN} --treads 2", "unknown option --treads; did you mean --threads?", id="unknown option"
    ),
    pytest.param(nothing, f"{IN} --zzz", "unknown option --zzz; see --help", id="unlike any option"),
    pytest.param(nothing, "explain run -1 2", "unknown option -1; see --help", id="negative row"),
    pytest.param(nothing, "dedupe small.parquet", "dedupe needs --out or --state", id="no --out"),
    pytest.param(nothing, "dedupe --out new", "Missing argument 'INPUT...'.", id="no input"),
    pytest.param(nothing, f"{IN} --threads 0", "--threads 0; allowed: a whole number, 1 or more", id="no thread"),
    pytest.param(nothing, f"{IN} --threads two", "--threads two; allowed: a whole number, 1 or more", id="words"),
    pytest.param(nothing, f"{IN} --threads=-1", "--threads -1; allowed: a whole number, 1 or more", id="negative"),
    pytest.param(nothing, f"{IN} --sample 0", "--sample 0; allowed: a whole number, 1 or more", id="no sample"),
    pytest.param(
        nothing, f"{IN} --memory 10",
        "--memory 10; allowed: a size of 200MB or more, such as 800MB or 4GB", id="memory, ten bytes",
    ),
    pytest.param(
        nothing, f"{IN} --memory lots",
        "--memory lots; allowed: a size of 200MB or more, such as 800MB or 4GB", id="memory, a word",
    ),
    pytest.param(
        nothing, f"{IN} --memory 400MB",
        "--memory: 400 MB are allowed; about 452 MB are needed for 600 records; allow more, or give fewer records",
        id="memory below the need",
    ),
    pytest.param(
        office('[run]\nmemory = "400MB"\n'), CONFIGURED,
        "--memory: 400 MB are allowed; about 452 MB are needed for 600 records; allow more, or give fewer records",
        id="memory below the need, from the file",
    ),
    *(
        pytest.param(
            nothing, f"{command} --reference-date {day}",
            f"--reference-date {day}; allowed: a date from 1900-01-01 to 2199-12-31", id=f"{command[:3]}, {day}",
        )
        for command in (IN, "profile small.parquet", "clean small.parquet --out new.csv", "nik 6212014107609001")
        for day in ("9999-12-31", "0001-01-01")
    ),
    pytest.param(
        nothing, f"{IN} --threads 2000", "--threads 2000; allowed: 1024 or less", id="more threads than any machine has"
    ),
    pytest.param(
        nothing, f"{IN} --sample {'9' * 5000}",
        "--sample of 5000 digits; allowed: a whole number, 18 digits at most", id="a number of thousands of digits",
    ),
    pytest.param(
        nothing, f"{IN} --sample {'9' * 17}",
        "--sample a number beyond all counts; allowed: a whole number of at most 1e+15", id="beyond all counts",
    ),
    *(
        pytest.param(
            nothing, f"{IN} --memory {size}",
            f"--memory {shown}; allowed: a size of 200MB or more, such as 800MB or 4GB", id=f"memory, {size[:6]}",
        )
        for size, shown in ((f"{'9' * 5000}GB", "a text of 5002 characters"), ("9999999999TB", "••••••••TB"))
    ),
    *(
        pytest.param(office(text), CONFIGURED, f"config office.toml: {message}", id=text.replace("\n", " ")[:30])
        for text, message in (
            (f"sample = {'9' * 5000}", "not readable as TOML (a number is too long)"),
            ("sample = 99999999999999999999",
             "sample = 'a number beyond all counts'; allowed: a whole number of at most 1e+15"),
            ("a = " + "[" * 5000, "not readable as TOML (brackets within brackets)"),
            ("[match]\nreview_log2 = nan", "match.review_log2 = nan; allowed: a number"),
            ("[match]\nconfirmed_log2 = 1e400", "match.confirmed_log2 = inf; allowed: a number"),
            ("[match]\nreview_log2 = -1e300", "match.review_log2 = -1e+300; allowed: -1e+09 or more"),
            ("[match]\ndecoy_limits = [5, 2]",
             "match.decoy_limits = [5, 2]; allowed: two numbers, the lower one first"),
            ("[match]\ntarget_precision = -0.5", "match.target_precision = -0.5; allowed: 0.5 or more"),
            ("coverage_target = -1", "coverage_target = -1; allowed: more than 0"),
            ("[settle]\nlarge_cluster = 1e400", "settle.large_cluster = inf; allowed: a number"),
            ("reference_date = 9999-12-31",
             "reference_date = datetime.date(9999, 12, 31); allowed: a date from 1900-01-01 to 2199-12-31"),
            ('[status."SITI AMINAH"]\n[status."SITI AMINAH"]',
                "not readable as TOML (Cannot declare twice (at line 2, column 22))"),
        )
    ),
    pytest.param(
        nothing, f"{IN} --reference-date 30-06-2026",
        "--reference-date 30-06-2026; allowed: a date YYYY-MM-DD", id="date in another order",
    ),
    pytest.param(nothing, f"{IN} --lang fr", "--lang 'fr' is not one of 'id', 'en'.", id="language"),
    pytest.param(nothing, f"{IN} --config no.toml", "config no.toml: no such file", id="config missing"),
    pytest.param(
        office("= 5"), CONFIGURED,
        "config office.toml: not readable as TOML (Invalid statement (at line 1, column 1))", id="config no TOML",
    ),
    pytest.param(
        lambda here: (here / "office.toml").write_bytes(b"\xff\xfea\x00"), CONFIGURED,
        "config office.toml: not UTF-8 text; save it as UTF-8", id="config not UTF-8",
    ),
    pytest.param(
        office("refrence_date = 2026-06-30"), CONFIGURED,
        "config office.toml: unknown key 'refrence_date'; did you mean 'reference_date'?", id="unknown key",
    ),
    pytest.param(
        office('[run]\nthreads = "two"'), CONFIGURED,
        "config office.toml: run.threads = 'two'; allowed: a whole number", id="wrong type in the file",
    ),
    pytest.param(
        nothing, "dedupe small.parquet --link --out new", "--link takes two or more inputs; found 1", id="one to link"
    ),
    pytest.param(
        nothing, "dedupe small.parquet --out small.parquet",
        "--out small.parquet: is a file; a new or empty folder or an earlier run is allowed", id="--out is a file",
    ),
    pytest.param(
        nothing, "dedupe small.parquet --out small.parquet/run",
        "--out run: small.parquet is a file; a folder is allowed", id="--out below a file",
    ),
    pytest.param(
        foreign, "dedupe small.parquet --out letters",
        "--out letters: is not empty and not a nikdedup run; nothing was touched", id="--out is something else",
    ),
    pytest.param(
        nothing, "dedupe run/residents.parquet --out run",
        "--out run: the input residents.parquet lies in it; name another folder", id="input in --out",
    ),
    pytest.param(nothing, "dedupe no.parquet --out new", "no.parquet: no such file or folder", id="no such input"),
    pytest.param(
        office('[settle]\npolicy = "no.toml"'), CONFIGURED, "policy no.toml: no such file", id="policy missing"
    ),
    pytest.param(
        beside("rules.toml", "recording = 'newest'\n", '[settle]\npolicy = "rules.toml"'), CONFIGURED,
        "policy rules.toml: line 1: recording = 'newest'; allowed: first, latest", id="policy wrong",
    ),
    pytest.param(
        office('region_codes = "no.csv"'), CONFIGURED, "region_codes no.csv: no such file", id="codes missing"
    ),
    pytest.param(
        beside("codes.csv", "kode;nama\n", 'region_codes = "codes.csv"'), CONFIGURED,
        "region_codes codes.csv: first line must be code,name", id="codes wrong",
    ),
    pytest.param(
        office('[settle]\nconstraints = "no.csv"'), CONFIGURED, "constraints no.csv: no such file",
        id="constraints missing",
    ),
    pytest.param(
        constraints("may_link,1,2,,,ANI,2026-06-30,,"), CONFIGURED,
        "constraints pairs.csv: entry 1: kind is none of must_link, cannot_link, dead, moved, abroad, inactive",
        id="constraints wrong",
    ),
    pytest.param(
        constraints("must_link,1,2,,,ANI,2026-06-30,,", "cannot_link,2,1,,,ANI,2026-06-30,,"), CONFIGURED,
        "constraints: entry 2 (cannot_link) contradicts must_link in entry 1", id="constraints contradict",
    ),
    pytest.param(
        nothing, f"{IN} --record-id NO_ID",
        "small.parquet: no record_id column 'NO_ID'; columns found: ", id="no record id",
    ),
    pytest.param(
        nothing, f"{IN} --record-id NAMA_LGKP", "--record-id 'NAMA_LGKP': ", id="record ids not unique"
    ),
    pytest.param(nothing, "explain run", "explain takes either A and B, one case, or --person ID", id="nothing asked"),
    pytest.param(
        nothing, "explain run 1 2 --person P1", "explain takes either A and B, one case, or --person ID",
        id="rows and a person",
    ),
    pytest.param(nothing, "explain run 1 600", "row 600: no such row; allowed 0 to 599", id="unknown row"),
    pytest.param(
        nothing, "explain run SITI 2",
        "no record of this run; allowed: a record number, a record id, FILE:SHEET:ROW, SHEET:ROW or FILE:ROW; "
        "its rows are 0 to 599", id="a name",
    ),
    pytest.param(
        nothing, "explain run small.parquet:601 2",
        "small.parquet:601: no record in that row; its records stand in rows 1 to 600", id="a row below the last",
    ),
    pytest.param(
        nothing, "explain run Murung:5 2",
        "Murung:5: no such file or sheet; this run has small.parquet", id="no such sheet",
    ),
    pytest.param(
        nothing, "explain run 6212014107609001 2", "row 621201••••••••01: no such row; allowed 0 to 599",
        id="a NIK for a row",
    ),
    pytest.param(
        nothing, "explain run 7 7", "row 7: a row cannot be compared with itself; give two rows", id="row with itself"
    ),
    pytest.param(
        nothing, "explain run 1 2 --svg a.png", "--svg a.png: allowed is .svg", id="--svg with another suffix"
    ),
    pytest.param(
        nothing, "explain small.parquet 1 2",
        "small.parquet: not a finished nikdedup run (run.json is missing or unreadable)", id="explain no run",
    ),
    pytest.param(
        spoiled, "explain run 1 2", "run: pairs.parquet does not match run.json; run dedupe again", id="explain spoiled"
    ),
    pytest.param(
        spoiled, "evaluate run small.truth.parquet",
        "run: pairs.parquet does not match run.json; run dedupe again", id="evaluate spoiled",
    ),
    pytest.param(nothing, "evaluate run no.csv", "truth no.csv: no such file", id="truth missing"),
    pytest.param(
        nothing, "evaluate run small.parquet",
        "truth small.parquet: columns record_id, true_person_id, kind, trap are missing; "
        "expected record_id, true_person_id, kind, trap",
        id="truth without its columns",
    ),
    pytest.param(
        truth(record_id=["0", *map(str, range(599))]), "evaluate run other.parquet",
        "truth other.parquet: 1 record_ids are repeated; each record may appear once", id="truth repeats a record",
    ),
    pytest.param(
        truth(record_id=[str(n + 1) for n in range(600)]), "evaluate run other.parquet",
        "truth other.parquet: 1 records of the run are missing and 1 are unknown to the run; "
        "both must hold the same record_ids",
        id="truth of another extract",
    ),
    pytest.param(
        nothing, "nik 6212014107609001 --reference-date 2026-6-1",
        "--reference-date 2026-6-1; allowed: a date YYYY-MM-DD", id="nik with a bad date",
    ),
    pytest.param(
        nothing, "nik 6212014107609001 --reference-date 2026-02-30",
        "--reference-date 2026-02-30; allowed: a date YYYY-MM-DD", id="nik with no such day",
    ),
    pytest.param(
        nothing, "generate --rows 0 --seed 1 --out a.parquet", "--rows 0; allowed: a whole number, 1 or more",
        id="no rows",
    ),
    pytest.param(
        nothing, "generate --rows 9 --seed x --out a.parquet", "--seed x; allowed: a whole number, 0 or more",
        id="seed in words",
    ),
    pytest.param(
        nothing, "generate --rows 9 --seed 1 --out a.txt",
        "--out a.txt: allowed are .parquet and .csv, or a folder with parts of 2 or more", id="unknown format",
    ),
    pytest.param(
        nothing, "generate --rows 9 --seed 1 --parts 12 --out parts", "--parts 12; allowed: 1 to 9",
        id="more parts than rows",
    ),
    pytest.param(
        full_folder, "generate --rows 9 --seed 1 --parts 3 --out parts",
        "--out parts: with parts it must be a new or empty folder, without a suffix", id="generate over something",
    ),
    pytest.param(
        nothing, "generate --rows 9 --seed 1 --profile mars --out a.parquet", "--profile 'mars': allowed are ",
        id="unknown profile",
    ),
    pytest.param(nothing, "profile small.parquet --out a.csv", "--out a.csv: allowed is .parquet", id="profile"),
    pytest.param(
        nothing, "profile small.parquet --reference-date x", "--reference-date x; allowed: a date YYYY-MM-DD",
        id="profile with a bad date",
    ),
    pytest.param(
        nothing, "clean small.parquet --out small.parquet",
        "--out small.parquet: is an input; the extract as it came is never overwritten", id="clean over its input",
    ),
    pytest.param(
        nothing, "clean small.parquet --out a.csv --config no.toml", "config no.toml: no such file",
        id="clean without its config",
    ),
]  # fmt: skip


@pytest.fixture
def here(small_extract: Path, small_run: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a finished run, its extract and its truth, in which the command is called."""
    folder = small_run.parent
    for name in ("small.parquet", "small.truth.parquet"):
        shutil.copy(small_extract.parent / name, folder / name)
    monkeypatch.chdir(folder)
    return folder


def content(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize(("make", "command", "message"), CASES)
def test_one_plain_line(
    make: Callable[[Path], Any], command: str, message: str, here: Path, nikdedup_cli: Call
) -> None:
    make(here)
    before = content(here)
    done = nikdedup_cli(*command.split())
    line = f"nikdedup: {message}"
    if message.endswith((": ", "are ")):
        assert done.err.startswith(line)
    else:
        assert done.err == f"{line}\n"
    assert done.err.count("\n") == 1
    assert (done.code, done.out) == (2, "")
    assert content(here) == before
    assert not (here / "new").exists()


def test_no_message_tells_an_identity(small_result: nikdedup.Result, here: Path, nikdedup_cli: Call) -> None:
    """The record ids that are not unique are names here: the message tells rows."""
    done = nikdedup_cli(*IN.split(), "--record-id", "NAMA_LGKP")
    assert done.code == 2
    for name in small_result.residents["nama_lgkp"].drop_nulls().unique():
        assert name not in done.err


def test_read_only_folder(here: Path, nikdedup_cli: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    done = nikdedup_cli(*IN.split())
    assert done.err == f"nikdedup: --out new: the folder {here.name} is read-only\n"
    assert done.code == 2


def test_too_little_disk_is_told_before_work_begins(
    here: Path, nikdedup_cli: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The need is told from the 600 records of the input: 120 kB, and 50 MB to spare."""
    monkeypatch.setattr("nikdedup.run.parts.read_parts", lambda *_, **__: pytest.fail("work began"))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=50_100_000))
    done = nikdedup_cli(*IN.split())
    assert done.err == "nikdedup: --out new: 50 MB of disk are free; about 50 MB are needed\n"
    assert done.code == 2


@pytest.mark.parametrize("name", ["policy", "region_codes", "constraints", "memory"])
def test_settings_are_looked_at_before_work_begins(
    name: str, small_extract: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nikdedup.run.parts.read_parts", lambda *_, **__: pytest.fail("work began"))
    with pytest.raises(nikdedup.InputError, match=name):
        nikdedup.dedupe(small_extract, **{name: "300MB" if name == "memory" else "no.csv"})


def test_an_earlier_run_survives_a_wrong_option(here: Path, nikdedup_cli: Call) -> None:
    before = content(here)
    for wrong in (["--threads", "0"], ["--record-id", "X"], ["--config", "no.toml"], ["--memory", "300MB"]):
        assert nikdedup_cli("dedupe", "small.parquet", "--out", "run", *wrong).code == 2
    assert content(here) == before
