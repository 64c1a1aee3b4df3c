"""One small extract and its run, and the command line as a function."""

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

from nikdedup import Result, cli, dedupe, generate

# No test is timed: how long an example takes says more of the machine than of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@dataclass(frozen=True)
class Done:
    """What a command left: exit code and both streams."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def small_extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """600 synthetic residents, with `small.truth.parquet` beside them."""
    out = tmp_path_factory.mktemp("small") / "small.parquet"
    generate(out, rows=600, seed=3)
    return out


@pytest.fixture(scope="session")
def small_result(small_extract: Path) -> Result:
    return dedupe(small_extract)


@pytest.fixture(scope="session")
def kept_run(small_result: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_result.write(tmp_path_factory.mktemp("kept") / "run")


@pytest.fixture
def small_run(kept_run: Path, tmp_path: Path) -> Path:
    """A finished run that the test may spoil."""
    return Path(shutil.copytree(kept_run, tmp_path / "run"))


@pytest.fixture
def nikdedup_cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """Run a command as `main` does, in this process; returns exit code and what it printed."""

    def call(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["nikdedup", *map(str, arguments)])
        for name in ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
            monkeypatch.setenv(name, "2")
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        return Done(int(ended.value.code or 0), printed.out, printed.err)

    return call
