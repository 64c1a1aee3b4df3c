"""Residents of a small place over several nights, and a state to keep them in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from nikdedup import generate
from nikdedup.config import Config
from nikdedup.nightly.one_night import Asked, Night, night
from nikdedup.nightly.state import Store, reading, writing

SETTINGS = {"report": False, "reference_date": "2026-06-30"}


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """800 residents, some of them twice."""
    out = tmp_path_factory.mktemp("place") / "place.parquet"
    generate(out, rows=800, seed=11, profile="hard")
    return pl.read_parquet(out).with_row_index("n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def run_night(folder: Path) -> Callable[..., Night]:
    """Run a night on a frame, whose column `n` is not shown to it."""

    def run(
        residents: pl.DataFrame, *, into: Path = folder, asked: Asked | None = None, **options: Any
    ) -> Night:
        config = Config().with_options(**{**SETTINGS, **options})
        with writing(into, make=True) as store:
            return night(
                store, residents.drop("n", strict=False), config=config, asked=asked or Asked("tester")
            )

    return run


@pytest.fixture
def opened(folder: Path) -> Callable[[], AbstractContextManager[Store]]:
    return lambda: reading(folder)


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    """A new state, held for writing."""
    with writing(folder, make=True) as store:
        yield store


def second_night(place: pl.DataFrame) -> pl.DataFrame:
    """Return the place a night later: some are gone, some were corrected, one is new."""
    n = pl.col("n")
    corrected = pl.when(n % 50 == 7).then(pl.col("NAMA_LGKP") + "H").otherwise(pl.col("NAMA_LGKP"))
    new = place.filter(n == 3).with_columns(
        NAMA_LGKP=pl.lit("ZAINUDDIN QOMAR"), NIK=pl.lit("6299010101809077")
    )
    return pl.concat([place.filter(n % 40 != 3).with_columns(NAMA_LGKP=corrected), new])
