"""Runs that are killed, fail or race while they publish (tests/breaking.py): a tenth of the cases, all of them slow."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

BREAKING = Path(__file__).parents[1] / "breaking.py"
LEAST = {
    "kills": 400,
    "full_disks": 400,
    "interrupts": 400,
    "moments": 200,
    "races": 200,
    "readers": 100,
    "versions_before": 80,
}
"""How many cases there are at least; so nobody thins them out unseen."""

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the cases are forks of one process")


def cases(name: str, every: int, writers: int = 1) -> int:
    threads = dict.fromkeys(("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    done = subprocess.run(
        [sys.executable, BREAKING, name, str(every)],
        capture_output=True, text=True, check=False, env={**os.environ, **threads, "WRITERS": str(writers)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.parametrize("name", LEAST)
def test_a_tenth(name: str) -> None:
    assert cases(name, 10) >= LEAST[name] // 10


@pytest.mark.parametrize("name", ["kills", "full_disks", "interrupts", "moments"])
def test_a_tenth_of_runs_that_write_several_files_at_a_time(name: str) -> None:
    assert cases(name, 10, writers=3) >= LEAST[name] // 10


@pytest.mark.slow
@pytest.mark.parametrize("writers", [1, 3])
@pytest.mark.parametrize("name", LEAST)
def test_all(name: str, writers: int) -> None:
    assert cases(name, 1, writers) >= LEAST[name]
