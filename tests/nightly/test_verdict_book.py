"""Answers of villages in the ledger: kept, taken back, brought in from files, forgotten, gone by."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import create_engine, inspect, text

import nikdedup
from nikdedup import InputError
from nikdedup.nightly import LedgerBook, audit, book_of, book_to_change, forget, reading, run_read, writing
from nikdedup.nightly.forgetting import Forgotten
from nikdedup.nightly.ledger import SCHEMA, Ledger
from nikdedup.nightly.one_night import Asked, Night
from nikdedup.nightly.snapshot import known_records
from nikdedup.nightly.state import heads
from nikdedup.settle import CONSTRAINTS
from nikdedup.village import ENTRIES, GIVEN_OUT, Book, FileBook, standing_answers
from tests.conftest import Done

Call = Callable[..., Done]
RunNight = Callable[..., Night]
OLD, NEW = "2026-03-01T02:00:00Z", "2026-08-01T02:00:00Z"


def answers(*lines: dict[str, Any]) -> pl.DataFrame:
    """Entries, each of a desa of its own unless a line says another one."""
    plain = {"kecamatan_code": "621201", "answer": "dead", "matched": "key", "who": "tari", "at": OLD}
    rows = [
        {**dict.fromkeys(ENTRIES), **plain, "entry": f"{i:016x}", "desa_code": f"{i:04d}", **one}
        for i, one in enumerate(lines)
    ]
    return pl.DataFrame(rows, schema=ENTRIES)


def links(*pairs: tuple[str, str, str]) -> pl.DataFrame:
    rows = [
        {**dict.fromkeys(CONSTRAINTS), "kind": "cannot_link", "nik_l": left, "nik_r": right, "who": "Beriwit",
         "when": "2026-03-01", "why": f"verdict {entry}"}
        for left, right, entry in pairs
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=dict.fromkeys(CONSTRAINTS, pl.String))


def given_out(*keys: str, **cells: object) -> pl.DataFrame:
    rows = [
        {**dict.fromkeys(GIVEN_OUT), "key": f"0A1B2C3D-{i}", "record_key": key, **cells}
        for i, key in enumerate(keys)
    ]
    return pl.DataFrame(rows, schema=GIVEN_OUT)


NOTHING_YET = {
    "files": "no such folder; name the state that verdicts were read into",
    "ledger": "no verdicts were read in yet",
}


@pytest.fixture(params=["files", "ledger"])
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Book:
    """A book that was begun, in files and in a ledger: they are to be the same to whoever uses one."""
    place = tmp_path / "book"
    if request.param == "ledger":
        with writing(place, make=True):
            pass
    found = book_to_change(place)
    assert isinstance(found, LedgerBook if request.param == "ledger" else FileBook)
    assert not found.exists
    with pytest.raises(InputError, match=NOTHING_YET[request.param]):
        found.about()
    with found.holding():
        found.begin("first")
        found.begin("second")
    assert found.exists
    assert found.about()["run"] == "first"
    return found


def test_entries_come_back_as_they_were_and_in_their_order(book: Book) -> None:
    one = answers(
        {"day": date(2026, 3, 1), "note": "akta 12"}, {"weight_log2": -0.1, "desa": "JUKING PAJANG"}
    )
    two = pl.concat([one, answers({"entry": "x", "answer": None, "problem": "blank"})])
    for kept in (one, two):
        with book.holding():
            book.keep(kept)
        assert book.entries().equals(kept)
    back = two.with_columns(
        back_who=pl.when(pl.col("entry") == "x").then(pl.lit("budi")),
        back_at=pl.when(pl.col("entry") == "x").then(pl.lit(NEW)),
    )
    again = pl.concat([back, answers({"entry": "x", "at": NEW})])
    with book.holding():
        book.keep(again)
    assert book.entries().equals(again)


def test_lists_that_were_given_out_are_known_with_their_day(book: Book) -> None:
    rows = given_out("a", "b", name="SITI AMINAH", birth=date(1960, 7, 1), reasons=["r"])
    with book.holding():
        book.give_out("0A1B2C3D", rows, '{"due": "2026-12-20"}')
        book.give_out("0A1B2C3D", rows.head(1), "{}")  # it is kept as it was first
        book.give_out("0A1B2C3E", rows.head(0), "{}")
    found = book.rows()
    assert found.drop("list", "due").equals(rows)
    assert set(found.select("list", "due").iter_rows()) == {("0A1B2C3D", "2026-12-20")}


def test_what_the_answers_come_to_is_a_list_of_constraints(book: Book) -> None:
    told = links(("6212014107609001", "6212014107609002", "e"))
    for kept in (told, told.head(0)):
        with book.holding():
            book.keep_constraints(kept)
        path = (
            (book.state if isinstance(book, LedgerBook | FileBook) else Path())
            / "verdicts"
            / "constraints.csv"
        )
        assert pl.read_csv(path, infer_schema=False).equals(kept)
        assert os.name == "nt" or path.stat().st_mode & 0o077 == 0


def test_one_reading_is_kept_whole_or_not_at_all(store: Any, folder: Path) -> None:
    def fail() -> None:
        with book.holding():
            book.begin("run")
            book.keep(answers({}))
            book.tell("verdicts", who="tari", at=OLD, files=1, keys=["R-1"])
            raise ZeroDivisionError

    store.ledger.close()
    book = LedgerBook(folder.parent / "other")
    with writing(book.state, make=True):
        pass
    with pytest.raises(ZeroDivisionError):
        fail()
    assert not book.exists
    assert book.entries().is_empty()
    with reading(book.state) as found, found.ledger.reading() as connection:
        assert audit.size(connection) == 0


def test_a_zero_in_a_text_is_left_out(folder: Path) -> None:
    """A PostgreSQL server takes none."""
    with writing(folder, make=True):
        pass
    book = LedgerBook(folder)
    with book.holding():
        book.keep(answers({"note": "akta\0 12"}))
    assert book.entries()["note"].to_list() == ["akta 12"]


@pytest.fixture
def in_files(folder: Path, tmp_path: Path) -> pl.DataFrame:
    """A state whose answers lie in files, as earlier versions kept them; the entries."""
    files = FileBook(folder)
    kept = answers({"record_key": "R-1"}, {"record_key": "R-2", "answer": None, "problem": "unknown_word"})
    with files.holding():
        files.begin(str(tmp_path / "run"))
        files.keep(kept)
        files.give_out("0A1B2C3D", given_out("R-1"), '{"due": "2026-12-20"}')
        files.keep_constraints(links(("6212014107609001", "6212014107609002", "0" * 16)))
    return kept


def check_brought_in(folder: Path, kept: pl.DataFrame) -> None:
    names = sorted(path.name for path in (folder / "verdicts").rglob("*") if path.is_file())
    assert names == ["0A1B2C3D.parquet", "constraints.csv"]
    book = book_of(folder)
    assert isinstance(book, LedgerBook)
    assert book.entries().equals(kept)
    assert book.rows().select("record_key", "list", "due").rows() == [("R-1", "0A1B2C3D", "2026-12-20")]
    links_ = pl.read_csv(folder / "verdicts" / "constraints.csv", infer_schema=False)
    assert links_["nik_r"].to_list() == ["6212014107609002"]


def test_answers_in_files_are_brought_into_the_ledger_once(in_files: pl.DataFrame, folder: Path) -> None:
    before = book_of(folder)
    assert isinstance(before, FileBook)
    for _ in range(2):
        with writing(folder, make=True) as store, store.ledger.reading() as connection:
            told = audit.entries(connection, None)
            assert audit.faults(connection, heads(store)) == []
        assert [(one["what"], one["details"], len(one["rows"])) for one in told] == [
            ("verdicts_moved", {"answers": 1}, 1)
        ]
        check_brought_in(folder, in_files)


def test_who_reads_before_they_are_brought_in_reads_them_where_they_lie(
    in_files: pl.DataFrame, folder: Path, tmp_path: Path
) -> None:
    aside = (folder / "verdicts").rename(tmp_path / "aside")
    with writing(folder, make=True):
        pass
    aside.rename(folder / "verdicts")
    assert book_of(folder).entries().equals(in_files)
    assert run_read(folder) == tmp_path / "run"
    with pytest.raises(InputError, match="has a ledger"), FileBook(folder).holding():
        pass
    assert isinstance(book_to_change(folder), LedgerBook)
    check_brought_in(folder, in_files)
    assert run_read(folder) == tmp_path / "run", "no night was published yet"


def test_a_move_that_was_killed_is_gone_on_with(in_files: pl.DataFrame, folder: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(folder / "verdicts", tmp_path / "aside")
    with writing(folder, make=True):
        pass
    (tmp_path / "aside" / "verdicts.parquet").unlink()  # it had come so far
    shutil.rmtree(folder / "verdicts")
    (tmp_path / "aside").rename(folder / "verdicts")
    with writing(folder):
        pass
    check_brought_in(folder, in_files)


def test_damaged_files_stay_where_they_are(in_files: pl.DataFrame, folder: Path) -> None:
    path = folder / "verdicts" / "verdicts.parquet"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(InputError, match=r"verdicts.parquet: not readable"), writing(folder, make=True):
        pass
    assert path.stat().st_size == 100


def test_a_ledger_of_the_first_version_gets_the_tables(tmp_path: Path) -> None:
    from nikdedup.nightly.migrations.versions import r0001_first

    address = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    engine = create_engine(address)
    with engine.begin() as connection:
        context = MigrationContext.configure(connection)
        with Operations.context(context):
            r0001_first.upgrade()
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('0001')"))
        connection.execute(text("INSERT INTO facts VALUES ('state_id', 'kept')"))
    engine.dispose()
    ledger = Ledger.open(address, name="x")
    with ledger.reading() as connection:
        assert {"verdicts", "verdict_links", "lists"} <= set(inspect(connection).get_table_names())
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == SCHEMA
        assert connection.execute(text("SELECT value FROM facts WHERE name = 'state_id'")).scalar() == "kept"
    ledger.close()


SECRET = "dipindahkan ke rumah Siti Aminah"


def test_forgetting_reaches_answers_and_lists(
    place: pl.DataFrame, run_night: RunNight, folder: Path, nikdedup_cli: Call
) -> None:
    run_night(place)
    with reading(folder) as store:
        here = known_records(store, 1)["record_key"].head(6).to_list()
    spoken = {"note": SECRET, "nik": "6212014107609077"}
    kept = answers(
        {"record_key": here[0], **spoken},
        {"record_key": here[1], "at": NEW, **spoken},
        {"record_key": "gone-1", **spoken},
        {"record_key": here[2], "other_key": "gone-2", "answer": "same", **spoken},
        {"record_key": here[3], "back_at": NEW, "back_who": "budi", **spoken},
        {"record_key": here[4], "desa_code": "1", "day": date(2026, 1, 1), **spoken},
        {"record_key": here[4], "desa_code": "1", "day": date(2026, 2, 1), "answer": "moved"},
        {"record_key": here[5], "answer": None, "problem": "unknown_word", **spoken},
        {"record_key": here[0], "other_key": here[1], "answer": "different"},
    )
    book = LedgerBook(folder)
    with book.holding():
        book.begin("run")
        book.keep(kept)
        book.give_out(
            "0A1B2C3D", given_out(here[0], "gone-1", name="SITI AMINAH", nik="6212014107609077"), "{}"
        )
        book.keep_constraints(
            links(*((f"621201410760900{i}", "6212014107609077", kept["entry"][i]) for i in (3, 8)))
        )
    (folder / "verdicts" / "lists" / "0F0F0F0F.parquet").write_bytes(b"of a list that was never given out")
    with writing(folder) as store, store.ledger.changing() as connection:
        connection.execute(text(f"UPDATE lists SET given = '{OLD}'"))

    done = nikdedup_cli("forget", folder, "--before", "2026-04-01", "--lang", "en")
    assert done.out == (
        "Answers of villages forgotten: 5; lists that name nobody any longer: 1.\n"
        "Answers of villages that hold on and lost a note or a NIK: 1.\n"
    ), done.err
    left = book.entries()
    assert left["entry"].to_list() == [kept["entry"][i] for i in (0, 1, 6, 8)]
    assert left["note"].to_list() == [None, SECRET, None, None]
    assert left.drop("note", "nik").equals(kept[[0, 1, 6, 8]].drop("note", "nik"))
    rows = book.rows()
    assert rows.select("record_key", "name", "nik").rows() == [(here[0], None, None)]
    assert [path.stem for path in (folder / "verdicts" / "lists").iterdir()] == ["0A1B2C3D"]
    listed = pl.read_csv(folder / "verdicts" / "constraints.csv", infer_schema=False)
    assert listed["nik_l"].to_list() == ["6212014107609008"]
    assert nikdedup_cli("audit", "verify", folder).code == 0
    again = nikdedup_cli("forget", folder, "--before", "2026-04-01", "--lang", "en")
    assert (again.code, again.out) == (2, "")  # what was forgotten is not forgotten once more
    assert "no answer is older" in again.err
    with writing(folder) as store:
        assert forget(store, date(2027, 1, 1), who="tester").lists == 0
    everything = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert SECRET.encode() not in everything
    assert b"gone-1" not in everything
    assert len(book.entries()) == 4


def test_an_answer_that_names_the_other_record_by_its_nik_says_the_same_after_forgetting(
    place: pl.DataFrame, run_night: RunNight, folder: Path
) -> None:
    run_night(place)
    with reading(folder) as store:
        here = known_records(store, 1)["record_key"].head(4).to_list()
    named = {"record_key": here[0], "answer": "double", "nik": "6212014107609077", "note": SECRET}
    kept = answers(named, {**named, "record_key": here[1], "other_key": here[2]})
    book = LedgerBook(folder)
    with book.holding():
        book.begin("run")
        book.keep(kept)
    before, _ = standing_answers(book.entries())
    with writing(folder) as store:
        assert forget(store, date(2027, 1, 1), who="tester") == Forgotten([], shortened=2)
    after, _ = standing_answers(book.entries())
    assert after["note"].to_list() == [None, None]
    assert after.drop("note").equals(before.drop("note"))


def test_a_later_night_goes_by_answers_that_were_brought_in(
    place: pl.DataFrame, run_night: RunNight, folder: Path
) -> None:
    """Two records that the first night joined are two people by a village's word, which lay in files till then."""
    run_night(place)
    with reading(folder) as store:
        result = nikdedup.open(folder)
        assert store.current() == 1
    pair = result.pairs.filter(pl.col("band") == "confirmed", ~pl.col("relation").is_in(["shared_nik"]))
    nik = dict(
        result.residents.filter(pl.col("nik_verdict") == "valid").select("row", "nik_clean").iter_rows()
    )
    left, right = next(
        (nik[one], nik[other])
        for one, other in pair.select("row_l", "row_r").iter_rows()
        if one in nik and other in nik and nik[one] != nik[other]
    )
    aside = FileBook(folder.parent / "aside")
    with aside.holding():
        aside.begin("run")
        aside.keep_constraints(links((left, right, "e")))
    aside.folder.rename(folder / "verdicts")
    found = run_night(place, asked=Asked("tester"))
    assert found.result.record.officers is not None
    assert [kind for _, _, kind, *_ in found.result.record.officers.links] == ["cannot_link"]
    assert "split" in found.happened


PLAIN = """
import sys
for name in ("sqlalchemy", "alembic", "psycopg", "fsspec"):
    sys.modules[name] = None
from nikdedup.cli import main
for line in sys.stdin.read().splitlines():
    sys.argv = ["nikdedup", *line.split("|")]
    try:
        main()
    except SystemExit as end:
        if end.code:
            sys.exit(f"{line}: {end.code}")
"""


def test_runs_and_lists_need_no_ledger(tmp_path: Path) -> None:
    """A plain install, without the libraries of a ledger, reads a run and takes the villages' answers."""
    lines = [
        "generate|--rows|150|--seed|3|--out|a.parquet",
        "dedupe|a.parquet|--out|run|--no-report|--reference-date|2026-06-30",
        "recheck|run", "evaluate|run|a.truth.parquet", "explain|run|0|1", "coverage|run",
        "worklist|run|--out|lists", "verdicts|import|lists/621201-murung.csv|--into|state", "verdicts|status|state",
        "coverage|state",
    ]  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", PLAIN],
        input="\n".join(lines),
        cwd=tmp_path,
        text=True,
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
