"""Libraries that are no part of the plain install, and what is said where one is missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from nikdedup.errors import ConfigError

PARTS = {
    "adbc_driver_postgresql": "adbc",
    "adbc_driver_sqlite": "adbc",
    "alembic": "nightly",
    "deltalake": "delta",
    "fsspec": "cloud",
    "openlineage": "lineage",
    "prometheus_client": "nightly",
    "psycopg": "postgresql",
    "s3fs": "cloud",
    "sqlalchemy": "nightly",
}
"""Library -> the part of the install that brings it, or is about it."""


@contextmanager
def needed(what: str) -> Iterator[None]:
    """Turn a library that is missing inside into one line that says how to get it. what: is done with it."""
    try:
        yield
    except ModuleNotFoundError as fault:
        library = (fault.name or "").partition(".")[0]
        if library == "nikdedup":
            raise
        part = PARTS.get(library)
        how = f'"nikdedup[{part}]"' if part else library
        raise ConfigError(f"{what} needs {library}, which is not installed; run: pip install {how}") from None
