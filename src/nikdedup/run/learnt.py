"""What a run has learnt, as a later one goes by it."""

from __future__ import annotations

from nikdedup.match import Judgement
from nikdedup.publish import RunRecord


def judgement_of(record: RunRecord) -> Judgement:
    """Return what a run has learnt, or has gone by."""
    return Judgement(
        record.model or "", record.prior_log2, record.estimate.match or {}, record.thresholds.confirmed_log2
    )
