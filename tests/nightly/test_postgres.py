"""A real PostgreSQL: as a source, as the ledger, and gone in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import create_engine, text

from nikdedup import InputError, RunError
from nikdedup.nightly import LedgerBook, Store, audit, forget
from nikdedup.nightly.job import Password, Source
from nikdedup.nightly.ledger import Ledger
from nikdedup.nightly.one_night import Asked, night
from nikdedup.nightly.secret import Secret
from nikdedup.nightly.snapshot import known_records
from nikdedup.nightly.sources import table_of
from nikdedup.nightly.state import heads, reading, writing
from nikdedup.nightly.verdict_book import constraints_for
from tests.nightly import postgres
from tests.nightly.conftest import second_night
from tests.nightly.test_night import config_of, events, in_ledger, of_two_or_more, persons
from tests.nightly.test_verdict_book import NEW, OLD, answers, given_out, links

pytestmark = pytest.mark.skipif(postgres.missing() is not None, reason=str(postgres.missing()))
NIK = "6212014107609001"


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    with postgres.running() as server:
        yield server


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIAK_PASSWORD", postgres.SECRET)


def filled(server: postgres.Server, database: str) -> str:
    """Return the address of a database with three residents in it, whose ids are of three types."""
    address = server.make(database)
    engine = create_engine(server.address(database, password=True))
    with engine.begin() as connection:
        connection.execute(
            text(
                "CREATE TABLE biodata (nik NUMERIC(16), no_kk BIGINT, nama_lgkp TEXT, tgl_lhr DATE, jumlah FLOAT8);"
                f"INSERT INTO biodata VALUES ({NIK}, 6212010101109001, 'SITI AMINAH', '1960-07-01', 1.5),"
                f"({NIK}, 6212010101109001, 'SITI AMINAH', '1960-07-01', 2), (NULL, NULL, NULL, NULL, NULL)"
            )
        )
    engine.dispose()
    return address


def test_ids_are_text_whatever_their_type(server: postgres.Server) -> None:
    address = filled(server, "siak_types")
    password = Password(env="SIAK_PASSWORD")
    for asked in ({"query": "SELECT * FROM biodata ORDER BY nama_lgkp"}, {"table": "public.biodata"}):
        found = table_of(Source(database=address, password=password, **asked))
        assert found["nik"].to_list()[:2] == [NIK, NIK]
        assert found["no_kk"][0] == "6212010101109001"
        assert found["tgl_lhr"][0] == "1960-07-01"
        assert found["jumlah"].dtype == pl.Float64
        assert found["nik"][2] is None


def test_adbc_gives_what_sqlalchemy_gives(server: postgres.Server) -> None:
    pytest.importorskip("adbc_driver_postgresql", reason="the extra `adbc` is not installed")
    address = filled(server, "siak_adbc")
    plain = address.replace("+psycopg", "")
    password = Password(env="SIAK_PASSWORD")
    for asked in ({"query": "SELECT * FROM biodata ORDER BY nama_lgkp"}, {"table": "public.biodata"}):
        found = table_of(Source(database=plain, password=password, through="adbc", **asked))
        assert found.equals(table_of(Source(database=address, password=password, **asked)))
        assert found["nik"].to_list()[:2] == [NIK, NIK]
    wrong = Source(database=plain, password=password, through="adbc", query="SELECT * FROM no_such_table")
    with pytest.raises(InputError, match="cannot be asked") as fault:
        table_of(wrong)
    assert postgres.SECRET not in str(fault.value)


def test_a_database_that_goes_away_from_adbc_in_the_middle(server: postgres.Server) -> None:
    pytest.importorskip("adbc_driver_postgresql", reason="the extra `adbc` is not installed")
    address = filled(server, "siak_adbc_gone").replace("+psycopg", "")
    kill = "SELECT pg_terminate_backend(pg_backend_pid())"
    query = f"SELECT n, CASE WHEN n = 120000 THEN ({kill})::text END FROM generate_series(1, 200000) n"
    source = Source(database=address, password=Password(env="SIAK_PASSWORD"), through="adbc", query=query)
    with pytest.raises(RunError, match="the connection was lost in the middle of the query"):
        table_of(source)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({"query": "SELECT * FROM no_such_table"}, "cannot be asked"),
        ({"query": "SELECT * FROM biodata WHERE nik IS NULL AND nama_lgkp = 'x'"}, "no records"),
    ],
)
def test_what_cannot_be_asked(server: postgres.Server, source: dict[str, str], message: str) -> None:
    database = f"siak_{abs(hash(message)) % 10**6}"
    address = filled(server, database)
    with pytest.raises(InputError, match=message) as found:
        table_of(Source(database=address, password=Password(env="SIAK_PASSWORD"), **source))
    assert postgres.SECRET not in str(found.value)


def test_a_database_that_goes_away_in_the_middle(server: postgres.Server) -> None:
    address = filled(server, "siak_gone")
    kill = "SELECT pg_terminate_backend(pg_backend_pid())"
    query = f"SELECT n, CASE WHEN n = 120000 THEN ({kill})::text END FROM generate_series(1, 200000) n"
    with pytest.raises(RunError, match="the connection was lost in the middle of the query"):
        table_of(Source(database=address, password=Password(env="SIAK_PASSWORD"), query=query))


def test_nights_on_a_postgresql_ledger(server: postgres.Server, place: pl.DataFrame, folder: Path) -> None:
    address = server.make("ledger")
    secret = Secret(env="SIAK_PASSWORD")
    for residents in (place, second_night(place), place):
        with writing(folder, make=True, ledger=address, secret=secret) as store:
            night(store, residents.drop("n"), config=config_of(), asked=Asked("tester"))
    assert not (folder / "ledger.sqlite").exists()
    assert postgres.SECRET not in (folder / "state.json").read_text()
    with reading(folder) as store:
        assert persons(store, 1) == persons(store, 3)
        assert in_ledger(store)[0] == of_two_or_more(persons(store, 3))
        assert events(store, 2)
        with store.ledger.reading() as connection:
            assert audit.faults(connection, heads(store)) == []


def test_answers_of_villages_on_a_postgresql_ledger(
    server: postgres.Server, place: pl.DataFrame, folder: Path
) -> None:
    address, secret = server.make("ledger_of_answers"), Secret(env="SIAK_PASSWORD")
    with writing(folder, make=True, ledger=address, secret=secret) as store:
        night(store, place.drop("n"), config=config_of(), asked=Asked("tester"))
        key = known_records(store, 1)["record_key"][0]
    kept = answers(
        {"record_key": key, "note": "akta\0 12"}, {"record_key": "gone"}, {"record_key": key, "at": NEW}
    )
    book = LedgerBook(folder)
    with book.holding():
        book.begin("run")
        book.keep(kept)
        book.give_out("0A1B2C3D", given_out(key, "gone"), "{}")
        book.keep_constraints(links(("6212014107609001", "6212014107609002", kept["entry"][1])))
        book.tell("verdicts", who="tari", at=OLD, files=1, keys=[key, "gone"])
    assert book.entries()["note"].to_list() == ["akta 12", None, None]
    assert book.entries().drop("note").equals(kept.drop("note"))
    with writing(folder) as store:
        assert forget(store, date(2026, 4, 1), who="tester").answers == 1
    assert book.entries()["entry"].to_list() == [kept["entry"][0], kept["entry"][2]]
    with reading(folder) as store:
        assert constraints_for(store) == folder / "verdicts" / "constraints.csv"
        with store.ledger.reading() as connection:
            assert audit.faults(connection, heads(store)) == []
    assert (folder / "verdicts" / "constraints.csv").read_text().count("\n") == 1


def test_a_ledger_serves_one_state(server: postgres.Server, folder: Path) -> None:
    address, secret = server.make("ledger_of_one"), Secret(env="SIAK_PASSWORD")
    with writing(folder, make=True, ledger=address, secret=secret):
        pass
    other = folder.parent / "other"
    with (
        pytest.raises(InputError, match="belongs to another state"),
        writing(other, make=True, ledger=address, secret=secret),
    ):
        pass


def test_a_wrong_password(server: postgres.Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.make("closed")
    address = server.address("closed").replace("petugas@", "petugas:wrong@")
    with pytest.raises(RunError, match="the password is not accepted"):
        Ledger.open(address, name="closed")


def test_a_ledger_that_goes_away(server: postgres.Server, place: pl.DataFrame, folder: Path) -> None:
    """The server stops while the night is at work: nothing is published, and the next night goes on from the last."""
    address, secret = server.make("ledger_gone"), Secret(env="SIAK_PASSWORD")

    def run(residents: pl.DataFrame, stage: str | None) -> None:
        def stop(now: str) -> None:
            if now == stage:
                server.stop()

        with writing(folder, make=True, ledger=address, secret=secret) as store:
            night(store, residents.drop("n"), config=config_of(), asked=Asked("tester"), progress=stop)

    run(place, None)
    try:
        with pytest.raises(RunError, match="it cannot be reached"):
            run(second_night(place), "settle")
    finally:
        server.start()
    with reading(folder) as store:
        assert store.current() == 1
    run(second_night(place), None)
    with reading(folder) as store:
        assert store.current() == 2
        _whole(store)


def _whole(store: Store) -> None:
    assert sorted(path.name for path in store.snapshot(1).parent.iterdir()) == ["1", "2"]
