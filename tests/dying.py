"""Tasks of which a worker dies or fails, in a module that workers can import."""

import errno
import os
from typing import NoReturn

from nikdedup import InputError


def stopped(_: object) -> NoReturn:
    """Die as a process does that the system kills."""
    os._exit(9)


def refused(_: object) -> NoReturn:
    raise InputError("wrong input; allowed: another one")


def failed(name: object) -> NoReturn:
    raise KeyError(name)


def full(_: object) -> NoReturn:
    raise OSError(errno.ENOSPC, "No space left on device")


def loud(number: int) -> int:
    """Print what must not come between the answers."""
    print("x" * 100_000)
    return number + 1
