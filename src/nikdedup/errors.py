"""What can go wrong, and which exit code it means.

Bad data is a value (a reason code in a column), never an exception. What is
raised here is a wrong option, a wrong file or a missing part of the machine:
one plain line that says what was found and what is allowed, without any NIK,
name or address in it.
"""

from __future__ import annotations

from nikdedup.masking import mask_numbers


class NikdedupError(Exception):
    """Base of every error this package raises on purpose; long numbers in its message are masked."""

    exit_code = 1

    def __init__(self, message: str) -> None:
        super().__init__(mask_numbers(message))


class InputError(NikdedupError):
    """A wrong input file or frame, or an output folder that cannot be used."""

    exit_code = 2


class ConfigError(InputError):
    """A wrong option or config key; the message names it as the caller wrote it."""


class RunError(NikdedupError):
    """The run itself failed (disk full, worker killed); nothing was published."""
