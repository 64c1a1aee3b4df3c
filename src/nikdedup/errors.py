"""What can go wrong, and which exit code it means.

Bad data is a value (a reason code in a column), never an exception. What is
raised here is a wrong option, a wrong file or a missing part of the machine:
one plain line that says what was found and what is allowed, without any NIK,
name or address in it. What other libraries raise may quote a cell; so every function that users call
is a `door`, and nothing leaves it but these errors, alone.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

from nikdedup.masking import mask_numbers

Asked = ParamSpec("Asked")
Found = TypeVar("Found")

DEBUG = "NIKDEDUP_DEBUG"
"""Environment variable under which an unexpected failure is raised as it is, values and all."""


LITTLE_MEMORY = (
    "not enough memory for the run; allow more (ulimit -v), or give fewer records; nothing was published"
)


_ARGUMENT = re.compile(r"\x00([\w.]+)(?:\x01(.*?)\x01(.*?))?\x00", flags=re.DOTALL)
"""An argument in a message: its name, and where there is one its value, plain and as Python writes it."""


def argument(name: str, *value: object) -> str:
    """Return an argument, with its value where that is given too, to be put into the message of an error.

    The message says it as Python does; who speaks otherwise, as the command line, asks `NikdedupError.said`.

    >>> str(ConfigError(argument("threads", 0))), str(InputError(f"{argument('out')} run: is a file"))
    ('threads = 0', 'out run: is a file')
    """
    if not value:
        return f"\x00{name}\x00"
    plain = str(value[0]).replace("\x00", "").replace("\x01", "")  # these part a message here
    return f"\x00{name}\x01{plain}\x01{value[0]!r}\x00"


def _as_in_python(name: str, plain: str | None, written: str | None) -> str:
    return name if written is None else f"{name} = {written}"


class NikdedupError(Exception):
    """Base of every error this package raises on purpose.

    Long numbers in its message are masked; what no UTF-8 can hold (bytes of a file name) becomes "?": logs take none.
    """

    exit_code = 1

    def __init__(self, message: str) -> None:
        self._message = mask_numbers(message.encode(errors="replace").decode())
        super().__init__(self.said(_as_in_python))

    def said(self, written: Callable[[str, str | None, str | None], str]) -> str:
        """Return the message with each `argument` as a caller writes it.

        written: from name and value to text; the value plain and as Python writes it, None where only the name is
        spoken of.
        """
        return _ARGUMENT.sub(lambda found: written(*found.groups()), self._message)


class InputError(NikdedupError):
    """A wrong input file or frame, or an output folder that cannot be used."""

    exit_code = 2


class ConfigError(InputError):
    """A wrong argument or config key."""


class RunError(NikdedupError):
    """The run itself failed (disk full, worker killed); nothing was published."""


class BusyError(NikdedupError):
    """Another run is writing to the folder; the message says whose it is and since when. Nothing was done."""

    exit_code = 4


def shortage(fault: BaseException) -> str | None:
    """Return the line for a fault that says memory, threads or file handles ran out; None for any other."""
    text = str(fault)
    if (isinstance(fault, OSError) and fault.errno == 24) or "Too many open files" in text:
        return "not enough file handles; allow more (ulimit -n); nothing was published"
    signs = ("Cannot allocate memory", "memory allocation", "start new thread", "failed to map segment")
    if isinstance(fault, MemoryError) or any(sign in text for sign in signs):
        return LITTLE_MEMORY
    return None


def reason_of(fault: Exception) -> str:
    """Say why a file could not be written; polars hands over a full disk as a text of its own."""
    if isinstance(fault, PermissionError):
        name = Path(fault.filename or "").name or "a file"
        return f"{name} is open in another program (Excel?); close it and run again"
    if isinstance(fault, OSError):
        return f"could not be written ({fault.strerror or type(fault).__name__})"
    found = re.search(r"\(os error (\d+)\)", str(fault))
    return f"could not be written ({os.strerror(int(found[1])) if found else type(fault).__name__})"


def crash_of(fault: BaseException) -> RunError:
    """Return an unexpected failure as an error that names its place, but never a value: it may be an identity.

    Where memory or file handles ran out, that is said instead.
    """
    if line := shortage(fault):
        return RunError(line)
    trace = fault.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "?"
    return RunError(f"unexpected failure ({type(fault).__name__} in {place}); nothing was published")


def door(function: Callable[Asked, Found]) -> Callable[Asked, Found]:
    """Return the function as users call it: its errors are ours and carry no other one along.

    Errors of other libraries become RunError (`crash_of`), unless DEBUG is set. An error that was raised while
    another one was handled keeps that one as its context, which tools print and logs keep: it is taken off.
    """

    @functools.wraps(function)
    def through(*args: Asked.args, **kwargs: Asked.kwargs) -> Found:
        try:
            return function(*args, **kwargs)
        except NikdedupError as fault:
            plain = fault
        except (KeyboardInterrupt, SystemExit, GeneratorExit):
            raise
        except BaseException as fault:  # a panic of polars is no Exception
            if os.environ.get(DEBUG):
                raise
            plain = crash_of(fault)
        plain.__cause__ = plain.__context__ = None
        raise plain

    return through
