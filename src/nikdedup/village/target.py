"""KTP-el coverage against the target, before and after the proposals.

Numerator and denominator come from one snapshot; dead and departed residents count in
neither. What cleaning the denominator does is told apart from what recording does.
"""

from __future__ import annotations

import math
from fractions import Fraction

import polars as pl

from nikdedup.publish import Coverage, Covered
from nikdedup.residents import Overlap, knows_most
from nikdedup.schema import DISPLACED, GONE


def standing(residents: pl.DataFrame) -> pl.DataFrame:
    """Return `row` and `recorded` of residents, and whether they count: must hold a KTP, are neither dead nor gone.

    Args:
        residents: schema.CLEAN, VERDICTS and EVIDENCE columns, of any part of an extract.
    """
    gone = pl.col("flag_status_clean").is_in(GONE).fill_null(False)
    return residents.select("row", "recorded", counts=pl.col("wajib_ktp_clean").fill_null(False) & ~gone)


def holders_of(
    residents: pl.DataFrame, overlap: Overlap | None = None, *, gone: pl.Series | None = None
) -> pl.DataFrame:
    """Return `row` and `recorded` of the residents who count.

    Each of those counts once, as it stands first, and the copy that knows most tells of the recording.

    Args:
        residents: as `standing` gives them; all of an extract where inputs hold the same residents.
        overlap: which records two inputs hold; None where there is one input.
        gone: rows of residents who are declared to be gone; whoever is a copy of one is gone too.
    """
    if gone is not None and len(gone):
        left = gone if overlap is None else overlap.first.gather(gone)
        stands = pl.col("row") if overlap is None else pl.lit(overlap.first)
        residents = residents.with_columns(counts=pl.col("counts") & ~stands.is_in(left.implode()))
    if overlap is not None:
        told = pl.col("recorded").sort_by(knows_most(), "row").first().over(overlap.first)
        residents = residents.with_columns(told).filter(pl.Series(overlap.once))
    return residents.filter("counts").select("row", "recorded")


def coverage(holders: pl.DataFrame, decisions: pl.DataFrame, *, target: float) -> Coverage | None:
    """Return counts before and after the proposals; null where age or status are unknown.

    Source: docs/domain.md 5: missing to target = ceil(target x wajib KTP) - recorded.

    Args:
        holders: see `holders_of`.
        decisions: schema.DECISIONS.
        target: share of wajib KTP to be recorded, 0 to 1.
    """
    if holders.is_empty() or (holders["recorded"] == "unknown").all():
        return None
    displaced = decisions.filter(pl.col("action").is_in(DISPLACED))["row"]
    after = holders.filter(~pl.col("row").is_in(displaced.implode()))
    return Coverage(**dict(_counts(holders, target)), target=target, after=_counts(after, target))


def _counts(residents: pl.DataFrame, target: float) -> Covered:
    wajib = len(residents)
    recorded = int((residents["recorded"] == "yes").sum())
    return Covered(
        wajib_ktp=wajib,
        recorded=recorded,
        percent=round(100 * recorded / wajib, 2) if wajib else None,
        missing_to_target=max(0, math.ceil(Fraction(str(target)) * wajib) - recorded),
    )
