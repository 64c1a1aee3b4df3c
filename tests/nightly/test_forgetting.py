"""Old nights are forgotten for good, and the audit stays whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import select

from nikdedup import InputError
from nikdedup.nightly import audit
from nikdedup.nightly.forgetting import forget
from nikdedup.nightly.one_night import Night
from nikdedup.nightly.past import history, runs
from nikdedup.nightly.snapshot import known_records
from nikdedup.nightly.state import heads, reading, writing
from nikdedup.nightly.tables import RETIRED
from tests.conftest import Done
from tests.nightly.conftest import second_night

RunNight = Callable[..., Night]


@pytest.fixture
def nights(place: pl.DataFrame, run_night: RunNight, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three nights on three days; the second changed much, the third one record."""
    third = second_night(place).filter(pl.col("n") != 100)
    for day, residents in (("01", place), ("02", second_night(place)), ("03", third)):
        for place_of in ("one_night", "night_end"):
            monkeypatch.setattr(
                f"nikdedup.nightly.{place_of}.now", lambda day=day: f"2026-06-{day}T01:00:00Z"
            )
        run_night(residents)


def test_nothing_is_left_of_old_nights(nights: None, place: pl.DataFrame, folder: Path) -> None:
    with reading(folder) as store:
        kept = set(known_records(store, 2)["record_key"])
        gone = set(known_records(store, 1)["record_key"]) - kept
        assert len(gone) > 20
    with writing(folder) as store:
        assert forget(store, date(2026, 6, 3), who="tester").runs == [1, 2]
    everything = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert [key for key in gone if key.encode() in everything] == []
    with reading(folder) as store, store.ledger.reading() as connection:
        assert audit.faults(connection, heads(store)) == []
        assert store.current() == 3
        assert [path.name for path in store.snapshot(3).parent.iterdir()] == ["3"]
        assert runs(store)["records"].to_list() == [800, 781, 780]
        assert {row.since for row in connection.execute(select(RETIRED))} == {3}
        for person in known_records(store, 3)["person"].unique().head(20):
            assert history(store, f"P-{person}").lines


def test_the_next_night_goes_on(nights: None, place: pl.DataFrame, folder: Path, run_night: RunNight) -> None:
    with writing(folder) as store:
        forget(store, date(2026, 6, 3), who="tester")
        before = known_records(store, 3)
    found = run_night(second_night(place).filter(pl.col("n") != 100))
    assert found.happened == {"decision": 0}
    assert found.changes.known["person"].equals(before["person"])


def test_the_night_that_is_read_stays(nights: None, folder: Path) -> None:
    with writing(folder) as store:
        assert forget(store, date(2030, 1, 1), who="tester").runs == [1, 2]
        with pytest.raises(InputError, match="no night ended before that day"):
            forget(store, date(2020, 1, 1), who="tester")


def test_from_the_command_line(nights: None, folder: Path, nikdedup_cli: Callable[..., Done]) -> None:
    done = nikdedup_cli("forget", folder, "--before", "2026-06-02", "--lang", "en")
    assert done.out == "Nights forgotten: run 1. Their counts and the audit stay.\n"
    assert nikdedup_cli("audit", "verify", folder).code == 0
    assert "old data were forgotten" in nikdedup_cli("audit", "show", folder, "--lang", "en").out
    assert nikdedup_cli("forget", folder, "--before", "soon").code == 2
