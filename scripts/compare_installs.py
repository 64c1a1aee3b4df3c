"""Compare what two installs of nikdedup make of the same extracts, file by file.

    python scripts/compare_installs.py OLD NEW EXTRACT... [--plain]

OLD and NEW are folders that hold the package (`src` of a checkout, built in place). Each extract is worked on in
every shape of run that must not change its bytes: with and without residents and report, as a whole and in parts,
by one thread and by two, compiled and (--plain) in numpy. Exit 1 where anything but `timing`, `schema_version`
and what follows from them differs.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

FREE = ("timing", "schema_version", "version", "files", "options")
"""Keys of run.json that may differ between two installs."""
KEPT = {"all": [], "lean": ["--no-residents", "--no-report"]}
PARTS = {
    "whole": "import nikdedup.cli as c",
    "parts": (
        "import importlib, nikdedup.cli as c\n"
        "try: r = importlib.import_module('nikdedup.run.resources')\n"
        "except ModuleNotFoundError: r = importlib.import_module('nikdedup.budget')\n"
        "r.SLICED_FROM, r.SLICE_ROWS = 1, (20_000,)\n"  # 0.2 and before
        "r.PARTS_FROM, r.PART_ROWS = 1, (20_000,)"
    ),
}


def made(
    install: Path, extract: Path, shape: tuple[str, str, int, str], out: Path
) -> tuple[dict[str, str], float]:
    """Return the digest of each file of a run, and the processor seconds that it took."""
    kept, parts, threads, kernels = shape
    code = f"{PARTS[parts]}\nimport sys\nsys.argv[0] = 'nikdedup'\nc.main()"
    env = {**os.environ, "PYTHONPATH": str(install.resolve()), "POLARS_MAX_THREADS": str(threads)}
    if kernels == "py":
        env["NIKDEDUP_KERNELS"] = "py"
    command = [sys.executable, "-P", "-c", code, "dedupe", str(extract), "--out", str(out)]
    before = os.times()
    done = subprocess.run(
        [*command, "--threads", str(threads), *KEPT[kept]],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    after = os.times()
    if done.returncode not in (0, 3):
        sys.exit(f"{install}: exit {done.returncode}: {done.stderr.strip().splitlines()[-1:]}")
    seconds = sum(after[2:4]) - sum(before[2:4])
    return {path.name: digest(path) for path in sorted(out.iterdir()) if path.is_file()}, seconds


def digest(path: Path) -> str:
    """Return the digest of a file; of run.json without what may differ."""
    content = path.read_bytes()
    if path.name == "run.json":
        run = {name: value for name, value in json.loads(content).items() if name not in FREE}
        content = json.dumps(run, sort_keys=True).encode()
    return hashlib.sha256(content).hexdigest()


def main() -> int:
    """Run every shape with both installs and print what differs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("extract", type=Path, nargs="+")
    parser.add_argument("--plain", action="store_true", help="also without the compiled loops")
    asked = parser.parse_args()
    differ = 0
    kernels = ("cy", "py") if asked.plain else ("cy",)
    for extract in asked.extract:
        for shape in itertools.product(KEPT, PARTS, (1, 2), kernels):
            with tempfile.TemporaryDirectory() as scratch:
                old, before = made(asked.old, extract, shape, Path(scratch) / "old")
                new, after = made(asked.new, extract, shape, Path(scratch) / "new")
            wrong = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
            differ += bool(wrong)
            says = f"DIFFER: {', '.join(wrong)}" if wrong else "same bytes"
            print(
                f"{extract.name:24} {' '.join(map(str, shape)):20} {before:7.2f} s {after:7.2f} s  {says}",
                flush=True,
            )
    return differ > 0


if __name__ == "__main__":
    sys.exit(main())
