"""How well residents are matched where a column is missing: `python -m benchmarks.missing`.

Each extract is run as it is, then without card, NIK, mother, father, recording status and sex, one by one, and with
NIK, name, birth date and sex alone. Beside precision and recall stands what decoys say of the confirmed pairs. Writes
MISSING.md; returns 1 where precision falls below the gate.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl

import nikdedup
from benchmarks.accuracy import decoys_cells
from benchmarks.data import FOLDER, extract
from benchmarks.machine import commit, machine, versions
from nikdedup.lab import Evaluation, evaluate

FILE = Path(__file__).resolve().parent / "MISSING.md"
PROFILES = {"murung-raya": 998801, "hard": 998802, "stranger": 998803}
"""Profile -> seed, on which no weight or threshold was chosen."""
ROWS = 100_000
GATE = 0.99
FEW = ("NIK", "NAMA_LGKP", "TGL_LHR", "JENIS_KLMIN")
WITHOUT: dict[str, tuple[str, ...]] = {
    "nothing": (),
    "card": ("NO_KK",),
    "NIK": ("NIK",),
    "mother": ("NAMA_LGKP_IBU",),
    "father": ("NAMA_LGKP_AYAH",),
    "status": ("EKTP_STATUS", "EKTP_CREATED"),
    "sex": ("JENIS_KLMIN",),
}
ONLY_FEW = "all but NIK, name, date, sex"

_HEAD = """# Columns missing

Written by `python -m benchmarks.missing`. P, R and F1 as in ACCURACY.md, at shipped settings; *review* is the pairs
put to people, *with review* the recall if they decide all of them rightly. Decoys are asked how many confirmed pairs
are two people; their estimate *holds* within a factor of two, or where its interval covers the truth. Gate: P 0.99 in
every line.
"""


def judged(profile: str, rows: int, seed: int, *, folder: Path = FOLDER) -> Iterator[tuple[str, Evaluation]]:
    """Give what is missing and the evaluation without it, for one generated extract.

    Rows that are skipped where too little is left of them to be a resident are not judged.
    """
    file, truth = extract(profile, rows, seed, folder=folder)
    whole, answers = pl.read_parquet(file).with_row_index("ID").cast(pl.String), pl.read_parquet(truth)
    cut = {**WITHOUT, ONLY_FEW: tuple(name for name in whole.columns if name not in ("ID", *FEW))}
    for name, columns in cut.items():
        result = nikdedup.dedupe(whole.drop(columns), record_id="ID")
        with tempfile.TemporaryDirectory(dir=folder) as work:
            kept = Path(work) / "truth.parquet"
            answers.join(result.people, on="record_id", how="semi").write_parquet(kept)
            yield name, evaluate(result, kept)


def table(found: dict[str, Evaluation]) -> str:
    """Return the Markdown table of one extract, a line for each thing that is missing."""
    names = [
        "without",
        "P",
        "R",
        "F1",
        "review",
        "with review",
        "two people confirmed",
        "expected by decoys",
        "holds",
    ]
    lines = [f"| {' | '.join(names)} |", "|---" + "|--:" * (len(names) - 2) + "|---|"]
    for name, seen in found.items():
        shares = [seen.precision.value, seen.recall.value, seen.f1, seen.recall_with_review.value]
        p, r, f1, most = ("-" if share is None else f"{share:.4f}" for share in shares)
        lines.append(
            f"| {name} | {p} | {r} | {f1} | {seen.review_pairs:,} | {most} | {decoys_cells(seen.expected_false)} |"
        )
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Run every profile, print as results come, write MISSING.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.missing", description=__doc__)
    parser.add_argument("--profiles", nargs="+", default=list(PROFILES))
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--seed", type=int, help="instead of each profile's own")
    parser.add_argument("--no-write", action="store_true", help="print only")
    options = parser.parse_args(arguments)
    here = machine()
    parts = [
        _HEAD,
        f"Commit {commit()}, {', '.join(f'{k} {v}' for k, v in versions().items())}; {here['cpu']}, "
        f"{here['cores']} cores, {here['memory_gb']} GB.\n",
    ]
    below = False
    for profile in options.profiles:
        seed = options.seed or PROFILES.get(profile, min(PROFILES.values()))
        found = {}
        for name, seen in judged(profile, options.rows, seed):
            found[name] = seen
            print(f"{profile} {table({name: seen}).splitlines()[-1]}", file=sys.stderr, flush=True)
            below |= seen.precision.value is not None and seen.precision.value < GATE
        parts.append(f"## Profile {profile}, {options.rows:,} records, seed {seed}\n\n{table(found)}")
    text = "\n".join(parts)
    print(text)
    if not options.no_write:
        FILE.write_text(text, encoding="utf-8")
    return int(below)


if __name__ == "__main__":
    sys.exit(main())
