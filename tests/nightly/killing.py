"""Nights that are killed at any moment, and what their state is then.

A program of its own (POSIX): every night is a fork of it, made before polars has done any work, which costs nothing.
`python -m tests.nightly.killing FOLDER EVERY RANDOM SEED` kills at every EVERYth boundary between steps and at so many
random moments, and prints how many kills there were; the first state that is wrong ends it with a message. FOLDER
holds a.parquet and b.parquet, of two nights.
"""

from __future__ import annotations

import itertools
import os
import random
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from nikdedup.config import Config
from nikdedup.nightly import audit, meanwhile, night_end, one_night, place, snapshot, state
from nikdedup.nightly.one_night import Asked, night
from nikdedup.nightly.tables import AUDIT, EVENTS, FACTS, PERSONS, RETIRED
from nikdedup.run.result import Result

NIGHT = Asked("tester", warn=True)
STEPS: tuple[tuple[Any, str], ...] = (
    (one_night, "dedupe"),
    (meanwhile, "recognised"),
    (snapshot, "write_aside"),
    (meanwhile, "numbered"),
    (one_night, "changes_since"),
    (snapshot, "write"),
    (Result, "published_in"),
    (snapshot, "write_parquet"),
    (night_end, "insert"),
    (night_end, "record_night"),
    (night_end, "note"),
    (audit, "add"),
    (snapshot, "seal"),
    (state, "write_head"),
    (state, "_tidied"),
    (night_end, "_let_go"),
)
"""What a night does, in order; it is killed before and after each."""


def run(folder: Path, extract: Path) -> None:
    """Run a night on a state; with two threads, so that its residents are written while it is matched."""
    config = Config().with_options(report=False, reference_date="2026-06-30", threads=2)
    with state.writing(folder, make=True) as store:
        night(store, str(extract), config=config, asked=NIGHT)


def forked(work: Callable[[], None]) -> int:
    """Do some work in a process of its own; return its number."""
    child = os.fork()
    if child:
        return child
    try:
        work()
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def ended_well(child: int) -> bool:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def killed_at(count: int, work: Callable[[], None]) -> int:
    """Do some work that is killed at the boundary of this number."""
    boundaries = itertools.count()

    def reach() -> None:
        if next(boundaries) == count:
            os.kill(os.getpid(), signal.SIGKILL)

    def stepping(step: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*arguments: Any, **options: Any) -> Any:
            reach()
            try:
                return step(*arguments, **options)
            finally:
                reach()

        return stepped

    def begin() -> None:
        for module, name in STEPS:
            setattr(module, name, stepping(getattr(module, name)))
        work()

    return forked(begin)


def told(folder: Path) -> dict[str, Any]:
    """Return all that a state says, but for when it was said."""
    import polars as pl

    with state.reading(folder) as store, store.ledger.reading() as connection:
        found: dict[str, Any] = {}
        for table in (EVENTS, PERSONS, RETIRED, FACTS):
            rows = connection.execute(table.select()).mappings()
            found[table.name] = sorted(
                tuple(str(value) for value in row.values()) for row in rows if row.get("name") != "state_id"
            )
        found["audit"] = [row.what for row in connection.execute(AUDIT.select().order_by(AUDIT.c.entry))]
        assert audit.faults(connection, state.heads(store)) == []
        current = store.current()
        assert current is not None
        for name in ("people", "decisions", "pairs", "residents"):
            path = store.snapshot(current) / place.RUN / f"{name}.parquet"
            found[name] = pl.read_parquet(path).to_dicts()
        found["records"] = snapshot.known_records(store, current).to_dicts()
        found["current"] = current
        found["snapshots"] = sorted(path.name for path in store.snapshot(current).parent.iterdir())
    return found


def look(trial: Path, before: Path, after: Path, extract: Path) -> None:
    """Fail unless the state is as before the night or as after it, and ends alike when the night is run again."""
    found, old, new = told(trial), told(before), told(after)
    assert found["current"] in (1, 2)
    whole = new if found["current"] == 2 else old
    assert {name: of for name, of in found.items() if name != "snapshots"} == {
        name: of for name, of in whole.items() if name != "snapshots"
    }, "the last published night is not as it was"
    if found["current"] == 1:
        run(trial, extract)
        again = told(trial)
        for name, of in new.items():
            assert again[name] == of, f"{name} is another after the second try"


MOST = 40
"""Steps of a night, at the most: of the boundaries beyond its last one there is no kill."""


def moments(every: int, chances: int, seconds: float, seed: int) -> Iterator[tuple[str, float]]:
    chance = random.Random(seed)
    yield from (("boundary", float(number)) for number in range(0, 2 * MOST, every))
    yield from (("moment", chance.uniform(0, seconds)) for _ in range(chances))


def main(folder: Path, every: int, chances: int, seed: int) -> None:
    before, after, trial = folder / "before", folder / "after", folder / "trial"
    assert ended_well(forked(lambda: run(before, folder / "a.parquet")))
    shutil.copytree(before, after)
    begin = time.monotonic()
    assert ended_well(forked(lambda: run(after, folder / "b.parquet")))
    seconds = time.monotonic() - begin
    killed = 0
    for kind, number in moments(every, chances, seconds, seed):
        shutil.rmtree(trial, ignore_errors=True)
        shutil.copytree(before, trial)
        if kind == "boundary":
            child = killed_at(int(number), lambda: run(trial, folder / "b.parquet"))
        else:
            child = forked(lambda: run(trial, folder / "b.parquet"))
            time.sleep(number)
            os.kill(child, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert status in (0, -signal.SIGKILL), f"{kind} {number}: exit {status}"
        if kind == "boundary" and status == 0:
            continue  # there are no more of them
        killed += 1
        assert ended_well(forked(lambda: look(trial, before, after, folder / "b.parquet"))), (
            f"{kind} {number}"
        )
    print(killed)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
