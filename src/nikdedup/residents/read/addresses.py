"""Files that lie elsewhere: addresses of fsspec (s3://, gs://, https://, …), copied here piece by piece."""

from __future__ import annotations

import re
import shutil
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import Any

from nikdedup.errors import ConfigError, InputError, NikdedupError
from nikdedup.runtime.extras import lacks, needed

FILE_SYSTEMS = {
    "s3": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "abfs": "adlfs",
    "az": "adlfs",
    "sftp": "paramiko",
}
"""Kind of an address -> the library that fsspec needs for it."""
PIECE = 1 << 20
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://")
_REFUSED = re.compile(r"Credential|Permission|Forbidden|Auth|AccessDenied|SignatureDoesNotMatch")


def is_address(text: str) -> bool:
    """Say whether a text is an address, not a path.

    >>> is_address("s3://kantor/juni.csv"), is_address("juni.csv"), is_address("C:/juni.csv")
    (True, False, False)
    """
    return bool(_ADDRESS.match(text))


def kind_of(address: str) -> str:
    """Return the kind of an address: s3, gs, memory.

    Args:
        address: as fsspec takes it.
    """
    return address.partition("://")[0]


def shown(address: str) -> str:
    """Return an address as messages show it: its kind and the last name in it, without a password.

    >>> shown("s3://kantor/juni.csv?versionId=1"), shown("sftp://tari:rahasia@kantor.example")
    ('s3://…/juni.csv', 'sftp://…/kantor.example')

    Args:
        address: as fsspec takes it.
    """
    place, _, inside = address.partition("?")[0].partition("://")[2].partition("/")
    return f"{kind_of(address)}://…/{PurePosixPath(inside).name or place.rpartition('@')[2]}"


def copied(address: str, folder: Path) -> Path:
    """Copy what an address names, and return the file, or the folder of several under the name that it has there.

    Args:
        address: of a file, a glob, or a folder, whose sub-folders come along.
        folder: to be made; readable by its owner only.

    Raises:
        InputError: where it is not there, or cannot be read.
        ConfigError: where a library is missing.
    """
    with needed(f"the address {kind_of(address)}"):
        import fsspec
    folder.mkdir(mode=0o700)
    try:
        with needed(f"the address {kind_of(address)}"):
            files, root = fsspec.core.url_to_fs(address)
        names = _names(files, root)
        if any(".." in PurePosixPath(inside).parts for inside in names.values()):
            raise InputError(f"{shown(address)}: holds a name with '..' in its path; take it out")
        if len(set(names.values())) < len(names):
            raise InputError(
                f"{shown(address)}: means files of one name in several folders; give each by itself"
            )
        home = folder / _home(root, kind_of(address))
        for name, inside in names.items():
            target = home / inside
            target.parent.mkdir(parents=True, exist_ok=True)
            with files.open(name, "rb") as source, target.open("xb") as here:
                shutil.copyfileobj(source, here, PIECE)
    except NikdedupError:
        raise
    except Exception as fault:  # what a store raises is its own affair, and may quote a key
        raise _fault(address, fault) from None
    if not names:
        raise InputError(f"{shown(address)}: no such file")
    alone = list(names.values()) == [PurePosixPath(root).name]
    return home / PurePosixPath(root).name if alone else home


def _home(root: str, kind: str) -> str:
    """Return what messages call the folder of the files that a place in a store means.

    >>> _home("kantor/juni", "s3"), _home("kantor/juni/*/a-?.csv", "s3"), _home("*.csv", "memory")
    ('juni', 'juni', 'memory')
    """
    sure = takewhile(lambda part: not set("*?[") & set(part), PurePosixPath(root).parts)
    return ([*sure] or [""])[-1].strip("/") or kind


def _names(files: Any, root: str) -> dict[str, str]:
    """Return name in the store -> place in the folder it is copied to."""
    if "*" in root or "?" in root or "[" in root:
        return {str(name): PurePosixPath(name).name for name in sorted(files.glob(root))}
    if files.isdir(root):
        within = root.strip("/")
        found = sorted(files.find(root))
        return {str(name): str(PurePosixPath(name.strip("/")).relative_to(within)) for name in found}
    return {root: PurePosixPath(root).name} if files.exists(root) else {}


def _fault(address: str, fault: Exception) -> NikdedupError:
    """Return what is said of a store's own fault, which may quote a key."""
    kind, name = kind_of(address), type(fault).__name__
    if isinstance(fault, ImportError) and kind in FILE_SYSTEMS:
        return ConfigError(f"the address {kind} {lacks(FILE_SYSTEMS[kind])}")
    if isinstance(fault, ValueError) and "rotocol" in str(fault):
        return InputError(
            f"{shown(address)}: no such kind of address; allowed: s3, gs, az, https and others of fsspec"
        )
    if _REFUSED.search(name) or _REFUSED.search(str(getattr(fault, "response", ""))):
        return InputError(
            f"{shown(address)}: not allowed, or no credentials ({name}); give them as the store asks, for s3 in "
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        )
    return InputError(f"{shown(address)}: cannot be read ({name})")
