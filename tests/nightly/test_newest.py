"""Which run of a state is read, told by the file of its ledger where that is as this version writes it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from nikdedup import InputError
from nikdedup.nightly import state as states
from nikdedup.nightly.facts import note
from nikdedup.nightly.newest import newest
from nikdedup.nightly.state import Store


def test_it_is_the_run_that_is_read(store: Store, folder: Path) -> None:
    assert newest(folder) is None
    with store.ledger.changing() as connection:
        note(connection, "current", 12)
    assert newest(folder) == store.current() == 12


def test_the_file_itself_is_asked(store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store.ledger.close()
    before = sorted(path.name for path in folder.iterdir())
    monkeypatch.delattr(states, "reading")
    assert newest(folder) is None
    assert sorted(path.name for path in folder.iterdir()) == before


def test_no_library_of_databases_is_loaded(store: Store, folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from nikdedup.nightly import run_folder, is_state, Lookup\n"
        "from nikdedup.nightly.newest import newest; newest(Path(sys.argv[1])); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True, check=True)
    assert "sqlite3" in done.stdout.split()
    assert {"sqlalchemy", "alembic"}.isdisjoint(done.stdout.split())


def test_what_is_wrong_is_said_as_ever(store: Store, folder: Path) -> None:
    with store.ledger.changing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(InputError, match="written by a newer version"):
        newest(folder)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        pytest.param({"state_id": "other"}, "its ledger belongs to another state", id="of another state"),
        pytest.param({"nikdedup_state": 99}, "a state of a newer version", id="newer"),
    ],
)
def test_a_description_that_does_not_fit(
    store: Store, folder: Path, told: dict[str, object], said: str
) -> None:
    path = folder / "state.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | told))
    with pytest.raises(InputError, match=said):
        newest(folder)


@pytest.mark.parametrize("name", ["pseudonym.key", "ledger.sqlite"])
def test_a_part_that_is_missing(store: Store, folder: Path, name: str) -> None:
    store.ledger.close()
    (folder / name).unlink()
    with pytest.raises(InputError, match=rf"{name} (cannot be read|is missing)"):
        newest(folder)


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a state"):
        newest(tmp_path)
