"""Where NIKs were issued and where residents live, by region code of today."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import polars as pl

from nikdedup.columnar.distinct import distinct
from nikdedup.residents.places import load_regions, region_now
from nikdedup.residents.profile.measure import Measure

_TOP = 10
"""Regions that are named; the others are counted together."""
_PLURAL = {"regency": "regencies", "kecamatan": "kecamatan"}


def origin(niks: pl.Series, extra: Path | None) -> Iterable[Measure]:
    """Count the places that issued the NIKs, by regency of today, the most frequent first.

    niks: `nik_clean`. extra: an office's own codes, see `load_regions`.
    """
    many = np.bincount(niks.drop_nulls().cast(pl.Int64).to_numpy() // 10**10)
    issued = np.flatnonzero(many)
    counts = pl.DataFrame({"code": [f"{code:06d}" for code in issued.tolist()], "len": many[issued]})
    now = region_now(counts["code"], extra=extra).str.head(4)
    yield from _by_region("origin", "nik", "regency", counts.with_columns(now), extra)


def residence(homes: pl.Series, extra: Path | None) -> Iterable[Measure]:
    """Count the kecamatan in which the residents live, by codes of today, the most frequent first.

    homes: `wilayah_clean`. extra: an office's own codes, see `load_regions`.
    """
    known, index = distinct(homes)
    many = np.bincount(index, minlength=len(known) + 1)[1:]
    counts = pl.DataFrame({"code": region_now(known.str.head(6), extra=extra), "len": many})
    yield from _by_region("residence", "no_kec", "kecamatan", counts, extra)


def _by_region(
    section: str, column: str, measure: str, counts: pl.DataFrame, extra: Path | None
) -> Iterable[Measure]:
    """Count by region code, with its name; regions beyond the first ones together."""
    names = load_regions(extra).names
    counts = counts.group_by("code").agg(pl.col("len").sum()).sort(["len", "code"], descending=[True, False])
    total = int(counts["len"].sum())
    for code, count in counts.head(_TOP).iter_rows():
        larger = (names[code[:n]] for n in (len(code), 4, 2) if code[:n] in names)
        name = "NIT" if code.startswith("99") else next(larger, "")
        yield Measure(section, column, measure, count, total, f"{code} {name}".strip())
    if len(counts) > _TOP:
        rest = counts["len"].slice(_TOP)
        yield Measure(section, column, f"other_{_PLURAL[measure]}", int(rest.sum()), total, str(len(rest)))
