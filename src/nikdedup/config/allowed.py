"""What a value may be: sizes, days, whole numbers, region codes and names out of a list.

Each check returns the value as it is kept; its ValueError says what is allowed.
"""

from __future__ import annotations

import contextlib
import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

LEAST_MEMORY = 200_000_000
"""Bytes below which not even the libraries load."""

MOST = 10**15
"""Largest number that a setting may be: more is a slip of the hand, and no counter holds much more."""

MOST_THREADS = 1024
"""More make no machine faster, and libraries abort the process where the system has no more to give."""

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
"""Between these lies the date that an extract speaks of: the century of a NIK is told from it."""


def memory_bytes(value: object) -> object:
    """Turn "4GB", "800 MB" or a number of bytes into bytes (1 GB = 10^9)."""
    if isinstance(value, str):
        size = re.fullmatch(r"\s*(\d{1,15}(?:\.\d{1,9})?)\s*([KMGT]?)B?\s*", value, flags=re.IGNORECASE)
        factor = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
        value = int(float(size[1]) * factor[size[2].upper()]) if size else None
    if not isinstance(value, int) or isinstance(value, bool) or not LEAST_MEMORY <= value <= MOST:
        raise ValueError(f"a size of {LEAST_MEMORY // 10**6}MB or more, such as 800MB or 4GB")
    return value


def reference_day(value: object) -> date:
    """Take a date, the day of a datetime, or text YYYY-MM-DD, of this age; a bare number is no date.

    Args:
        value: what somebody gave as a date.

    Raises:
        ValueError: says what is allowed.
    """
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value.strip(), flags=re.ASCII):
        with contextlib.suppress(ValueError):
            value = date.fromisoformat(value.strip())
    if isinstance(value, datetime):
        value = value.date()
    if not isinstance(value, date):
        raise ValueError("a date YYYY-MM-DD")
    if not FIRST_DAY <= value <= LAST_DAY:
        raise ValueError(f"a date from {FIRST_DAY} to {LAST_DAY}")
    return value


def _whole(value: object) -> object:
    """Take a whole number, also as text; true and false are none."""
    if isinstance(value, bool):
        raise ValueError("a whole number")
    if (isinstance(value, int) and abs(value) > MOST) or (isinstance(value, str) and len(value.strip()) > 16):
        raise ValueError(f"a whole number of at most {MOST:.0e}")
    return value


def _low_and_high(value: object) -> object:
    """Take two finite numbers, the lower one first."""
    two = list(value) if isinstance(value, list | tuple) else []
    plain = len(two) == 2 and all(type(one) in (int, float) for one in two)
    if not plain or not -1e9 <= two[0] <= two[1] <= 1e9:
        raise ValueError("two numbers, the lower one first")
    return tuple(two)


def region_code(value: object) -> object:
    """Take the code of a province or regency as text, dots allowed."""
    code = value.replace(".", "") if isinstance(value, str) else ""
    if not re.fullmatch(r"[1-9]\d(\d\d)?", code, flags=re.ASCII):
        raise ValueError('the code of a province or regency as text, such as "62" or "6212"')
    return code


Whole = Annotated[int, BeforeValidator(_whole)]
Threads = Annotated[Whole, Field(ge=1, le=MOST_THREADS)]
Memory = Annotated[int, BeforeValidator(memory_bytes)]
LowAndHigh = Annotated[tuple[float, float], BeforeValidator(_low_and_high)]


def all_among(found: Any, allowed: tuple[str, ...], what: str) -> Any:
    """Return `found`; ValueError where one of its values is none of `allowed`."""
    for value in found.values() if isinstance(found, dict) else found:
        if value not in allowed:
            raise ValueError(f"{value!r} is no {what}; allowed: {', '.join(allowed)}")
    return found
