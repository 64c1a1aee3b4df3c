"""Where a resident lives, as one region code, from the parts an extract holds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.columnar.distinct import distinct, spread
from nikdedup.residents.places.region_names import complete

_NO_TEXT = pl.lit(None, pl.String)
PARTS = ("no_prop", "no_kab", "no_kec", "no_kel")
_WIDTHS = (2, 2, 2, 4)
_FULL = (2, 4, 6, 10)
_TABLE = 20_000_000
"""Above this many possible combinations they are sorted instead of looked up."""


def region_code(parts: Sequence[str | None]) -> str | None:
    """Return the longest code that province, regency, kecamatan and village parts give; None if none.

    Parts come as integers without zeros, or as full codes with or without dots; the last full code wins.

    >>> region_code(["62", "12", "1", "2001"]), region_code([None, None, "62.12.01", None])
    ('6212012001', '621201')
    >>> region_code(["62", "0", "1", None])
    '62'
    """
    code = ""
    for part, width, full in zip(parts, _WIDTHS, _FULL, strict=True):
        digits = (part or "").strip().removesuffix(".0").replace(".", "").replace(" ", "")
        if not (digits.isascii() and digits.isdigit()) or int(digits) == 0:
            continue
        if len(digits) == full:
            code = digits
        elif len(code) == full - width and (len(digits) == width or (len(digits) < width == 2)):
            code += digits.zfill(width)
    return code or None


def residence(
    frame: pl.DataFrame, *, home: str = "", extra: Path | None = None
) -> tuple[pl.Series, npt.NDArray[np.int32]]:
    """Return the region code of each record's residence, and its kecamatan code as a number.

    Codes have 10, 6, 4 or 2 digits, null if unknown; the numbers are padded with zeros where only province and
    regency are known, and 0 below that. Each combination of parts is read once.

    Args:
        frame: n rows with any of PARTS and of region_names.NAMES as text; codes go before names.
        home: see `region_names.complete`.
        extra: see `region_names.complete`.
    """
    n = len(frame)
    keys = np.zeros(n, np.int64)
    columns: list[list[str | None]] = []
    for part in PARTS:
        values: list[str | None] = [None]
        if part in frame.columns:
            known, index = distinct(frame[part])
            values += known.to_list()
            keys = keys * len(values) + index
        columns.append(values)
    combinations, at = _combinations(keys, int(np.prod([len(values) for values in columns])))
    codes = [region_code(_parts(int(number), columns)) for number in combinations]
    series = spread(codes, at, pl.String()).alias("wilayah_clean")
    completed = complete(series, frame, home=home, extra=extra)
    if completed is series:
        return series, _numbers(codes)[at]
    known, index = distinct(completed)
    return completed, _numbers([None, *known])[index]


def _numbers(codes: Sequence[str | None]) -> npt.NDArray[np.int32]:
    """Return the kecamatan codes as numbers, padded with zeros; 0 where no regency is known."""
    return np.array(
        [int(code[:6].ljust(6, "0")) if code and len(code) >= 4 else 0 for code in codes], np.int32
    )


def _combinations(
    keys: npt.NDArray[np.int64], size: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.intp]]:
    """Return the distinct keys, ascending, and the position of each row's key among them."""
    if size > _TABLE:
        return np.unique(keys, return_inverse=True)
    seen = np.zeros(size, bool)
    seen[keys] = True
    return np.flatnonzero(seen), (np.cumsum(seen) - 1)[keys]


def _parts(number: int, columns: list[list[str | None]]) -> list[str | None]:
    """Take a combination's key apart again."""
    parts: list[str | None] = []
    for values in reversed(columns):
        number, i = divmod(number, len(values))
        parts.append(values[i])
    return parts[::-1]


def kecamatan_key(columns: Collection[str]) -> pl.Expr:
    """Return by what the kecamatan of a resident is told from others: its six digits, else its name in capitals.

    Null where neither is known.

    Args:
        columns: those of the published residents.
    """
    code = pl.col("wilayah_clean") if "wilayah_clean" in columns else _NO_TEXT
    name = kecamatan_name(columns).str.to_uppercase()
    return pl.when(code.str.len_chars() >= _FULL[2]).then(code.str.head(_FULL[2])).otherwise(name)


def kecamatan_name(columns: Collection[str]) -> pl.Expr:
    """Return what the extract calls the kecamatan of a resident; null where it does not say.

    Args:
        columns: those of the published residents.
    """
    name = pl.col("kec_name") if "kec_name" in columns else _NO_TEXT
    return name.str.strip_chars().replace("", None)
