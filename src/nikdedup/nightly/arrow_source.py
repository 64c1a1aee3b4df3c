"""What a database has for a source, read column by column through ADBC: PostgreSQL and SQLite, without rows between.

Ids are text as on every way: whole numbers and decimals become their digits, and floats stay floats, to be refused.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import polars as pl

from nikdedup.errors import InputError, RunError
from nikdedup.nightly.job import Source
from nikdedup.nightly.ledger import without_password
from nikdedup.nightly.secret import with_password
from nikdedup.runtime.extras import needed

if TYPE_CHECKING:
    import pyarrow as pa

DRIVERS = {"postgresql": "adbc_driver_postgresql", "sqlite": "adbc_driver_sqlite"}
"""Kind of an address -> the driver that reads it."""


def driver_of(address: str) -> str | None:
    """Return the driver for the address of a database, None where there is none.

    >>> driver_of("postgresql://nightly@db.example/siak"), driver_of("oracle://db.example")
    ('adbc_driver_postgresql', None)
    """
    return DRIVERS.get(address.partition("://")[0].partition("+")[0])


def arrow_table(source: Source) -> pl.DataFrame:
    """Return the rows that a database has for a source: text in every column, but for floats.

    InputError where it cannot be asked so, RunError where it is gone in the middle.
    """
    address, name = source.database or "", without_password(source.database or "")
    driver = driver_of(address)
    if driver is None:
        raise InputError(f"{name}: ADBC reads no such database; allowed: {', '.join(sorted(DRIVERS))}")
    with needed("ADBC"):
        dbapi = importlib.import_module(f"{driver}.dbapi")
    place = _place(with_password(address, source.password.secret if source.password else None))
    begun = False
    try:
        with dbapi.connect(place) as connection, connection.cursor() as cursor:
            cursor.execute(_asked(source))
            begun = True
            found: pa.Table = cursor.fetch_arrow_table()
    except dbapi.Error as fault:
        if begun:
            raise RunError(
                f"{name}: the connection was lost in the middle of the query; nothing was published"
            ) from None
        raise InputError(f"{name}: cannot be asked ({type(fault).__name__})") from None
    if not len(found):
        raise InputError(f"{name}: no records")
    return _as_text(found)


def _place(address: str) -> str:
    """Return an address as the drivers take it: without SQLAlchemy's own part, and a file only to be read."""
    kind, _, rest = address.partition("://")
    if kind.partition("+")[0] == "sqlite":
        return f"file:{quote(rest.removeprefix('/'))}?mode=ro"
    return f"postgresql://{rest}"


def _asked(source: Source) -> str:
    if source.query is not None:
        return source.query
    parts = (source.table or "").split(".")
    return "SELECT * FROM " + ".".join('"{}"'.format(part.replace('"', '""')) for part in parts)


def _as_text(table: pa.Table) -> pl.DataFrame:
    import pyarrow as pa

    plain = [
        column.cast(column.type.storage_type) if isinstance(column.type, pa.BaseExtensionType) else column
        for column in table.columns
    ]
    found: Any = pl.from_arrow(pa.table(plain, names=table.column_names))
    kinds = found.schema.items()
    made: pl.DataFrame = found.select(
        _text(name, kind, _is_number(table.field(name).type)) for name, kind in kinds
    )
    return made


def _is_number(kind: Any) -> bool:
    """Tell whether a column of text is PostgreSQL's NUMERIC, which Arrow has no type for."""
    return getattr(kind, "type_name", None) == "numeric"


def _text(name: str, kind: pl.DataType, number: bool) -> pl.Expr:
    """Return a column as text: numbers by their digits, dates as yyyy-mm-dd; floats stay."""
    column = pl.col(name)
    if kind.is_float():
        return column.cast(pl.Float64)
    if isinstance(kind, pl.Decimal) or number:
        return column.cast(pl.String).str.replace(r"(\.\d*?)0+$", "${1}").str.strip_suffix(".")
    if isinstance(kind, pl.Datetime):
        return column.dt.strftime("%Y-%m-%d %H:%M:%S").str.strip_suffix(" 00:00:00")
    if isinstance(kind, pl.Binary):
        return column.cast(pl.String, strict=False)
    return column.cast(pl.String)
