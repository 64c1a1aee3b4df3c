"""Single files: made beside their target, unpredictably and private, through no link, and gone where they fail."""

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nikdedup.publish import files, written_whole

Call = Callable[..., Any]


def says(text: str) -> Callable[[Path], object]:
    return lambda path: path.write_text(text, encoding="utf-8")


def everything(folder: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): p.read_text(encoding="utf-8") for p in folder.rglob("*") if p.is_file()
    }


@pytest.mark.skipif(os.name == "nt", reason="modes are of POSIX")
def test_files_are_private_from_the_first_byte(tmp_path: Path) -> None:
    seen: list[tuple[int, int, str]] = []

    def watch(path: Path) -> None:
        mode = stat.S_IMODE(path.stat().st_mode)
        seen.append((mode, stat.S_IMODE(path.parent.stat().st_mode), path.parent.name))
        path.write_text("x", encoding="utf-8")

    old = os.umask(0)
    try:
        for _ in range(2):
            written_whole([(tmp_path / "a.csv", watch), (tmp_path / "b.csv", watch)])
    finally:
        os.umask(old)
    assert {(mode, parent) for mode, parent, _ in seen} == {(0o600, 0o700)}
    assert len({name for _, _, name in seen}) == 4  # drawn by lot, each one
    assert stat.S_IMODE((tmp_path / "a.csv").stat().st_mode) == 0o600


@pytest.mark.parametrize("names", [("out.csv",), ("out.csv", ".out.csv.partial", ".out.csv.tmp")])
def test_no_link_is_followed(names: tuple[str, ...], tmp_path: Path) -> None:
    """A link where the target lies is replaced; where earlier versions wrote at first, it stays what it is."""
    (tmp_path / "victim").write_text("theirs", encoding="utf-8")
    for name in names:
        (tmp_path / name).symlink_to(tmp_path / "victim")
    written_whole([(tmp_path / "out.csv", says("ours"))])
    assert (tmp_path / "victim").read_text(encoding="utf-8") == "theirs"
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == "ours"
    assert not (tmp_path / "out.csv").is_symlink()
    assert {path.name for path in tmp_path.iterdir()} == {"victim", *names}


@pytest.mark.parametrize("fault", [OSError(errno.ENOSPC, "x"), KeyboardInterrupt(), MemoryError()], ids=repr)
def test_what_fails_leaves_nothing(fault: BaseException, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("earlier", encoding="utf-8")

    def stop(path: Path) -> None:
        path.write_text("half", encoding="utf-8")
        raise fault

    with pytest.raises(type(fault)):
        written_whole([(tmp_path / "a", says("new")), (tmp_path / "b", stop)])
    assert everything(tmp_path) == {"a": "earlier"}
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_content_is_on_the_disk_before_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (done.append("sync"), fsync(handle)))
    monkeypatch.setattr(os, "replace", lambda *names: (done.append("move"), replace(*names)))
    written_whole([(tmp_path / "a", says("a"))])
    assert done == ["sync", "move"]


def test_a_file_that_is_open_elsewhere_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows refuses a move while a reader has the file open, which takes an instant."""
    tries: list[Path] = []
    replace = os.replace

    def busy(source: Path, target: Path) -> None:
        tries.append(source)
        if len(tries) < 3:
            raise PermissionError(errno.EACCES, "in use", str(target))
        replace(source, target)

    monkeypatch.setattr(files, "_PATIENCE", 4)
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr(os, "replace", busy)
    (tmp_path / "a").write_text("a", encoding="utf-8")
    files.move(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_text(encoding="utf-8") == "a"
    monkeypatch.setattr(files, "_PATIENCE", 1)
    tries.clear()
    with pytest.raises(PermissionError):
        files.move(tmp_path / "b", tmp_path / "c")


def test_a_drawing_is_private_and_follows_no_link(
    small_run: Path, tmp_path: Path, nikdedup_cli: Call
) -> None:
    victim, out = tmp_path / "victim", tmp_path / "pair.svg"
    victim.write_text("theirs", encoding="utf-8")
    out.symlink_to(victim)
    assert nikdedup_cli("explain", small_run, 1, 2, "--svg", out).code == 0
    assert victim.read_text(encoding="utf-8") == "theirs"
    assert out.read_text(encoding="utf-8").startswith("<svg")
    if os.name != "nt":
        assert stat.S_IMODE(out.stat().st_mode) == 0o600
