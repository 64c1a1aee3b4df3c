"""Parquet files and frames of any library as a table: typed columns, read only as far as they are used."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import polars as pl

from nikdedup.config import Config
from nikdedup.errors import InputError
from nikdedup.residents.read.columns import listed_headers
from nikdedup.residents.read.guard import readable
from nikdedup.residents.read.partfile import PartFile, with_keys
from nikdedup.residents.read.tables import Table, plain
from nikdedup.runtime.files import read_file

_ALLOWED = (
    "allowed: a path, a frame (pandas, polars, pyarrow, anything with __arrow_c_stream__), or a list of these"
)


def read_parquet(path: Path, digest: str) -> Table:
    """Return the table of one Parquet file, nothing read but its schema.

    Args:
        path: the file.
        digest: SHA-256 of the file.

    Raises:
        InputError: if it is none.
    """
    with readable(path.name, "not a Parquet file, or cut off; copy or export it again"):
        source = (
            str(path) if plain(str(path)) == str(path) else io.BytesIO(read_file(path))
        )  # a name polars cannot take
        frame = pl.scan_parquet(source, glob=False, hive_partitioning=False)
        frame, columns = with_keys(frame, path)
    part = path if isinstance(path, PartFile) else PartFile.of(path)
    if part.frame:  # known by its values, as any frame
        return Table(None, None, columns, columns, frame)
    name = part.inside or path.name
    keys = tuple(key for key, _ in part.keys)
    return Table(name, None, columns, columns, frame, digest=digest, path=path, keys=keys)


def same_columns(tables: list[Table], config: Config) -> None:
    """Raise InputError where two Parquet parts of one input differ in their columns, naming both."""
    for table in tables[1:]:
        differ = sorted(set(table.headers) ^ set(tables[0].headers))
        if differ:
            shown = listed_headers(differ, config)
            raise InputError(
                f"{tables[0].file} and {table.file}: parts of one extract with different columns: {shown}; "
                "give them as separate inputs, or export them alike"
            )


def read_frame(frame: Any) -> Table:
    """Return the table of a frame in memory: pandas, polars, pyarrow, anything with `__arrow_c_stream__`."""
    pandas, pyarrow = sys.modules.get("pandas"), sys.modules.get("pyarrow")
    if isinstance(frame, pl.LazyFrame):
        return _from_lazy(frame)
    if pandas is not None and isinstance(frame, pandas.DataFrame):
        return _from_pandas(frame)
    if pyarrow is not None and isinstance(frame, pyarrow.Table):
        places = [str(i) for i in range(frame.num_columns)]
        table = pl.DataFrame(frame.rename_columns(places))
        return Table(None, None, list(frame.column_names), places, table.lazy())
    if not isinstance(frame, pl.DataFrame):
        frame = _from_capsule(frame)
    return Table(None, None, frame.columns, frame.columns, frame.lazy())


def _from_lazy(frame: pl.LazyFrame) -> Table:
    try:
        columns = frame.collect_schema().names()
    except (pl.exceptions.PolarsError, OSError) as fault:
        raise InputError(f"frame: the LazyFrame cannot be read ({type(fault).__name__})") from None
    return Table(None, None, columns, columns, frame)


def _from_capsule(frame: Any) -> pl.DataFrame:
    if hasattr(frame, "__arrow_c_stream__") and not isinstance(frame, pl.Series):
        try:
            return pl.DataFrame(frame)
        except (pl.exceptions.PolarsError, TypeError, ValueError):
            pass
    raise InputError(f"data is {type(frame).__name__}, no frame; {_ALLOWED}")


def _from_pandas(frame: Any) -> Table:
    """Take each column over by Arrow; a named index is a column too. Columns may repeat a name.

    A column of mixed Python objects has each value rendered by itself, and is typed `mixed`,
    or `float` as soon as one of them is a float with digits to lose.
    """
    if frame.index.names != [None]:
        frame = frame.reset_index()
    columns, types = {}, {}
    for i in range(frame.shape[1]):
        column = frame.iloc[:, i]
        columns[str(i)], kind = _pandas_column(column)
        if kind:
            types[str(i)] = kind
    headers = [plain(str(name)) for name in frame.columns]
    return Table(None, None, headers, list(columns), pl.DataFrame(columns).lazy(), types=types)


def _pandas_column(column: Any) -> tuple[pl.Series, str | None]:
    import pyarrow as pa

    try:
        return pl.Series(pa.chunked_array([pa.Array.from_pandas(column)])), None
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, TypeError, UnicodeEncodeError):
        values = [None if _missing(value) else value for value in column.tolist()]
    floats = any(isinstance(value, float) for value in values)
    texts = pl.Series([_object_text(value) for value in values], dtype=pl.String)
    return texts, "float" if floats else "mixed"


def _missing(value: object) -> bool:
    """Say whether a Python object stands for no value: None, NaN, NaT, pandas.NA."""
    return value is None or type(value).__name__ in ("NAType", "NaTType") or value != value


def _object_text(value: Any) -> str | None:
    """Render one Python object as `as_text` renders columns."""
    if value is None or isinstance(value, str):
        return value if value is None else plain(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = plain(str(value))
    return text.removesuffix(" 00:00:00")
