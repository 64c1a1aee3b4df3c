"""What lies in a run's folder, and which run it holds.

`run.json` names the run. A file of that run lies in the folder, or, while runs change places, in a folder
aside that bears the digest of this very run.json. So one file decides which run is read, and it is changed
in one step: whoever is killed at whatever moment, the files of the run that run.json names are all there.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from nikdedup.publish.files import patiently
from nikdedup.runtime.files import read_file

RUN = "run.json"
RESIDENTS, PEOPLE, WORKBOOK = "residents.parquet", "people.parquet", "decisions.xlsx"
OUTPUTS = (
    RESIDENTS,
    PEOPLE,
    "pairs.parquet",
    "decisions.parquet",
    WORKBOOK,
    "report.html",
)
PRIVATE = tuple(name for name in OUTPUTS if name != "report.html")
"""Files that hold or point to people: readable by their owner only. The report is masked, and may be shared."""

UNFINISHED = ".partial-"
"""Begin of the name of a folder in which a run is being written; the rest is drawn by lot."""
ASIDE = ".run-"
"""Begin of the name of a folder of a whole run that changes places; the rest is the digest of its run.json."""
OLD_UNFINISHED = ".partial"
"""Where versions before 0.2 wrote a run; in `earlier` below it lay the earlier one while files were moved."""
LOCK, OWNER = ".nikdedup.lock", ".nikdedup.owner.json"
_KEPT = re.compile(r"decisions-\d{4}-\d\d-\d\d-\d{4}(-\d+)?\.xlsx")
"""A workbook that an officer had filled in, under the date of its last change."""


def shown(folder: Path) -> str:
    """Return the name of a folder for messages, also of "." and ".."; a link is not followed: it may lead nowhere.

    Args:
        folder: the folder.
    """
    return os.path.basename(os.path.abspath(folder)) or str(folder)


class Held(NamedTuple):
    """The run that a folder holds: its run.json as it is, and where its files lie, the first place first."""

    text: bytes
    places: tuple[Path, Path]


def held(folder: Path) -> Held | None:
    """Return the run that a folder holds, or None.

    Without a run.json in place it is what a killed writer has left: a first run that is whole and not yet in
    place, or the earlier run of a version before 0.2.

    Args:
        folder: the folder.
    """
    text = content(folder / RUN)
    if text is not None:
        return Held(text, (aside(folder, text), folder))
    for place in (*sorted(folder.glob(f"{ASIDE}*")), folder / OLD_UNFINISHED / "earlier"):
        if not is_folder(place):
            continue
        text = content(place / RUN)
        if text is not None and place.name in (aside(folder, text).name, "earlier"):
            return Held(text, (place, folder))
    return None


def aside(folder: Path, text: bytes) -> Path:
    """Return where the files of a run lie that are not in place. text: its run.json."""
    return folder / f"{ASIDE}{hashlib.sha256(text).hexdigest()[:32]}"


def asides(folder: Path) -> list[Path]:
    """Return the folders that a writer makes; there is none while the run in the folder is at rest."""
    return [path for path in sorted(folder.iterdir()) if _is_aside(path.name)]


def is_folder(path: Path) -> bool:
    """Say whether a path is a folder itself; a link to one is none: a writer makes no links, and follows none."""
    return path.is_dir() and not path.is_symlink()


def _is_aside(name: str) -> bool:
    return name == OLD_UNFINISHED or name.startswith((UNFINISHED, ASIDE))


def is_ours(folder: Path) -> bool:
    """Say whether a folder is empty, a run, or what a killed run left."""
    try:
        names = {path.name for path in folder.iterdir()} - {LOCK, OWNER}
    except FileNotFoundError:  # another run had made it, and has just taken it away
        return True
    found = held(folder)
    if found is not None:
        return files_of(found.text) is not None
    names = {name for name in names if not _KEPT.fullmatch(name)}
    broken = {name for name in names if _is_aside(name)}
    return not names or (bool(broken) and names <= {*broken, *OUTPUTS})


def files_of(text: bytes) -> dict[str, Any] | None:
    """Return what a run.json says of its files, or None if it is none of ours; its values may be anything."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return None
    files = told.get("files") if isinstance(told, dict) and "nikdedup" in told else None
    return files if isinstance(files, dict) else None


def content(path: Path) -> bytes | None:
    """Return what is in a file, or None where there is none; OSError for a pipe, a device or the like."""
    try:
        return None if path.is_dir() else patiently(partial(read_file, path))
    except (FileNotFoundError, NotADirectoryError):
        return None
