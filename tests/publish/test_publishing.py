"""A run's folder is whole, or as it was before; readers refuse what is not whole."""

import errno
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

import nikdedup
from nikdedup import InputError, Result, RunError
from nikdedup.publish import (
    OUTPUTS,
    Files,
    RunRecord,
    check_folder,
    publish,
    write_in_parts,
    write_parquet,
    writing,
    written,
)
from nikdedup.publish.layout import aside, files_of

Writers = dict[str, Callable[[Path], None]]
RUN = {"nikdedup": "0", "counts": {}}


def says(text: str) -> Callable[[Path], None]:
    return lambda path: path.write_text(text, encoding="utf-8") and None  # type: ignore[func-returns-value]


def fails(fault: BaseException) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_text("half", encoding="utf-8")
        raise fault

    return write


def as_written(run: dict[str, Any], files: Files) -> bytes:
    """Return a run.json of some plain values, with the files that were written."""
    return json.dumps(run | {"files": {name: one.model_dump() for name, one in files.items()}}).encode()


def put(out: Path, writers: Writers, run: dict[str, Any] | None = None, *, threads: int = 1) -> None:
    publish(out, writers, partial(as_written, run or RUN), threads=threads)


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def asides(folder: Path) -> list[str]:
    """Return what a writer has left; nothing hidden may be there while no run is written."""
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder with an earlier run and a note that somebody put beside it."""
    folder = tmp_path / "run"
    put(folder, {"people.parquet": says("old"), "report.html": says("old report")})
    (folder / "note.txt").write_text("mine", encoding="utf-8")
    return folder


DISK_FULL = OSError(errno.ENOSPC, "No space left on device")
IN_RUST = pl.exceptions.ComputeError("parquet: underlying IO error: No space left on device (os error 28)")
FULL = "out run: could not be written (No space left on device); nothing was published"


@pytest.mark.parametrize(
    ("fault", "raised", "message"),
    [
        pytest.param(DISK_FULL, RunError, FULL, id="disk full"),
        pytest.param(IN_RUST, RunError, FULL, id="disk full, told by polars"),
        pytest.param(KeyboardInterrupt(), KeyboardInterrupt, "", id="Ctrl-C"),
        pytest.param(MemoryError(), MemoryError, "", id="memory full"),
    ],
)
@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("where", ["earlier run", "nothing", "empty folder", "no parent"])
def test_a_writer_that_fails_leaves_all_as_it_was(
    where: str,
    threads: int,
    fault: BaseException,
    raised: type[BaseException],
    message: str,
    out: Path,
    tmp_path: Path,
) -> None:
    folder = {"earlier run": out, "no parent": tmp_path / "a" / "b" / "run"}.get(
        where, tmp_path / "x" / "run"
    )
    (tmp_path / "x").mkdir()
    if where == "empty folder":
        folder.mkdir()
    before = content(tmp_path), sorted(tmp_path.rglob("*"))
    writers = {"people.parquet": says("new"), "pairs.parquet": fails(fault), "report.html": says("new")}
    with pytest.raises(raised) as caught:
        put(folder, writers, threads=threads)
    assert (content(tmp_path), sorted(tmp_path.rglob("*"))) == before
    assert str(caught.value) == message


@pytest.mark.parametrize("moves", range(8))
@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        pytest.param(PermissionError(errno.EACCES, "x", "decisions.xlsx"), RunError, id="open in Excel"),
        pytest.param(KeyboardInterrupt(), KeyboardInterrupt, id="Ctrl-C"),
    ],
)
def test_a_move_that_fails_leaves_all_as_it_was(
    moves: int, fault: BaseException, raised: type[BaseException], out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new run gets its name, two earlier files step aside, run.json and then three files move in."""
    before, done, replace = content(out), [], os.replace

    def fail_once(source: Path, target: Path) -> None:
        done.append(source)
        if len(done) == moves + 1:
            raise fault
        replace(source, target)

    monkeypatch.setattr(os, "replace", fail_once)
    new = {name: says("new") for name in ("people.parquet", "decisions.xlsx", "pairs.parquet")}
    if moves == 7:
        put(out, new)
        assert len(done) == 7
        return
    with pytest.raises(raised) as caught:
        put(out, new)
    assert content(out) == before
    assert not asides(out)
    if raised is RunError:
        assert str(caught.value) == (
            "out run: decisions.xlsx is open in another program (Excel?); "
            "close it and run again; nothing was published"
        )


@pytest.mark.skipif(os.name == "nt", reason="Windows has no folders to be synced")
def test_a_run_is_on_the_disk_before_it_counts(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What run.json names, and the names themselves, survive a power cut; so do the earlier files until then."""
    done: list[str] = []
    fsync, replace = os.fsync, os.replace

    def sync(handle: int) -> None:
        done.append(Path(os.readlink(f"/proc/self/fd/{handle}")).name)
        fsync(handle)

    def move(source: Path, target: Path) -> None:
        done.append(f"{source.name} moves")
        replace(source, target)

    if not Path("/proc/self/fd").is_dir():
        pytest.skip("this system does not tell the name of an open file")
    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(os, "replace", move)
    earlier = aside(out, (out / "run.json").read_bytes()).name
    put(out, {"people.parquet": says("new"), "pairs.parquet": says("new")})
    aside_named = next(one for one in done if one.startswith(".partial-"))
    named = done.index(f"{aside_named} moves")
    assert done[:named] == ["people.parquet", "pairs.parquet", "run.json", aside_named]
    counts = done.index("run.json moves")
    assert done[named + 1 : counts] == [
        "run", "run.json", "people.parquet moves", "report.html moves", earlier, "run",
    ]  # fmt: skip
    assert done[counts + 1 :] == ["run", "people.parquet moves", "pairs.parquet moves", "run"]


def test_files_the_new_run_does_not_write_are_gone_others_stay(out: Path) -> None:
    put(out, {"people.parquet": says("new")})
    assert content(out).keys() == {"people.parquet", "run.json", "note.txt"}


def test_a_value_that_json_does_not_know_is_not_published(out: Path) -> None:
    before, record = content(out), RunRecord.model_construct(nikdedup="0")
    with pytest.raises(ValueError, match="JSON"):
        publish(out, {"people.parquet": says("new")}, partial(written, record, {"seconds": float("nan")}))
    assert content(out) == before


@pytest.mark.skipif(os.name == "nt", reason="modes are of POSIX")
def test_files_with_identities_are_their_owners_from_the_first_byte(tmp_path: Path) -> None:
    seen: dict[str, int] = {}

    def watch(path: Path) -> None:
        with path.open("w", encoding="utf-8") as file:
            seen[path.name] = stat.S_IMODE(path.stat().st_mode)
            file.write("x")

    old = os.umask(0o022)
    try:
        put(tmp_path / "run", dict.fromkeys(OUTPUTS, watch))
    finally:
        os.umask(old)
    assert seen == {name: 0o644 if name == "report.html" else 0o600 for name in OUTPUTS}
    modes = {name: stat.S_IMODE((tmp_path / "run" / name).stat().st_mode) for name in (*OUTPUTS, "run.json")}
    assert modes == {**seen, "run.json": 0o644}
    assert stat.S_IMODE((tmp_path / "run").stat().st_mode) == 0o755


@pytest.mark.parametrize("names", [(".partial",), (".partial", "people.parquet", "report.html")])
def test_what_a_killed_run_left_does_not_disturb(names: tuple[str, ...], tmp_path: Path) -> None:
    out = tmp_path / "run"
    (out / ".partial" / "earlier").mkdir(parents=True)
    (out / ".partial" / "pairs.parquet").write_text("half", encoding="utf-8")
    for name in names[1:]:
        (out / name).write_text("half", encoding="utf-8")
    check_folder(out)
    put(out, {"people.parquet": says("new")})
    assert content(out).keys() == {"people.parquet", "run.json"}


def test_a_run_killed_while_it_writes(tmp_path: Path) -> None:
    """A process that dies without cleaning up leaves an earlier run readable, and the next run works."""
    out = tmp_path / "run"
    put(out, {"people.parquet": says("old")})
    program = (
        "import os, sys\nfrom pathlib import Path\nfrom nikdedup.publish import publish\n"
        "publish(Path(sys.argv[1]), {'people.parquet': lambda path: os._exit(9)}, lambda files: b'')\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(out)], check=False)
    assert done.returncode == 9
    assert [name for name in asides(out) if name.startswith(".partial-")]
    assert files_of((out / "run.json").read_bytes())
    check_folder(out)
    put(out, {"people.parquet": says("new")})
    assert content(out)["people.parquet"] == b"new"
    assert not asides(out)


def foreign_json(folder: Path) -> None:
    (folder / "run.json").write_text('{"name": "of another program"}', encoding="utf-8")


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda f: (f / "letter.txt").write_text("x"), id="a file"),
        pytest.param(lambda f: (f / "sub").mkdir(), id="a folder"),
        pytest.param(foreign_json, id="run.json of another program"),
        pytest.param(lambda f: (f / "people.parquet").write_text("x"), id="a table without a run"),
        pytest.param(
            lambda f: ((f / ".partial").mkdir(), (f / "thesis.doc").write_text("x")), id=".partial and more"
        ),
    ],
)
def test_a_folder_of_something_else_is_refused(spoil: Callable[[Path], Any], tmp_path: Path) -> None:
    out = tmp_path / "mine"
    out.mkdir()
    spoil(out)
    with pytest.raises(InputError) as caught:
        check_folder(out)
    assert str(caught.value) == "out mine: is not empty and not a nikdedup run; nothing was touched"


@pytest.mark.skipif(os.name == "nt", reason="links and lengths of names are of POSIX")
@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        pytest.param(lambda f: f.symlink_to(f.name), "run cannot be read", id="a link to itself"),
        pytest.param(lambda f: f.symlink_to("x" * 300), "cannot be read (File name too long)", id="a name too long"),
        pytest.param(lambda f: (f.mkdir(), os.mkfifo(f / "run.json")), "run.json cannot be read (a pipe", id="a pipe"),
        pytest.param(
            lambda f: (f.mkdir(), (f / "run.json").symlink_to("run.json")), "run.json cannot be read (", id="run.json"
        ),
    ],
)  # fmt: skip
def test_a_folder_that_cannot_be_looked_at_is_refused(
    spoil: Callable[[Path], Any], message: str, tmp_path: Path
) -> None:
    spoil(tmp_path / "run")
    with pytest.raises(InputError) as caught:
        check_folder(tmp_path / "run", inputs=[tmp_path / "a.csv"])
    assert str(caught.value).startswith("out run: ")
    assert message in str(caught.value)


def test_a_folder_where_a_table_belongs_is_refused_before_the_work(out: Path) -> None:
    (out / "report.html").unlink(missing_ok=True)
    (out / "report.html").mkdir()
    with pytest.raises(
        InputError, match=r"report\.html in it is a folder, not of a run; nothing was touched"
    ):
        check_folder(out)


def test_too_little_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=120_000_000))
    with writing(tmp_path / "run", needed_bytes=70_000_000):
        pass
    with pytest.raises(InputError) as caught, writing(tmp_path / "run", needed_bytes=70_000_001):
        pass
    assert str(caught.value) == "out run: 120 MB of disk are free; about 120 MB are needed"
    assert not (tmp_path / "run").exists()


def test_a_read_only_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(InputError) as caught:
        check_folder(tmp_path / "sub" / "run")
    assert str(caught.value) == f"out run: the folder {tmp_path.name} is read-only"


@pytest.mark.parametrize("link", [False, True], ids=["plain", "through a link"])
def test_an_input_inside_the_folder_is_refused(link: bool, out: Path, tmp_path: Path) -> None:
    given = out / "people.parquet"
    if link:
        (tmp_path / "other").symlink_to(out, target_is_directory=True)
        given = tmp_path / "other" / "people.parquet"
    with pytest.raises(InputError) as caught:
        check_folder(out, inputs=[tmp_path / "a.csv", given])
    assert str(caught.value) == "out run: the input people.parquet lies in it; name another folder"


def no_such_run(folder: Path) -> None:
    shutil.rmtree(folder)


def change_a_byte(folder: Path) -> None:
    path = folder / "people.parquet"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


UNFINISHED = "run: not a finished nikdedup run (run.json is missing or unreadable)"
CHANGED = "run: people.parquet does not match run.json; run dedupe again"


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        pytest.param(no_such_run, UNFINISHED, id="no folder"),
        pytest.param(lambda f: (f / "run.json").unlink(), UNFINISHED, id="run.json missing"),
        pytest.param(lambda f: (f / "run.json").write_text("{"), UNFINISHED, id="run.json cut off"),
        pytest.param(lambda f: (f / "run.json").write_text("[]"), UNFINISHED, id="run.json is a list"),
        pytest.param(lambda f: (f / "run.json").write_bytes(b"\xff"), UNFINISHED, id="run.json no text"),
        pytest.param(foreign_json, UNFINISHED, id="run.json of another program"),
        pytest.param(lambda f: (f / "people.parquet").unlink(), CHANGED, id="table missing"),
        pytest.param(lambda f: (f / "people.parquet").write_bytes(b"PAR1"), CHANGED, id="table cut off"),
        pytest.param(change_a_byte, CHANGED, id="one bit of a table changed"),
    ],
)
def test_readers_refuse(spoil: Callable[[Path], Any], message: str, small_run: Path) -> None:
    spoil(small_run)
    with pytest.raises(InputError) as caught:
        nikdedup.open(small_run)
    assert str(caught.value) == message


def test_large_files_are_told_by_their_size(small_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nikdedup.publish.opening.SMALL_BYTES", 2)
    size = (small_run / "report.html").stat().st_size
    (small_run / "report.html").write_bytes(b"x" * size)
    nikdedup.open(small_run)
    (small_run / "report.html").write_bytes(b"x" * (size + 1))
    with pytest.raises(InputError):
        nikdedup.open(small_run)


def test_a_full_disk_is_told_as_such(tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no device that is always full")
    table = pl.DataFrame({"row": range(1000)})
    with pytest.raises(RunError) as caught:
        put(tmp_path / "run", {"people.parquet": lambda _: write_parquet(table, full)})
    assert str(caught.value) == FULL


def test_rows_alone_make_the_bytes(tmp_path: Path) -> None:
    """How a frame lies in memory (one piece, many, slices of another, or parts that come one by one) does not show."""
    flags = pl.Series("flags", [["name_one_word"] * (row % 4) for row in range(1000)])
    some = pl.DataFrame({"row": range(1000), "text": ["a", "b"] * 500, "flags": flags})
    pieces = [some] * 300
    frame = pl.concat(pieces, rechunk=True)
    slices = [frame[begin : begin + 43_000] for begin in range(0, 300_000, 43_000)]
    parts = [pl.concat([one[:1], one[1:]], rechunk=True) for one in slices]
    write_parquet(frame, tmp_path / "one")
    write_parquet(pl.concat(pieces, rechunk=False), tmp_path / "many")
    write_parquet(pl.concat([frame, frame], rechunk=True)[300_000:], tmp_path / "slice")
    write_in_parts(iter(slices), tmp_path / "slices")
    write_in_parts(iter(parts), tmp_path / "parts")
    assert len({path.read_bytes() for path in tmp_path.iterdir()}) == 1


def test_a_failing_run_after_a_good_one(
    small_run: Path, small_result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = content(small_run)
    monkeypatch.setattr("nikdedup.show.report_html", lambda *_, **__: 1 / 0)
    with pytest.raises(RunError, match="ZeroDivisionError"):
        small_result.write(small_run)
    assert content(small_run) == before


def test_run_json_names_every_file_with_its_digest(small_run: Path) -> None:
    run = json.loads((small_run / "run.json").read_text(encoding="utf-8"))
    assert run["files"].keys() == set(OUTPUTS)
    assert {p.name for p in small_run.iterdir()} == {*OUTPUTS, "run.json"}
    assert set(run["timing"]) == {"read", "understand", "match", "settle", "write"}
