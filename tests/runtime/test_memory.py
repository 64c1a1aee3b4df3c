"""The process of the command line: threads and memory."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nikdedup.runtime import memory as process


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


def run(*arguments: object, **environment: str) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-m", "nikdedup.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False, env={**os.environ, **environment})


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
def test_a_run_keeps_to_the_memory_it_said_it_needs(small_extract: Path, tmp_path: Path) -> None:
    """What is enough by estimate is enough by measurement, libraries, report and workbook included."""
    from nikdedup.run.inputs import Inputs
    from nikdedup.run.resources import memory_needed

    inputs = Inputs.of(small_extract)
    need = memory_needed(inputs, inputs.records)
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
            "from nikdedup.runtime.memory import keep_freed_memory; keep_freed_memory()",
        )
    ]
    assert [out.strip() for out in told] == [os.environ.get("NUMPY_MADVISE_HUGEPAGE", "None"), "0"]
