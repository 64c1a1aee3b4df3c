"""Dates as offices write them: dd-mm-yyyy, Indonesian months, Excel serials, two-digit years.

`parse_date` reads one text in plain Python and is the judge; `parse_dates` reads
a column: the two usual layouts from their bytes, all else once per distinct text.
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

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.columnar.calendar import FIRST_YEAR, LAST_YEAR, NO_DATE, day_number, days_by_date
from nikdedup.columnar.distinct import distinct
from nikdedup.columnar.text import cells
from nikdedup.residents.dates.likely import Parts, code_of, likely_parts

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
    return _digits(text, reference_date)


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


def _digits(text: str, reference_date: date) -> ParsedDate | None:
    """Read runs of digits: ddmmyyyy, yyyymmdd, ddmmyy, an Excel serial, a year alone."""
    if found := _SERIAL.fullmatch(text):
        serial = int(found[1])
        fits = 10_000 <= serial <= 60_000
        return ParsedDate(_EXCEL_EPOCH + timedelta(serial)) if fits else None
    if not (text.isascii() and text.isdigit()):
        return None
    if len(text) == 4 and FIRST_YEAR <= int(text) <= LAST_YEAR:
        return ParsedDate(None, ("partial",), int(text), (int(text), 0, 0))
    if len(text) == 6:
        return _of(text[4:], text[2:4], text[:2], reference_date)
    if len(text) not in (7, 8):
        return None
    text = text.zfill(8)
    day_first = _of(text[4:], text[2:4], text[:2], reference_date)
    year_first = _of(text[:4], text[4:6], text[6:], reference_date)
    return year_first if day_first.value is None and year_first.value is not None else day_first


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


@dataclass(frozen=True, eq=False)
class Dates:
    """A column of dates as read; n rows each."""

    days: npt.NDArray[np.int32]
    """Days since 1970, NO_DATE where none."""
    findings: npt.NDArray[np.uint8]
    """Bit i set where FINDINGS[i] was found."""
    years: npt.NDArray[np.int16]
    """The year where it is all that is known (`partial`), else 0."""
    year_first: npt.NDArray[np.bool_]
    """The text is yyyy-mm-dd, as a date cell of a workbook arrives."""
    known: npt.NDArray[np.int32]
    """Parts that are known or likely where there is no full date, see `code_of`; 0 where none are."""

    def found(self, name: str) -> npt.NDArray[np.bool_]:
        """Return where the finding `name` was made."""
        return (self.findings >> FINDINGS.index(name) & 1).astype(bool)


def parse_dates(
    texts: pl.Series,
    *,
    reference_date: date,
    formats: Sequence[str] = (),
    month_first: bool = False,
) -> Dates:
    """Return what `parse_date` says of each text; each distinct one is read once, the usual layouts from their bytes.

    Args:
        texts: n strings or null.
        reference_date: decides the century of a two-digit year.
        formats: as `parse_date` takes them.
        month_first: as `parse_date` takes it.
    """
    known, index = distinct(texts)
    n = len(known)
    if formats:
        days, year_first = np.full(n, NO_DATE, np.int32), np.zeros(n, bool)
    else:
        days, year_first = _usual(known, day_first=not month_first)
    findings, years, parts = np.zeros(n, np.uint8), np.zeros(n, np.int16), np.zeros(n, np.int32)
    odd = np.flatnonzero(days == NO_DATE)
    for place, text in zip(odd.tolist(), known.gather(odd), strict=True):
        read = parse_date(text, reference_date=reference_date, formats=formats, month_first=month_first)
        days[place], years[place] = day_number(read.value), read.year or 0
        parts[place] = code_of(read.known)
        findings[place] = sum(1 << FINDINGS.index(name) for name in read.findings)
    return Dates(
        np.append(np.int32(NO_DATE), days)[index],
        np.append(np.uint8(0), findings)[index],
        np.append(np.int16(0), years)[index],
        np.append(False, year_first)[index],
        np.append(np.int32(0), parts)[index],
    )


def _usual(texts: pl.Series, *, day_first: bool) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
    """Read dd-mm-yyyy (unless `day_first` is false) and yyyy-mm-dd, with or without a time, from bytes."""
    days, year_first = np.full(len(texts), NO_DATE, np.int32), np.zeros(len(texts), bool)
    lengths = texts.str.len_bytes()
    for length in (10, 19):
        fits = lengths == length
        if fits.any():
            at = fits.arg_true().to_numpy()
            days[at], year_first[at] = _from_bytes(cells(texts.filter(fits), length), day_first)
    return days, year_first


def _from_bytes(
    cells: npt.NDArray[np.uint8], day_first: bool
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
    """Read n texts of 10 or 19 bytes; NO_DATE where they are not one of the usual layouts."""
    days, year_first = np.empty(len(cells), np.int32), np.empty(len(cells), bool)
    for begin in range(0, len(cells), CHUNK_ROWS):
        part = slice(begin, begin + CHUNK_ROWS)
        days[part], year_first[part] = _chunk(cells[part], day_first)
    return days, year_first


CHUNK_ROWS = 1 << 16
"""Texts read together: their bytes stay in the cache of a core."""


def _chunk(
    cells: npt.NDArray[np.uint8], day_first: bool
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
    byte = np.ascontiguousarray(cells.T)
    digit = byte - np.uint8(48)
    separator = (byte == 45) | (byte == 46) | (byte == 47) | (byte == 124)
    usual = np.ones(len(cells), bool)
    if cells.shape[1] == 19:
        usual = ((byte[10] == 32) | (byte[10] == 84)) & (byte[13] == 58) & (byte[16] == 58)
        usual &= (digit[[11, 12, 14, 15, 17, 18]] <= 9).all(axis=0)
    days, year_first = np.full(len(cells), NO_DATE, np.int32), np.zeros(len(cells), bool)
    for dashes, year, month, day, first in _LAYOUTS if day_first else _LAYOUTS[:1]:
        fits = usual & separator[dashes[0]] & separator[dashes[1]]
        if not fits.any():
            continue
        for i in (year, year + 1, year + 2, year + 3, month, month + 1, day, day + 1):
            fits &= digit[i] <= 9
        found = _look_up(_pair(digit, year), _pair(digit, year + 2), _pair(digit, month), _pair(digit, day))
        days = found if fits.all() else np.where(fits, found, days)
        year_first |= fits
        year_first &= first | ~fits
    return days, year_first & (days != NO_DATE)


_LAYOUTS = (((4, 7), 0, 5, 8, True), ((2, 5), 6, 3, 0, False))
"""Bytes of the separators, first bytes of year, month and day, and whether the year comes first."""


def _pair(digit: npt.NDArray[np.uint8], at: int) -> npt.NDArray[np.uint8]:
    number: npt.NDArray[np.uint8] = digit[at] * np.uint8(10) + digit[at + 1]
    return number


def _look_up(
    century: npt.NDArray[np.uint8],
    year: npt.NDArray[np.uint8],
    month: npt.NDArray[np.uint8],
    day: npt.NDArray[np.uint8],
) -> npt.NDArray[np.int32]:
    """Return days since 1970; NO_DATE outside of the calendar. Parts may be anything from 0 to 255."""
    fits = (
        (century >= FIRST_YEAR // 100)
        & (century <= LAST_YEAR // 100)
        & (year <= 99)
        & (month <= 12)
        & (day <= 31)
    )
    years = century.astype(np.int32) * 100
    years += year
    index = (years - FIRST_YEAR) * 416
    index += month.astype(np.uint16) * np.uint16(32) + day
    return days_by_date()[index if fits.all() else np.where(fits, index, 0)]


def split_ttl(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return place and date of "Tempat, tanggal" cells, as text; null where that half is missing.

    The last comma divides, unless a year alone stands behind it; without one, the first number begins the date.

    Args:
        texts: n strings or null.

    Example:
        >>> place, day = split_ttl(pl.Series(["PURUK CAHU, 01-07-1980", "TUMBANG OLONG 1 Juli 1980"]))
        >>> place.to_list(), day.to_list()
        (['PURUK CAHU', 'TUMBANG OLONG'], ['01-07-1980', '1 Juli 1980'])
    """
    frame = texts.to_frame("ttl")
    comma = pl.col("ttl").str.extract_groups(r"^(.*),([^,]*)$")
    number = pl.col("ttl").str.extract_groups(r"^([^0-9]*?)[\s/,.|\u2013\u2014-]*([0-9].*)$")
    has_comma = pl.col("ttl").str.contains(",", literal=True)
    has_comma &= ~pl.col("ttl").str.contains(r"\d[^,]*,\s*\d{1,4}\s*$")
    halves = frame.select(
        pl.when(has_comma)
        .then(comma.struct.field("1"))
        .otherwise(pl.coalesce(number.struct.field("1"), "ttl"))
        .alias("place"),
        pl.when(has_comma).then(comma.struct.field("2")).otherwise(number.struct.field("2")).alias("day"),
    ).select(pl.all().str.strip_chars(" ,\t\n\u00a0"))
    halves = halves.select(pl.when(pl.all() != "").then(pl.all()).name.keep())
    return halves["place"], halves["day"]
