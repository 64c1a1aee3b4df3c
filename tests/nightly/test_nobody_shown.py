"""Nobody is seen in what nights print, log or write for machines; and nobody is called over the network."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import polars as pl
import pytest

from tests.conftest import Done
from tests.nightly.conftest import second_night

Cli = Callable[..., Done]


@pytest.fixture
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> NoReturn:
        raise AssertionError("a socket was opened")

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refused)


@pytest.mark.usefixtures("_no_network")
def test_all_that_a_state_says_shows_nobody(place: pl.DataFrame, tmp_path: Path, nikdedup_cli: Cli) -> None:
    """Every command, good and bad; nights that are published, refused and killed by a fault."""
    names = {
        name
        for column in ("NAMA_LGKP", "NAMA_LGKP_IBU")
        for name in place[column].drop_nulls()
        if len(name) > 7
    }
    numbers = {
        str(one) for column in ("NIK", "NO_KK") for one in place[column].drop_nulls() if len(str(one)) > 12
    }
    (tmp_path / "job.toml").write_text(
        'state = "s"\n[[source]]\npath = "a.parquet"\n[output]\nmetrics = "m.prom"\n[health]\ndrift_log2 = 0.001\n'
    )
    job, state = tmp_path / "job.toml", tmp_path / "s"
    said: list[str] = []

    def call(*arguments: object) -> int:
        done = nikdedup_cli(*arguments)
        said.extend((done.out, done.err))
        return done.code

    for residents in (place, second_night(place)):
        residents.drop("n").write_parquet(tmp_path / "a.parquet")
        assert call("nightly", "check", job) == 0
        assert call("nightly", "run", job, "--dry-run") == 0
        assert call("nightly", "run", job, "--log-json") == 0
    person = place.row(8, named=True)
    asked = ["--nama", person["NAMA_LGKP"], "--tgl-lhr", person["TGL_LHR"], "--nik", person["NIK"]]
    for arguments in (
        ["runs", state], ["audit", "show", state], ["audit", "verify", state], ["lookup", state, *asked],
        ["history", state, "P-1"], ["history", state, person["NIK"]], ["nightly", "refit", job], ["rollback", state, 1],
    ):  # fmt: skip
        assert call(*arguments) in (0, 1, 2)
        call(*arguments, "--lang", "en")
    place.drop("n")[:300].write_parquet(tmp_path / "a.parquet")
    assert call("nightly", "run", job) == 3
    (tmp_path / "a.parquet").write_bytes((tmp_path / "a.parquet").read_bytes()[:5000])
    assert call("nightly", "run", job) == 2
    (tmp_path / "a.parquet").unlink()
    assert call("nightly", "run", job) == 2
    said.append((tmp_path / "m.prom").read_text())
    said.append((state / "state.json").read_text())
    text = "\n".join(said)
    assert [name for name in names if name in text] == []
    assert [number for number in numbers if number in text] == []
    ledger = (state / "ledger.sqlite").read_bytes()
    assert [name for name in names if name.encode() in ledger] == []
    assert [number for number in numbers if number.encode() in ledger] == []
