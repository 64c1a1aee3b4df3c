"""Where records come from: databases, addresses, files; ids are text on every way."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy.dialects import mysql, oracle, postgresql

from nikdedup import InputError, dedupe
from nikdedup.nightly.arrow_source import _as_text
from nikdedup.nightly.job import Source
from nikdedup.nightly.sources import _frame, fetched, statement_of, table_of
from nikdedup.show.messages import untranslated

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


def through_adbc(database: str, **asked: str) -> Source:
    pytest.importorskip("adbc_driver_sqlite", reason="the extra `adbc` is not installed")
    return Source(database=database, through="adbc", **asked)


def test_adbc_gives_what_sqlalchemy_gives(database: str) -> None:
    source = through_adbc(database, table="biodata")
    assert table_of(source).equals(table_of(Source(database=database, table="biodata")))


def test_floats_through_adbc_are_refused_too(database: str) -> None:
    found = table_of(through_adbc(database, query="SELECT * FROM damaged"))
    with pytest.raises(InputError, match="holds floats, digits may be lost"):
        dedupe(found)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        pytest.param({"table": "no_such_table"}, "cannot be asked", id="no such table"),
        pytest.param({"query": "SELEC 1"}, "cannot be asked", id="no query"),
        pytest.param({"query": "SELECT * FROM biodata WHERE NIK = 1"}, "no records", id="nobody"),
        pytest.param({"query": "DROP TABLE biodata"}, "cannot be asked", id="not only read"),
    ],
)
def test_what_adbc_cannot_ask(database: str, asked: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message) as found:
        table_of(through_adbc(database, **asked))
    assert str(found.value).count("\n") == 0
    assert len(table_of(Source(database=database, table="biodata"))) == 2


def test_a_file_that_is_not_there_is_not_made_by_adbc(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be asked"):
        table_of(through_adbc(f"sqlite:///{tmp_path}/none.db", query="SELECT 1"))
    assert list(tmp_path.iterdir()) == []


def test_adbc_reads_two_kinds_of_databases() -> None:
    with pytest.raises(InputError, match="ADBC reads no such database; allowed: postgresql, sqlite"):
        table_of(Source(database="oracle://db.example", through="adbc", table="biodata"))


def test_decimals_dates_and_bytes_of_arrow_become_text() -> None:
    pa = pytest.importorskip("pyarrow")
    columns = {
        "nik": pa.array([Decimal(NIK), None], pa.decimal128(16)),
        "with_cents": pa.array([Decimal(f"{NIK}.00"), Decimal("1.50")], pa.decimal128(20, 2)),
        "kk": pa.array([int(NIK), None], pa.int64()),
        "born": pa.array([date(1960, 7, 1), None], pa.date32()),
        "at": pa.array([datetime(1960, 7, 1), datetime(1960, 7, 1, 2, 3)], pa.timestamp("us")),
        "raw": pa.array([b"SITI", None], pa.binary()),
        "share": pa.array([0.5, None], pa.float32()),
    }
    found = _as_text(pa.table(columns))
    assert found["nik"].to_list() == found["kk"].to_list() == [NIK, None]
    assert found["with_cents"].to_list() == [NIK, "1.5"]
    assert found["born"].to_list() == ["1960-07-01", None]
    assert found["at"].to_list() == ["1960-07-01", "1960-07-01 02:03:00"]
    assert found["raw"].to_list() == ["SITI", None]
    assert found["share"].dtype == pl.Float64


IN_THE_MIDDLE = "SELECT CASE WHEN n > {n} THEN abs(-9223372036854775807 - 1) ELSE n END AS NIK FROM numbers"
"""A query whose first rows come, and a later one is a fault of the database."""


@pytest.fixture
def numbers(tmp_path: Path) -> str:
    with closing(sqlite3.connect(tmp_path / "numbers.db")) as connection:
        connection.execute("CREATE TABLE numbers (n INTEGER)")
        connection.executemany("INSERT INTO numbers VALUES (?)", [(n,) for n in range(60_000)])
        connection.execute("CREATE TABLE mixed (NIK, NAMA)")
        rows = [(1, "SITI")] * 2_000 + [("62x", "BUDI")]
        connection.executemany("INSERT INTO mixed VALUES (?, ?)", rows)
        connection.execute("CREATE TABLE bytes (NIK, NAMA)")
        rows = [(b"\xff6212014107609001", "SITI"), (b"6212014107609001", "BUDI")]
        connection.executemany("INSERT INTO bytes VALUES (?, ?)", rows)
        connection.commit()
    return f"sqlite:///{tmp_path}/numbers.db"


@pytest.mark.parametrize("through", ["sqlalchemy", "adbc"])
def test_a_fault_in_the_middle_of_a_query_is_no_lost_connection(numbers: str, through: str) -> None:
    query = IN_THE_MIDDLE.format(n=55_000)
    source = (
        through_adbc(numbers, query=query) if through == "adbc" else Source(database=numbers, query=query)
    )
    with pytest.raises(InputError) as fault:
        table_of(source)
    assert "the database ended the query with a fault (" in str(fault.value)
    assert not untranslated(str(fault.value))


def test_a_column_of_several_kinds_is_told_where_adbc_cannot_read_it(numbers: str) -> None:
    with pytest.raises(InputError, match="holds values of several kinds, which ADBC does not read"):
        table_of(through_adbc(numbers, table="mixed"))
    assert table_of(Source(database=numbers, table="mixed"))["NIK"][-1] == "62x"


def test_bytes_that_are_no_text_are_seen(numbers: str) -> None:
    found = table_of(through_adbc(numbers, table="bytes"))
    assert found.equals(table_of(Source(database=numbers, table="bytes")))
    assert found["NIK"].to_list() == ["\ufffd6212014107609001", "6212014107609001"]
    flags = dedupe(found).residents["flags"][0].to_list()
    assert any(code.startswith("nik_") for code in flags)


def test_bytes_of_arrow_that_are_no_text_are_seen() -> None:
    import pyarrow as pa

    found = _as_text(pa.table({"NAMA": pa.array([b"SITI", b"BU\xffDI", None], pa.binary())}))
    assert found["NAMA"].to_list() == ["SITI", "BU\ufffdDI", None]
