"""The NIK: sixteen digits that say where, when and as whom a resident was first registered.

| digits | content |
|---|---|
| 1-6 | province, regency, kecamatan of the place of issue; or 99, country, mission (NIT) |
| 7-12 | day, month, year of birth; women day + 40 |
| 13-16 | serial from 0001, per kecamatan and date group |

There is no check digit, and nothing in it follows a move or a correction: a NIK
is evidence, not truth. `Nik` reads one in plain Python and is the judge of
`decode.decode`, which reads a column.

Source: PP 40/2019 (before it PP 37/2007 art. 37).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from numbers import Integral

from nikdedup.errors import InputError
from nikdedup.residents.ids.digits import clean_identifier
from nikdedup.residents.places import load_regions

REGION_REASONS = {
    "unknown": "nik_region_unknown",
    "retired": "nik_region_retired",
    "legacy_pre2015": "nik_region_legacy",
    "simduk_legacy": "nik_region_simduk",
    "nit": "nik_nit",
}
"""Region status -> reason code; `current` needs none."""

VERDICT_OF = {
    "nik_placeholder": "missing",
    "row_repeated_header": "missing",
    "nik_temporary": "temporary",
    "nik_length": "invalid",
    "nik_letters": "invalid",
    "nik_letters_for_digits": "invalid",
    "nik_scientific": "invalid",
    "nik_several": "invalid",
    "nik_masked": "invalid",
    "nik_day_impossible": "invalid",
    "nik_month_impossible": "invalid",
    "nik_serial_zero": "suspect_truncated",
    "nik_float_rounded": "suspect_truncated",
    "nik_date_impossible": "warning",
    "nik_region_unknown": "warning",
}
"""Reason -> verdict, the gravest first; a reason not listed is only information."""


@dataclass(frozen=True, repr=False)
class Nik:
    """One NIK and everything its digits say; bad data becomes a verdict with reasons, never an error.

    text: the NIK as it came, null where there is none. A whole number of 16 digits is exact and is taken as
    its digits; any other number may have lost some (a leading 0, the 16th digit) and is an InputError.
    reference_date: the date the file speaks of; without it the century, and so `birth`, stays open.
    birth_year: the year of birth from another column, which then decides the century.

    >>> nik = Nik("62.1201 410760 9001", reference_date=date(2026, 6, 30))
    >>> nik.verdict, nik.birth, nik.sex, nik.serial, nik.regency
    ('valid', datetime.date(1960, 7, 1), 'P', 9001, '6212')
    >>> nik
    Nik(621201********01, valid)
    >>> Nik("6212013202609001").reasons
    ('nik_day_impossible',)
    >>> Nik("9936012002809001", reference_date=date(2026, 6, 30)).country
    '360'
    """

    text: str | int | None
    reference_date: date | None = field(default=None, kw_only=True)
    birth_year: int | None = field(default=None, kw_only=True)
    digits: str | None = field(init=False)
    """16 ASCII digits, or None."""
    verdict: str = field(init=False)
    """One of schema.NIK_VERDICTS."""
    reasons: tuple[str, ...] = field(init=False)
    """Reason codes (see reasons.REASONS), sorted."""
    proposed: str | None = field(init=False)
    """What the digits may be where letters look like digits; never used unasked."""
    birth: date | None = field(init=False, default=None)
    sex: str | None = field(init=False, default=None)
    """L, P or None."""

    def __post_init__(self) -> None:
        text = _text(self.text)
        object.__setattr__(self, "text", text)
        cleaned = clean_identifier(text)
        reasons = [code_of(reason) for reason in cleaned.reasons]
        digits = cleaned.digits if cleaned.digits and len(cleaned.digits) == 16 else None
        missing = digits is None and not reasons
        object.__setattr__(self, "digits", digits)
        object.__setattr__(self, "proposed", cleaned.proposed)
        if digits is not None and digits[0] == "0":
            reasons.append("nik_temporary")
        elif digits is not None:
            reasons += self._read(digits)
        object.__setattr__(self, "reasons", tuple(sorted(reasons)))
        verdicts = (verdict for reason, verdict in VERDICT_OF.items() if reason in reasons)
        object.__setattr__(self, "verdict", "missing" if missing else next(verdicts, "valid"))

    def _read(self, digits: str) -> list[str]:
        """Read day, month, year; return the reasons found in digits and region."""
        day, month, year = int(digits[6:8]), int(digits[8:10]), int(digits[10:12])
        reasons = []
        if not (1 <= day <= 31 or 41 <= day <= 71):
            reasons.append("nik_day_impossible")
        else:
            object.__setattr__(self, "sex", "P" if day > 40 else "L")
        if not 1 <= month <= 12:
            reasons.append("nik_month_impossible")
        if not reasons:
            object.__setattr__(self, "birth", self._birth(day % 40, month, year))
            if not any(_date(century + year, month, day % 40) for century in (1900, 2000)):
                reasons.append("nik_date_impossible")
        if digits[12:] == "0000":
            reasons.append("nik_serial_zero")
        status = load_regions().status(digits[:6])
        return [*reasons, REGION_REASONS[status]] if status in REGION_REASONS else reasons

    def _birth(self, day: int, month: int, year: int) -> date | None:
        """Take the century of `birth_year` if it fits, else the newest not after the reference date."""
        if self.birth_year is not None and self.birth_year % 100 == year:
            return _date(self.birth_year, month, day)
        if self.reference_date is None:
            return None
        newest = self.reference_date.year // 100 * 100
        for century in (newest, newest - 100):
            found = _date(century + year, month, day)
            if found is not None and found <= self.reference_date:
                return found
        return None

    @property
    def _structured(self) -> bool:
        return self.digits is not None and self.digits[0] != "0"

    @property
    def is_nit(self) -> bool:
        """Whether the number was given to a citizen abroad (prefix 99)."""
        return self._structured and str(self.digits).startswith("99")

    def _part(self, start: int, stop: int, *, nit: bool) -> str | None:
        return str(self.digits)[start:stop] if self._structured and self.is_nit == nit else None

    @property
    def province(self) -> str | None:
        """Province code of the place of issue, 2 digits."""
        return self._part(0, 2, nit=False)

    @property
    def regency(self) -> str | None:
        """Regency code of the place of issue, 4 digits."""
        return self._part(0, 4, nit=False)

    @property
    def kecamatan(self) -> str | None:
        """Kecamatan code of the place of issue, 6 digits."""
        return self._part(0, 6, nit=False)

    @property
    def region(self) -> str | None:
        """Name of the kecamatan, else of the regency or province, as far as the table knows it."""
        names = load_regions().names
        code = self.kecamatan or ""
        return next((names[code[:n]] for n in (6, 4, 2) if code[:n] in names), None)

    @property
    def region_status(self) -> str | None:
        """Status of the region code, one of regions.STATUSES."""
        return load_regions().status(str(self.digits)[:6]) if self._structured else None

    @property
    def country(self) -> str | None:
        """Country digits of a NIT."""
        return self._part(2, 5, nit=True)

    @property
    def mission(self) -> str | None:
        """Mission digit of a NIT."""
        return self._part(5, 6, nit=True)

    @property
    def serial(self) -> int | None:
        """Serial within kecamatan and date group."""
        return int(str(self.digits)[12:]) if self._structured else None

    @property
    def masked(self) -> str:
        """First six and last two digits, the rest starred; empty without 16 digits.

        >>> Nik("6212014107609001").masked
        '621201********01'
        """
        return f"{self.digits[:6]}********{self.digits[14:]}" if self.digits else ""

    def __repr__(self) -> str:
        return f"Nik({self.masked or '-'}, {self.verdict})"

    def __str__(self) -> str:
        return self.masked


def code_of(reason: str) -> str:
    """Name a finding of `clean_identifier` as a NIK's reason code; a header there means the row is one."""
    return "row_repeated_header" if reason == "header" else f"nik_{reason}"


def _text(given: object) -> str | None:
    """Return a NIK as text; InputError, without the value, where digits may be lost."""
    if given is None or isinstance(given, str):
        return given
    found = type(given).__name__
    if isinstance(given, Integral) and not isinstance(given, bool):
        digits = str(int(given))
        if digits.isdecimal() and len(digits) == 16:
            return digits
        found += f" of {len(digits)} digits" if digits.isdecimal() else " below 0"
    raise InputError(
        f"Nik: found {found}; NIKs are text, for a number loses digits; allowed: text, None, or a whole number of "
        "exactly 16 digits; read the column as text, in pandas with dtype=str"
    )


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
