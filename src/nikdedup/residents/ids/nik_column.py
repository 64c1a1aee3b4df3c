"""A column of NIKs, decoded: the vectorised form of `Nik`, and equal to it.

A NIK is an integer of 16 digits, so its parts are divisions, and what a date or
region part means is looked up in a table of all 10^6 six-digit numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.columnar.calendar import NO_DATE, as_dates
from nikdedup.columnar.distinct import spread
from nikdedup.residents.flags import Flags
from nikdedup.residents.ids.digits import REASONS as CLEANING
from nikdedup.residents.ids.digits import Identifiers, clean_identifiers
from nikdedup.residents.ids.nik import REGION_REASONS, VERDICT_OF, code_of
from nikdedup.residents.places import STATUSES, load_regions
from nikdedup.schema import NIK_VERDICTS

SEXES = (None, "L", "P")
"""Meaning of the numbers 0, 1, 2 in `Decoded.sex`."""


@dataclass(frozen=True, eq=False)
class Decoded:
    """A column of NIKs, decoded; n rows each."""

    digits: pl.Series
    """Digits of any number, null where none."""
    values: npt.NDArray[np.int64]
    """The NIK as a number; 0 where missing, not 16 digits, or temporary."""
    verdict: npt.NDArray[np.uint8]
    """Position in schema.NIK_VERDICTS."""
    flags: Flags
    birth: npt.NDArray[np.int32]
    """Days since 1970, NO_DATE where none."""
    sex: npt.NDArray[np.uint8]
    """Position in SEXES."""
    proposed: dict[int, str]
    """Position -> digits proposed where letters look like digits."""


def decode(niks: pl.Series | Identifiers, *, reference_date: date, regions: Path | None = None) -> Decoded:
    """Return what `Nik` says of each text, as arrays.

    Args:
        niks: n strings or null, or these already cleaned.
        reference_date: decides the century of a date in a NIK.
        regions: an office's own region codes, see `load_regions`.
    """
    ids = niks if isinstance(niks, Identifiers) else clean_identifiers(niks)
    values = ids.values
    flags = Flags(len(values))
    if ids.reasons.any():
        for reason in CLEANING:
            flags.add(code_of(reason), ids.found(reason))
    if not values.all():
        flags.add(
            "nik_temporary", (ids.digits.str.len_bytes() == 16).fill_null(False).to_numpy() & (values == 0)
        )
    births, findings = _dates(reference_date)
    day_month_year = values // 10**4 % 10**6
    found = findings[day_month_year] * (values > 0)
    for bit, code in _FINDINGS.items():
        flags.add(code, (found & bit) != 0)
    flags.add("nik_serial_zero", (values > 0) & (values % 10**4 == 0))
    status = load_regions(regions).status6[values // 10**10]
    for name, code in REGION_REASONS.items():
        flags.add(code, (values > 0) & (status == STATUSES.index(name)))
    birth = np.where(values > 0, births[day_month_year], NO_DATE)
    sex = np.where((values > 0) & (found & _DAY == 0), 1 + (day_month_year >= 40 * 10**4), 0).astype(np.uint8)
    verdict = _verdicts(flags, blank=(ids.digits.is_null().to_numpy() if ids.digits.null_count() else None))
    return Decoded(ids.digits, values, verdict, flags, birth, sex, dict(ids.proposed))


def _verdicts(flags: Flags, blank: npt.NDArray[np.bool_] | None) -> npt.NDArray[np.uint8]:
    """Return the gravest verdict that the flags of each record call for."""
    verdict = np.zeros(flags.n, np.uint8)
    if blank is not None:
        verdict[blank] = NIK_VERDICTS.index("missing")
    for name in reversed(list(dict.fromkeys(VERDICT_OF.values()))):
        codes = [code for code, of in VERDICT_OF.items() if of == name]
        verdict[flags.any_of(codes)] = NIK_VERDICTS.index(name)
    return verdict


_DAY, _MONTH, _DATE = (np.uint8(1), np.uint8(2), np.uint8(4))
_FINDINGS = {_DAY: "nik_day_impossible", _MONTH: "nik_month_impossible", _DATE: "nik_date_impossible"}


@lru_cache(maxsize=4)
def _dates(reference_date: date) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """Return birth (newest century not after the reference date) and findings of every DDMMYY number."""
    births = np.full(10**6, NO_DATE, np.int32)
    exists = np.zeros(10**6, bool)
    for century in (1900, 2000):
        exists[_numbers(date(century, 1, 1), date(century + 99, 12, 31))[0]] = True
    newest = reference_date.year // 100 * 100
    for first, last in (
        (date(newest - 100, 1, 1), date(newest - 1, 12, 31)),
        (date(newest, 1, 1), reference_date),
    ):
        numbers, days = _numbers(first, last)
        births[numbers] = days
    for table in (births, exists):
        table[410_000:720_000] = table[10_000:320_000]
    day, month = np.divmod(np.arange(10**4), 100)
    no_day = ~((day >= 1) & (day <= 31) | (day >= 41) & (day <= 71))
    no_month = (month < 1) | (month > 12)
    findings = np.repeat(no_day * _DAY + no_month * _MONTH, 100)  # whatever the year
    findings[(findings == 0) & ~exists] = _DATE
    return births, findings


def _numbers(first: date, last: date) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Return DDMMYY and days since 1970 of every day from `first` to `last`."""
    days = np.arange(np.datetime64(first), np.datetime64(last) + np.timedelta64(1, "D"))
    months = days.astype("M8[M]")
    years = days.astype("M8[Y]")
    day = (days - months.astype("M8[D]")).astype(np.int64) + 1
    month = (months - years.astype("M8[M]")).astype(np.int64) + 1
    year = (years.astype(np.int64) + 1970) % 100
    return day * 10**4 + month * 100 + year, days.astype(np.int32)


def parse_nik(niks: pl.Series, *, reference_date: date, regions: Path | None = None) -> pl.DataFrame:
    """Return one line per NIK with what its digits say, equal to `Nik` field by field.

    niks: n strings or null. Columns: digits (16 or null), verdict, reasons (sorted list), birth, sex,
    serial, region (kecamatan code, null for a NIT), region_status, proposed.

    >>> parse_nik(pl.Series(["6212014107609001"]), reference_date=date(2026, 6, 30)).row(0)[:5]
    ('6212014107609001', 'valid', [], datetime.date(1960, 7, 1), 'P')
    """
    read = decode(niks, reference_date=reference_date, regions=regions)
    code = read.values // 10**10
    status = spread(STATUSES, load_regions(regions).status6[code], pl.String())
    known, placed = pl.Series(read.values > 0), pl.Series((read.values > 0) & (code // 10**4 != 99))
    proposed = [read.proposed.get(i) for i in range(len(niks))] if read.proposed else None
    return pl.DataFrame(
        {
            "digits": read.digits,
            "verdict": spread(NIK_VERDICTS, read.verdict, pl.String()),
            "reasons": read.flags.lists(),
            "birth": as_dates(read.birth),
            "sex": spread(SEXES, read.sex, pl.String()),
            "serial": pl.Series(read.values % 10**4),
            "region": pl.Series(code).cast(pl.String),
            "region_status": status,
            "proposed": pl.Series(proposed or [None] * len(niks), dtype=pl.String()),
        }
    ).with_columns(
        pl.when(pl.col("digits").str.len_bytes() == 16).then("digits").alias("digits"),
        pl.when(known).then("serial").alias("serial"),
        pl.when(placed).then("region").alias("region"),
        pl.when(known).then("region_status").alias("region_status"),
    )
