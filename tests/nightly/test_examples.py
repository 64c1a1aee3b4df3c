"""The examples of schedulers: what they start is tried, as they start it."""

from __future__ import annotations

import ast
import configparser
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples" / "nightly"
FOLDER = "/srv/nikdedup"


@pytest.fixture
def office(tmp_path: Path, small_extract: Path) -> Path:
    """A folder with a job, and `nikdedup` on the path."""
    (tmp_path / "job.toml").write_text(f'state = "state"\n[[source]]\npath = "{small_extract}"\n')
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "nikdedup").write_text(f'#!/bin/sh\nexec {sys.executable} -m nikdedup.cli "$@"\n')
    (tmp_path / "bin" / "nikdedup").chmod(0o755)
    return tmp_path


def started(command: str, office: Path) -> subprocess.CompletedProcess[str]:
    source = Path(__file__).parents[2] / "src"
    env = {**os.environ, "PATH": f"{office / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(source)}
    return subprocess.run(
        ["/bin/sh", "-c", command.replace(FOLDER, str(office))],
        cwd=office, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip


def unit(name: str) -> configparser.ConfigParser:
    found = configparser.ConfigParser(interpolation=None, strict=False)
    found.optionxform = str  # type: ignore[assignment, method-assign]
    found.read(EXAMPLES / name)
    return found


@pytest.mark.skipif(os.name == "nt", reason="starts a shell")
def test_systemd(office: Path) -> None:
    service, timer = unit("nikdedup-nightly.service"), unit("nikdedup-nightly.timer")
    assert timer["Timer"]["OnCalendar"] == "*-*-* 01:00:00"
    assert service["Service"]["WorkingDirectory"] == FOLDER
    command = service["Service"]["ExecStart"]
    assert shlex.split(command)[:2] == ["/usr/bin/env", "nikdedup"]
    done = started(command, office)
    assert done.returncode == 0, done.stderr
    assert (office / "state" / "snapshots" / "1").is_dir()
    if verify := shutil.which("systemd-analyze"):
        subprocess.run([verify, "verify", "--man=no", str(EXAMPLES / "nikdedup-nightly.timer")], check=False)


@pytest.mark.skipif(os.name == "nt", reason="starts a shell")
def test_cron(office: Path) -> None:
    [line] = [line for line in (EXAMPLES / "crontab").read_text().splitlines() if line[0].isdigit()]
    minute, hour, *any_day, command = line.split(maxsplit=5)
    assert [minute, hour, *any_day] == ["0", "1", "*", "*", "*"]
    done = started(command, office)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "match:" in (office / "nightly.log").read_text()
    (office / "job.toml").write_text("state = 7\n")
    assert "exit code 2" in started(command, office).stdout


def test_airflow_is_python() -> None:
    tree = ast.parse((EXAMPLES / "airflow_dag.py").read_text())
    told = ast.unparse(tree)
    assert "'nightly', 'run', JOB" in told
    assert "in (2, 3, 4)" in told
