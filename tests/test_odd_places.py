"""Paths that are no file: a name too long, a link to itself, a pipe, a read-only folder: one line, exit code 2."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes and links are of POSIX")
Call = Callable[..., Any]
LONG = "x" * 300


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a small extract, a pipe, and a link to itself, each under endings that are allowed."""
    people = pl.DataFrame({"NIK": ["6212010107809001"], "NAMA": ["ALI AMIN"], "TGL LAHIR": ["01-07-1980"]})
    people.write_csv(tmp_path / "a.csv")
    for end in ("csv", "svg", "parquet", "toml", "log"):
        os.mkfifo(tmp_path / f"pipe.{end}")
        (tmp_path / f"loop.{end}").symlink_to(f"loop.{end}")
    (tmp_path / "file").touch()
    return tmp_path


@pytest.mark.parametrize("name", ["pipe", "loop", LONG])
@pytest.mark.parametrize(
    ("end", "words"),
    [
        pytest.param("csv", ["clean", "a.csv", "--out"], id="clean"),
        pytest.param("csv", ["clean", "a.csv", "--out", "b.csv", "--changes"], id="changes"),
        pytest.param("parquet", ["profile", "a.csv", "--out"], id="profile"),
        pytest.param("toml", ["profile", "a.csv", "--config"], id="config"),
        pytest.param("log", ["nik", "6212010107809001", "--log-file"], id="log"),
        pytest.param("csv", ["profile"], id="input"),
    ],
)
def test_one_line_and_exit_code_2(
    end: str, words: list[str], name: str, place: Path, nikdedup_cli: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    before = sorted(os.listdir(place))
    done = nikdedup_cli(*words, f"{name}.{end}")
    assert (done.code, len(done.err.splitlines())) == (2, 1), done.err
    assert "unexpected" not in done.err
    assert sorted(os.listdir(place)) == before


@pytest.mark.parametrize("name", ["loop.csv", f"{LONG}.csv", "file/a.csv"])
def test_generate_looks_at_the_place_first(
    name: str, place: Path, nikdedup_cli: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    done = nikdedup_cli("generate", "--rows", "10", "--seed", "1", "--out", name)
    assert (done.code, len(done.err.splitlines())) == (2, 1), done.err
    assert done.err.startswith("nikdedup: --out ")


def test_generate_into_a_read_only_folder(
    place: Path, nikdedup_cli: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    done = nikdedup_cli("generate", "--rows", "10", "--seed", "1", "--out", place / "g.csv")
    assert done.code == 2
    assert "is read-only" in done.err


@pytest.mark.parametrize("name", ["new", "kept"])
def test_clean_into_a_read_only_folder(
    name: str, place: Path, nikdedup_cli: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "kept").mkdir()
    before = sorted(place.rglob("*"))
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    done = nikdedup_cli("clean", place / "a.csv", "--out", place / name)
    read_only = place.name if name == "new" else name
    assert (done.code, done.err) == (2, f"nikdedup: --out {name}: the folder {read_only} is read-only\n")
    assert sorted(place.rglob("*")) == before


@pytest.mark.parametrize("name", [".partial-9", ".run-9", ".partial/earlier"])
def test_a_link_in_the_folder_of_a_run_is_not_followed(
    name: str, small_run: Path, kept_run: Path, nikdedup_cli: Call, small_extract: Path
) -> None:
    """Under the name of a folder that a killed writer may leave there is a link to another run."""
    other = small_run.with_name("other")
    other.mkdir()
    for path in kept_run.iterdir():
        (other / path.name).write_bytes(path.read_bytes())
    before = {path.name: path.read_bytes() for path in other.iterdir()}
    (small_run / name).parent.mkdir(exist_ok=True)
    (small_run / name).symlink_to(other, target_is_directory=True)
    done = nikdedup_cli("dedupe", small_extract, "--out", small_run, "--no-report")
    assert done.code in (0, 3), done.err
    assert {path.name: path.read_bytes() for path in other.iterdir()} == before
    assert not [path.name for path in small_run.iterdir() if path.name.startswith((".partial", ".run-"))]
