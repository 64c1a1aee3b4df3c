"""The extracts everybody reads: made by `nikdedup generate`, kept in benchmarks/data/, never committed."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import nikdedup
from benchmarks.measure import ROOT

FOLDER = Path(__file__).resolve().parent / "data"
SEED = 6212


def extract(profile: str, rows: int, seed: int = SEED, *, folder: Path = FOLDER) -> tuple[Path, Path]:
    """Return the extract and its truth; both are made where missing, or where the generator has changed."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{profile}-{rows}-{seed}.parquet"
    truth = file.with_name(f"{file.stem}.truth.parquet")
    made_by = file.with_suffix(".made-by")
    print_ = generator_print()
    known = made_by.read_text(encoding="ascii") if made_by.is_file() else ""
    if known != print_ or not file.is_file() or not truth.is_file():
        made_by.unlink(missing_ok=True)
        command = [
            *nikdedup_command(),
            "generate",
            "--rows",
            str(rows),
            "--seed",
            str(seed),
            "--profile",
            profile,
        ]
        done = subprocess.run(
            [*command, "--out", str(file)], cwd=ROOT, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"generate {profile} {rows}: {done.stderr.strip()}")
        made_by.write_text(print_, encoding="ascii")
    return file, truth


def nikdedup_command() -> list[str]:
    """Return how to start the command line of the package under test."""
    return [sys.executable, "-m", "nikdedup.cli"]


def generator_print() -> str:
    """Return a digest of the generator, so that data of an older one is made anew."""
    lab = Path(nikdedup.__file__).parent / "lab"
    judges = {"evaluation.py", "scorecard.py", "calibration.py"}
    files = sorted(f for f in lab.rglob("*") if f.suffix in (".py", ".toml", ".csv") and f.name not in judges)
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.relative_to(lab).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
