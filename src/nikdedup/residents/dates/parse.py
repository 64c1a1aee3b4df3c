"""Dates as offices write them: dd-mm-yyyy, Indonesian months, Excel serials, two-digit years.

`parse_date` reads one text in plain Python and is the judge of `parse_dates`, which reads a column.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from functools import lru_cache
from importlib import resources

from nikdedup.columnar.calendar import FIRST_YEAR, LAST_YEAR
from nikdedup.residents.dates.likely import Parts, likely_parts

FINDINGS = ("partial", "impossible", "unreadable", "two_digit_year", "month_first")
"""What `parse_date` may find; the position is the bit in `Dates.findings`."""

_EXCEL_EPOCH = date(1899, 12, 30)
_TIME = re.compile(
    r"(?<=\d)(?:T|\s+)\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:[.,]\d+)?\s*(?:[AP]M)?\s*(?:Z|[+-]\d{2}:?\d{2})?$"
)
_SIGNS = r"(?: ?[-/.,|\\_]{1,2} ?| )"
"""What parts day, month and year: one sign or a slip of two, with a space on either side, or a space alone."""
_NUMERIC = re.compile(rf"(\d{{1,4}}){_SIGNS}(\d{{1,2}}){_SIGNS}(\d{{1,4}})")
_NAMED = re.compile(r"(\d{1,2})[-/.,|\\_ ]*([A-Z]{3,}|[IVX]{1,2})[-/.,|\\_ ]*(\d{4}|\d{2})")
_NAMED_FIRST = re.compile(r"([A-Z]{3,})[-/.|\\_ ]*(\d{1,2})[, ]+(\d{4})")
_MONTH_YEAR = re.compile(r"([A-Z]{3,})[-/.,|\\_ ]*(\d{4})")
_FULL_NAME, _LIKE_NAME = range(5, 13), 0.8
"""Letters of a month's name that may be misspelt, and how like it must be to a name."""
DATE_FIELDS = ("tgl_lhr", "ektp_created", "tgl_entri", "tgl_ubah", "tgl_kwn", "tgl_crai")
"""Fields that are dates."""
GAP = "?"
"""Stands for a part of a date that nobody wrote down, where the parts come from columns of their own."""
_GAPPED = re.compile(r"(\d{1,4}|\?) (\d{1,4}|\?|[A-Z]{3,}) (\d{1,4}|\?)")
_SERIAL = re.compile(r"(\d{5})(?:[.,]\d+)?")
_BLANK = frozenset(
    ["", "-", "--", ".", "?", "NULL", "NONE", "NAN", "NAT", "N/A", "#N/A", "0", "TIDAK TAHU", "TIDAK ADA"]
)


@dataclass(frozen=True)
class ParsedDate:
    """One date as read: the day, what was found beside it, and the year where only that is known."""

    value: date | None
    findings: tuple[str, ...] = ()
    year: int | None = None
    known: Parts = field(default=(0, 0, 0), repr=False, compare=False)
    """Year, month and day of what is no full date, as far as they are known or likely; 0 for the others."""


@lru_cache(maxsize=1)
def months() -> dict[str, int]:
    """Return every spelling of a month, upper case, with its number."""
    text = resources.files("nikdedup").joinpath("data/months.toml").read_text(encoding="utf-8")
    table: dict[str, list[str]] = tomllib.loads(text)["months"]
    return {name: int(number) for number, names in table.items() for name in names}


def parse_date(
    text: str | None,
    *,
    reference_date: date,
    formats: Sequence[str] = (),
    month_first: bool = False,
) -> ParsedDate:
    """Return the date in one text; what cannot be read is a finding, never an error.

    A two-digit year is put in the newest century not after `reference_date`. Day or month 00 gives no date, the
    finding `partial` and the year. Blank and placeholder texts give no date and no finding.

    Args:
        text: one cell or None.
        reference_date: decides the century of a two-digit year.
        formats: strptime formats tried first.
        month_first: numbers without a year in front are month, day, year.

    Example:
        >>> today = date(2026, 6, 30)
        >>> parse_date("1 Pebruari 1980", reference_date=today).value
        datetime.date(1980, 2, 1)
        >>> parse_date("00-00-1945", reference_date=today)
        ParsedDate(value=None, findings=('partial',), year=1945)
        >>> parse_date("07/25/1980", reference_date=today).findings
        ('month_first',)
        >>> parse_date("29402", reference_date=today).value
        datetime.date(1980, 6, 30)
        >>> parse_date("30-02-1980", reference_date=today).findings
        ('impossible',)
    """
    if text is None:
        return ParsedDate(None)
    plain = " ".join(text.split())
    if not plain.isascii():
        plain = _in_ascii(plain)
    for form in formats:
        try:
            day = datetime.strptime(plain, form).date()
        except ValueError:
            continue
        if FIRST_YEAR <= day.year <= LAST_YEAR:
            return ParsedDate(day)
        return ParsedDate(None, ("impossible",), known=likely_parts(day.year, day.month, day.day))
    plain = plain.upper()
    if GAP in plain and (gapped := _GAPPED.fullmatch(plain)):
        return _gapped(gapped.groups(), formats)
    plain = plain.strip("'\"`’ ,;")
    if plain in _BLANK:
        return ParsedDate(None)
    plain = _TIME.sub("", plain)
    read = _read(plain, reference_date, month_first)
    if read is None and "," in plain:
        read = _read(plain.rpartition(",")[2].strip(), reference_date, month_first)
    return read or ParsedDate(None, ("unreadable",))


def _gapped(parts: Sequence[str], formats: Sequence[str]) -> ParsedDate:
    """Return what is known of a date of which a part is missing: the year, where that part is another one.

    The order of the parts is that of a format which has all three, else the year is the one of four digits.

    >>> _gapped(("?", "7", "1980"), ()), _gapped(("80", "7", "?"), ["%d %m %Y"])
    (ParsedDate(value=None, findings=('partial',), year=1980), ParsedDate(value=None, findings=('partial',), year=None))
    """
    orders = ("".join(re.findall("%([dmYyBb])", form)).upper().replace("B", "M") for form in formats)
    order = next((order for order in orders if sorted(order) == ["D", "M", "Y"]), None)
    if order is None:
        order = "YMD" if len(parts[0]) == 4 else "DMY" if len(parts[2]) == 4 else "???"
    numbers = {part: _number(text) for part, text in zip(order, parts, strict=True)}
    year, month, day = (numbers.get(part, 0) for part in "YMD")
    known = likely_parts(year, month, day)
    return ParsedDate(None, ("partial",), known[0] or None, known)


def _number(text: str) -> int:
    """Return a number, or that of a month's name; 0 for none."""
    return int(text) if text.isdigit() else months().get(text, 0)


def _in_ascii(text: str) -> str:
    """Return a text with the digits and signs of other scripts and of word processors as the usual ones.

    Every kind of dash is a hyphen, every slash a slash; signs without width go.
    """
    signs = []
    for sign in text:
        kind = unicodedata.category(sign)
        if sign.isdecimal():
            signs.append(str(int(sign)))
        elif kind == "Pd" or sign == "\u2212":
            signs.append("-")
        elif kind != "Cf":
            signs.append(unicodedata.normalize("NFKC", _LIKE.get(sign, sign)))
    return " ".join("".join(signs).split())


_LIKE = {
    "\u2044": "/",
    "\u2215": "/",
    "\u29f8": "/",
    "\u2223": "|",
    "\u00a6": "|",
    "\u00b7": ".",
    "\u2022": ".",
    "\u2024": ".",
}


def _read(text: str, reference_date: date, month_first: bool) -> ParsedDate | None:
    """Read by the first form that fits; None if none does."""
    if found := _NUMERIC.fullmatch(text):
        first, second, third = found.groups()
        if len(first) >= 3:
            return _of(first, second, third, reference_date) if len(third) <= 2 else None
        return _numeric(first, second, third, reference_date, month_first)
    if found := _NAMED.fullmatch(text):
        return _named(found[3], found[2], found[1], reference_date)
    if found := _NAMED_FIRST.fullmatch(text):
        return _named(found[3], found[1], found[2], reference_date)
    if (found := _MONTH_YEAR.fullmatch(text)) and found[1] in months():
        year = int(found[2])
        return ParsedDate(None, ("partial",), year, likely_parts(year, months()[found[1]], 0))
    return _digits(text, reference_date, month_first)


def _numeric(first: str, second: str, year: str, reference_date: date, month_first: bool) -> ParsedDate:
    """Read day and month in this order, unless it was said or is proven to be the other one."""
    swapped = month_first and int(first) <= 12
    if not swapped and not int(second) > 12 >= int(first) >= 1:
        return _of(year, second, first, reference_date)
    read = _of(year, first, second, reference_date)
    return ParsedDate(read.value, (*read.findings, "month_first"), read.year)


def _named(year: str, month: str, day: str, reference_date: date) -> ParsedDate | None:
    number = months().get(month) or _meant(month)
    return _of(year, str(number), day, reference_date) if number else None


@lru_cache(maxsize=1_024)
def _meant(word: str) -> int | None:
    """Return the month whose name a misspelt word is like, if it is like one month's alone: OCTOBAR, NOFEMBER."""
    if len(word) not in _FULL_NAME:
        return None
    like = {months()[name] for name in get_close_matches(word, months(), n=3, cutoff=_LIKE_NAME)}
    return like.pop() if len(like) == 1 else None


def _digits(text: str, reference_date: date, month_first: bool) -> ParsedDate | None:
    """Read runs of digits: ddmmyyyy or mmddyyyy, as in `_numeric`, yyyymmdd, ddmmyy, an Excel serial, a year alone."""
    if found := _SERIAL.fullmatch(text):
        serial = int(found[1])
        fits = 10_000 <= serial <= 60_000
        return ParsedDate(_EXCEL_EPOCH + timedelta(serial)) if fits else None
    if not (text.isascii() and text.isdigit()):
        return None
    if len(text) == 4 and FIRST_YEAR <= int(text) <= LAST_YEAR:
        return ParsedDate(None, ("partial",), int(text), (int(text), 0, 0))
    if len(text) == 6:
        return _numeric(text[:2], text[2:4], text[4:], reference_date, month_first)
    if len(text) not in (7, 8):
        return None
    text = text.zfill(8)
    day_first = _numeric(text[:2], text[2:4], text[4:], reference_date, month_first)
    if day_first.value is not None:
        return day_first
    year_first = _of(text[:4], text[4:6], text[6:], reference_date)
    return year_first if year_first.value is not None or year_first.known[0] else day_first


def _of(year_text: str, month: str, day: str, reference_date: date) -> ParsedDate:
    """Build the date from its parts, filling in the century of a two-digit year."""
    findings: list[str] = []
    year = int(year_text)
    if len(year_text) <= 2:
        findings.append("two_digit_year")
        year += reference_date.year // 100 * 100
        if (year, int(month), int(day)) > (reference_date.year, reference_date.month, reference_date.day):
            year -= 100
    if int(day) == 0 or int(month) == 0:
        known = likely_parts(year, int(month), int(day))
        return ParsedDate(None, ("partial",), known[0] or None, known)
    try:
        value = date(year, int(month), int(day))
    except ValueError:
        value = None
    if value is None or not FIRST_YEAR <= year <= LAST_YEAR:
        return ParsedDate(None, ("impossible",), known=likely_parts(year, int(month), int(day)))
    return ParsedDate(value, tuple(findings))
