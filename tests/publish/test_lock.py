"""One writer at a time; the second one is told who the first is, at once; a dead writer is no obstacle."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from nikdedup import BusyError, InputError, Result, RunError
from nikdedup.publish import publish, writing
from nikdedup.publish.layout import LOCK, OWNER
from nikdedup.publish.lock import one_writer

Call = Callable[..., Any]
HOLDS = (
    "import sys, time\nfrom pathlib import Path\nfrom nikdedup.publish import writing\n"
    "with writing(Path(sys.argv[1])):\n    print('held', flush=True)\n    sys.stdin.read()\n"
)


@contextmanager
def another_writer(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the folder until it is told to end."""
    command = [sys.executable, "-c", HOLDS, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait()


def test_a_second_writer_is_told_who_the_first_is(
    small_extract: Path, tmp_path: Path, nikdedup_cli: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nikdedup.run.dedupe.dedupe", lambda *_, **__: pytest.fail("it began to work"))
    out = tmp_path / "new" / "run"
    with another_writer(out) as first:
        done = nikdedup_cli("dedupe", small_extract, "--out", out)
        told = json.loads((out / OWNER).read_text(encoding="utf-8"))
    assert done.code == 4
    assert (told["pid"], re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", told["since"]) is not None) == (
        first.pid,
        True,
    )
    assert done.err == (
        f"nikdedup: --out run: {told['owner']} on {told['host']} (process {first.pid}) "
        f"has been writing there since {told['since']}; wait, or name another folder\n"
    )
    assert not (tmp_path / "new").exists()  # the first has ended without a run, and took away what it made


def test_python_is_told_too(small_result: Result, small_run: Path) -> None:
    before = {path.name: path.read_bytes() for path in small_run.iterdir()}
    with another_writer(small_run), pytest.raises(BusyError, match="has been writing there since"):
        small_result.write(small_run)
    assert {path.name: path.read_bytes() for path in small_run.iterdir()} == before


def test_a_dead_writer_is_no_obstacle(small_result: Result, tmp_path: Path) -> None:
    out = tmp_path / "run"
    with another_writer(out) as first:
        first.kill()
        first.wait()
    assert {LOCK, OWNER} <= {path.name for path in out.iterdir()}
    small_result.write(out)
    assert not [path.name for path in out.iterdir() if path.name.startswith(".")]


def test_an_owner_that_cannot_be_read_is_somebody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nikdedup.publish.lock._ATTEMPTS", 2)
    with another_writer(tmp_path):
        (tmp_path / OWNER).write_text("{", encoding="utf-8")
        with pytest.raises(BusyError, match="another run is writing there"), writing(tmp_path):
            pass


def test_a_folder_that_may_not_be_written_to_is_not_called_open_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    monkeypatch.setattr(Path, "mkdir", refused)
    told = rf"out new: the folder {tmp_path.name} is read-only; nothing was published$"
    with pytest.raises(RunError, match=told), one_writer(tmp_path / "new"):
        pass


def test_two_folders_are_written_side_by_side(small_result: Result, tmp_path: Path) -> None:
    with another_writer(tmp_path / "a"):
        small_result.write(tmp_path / "b")
    assert (tmp_path / "b" / "run.json").is_file()


def test_a_folder_that_is_held_may_be_asked_for_again(tmp_path: Path) -> None:
    with writing(tmp_path / "run"), writing(tmp_path / "run"):
        assert (tmp_path / "run" / LOCK).is_file()
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("fault", [InputError("x"), KeyboardInterrupt(), MemoryError()], ids=repr)
def test_what_others_put_into_folders_it_made_stays(fault: BaseException, tmp_path: Path) -> None:
    """A run that fails takes away empty folders of its own; a neighbour's run and foreign files stay."""

    def stop(path: Path) -> None:
        neighbour.mkdir()
        (neighbour / "people.parquet").write_text("theirs", encoding="utf-8")
        raise fault

    out, neighbour = tmp_path / "new" / "deep" / "a", tmp_path / "new" / "b"
    with pytest.raises(type(fault)):
        publish(out, {"people.parquet": stop}, lambda files: b"{}")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["b"]
    assert (neighbour / "people.parquet").read_text(encoding="utf-8") == "theirs"


@pytest.mark.parametrize("where", ["new", "there"])
def test_an_owner_is_not_written_through_a_link(where: str, tmp_path: Path) -> None:
    out, victim = tmp_path / "run", tmp_path / "victim"
    out.mkdir()
    victim.write_text("theirs", encoding="utf-8")
    (out / OWNER).symlink_to(victim if where == "there" else tmp_path / "nothing")
    with writing(out):
        assert json.loads((out / OWNER).read_text(encoding="utf-8"))["pid"] == os.getpid()
    assert victim.read_text(encoding="utf-8") == "theirs"
    assert not (tmp_path / "nothing").exists()
