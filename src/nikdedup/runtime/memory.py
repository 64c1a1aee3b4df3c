"""How the process of the command line is set up, before the libraries load: its memory and its threads.

By default the C library gives large blocks back at once and asks for them anew, numpy asks for huge pages,
and polars keeps memory apart for each of its threads, so that what one has freed another asks for anew. On
virtual machines a fresh page is dear, and a run asks for hundreds of thousands. Only the command line and worker
processes set themselves up so: a program that imports nikdedup decides for itself.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import re
import sys
from pathlib import Path

MOST_THREADS = 1024
"""Of a larger number, which is refused later, the libraries must not hear: they abort the process."""

# From glibc's malloc.h.
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX, M_ARENA_MAX = -1, -2, -4, -8


def prepare(arguments: list[str]) -> None:
    """Set up the process for one command with these arguments."""
    open_closed_streams()
    # One job, then the process ends: looking for cycles all the time costs a tenth of it.
    gc.set_threshold(500_000)
    keep_freed_memory()
    # Plugins of pydantic are looked for among all that is installed; the command line has no use for any.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    limit_threads(arguments)


def open_closed_streams() -> None:
    """Have standard input, output and error lead nowhere where whoever started the process has closed them.

    Else the first file that is opened takes the number of one of them, and what is printed goes into it.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            with contextlib.suppress(OSError):
                os.fstat(number)
                continue
            nowhere = open(os.devnull, "w" if number else "r", encoding="utf-8")  # noqa: SIM115 (until the end)
            setattr(sys, name, nowhere)
            setattr(sys, f"__{name}__", nowhere)


def keep_freed_memory() -> None:
    """Have freed memory used again; of C libraries only glibc can be told. Before numpy and polars load."""
    os.environ.setdefault("NUMPY_MADVISE_HUGEPAGE", "0")
    os.environ.setdefault(
        "_RJEM_MALLOC_CONF", "narenas:1,oversize_threshold:0,dirty_decay_ms:1000,muzzy_decay_ms:0"
    )
    if sys.platform != "linux":
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library than glibc
        return
    for option, value in (
        (M_ARENA_MAX, 1),
        (M_MMAP_MAX, 0),
        (M_TRIM_THRESHOLD, 2**31 - 1),
        (M_TOP_PAD, 1 << 26),  # few large pieces: each one makes the other threads wait
    ):
        mallopt(option, value)


def limited() -> bool:
    """Say whether the system allows the process no more than some memory: `ulimit -v`."""
    try:
        import resource
    except ImportError:  # Windows
        return False
    return resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY


def give_back_freed_memory() -> None:
    """Give what numpy has freed back to the system, where the C library is glibc: polars has memory of its own."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)


def limit_threads(arguments: list[str]) -> None:
    """Set the thread pools of polars and the like before they are loaded; later they cannot be changed."""
    wanted = _argument(arguments, "--threads") or _configured_threads(_argument(arguments, "--config"))
    if wanted is not None and re.fullmatch("0*[1-9][0-9]{0,3}", wanted) and int(wanted) <= MOST_THREADS:
        for name in ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
            os.environ[name] = wanted


def _argument(arguments: list[str], option: str) -> str | None:
    """Return the value of an option, or None; the last one counts."""
    found = None
    for here, following in zip(arguments, [*arguments[1:], ""], strict=False):
        name, _, value = here.partition("=")
        if name == option:
            found = value or following
    return found


def _configured_threads(config: str | None) -> str | None:
    """Return run.threads of a TOML file; None where there is none, faults are told later."""
    if config is None:
        return None
    import tomllib

    from nikdedup.runtime.files import read_file

    try:
        return str(tomllib.loads(read_file(Path(config)).decode("utf-8-sig"))["run"]["threads"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
