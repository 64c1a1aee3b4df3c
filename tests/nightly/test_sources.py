"""Where records come from: databases, addresses, files; ids are text on every way."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy.dialects import mysql, oracle, postgresql

from nikdedup import InputError, dedupe
from nikdedup.nightly.job import Source
from nikdedup.nightly.sources import _frame, fetched, statement_of, table_of

NIK = "6212014107609001"


@pytest.fixture
def database(tmp_path: Path) -> str:
    path = tmp_path / "siak.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(
            "CREATE TABLE biodata (NIK INTEGER, NO_KK TEXT, NAMA_LGKP TEXT, TGL_LHR TEXT);"
            f"INSERT INTO biodata VALUES ({NIK}, '6212010101109001', 'SITI AMINAH', '01-07-1960');"
            f"INSERT INTO biodata VALUES ({NIK}, NULL, 'SITI AMINAH', '01-07-1960');"
            "CREATE TABLE damaged (NIK REAL, NAMA_LGKP TEXT);"
            f"INSERT INTO damaged VALUES ({NIK}, 'SITI AMINAH');"
        )
    connection.close()
    return f"sqlite:///{path}"


def test_whole_numbers_become_their_digits(database: str) -> None:
    found = table_of(Source(database=database, table="biodata"))
    assert found["NIK"].to_list() == [NIK, NIK]
    assert found.schema["NO_KK"] == pl.String
    assert dedupe(found).residents["nik"].to_list() == [NIK, NIK]


def test_floats_are_refused_as_in_a_file(database: str) -> None:
    found = table_of(Source(database=database, query="SELECT * FROM damaged"))
    with pytest.raises(InputError, match="holds floats, digits may be lost"):
        dedupe(found)


def test_a_column_of_whole_numbers_and_floats_is_one_of_floats() -> None:
    """As Oracle gives a BINARY_DOUBLE, or SQLite what has no fixed type."""
    assert _frame(["NIK"], [(int(NIK),), (float(NIK),)]).schema["NIK"] == pl.Float64
    assert _frame(["NIK"], [(Decimal(NIK),), (Decimal("6.212014107609001E15"),)])["NIK"].to_list() == [
        NIK,
        NIK,
    ]


@pytest.mark.parametrize(
    ("dialect", "wanted"),
    [
        (postgresql.dialect(), 'SELECT * FROM siak."BIODATA_WNI"'),
        (mysql.dialect(), "SELECT * FROM siak.`BIODATA_WNI`"),
        (oracle.dialect(), 'SELECT * FROM siak."BIODATA_WNI"'),
    ],
    ids=["postgresql", "mysql", "oracle"],
)
def test_a_table_in_the_words_of_each_database(dialect: object, wanted: str) -> None:
    statement = statement_of(Source(database="x://h", table="siak.BIODATA_WNI"))
    said = " ".join(str(statement.compile(dialect=dialect)).split())  # type: ignore[attr-defined]
    assert said.replace("`BIODATA_WNI`", "`BIODATA_WNI`") == wanted


@pytest.mark.parametrize("dialect", [postgresql.dialect(), mysql.dialect(), oracle.dialect()])
def test_a_query_stays_as_it_is(dialect: object) -> None:
    asked = "SELECT nik, to_char(tgl_lhr, 'HH24:MI:SS') FROM biodata WHERE nama LIKE '%A:B%'"
    said = statement_of(Source(database="x://h", query=asked)).compile(dialect=dialect)  # type: ignore[attr-defined]
    assert str(said).replace("%%", "%") == asked
    assert not said.params


def test_an_address_is_fetched(small_extract: Path) -> None:
    import fsspec

    with fsspec.open("memory://siak/small.parquet", "wb") as file:
        file.write(small_extract.read_bytes())
    with fetched([Source(address="memory://siak/*.parquet"), Source(path=str(small_extract))]) as data:
        found = dedupe(data)
        assert [source.file for source in found.record.input.sources] == ["small.parquet", "small.parquet"]
        place = Path(data[0])
    assert not place.exists()


@pytest.mark.parametrize("address", ["memory://siak/none.parquet", "memory://nowhere/*.csv"])
def test_an_address_with_nothing_at_it(address: str) -> None:
    with pytest.raises(InputError, match="memory://"), fetched([Source(address=address)]):
        pass


def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be asked"):
        table_of(Source(database=f"sqlite:///{tmp_path}/no/such.db", query="SELECT 1"))
