"""nikdedup itself, as an office starts it: the command line, shipped settings, all threads."""

from __future__ import annotations

from pathlib import Path

from benchmarks.data import nikdedup_command


def command(file: Path, out: Path) -> list[str]:
    """Return the run that answers who is who: people, pairs, decisions."""
    return [*nikdedup_command(), "dedupe", str(file), "--out", str(out), "--no-residents", "--no-report"]


def command_full(file: Path, out: Path) -> list[str]:
    """Return the run with everything: residents, report.html and decisions.xlsx as well."""
    return [*nikdedup_command(), "dedupe", str(file), "--out", str(out)]


def command_one_thread(file: Path, out: Path) -> list[str]:
    """Return the first run held to one thread: what a second core is worth."""
    return [*command(file, out), "--threads", "1"]
