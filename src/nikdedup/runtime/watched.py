"""A command in a process of its own, and one that stays behind to say in plain words what ended it.

Libraries of compiled code end the whole process where memory runs out or a damaged file leads them astray, and print
pages of their own before. Here a small process waits for the one that works, passes on what the system tells it, and
turns such an end into one line. The fork comes before any of those libraries is loaded, and costs a millisecond.
"""

from __future__ import annotations

import atexit
import ctypes
import json
import mmap
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import NoReturn

from nikdedup.errors import LITTLE_MEMORY
from nikdedup.runtime.memory import limited
from nikdedup.runtime.stopping import end_when_told

PASSED_ON = (signal.SIGTERM, signal.SIGINT)
"""Signals that another process sends to the waiting one; Ctrl-C reaches both by itself."""
INTERRUPTED = 130
"""What typer makes of Ctrl-C, and what we make of SIGTERM."""
STOPPED = "stopped; nothing was published"
PR_SET_PDEATHSIG = 1
NAME_BYTES = 1024
PATH_BYTES = 8192
NO_MEMORY = (
    b"memory allocation of",
    b"out of memory",
    b"Cannot allocate memory",
    b"bad_alloc",
    b"MemoryError",
    b"pthread_create failed",
)
"""What libraries print as they end the process because memory ran out."""

_desk: mmap.mmap | None = None
"""Where the working process notes which file it reads, and behind it where it publishes; shared with the other."""
_aside: int | None = None
"""Handle of what libraries have printed, in the process that works."""


LOOK_S = 2.0
"""Seconds after which the process that waits looks whether the other has ended, should the system not tell it."""
STALLED_S = 20.0
"""Seconds in which a run that reads a file does nothing at all, after which it is ended where its memory is limited: a
reader that could not start a thread may wait for it for ever."""


def watched(work: Callable[[], int], say: Callable[[str, int], int]) -> int:
    """Return the exit code of `work`, done in a process of its own where this one can still be divided.

    say: prints a line and returns the exit code given with it. What libraries print by themselves is not shown;
    with NIKDEDUP_DEBUG set it is, and nothing is divided.
    """
    if not _can_divide():
        return work()
    global _desk
    _desk = mmap.mmap(-1, NAME_BYTES + PATH_BYTES)
    aside = os.memfd_create("printed by libraries")
    own = {*PASSED_ON, signal.SIGCHLD}
    signal.pthread_sigmask(signal.SIG_BLOCK, own)
    sys.stdout.flush()
    parent = os.getpid()
    try:
        child = os.fork()
    except OSError as fault:
        return say(f"no process could be started ({fault.strerror}); nothing was published", 1)
    if child:
        return _waited(child, own, aside, say)
    _end_with(parent)
    _put_aside_what_libraries_print(aside)
    end_when_told(lambda: say(STOPPED, INTERRUPTED))  # by a thread that takes no signal itself
    signal.pthread_sigmask(signal.SIG_UNBLOCK, own)
    code = work()
    signal.pthread_sigmask(signal.SIG_BLOCK, own)
    _end(code)


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Note for the process that waits which file is read inside, in case the file ends this one."""
    _note(name)
    try:
        yield
    finally:
        _note("")  # what Python sees is told by itself


@contextmanager
def publishing(record: Path) -> Iterator[None]:
    """Note for the process that waits where a run is published inside, so that it can tell whether one was.

    record: its run.json, which takes the place of the earlier one in one step.
    """
    _note_place(f"{_digest(record)} {os.path.abspath(record)}")
    try:
        yield
    finally:
        _note_place("")


def _note(name: str) -> None:
    if _desk is not None:
        line = name.encode("utf-8", "replace")[: NAME_BYTES - 1]
        _desk[: len(line) + 1] = line + b"\0"


def _noted() -> str:
    return "" if _desk is None else _desk[:NAME_BYTES].partition(b"\0")[0].decode("utf-8", "replace")


def _note_place(text: str) -> None:
    line = os.fsencode(text)
    if _desk is not None and len(line) < PATH_BYTES:
        _desk[NAME_BYTES : NAME_BYTES + len(line) + 1] = line + b"\0"


def _digest(record: Path) -> str:
    try:
        return sha256(record.read_bytes()).hexdigest()
    except OSError:  # no run was there yet
        return "none"


def _published() -> int | None:
    """Return the exit code of a run that was published before its process ended; None where none was."""
    noted = "" if _desk is None else os.fsdecode(_desk[NAME_BYTES:].partition(b"\0")[0])
    before, _, place = noted.partition(" ")
    if not place or _digest(Path(place)) in (before, "none"):
        return None
    health = json.loads(Path(place).read_bytes())["health"]
    return 0 if all(check["ok"] for check in health) else 3


def _can_divide() -> bool:
    """Say whether this is a command of its own on Linux, with nothing loaded yet that a fork would break."""
    return (
        sys.platform == "linux"
        and sys.stderr is sys.__stderr__
        and not {"polars", "numpy", "pyarrow"} & set(sys.modules)
        and threading.active_count() == 1
        and not os.environ.get("NIKDEDUP_DEBUG")
    )


def _end_with(parent: int) -> None:
    """Have the system end this process with its parent, however that one ends."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _put_aside_what_libraries_print(aside: int) -> None:
    """Leave standard error to Python alone: what compiled code writes there goes to `aside`."""
    global _aside
    _aside = aside
    shown = os.dup(2)
    os.dup2(aside, 2)
    sys.stderr = open(shown, "w", buffering=1, encoding=sys.stderr.encoding, errors="replace")  # noqa: SIM115


def _end(code: int) -> NoReturn:
    """End this process with the exit code of its work, which is done and told.

    What libraries do as a process ends is left out: threads that a damaged file has left waiting make them abort it,
    and a signal that comes then would be taken for the end of the work.
    """
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # what could not be printed was told when it was printed
            stream.flush()
    os._exit(code)


def _waited(child: int, own: set[signal.Signals], aside: int, say: Callable[[str, int], int]) -> int:
    """Wait for the end of the process that works, and return its exit code or what stands for it."""
    idle = _Idle(child)
    while True:
        if limited() and _noted() and idle.seconds() > STALLED_S:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return say(LITTLE_MEMORY, 1)
        told = signal.sigtimedwait(own, LOOK_S)
        if told is not None and told.si_signo != signal.SIGCHLD:
            if told.si_code <= 0:  # sent by a process; what the terminal sends reaches the child as well
                os.kill(child, told.si_signo)
            continue
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            break
    if os.WIFEXITED(status):
        return os.WEXITSTATUS(status)
    return say(*_told_of(os.WTERMSIG(status), aside))


class _Idle:
    """How long a process has done nothing: none of its threads ran, or waited for a disk or a process of its own."""

    def __init__(self, process: int) -> None:
        self._place = Path(f"/proc/{process}")
        self._since, self._ticks = time.monotonic(), -1

    def seconds(self) -> float:
        """Return for how long; asked again and again."""
        ticks = self._worked()
        if ticks is None or ticks != self._ticks:
            self._since, self._ticks = time.monotonic(), -1 if ticks is None else ticks
        return time.monotonic() - self._since

    def _worked(self) -> int | None:
        """Return the processor's ticks that the process has had; None while a thread is at work."""
        try:
            threads = [*(self._place / "task").iterdir()]
            states = {_fields(place / "stat")[0] for place in threads}
            others = any((place / "children").read_text() for place in threads)
            own = _fields(self._place / "stat")
        except (OSError, IndexError):  # it has just ended, or a thread of it
            return None
        return None if others or states != {"S"} else int(own[11]) + int(own[12])


def _fields(place: Path) -> list[str]:
    """Return what the system says of a process or thread, from its state on: see proc(5)."""
    return place.read_text().rpartition(")")[2].split()


def _told_of(number: int, aside: int) -> tuple[str, int]:
    """Return the line and the exit code for a process that a signal has ended."""
    if (code := _published()) is not None:
        return "the process was ended after its run was published; it is whole", code
    file = _noted()
    if number == signal.SIGKILL:
        return "the system ended the run, most likely for lack of memory; nothing was published", 1
    if file:
        return f"{file}: damaged, or too large for the memory allowed; export it again", 2
    if _short_of_memory(aside):
        return LITTLE_MEMORY, 1
    name = signal.Signals(number).name
    return f"unexpected failure ({name} in a library); nothing was published", 1


def ran_short() -> bool:
    """Say whether a library has told of too little memory: OpenBLAS then stops us with the signal of Ctrl-C."""
    return _aside is not None and _short_of_memory(_aside)


def _short_of_memory(aside: int) -> bool:
    printed = os.pread(aside, 1 << 20, 0)
    return any(sign in printed for sign in NO_MEMORY)
