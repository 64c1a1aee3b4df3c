"""Which run of a state is read, asked of the file of its ledger: SQLAlchemy takes longer to load than all else that
answers one question.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from nikdedup.errors import InputError
from nikdedup.nightly.ledger import SCHEMA
from nikdedup.nightly.place import DESCRIPTION, KEY, SQLITE, VERSION, is_state
from nikdedup.publish import shown
from nikdedup.runtime.files import read_file


def newest(folder: Path) -> int | None:
    """Return the run of a state that is read; None before the first night.

    Where its ledger is no file, or anything is not as this version writes it, `state.reading` opens it, and says what
    is wrong.

    Args:
        folder: the state.

    Raises:
        InputError: where the folder is no state, or not one that can be read.
        RunError: where its ledger cannot be reached.
    """
    if not is_state(folder):
        raise InputError(f"{shown(folder)}: not a state (state.json is missing)")
    facts = _facts(folder)
    if facts is None:
        from nikdedup.nightly.state import reading

        with reading(folder) as store:
            return store.current()
    return int(facts["current"]) if facts.get("current") else None


def _facts(folder: Path) -> dict[str, str] | None:
    """Return what a ledger that is a file has one of; None where that is for `state.reading` to tell."""
    try:
        told = json.loads(read_file(folder / DESCRIPTION))
        read_file(folder / KEY)
        if (told["nikdedup_state"], told["ledger"]) != (VERSION, SQLITE):
            return None
        # Not read-only: who has opened a ledger last takes away what SQLite has put beside it.
        place = f"file:{quote(str((folder / SQLITE).absolute()))}?mode=rw"
        with closing(sqlite3.connect(place, uri=True, timeout=10)) as ledger:
            tables = ledger.execute("SELECT version_num FROM alembic_version").fetchall()
            facts = dict(ledger.execute("SELECT name, value FROM facts").fetchall())
    except (OSError, ValueError, KeyError, TypeError, sqlite3.Error):
        return None
    return facts if tables == [(SCHEMA,)] and facts.get("state_id") == told.get("state_id") else None
