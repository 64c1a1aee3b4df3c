"""Runs that are killed, fail or race while they publish, and what their folder is then.

A program of its own (POSIX): each run is a fork of it, which costs a millisecond. `python breaking.py NAME [EVERY]`
looks at every EVERYth case and prints how many there were; the first one that is wrong ends it with a message. The
environment variable WRITERS says how many files are written at a time.
"""

from __future__ import annotations

import builtins
import errno
import io
import itertools
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nikdedup import BusyError, InputError, RunError
from nikdedup.publish import OUTPUTS, WORKBOOK, RunRecord, opened, publish, written

ANSWERS = b"filled in by an officer"
COUNTS = (
    "records",
    "people",
    "people_of_two_or_more",
    "confirmed_pairs",
    "review_pairs",
    "shared_niks",
    "decisions",
)
RECORD: dict[str, Any] = {
    "nikdedup": "0",
    "input": {"fingerprint": "", "sources": [], "mapping": {}, "skipped": []},
    "reference_date": None,
    "counts": dict.fromkeys(COUNTS, 0) | {"kinds": {}, "actions": {}, "relations": {}},
    "prior_log2": 0.0,
    "thresholds": {"review_log2": 0.0, "confirmed_log2": 0.0, "shipped_confirmed_log2": 0.0},
    "histogram": {"edges": [], "counts": []},
    "quality": {"flags": {}, "nik_verdicts": {}, "recording_classes": {}, "present": {}},
    "config": {"nik_scheme": "nik", "match": {"review_log2": 0.0, "confirmed_log2": 0.0}},
    "health": [],
}
"""A run.json that readers take; `versions` says which run it is."""
WRITERS = int(os.environ.get("WRITERS", "1"))
LEAN = "l"
"""A run of fewer files: without residents, report and workbook."""


def write(out: Path, run: str, *, fail_at: str | None = None) -> list[str]:
    """Publish the run of that name, every file of which says whose it is."""

    def says(path: Path) -> None:
        if path.name == fail_at:
            raise OSError(errno.ENOSPC, "No space left on device")
        with path.open("wb") as file:
            for _ in range(2):
                file.write(f"{run} {path.name}\n".encode() * 50)
                file.flush()
                os.fsync(file.fileno())

    record = RunRecord.model_validate_json(json.dumps(RECORD | {"versions": {"run": run}}))
    names = ("people.parquet", "pairs.parquet", "decisions.parquet") if run.startswith(LEAN) else OUTPUTS
    return publish(out, dict.fromkeys(names, says), lambda files: written(record, {}, files), threads=WRITERS)


def whole(out: Path) -> str | None:
    """Return which run a reader sees, None for none; AssertionError where it sees parts of two."""
    try:
        with opened(out) as run:
            name = run.record.versions["run"]
            assert not run.changed, f"{run.changed} are not of run {name}"
            for file, handle in run.files.items():
                handle.seek(0)
                text = handle.read()
                ours = text == f"{name} {file}\n".encode() * 100
                assert ours or (file == WORKBOOK and text == ANSWERS), f"{file} is not of run {name}"
            return str(name)
    except InputError as fault:
        if "not a finished nikdedup run" in str(fault):
            return None
        raise AssertionError(str(fault)) from fault


def content(out: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()
    }


# Every step of a writer that changes the disk can be the one at which something happens.

OPEN = (io.open, os.open)
STEPS = [(os, name) for name in ("replace", "rename", "fsync", "unlink", "rmdir", "mkdir", "open", "chmod")]
STEPS += [(io, "open"), (builtins, "open")]


def at_step(number: int, act: Callable[[], None], *, after: bool = False, kinds: str = "") -> None:
    """Have this process do something before or after its step of that number. Opening to read is no step.

    kinds: names of the steps that count; all if not given.
    """
    steps = itertools.count(1)

    def watched(real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*given: Any, **named: Any) -> Any:
            mode = (*given[1:], "r")[0] if real in OPEN else "w"
            if mode in ("r", "rb") or (isinstance(mode, int) and not mode & (os.O_WRONLY | os.O_RDWR)):
                return real(*given, **named)
            mine = next(steps) == number
            if mine and not after:
                act()
            done = real(*given, **named)
            if mine and after:
                act()
            return done

        return step

    for module, name in STEPS:
        if kinds and name not in kinds:
            continue
        setattr(module, name, watched(getattr(module, name)))


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fail() -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def interrupt() -> None:
    raise KeyboardInterrupt


def start(work: Callable[[], object]) -> int:
    """Do some work in a process of its own; return its id."""
    process = os.fork()
    if process:
        return process
    try:
        work()
        os._exit(0)
    except BusyError:
        os._exit(4)
    except (RunError, KeyboardInterrupt):
        os._exit(1)
    except BaseException as fault:
        os.write(2, f"{type(fault).__name__}: {fault}\n".encode())
        os._exit(99)


def ended(process: int) -> int:
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    assert code != 99, "a run ended in a fault that is none of ours"
    return code


# What lies in the folder before, and what must be true afterwards.

EARLIER = ("none", "a", "filled in", LEAN)


def prepared(out: Path, earlier: str) -> str | None:
    """Make a folder with an earlier run, and a file of somebody else beside it; return which run that is."""
    shutil.rmtree(out.parent, ignore_errors=True)
    out.parent.mkdir()
    if earlier == "none":
        return None
    run = "a" if earlier == "filled in" else earlier
    write(out, run)
    if earlier == "filled in":
        (out / WORKBOOK).write_bytes(ANSWERS)
    (out / "note.txt").write_text("mine")
    return run


def answers_are_there(out: Path, earlier: str) -> None:
    if earlier == "filled in":
        assert list(content(out).values()).count(ANSWERS) == 1, (
            "answers of an officer are lost, or there twice"
        )


def goes_on(out: Path, earlier: str, seen: str | None) -> None:
    """Assert that a run that fails leaves what is seen, and that a good one after it leaves what it always leaves."""
    try:
        write(out, "c", fail_at="decisions.parquet")
        raise AssertionError("the run should have failed")
    except RunError:
        assert whole(out) == seen, f"a failing run made {whole(out)} of {seen}"
    assert resting(out), f"left by a failing run: {sorted(content(out))}"
    answers_are_there(out, earlier)
    write(out, "d")
    assert whole(out) == "d"
    answers_are_there(out, earlier)
    good = content(out)
    others = {name for name in good if name not in (*OUTPUTS, "run.json")}
    kept = {name for name in others if name.startswith("decisions-")}
    assert others - kept == (set() if earlier == "none" else {"note.txt"}), f"left by a good run: {others}"
    assert len(kept) == (earlier == "filled in"), f"kept workbooks: {kept}"
    fresh = out.parent / "fresh"
    write(fresh, "d")
    assert {name: data for name, data in good.items() if name not in others} == content(fresh)


def resting(out: Path) -> bool:
    """Say whether nothing of a writer is left in a folder."""
    return not out.exists() or not any(path.name.startswith(".") for path in out.iterdir())


# What is tried. Each returns how many cases there were.


def stopped_at_every_step(out: Path, every: int, act: Callable[[], None]) -> int:
    """Stop a run at each of its steps; a reader sees the old or the new run, and all goes on as if nothing had been."""
    cases = 0
    for earlier, new, after in itertools.product(EARLIER, ("b", f"{LEAN}2"), (False, True)):
        for step in itertools.count(1 + cases % every, every):
            cases += 1
            told = f"{earlier}, then {new}, {act.__name__} {'after' if after else 'before'} step {step}"
            before = prepared(out, earlier)

            happened, told_of = os.pipe()

            def happens(told_of: int = told_of) -> None:
                os.write(told_of, b"!")
                act()

            def run(step: int = step, new: str = new, after: bool = after) -> None:
                at_step(step, happens, after=after)
                write(out, new)

            try:
                code = ended(start(run))
                os.close(told_of)
                past_the_last = os.read(happened, 1) == b""
                os.close(happened)
                seen = whole(out)
                assert seen in (before, new), f"a reader sees {seen}"
                if code == 1:
                    assert seen == before, f"a run that said it had failed published {seen}"
                    assert resting(out), f"left: {sorted(content(out))}"
                    assert out.exists() == (before is not None), "the folder it made"
                if code == 0:
                    assert seen == new, "a run that was good did not publish"
                answers_are_there(out, earlier)
                goes_on(out, earlier, seen)
            except AssertionError as fault:
                raise AssertionError(f"{told}: {fault}") from fault
            if past_the_last:
                break
    return cases


def kills(out: Path, every: int) -> int:
    return stopped_at_every_step(out, every, kill)


def full_disks(out: Path, every: int) -> int:
    return stopped_at_every_step(out, every, fail)


def interrupts(out: Path, every: int) -> int:
    return stopped_at_every_step(out, every, interrupt)


def moments(out: Path, every: int) -> int:
    """Kill runs at 200 random moments, some of them in what they put right of the one before."""
    chance = random.Random(7)
    for case in range(0, 200, every):
        earlier = EARLIER[case % len(EARLIER)]
        may_be = {prepared(out, earlier)}
        for name in ("b", f"{LEAN}2", "e")[: 1 + case % 3]:
            process = start(lambda name=name: write(out, name))  # type: ignore[misc]
            time.sleep(chance.random() * 0.02)
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
            seen = whole(out)
            assert seen in {*may_be, name}, f"moment {case}: a reader sees {seen}"
            may_be = {seen}
            answers_are_there(out, earlier)
        goes_on(out, earlier, seen)
    return len(range(0, 200, every))


def races(out: Path, every: int) -> int:
    """Let two, then five writers begin at once; those that are refused are told who writes."""
    cases = 0
    for writers in (2, 5):
        for case in range(0, 100, every):
            cases += 1
            prepared(out, EARLIER[case % 4])
            names = [f"b{number}" for number in range(writers)]
            go, begin = os.pipe()

            def run(name: str, go: int = go, begin: int = begin) -> None:
                os.close(begin)
                os.read(go, 1)
                write(out, name)

            processes = [start(lambda name=name: run(name)) for name in names]  # type: ignore[misc]
            os.close(begin)
            os.close(go)
            codes = [ended(process) for process in processes]
            assert set(codes) <= {0, 4}, f"race {case} of {writers}: exit codes {codes}"
            done = {name for name, code in zip(names, codes, strict=True) if code == 0}
            assert whole(out) in done, (
                f"race {case} of {writers}: {whole(out)} is there, {done} were published"
            )
            answers_are_there(out, EARLIER[case % 4])
            assert resting(out)
    return cases


def readers(out: Path, every: int) -> int:
    """Read all the time while runs are published one after the other, until 100 of them were seen: each read sees
    one whole run.
    """
    prepared(out, "a")

    def publish_on() -> None:
        for number in itertools.count():
            write(out, f"{LEAN if number % 3 == 0 else 'b'}{number}")

    process, seen = start(publish_on), set()
    try:
        while len(seen) < 100 // every:
            assert os.waitpid(process, os.WNOHANG) == (0, 0), "the writer has ended"
            run = whole(out)
            assert run is not None, "a reader sees no run"
            seen.add(run)
    finally:
        os.kill(process, signal.SIGKILL)
    ended(process)
    return len(seen)


def versions_before(out: Path, every: int) -> int:
    """Kill a run of a version before 0.2 at each of its moves: a folder in any of these states is recovered."""
    cases = 0
    for earlier, new in itertools.product(EARLIER, ("b", f"{LEAN}2")):
        for step in itertools.count(1 + cases % every, every):
            cases += 1
            before = prepared(out, earlier)
            write(out / ".partial", new)

            def run(step: int = step) -> None:
                at_step(step, kill, kinds="replace")
                swap_before(out)

            try:
                code = ended(start(run))
                seen = whole(out)
                assert seen in (before, new), f"a reader sees {seen}"
                answers_are_there(out, earlier)
                goes_on(out, earlier, seen)
            except AssertionError as fault:
                raise AssertionError(f"{earlier}, then {new}, step {step}: {fault}") from fault
            if code == 0:
                break
    return cases


def swap_before(out: Path) -> None:
    """Move files as versions before 0.2 did; then they took `.partial` away, with whatever lay in it."""
    partial, earlier = out / ".partial", out / ".partial" / "earlier"
    earlier.mkdir()
    for name in ("run.json", *OUTPUTS):
        if (out / name).exists():
            (out / name).replace(earlier / name)
    for name in (*OUTPUTS, "run.json"):
        if (partial / name).exists():
            (partial / name).replace(out / name)


TRIED = {
    one.__name__: one for one in (kills, full_disks, interrupts, moments, races, readers, versions_before)
}


def main(name: str, every: str = "1") -> None:
    memory = Path(
        "/dev/shm"
    )  # where there is one: these are many small runs, each of which waits for the disk
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        print(TRIED[name](Path(folder) / "made" / "run", int(every)))


if __name__ == "__main__":
    main(*sys.argv[1:])
