"""The same bytes for any number of threads, and for a second run into the same folder."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROWS, SEED = 5_000, 11
FILES = {
    "residents.parquet",
    "people.parquet",
    "pairs.parquet",
    "decisions.parquet",
    "decisions.xlsx",
    "report.html",
    "run.json",
}


def nikdedup(*arguments: object) -> None:
    command = [sys.executable, "-m", "nikdedup.cli", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def content(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file of a run; run.json without `timing`, which is a clock's."""
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    run: dict[str, Any] = json.loads(files["run.json"])
    assert set(run.pop("timing")) >= {"read", "understand", "match", "settle"}
    return files | {"run.json": json.dumps(run).encode()}


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from nikdedup import generate

    out = tmp_path_factory.mktemp("extract") / "extract.parquet"
    generate(out, rows=ROWS, seed=SEED)
    return out


@pytest.fixture(scope="module")
def one_thread(extract: Path) -> Path:
    out = extract.parent / "one"
    nikdedup("dedupe", extract, "--out", out, "--threads", 1)
    return out


def test_a_run_leaves_these_files(one_thread: Path) -> None:
    assert {path.name for path in one_thread.iterdir()} == FILES


@pytest.mark.parametrize("threads", [2, 4])
def test_threads_change_no_byte(threads: int, extract: Path, one_thread: Path, tmp_path: Path) -> None:
    nikdedup("dedupe", extract, "--out", tmp_path / "run", "--threads", threads)
    assert differing(content(tmp_path / "run"), content(one_thread)) == []


def test_a_second_run_into_the_same_folder_changes_no_byte(extract: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    nikdedup("dedupe", extract, "--out", out, "--threads", 2)
    first = content(out)
    nikdedup("dedupe", extract, "--out", out, "--threads", 2)
    assert differing(content(out), first) == []


def differing(files: dict[str, bytes], others: dict[str, bytes]) -> list[str]:
    """Return the names of files that only one side has, or that differ."""
    return sorted(name for name in files | others if files.get(name) != others.get(name))
