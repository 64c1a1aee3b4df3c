"""Folders of Parquet files parted by the values of columns (kec=Murung/tahun=2026/), as Hive and Spark write them."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

from nikdedup.errors import InputError
from nikdedup.residents.read.partfile import Keys, PartFile

NULL = "__HIVE_DEFAULT_PARTITION__"
PARQUETS = (".parquet", ".pq")


def partition_files(folder: Path) -> list[PartFile]:
    """Return the files of a folder that is parted by values, by their place in it; none where it is no such folder.

    What begins with "." or "_" is no data, as everywhere in such folders.

    Args:
        folder: a folder.

    Raises:
        InputError: for a folder or file among them that is no part, or parts of different columns.
    """
    if not any(_is_part(inner.name) for inner in folder.iterdir() if inner.is_dir()):
        return []
    found: list[PartFile] = []
    for path in sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).parts):
        inside = path.relative_to(folder)
        if path.is_dir() or any(part.startswith((".", "_")) for part in inside.parts):
            continue
        if len(inside.parts) == 1:
            raise InputError(f"{folder.name}: files beside partition folders; name the one or the other")
        if not all(map(_is_part, inside.parts[:-1])):
            raise InputError(
                f"{folder.name}: a folder among the partition folders has no name=value; take it out"
            )
        if path.suffix.lower() not in PARQUETS:
            raise InputError(
                f"{folder.name}: {path.name} is no Parquet file; partition folders hold Parquet alone"
            )
        found.append(PartFile.of(path, inside=inside.as_posix(), keys=_keys(folder, inside)))
    if not found:
        raise InputError(f"{folder.name}: partition folders without a file")
    if len({tuple(name for name, _ in one.keys) for one in found}) > 1:
        raise InputError(
            f"{folder.name}: partition folders of different columns; give them as separate inputs"
        )
    return found


def _is_part(name: str) -> bool:
    head, sign, _ = name.partition("=")
    return bool(head and sign) and not name.startswith((".", "_"))


def _keys(folder: Path, inside: Path) -> Keys:
    """Return the partition columns that the folders of a file tell, with their values as text."""
    keys = []
    for part in inside.parts[:-1]:
        name, _, value = part.partition("=")
        keys.append((unquote(name), None if value == NULL else unquote(value)))
    if len({name for name, _ in keys}) < len(keys):
        raise InputError(
            f"{folder.name}: a column is parted by twice in one path; give the folders as they came"
        )
    return tuple(keys)
