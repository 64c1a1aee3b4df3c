"""A disk that is full, or read-only: a clear line, an exit code, and the last published night is there to be read."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest

from nikdedup import RunError
from nikdedup.nightly import LedgerBook, audit, one_night, reading
from nikdedup.nightly.one_night import Asked, Night
from nikdedup.nightly.state import heads
from nikdedup.publish import publishing
from tests.conftest import Done
from tests.nightly.conftest import second_night
from tests.nightly.test_verdict_book import OLD, answers, links

RunNight = Callable[..., Night]
Call = Callable[..., Done]
SMALL = "16m"


def _mount(place: Path, *options: str) -> None:
    subprocess.run(["mount", *options, str(place)], check=True, capture_output=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, of 16 MB."""
    if not sys.platform.startswith("linux"):
        pytest.skip("a small disk is mounted on Linux alone")
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    place = tmp_path / "disk"
    place.mkdir()
    try:
        _mount(place, "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this container may not mount a small disk")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks beforehand how much is free, as if others had filled the disk since."""
    monkeypatch.setattr(one_night, "_check_disk", lambda *_: None)
    monkeypatch.setattr(publishing, "check_disk", lambda *_: None)


def filled(disk: Path, left: int) -> Path:
    """Fill a disk but for some KB."""
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(max(0, shutil.disk_usage(disk).free - 1024 * left)))
    return ballast


def check_first_night(state: Path) -> None:
    """The first night is read, whole, and nothing of another one lies about."""
    with reading(state) as store, store.ledger.reading() as connection:
        assert store.current() == 1
        assert audit.faults(connection, heads(store)) == []
        assert [path.name for path in store.snapshot(1).parent.iterdir()] == ["1"]
        assert (store.snapshot(1) / "run" / "residents.parquet").stat().st_size > 0


@pytest.mark.parametrize("left", [0, 20, 100, 300, 440])
def test_a_disk_that_gets_full_in_a_night(
    left: int, disk: Path, unchecked: None, place: pl.DataFrame, run_night: RunNight
) -> None:
    """In the lock, the ledger, the features, the tables, the transaction."""
    state = disk / "state"
    run_night(place, into=state)
    ballast = filled(disk, left)
    with pytest.raises(
        RunError, match=r"(disk is full|No space left on device).*nothing was published"
    ) as fault:
        run_night(second_night(place), into=state, asked=Asked("tester", warn=True))
    assert str(fault.value).count("\n") == 0
    check_first_night(state)
    ballast.unlink()
    found = run_night(second_night(place), into=state)
    assert (found.run, found.published) == (2, True)


def test_what_the_command_says_of_a_full_disk(
    disk: Path, unchecked: None, place: pl.DataFrame, tmp_path: Path, nikdedup_cli: Call
) -> None:
    place.drop("n").write_parquet(tmp_path / "a.parquet")
    night = ("dedupe", tmp_path / "a.parquet", "--no-report", "--state", disk / "state", "--lang", "en")
    assert nikdedup_cli(*night).code == 0
    filled(disk, 100)
    done = nikdedup_cli(*night)
    assert done.code == 1
    assert done.err.splitlines()[-1] == "nikdedup: state: snapshot 2: the disk is full; nothing was published"
    check_first_night(disk / "state")
    shown = nikdedup_cli("runs", disk / "state", "--lang", "en")
    assert (shown.code, shown.err) == (0, "")
    assert nikdedup_cli("audit", "verify", disk / "state").code == 0
    assert nikdedup_cli("coverage", disk / "state").code == 0


def test_a_disk_that_is_too_small_is_told_before_work_begins(
    disk: Path, place: pl.DataFrame, tmp_path: Path, nikdedup_cli: Call
) -> None:
    place.drop("n").write_parquet(tmp_path / "a.parquet")
    done = nikdedup_cli("dedupe", tmp_path / "a.parquet", "--state", disk / "state", "--lang", "en")
    assert (done.code, done.err.count("\n")) == (1, 1), done.err
    assert "16 MB of disk are free" in done.err
    with reading(disk / "state") as store:
        assert store.current() is None


def test_a_read_only_disk(
    disk: Path, unchecked: None, place: pl.DataFrame, tmp_path: Path, run_night: RunNight, nikdedup_cli: Call
) -> None:
    """The state is read, and nothing is written."""
    state = disk / "state"
    run_night(place, into=state)
    place.drop("n").write_parquet(tmp_path / "a.parquet")
    _mount(disk, "-o", "remount,ro")
    done = nikdedup_cli("dedupe", tmp_path / "a.parquet", "--no-report", "--state", state, "--lang", "en")
    assert done.code == 1
    assert done.err.count("\n") == 1
    assert "read-only" in done.err.lower(), done.err
    check_first_night(state)
    assert nikdedup_cli("runs", state).code == 0
    assert nikdedup_cli("lookup", state, "--nama", place["NAMA_LGKP"][0]).code in (0, 1)
    assert nikdedup_cli("forget", state, "--before", "2030-01-01").code == 1
    _mount(disk, "-o", "remount,rw")
    assert run_night(second_night(place), into=state).run == 2


def test_answers_on_a_full_disk_are_read_in_wholly_or_not_at_all(
    disk: Path, unchecked: None, place: pl.DataFrame, run_night: RunNight
) -> None:
    state = disk / "state"
    run_night(place, into=state)
    book = LedgerBook(state)
    with book.holding():
        book.begin("run")
    ballast = filled(disk, 200)
    many = answers(*({"note": "n" * 200} for _ in range(3_000)))

    def read_in() -> None:
        with book.holding():
            book.keep(many)
            book.keep_constraints(links(("6212014107609001", "6212014107609002", "e")))
            book.tell("verdicts", who="tari", at=OLD, files=1, keys=["R-1"])

    with pytest.raises(RunError, match="the disk is full"):
        read_in()
    ballast.unlink()
    assert book.entries().is_empty()
    check_first_night(state)
    read_in()
    assert len(book.entries()) == 3_000
