"""Numbers and dates the way an Indonesian or an English reader writes them."""

from __future__ import annotations

import math
from datetime import date

NONE = "–"
"""What stands where there is no figure."""

_MONTHS = {
    "id": "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember",
    "en": "January February March April May June July August September October November December",
}
_SWAP = str.maketrans(",.", ".,")


def integer(value: int | float | None, lang: str) -> str:
    """Return a whole number with thousands marks: dots in Indonesian, commas in English.

    >>> integer(1234567, "id"), integer(-1200, "en"), integer(None, "id")
    ('1.234.567', '−1,200', '–')
    """
    return NONE if value is None else _localised(f"{int(value):,}", lang)


def decimal(value: float | None, lang: str, *, digits: int = 2, signed: bool = False) -> str:
    """Return a number with `digits` decimals; `signed` also shows a plus.

    >>> decimal(1234.5, "id"), decimal(3.25, "en", signed=True), decimal(-0.001, "id")
    ('1.234,50', '+3.25', '0,00')
    """
    if value is None or not math.isfinite(value):
        return NONE
    value = round(value, digits) + 0.0
    return _localised(f"{value:{'+' if signed and value else ''},.{digits}f}", lang)


def floored(share: float | None) -> float | None:
    """Return a share (0 to 1) rounded down to a hundredth of a percent, as `percent` prints coverage; None stays.

    >>> floored(0.99196), floored(0.29), floored(None)
    (0.9919, 0.29, None)
    """
    return None if share is None else math.floor(share * 10_000 + 1e-6) / 10_000


def percent(share: float | None, lang: str, *, digits: int = 2, floor: bool = False) -> str:
    """Return a share (0 to 1) as a percentage; `floor` rounds down.

    Coverage is rounded down, so that 99.196% is never printed as a target of 99.20% reached.

    >>> percent(0.974721, "id"), percent(0.99196, "en"), percent(0.99196, "en", floor=True)
    ('97,47%', '99.20%', '99.19%')
    """
    if share is None or not math.isfinite(share):
        return NONE
    value = share * 100
    if floor:
        # The small term undoes what binary fractions lose: 0.29 * 100 is 28.999999999999996.
        value = math.floor(value * 10**digits + 1e-6) / 10**digits
    return _localised(f"{value:,.{digits}f}%", lang)


def rate(share: float | None, lang: str) -> str:
    """Return a small share as a percentage with two significant digits.

    >>> rate(0.00034, "id"), rate(0.0, "en"), rate(0.25, "en")
    ('0,034%', '0%', '25%')
    """
    if share is None or not math.isfinite(share):
        return NONE
    if share == 0:
        return "0%"
    digits = max(0, 1 - math.floor(math.log10(abs(share) * 100)))
    return _localised(f"{share * 100:,.{digits}f}%", lang)


def day(value: date | str | None, lang: str) -> str:
    """Return a date as dd-mm-yyyy in Indonesian, yyyy-mm-dd in English.

    >>> day("2026-06-30", "id"), day(date(2026, 6, 30), "en")
    ('30-06-2026', '2026-06-30')
    """
    if not value:
        return NONE
    value = date.fromisoformat(value) if isinstance(value, str) else value
    return value.strftime("%d-%m-%Y") if lang == "id" else value.isoformat()


def long_day(value: date | str | None, lang: str) -> str:
    """Return a date in words.

    >>> long_day("2026-08-01", "id"), long_day("2026-08-01", "en")
    ('1 Agustus 2026', '1 August 2026')
    """
    if not value:
        return NONE
    value = date.fromisoformat(value) if isinstance(value, str) else value
    return f"{value.day} {_MONTHS[lang].split()[value.month - 1]} {value.year}"


def _localised(text: str, lang: str) -> str:
    text = text.replace("-", "−")
    return text.translate(_SWAP) if lang == "id" else text
