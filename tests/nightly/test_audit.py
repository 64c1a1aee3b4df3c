"""The audit: no entry can be changed, taken out, moved or cut off unseen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, text

from nikdedup.nightly import audit
from nikdedup.nightly.state import Store, heads


@pytest.fixture
def written(store: Store) -> Store:
    """A state whose audit has six entries."""
    for number in range(6):
        with store.ledger.changing() as connection:
            head = audit.add(
                connection, at=f"2026-06-0{number + 1}", who="tester", what="published", run=number,
                details={"n": number}, rows=[audit.pseudonym(store.key, f"R-{number}")],
            )  # fmt: skip
    store.write_head(head)
    return store


def faults(store: Store) -> list[tuple[int, str]]:
    with store.ledger.reading() as connection:
        return audit.faults(connection, heads(store))


def test_an_untouched_audit_is_whole(written: Store) -> None:
    assert faults(written) == []


def swap(connection: Connection) -> None:
    for before, after in ((2, 99), (4, 2), (99, 4)):
        connection.execute(text(f"UPDATE audit SET entry = {after} WHERE entry = {before}"))


@pytest.mark.parametrize(
    ("spoil", "wanted"),
    [
        pytest.param("UPDATE audit SET who = 'other' WHERE entry = 3", {(3, "edited")}, id="edited"),
        pytest.param("UPDATE audit SET rows = '[]' WHERE entry = 1", {(1, "edited")}, id="rows edited"),
        pytest.param("DELETE FROM audit WHERE entry = 4", {(4, "missing")}, id="deleted"),
        pytest.param("DELETE FROM audit WHERE entry > 4", {(5, "cut_off"), (6, "cut_off")}, id="cut off"),
        pytest.param("DELETE FROM audit", {(number, "cut_off") for number in range(1, 7)}, id="emptied"),
        pytest.param(swap, {(2, "edited"), (3, "moved"), (4, "edited"), (5, "moved")}, id="reordered"),
    ],
)
def test_whoever_changes_it_is_found(
    written: Store, spoil: str | Callable[[Connection], None], wanted: set[tuple[int, str]]
) -> None:
    with written.ledger.changing() as connection:
        if callable(spoil):
            spoil(connection)
        else:
            connection.execute(text(spoil))
    assert set(faults(written)) == wanted


def test_entries_written_anew_do_not_fit_the_head(written: Store) -> None:
    """Somebody who knows how hashes are made rewrites the last entry: what stands beside the ledger tells."""
    with written.ledger.changing() as connection:
        connection.execute(text("DELETE FROM audit WHERE entry = 6"))
        audit.add(connection, at="2026-06-06", who="other", what="published", run=5)
    assert faults(written) == [(6, "edited")]


def test_a_pseudonym_needs_the_key(store: Store) -> None:
    assert audit.pseudonym(store.key, "R-1") == audit.pseudonym(store.key, "R-1")
    assert audit.pseudonym(store.key, "R-1") != audit.pseudonym(bytes(32), "R-1")
