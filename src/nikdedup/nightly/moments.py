"""When something happened and who did it: the only place where a night looks at the clock."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime


def now() -> str:
    """Return the time in UTC, to the second, as the ledger keeps it: 2026-11-29T01:00:00Z."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def user() -> str:
    """Return the name of the user at work."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a system without names of users
        return "somebody"
