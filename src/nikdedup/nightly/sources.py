"""What a job's sources hold: files as they lie, files fetched from an address, tables of a database.

Ids are text from the first moment: whole numbers and decimals of a database become their digits, never a float. A
column that a database keeps as floats stays one, and is refused where it is a NIK, as it is in a file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import polars as pl

from nikdedup.errors import InputError
from nikdedup.nightly.arrow_source import arrow_table, ended, lost
from nikdedup.nightly.job import Source
from nikdedup.nightly.ledger import without_password
from nikdedup.nightly.secret import with_password
from nikdedup.residents.read import copied
from nikdedup.runtime.extras import needed

if TYPE_CHECKING:
    from sqlalchemy import Executable

FETCHED = 50_000
"""Rows asked of a database at once."""


@contextmanager
def fetched(sources: Sequence[Source]) -> Iterator[list[Any]]:
    """Give what `dedupe` takes for each source: a path, or a frame; what was fetched goes at the end."""
    with TemporaryDirectory(prefix="nikdedup-", ignore_cleanup_errors=True) as folder:
        found: list[Any] = []
        for number, source in enumerate(sources):
            if source.path is not None:
                found.append(source.path)
            elif source.address is not None:
                found.append(str(copied(source.address, Path(folder) / str(number))))
            else:
                found.append(table_of(source))
        yield found


def table_of(source: Source) -> pl.DataFrame:
    """Return the rows that a database has for a source: text in every column, but for floats.

    InputError where it cannot be asked so, RunError where it is gone in the middle.
    """
    if source.through == "adbc":
        return arrow_table(source)
    with needed("a database"):
        from sqlalchemy import create_engine
        from sqlalchemy.exc import DBAPIError, SQLAlchemyError
        from sqlalchemy.pool import NullPool

        name = without_password(source.database or "")
        address = with_password(source.database or "", source.password.secret if source.password else None)
        engine = create_engine(address, poolclass=NullPool, hide_parameters=True)
    begun = False
    parts: list[pl.DataFrame] = []
    try:
        with (
            engine.connect().execution_options(stream_results=True, yield_per=FETCHED) as connection,
            connection.execute(statement_of(source)) as rows,
        ):
            columns, begun = list(rows.keys()), True
            for some in rows.partitions(FETCHED):
                parts.append(_frame(columns, [tuple(row) for row in some]))
    except DBAPIError as fault:
        if begun:
            told = lost(name) if fault.connection_invalidated else ended(name, type(fault.orig).__name__)
            raise told from None
        raise InputError(f"{name}: cannot be asked ({type(fault.orig).__name__})") from None
    except SQLAlchemyError as fault:
        raise InputError(f"{name}: cannot be asked ({type(fault).__name__})") from None
    if not parts:
        raise InputError(f"{name}: no records")
    return _together(parts)


def statement_of(source: Source) -> Executable:
    """Return what a database is asked for a source."""
    from sqlalchemy import column, select, table, text

    if source.query is not None:
        return text(source.query.replace(":", r"\:"))  # a colon of an office's query is no parameter of ours
    schema, _, name = (source.table or "").rpartition(".")
    return select(text("*")).select_from(table(name, column("*"), schema=schema or None))


def _frame(columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> pl.DataFrame:
    found = []
    for name, values in zip(columns, zip(*rows, strict=True), strict=True):
        if any(isinstance(value, float) for value in values):
            found.append(pl.Series(name, [None if one is None else float(one) for one in values], pl.Float64))
        else:
            found.append(pl.Series(name, [_text(value) for value in values], pl.String))
    return pl.DataFrame(found)


def _text(value: Any) -> str | None:
    """Return a value as text: a whole number or decimal by its digits, a date as yyyy-mm-dd.

    >>> from decimal import Decimal
    >>> _text(Decimal("6.212014107609001E+15")), _text(Decimal("6212014107609001.00")), _text(None)
    ('6212014107609001', '6212014107609001', None)
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        digits = format(value, "f")
        return digits.rstrip("0").rstrip(".") if "." in digits else digits
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds").removesuffix(" 00:00:00")
    if isinstance(value, date):
        return value.isoformat()
    return bytes(value).decode("utf-8", "replace") if isinstance(value, bytes | memoryview) else str(value)


def _together(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Put parts under each other; a column of which any part is float is one."""
    floats = {name for part in parts for name, kind in part.schema.items() if kind == pl.Float64}
    return pl.concat(
        [
            part.with_columns(pl.col(name).cast(pl.Float64, strict=False) for name in sorted(floats))
            for part in parts
        ]
    )
