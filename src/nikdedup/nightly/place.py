"""What makes a folder a state, to be told without opening it."""

from __future__ import annotations

from pathlib import Path

DESCRIPTION = "state.json"


def is_state(folder: Path) -> bool:
    """Say whether a folder is a state.

    Args:
        folder: the folder.
    """
    return (folder / DESCRIPTION).is_file()
