"""A run's folder: written whole or not at all, and refused when it is not whole.

Everything goes to DIR/.partial first; then the files are moved into DIR, run.json last.
run.json names every file with its size and digest, so that a half-replaced folder is seen.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import polars as pl

from nikdedup.errors import InputError, RunError

OUTPUTS = (
    "residents.parquet",
    "people.parquet",
    "pairs.parquet",
    "decisions.parquet",
    "decisions.xlsx",
    "report.html",
)
PRIVATE = ("residents.parquet", "decisions.xlsx")
"""Files that hold identities: readable by their owner only."""
PARTIAL = ".partial"
"""Where a run is written before it is published; its presence tells a killed run."""
ROW_GROUP = 1 << 17
SPARE_BYTES = 50_000_000
SMALL_BYTES = 32_000_000
"""Files up to this size are checked by content when a run is opened (SHA-256: some 30 ms)."""


def check_folder(out: Path, *, needed_bytes: int = 0, inputs: Iterable[Path] = ()) -> None:
    """Raise InputError unless a run may be written to `out`; changes nothing.

    needed_bytes: what the run will write, by estimate; the disk must hold it and some to spare.
    inputs: files that are read; none of them may lie where the run is written.
    """
    if out.exists() and not out.is_dir():
        raise InputError(f"--out {_name(out)}: is a file; a new or empty folder or an earlier run is allowed")
    if out.is_dir() and not _is_ours(out):
        raise InputError(f"--out {_name(out)}: is not empty and not a nikdedup run; nothing was touched")
    for path in inputs:
        if path.resolve().parent == out.resolve():
            raise InputError(f"--out {_name(out)}: the input {path.name} lies in it; name another folder")
    parent = next(p for p in (out, *out.absolute().parents) if p.exists())
    if not parent.is_dir():
        raise InputError(f"--out {_name(out)}: {_name(parent)} is a file; a folder is allowed")
    if not os.access(parent, os.W_OK):
        raise InputError(f"--out {_name(out)}: the folder {_name(parent)} is read-only")
    free = shutil.disk_usage(parent).free
    if free < needed_bytes + SPARE_BYTES:
        found, need = free // 10**6, (needed_bytes + SPARE_BYTES) // 10**6
        raise InputError(f"--out {_name(out)}: {found} MB of disk are free; about {need} MB are needed")


def _name(path: Path) -> str:
    """Return the last part of a path, also of "." and "..", which have none of their own."""
    return path.resolve().name or str(path)


def _is_ours(out: Path) -> bool:
    """Say whether a folder is empty, a run, or what a killed run left (`.partial` is then still there)."""
    names = {entry.name for entry in out.iterdir()}
    if "run.json" in names:
        return _run_of(out) is not None
    return not names or (PARTIAL in names and names <= {PARTIAL, *OUTPUTS})


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Write a frame so that the same rows give the same bytes."""
    frame.rechunk().write_parquet(path, compression="zstd", compression_level=1, row_group_size=ROW_GROUP)


def publish(out: Path, writers: dict[str, Callable[[Path], None]], run: Callable[[], dict[str, Any]]) -> None:
    """Write every file with its writer, then make all of them visible at once, run.json last.

    run: gives the content of run.json once the files are written; `files` is added. Whatever goes wrong,
    `out` is as it was before; RunError where the disk is full, a file is locked, or the like.
    """
    partial = out / PARTIAL
    made = next((path for path in (*reversed(out.parents), out) if not path.exists()), partial)
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True, mode=0o700)
        for name, write in writers.items():
            write(partial / name)
            if name in PRIVATE:
                (partial / name).chmod(0o600)
        files = {name: _digest(partial / name) for name in sorted(writers)}
        text = json.dumps({**run(), "files": files}, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        (partial / "run.json").write_text(text, encoding="utf-8")
        _swap(partial, out, [*writers, "run.json"])
    except (OSError, pl.exceptions.ComputeError) as fault:
        raise RunError(f"--out {_name(out)}: {reason_of(fault)}; nothing was published") from None
    finally:
        shutil.rmtree(made if not (out / "run.json").is_file() else partial, ignore_errors=True)


def _swap(partial: Path, out: Path, names: list[str]) -> None:
    """Put the finished files in the place of the earlier ones, run.json last; all of them, or none.

    The earlier files step aside first, so that one that is locked (Excel) is met before anything is lost.
    """
    earlier = partial / "earlier"
    earlier.mkdir()
    try:
        for name in ("run.json", *OUTPUTS):
            if (out / name).exists():
                (out / name).replace(earlier / name)
        for name in names:
            (partial / name).replace(out / name)
    except BaseException:
        for name in names:
            if not (partial / name).exists():
                (out / name).unlink(missing_ok=True)
        for name in (*OUTPUTS, "run.json"):
            if (earlier / name).exists():
                (earlier / name).replace(out / name)
        raise


def reason_of(fault: OSError | pl.exceptions.ComputeError) -> str:
    """Say why a file could not be written; polars hands over a full disk as a text of its own."""
    if isinstance(fault, PermissionError):
        name = Path(fault.filename or "").name or "a file"
        return f"{name} is open in another program (Excel?); close it and run again"
    if isinstance(fault, OSError):
        return f"could not be written ({fault.strerror or type(fault).__name__})"
    found = re.search(r"\(os error (\d+)\)", str(fault))
    return f"could not be written ({os.strerror(int(found[1])) if found else type(fault).__name__})"


def _digest(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def read_run(folder: Path) -> dict[str, Any]:
    """Return run.json of a finished run; InputError if the folder is not one or its files do not match.

    Sizes are compared for all files, contents for those of at most SMALL_BYTES: reading the digest of a
    large table would take longer than the question put to it.
    """
    run, changed = run_and_changed(folder, largest=SMALL_BYTES)
    if changed:
        raise InputError(f"{_name(folder)}: {changed[0]} does not match run.json; run dedupe again")
    return run


def run_and_changed(folder: Path, *, largest: int | None = None) -> tuple[dict[str, Any], list[str]]:
    """Return run.json of a finished run, and the names of the files that are not as it wrote them.

    largest: the contents of larger files are not compared, their sizes are; all are compared if not given.
    """
    run = _run_of(folder)
    if run is None:
        raise InputError(f"{_name(folder)}: not a finished nikdedup run (run.json is missing or unreadable)")
    changed = []
    for name, expected in run["files"].items():
        path = folder / name
        same = path.is_file() and path.stat().st_size == expected["bytes"]
        looked = largest is None or expected["bytes"] <= largest
        if not same or (looked and _digest(path) != expected):
            changed.append(name)
    return run, changed


def _run_of(folder: Path) -> dict[str, Any] | None:
    """Return the content of run.json, or None where there is none of ours."""
    try:
        run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    ours = isinstance(run, dict) and "nikdedup" in run and isinstance(run.get("files"), dict)
    return run if ours else None
