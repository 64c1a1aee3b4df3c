"""The shell completes commands and options."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("line", "ways"),
    [("nikdedup dedup", ["dedupe"]), ("nikdedup dedupe --no-re", ["--no-report", "--no-residents"])],
)
def test_a_line_is_completed(line: str, ways: list[str]) -> None:
    asked = {"_NIKDEDUP_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    told = subprocess.run(
        [sys.executable, "-m", "nikdedup.cli"], env={**os.environ, **asked}, capture_output=True, text=True
    )
    assert (told.returncode, sorted(told.stdout.split()), told.stderr) == (0, ways, "")
