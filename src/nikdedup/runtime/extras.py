"""Libraries that are no part of the plain install, and what is said where one is missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from nikdedup.errors import ConfigError

PARTS = {
    "adbc_driver_postgresql": "adbc",
    "adbc_driver_sqlite": "adbc",
    "alembic": "nightly",
    "deltalake": "delta",
    "fsspec": "cloud",
    "highspy": "outreach",
    "icalendar": "outreach",
    "openlineage": "lineage",
    "prometheus_client": "nightly",
    "psycopg": "postgresql",
    "recordlinkage": "recordlinkage",
    "s3fs": "cloud",
    "sqlalchemy": "nightly",
}
"""Library -> the part of the install that brings it, or is about it."""


def lacks(library: str) -> str:
    """Say that a library is needed and how to get it; a part of the install is one of the clone, as all installs are.

    >>> lacks("psycopg"), lacks("gcsfs").rpartition("; ")[2]
    ('needs psycopg, which is not installed; run: pip install ".[postgresql]"', 'run: pip install gcsfs')
    """
    how = f'".[{PARTS[library]}]"' if library in PARTS else library
    return f"needs {library}, which is not installed; run: pip install {how}"


def missing(*libraries: str) -> str | None:
    """Say of the first of these libraries that is not there what `lacks` says; None where all are."""
    return next((lacks(library) for library in libraries if find_spec(library) is None), None)


@contextmanager
def needed(what: str) -> Iterator[None]:
    """Turn a library that is missing inside into one line that says how to get it. what: is done with it."""
    try:
        yield
    except ModuleNotFoundError as fault:
        library = (fault.name or "").partition(".")[0]
        if library == "nikdedup":
            raise
        raise ConfigError(f"{what} {lacks(library)}") from None
