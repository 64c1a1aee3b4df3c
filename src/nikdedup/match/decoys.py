"""How many confirmed pairs are wrong by chance: measured on pairs that cannot be one person.

Records whose birth dates lie a fixed odd number of days apart look like the population and
are two people. Scored as if their dates agreed, through the same gate, screen, weights and
vetoes as the pass over birth date and sex, they show what chance alone lifts above the
threshold. Each shift is one replicate of the extract's chance matches.

The shifts are none that people make by mistake (a day, ten days, a month, a year), for those
are full of true duplicates; a default date shifts to the same default date of another year.
Relatives are not seen this way: the estimate speaks of chance, not of twins.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nikdedup.match.block import birth_sex_gate, mix
from nikdedup.match.compare import BORN_TOGETHER, compare
from nikdedup.match.dates import NO_DAY
from nikdedup.match.matcher import Matcher
from nikdedup.match.score import score, vetoes
from nikdedup.match.tiles import Rows, pairs_across

SHIFTS = (47, 83, 129, 223, 271)
"""Days between the birth dates of decoys: odd, no week, month, ten or hundred of days, no whole years together."""
DEFAULT_YEARS = (3, 4, 6, 7, 8)
"""Years between default dates, for each shift; not one, ten or a slip of a digit near a decade's end."""
BUDGET = 300_000
"""Pairs looked at per shift; of a larger extract, only every so many dates take part."""
CLOSE_LOG2 = 2.0
"""How much closer than a candidate a decoy must come by its first weight: only what ends above counts here."""
FEW = 5
"""Decoys above the threshold below which no rate is given, only its upper bound."""


def measure_decoys(matcher: Matcher, confirmed_pairs: int, *, threads: int) -> dict[str, Any]:
    """Return the estimated false matches by chance among `confirmed_pairs`, and their share with a 95 % interval.

    status is `not_measurable` where there are no confirmed pairs, no birth dates or too few decoys; then
    `high` is still an upper bound where it can be given.
    """
    e = matcher.evidence
    share = _share_of_dates(e.birth)
    if confirmed_pairs == 0 or (e.birth == NO_DAY).all():
        return {"status": "not_measurable"}
    above = sum(
        _decoys_above(matcher, days, years, share, threads)
        for days, years in zip(SHIFTS, DEFAULT_YEARS, strict=True)
    )
    low, high = _poisson_interval(above)
    per_pair = 1 / (len(SHIFTS) * share * confirmed_pairs)
    estimate = {
        "shifts": len(SHIFTS),
        "share_of_dates": round(share, 6),
        "decoys_above": above,
        "false_matches": round(above / len(SHIFTS) / share, 2),
        "false_match_rate": round(above * per_pair, 6),
        "low": round(low * per_pair, 6),
        "high": round(min(1.0, high * per_pair), 6),
    }
    return {"status": "measured" if above >= FEW else "not_measurable", **estimate}


def _share_of_dates(birth: NDArray[np.int32]) -> float:
    _, count = np.unique(birth[birth != NO_DAY], return_counts=True)
    pairs = float((count.astype(np.float64) ** 2).sum())
    return min(1.0, BUDGET / max(pairs, 1.0))


def _decoys_above(matcher: Matcher, days: int, years: int, share: float, threads: int) -> int:
    """Count decoys of one shift at or above the threshold `confirmed`, vetoes respected."""
    e = matcher.evidence
    shifted = np.where(e.birth_default, _other_year(e.birth, years), e.birth + np.int32(days))
    threshold = matcher.config.match.confirmed_log2
    shifted = np.where((e.birth == NO_DAY) | ~_taking_part(e.birth, share), NO_DAY, shifted).astype(np.int32)
    left, right, _, _ = pairs_across(
        mix(_day(shifted), e.sex), mix(_day(e.birth), e.sex), birth_sex_gate(e), matcher.config.match.max_block,
        keep=lambda a, b: matcher.screen.keeps(a, b, review_log2=threshold + CLOSE_LOG2, together=True),
        threads=threads,
    )  # fmt: skip
    same_kind = e.birth_default[left] == e.birth_default[right]
    return _above(matcher, left[same_kind], right[same_kind])


def _above(matcher: Matcher, left: Rows, right: Rows) -> int:
    e = matcher.evidence
    compared = compare(e, matcher.frequencies, left, right, together=True)
    scored = score(matcher.model, e, compared, left, right, prior_log2=matcher.prior_log2)
    vetoed = np.any(list(vetoes(e, compared, left, right).values()), axis=0)
    decoy = compared.level["nik_birth_sex"] == BORN_TOGETHER
    return int((decoy & ~vetoed & (scored.weight_log2 >= matcher.config.match.confirmed_log2)).sum())


def _day(days: NDArray[np.int32]) -> NDArray[np.int64]:
    return np.where(days == NO_DAY, np.int64(-1), days.astype(np.int64) + 1_000_000)


def _taking_part(birth: NDArray[np.int32], share: float) -> NDArray[np.bool_]:
    """Return which records' dates are among the share that is looked at, by a fixed scatter over the dates."""
    scattered = (birth.astype(np.int64) * 2_654_435_761) % (1 << 32)
    part: NDArray[np.bool_] = scattered < share * (1 << 32)
    return part


def _other_year(birth: NDArray[np.int32], years: int) -> NDArray[np.int32]:
    date = np.where(birth == NO_DAY, 0, birth).astype("datetime64[D]")
    month = date.astype("datetime64[M]")
    moved = (month + 12 * years).astype("datetime64[D]") + (date - month)
    other: NDArray[np.int32] = moved.astype(np.int64).astype(np.int32)
    return other


def _poisson_interval(count: int) -> tuple[float, float]:
    """Return the exact 95 % interval of a Poisson count (Garwood 1936)."""
    from scipy.special import gammaincinv

    low = float(gammaincinv(count, 0.025)) if count else 0.0
    return low, float(gammaincinv(count + 1, 0.975))
