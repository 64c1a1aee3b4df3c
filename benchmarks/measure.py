"""What a whole process costs, seen from outside: wall time, processor time, peak memory of its tree."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

EVERY_S = 0.1
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Cost:
    """One run: seconds, seconds of all cores, bytes of resident memory summed over the tree, exit code.

    `load` is the number of processes that wanted to run in the minute before it; 0 where unknown.
    """

    wall_s: float
    cpu_s: float
    peak_bytes: int
    exit_code: int
    error: str
    load: float


def measure(command: list[str], *, timeout_s: float = 3600.0) -> Cost:
    """Run `command` from the repository root and return its cost; a run past `timeout_s` is stopped.

    Memory is sampled ten times a second over the process and its descendants. Where the system keeps a high-water
    mark per process (Linux), a peak between two samples is seen too. `error` holds the last line of stderr
    of a run that failed.
    """
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    # An installed package has its bytecode beside it; so has the one under test from its second run on.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    ) as process:
        sampler = _Sampler(process.pid)
        sampler.start()
        try:
            _, error = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            _stop(process.pid)
            process.communicate()
            error = f"stopped after {timeout_s:.0f} s"
        wall = time.perf_counter() - start
        sampler.finish()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    failed = (error.strip().splitlines() or [""])[-1] if process.returncode else ""
    return Cost(wall, cpu, sampler.peak, process.returncode, failed, load)


def _stop(pid: int) -> None:
    """Kill the tree under `pid`; the root first, lest it ends well when its children are gone."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for one in [process, *process.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()


class _Sampler(threading.Thread):
    """Keeps the largest sum of resident memory seen over a process tree."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid = pid
        self.peak = 0
        self._done = threading.Event()

    def run(self) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            root = psutil.Process(self.pid)
            while not self._done.wait(EVERY_S):
                tree = [root, *root.children(recursive=True)]
                self.peak = max(self.peak, sum(map(_resident, tree)), *(_high_water(one.pid) for one in tree))

    def finish(self) -> None:
        self._done.set()
        self.join()


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except (psutil.NoSuchProcess, psutil.ZombieProcess, psutil.AccessDenied):
        return 0


def _high_water(pid: int) -> int:
    """Return the peak resident bytes of one process so far; 0 where the system does not tell."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0
