"""KTP-el coverage against the target, before and after the proposals.

Numerator and denominator come from one snapshot; dead and departed residents count in
neither. What cleaning the denominator does is told apart from what recording does.
"""

from __future__ import annotations

import math
from typing import Any

import polars as pl


def coverage(residents: pl.DataFrame, decisions: pl.DataFrame, *, target: float) -> dict[str, Any] | None:
    """Return counts before and after the proposed deactivations; null where age or status are unknown.

    residents: schema.CLEAN, VERDICTS and EVIDENCE columns. decisions: schema.DECISIONS.
    Source: domain facts 5: missing to target = ceil(target x wajib KTP) - recorded.
    """
    living = residents.filter(
        pl.col("wajib_ktp_clean"),
        pl.col("flag_status_clean").is_in(["dead", "moved", "abroad"]).fill_null(False).not_(),
    )
    if living.is_empty() or (living["recorded"] == "unknown").all():
        return None
    displaced = decisions.filter(pl.col("action") == "propose_deactivation")["row"]
    after = living.filter(~pl.col("row").is_in(displaced.implode()))
    return {**_counts(living, target), "target": target, "after": _counts(after, target)}


def _counts(residents: pl.DataFrame, target: float) -> dict[str, Any]:
    wajib = len(residents)
    recorded = int((residents["recorded"] == "yes").sum())
    return {
        "wajib_ktp": wajib,
        "recorded": recorded,
        "percent": round(100 * recorded / wajib, 2) if wajib else None,
        "missing_to_target": max(0, math.ceil(target * wajib) - recorded),
    }
