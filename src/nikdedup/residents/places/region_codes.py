"""Region codes of the Home Ministry (Kemendagri): known, retired, moved, or never seen.

A NIK keeps the code of the place that issued it, so codes of regions that have
long been split or renumbered are normal, and kecamatan retired before 2015 are
in no open table. A status here therefore never rejects a record, and a NIK is
never rewritten to a new code: successors serve grouping and statistics alone.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.errors import InputError

STATUSES = ("unknown", "current", "retired", "legacy_pre2015", "simduk_legacy", "nit")
"""What is known about a code; the position is the number `Regions.status6` holds."""

SIMDUK_PROVINCES = ("10",)
"""Province codes of SIMDUK (1995-2004) that no later table uses; 10 was Jawa Barat."""

NIT_PREFIX = "99"
"""Numbers of citizens abroad begin with 99, country and mission (no region)."""

_LEVELS = {2: "province", 4: "regency", 6: "kecamatan", 10: "village"}


@dataclass(frozen=True, eq=False)
class Regions:
    """A region table with its lookups; see `load_regions`."""

    table: pl.DataFrame
    """code, name, level, first_seen, last_seen, status, successor: all text, sorted by code."""
    names: dict[str, str]
    statuses: dict[str, str]
    successors: dict[str, str]
    status6: npt.NDArray[np.uint8]
    """Position in STATUSES of each kecamatan code 0..999999."""
    regency_now: npt.NDArray[np.int16]
    """Regency code of today of each kecamatan code 0..999999."""

    def status(self, code: str) -> str:
        """Return one of STATUSES for a code of 2, 4, 6 or 10 digits; a village stands for its kecamatan."""
        code = code[:6]
        if code in self.statuses:
            return self.statuses[code]
        if code[:2] == NIT_PREFIX:
            return "nit"
        if code[:2] in SIMDUK_PROVINCES:
            return "simduk_legacy"
        gone = any(self.statuses.get(code[:n]) == "legacy_pre2015" for n in (2, 4))
        return "legacy_pre2015" if gone and code.isdigit() else "unknown"


def load_regions(extra: Path | None = None) -> Regions:
    """Return the shipped table, with the codes of an office's own CSV `code,name` added as current.

    A code that the shipped table has as current keeps its shipped name. Source: Kepmendagri 300.2.2-2430/2025
    and the tables since 2015; see data/NOTICE-regions.txt.

    Args:
        extra: CSV with a header; codes of 2, 4, 6 or 10 digits, dots allowed.

    Raises:
        InputError: naming the file and the first faulty line.
    """
    return _loaded(extra)


@lru_cache(maxsize=4)
def _loaded(extra: Path | None) -> Regions:
    packed = resources.files("nikdedup").joinpath("data/regions.csv.gz").read_bytes()
    table = pl.read_csv(packed, infer_schema=False)
    if extra is not None:
        own = _read_extra(Path(extra))
        kept = table.filter((pl.col("status") == "current") | ~pl.col("code").is_in(own["code"].to_list()))
        added = own.filter(~pl.col("code").is_in(kept["code"].to_list()))
        table = pl.concat([kept, added.select(table.columns)]).sort("code")
    codes = table["code"].to_list()
    names = {code: name for code, name in zip(codes, table["name"].to_list(), strict=True) if name}
    statuses = dict(zip(codes, table["status"].to_list(), strict=True))
    successors = {code: new for code, new in zip(codes, table["successor"].to_list(), strict=True) if new}
    return Regions(table, names, statuses, successors, *_lookups(statuses, successors))


def _lookups(
    statuses: dict[str, str], successors: dict[str, str]
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int16]]:
    """Spread statuses and regencies of today over all kecamatan codes."""
    status = np.zeros(10**6, np.uint8)
    regency = (np.arange(10**6) // 100).astype(np.int16)
    legacy = STATUSES.index("legacy_pre2015")
    for code in (c for c, s in statuses.items() if s == "legacy_pre2015" and len(c) < 6):
        width = 10 ** (6 - len(code))
        status[int(code) * width : (int(code) + 1) * width] = legacy
    for province in SIMDUK_PROVINCES:
        status[int(province) * 10**4 : (int(province) + 1) * 10**4] = STATUSES.index("simduk_legacy")
    status[int(NIT_PREFIX) * 10**4 :] = STATUSES.index("nit")
    for code, new in successors.items():
        if len(code) == 4:
            regency[int(code) * 100 : (int(code) + 1) * 100] = int(new)
    place = {state: number for number, state in enumerate(STATUSES)}
    for code, state in statuses.items():
        if len(code) == 6:
            status[int(code)] = place[state]
            if code in successors:
                regency[int(code)] = int(successors[code][:4])
    return status, regency


def _read_extra(path: Path) -> pl.DataFrame:
    """Read an office's CSV `code,name` into the columns of the shipped table."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"region_codes {path.name}: no such file") from None
    except (OSError, UnicodeDecodeError):
        raise InputError(f"region_codes {path.name}: not readable as UTF-8 text") from None
    delimiter = ";" if ";" in text.split("\n", 1)[0] else ","
    try:
        lines = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error:
        raise InputError(
            f"region_codes {path.name}: not readable as CSV; allowed: lines of code,name"
        ) from None
    if not lines or [cell.strip().lower() for cell in lines[0][:2]] != ["code", "name"]:
        raise InputError(f"region_codes {path.name}: first line must be code,name")
    rows = []
    for number, cells in enumerate(lines[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        code = cells[0].replace(".", "").strip()
        if len(cells) < 2 or not (code.isascii() and code.isdigit()) or len(code) not in _LEVELS:
            allowed = "allowed is a code of 2, 4, 6 or 10 digits and a name"
            raise InputError(f"region_codes {path.name}: line {number}: {allowed}")
        rows.append((code, cells[1].strip(), _LEVELS[len(code)], None, None, "current", None))
    columns = ["code", "name", "level", "first_seen", "last_seen", "status", "successor"]
    own = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String()), orient="row")
    return own.unique("code", keep="first", maintain_order=True)


def region_status(codes: pl.Series, *, extra: Path | None = None) -> pl.Series:
    """Return one of STATUSES per code of 2, 4, 6 or 10 digits; null stays null.

    >>> region_status(pl.Series(["621201", "910101", "640402", "100101", "990011", "621299", None])).to_list()
    ['current', 'retired', 'legacy_pre2015', 'simduk_legacy', 'nit', 'unknown', None]
    """
    regions = load_regions(extra)
    unique = codes.drop_nulls().unique()
    found = [regions.status(code) for code in unique]
    return codes.replace_strict(
        unique, pl.Series(found, dtype=pl.String()), default=None, return_dtype=pl.String()
    )


def successor(code: str, *, extra: Path | None = None) -> str | None:
    """Return the code that took over a retired one, where one is certain; None otherwise.

    >>> successor("9101"), successor("621201")
    ('9301', None)
    """
    return load_regions(extra).successors.get(code)


def region_name(code: str, *, extra: Path | None = None) -> str | None:
    """Return the name of a province, regency or kecamatan code, retired ones too; None if unknown.

    >>> region_name("621202")
    'Tanah Siang'
    """
    return load_regions(extra).names.get(code)


def region_now(codes: pl.Series, *, extra: Path | None = None) -> pl.Series:
    """Return the code under which statistics count each code of 2, 4, 6 or 10 digits; null stays null.

    A retired code counts under its successor: a kecamatan that has none under its regency's, a village under
    that of its kecamatan, since no table says what became of it. Any other code counts under itself.

    Args:
        codes: n region codes or null.
        extra: an office's own codes, see `load_regions`.

    Example:
        >>> region_now(pl.Series(["910101", "911336", "9101012001", "9101", "6212012001", "640402"])).to_list()
        ['930101', '9503', '930101', '9301', '6212012001', '640402']
    """
    regions = load_regions(extra)
    unique = codes.drop_nulls().unique()
    now = pl.Series([_now(code, regions) for code in unique], dtype=pl.String())
    return codes.replace_strict(unique, now, default=None, return_dtype=pl.String())


def _now(code: str, regions: Regions) -> str:
    if regions.statuses.get(code[:6]) != "retired":
        return code
    return regions.successors.get(code[:6]) or regions.successors.get(code[:4]) or code
