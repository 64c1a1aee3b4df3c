"""Nights in a row: what is kept, what is told of it, and what is not published."""

from __future__ import annotations

import json
import os
import shutil
import stat
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sqlalchemy import select

from nikdedup import ConfigError, InputError, dedupe
from nikdedup.config import Config
from nikdedup.nightly import Store, meanwhile, snapshot
from nikdedup.nightly.events import Event, follow
from nikdedup.nightly.health import Limits
from nikdedup.nightly.ledger import without_password
from nikdedup.nightly.one_night import Asked, Night
from nikdedup.nightly.snapshot import known_records
from nikdedup.nightly.state import writing
from nikdedup.nightly.tables import EVENTS, PERSONS, RETIRED
from nikdedup.run import dedupe as dedupe_steps
from tests.nightly.conftest import SETTINGS, second_night

RunNight = Callable[..., Night]
Opened = Callable[[], AbstractContextManager[Store]]


def config_of(**options: Any) -> Config:
    return Config().with_options(**{**SETTINGS, **options})


def persons(store: Store, run: int) -> dict[int, set[str]]:
    """Return the persons of a snapshot and the keys of their records."""
    found: dict[int, set[str]] = {}
    for key, person in known_records(store, run).select("record_key", "person").iter_rows():
        found.setdefault(person, set()).add(key)
    return found


def events(store: Store, run: int) -> list[Event]:
    with store.ledger.reading() as connection:
        rows = connection.execute(select(EVENTS).where(EVENTS.c.run == run).order_by(EVENTS.c.seq)).mappings()
        return [
            Event(
                row["kind"], row["cause"], row["person"], row["other"],
                tuple(json.loads(row["before"])), tuple(json.loads(row["after"])),
            )
            for row in rows
            if row["kind"] != "founding"
        ]  # fmt: skip


def in_ledger(store: Store) -> tuple[dict[int, set[str]], dict[int, set[str]]]:
    """Return persons of two or more, and those that are no more, as the ledger has them now."""
    with store.ledger.reading() as connection:
        rows = connection.execute(select(PERSONS).where(PERSONS.c.until.is_(None)))
        many = {row.person: set(json.loads(row.records)) for row in rows}
        gone: dict[int, set[str]] = {}
        for row in connection.execute(select(RETIRED).where(RETIRED.c.until.is_(None))):
            gone.setdefault(row.person, set()).add(row.record_key)
    return many, gone


def of_two_or_more(found: dict[int, set[str]]) -> dict[int, set[str]]:
    return {person: keys for person, keys in found.items() if len(keys) > 1}


def test_nothing_happens_where_nothing_changed(place: pl.DataFrame, run_night: RunNight) -> None:
    first, second = run_night(place), run_night(place.sample(fraction=1, shuffle=True, seed=1))
    assert (first.run, second.run) == (1, 2)
    assert first.published
    assert second.published
    assert second.happened == {"decision": 0}


def test_a_night_is_a_run_of_dedupe(place: pl.DataFrame, run_night: RunNight) -> None:
    """Persons and proposals of a second night are those that a fresh run with the same judgement would give."""
    run_night(place)
    tonight = second_night(place)
    found = run_night(tonight).result
    record = found.record
    from nikdedup.run.learnt import judgement_of

    fresh = dedupe(tonight.drop("n"), judgement=judgement_of(record), **SETTINGS)
    assert fresh.pairs.equals(found.pairs)
    assert fresh.decisions.drop("person_id").equals(found.decisions.drop("person_id"))
    both = fresh.people.with_columns(state=found.people["person_id"])
    assert both["person_id"].n_unique() == both["state"].n_unique() == both.n_unique(["person_id", "state"])


def test_events_lead_from_night_to_night(place: pl.DataFrame, run_night: RunNight, opened: Opened) -> None:
    nights = [place, second_night(place), place, second_night(place).filter(pl.col("n") % 7 > 0), place]
    for one in nights:
        run_night(one, asked=Asked("tester", warn=True))
    with opened() as store:
        state = persons(store, 1)
        for run in range(2, len(nights) + 1):
            for event in events(store, run):
                assert set(event.before) == state.get(event.person, set())
                follow(state, event)
            assert state == persons(store, run)
        many, gone = in_ledger(store)
        assert many == of_two_or_more(state)
        assert set(gone).isdisjoint(state)
        assert {number for run in range(1, len(nights) + 1) for number in persons(store, run)} == set(
            state
        ) | set(gone)


def test_who_is_back_has_the_old_number(place: pl.DataFrame, run_night: RunNight, opened: Opened) -> None:
    for one in (place, second_night(place), place):
        run_night(one)
    with opened() as store:
        assert persons(store, 3) == persons(store, 1)
        assert persons(store, 2) != persons(store, 1)


def test_a_corrected_record_is_recognised(place: pl.DataFrame, run_night: RunNight) -> None:
    run_night(place)
    found = run_night(second_night(place))
    corrected = place.filter((pl.col("n") % 50 == 7) & (pl.col("n") % 40 != 3))
    assert found.changes.same.corrected >= 0.9 * len(corrected)
    kinds = found.happened
    assert kinds["correction"] == found.changes.same.corrected
    assert kinds["end"] + kinds.get("loss", 0) >= 15


def test_a_proposal_lapses_for_a_record_that_was_corrected(place: pl.DataFrame, run_night: RunNight) -> None:
    first = run_night(place)
    two = first.result.people.filter(pl.len().over("person_id") == 2).sort("person_id")["row"][:2]
    gone, stays = two
    name = pl.when(pl.col("n") == stays).then(pl.col("NAMA_LGKP") + "H").otherwise(pl.col("NAMA_LGKP"))
    found = run_night(place.with_columns(name).filter(pl.col("n") != gone))
    lapsed = [one for one in found.changes.proposals if one.after is None and one.cause == "changed"]
    [kept] = found.result.people.filter(pl.col("row") == stays - (gone < stays))["person_id"]
    assert [f"P-{one.person}" for one in lapsed] == [kept]


def test_a_record_with_an_id_is_the_same_whatever_is_in_it(place: pl.DataFrame, run_night: RunNight) -> None:
    known = place.with_columns(KODE="R-" + pl.col("n").cast(pl.String))
    first = run_night(known, record_id="KODE")
    changed = known.with_columns(
        ALAMAT=pl.when(pl.col("n") < 5).then(pl.lit("JL BARU 9")).otherwise("ALAMAT")
    )
    second = run_night(changed, record_id="KODE")
    assert len(second.changes.same.changed) == 5
    assert len(second.changes.same.gone) == 0
    assert first.result.people["person_id"].equals(second.result.people["person_id"])
    assert {one.cause for one in second.changes.proposals} <= {"changed", "others"}


def test_the_id_column_of_a_state_stays(place: pl.DataFrame, run_night: RunNight) -> None:
    run_night(place)
    known = place.with_columns(KODE="R-" + pl.col("n").cast(pl.String))
    with pytest.raises(ConfigError, match="the state knows its records by None"):
        run_night(known, record_id="KODE")


def test_a_failed_check_publishes_nothing(place: pl.DataFrame, run_night: RunNight, opened: Opened) -> None:
    run_night(place)
    found = run_night(place[:500])
    assert [one.check for one in found.checks] == ["night_records", "night_sources"]
    assert not found.published
    with opened() as store:
        assert store.current() == 1
        assert sorted(path.name for path in store.snapshot(1).parent.iterdir()) == ["1"]
    again = run_night(place[:500], asked=Asked("tester", warn=True))
    assert again.run == 3
    assert again.published


def test_limits_say_how_much_is_too_much(place: pl.DataFrame, run_night: RunNight) -> None:
    run_night(place)
    wide = Limits(records_lost=0.5, source_lost=0.5, confirmed=1.0)
    assert run_night(place[:500], asked=Asked("tester", limits=wide)).published


def test_a_trial_writes_nothing(place: pl.DataFrame, run_night: RunNight, folder: Path) -> None:
    run_night(place)
    before = {path: path.read_bytes() for path in folder.rglob("*.parquet")}
    found = run_night(second_night(place), asked=Asked("tester", dry=True))
    assert not found.published
    assert found.happened["correction"] > 0
    assert before == {path: path.read_bytes() for path in folder.rglob("*.parquet")}
    assert run_night(place).run == 2


def test_old_snapshots_go(place: pl.DataFrame, run_night: RunNight, folder: Path) -> None:
    for _ in range(3):
        run_night(place, asked=Asked("tester", keep=2))
    assert sorted(path.name for path in (folder / "snapshots").iterdir()) == ["2", "3"]


def test_the_judgement_of_the_first_night_stays(place: pl.DataFrame, run_night: RunNight) -> None:
    first = run_night(place).result.record
    second = run_night(second_night(place)).result.record
    assert second.estimate.status == "kept"
    assert second.prior_log2 == first.prior_log2
    assert second.thresholds.confirmed_log2 == first.thresholds.confirmed_log2


def test_other_settings_of_matching_are_learnt_with(place: pl.DataFrame, run_night: RunNight) -> None:
    run_night(place)
    found = run_night(place, confirmed_log2=30)
    assert found.result.record.thresholds.confirmed_log2 >= 30
    causes = {event.cause for event in found.changes.events} | {one.cause for one in found.changes.proposals}
    assert causes == {"settings"}


def test_a_further_column_that_changed_is_a_record_that_changed(
    place: pl.DataFrame, run_night: RunNight
) -> None:
    """Two records under review are joined once they have one passport, and nothing else of any record is other."""
    evidence = {"paspor": {"kind": "id", "header": "PASPOR"}}
    own = place.with_columns(PASPOR=pl.format("C{}", pl.col("n") + 1_000_000))
    first = run_night(own, evidence=evidence)
    pairs = first.result.pairs.filter(pl.col("band") == "review").sort("weight_log2")
    left, right = pairs.select("row_l", "row_r").row(-1)
    same = (
        pl.when(pl.col("n") == right).then(pl.lit(f"C{left + 1_000_000}")).otherwise("PASPOR").alias("PASPOR")
    )
    found = run_night(own.with_columns(same), evidence=evidence)
    assert found.changes.same.changed.tolist() == [right]
    keys = set(found.changes.known["record_key"].gather([left, right]))
    told = {
        (event.kind, event.cause) for event in found.changes.events if keys & {*event.before, *event.after}
    }
    assert {cause for kind, cause in told if kind == "merge"} == {"changed"}
    assert {one.cause for one in found.changes.proposals if one.record_key in keys} == {"changed"}


def test_what_officers_declare_is_kept_and_is_a_cause(
    place: pl.DataFrame, run_night: RunNight, opened: Opened, tmp_path: Path
) -> None:
    from nikdedup.nightly.tables import CONSTRAINTS

    known = place.with_columns(KODE="R-" + pl.col("n").cast(pl.String))
    first = run_night(known, record_id="KODE")
    many = first.result.people.filter(pl.len().over("person_id") == 2).sort("person_id")["record_id"][:2]
    declared = tmp_path / "list.csv"
    declared.write_text(
        f"kind,record_id_l,record_id_r,who,when\ncannot_link,{many[0]},{many[1]},kabid,2026-06-01\n"
    )
    apart = run_night(known, record_id="KODE", constraints=str(declared))
    assert [(event.kind, event.cause) for event in apart.changes.events] == [("split", "verdict")]
    run_night(known, record_id="KODE")
    with opened() as store, store.ledger.reading() as connection:
        [row] = connection.execute(select(CONSTRAINTS)).mappings()
    assert (row["kind"], row["who"], row["since"], row["until"]) == ("cannot_link", "kabid", 2, 3)


def test_a_declared_death_is_kept_until_it_is_taken_back(
    place: pl.DataFrame, run_night: RunNight, opened: Opened, tmp_path: Path
) -> None:
    from nikdedup.nightly.tables import CONSTRAINTS

    known = place.with_columns(KODE="R-" + pl.col("n").cast(pl.String))
    first = run_night(known, record_id="KODE")
    decided = first.result.decisions.filter(pl.col("action") == "keep")["record_id"][0]
    declared = tmp_path / "petugas.csv"
    declared.write_text(f"kind,record_id_l,who,when\ndead,{decided},kabid,2026-06-01\n")
    dead = run_night(known, record_id="KODE", constraints=str(declared))
    changed = [one for one in dead.changes.proposals if one.record_key == decided]
    assert [one.cause for one in changed] == ["verdict"]
    run_night(known, record_id="KODE")
    with opened() as store, store.ledger.reading() as connection:
        [row] = connection.execute(select(CONSTRAINTS)).mappings()
    assert (row["record_l"], row["record_r"], row["kind"]) == (decided, decided, "dead")
    assert (row["who"], row["since"], row["until"]) == ("kabid", 2, 3)


def test_a_night_goes_by_the_answers_of_its_state(
    place: pl.DataFrame, run_night: RunNight, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="a night goes by the answers of its state"):
        run_night(place, verdicts=tmp_path / "constraints.csv")


@pytest.mark.parametrize("options", [{"sample": 10}, {"sample": 1}])
def test_a_night_looks_at_all(place: pl.DataFrame, run_night: RunNight, options: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match="a night looks at all records"):
        run_night(place, **options)


def test_a_lost_snapshot_is_told(place: pl.DataFrame, run_night: RunNight, folder: Path) -> None:
    run_night(place)
    shutil.rmtree(folder / "snapshots" / "1")
    with pytest.raises(InputError, match="snapshot 1 cannot be read"):
        run_night(place)


def test_the_clock_may_go_backwards(
    place: pl.DataFrame,
    run_night: RunNight,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    run_night(place)
    monkeypatch.setattr("nikdedup.nightly.one_night.now", lambda: "1999-01-01T00:00:00Z")
    with caplog.at_level("INFO", logger="nikdedup"):
        found = run_night(second_night(place))
    assert found.published
    assert found.run == 2
    assert any("clock stands before the end of run 1" in line for line in caplog.messages)


def test_a_night_that_fails_leaves_the_state_as_it_was(
    place: pl.DataFrame, run_night: RunNight, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_night(place)

    def fails(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("nikdedup.nightly.snapshot.write_parquet", fails)
        with pytest.raises(Exception, match="No space left on device"):
            run_night(second_night(place))
    with opened() as store:
        assert store.current() == 1
        assert not store.snapshot(2).exists()
    assert run_night(second_night(place)).run == 2


def files_of(snapshot: Path) -> dict[str, bytes]:
    """Return the tables of a snapshot; what else is there must be known by name."""
    assert {path.name for path in snapshot.iterdir()} == {"run", "features", "records.parquet", "audit.head"}
    return {path.name: path.read_bytes() for path in snapshot.rglob("*.parquet")}


def test_files_written_while_a_night_is_at_work_are_the_same_bytes(
    place: pl.DataFrame, run_night: RunNight, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one thread they are written when their turn comes."""
    aside: list[Path] = []
    write = snapshot.write_aside

    def seen(*arguments: Any) -> Path:
        aside.append(write(*arguments))
        assert stat.S_IMODE(aside[-1].stat().st_mode) == 0o600 or os.name == "nt"
        return aside[-1]

    monkeypatch.setattr(snapshot, "write_aside", seen)
    monkeypatch.setattr(pl, "thread_pool_size", lambda: 2)
    found = []
    for threads in (1, 2):
        state = tmp_path / str(threads)
        run_night(place, into=state, threads=threads)
        run_night(second_night(place), into=state, threads=threads)
        found.append(files_of(state / "snapshots" / "2"))
    assert len(aside) == 6, "three files a night, of the nights with one thread none"
    assert found[0] == found[1]


@pytest.mark.parametrize(("work", "held"), [("recognised", "match"), ("numbered", "decide")])
def test_what_waits_for_nothing_is_done_beside_what_does(
    work: str, held: str, place: pl.DataFrame, run_night: RunNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The matcher is held until records are recognised and residents written; settling until persons are numbered."""
    monkeypatch.setattr(pl, "thread_pool_size", lambda: 2)
    run_night(place, threads=2)
    done = {work: threading.Event(), "write_aside": threading.Event()}

    def told(module: Any, name: str) -> None:
        work = getattr(module, name)

        def work_and_tell(*arguments: Any, **options: Any) -> Any:
            found = work(*arguments, **options)
            done[name].set()
            return found

        monkeypatch.setattr(module, name, work_and_tell)

    told(meanwhile, work)
    told(snapshot, "write_aside")
    wait = getattr(dedupe_steps, held)

    def when_done(*arguments: Any, **options: Any) -> Any:
        assert all(one.wait(timeout=60) for one in done.values())
        return wait(*arguments, **options)

    monkeypatch.setattr(dedupe_steps, held, when_done)
    assert run_night(second_night(place), threads=2).published


@pytest.mark.parametrize("asked", [Asked("tester", dry=True), Asked("tester")])
def test_of_a_night_that_is_not_published_no_residents_are_left(
    asked: Asked, place: pl.DataFrame, run_night: RunNight, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pl, "thread_pool_size", lambda: 2)
    run_night(place, threads=2)
    assert not run_night(second_night(place).head(300), asked=asked, threads=2).published
    with opened() as store:
        assert not store.snapshot(2).exists()


def test_no_password_is_shown() -> None:
    assert without_password("postgresql://a:secret@h/d") == "postgresql://a@h/d"


def test_a_state_is_held_by_one(place: pl.DataFrame, folder: Path) -> None:
    from nikdedup import BusyError

    with (
        writing(folder, make=True),
        pytest.raises(BusyError, match=r"state state: .* on .* has been writing there since"),
        writing(folder, make=True),
    ):
        pass
