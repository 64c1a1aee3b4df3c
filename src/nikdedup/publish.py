"""A run's folder: written whole or not at all, and refused when it is not whole.

Everything goes to DIR/.partial first; then the files are moved into DIR, run.json last.
run.json names every file with its size and digest, so that a half-replaced folder is seen.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
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
ROW_GROUP = 1 << 17
SPARE_BYTES = 50_000_000


def check_folder(out: Path, *, needed_bytes: int = 0) -> None:
    """Raise InputError unless a run may be written to `out`; changes nothing.

    needed_bytes: what the run will write, by estimate; the disk must hold it and some to spare.
    """
    if out.exists() and not out.is_dir():
        raise InputError(f"--out {out.name}: is a file; a new or empty folder or an earlier run is allowed")
    if out.is_dir() and any(out.iterdir()) and not (out / "run.json").is_file() and not _only_partial(out):
        raise InputError(f"--out {out.name}: is not empty and not a nikdedup run; nothing was touched")
    parent = next(p for p in (out, *out.absolute().parents) if p.exists())
    if not os.access(parent, os.W_OK):
        raise InputError(f"--out {out.name}: the folder {parent.name or parent} is read-only")
    free = shutil.disk_usage(parent).free
    if free < needed_bytes + SPARE_BYTES:
        found, need = free // 10**6, (needed_bytes + SPARE_BYTES) // 10**6
        raise InputError(f"--out {out.name}: {found} MB of disk are free; about {need} MB are needed")


def _only_partial(out: Path) -> bool:
    return [entry.name for entry in out.iterdir()] == [".partial"]


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Write a frame so that the same rows give the same bytes."""
    frame.rechunk().write_parquet(path, compression="zstd", compression_level=1, row_group_size=ROW_GROUP)


def publish(out: Path, writers: dict[str, Callable[[Path], None]], run: dict[str, Any]) -> None:
    """Write every file with its writer, then make all of them visible at once, run.json last.

    run: content of run.json; `files` is added. On any failure `out` is as it was before: RunError.
    """
    partial = out / ".partial"
    fresh = not out.exists()
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        for name, write in writers.items():
            write(partial / name)
            if name in PRIVATE:
                (partial / name).chmod(0o600)
        run = {**run, "files": {name: _digest(partial / name) for name in sorted(writers)}}
        (partial / "run.json").write_text(
            json.dumps(run, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    except OSError as fault:
        shutil.rmtree(out if fresh else partial, ignore_errors=True)
        raise RunError(
            f"--out {out.name}: could not be written ({fault.strerror or fault}); nothing was published"
        ) from None
    except BaseException:
        shutil.rmtree(out if fresh else partial, ignore_errors=True)
        raise
    _swap(partial, out, [*writers, "run.json"])


def _swap(partial: Path, out: Path, names: list[str]) -> None:
    """Move the finished files over the earlier ones; run.json goes first and comes last."""
    try:
        (out / "run.json").unlink(missing_ok=True)
        for name in OUTPUTS:
            if name not in names:
                (out / name).unlink(missing_ok=True)
        for name in names:
            (partial / name).replace(out / name)
        partial.rmdir()
    except PermissionError as fault:
        name = Path(fault.filename or "").name
        raise RunError(
            f"--out {out.name}: {name} is open in another program (Excel?); close it and run again"
        ) from None


def _digest(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def read_run(folder: Path) -> dict[str, Any]:
    """Return run.json of a finished run; InputError if the folder is not one or its files do not match."""
    try:
        run: dict[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise InputError(
            f"{folder.name}: not a finished nikdedup run (run.json is missing or unreadable)"
        ) from None
    for name, expected in run.get("files", {}).items():
        path = folder / name
        if not path.is_file() or path.stat().st_size != expected["bytes"]:
            raise InputError(f"{folder.name}: {name} does not match run.json; run dedupe again")
    return run
