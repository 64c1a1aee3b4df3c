"""When something happened: the only place where a night looks at the clock."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

FORM = "%Y-%m-%dT%H:%M:%SZ"


def now() -> str:
    """Return the time in UTC, to the second, as the ledger keeps it: 2026-11-29T01:00:00Z."""
    return datetime.now(UTC).strftime(FORM)


def written(path: Path) -> str:
    """Return when a file was last written, as `now` says it."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).strftime(FORM)
