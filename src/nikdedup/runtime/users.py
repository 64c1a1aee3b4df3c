"""Who is at work, as the system calls them."""

from __future__ import annotations

import getpass


def user() -> str:
    """Return the name of the user at work."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a system without names of users
        return "somebody"
