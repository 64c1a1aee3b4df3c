"""A folder that cannot be made: the message names what stands in the way, and never another writer."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from nikdedup import InputError, RunError
from nikdedup.publish import make_folder
from nikdedup.publish.lock import one_writer
from nikdedup.show.messages import untranslated
from tests.conftest import Done


def held(folder: Path) -> None:
    with one_writer(folder):
        pass


@pytest.fixture(params=[make_folder, held])
def made(request: pytest.FixtureRequest) -> Callable[[Path], None]:
    make: Callable[[Path], None] = request.param
    return make


@pytest.mark.parametrize(
    ("below", "told"),
    [
        ("file", "out file: is a file; name a folder"),
        ("file/run", "out run: file is a file; a folder is allowed"),
        ("file/deep/run", "out run: file is a file; a folder is allowed"),
        ("knot/run", "out run: cannot be made (Too many levels of symbolic links)"),
    ],
)
def test_what_stands_in_the_way_is_named(
    made: Callable[[Path], None], below: str, told: str, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("theirs", encoding="utf-8")
    (tmp_path / "knot").symlink_to("knot")
    with pytest.raises(InputError) as fault:
        made(tmp_path / below)
    assert str(fault.value) == told
    assert not untranslated(re.sub(r"\(.*\)", "(x)", told))  # what the system says stands as it says it
    assert (tmp_path / "file").read_text(encoding="utf-8") == "theirs"


def test_a_system_that_makes_no_folder_there_is_no_other_writer(
    made: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """File systems of the machine, and links that lead nowhere, say of a new folder that its parent is not there."""

    def nowhere(self: Path, *_: object, **__: object) -> None:
        raise FileNotFoundError(2, "No such file or directory", str(self))

    monkeypatch.setattr("nikdedup.publish.lock._ATTEMPTS", 2)
    monkeypatch.setattr(Path, "mkdir", nowhere)
    with pytest.raises(InputError) as fault:
        made(tmp_path / "run")
    assert str(fault.value) == "out run: cannot be made (No such file or directory)"


def test_a_folder_that_may_not_be_entered_is_read_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.X_OK)
    monkeypatch.setattr(Path, "mkdir", lambda *_, **__: (_ for _ in ()).throw(PermissionError(13, "no")))
    with pytest.raises(InputError, match=rf"^out run: the folder {tmp_path.name} is read-only$"):
        make_folder(tmp_path / "run")


@pytest.mark.parametrize("command", ["worklist", "coverage", "outreach"])
def test_commands_name_it_too(
    command: str, small_run: Path, tmp_path: Path, nikdedup_cli: Callable[..., Done]
) -> None:
    (tmp_path / "file").write_text("theirs", encoding="utf-8")
    more = ["--teams", "1", "--days", "1", "--start", "2026-12-01"] if command == "outreach" else []
    done = nikdedup_cli(command, small_run, "--out", tmp_path / "file" / "lists", *more)
    assert (done.code, done.err) == (2, "nikdedup: --out lists: file is a file; a folder is allowed\n")


def test_a_file_is_no_state(small_extract: Path, tmp_path: Path, nikdedup_cli: Callable[..., Done]) -> None:
    (tmp_path / "file").write_text("theirs", encoding="utf-8")
    done = nikdedup_cli("dedupe", small_extract, "--state", tmp_path / "file")
    assert (done.code, done.err) == (2, "nikdedup: --state file: is a file; name a folder\n")
    done = nikdedup_cli("dedupe", small_extract, "--state", tmp_path / "file" / "new", "--quiet")
    assert (done.code, done.err) == (2, "nikdedup: --state new: file is a file; a folder is allowed\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["dedupe", "IN", "--out", "o\udcff"],
        ["dedupe", "IN", "--state", "o\udcff"],
        ["clean", "IN", "--out", "o\udcff.parquet"],
        ["pseudonymise", "IN", "--out", "o\udcff.parquet", "--key-file", "new.key"],
        ["worklist", "RUN", "--out", "o\udcff"],
        ["coverage", "RUN", "--out", "o\udcff"],
        ["generate", "--rows", "9", "--seed", "1", "--out", "o\udcff.parquet"],
    ],
)
def test_a_name_that_is_no_text_is_refused(
    arguments: list[str], small_extract: Path, small_run: Path, nikdedup_cli: Callable[..., Done],
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    places = {"IN": small_extract, "RUN": small_run}
    log = tmp_path / "log"
    done = nikdedup_cli(*(places.get(one, one) for one in arguments), "--lang", "en", "--log-file", log)
    assert done.code == 2
    assert re.search(r" o\?(\.parquet)?: the name is not UTF-8; name another one\n$", done.err)
    assert ": the name is not UTF-8" in log.read_text(encoding="utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log", "run"]


def test_a_full_disk_is_no_wrong_name(
    made: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, *_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", str(self))

    monkeypatch.setattr(Path, "mkdir", full)
    with pytest.raises(RunError) as fault:
        made(tmp_path / "run")
    said = "out run: could not be written (No space left on device); nothing was published"
    assert str(fault.value) == said
