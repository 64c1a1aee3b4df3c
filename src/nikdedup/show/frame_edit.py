"""A frame with some cells changed: of the kind it came in, its columns of the types they had where that can be."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from nikdedup.columnar.calendar import as_dates
from nikdedup.residents.dates import parse_dates

Changes = Mapping[int, tuple[pl.Series, pl.Series]]
"""Position of a column -> rows (of those kept) and their new texts."""

_ANY_DAY = date(2100, 1, 1)


def in_type(texts: pl.Series, dtype: pl.DataType) -> pl.Series | None:
    """Return new texts in the type of their column; None where a text has no value of that type.

    >>> in_type(pl.Series(["01-07-1960"]), pl.Date()).to_list()
    [datetime.date(1960, 7, 1)]
    """
    if dtype == pl.String:
        return texts
    if dtype in (pl.Date, pl.Datetime):
        values = as_dates(parse_dates(texts, reference_date=_ANY_DAY).days).cast(dtype)
    elif dtype.is_integer():
        values = texts.cast(dtype, strict=False)
    else:
        return None
    return values if values.null_count() == texts.null_count() else None


def edited(frame: pl.DataFrame, changes: Changes, texts: pl.DataFrame) -> pl.DataFrame:
    """Return a frame with changes put in. texts: the same cells as texts, for columns whose type cannot hold them."""
    columns = []
    for place, name in enumerate(frame.columns):
        column = frame[name]
        if place in changes:
            rows, new = changes[place]
            values = in_type(new, column.dtype)
            column = (
                texts[texts.columns[place]].alias(name) if values is None else column.scatter(rows, values)
            )
        columns.append(column)
    return pl.DataFrame(columns)


def edited_alike(data: Any, kept: pl.Series, changes: Changes, clean: pl.DataFrame) -> Any:
    """Return the frame a caller gave with changes put in, of the same kind.

    Args:
        data: pandas, polars, pyarrow or anything else that was read as a frame.
        kept: 0-based rows of records.
        changes: the changes to put in.
        clean: those rows as `edited` gives them, which is what is returned for a kind that cannot be made
            again.
    """
    pandas, pyarrow = sys.modules.get("pandas"), sys.modules.get("pyarrow")
    if isinstance(data, pl.LazyFrame):
        return clean.lazy()
    if pandas is not None and isinstance(data, pandas.DataFrame):
        return _pandas(data, kept, changes)
    if pyarrow is not None and isinstance(data, pyarrow.Table):
        table = data.take(pyarrow.array(kept.to_list()))
        for place in changes:
            name = data.column_names[place]
            column = clean[clean.columns[place]].to_arrow()
            kind = data.schema.field(place).type
            texts = pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind)
            alike = texts or not pyarrow.types.is_large_string(column.type)
            table = table.set_column(place, name, column.cast(kind) if alike else column)
        return table
    return clean


def _pandas(data: Any, kept: pl.Series, changes: Changes) -> Any:
    """Return rows of a pandas frame with changes; a column that cannot hold a text becomes one of objects."""
    import pandas as pd

    frame = data.iloc[kept.to_list()].copy()
    shift = 0 if data.index.names == [None] else data.index.nlevels
    for place, (rows, new) in changes.items():
        if place < shift:
            continue
        column = frame.iloc[:, place - shift].copy()
        values: Any = new.to_list()
        if pd.api.types.is_datetime64_any_dtype(column.dtype):
            days = in_type(new, pl.Date())
            values = None if days is None else pd.to_datetime(days.to_list()).tz_localize(column.dt.tz)
        elif pd.api.types.is_integer_dtype(column.dtype):
            whole = in_type(new, pl.Int64())
            values = None if whole is None else whole.to_list()
        elif not (pd.api.types.is_object_dtype(column.dtype) or pd.api.types.is_string_dtype(column.dtype)):
            values = None
        if values is None:
            column, values = column.astype(object), new.to_list()
        column.iloc[rows.to_list()] = values
        frame.isetitem(place - shift, column)
    return frame
