"""The ledger: its tables, its versions, and what is said where it cannot be used."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

import nikdedup.nightly
from nikdedup import InputError, RunError
from nikdedup.nightly.facts import fact, note
from nikdedup.nightly.ledger import SCHEMA, Ledger
from nikdedup.nightly.state import Store, reading, writing
from nikdedup.nightly.tables import META


def test_migrations_make_the_tables(store: Store) -> None:
    with store.ledger.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), META) == []


def test_the_version_known_is_the_last_migration() -> None:
    folder = Path(str(nikdedup.nightly.__file__)).parent / "migrations"
    assert ScriptDirectory(str(folder)).get_current_head() == SCHEMA


def test_a_newer_ledger_is_refused(store: Store, folder: Path) -> None:
    with store.ledger.changing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(InputError, match="written by a newer version"), reading(folder):
        pass


def test_a_transaction_is_kept_whole_or_not_at_all(store: Store) -> None:
    def fail() -> None:
        with store.ledger.changing() as connection:
            note(connection, "current", 7)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with store.ledger.reading() as connection:
        assert fact(connection, "current") is None


def test_a_ledger_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(RunError, match="the file is damaged, or no ledger"):
        Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}", name="x")


def test_a_ledger_out_of_reach() -> None:
    with pytest.raises(RunError, match="it cannot be reached"):
        Ledger.open("postgresql+psycopg://nobody@127.0.0.1:9/none", name="x")


def test_a_ledger_of_another_state(store: Store, folder: Path) -> None:
    path = folder / "state.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"state_id": "other"}))
    with pytest.raises(InputError, match="its ledger belongs to another state"), reading(folder):
        pass


def test_a_folder_of_something_else_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(InputError, match="is not empty and not a state"), writing(tmp_path, make=True):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_folder_that_is_no_state(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a state"), writing(tmp_path):
        pass
    with pytest.raises(InputError, match="not a state"), reading(tmp_path):
        pass


def test_a_start_that_was_killed_is_begun_again(tmp_path: Path) -> None:
    """Key and ledger are there, and state.json, which makes it a state, is not yet."""
    (tmp_path / "pseudonym.key").write_bytes(b"half")
    (tmp_path / "ledger.sqlite").write_bytes(b"")
    with writing(tmp_path, make=True) as store, store.ledger.reading() as connection:
        assert fact(connection, "state_id")
        assert len(store.key) == 32


def test_a_state_of_a_newer_version(store: Store, folder: Path) -> None:
    path = folder / "state.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"nikdedup_state": 99}))
    with pytest.raises(InputError, match="a state of a newer version"), reading(folder):
        pass


def test_everything_is_private(store: Store, folder: Path) -> None:
    assert folder.stat().st_mode & 0o077 == 0
    for path in folder.iterdir():
        if not path.name.startswith(".nikdedup"):
            assert path.stat().st_mode & 0o077 == 0, path.name
