"""The change from the earlier run to the new one, and what a killed one left put right.

    written aside     .partial-LOT    whole and synced, then named .run-NEW
    1 step aside      DIR/* to .run-OLD/*
    2 commit          .run-NEW/run.json to DIR/run.json, in one step
    3 install         .run-NEW/* to DIR/*
    4 sweep           .run-OLD goes

Readers look for each file of the run that run.json names beside it and in its folder aside, so they see the old
run up to 2 and the new one from 2 on. Whatever was begun, `settle` ends it: it puts the files of the run that
run.json names in place and takes the rest away.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from nikdedup.publish.files import digest, move, sync, sync_folder
from nikdedup.publish.layout import (
    OLD_UNFINISHED,
    OUTPUTS,
    RUN,
    UNFINISHED,
    WORKBOOK,
    aside,
    asides,
    content,
    files_of,
    held,
    is_folder,
)


def switch(folder: Path, unfinished: Path, text: bytes) -> list[str]:
    """Put a run that is written whole in the place of the earlier one; all of it, or nothing.

    unfinished: the folder it was written in. text: its run.json. Returns the names under which workbooks were
    kept that somebody has filled in.
    """
    earlier = content(folder / RUN)
    old, new = None if earlier is None else aside(folder, earlier), aside(folder, text)
    try:
        move(unfinished, new)
        sync_folder(folder)
        if old is not None and old != new:
            _step_aside(folder, old, earlier or b"")
        move(new / RUN, folder / RUN)
        sync_folder(folder)
        kept = _install(folder, new)
    except BaseException:
        _take_back(folder, new, old, text)
        raise
    try:
        return kept + _sweep(folder)
    except KeyboardInterrupt:  # too late: the run is published, what is left of the earlier one must go
        return kept + _sweep(folder)


def settle(folder: Path) -> list[str]:
    """End what a writer before has begun in a folder and not ended; returns names of workbooks kept, as `switch`."""
    if not asides(folder):
        return []
    run = held(folder)
    if run is None:  # a first run, of which nothing counts yet
        kept = [name for output in OUTPUTS for name in _let_go(folder, folder / output)]
    else:
        place = aside(folder, run.text)
        if run.places[0] != place:  # the earlier run of a version before 0.2
            move(run.places[0], place)
        if not (folder / RUN).is_file():
            move(place / RUN, folder / RUN)
            sync_folder(folder)
        kept = _install(folder, place)
    return kept + _sweep(folder)


def _step_aside(folder: Path, old: Path, text: bytes) -> None:
    """Move the earlier files aside; one that is locked (Excel) is met here, before anything else is changed."""
    old.mkdir()
    (old / RUN).write_bytes(text)
    sync(old / RUN)
    for name in OUTPUTS:
        if (folder / name).is_file():
            move(folder / name, old / name)
    sync_folder(old)
    sync_folder(folder)


def _install(folder: Path, place: Path) -> list[str]:
    """Move the files of the run that counts from their folder aside into place; what it does not name goes."""
    if not place.is_dir():
        return []
    kept: list[str] = []
    named = files_of(content(folder / RUN) or b"") or {}
    for name in OUTPUTS:
        waits = (place / name).is_file()
        if not waits and name in named:
            continue
        if name == WORKBOOK or not waits:
            kept += _let_go(folder, folder / name)
        if waits:
            move(place / name, folder / name)
    sync_folder(folder)
    return kept


def _take_back(folder: Path, new: Path, old: Path | None, text: bytes) -> None:
    """Leave the folder as it was before a switch that failed: first run.json, which counts, then the files."""
    if new == old:  # the very same run: whichever file lies in place is right
        settle(folder)
        return
    if old is None:
        (folder / RUN).unlink(missing_ok=True)
    elif content(folder / RUN) == text:
        move(old / RUN, folder / RUN)
    for name in files_of(text) or {}:
        if new.is_dir() and not (new / name).exists():  # it is in place already
            (folder / name).unlink(missing_ok=True)
    shutil.rmtree(new, ignore_errors=True)
    settle(folder)


def _sweep(folder: Path) -> list[str]:
    """Take away what is aside once the run that counts is in place; what cannot go now goes another time."""
    kept: list[str] = []
    for path in asides(folder):
        places: tuple[Path, ...] = () if path.name.startswith(UNFINISHED) else (path,)
        if path.name == OLD_UNFINISHED:
            places = (path / "earlier",)
        if not is_folder(path):  # put there by somebody else: what it leads to is not ours to look into
            with suppress(OSError):
                path.unlink()
            continue
        places = tuple(place for place in places if is_folder(place))
        try:
            # The workbook first: a run.json beside it says whether somebody has filled it in.
            kept += [name for place in places for name in _let_go(folder, place / WORKBOOK)]
        except OSError:
            continue
        shutil.rmtree(path, ignore_errors=True)
    return kept


def _let_go(folder: Path, path: Path) -> list[str]:
    """Take a file away. A workbook that is not as a run wrote it is kept, under the date of its last change."""
    if not path.is_file():
        return []
    if path.name != WORKBOOK or digest(path) in _workbooks(folder):
        path.unlink()
        return []
    kept = _free_name(folder, datetime.fromtimestamp(path.stat().st_mtime))
    move(path, kept)
    kept.chmod(0o600)
    return [kept.name]


def _workbooks(folder: Path) -> set[str]:
    """Return the digests of workbooks as runs wrote them, of all runs whose run.json is still in or below a folder."""
    places = [folder, *asides(folder), folder / OLD_UNFINISHED / "earlier"]
    told = [(files_of(content(place / RUN) or b"") or {}).get(WORKBOOK) for place in places]
    return {str(one.get("sha256")) for one in told if isinstance(one, dict)}


def _free_name(folder: Path, day: datetime) -> Path:
    """Return a name of its own for a workbook that is kept: decisions-2026-06-30-0815.xlsx, then …-2.xlsx."""
    stem = f"decisions-{day:%Y-%m-%d-%H%M}"
    names = (f"{stem}.xlsx", *(f"{stem}-{number}.xlsx" for number in range(2, 10_000)))
    return next(folder / name for name in names if not os.path.lexists(folder / name))
