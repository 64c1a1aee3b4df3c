"""What a run tells of itself while it goes: the log, its file, JSON, --quiet and --version."""

import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import nikdedup
from nikdedup.runtime import journal, kernels
from nikdedup.show.progress import STAGE_TEXTS

Call = Callable[..., Any]
STAGES = [*STAGE_TEXTS["en"]]


class Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture
def kept() -> Iterator[Kept]:
    handler, logger = Kept(), logging.getLogger("nikdedup")
    logger.addHandler(handler)
    level = logger.level
    logger.setLevel(logging.INFO)
    yield handler
    logger.removeHandler(handler)
    logger.setLevel(level)


def test_python_hears_of_every_stage(small_extract: Path, tmp_path: Path, kept: Kept) -> None:
    result = nikdedup.dedupe(small_extract)
    result.write(tmp_path / "run")
    facts = [vars(one)["facts"] for one in kept.records]
    assert [one["stage"] for one in facts] == STAGES
    assert all(one["event"] == "stage" and one["seconds"] >= 0 for one in facts)
    counts = {name: value for one in facts for name, value in one.items() if isinstance(value, int)}
    expected = {"records": 600, "pairs": len(result.pairs), "decisions": len(result.decisions), "files": 7}
    assert counts == expected
    assert re.fullmatch(r"read: 600 records, \d+\.\d{3} s(, peak \d+ MB)?", kept.records[0].getMessage())


def test_slices_are_heard_of_too(tmp_path: Path, small_extract: Path, kept: Kept) -> None:
    nikdedup.dedupe(small_extract, residents=False, report=False, memory="4GB", threads=2)
    facts = [vars(one)["facts"] for one in kept.records]
    assert [(one["stage"], one.get("records")) for one in facts[:2]] == [("read", 600), ("understand", 600)]
    assert facts[3]["decisions"] > 0


def test_without_a_handler_nothing_is_printed(small_extract: Path) -> None:
    code = f"import nikdedup; nikdedup.dedupe({str(small_extract)!r}, sample=50)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")


def test_a_log_file_is_private_and_grows(small_extract: Path, tmp_path: Path, nikdedup_cli: Call) -> None:
    log = tmp_path / "run.log"
    done = nikdedup_cli("dedupe", small_extract, "--out", tmp_path / "run", "--log-file", log)
    assert done.code == 0
    first = log.read_text(encoding="utf-8").splitlines()
    assert [re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d INFO (\w+)", one)[1] for one in first] == [
        *STAGES,
        "exit",
    ]  # type: ignore[index]
    if os.name == "posix":
        assert log.stat().st_mode & 0o777 == 0o600
    nikdedup_cli("--log-file", log, "dedupe", tmp_path / "6212014107609001.csv", "--out", tmp_path / "new")
    lines = log.read_text(encoding="utf-8").splitlines()
    assert lines[: len(first)] == first
    assert lines[-2].endswith("ERROR 621201••••••••01.csv: no such file or folder")
    assert lines[-1].endswith("INFO exit 2")


def test_a_log_of_json_goes_to_stderr_alone(small_extract: Path, tmp_path: Path, nikdedup_cli: Call) -> None:
    done = nikdedup_cli("dedupe", small_extract, "--out", tmp_path / "run", "--log-json")
    told = [json.loads(line) for line in done.err.splitlines()]
    assert [one.get("stage", one["event"]) for one in told] == [*STAGES, "end"]
    assert {"time", "level", "event", "stage", "records", "seconds", "peak_mb", "message"} == set(told[0])
    assert done.out.endswith(f"Hasil: {tmp_path / 'run'}\n")
    done = nikdedup_cli("--log-json", "dedupe", tmp_path / "no.csv", "--out", tmp_path / "new")
    told = [json.loads(line) for line in done.err.splitlines()]
    assert [(one["level"], one["event"], one["exit"]) for one in told] == [
        ("error", "error", 2),
        ("info", "end", 2),
    ]


def test_a_log_of_json_goes_to_the_file_if_there_is_one(
    small_extract: Path, tmp_path: Path, nikdedup_cli: Call
) -> None:
    log = tmp_path / "run.jsonl"
    done = nikdedup_cli("--log-json", f"--log-file={log}", "profile", tmp_path / "no.csv")
    assert done.err == "nikdedup: no.csv: no such file or folder\n"
    assert [json.loads(line)["event"] for line in log.read_text(encoding="utf-8").splitlines()] == [
        "error",
        "end",
    ]


def test_a_failed_health_check_is_logged(small_extract: Path, tmp_path: Path, nikdedup_cli: Call) -> None:
    cut = pl.col("NIK").str.slice(0, 15) + "0"
    pl.read_parquet(small_extract).with_columns(cut.alias("NIK")).write_csv(tmp_path / "excel.csv")
    done = nikdedup_cli(
        "--log-json", "dedupe", tmp_path / "excel.csv", "--out", tmp_path / "run", "--lang", "en"
    )
    assert done.code == 3
    told = [json.loads(line) for line in done.err.splitlines()]
    assert "nik_column_sound" in {one["check"] for one in told if one["event"] == "health"}


@pytest.mark.parametrize("name", [".", "no/run.log"])
def test_a_log_that_cannot_be_written_is_one_line(name: str, tmp_path: Path, nikdedup_cli: Call) -> None:
    done = nikdedup_cli("--log-file", tmp_path / name, "nik", "6212014107609001")
    assert done.code == 2
    assert re.fullmatch(r"nikdedup: --log-file \S+: cannot be opened \([\w ]+\)\n", done.err)
    assert done.out == ""


@pytest.mark.parametrize("place", ["before", "after"])
def test_quiet_says_no_more_than_where_it_wrote(
    place: str, small_extract: Path, tmp_path: Path, nikdedup_cli: Call
) -> None:
    def quietly(*arguments: object) -> Any:
        return nikdedup_cli(*(("--quiet", *arguments) if place == "before" else (*arguments, "--quiet")))

    outs = {
        "dedupe": ("dedupe", small_extract, "--out", tmp_path / "run"),
        "clean": ("clean", small_extract, "--out", tmp_path / "clean.csv"),
        "profile": ("profile", small_extract, "--out", tmp_path / "profile.parquet"),
        "generate": ("generate", "--rows", 20, "--seed", 1, "--out", tmp_path / "new.csv"),
    }
    for arguments in outs.values():
        done = quietly(*arguments)
        assert (done.code, done.out, done.err) == (0, f"{arguments[-1]}\n", "")
    assert quietly("nik", "6212014107609001").out.startswith("NIK")
    assert quietly("profile", tmp_path / "no.csv").err == "nikdedup: no.csv: no such file or folder\n"


def test_quiet_alone_is_no_command(nikdedup_cli: Call) -> None:
    done = nikdedup_cli("--quiet")
    assert done.code == 2
    assert done.err.startswith("nikdedup: no command given; allowed: dedupe, ")


def test_version(nikdedup_cli: Call) -> None:
    for arguments in (["--version"], ["dedupe", "--version"]):
        done = nikdedup_cli(*arguments)
        assert (done.code, done.out) == (0, f"nikdedup {nikdedup.__version__}\n")


@pytest.mark.parametrize("lang", ["id", "en"])
def test_missing_loops_are_said(
    lang: str,
    small_extract: Path,
    tmp_path: Path,
    nikdedup_cli: Call,
    monkeypatch: pytest.MonkeyPatch,
    kept: Kept,
) -> None:
    """Once in a process to the log, at the end of each run on the screen; not in run.json, which is the same."""
    monkeypatch.setitem(kernels._taken, "some.loops_cy", False)
    journal.tell_not_compiled.cache_clear()
    done = nikdedup_cli("dedupe", small_extract, "--out", tmp_path / "run", "--sample", 50, "--lang", lang)
    assert done.err.splitlines()[-1] == f"nikdedup: {journal.NOT_COMPILED}"
    nikdedup_cli("--quiet", "dedupe", small_extract, "--out", tmp_path / "run", "--sample", 50)
    assert [one.levelname for one in kept.records if one.getMessage() == journal.NOT_COMPILED] == ["WARNING"]
    assert "compiled" not in (tmp_path / "run" / "run.json").read_text(encoding="utf-8")
    monkeypatch.undo()
    journal.tell_not_compiled.cache_clear()


def test_compiled_loops_are_not_spoken_of(small_extract: Path, kept: Kept) -> None:
    if not kernels.all_compiled():
        pytest.skip("no compiled loops here")
    nikdedup.dedupe(small_extract, sample=50)
    assert all(one.levelno == logging.INFO for one in kept.records)


@pytest.mark.parametrize("flags", [[], ["-O"], ["-OO"]], ids=["python", "python -O", "python -OO"])
def test_the_module_runs_without_assertions_and_docstrings(
    flags: list[str], small_extract: Path, kept_run: Path, tmp_path: Path
) -> None:
    def run(*arguments: object) -> str:
        command = [sys.executable, *flags, "-m", "nikdedup", *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b"")
        return done.stdout.decode()

    assert run("dedupe", small_extract, "--out", tmp_path / "run", "--quiet").strip() == str(tmp_path / "run")
    for name in ("residents", "people", "pairs", "decisions"):
        file = f"{name}.parquet"
        assert (tmp_path / "run" / file).read_bytes() == (kept_run / file).read_bytes()
    report = "report.html"
    assert (tmp_path / "run" / report).read_bytes() == (kept_run / report).read_bytes()
    assert "propose what to do with each record" in run("dedupe", "--help")


def in_shell(line: str, *arguments: str) -> tuple[int, str]:
    """Run the command with its streams led elsewhere; returns its exit code and what came to standard error."""
    command = ["sh", "-c", f'"$@" {line}', "sh", sys.executable, "-m", "nikdedup", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def no_listener(folder: Path) -> str:
    """Return a redirection into a pipe that nobody reads any more."""
    os.mkfifo(folder / "pipe")
    return f"4<>{folder}/pipe 1>{folder}/pipe 4<&-"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("line", [">/dev/full", "2>/dev/full", "<&- >&- 2>&-"])
def test_a_run_whose_words_nobody_takes_is_published(line: str, small_extract: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    code, error = in_shell(
        line, "dedupe", str(small_extract), "--out", str(out), "--lang", "en", "--no-report"
    )
    assert code == 0
    assert nikdedup.open(out).people.height
    assert [line for line in error.splitlines() if "results" not in line and "ing " not in line] == (
        ["nikdedup: the answer could not be printed (No space left on device)"]
        if line == ">/dev/full"
        else []
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_an_answer_that_cannot_be_printed_is_a_failure() -> None:
    told = "nikdedup: the answer could not be printed (No space left on device)\n"
    assert in_shell(">/dev/full", "nik", "6212014101909001", "--reference-date", "2026-06-30") == (1, told)


@pytest.mark.skipif(os.name == "nt", reason="no named pipes")
def test_a_pipe_that_was_closed_is_told_as_such(tmp_path: Path) -> None:
    told = "nikdedup: the answer could not be printed (Broken pipe)\n"
    assert in_shell(no_listener(tmp_path), "--version") == (1, told)
