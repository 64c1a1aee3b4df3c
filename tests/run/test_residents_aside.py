"""Residents that are written while the matcher works: the same bytes, or none, and nothing left behind."""

import errno
from pathlib import Path

import polars as pl
import pytest

from nikdedup import Config, Result, RunError, dedupe
from nikdedup.publish import RUN, writing
from nikdedup.run import residents_aside
from nikdedup.run.residents_aside import RESIDENTS, ResidentsAside

RESIDENT = {"NIK": "6212014107809001", "NAMA_LGKP": "SITI AMINAH", "TGL_LHR": "1980-07-01"}
PEOPLE = pl.DataFrame([RESIDENT, RESIDENT | {"NIK": "6212014107809002"}])
TWO = Config().with_options(report=False, reference_date="2026-06-30", threads=2)


def run(out: Path, config: Config) -> tuple[Result, bool]:
    """Make a run in a folder, and say whether its residents were written aside."""
    with writing(out), ResidentsAside(out, config) as aside:
        result = dedupe(PEOPLE, config=config, keep_residents=aside.begin)
        result.published_in(out, aside=aside.movers)
        return result, RESIDENTS in aside.movers


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != RUN}


def test_the_run_is_the_same_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    _, beside = run(tmp_path / "beside", TWO)
    dedupe(PEOPLE, config=TWO).write(tmp_path / "after")
    assert beside == (pl.thread_pool_size() > 1)
    assert bytes_of(tmp_path / "beside") == bytes_of(tmp_path / "after")
    assert (tmp_path / "beside" / RESIDENTS).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("options", [{"residents": False}, {"threads": 1}])
def test_not_begun_where_nobody_wants_them_or_there_is_one_thread(
    tmp_path: Path, options: dict[str, object]
) -> None:
    config = TWO.with_options(**options)
    _, beside = run(tmp_path, config)
    assert not beside
    assert (tmp_path / RESIDENTS).exists() == config.run.residents


def test_a_full_disk_publishes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(tmp_path, TWO)
    before = bytes_of(tmp_path)

    def full(_: pl.DataFrame, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(residents_aside, "write_parquet", full)
    with pytest.raises(RunError, match=r"out .*disk.*; nothing was published"):
        run(tmp_path, TWO)
    assert bytes_of(tmp_path) == before


def test_what_nobody_moves_goes(tmp_path: Path) -> None:
    with writing(tmp_path):
        with ResidentsAside(tmp_path, TWO) as aside:
            dedupe(PEOPLE, config=TWO, keep_residents=aside.begin)
        assert not list(tmp_path.glob(".partial-*"))
