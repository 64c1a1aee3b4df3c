"""What a database has for a source, read column by column through ADBC: PostgreSQL and SQLite, without rows between.

Ids are text as on every way: whole numbers and decimals become their digits, and floats stay floats, to be refused.
"""

from __future__ import annotations

import importlib
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import polars as pl

from nikdedup.errors import InputError, NikdedupError, RunError
from nikdedup.nightly.job import Source
from nikdedup.nightly.ledger import without_password
from nikdedup.nightly.secret import with_password
from nikdedup.runtime.extras import needed

if TYPE_CHECKING:
    import pyarrow as pa

_LOST = re.compile(r"connection|server closed|terminat|\bEOF\b", re.IGNORECASE)
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
    except (dbapi.Error, OSError) as fault:  # what a stream of Arrow says comes as an OSError
        raise _fault(name, fault, begun=begun) from None
    if not len(found):
        raise InputError(f"{name}: no records")
    return _as_text(found)


def _fault(name: str, fault: Exception, *, begun: bool) -> NikdedupError:
    """Return what is told of a driver's fault, which may quote a cell. begun: the answer was coming in."""
    if not begun:
        return InputError(f"{name}: cannot be asked ({type(fault).__name__})")
    if "mismatch" in str(fault):
        return InputError(
            f"{name}: a column holds values of several kinds, which ADBC does not read; leave `through` out"
        )
    state = getattr(fault, "sqlstate", None)
    if (state or "08").startswith(("08", "57P")) and _LOST.search(str(fault)):
        return lost(name)
    return ended(name, f"SQLSTATE {state}" if state else type(fault).__name__)


def lost(name: str) -> RunError:
    """Return the error for a database that is gone in the middle of an answer."""
    return RunError(f"{name}: the connection was lost in the middle of the query; nothing was published")


def ended(name: str, why: str) -> InputError:
    """Return the error for a query that a database could not answer to its end, as for a division by zero."""
    return InputError(
        f"{name}: the database ended the query with a fault ({why}); mend the query or its data"
    )


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
        return column.map_batches(_decoded, return_dtype=pl.String)
    return column.cast(pl.String)


def _decoded(column: pl.Series) -> pl.Series:
    """Return bytes as text; what is no UTF-8 gets a sign in its place that no name or number has, and so a flag."""
    texts = [None if one is None else one.decode("utf-8", "replace") for one in column.to_list()]
    return pl.Series(column.name, texts, pl.String)
