"""Shares of the running stage: told upwards, in order, to whoever listens, and to nobody else."""

from pathlib import Path

import polars as pl
import pytest

import nikdedup
from nikdedup import ConfigError
from nikdedup.publish import OUTPUTS
from nikdedup.run.dedupe import STAGES
from nikdedup.runtime.share import arriving, handed_out, heard, share, within
from tests.run.cutting import cut


def test_nobody_listens_and_nothing_happens() -> None:
    share(0.5)
    assert list(handed_out([1, 2])) == [1, 2]
    assert list(arriving([1, 2], 2)) == [1, 2]


def test_what_is_told_of_an_item_is_its_part_of_all() -> None:
    told: list[float] = []
    with heard(told.append):
        for _ in handed_out("ab"):
            share(0.5)
    assert told == [0.0, 0.25, 0.5, 0.75, 1.0]


def test_parts_of_parts() -> None:
    told: list[float] = []
    with heard(told.append), within(0.5, 1.0), within(0.0, 0.5):
        share(1.0)
    assert told == [0.75, 0.75, 1.0]


def test_who_stops_in_the_middle_leaves_the_listener_as_it_was() -> None:
    told: list[float] = []
    with heard(told.append):
        for _ in handed_out([1, 2, 3, 4]):
            break
        share(1.0)
    assert told == [0.0, 1.0]
    share(0.1)
    assert told == [0.0, 1.0]


@pytest.mark.parametrize("workers", [None, 0, 2], ids=["whole", "in parts", "by workers"])
def test_every_long_stage_tells_its_share(
    workers: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading too, of a CSV file in blocks; shares of a stage never go back."""
    if workers is not None:
        cut(monkeypatch, tmp_path / "scratch", rows=500, workers=workers)
    nikdedup.generate(tmp_path / "a.parquet", rows=2000, seed=1)
    path = tmp_path / "a.csv"
    pl.read_parquet(tmp_path / "a.parquet").write_csv(path)
    told: dict[str, list[float]] = {}
    with heard(lambda done: list(told.values())[-1].append(done)):
        result = nikdedup.dedupe(path, progress=lambda stage: told.update({stage: []}))
        told["write"] = []
        result.write(tmp_path / "run")
    assert list(told) == list(STAGES)
    for stage, shares in told.items():
        assert shares == sorted(shares), stage
        assert shares[-1] <= 1.0
    assert len(told["match"]) > 20
    assert len(told["write"]) == len(OUTPUTS)  # they are written side by side, and each tells its end
    assert told["understand"][-1] == 1.0
    assert told["read"][-1] == 1.0
    assert len(told["understand"]) >= (1 if workers is None else 4)


def test_what_progress_may_be() -> None:
    with pytest.raises(ConfigError) as caught:
        nikdedup.dedupe(pl.DataFrame({"NIK": ["6212014107809001"]}), progress="yes")  # type: ignore[arg-type]
    assert str(caught.value) == "progress = 'yes'; allowed: true or false"
