"""The command line: what it prints where, exit codes, crashes, and not one identity on a screen."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import nikdedup
from nikdedup import cli, process
from nikdedup.show.progress import STAGE_TEXTS, show_progress

Call = Callable[..., Any]
LINES = {lang: [f"nikdedup: {text}" for text in texts.values()] for lang, texts in STAGE_TEXTS.items()}


def content(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file; run.json without `timing`, which is a clock's."""
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    run = json.loads(files["run.json"])
    del run["timing"]
    return files | {"run.json": json.dumps(run).encode()}


def test_a_run_from_end_to_end(
    small_extract: Path, kept_run: Path, tmp_path: Path, nikdedup_cli: Call
) -> None:
    """The command leaves what Python leaves, a second run over the first changes no byte, nothing else stays."""
    out = tmp_path / "deep" / "run"
    done = nikdedup_cli("dedupe", small_extract, "--out", out, "--threads", 2)
    assert done.code == 0, done.err
    assert done.err.splitlines() == LINES["id"]
    assert done.out.endswith(f"Hasil: {out}\n")
    assert content(out) == content(kept_run)
    first = content(out)
    assert nikdedup_cli("dedupe", small_extract, "--out", out).code == 0
    assert content(out) == first
    assert os.listdir(out.parent) == ["run"]


def test_another_language(small_extract: Path, tmp_path: Path, nikdedup_cli: Call) -> None:
    done = nikdedup_cli("dedupe", small_extract, "--out", tmp_path / "run", "--lang", "en", "--no-report")
    assert done.err.splitlines() == LINES["en"]
    assert done.out.splitlines()[-1] == f"Output: {tmp_path / 'run'}"
    assert nikdedup.open(tmp_path / "run").summary() in done.out


def test_what_the_switches_leave_out(small_extract: Path, small_run: Path, nikdedup_cli: Call) -> None:
    done = nikdedup_cli("dedupe", small_extract, "--out", small_run, "--no-residents", "--no-report")
    assert done.code == 0
    assert {path.name for path in small_run.iterdir()} == {
        "people.parquet",
        "pairs.parquet",
        "decisions.parquet",
        "run.json",
    }


def test_options_go_before_the_file(small_extract: Path, tmp_path: Path, nikdedup_cli: Call) -> None:
    (tmp_path / "office.toml").write_text(
        'sample = 100\n[run]\nlang = "en"\nreport = false\n', encoding="utf-8"
    )
    done = nikdedup_cli(
        "dedupe",
        small_extract,
        "--out",
        tmp_path / "run",
        "--config",
        tmp_path / "office.toml",
        "--sample",
        200,
    )
    run = nikdedup.open(tmp_path / "run").run
    assert (run["counts"]["records"], run["options"]["lang"], run["options"]["report"]) == (200, "en", False)
    assert "Output: " in done.out


def test_link(small_extract: Path, tmp_path: Path, nikdedup_cli: Call) -> None:
    frame = pl.read_parquet(small_extract)
    halves = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    frame.head(300).write_parquet(halves[0])
    frame.tail(300).write_parquet(halves[1])
    assert nikdedup_cli("dedupe", *halves, "--link", "--out", tmp_path / "run", "--no-report").code == 0
    pairs = nikdedup.open(tmp_path / "run").pairs
    assert len(pairs) > 0
    assert pairs.filter((pl.col("row_l") >= 300) | (pl.col("row_r") < 300)).is_empty()


@pytest.mark.parametrize("lang", ["id", "en"])
def test_a_failed_health_check_is_published_with_exit_3(
    lang: str, small_extract: Path, tmp_path: Path, nikdedup_cli: Call
) -> None:
    """Excel took the 16th digit of most NIKs."""
    cut = pl.when(pl.col("NIK").hash() % 10 > 0).then(pl.col("NIK").str.slice(0, 15) + "0").otherwise("NIK")
    pl.read_parquet(small_extract).with_columns(cut.alias("NIK")).write_csv(tmp_path / "excel.csv")
    done = nikdedup_cli("dedupe", tmp_path / "excel.csv", "--out", tmp_path / "run", "--lang", lang)
    assert done.code == 3
    run = nikdedup.open(tmp_path / "run").run
    [failed] = [check for check in run["health"] if not check["ok"]]
    assert failed["check"] == "nik_column_sound"
    assert done.err.splitlines() == [*LINES[lang], f"! {failed[f'text_{lang}']}"]
    assert (tmp_path / "run" / "report.html").is_file()


def secret() -> str:
    raise ValueError("SITI AMINAH 6212014107609001")


def crash(*_: object, **__: object) -> None:
    secret()


def test_a_crash_is_one_line_without_values(
    small_extract: Path, small_run: Path, nikdedup_cli: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = content(small_run)
    monkeypatch.setattr("nikdedup.pipeline.match", crash)
    done = nikdedup_cli("dedupe", small_extract, "--out", small_run)
    line = next(n for n, text in enumerate(Path(__file__).read_text(encoding="utf-8").splitlines(), 1)
                if text.startswith("    raise ValueError"))  # fmt: skip
    assert done.err.splitlines()[-1] == (
        f"nikdedup: unexpected failure (ValueError in test_cli.py:{line}); nothing was published"
    )
    assert done.code == 1
    assert "SITI" not in done.err
    assert "6212014107609001" not in done.err
    assert content(small_run) == before


def test_a_crash_shows_its_traceback_when_asked(
    small_extract: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIKDEDUP_DEBUG", "1")
    monkeypatch.setattr("nikdedup.pipeline.match", crash)
    monkeypatch.setattr(
        sys, "argv", ["nikdedup", "dedupe", str(small_extract), "--out", str(tmp_path / "run")]
    )
    with pytest.raises(ValueError, match="SITI AMINAH"):
        cli.main()


@pytest.mark.parametrize(
    ("fault", "code", "line"),
    [
        pytest.param(KeyboardInterrupt(), 130, "stopped; nothing was published", id="Ctrl-C"),
        pytest.param(
            nikdedup.RunError(
                "--out run: could not be written (No space left on device); nothing was published"
            ),
            1,
            "--out run: could not be written (No space left on device); nothing was published",
            id="disk full",
        ),
    ],
)
def test_a_run_that_is_stopped(
    fault: BaseException,
    code: int,
    line: str,
    small_extract: Path,
    small_run: Path,
    nikdedup_cli: Call,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise fault

    before = content(small_run)
    monkeypatch.setattr("nikdedup.show.workbook.write_workbook", stop)
    done = nikdedup_cli("dedupe", small_extract, "--out", small_run)
    assert done.code == code
    assert done.err.splitlines() == [*LINES["id"], f"nikdedup: {line}"]
    assert content(small_run) == before


def test_a_run_that_is_published_cannot_be_stopped_any_more(
    small_extract: Path, tmp_path: Path, nikdedup_cli: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("nikdedup.show.summary.summary_text", stop)
    done = nikdedup_cli("dedupe", small_extract, "--out", tmp_path / "run")
    assert done.code == 0
    assert "nothing was published" not in done.err
    assert (tmp_path / "run" / "run.json").is_file()


def test_a_panic_inside_polars_is_a_crash_like_any(
    small_extract: Path, tmp_path: Path, nikdedup_cli: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Panic(BaseException):
        """As pyo3 makes them: no Exception."""

    def panic(*_: object, **__: object) -> None:
        raise Panic("value of a cell")

    monkeypatch.setattr("nikdedup.pipeline.match", panic)
    done = nikdedup_cli("dedupe", small_extract, "--out", tmp_path / "run")
    assert done.code == 1
    assert re.search(
        r"unexpected failure \(Panic in test_cli\.py:\d+\); nothing was published$", done.err.strip()
    )
    assert not (tmp_path / "run").exists()


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_on_a_terminal_leaves_nothing_behind_but_the_bar() -> None:
    stream = Terminal()
    with show_progress(stream, "en") as progress:
        for stage in STAGE_TEXTS["en"]:
            progress(stage)
    assert "nikdedup: " not in stream.getvalue()


def test_progress_in_a_log_waits_until_input_is_accepted() -> None:
    stream = StringIO()
    with show_progress(stream, "en") as progress:
        progress("read")
        progress("understand")
        assert stream.getvalue() == ""
        progress("match")
        assert stream.getvalue().splitlines() == LINES["en"][:3]


def identities(extract: Path) -> set[str]:
    """Return every NIK, KK number and name of two words or more of an extract."""
    frame = pl.read_parquet(extract)
    columns = ("NIK", "NO_KK", "NAMA_LGKP", "NAMA_LGKP_IBU", "NAMA_LGKP_AYAH")
    values = {value for column in columns for value in frame[column].drop_nulls()}
    return {value for value in values if len(value) >= 12 and (value.isdigit() or " " in value)}


def test_no_identity_on_any_screen_or_report(small_extract: Path, tmp_path: Path, nikdedup_cli: Call) -> None:
    out = tmp_path / "run"
    said = [nikdedup_cli("dedupe", small_extract, "--out", out)]
    decisions = nikdedup.open(out).decisions
    person = decisions["person_id"][0]
    row, other = decisions.drop_nulls("other_row").select("row", "other_row").row(0)
    said += [
        nikdedup_cli("explain", out, row, other, "--svg", tmp_path / "pair.svg"),
        nikdedup_cli("explain", out, "--person", person, "--svg", tmp_path / "person.svg"),
        nikdedup_cli("explain", out, decisions["case_id"][0], "--svg", tmp_path / "case.svg"),
        nikdedup_cli("profile", small_extract),
        nikdedup_cli("clean", small_extract, "--out", tmp_path / "clean.csv"),
        nikdedup_cli("evaluate", out, small_extract.with_name("small.truth.parquet")),
        nikdedup_cli("nik", pl.read_parquet(small_extract)["NIK"][0]),
    ]
    assert [one.code for one in said] == [0] * 8
    shown = "\n".join(one.out + one.err for one in said)
    shown += "".join((out / name).read_text(encoding="utf-8") for name in ("run.json", "report.html"))
    shown += "".join(
        (tmp_path / f"{name}.svg").read_text(encoding="utf-8") for name in ("pair", "person", "case")
    )
    secrets = identities(small_extract)
    assert len(secrets) > 1000
    assert [value for value in secrets if value in shown] == []
    open_, masked = (
        nikdedup_cli("explain", out, row, other, *more).out for more in (["--show-identities"], [])
    )
    assert any(value in open_ for value in secrets)
    assert masked in shown


def test_explain_takes_what_the_workbook_shows(small_run: Path, nikdedup_cli: Call) -> None:
    result = nikdedup.open(small_run)
    row, other, case = result.decisions.drop_nulls("other_row").select("row", "other_row", "case_id").row(0)
    by_row = nikdedup_cli("explain", small_run, row, other).out
    by_place = nikdedup_cli("explain", small_run, f"small.parquet:{row + 1}", f"baris {other + 1}").out
    assert by_row == by_place == result.explain(row, other).text() + "\n"
    assert f"data nomor {row} (baris {row + 1})" in by_row
    told = nikdedup_cli("explain", small_run, case)
    assert told.out == nikdedup_cli("explain", small_run, row).out == result.explain(case).text() + "\n"
    assert f"Kasus {case}: " in told.out
    assert f"{min(row, other)} – {max(row, other)}" in told.out


def run(*arguments: object, **environment: str) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-m", "nikdedup.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False, env={**os.environ, **environment})


def test_a_console_of_another_code_page_does_not_fail(small_run: Path) -> None:
    decisions = nikdedup.open(small_run).decisions.drop_nulls("other_row")
    row, other = decisions.select("row", "other_row").row(0)
    done = run("explain", small_run, row, other, PYTHONIOENCODING="cp850", PYTHONUTF8="0")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"????" in done.stdout  # the mask's bullets are not on an old Windows console


def test_threads_are_limited_before_anything_loads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("[run]\nthreads = 3\n", encoding="utf-8")
    (tmp_path / "b.toml").write_text("[run]\nthreads = ", encoding="utf-8")
    config = ["--config", str(tmp_path / "a.toml")]
    for arguments, expected in (
        (["--threads", "2"], "2"),
        (["--threads=2"], "2"),
        (["--threads", "2", *config], "2"),
        (config, "3"),
        ([f"--config={tmp_path / 'a.toml'}"], "3"),
        (["--config", str(tmp_path / "b.toml")], "unset"),
        (["--config", str(tmp_path / "c.toml")], "unset"),
        (["--threads", "0"], "unset"),
        (["--threads"], "unset"),
        ([], "unset"),
    ):
        for name in ("POLARS_MAX_THREADS", "OMP_NUM_THREADS"):
            monkeypatch.setenv(name, "unset")
        process.limit_threads(["dedupe", *arguments])
        assert {os.environ["POLARS_MAX_THREADS"], os.environ["OMP_NUM_THREADS"]} == {expected}, arguments


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
def test_a_run_keeps_to_the_memory_it_said_it_needs(small_extract: Path, tmp_path: Path) -> None:
    """What is enough by estimate is enough by measurement, libraries, report and workbook included."""
    from nikdedup.budget import memory_needed, records_of

    need = memory_needed(small_extract, records_of(small_extract))
    done = run("dedupe", small_extract, "--out", tmp_path / "run", "--memory", need, "--threads", 2)
    assert done.returncode == 0, done.stderr
    timing = json.loads((tmp_path / "run" / "run.json").read_text(encoding="utf-8"))["timing"]
    assert max(stage["peak_mb"] for stage in timing.values()) * 1e6 <= need


@pytest.mark.skipif(sys.platform != "linux", reason="glibc only")
def test_the_command_keeps_freed_memory_and_an_import_does_not():
    ask = "import os, ctypes, sys; {}; print(os.environ.get('NUMPY_MADVISE_HUGEPAGE'))"
    told = [
        subprocess.run(
            [sys.executable, "-c", ask.format(step)], capture_output=True, text=True, check=True
        ).stdout
        for step in (
            "import nikdedup.cli",
            "from nikdedup.process import keep_freed_memory; keep_freed_memory()",
        )
    ]
    assert [out.strip() for out in told] == [os.environ.get("NUMPY_MADVISE_HUGEPAGE", "None"), "0"]
