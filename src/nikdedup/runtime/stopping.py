"""A command that is told to stop while a library works: it is tidied up after and ended, though nothing hears of it.

Python hears of a signal between two of its own steps, and a library may work for minutes within one. Here a thread
hears of it at once, waits a moment for the command to end by itself, and else does what would have been done then.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context

PATIENCE_S = 1.2
"""Seconds in which a command that is told to stop may end by itself."""
STOPS = (signal.SIGTERM, signal.SIGINT)

_tidy: list[Callable[[], None]] = []
"""What is to be taken away should the command be ended now, the last first; while there is nothing, it is not."""
_whole = threading.RLock()
"""Held while the folder of a run is between two states, and by who ends the command."""
_published = False


@contextmanager
def leaving(tidy: Callable[[], None]) -> Iterator[None]:
    """Have `tidy` done should the command be ended inside; it may meet what is gone already, or still at work."""
    _tidy.append(tidy)
    try:
        yield
    finally:
        with _whole:  # who ends the command is not met half way
            _tidy.remove(tidy)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let nobody end the command while a run is published inside, and once it is."""
    global _published
    with _whole:
        yield
        _published = True


def end_when_told(end: Callable[[], int]) -> None:
    """Have this process ended soon after it is told to stop, if there is work of ours that has something to tidy up.

    end: says that it was stopped, and returns the exit code. Called from the main thread.
    """
    try:
        told, tell = os.pipe()
    except OSError:  # a system that gives too few handles; the work will say so
        return
    os.set_blocking(tell, False)
    signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
    context = copy_context()

    def wait() -> None:
        while number := os.read(told, 1):
            if number[0] in STOPS:
                time.sleep(PATIENCE_S)
                with _whole:
                    if _tidy and not _published:
                        for tidy in reversed(_tidy[:]):
                            tidy()
                        os._exit(context.run(end))

    threading.Thread(target=wait, name="stopping", daemon=True).start()
