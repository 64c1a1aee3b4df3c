"""Fuzz everything that reads for a while; a finding is made small, kept as a case, and makes the exit code 1."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS, sound_inputs

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases" / "fuzz"
LONGEST_S = 10.0
BATCH = 150
SMALLER_S = 15.0
"""For how long a finding is made smaller."""


class Worker:
    """A worker process that is started anew whenever it has died."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.process: Any = None
        self.temporary = scratch / "temporary"
        self.temporary.mkdir()

    def ask(self, target: str, name: str, raw: bytes) -> dict[str, str]:
        """Return what came of an input: `told`, or `finding`."""
        home = self.scratch / "input"
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir()
        (home / name).write_bytes(raw)
        process = self._running()
        begin = time.monotonic()
        process.stdin.write(json.dumps([target, str(home / name)]) + "\n")
        process.stdin.flush()
        try:
            line = self.answers.get(timeout=4 * LONGEST_S)
        except queue.Empty:
            process.kill()
            line = None
        if not line:
            late, code = time.monotonic() - begin > 4 * LONGEST_S, process.wait()
            self.stop()
            return {"finding": "no answer in time" if late else f"the process ended ({code})"}
        if left := sorted(path.name for path in self.temporary.iterdir()):
            return {"finding": f"left behind: {left[:3]}"}
        found: dict[str, str] = json.loads(line)
        return found

    def _running(self) -> Any:
        if self.process is None:
            environment = {
                **os.environ,
                "TMPDIR": str(self.temporary),
                "POLARS_MAX_THREADS": "2",
                "RUST_BACKTRACE": "0",
            }
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.fuzz.worker"], cwd=ROOT, env=environment, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            self.answers: queue.Queue[str] = queue.Queue()
            self.listener = threading.Thread(
                target=self._listen, args=(self.process.stdout, self.answers), daemon=True
            )
            self.listener.start()
        return self.process

    @staticmethod
    def _listen(stream: Any, answers: queue.Queue[str]) -> None:
        for line in stream:
            answers.put(line)
        answers.put("")

    def stop(self) -> None:
        """End the process; it is started anew when it is asked again."""
        if self.process is not None:
            self.process.kill()
            with suppress(OSError):  # what it was not told any more
                self.process.stdin.close()
            self.process.wait()
            self.listener.join()
            self.process.stdout.close()
            self.process = None


class Found(Exception):
    """A finding, with the input that led to it."""


def fuzz(
    target: str, made: st.SearchStrategy[tuple[str, bytes]], worker: Worker, until: float, first_seed: int
) -> Counter[str]:
    """Try broken inputs of one target until a moment (time.monotonic); count what came of them. Found at a finding."""
    seen: Counter[str] = Counter()
    for batch in range(1 << 30):
        if time.monotonic() > until:
            break
        _try(target, made, worker, until, first_seed + batch, seen)
    return seen


def _try(target: str, made: Any, worker: Worker, until: float, number: int, seen: Counter[str]) -> None:
    smallest: list[tuple[str, bytes, str]] = []
    found_at: list[float] = []

    @seed(number)
    @settings(
        max_examples=BATCH, deadline=None, database=None, suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink], print_blob=False,
    )  # fmt: skip
    @given(made)
    def one(made_now: tuple[str, bytes]) -> None:
        if time.monotonic() > (found_at[0] + SMALLER_S if found_at else until):
            return
        name, raw = made_now
        answer = worker.ask(target, name, raw)
        if "finding" in answer:
            smallest.append((name, raw, answer["finding"]))
            found_at.append(time.monotonic())
            raise Found
        seen[answer["told"]] += 1

    try:
        one()
    except BaseException:
        if not smallest:
            raise
        name, raw, finding = min(smallest, key=lambda one: len(one[1]))
        raise Found(f"{target}, seed {number}: {finding}\nkept as {_kept(target, name, raw)}") from None


def _kept(target: str, name: str, raw: bytes) -> Path:
    """Keep an input as a case of the tests: a folder named after target and content."""
    home = CASES / f"{target}-{hashlib.sha256(raw).hexdigest()[:8]}"
    home.mkdir(parents=True, exist_ok=True)
    (home / name).write_bytes(raw)
    return home.relative_to(ROOT)


def guided(scratch: Path, seconds: float) -> None:
    """Lead the readers by coverage, where atheris is installed; Found where it ends with a crash."""
    try:
        import atheris  # noqa: F401
    except ImportError:
        print("guided: atheris is not installed, left out")
        return
    corpus = scratch / "corpus"
    corpus.mkdir()
    command = [
        sys.executable, "-m", "tests.fuzz.guided", str(corpus), f"-max_total_time={int(seconds)}", "-rss_limit_mb=1500",
        f"-timeout={int(2 * LONGEST_S)}", f"-artifact_prefix={scratch}/crash-", "-verbosity=0",
    ]  # fmt: skip
    with (scratch / "guided.log").open("wb") as log:
        done = subprocess.run(command, cwd=ROOT, stdout=log, stderr=log, check=False)
    crashed = sorted(scratch.glob("crash-*"))
    if done.returncode or crashed:
        told = (scratch / "guided.log").read_text(errors="replace")[-3000:]
        kept = [str(_kept("guided", "input", path.read_bytes())) for path in crashed]
        raise Found(f"guided: {told}\nkept as {kept}")
    print(f"guided: {len(list(corpus.iterdir()))} inputs that lead to other lines of code")


def main() -> int:
    """Share the time among the targets, one after the other."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600, help="for how long; default 600")
    parser.add_argument(
        "--seed", type=int, help="the same seed makes the same inputs; those led by coverage have none"
    )
    parser.add_argument(
        "--target", choices=[*TARGETS, "guided"], action="append", help="only this one; may be given again"
    )
    asked = parser.parse_args()
    warnings.filterwarnings("ignore", message="Generating overly large repr")  # nobody reads it
    chosen = asked.target or [*TARGETS, *(["guided"] if asked.seed is None else [])]
    first_seed = int(time.time()) if asked.seed is None else asked.seed
    with tempfile.TemporaryDirectory(prefix="nikdedup-fuzz-") as folder:
        return _fuzz_all(Path(folder), chosen, asked.seconds / len(chosen), first_seed)


def _fuzz_all(scratch: Path, chosen: list[str], share: float, first_seed: int) -> int:
    made = sound_inputs(scratch / "sound")
    worker = Worker(scratch)
    failed = 0
    try:
        for target in chosen:
            try:
                if target == "guided":
                    guided(scratch, share)
                    continue
                seen = fuzz(target, made[target], worker, time.monotonic() + share, first_seed)
                print(
                    f"{target}: {seen.total()} inputs, {seen['done']} read, {len(seen)} different answers",
                    flush=True,
                )
            except Found as found:
                failed = 1
                print(f"FINDING {found}", flush=True)
    finally:
        worker.stop()
    return failed


if __name__ == "__main__":
    sys.exit(main())
