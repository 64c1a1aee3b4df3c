"""How long each stage of a run takes and how much memory it has needed; the only place that looks at a clock."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from nikdedup.runtime.journal import tell_stage


@dataclass
class Clock:
    """Seconds and peak memory of each stage, by its name."""

    progress: Callable[[str], None] | None = None
    timing: dict[str, dict[str, float | None]] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[dict[str, int]]:
        """Measure what runs inside, and log it with the counts that are put into the dict."""
        if self.progress is not None:
            self.progress(name)
        begin = time.perf_counter()
        counts: dict[str, int] = {}
        yield counts
        self.timing[name] = measured(begin)
        tell_stage(name, counts, self.timing[name])


def measured(begin: float) -> dict[str, float | None]:
    """Return the seconds since `begin` (time.perf_counter) and the peak memory so far."""
    return {"seconds": round(time.perf_counter() - begin, 3), "peak_mb": peak_memory_mb()}


def peak_memory_mb() -> float | None:
    """Return the process's peak resident memory so far in MB (10^6 bytes); None where the system has no such count."""
    try:  # Linux: getrusage would count the process that started this one too, VmHWM does not
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        return round(int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6, 1)
    except (OSError, IndexError):
        pass
    try:
        import resource
    except ImportError:
        return None
    import sys

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6, 1)
