"""The readers of CSV files and workbooks led by coverage: atheris keeps each input that reaches a new line of code."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["nikdedup.residents.read.extract.extract"]):
    from nikdedup.config import Config
    from nikdedup.residents.read.extract import read

from nikdedup.errors import NikdedupError

NAMES = ("a.csv", "a.csv.gz", "a.xlsx", "a.parquet")
_HOME = Path(tempfile.mkdtemp(prefix="nikdedup-guided-"))


def read_one(raw: bytes) -> None:
    """Read the bytes as the kind of file that the first one names; errors of ours must be one line."""
    path = _HOME / NAMES[raw[0] % len(NAMES) if raw else 0]
    path.write_bytes(raw[1:])
    try:
        read(path, config=Config())
    except NikdedupError as fault:
        if "\n" in str(fault) or fault.exit_code != 2:
            raise AssertionError(str(fault)) from None


if __name__ == "__main__":
    atheris.Setup(sys.argv, read_one)
    atheris.Fuzz()
