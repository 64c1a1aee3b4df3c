"""One small extract per profile, made once; all people in it are synthetic."""

from pathlib import Path

import polars as pl
import pytest

from nikdedup.lab import GenerateReport, generate

ROWS = 30_000


class Extract:
    """An extract with its truth, side by side."""

    def __init__(self, path: Path, report: GenerateReport) -> None:
        self.path, self.report = path, report
        self.data = pl.read_parquet(path)
        self.truth = pl.read_parquet(report.truth)
        self.both = pl.concat([self.data, self.truth], how="horizontal")


@pytest.fixture(scope="session")
def extracts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Extract]:
    folder = tmp_path_factory.mktemp("extracts")
    made = {}
    for profile in ("murung-raya", "hard"):
        path = folder / f"{profile}.parquet"
        made[profile] = Extract(path, generate(path, rows=ROWS, seed=7, profile=profile))
    return made


@pytest.fixture(scope="session")
def murung(extracts: dict[str, Extract]) -> Extract:
    return extracts["murung-raya"]


@pytest.fixture(scope="session")
def hard(extracts: dict[str, Extract]) -> Extract:
    return extracts["hard"]
