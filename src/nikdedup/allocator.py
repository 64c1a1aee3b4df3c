"""How the process holds memory: what one step frees, the next one takes.

By default the C library gives large blocks back at once and asks for them anew, and numpy asks for huge
pages. A fresh page costs microseconds on virtual machines; measured at 1 M records, a third of the
processor time of a run went there. Only the command line asks for this: a program that imports nikdedup
decides for itself.
"""

from __future__ import annotations

import ctypes
import os
import sys

# From glibc's malloc.h.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
LARGEST_KEPT = 32 << 20
"""Bytes up to which glibc lets a block stay; larger ones go back when they are freed."""


def keep_freed_memory() -> None:
    """Have freed memory used again where the C library is glibc; elsewhere only numpy is told. Before numpy loads."""
    os.environ.setdefault("NUMPY_MADVISE_HUGEPAGE", "0")
    if sys.platform != "linux":
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library than glibc
        return
    for option, value in ((M_ARENA_MAX, 1), (M_MMAP_THRESHOLD, LARGEST_KEPT), (M_TRIM_THRESHOLD, 2**31 - 1)):
        mallopt(option, value)
