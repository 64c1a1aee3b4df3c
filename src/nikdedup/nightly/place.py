"""What makes a folder a state, and what lies in one: to be told without opening it."""

from __future__ import annotations

from pathlib import Path

DESCRIPTION = "state.json"
KEY, HEAD = "pseudonym.key", "audit.head"
SQLITE, SNAPSHOTS, VERDICTS = "ledger.sqlite", "snapshots", "verdicts"
RUN, FEATURES = "run", "features"
"""What lies in a snapshot; see snapshot."""
VERSION = 1
"""Of state.json; a state of a greater one is refused."""


def is_state(folder: Path) -> bool:
    """Say whether a folder is a state.

    Args:
        folder: the folder.
    """
    return (folder / DESCRIPTION).is_file()
