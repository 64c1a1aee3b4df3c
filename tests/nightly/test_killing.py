"""A night that is killed loses nothing and publishes nothing half, and runs again as if nothing had been."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from tests.nightly.conftest import second_night

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forks of a process")
ROOT = Path(__file__).parents[2]


def kills(place: pl.DataFrame, folder: Path, every: int, chances: int, seed: int) -> int:
    few = place.filter(pl.col("n") < 160)
    few.drop("n").write_parquet(folder / "a.parquet")
    second_night(few).drop("n").write_parquet(folder / "b.parquet")
    done = subprocess.run(
        [sys.executable, "-m", "tests.nightly.killing", str(folder), *map(str, (every, chances, seed))],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return int(done.stdout)


def test_twenty_kills(place: pl.DataFrame, tmp_path: Path) -> None:
    assert kills(place, tmp_path, 2, 8, 6212) >= 20


@pytest.mark.slow
def test_two_hundred_kills(place: pl.DataFrame, tmp_path: Path) -> None:
    assert kills(place, tmp_path, 1, 180, 1) >= 200
