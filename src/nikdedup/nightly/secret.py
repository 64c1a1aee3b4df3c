"""Passwords of databases: from the environment, or from a file that only its owner can read; never from a job file."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from nikdedup.errors import ConfigError
from nikdedup.runtime.files import read_file


@dataclass(frozen=True)
class Secret:
    """Where a password is: a variable of the environment, or a file; one of both."""

    env: str | None = None
    file: str | None = None

    def told(self) -> dict[str, str]:
        """Return where the password is, as state.json keeps it."""
        return {"env": self.env} if self.env is not None else {"file": str(Path(self.file or "").absolute())}

    def fault(self) -> str | None:
        """Say why the password cannot be had; None where it can."""
        if self.env is not None:
            return None if os.environ.get(self.env) else f"the variable {self.env} is not set"
        path = Path(self.file or "")
        try:
            mode = path.stat().st_mode
        except OSError as fault:
            return f"{path.name} cannot be read ({fault.strerror})"
        if os.name != "nt" and stat.S_IMODE(mode) & 0o077:
            return f"{path.name} may be read by others; allowed: by its owner only (chmod 600)"
        return None

    def value(self) -> str:
        """Return the password; ConfigError where it cannot be had."""
        if fault := self.fault():
            raise ConfigError(f"password: {fault}")
        if self.env is not None:
            return os.environ[self.env]
        try:
            return read_file(Path(self.file or "")).decode("utf-8").strip()
        except (OSError, UnicodeDecodeError) as fault:
            raise ConfigError(
                f"password: {Path(self.file or '').name} cannot be read ({type(fault).__name__})"
            ) from None


def with_password(address: str, secret: Secret | None) -> str:
    """Return the address of a database with its password.

    >>> import os; os.environ["LEDGER_PASSWORD"] = "a b"
    >>> with_password("postgresql+psycopg://nightly@db.example/ledger", Secret(env="LEDGER_PASSWORD"))
    'postgresql+psycopg://nightly:a%20b@db.example/ledger'
    """
    if secret is None:
        return address
    before, _, place = address.partition("@")
    return f"{before}:{quote(secret.value(), safe='')}@{place}"
