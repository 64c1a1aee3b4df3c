"""Nights from the command line: by hand, and what is asked of them afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import nikdedup
from tests.conftest import Done

Cli = Callable[..., Done]


@pytest.fixture
def state(nikdedup_cli: Cli, small_extract: Path, tmp_path: Path) -> Path:
    """A state after its first night."""
    folder = tmp_path / "state"
    assert nikdedup_cli("dedupe", small_extract, "--state", folder, "--no-report").code == 0
    return folder


def test_nights_by_hand(nikdedup_cli: Cli, small_extract: Path, state: Path, tmp_path: Path) -> None:
    fewer = tmp_path / "fewer.parquet"
    pl.read_parquet(small_extract)[10:].write_parquet(fewer)
    done = nikdedup_cli("dedupe", fewer, "--state", state, "--no-report", "--lang", "en")
    assert done.code == 0
    assert "Run 2: 0 records are new, 10 withdrawn, 0 changed" in done.out
    listed = nikdedup_cli("runs", state, "--lang", "en").out.splitlines()
    assert [line.split()[0] for line in listed] == ["Run", "1", "2*"]
    opened = nikdedup.open(state)
    assert isinstance(opened, nikdedup.State)
    assert opened.number == 2
    assert opened.runs()["records"].to_list() == [600, 590]
    person = nikdedup.open(state / "snapshots" / "1" / "run").people["person_id"][0]
    assert "is no more" in nikdedup_cli("history", state, person, "--lang", "en").out


def test_a_state_is_read_as_a_run_is(nikdedup_cli: Cli, small_extract: Path, state: Path) -> None:
    assert nikdedup_cli("recheck", state).code == 0
    assert nikdedup_cli("explain", state, 0, 1).code == 0
    truth = small_extract.with_suffix(".truth.parquet")
    assert nikdedup_cli("evaluate", state, truth).code == 0


def test_a_run_beside_a_state_has_its_numbers(
    nikdedup_cli: Cli, small_extract: Path, state: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    assert nikdedup_cli("dedupe", small_extract, "--state", state, "--out", out, "--no-report").code == 0
    assert nikdedup.open(out).people.equals(nikdedup.open(state).people)
    assert nikdedup.open(out).people["person_id"].str.starts_with("P-").all()


def test_a_failed_check_ends_with_3_and_publishes_nothing(
    nikdedup_cli: Cli, small_extract: Path, state: Path, tmp_path: Path
) -> None:
    few = tmp_path / "few.parquet"
    pl.read_parquet(small_extract)[:300].write_parquet(few)
    done = nikdedup_cli("dedupe", few, "--state", state, "--no-report", "--lang", "en")
    assert done.code == 3
    assert "! The number of records has changed by too much: 300, the night before 600." in done.err
    assert "Run 2 was not published" in done.out.replace("A check failed: run 2", "Run 2")
    assert [run["current"] for run in nikdedup.open(state).runs().to_dicts()] == [True, False]
    assert nikdedup_cli("dedupe", few, "--state", state, "--no-report", "--warn").code == 0
    assert nikdedup.open(state).number == 3


def test_who_holds_a_state_is_told(nikdedup_cli: Cli, small_extract: Path, state: Path) -> None:
    from nikdedup.nightly.state import writing

    with writing(state):
        done = nikdedup_cli("dedupe", small_extract, "--state", state)
    assert done.code == 4
    assert "has been writing there since" in done.err


def test_back_to_an_earlier_night(
    nikdedup_cli: Cli, small_extract: Path, state: Path, tmp_path: Path
) -> None:
    first = nikdedup.open(state).people
    fewer = tmp_path / "fewer.parquet"
    pl.read_parquet(small_extract)[10:].write_parquet(fewer)
    new = pl.read_parquet(small_extract).with_columns(NAMA_LGKP=pl.lit("ZAKARIA ") + pl.col("NAMA_LGKP"))[:3]
    more = tmp_path / "more.parquet"
    pl.concat([pl.read_parquet(fewer), new]).write_parquet(more)
    for extract in (fewer, more):
        assert nikdedup_cli("dedupe", extract, "--state", state, "--no-report").code == 0
    given = set(nikdedup.open(state).people["person_id"])
    assert nikdedup_cli("rollback", state, 1, "--lang", "en").out == "The state is read as of run 1 again.\n"
    assert nikdedup.open(state).people.equals(first)
    assert nikdedup_cli("rollback", state, 2).code == 2
    assert nikdedup_cli("dedupe", more, "--state", state, "--no-report").code == 0
    again = nikdedup.open(state)
    assert isinstance(again, nikdedup.State)
    assert again.number == 4
    came_after = set(again.people["person_id"]) - set(first["person_id"])
    assert came_after.isdisjoint(given), "a number given to one person was given to another"
    assert nikdedup_cli("audit", "verify", state).code == 0


def test_an_audit_that_was_touched(nikdedup_cli: Cli, state: Path) -> None:
    import sqlite3

    assert "published" in nikdedup_cli("audit", "show", state, 1, "--lang", "en").out
    with sqlite3.connect(state / "ledger.sqlite") as connection:
        connection.execute("UPDATE audit SET who = 'nobody'")
    connection.close()
    done = nikdedup_cli("audit", "verify", state, "--lang", "en")
    assert done.code == 1
    assert done.out == "Entry 1 was edited.\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["history", "STATE", "P-999999"], "P-999999: not in this state"),
        (["history", "STATE", "6212014107609001"], "621201••••••••01: not in this state"),
        (["runs", "."], "not a state (state.json is missing)"),
        (["audit", "show", "STATE", "9"], "the audit has no entry about run 9"),
        (["dedupe", "X", "Y", "--link", "--state", "STATE"], "two extracts are no night"),
        (["dedupe", "X", "--sample", "5", "--state", "STATE"], "a night looks at all records"),
    ],
)
def test_what_cannot_be_asked(
    nikdedup_cli: Cli, state: Path, small_extract: Path, arguments: list[str], message: str
) -> None:
    values = {"STATE": state, "X": small_extract, "Y": small_extract}
    done = nikdedup_cli(*(values.get(one, one) for one in arguments))
    assert done.code == 2
    assert message in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("arguments", [["no_such.parquet"], ["X", "--sample", "5"]])
def test_what_cannot_be_a_night_makes_no_state(
    nikdedup_cli: Cli, tmp_path: Path, small_extract: Path, arguments: list[str]
) -> None:
    values = {"X": small_extract}
    done = nikdedup_cli("dedupe", *(values.get(one, one) for one in arguments), "--state", tmp_path / "state")
    assert done.code == 2
    assert not (tmp_path / "state").exists()


def test_the_ledger_has_no_name_and_no_nik(state: Path, small_extract: Path) -> None:
    """Persons stand in it by keys of records; the one file that may tell whose they are is in the snapshot."""
    ledger = (state / "ledger.sqlite").read_bytes() + (state / "state.json").read_bytes()
    for nik, name in pl.read_parquet(small_extract).select("NIK", "NAMA_LGKP").head(50).iter_rows():
        assert len(str(nik)) < 16 or str(nik).encode() not in ledger
        assert name.encode() not in ledger
    assert json.loads((state / "audit.head").read_text())["entry"] == 1
