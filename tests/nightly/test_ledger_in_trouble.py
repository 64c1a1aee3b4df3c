"""A ledger that is full, read-only or held: one plain line, and the last published night is as it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from nikdedup import RunError
from nikdedup.nightly import ledger, night_end
from nikdedup.nightly.facts import current, note
from nikdedup.nightly.one_night import Asked, Night
from nikdedup.nightly.state import Store, reading
from tests.nightly.conftest import second_night

RunNight = Callable[..., Night]


@pytest.mark.parametrize(
    ("pragma", "message"),
    [
        pytest.param("max_page_count=1", "the disk is full", id="full"),
        pytest.param("query_only=ON", "it is read-only", id="read-only"),
    ],
)
def test_a_ledger_that_takes_nothing_more(
    place: pl.DataFrame,
    run_night: RunNight,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    pragma: str,
    message: str,
) -> None:
    """As SQLite itself meets it: it may not grow, or not write."""
    run_night(place)
    plain = ledger._as_a_ledger

    def in_trouble(connection: Any, about: object) -> None:
        plain(connection, about)
        connection.execute(f"PRAGMA {pragma}")

    with monkeypatch.context() as patched:
        patched.setattr(ledger, "_as_a_ledger", in_trouble)
        with pytest.raises(RunError, match=f"ledger state/ledger.sqlite: {message}; nothing was published"):
            run_night(place[:400], asked=Asked("tester", warn=True))
    with reading(folder) as store:
        assert store.current() == 1
        assert [path.name for path in store.snapshot(1).parent.iterdir()] == ["1"]
    assert run_night(second_night(place)).run == 2


def test_who_reads_waits_for_nobody(store: Store, folder: Path) -> None:
    with store.ledger.changing() as connection:
        note(connection, "current", 7)
        with reading(folder) as other, other.ledger.reading() as looking:
            assert current(looking) is None
    assert store.current() == 7


def test_a_transaction_that_fails_leaves_no_snapshot_behind(
    place: pl.DataFrame, run_night: RunNight, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the ledger can no longer say which run is read, as on a full disk."""
    run_night(place)

    def fail(*_: object) -> None:
        raise RunError("ledger x: the disk is full; nothing was published")

    def fail_from_here(*_: object) -> None:
        patched.setattr(Store, "current", fail)
        fail()

    with monkeypatch.context() as patched:
        patched.setattr(night_end, "_commit", fail_from_here)
        with pytest.raises(RunError, match="the disk is full"):
            run_night(second_night(place))
    with reading(folder) as store:
        assert [path.name for path in store.snapshot(1).parent.iterdir()] == ["1"]
