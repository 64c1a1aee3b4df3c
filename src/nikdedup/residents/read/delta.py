"""Delta tables: the files that the log names as they stand now, with their partition columns, read part by part."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote

from nikdedup.errors import InputError
from nikdedup.residents.read.partfile import PartFile
from nikdedup.runtime.extras import needed

LOG = "_delta_log"
_MAPPING = "delta.columnMapping.mode"


def is_delta(folder: Path) -> bool:
    """Say whether a folder is a Delta table: it has a log."""
    return (folder / LOG).is_dir()


def delta_files(folder: Path) -> list[PartFile]:
    """Return the files of the newest version of a Delta table, by their names.

    Args:
        folder: a folder with a log.

    Raises:
        InputError: for a log that cannot be read, names no file or one that is not there, or for a table of which the
            files alone do not tell what is in it.
        ConfigError: where the library is missing.
    """
    with needed("a Delta table"):
        from deltalake import DeltaTable
        from deltalake.exceptions import DeltaError
    try:
        table = DeltaTable(str(folder))
        _check_features(folder, table)
        actions = _rows(table.get_add_actions(flatten=True))
        columns = tuple(field.name for field in table.schema().fields)
        parted = list(table.metadata().partition_columns)
    except (DeltaError, OSError, ValueError) as fault:
        raise InputError(
            f"{folder.name}: the log of the Delta table cannot be read ({type(fault).__name__})"
        ) from None
    if not actions:
        raise InputError(f"{folder.name}: a Delta table without data")
    found = []
    for action in sorted(actions, key=lambda one: one["path"]):
        inside = unquote(action["path"])
        path = folder / inside
        if not path.is_file():
            raise InputError(f"{folder.name}: the log of the Delta table names a file that is not there")
        keys = tuple((name, _text(action.get(f"partition.{name}"))) for name in parted)
        found.append(PartFile.of(path, inside=inside, keys=keys, columns=columns, own=False))
    return found


def _check_features(folder: Path, table: Any) -> None:
    """Refuse a table of which the files alone do not tell what is in it: deleted rows, columns under other names."""
    if len(_rows(table.deletion_vectors())):
        raise InputError(
            f"{folder.name}: the Delta table marks rows as deleted (deletion vectors); rewrite it first"
        )
    if table.metadata().configuration.get(_MAPPING, "none") != "none":
        raise InputError(f"{folder.name}: the Delta table renames columns (column mapping); rewrite it first")


def _rows(found: Any) -> list[dict[str, Any]]:
    import pyarrow as pa

    return list(pa.table(found).to_pylist())


def _text(value: object) -> str | None:
    return None if value is None else str(value)
