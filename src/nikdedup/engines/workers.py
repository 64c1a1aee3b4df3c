"""Worker processes: pieces of one work side by side, each in the memory of a process of its own.

Threads share one memory: where each of them fills much of it anew, they wait for each other. A worker is this
package started once more (worker.py), neither a fork, which hangs with polars, nor a copy of the caller's
script, which need not be guarded. What goes between the processes is small: which piece, and what was
counted. Records travel as files.

loky 3.7 was tried in place of this (two workers, three starts and two runs each on a loaded machine): started and
ended with 1.9 processor seconds where these take 1.5, its end takes 1.3 s where these end in 0.05; 1 million records
in parts 18.2 and 18.5 processor seconds against 17.2 and 17.9, the same memory. It would not tell a fault apart from
a crash as `answer_to` does, nor let go of a stopped run's folder only when the workers are gone. So no dependency.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import IO, Any, Self, TypeVar, cast

from nikdedup.errors import NikdedupError, RunError, crash_of, reason_of
from nikdedup.runtime.share import arriving
from nikdedup.runtime.stopping import leaving

Piece = TypeVar("Piece")
Found = TypeVar("Found")

ONE_THREAD = dict.fromkeys(("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
KEEPS_MEMORY = {"_RJEM_MALLOC_CONF": "narenas:1,oversize_threshold:0,dirty_decay_ms:-1,muzzy_decay_ms:-1"}
"""A worker does much the same again and again: what polars has freed is used for the next piece."""


class Workers:
    """A number of worker processes, which start at once and stop at the end of `with`. module: what they load first."""

    def __init__(self, number: int, module: str) -> None:
        self.number = number
        self._end = ExitStack()
        self._all: list[subprocess.Popen[bytes]] = []
        self._idle: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
        # The worker finds this very package, wherever it was imported from; "" is the folder we run in.
        home = Path(__file__).parents[2]
        path = os.pathsep.join([str(home), *(entry or os.getcwd() for entry in sys.path)])
        command = [sys.executable, "-P", "-m", "nikdedup.engines.worker", module]
        try:
            for _ in range(number):
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env={**os.environ, **ONE_THREAD, **KEEPS_MEMORY, "PYTHONPATH": path},
                )
                self._all.append(process)
                self._idle.put(process)
        except OSError as fault:
            self._stop()
            raise RunError(f"a worker process could not be started ({fault.strerror})") from None

    def __enter__(self) -> Self:
        self._end.enter_context(leaving(self._killed))  # before the folder they write to is taken away
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: object, trace: TracebackType | None) -> None:
        self._end.close()
        if kind is not None:
            self._stop()
        for process in self._all:
            for stream in _streams(process):
                with suppress(OSError):  # of one that ended before; `_ask` has said so
                    stream.close()
            process.wait()

    def map(self, task: Callable[[Piece], Found], pieces: Iterable[Piece]) -> list[Found]:
        """Return what `task` (a function of a module, of one value that can be pickled) says of each piece, in order.

        What it raises on purpose is raised here; RunError where it failed or a worker was stopped from outside.
        """
        pool, waiting = ThreadPoolExecutor(self.number), list(pieces)
        try:
            answers = pool.map(lambda piece: self._ask(task, piece), waiting)
            return list(arriving(answers, len(waiting)))
        except BaseException:
            self._stop()  # nobody waits for the other answers
            raise
        finally:
            pool.shutdown(cancel_futures=True)

    def _killed(self) -> None:
        """Stop the workers and wait until they are gone, so that they write no more."""
        self._stop()
        for process in self._all:
            process.wait()

    def _stop(self) -> None:
        for process in self._all:
            process.kill()

    def _ask(self, task: Callable[[Piece], Found], piece: Piece) -> Found:
        process = self._idle.get()
        questions, answers = _streams(process)
        try:
            pickle.dump((task, piece), questions)
            questions.flush()
            answer = pickle.load(answers)
        except (EOFError, OSError, pickle.UnpicklingError):
            raise RunError(
                "a worker process was stopped before its end (too little memory?); nothing was published"
            ) from None
        finally:
            self._idle.put(process)
        if isinstance(answer, NikdedupError):
            raise answer
        return cast("Found", answer[0])


def _streams(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    """Return where a worker is asked and where it answers."""
    return cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)


def answer_to(task: Callable[[Any], Any], piece: Any) -> tuple[Any] | NikdedupError:
    """Return what a task says of a piece, or the fault to be raised; never a value of a record in its text."""
    from polars.exceptions import ComputeError

    try:
        return (task(piece),)
    except NikdedupError as fault:
        return fault
    except (OSError, ComputeError) as fault:
        return RunError(f"what a worker puts aside {reason_of(fault)}; nothing was published")
    except BaseException as fault:  # a panic of polars is no Exception
        return crash_of(fault)
