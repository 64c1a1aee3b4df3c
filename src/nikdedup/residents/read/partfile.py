"""A file that is a part of a table: what its folder, or the table's log, says of all its records goes along."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from nikdedup.config import Config
from nikdedup.errors import InputError
from nikdedup.residents.read.columns import shown_headers
from nikdedup.residents.read.guard import readable

if TYPE_CHECKING:
    _Path = Path
else:
    _Path = type(Path())

Keys = tuple[tuple[str, str | None], ...]
"""Name and value of each partition column; None where it is null."""


class PartFile(_Path):
    """A file of a table in parts, or one that was fetched.

    inside: where it lies in the folder of the table, empty for none. keys: partition columns with their values.
    columns: all columns of the table in its order, empty where the file tells. own: whether `clean` may write it in
    its own shape. frame: whether it was handed over as a stream, which has no name. holder: what must live as long as
    the file, as a folder that goes with it.
    """

    inside: str = ""
    keys: Keys = ()
    columns: tuple[str, ...] = ()
    own: bool = True
    frame: bool = False
    holder: Any = None

    @classmethod
    def of(
        cls,
        path: Path,
        *,
        inside: str = "",
        keys: Keys = (),
        columns: tuple[str, ...] = (),
        own: bool = True,
        frame: bool = False,
        holder: Any = None,
    ) -> PartFile:
        """Return a path with what is known of it."""
        made = cls(path)
        made.inside, made.keys, made.columns = inside, keys, columns
        made.own, made.frame, made.holder = own, frame, holder
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (str(self), self.inside, self.keys, self.columns, self.own, self.frame)


def _again(path: str, inside: str, keys: Keys, columns: tuple[str, ...], own: bool, frame: bool) -> PartFile:
    """Return a part in another process; who holds its folder stays where it is."""
    return PartFile.of(Path(path), inside=inside, keys=keys, columns=columns, own=own, frame=frame)


def with_keys(frame: pl.LazyFrame, path: Path) -> tuple[pl.LazyFrame, list[str]]:
    """Return the records of a part with its partition columns, and the names of all columns.

    What the file holds itself stays; a column that the table has and this file lacks is null.

    Args:
        frame: the file's own columns.
        path: the file; any other than a `PartFile` is as it is.
    """
    own = frame.collect_schema().names()
    if not isinstance(path, PartFile):
        return frame, own
    told = dict(path.keys)
    names = list(path.columns) or [*own, *(name for name in told if name not in own)]
    columns = [
        pl.col(name) if name in own else pl.lit(told.get(name), pl.String).alias(name) for name in names
    ]
    return frame.select(columns), names


def check_keys(path: Path, config: Config) -> None:
    """Raise InputError where a part holds a partition column itself, with another value than its folder has.

    Args:
        path: a Parquet file.
        config: settings of the run.
    """
    if not isinstance(path, PartFile) or not path.keys:
        return
    with readable(path.name):
        frame = pl.scan_parquet(str(path), glob=False, hive_partitioning=False)
        both = [(name, value) for name, value in path.keys if name in frame.collect_schema().names()]
        for name, value in both:
            held = pl.col(name).cast(pl.String)
            plain = held.str.strip_chars_start("0")
            same = held.is_null() if value is None else (held == value) | (plain == value.lstrip("0"))
            if not frame.select(same.fill_null(False).all()).collect().item():
                shown = shown_headers([name], config)[0]
                raise InputError(
                    f"{path.name}: column {shown!r} holds another value than the partition folder it lies in; "
                    "export it again"
                )
