"""How a command ends: exit codes, one line for a crash, and what stands on disk after it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import nikdedup
from nikdedup import cli
from nikdedup.show.progress import STAGE_TEXTS

Call = Callable[..., Any]
LINES = {lang: [f"nikdedup: {text}" for text in texts.values()] for lang, texts in STAGE_TEXTS.items()}


def content(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file; run.json without `timing`, which is a clock's."""
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    run = json.loads(files["run.json"])
    del run["timing"]
    return files | {"run.json": json.dumps(run).encode()}


def secret() -> str:
    raise ValueError("SITI AMINAH 6212014107609001")


def crash(*_: object, **__: object) -> None:
    secret()


def test_a_crash_is_one_line_without_values(
    small_extract: Path, small_run: Path, nikdedup_cli: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = content(small_run)
    monkeypatch.setattr("nikdedup.run.dedupe.match", crash)
    done = nikdedup_cli("dedupe", small_extract, "--out", small_run)
    line = next(n for n, text in enumerate(Path(__file__).read_text(encoding="utf-8").splitlines(), 1)
                if text.startswith("    raise ValueError"))  # fmt: skip
    assert done.err.splitlines()[-1] == (
        f"nikdedup: unexpected failure (ValueError in test_entry.py:{line}); nothing was published"
    )
    assert done.code == 1
    assert "SITI" not in done.err
    assert "6212014107609001" not in done.err
    assert content(small_run) == before


def test_a_crash_shows_its_traceback_when_asked(
    small_extract: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIKDEDUP_DEBUG", "1")
    monkeypatch.setattr("nikdedup.run.dedupe.match", crash)
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
    monkeypatch.setattr("nikdedup.show.write_workbook", stop)
    done = nikdedup_cli("dedupe", small_extract, "--out", small_run)
    assert done.code == code
    assert done.err.splitlines() == [*LINES["id"], f"nikdedup: {line}"]
    assert content(small_run) == before


def test_a_run_that_is_published_cannot_be_stopped_any_more(
    small_extract: Path, tmp_path: Path, nikdedup_cli: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("nikdedup.show.summary_text", stop)
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

    monkeypatch.setattr("nikdedup.run.dedupe.match", panic)
    done = nikdedup_cli("dedupe", small_extract, "--out", tmp_path / "run")
    assert done.code == 1
    assert re.search(
        r"unexpected failure \(Panic in test_entry\.py:\d+\); nothing was published$", done.err.strip()
    )
    assert not (tmp_path / "run").exists()


def run(*arguments: object, **environment: str) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-m", "nikdedup.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False, env={**os.environ, **environment})


def test_a_console_of_another_code_page_does_not_fail(small_run: Path) -> None:
    decisions = nikdedup.open(small_run).decisions.drop_nulls("other_row")
    row, other = decisions.select("row", "other_row").row(0)
    done = run("explain", small_run, row, other, PYTHONIOENCODING="cp850", PYTHONUTF8="0")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"????" in done.stdout  # the mask's bullets are not on an old Windows console
