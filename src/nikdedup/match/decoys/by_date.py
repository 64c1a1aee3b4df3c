"""How many confirmed pairs are wrong by chance: measured on pairs that cannot be one person.

Records whose birth dates lie a fixed odd number of days apart look like the population and
are two people. Scored as if their dates agreed, through the same q-gram filter, prefilter, weights and
vetoes as the pass over birth date and sex, they show what chance alone lifts above the
threshold. Each shift is one replicate of the extract's chance matches.

The shifts are none that people make by mistake (a day, ten days, a month, a year), for those
are full of true duplicates; a default date shifts to the same default date of another year.
The same decoys scored as if a slip told their dates apart say how often chance does the rest there:
so many strangers stand so for each pair of strangers of one date. Relatives are seen by `kin_decoys`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nikdedup.columnar.arrays import Rows
from nikdedup.columnar.calendar import NO_DATE
from nikdedup.columnar.grouping import mixed
from nikdedup.match.block import birth_sex_filter, pairs_across
from nikdedup.match.compare import born_together, compare, date_relations
from nikdedup.match.decoys.scores import Decoys, as_if
from nikdedup.match.features import day_codes
from nikdedup.match.kernels import QgramFilter
from nikdedup.match.levels import BirthLevel
from nikdedup.match.matcher import Matcher
from nikdedup.runtime.threads import side_by_side

SHIFTS = (47, 83, 129, 223, 271)
"""Days between the birth dates of decoys: odd, no week, month, ten or hundred of days, no whole years together."""
DEFAULT_YEARS = (12, 13, 14, 16, 17)
"""Years between default dates, for each shift: two digits differ, so that no slip of one explains them."""
BUDGET = 300_000
"""Pairs looked at per shift; of a larger extract, only every so many dates take part."""
CLOSE_LOG2 = 2.0
"""How much closer than a candidate a decoy must come by its first weight: only what ends above counts here."""
CHANCE_LEVELS = (
    BirthLevel.YEAR_SLIP,
    BirthLevel.DAY_SLIP,
    BirthLevel.NEIGHBOURS,
    BirthLevel.BORN_TOGETHER,
)
"""Levels of the joint comparison at which chance is measured; below, a match needs so much else that chance
has no part in it that decoys of one date could show."""
SEXES = 3
"""Values of `Evidence.sex`."""
SAMPLE = 200_000
"""Pairs of strangers drawn to see how often their dates stand so to each other."""


def for_one(share: float) -> float:
    """Return the false matches that a single decoy of equal dates stands for."""
    return 1 / len(SHIFTS) / share


def date_decoys(matcher: Matcher, share: float) -> Decoys:
    """Return decoys of chance from a share of the dates, see `share_of_dates`."""
    e = matcher.evidence
    shifts = zip(SHIFTS, DEFAULT_YEARS, strict=True)
    qgrams = birth_sex_filter(e)
    sides = side_by_side(lambda shift: _shifted(matcher, qgrams, share, *shift), shifts)
    left, right = (np.concatenate(side) for side in zip(*sides, strict=True))
    # A shift that a slip of the pen explains (7 May and 5 July) may be a true pair: no decoy.
    compared = compare(e, left, right)
    found = compared.level["nik_birth_sex"]
    plain = (found >= BirthLevel.DIFFERENT) & (found <= BirthLevel.SAME_YEAR)
    left, right = left[plain], right[plain]
    together = born_together(e, compared.take(plain), left)
    often = _times_as_often(matcher)
    parts = []
    for level in CHANCE_LEVELS:
        weight, counted = as_if(matcher, together, left, right, level)
        parts.append(Decoys.of(weight, counted.astype(np.float64) * (for_one(share) * often[level])))
    return Decoys.together(parts)


def _times_as_often(matcher: Matcher) -> dict[int, float]:
    """Return how many pairs of strangers have dates of each level for one of equal dates and sex."""
    e = matcher.evidence
    draw = np.random.default_rng(SAMPLE)
    left, right = draw.integers(0, len(e), (2, SAMPLE)).astype(np.int32)
    some = (left != right) & (e.sex[left] == e.sex[right])
    year, day = date_relations(e, left[some], right[some])
    dated = e.born >= 0
    alike = np.bincount(e.born[dated] * SEXES + e.sex[dated])
    sexes = np.bincount(e.sex)
    equal = float((alike * (alike - 1.0)).sum()) / float((sexes * (sexes - 1.0)).sum() or 1)
    expected = max(equal * int(some.sum()), 1e-9)
    stranger = matcher.model.fields["nik_birth_sex"].stranger
    near = float(np.exp2(stranger[BirthLevel.NEIGHBOURS] - stranger[BirthLevel.BORN_TOGETHER]))
    slips = int(year.sum()) / expected, int(day.sum()) / expected
    return dict(zip(CHANCE_LEVELS, (*slips, near, 1.0), strict=True))


def share_of_dates(birth: NDArray[np.int32]) -> float:
    """Return the share of the dates that is looked at, so that the pairs stay within BUDGET."""
    known = birth[birth != NO_DATE]
    count = np.bincount(known - known.min()) if len(known) else known
    pairs = float((count.astype(np.float64) ** 2).sum())
    return min(1.0, BUDGET / max(pairs, 1.0))


def _shifted(
    matcher: Matcher, qgrams: QgramFilter | None, share: float, days: int, years: int
) -> tuple[Rows, Rows]:
    """Return pairs whose dates lie one shift apart and that the first pass would bring together, were they equal."""
    e = matcher.evidence
    asking = np.flatnonzero((e.birth != NO_DATE) & _taking_part(e.birth, share)).astype(np.int32)
    born = e.birth[asking]
    shifted = np.where(e.birth_default[asking], _other_year(born, years), born + np.int32(days))
    asked = np.flatnonzero(np.isin(e.birth, np.unique(shifted))).astype(np.int32)
    threshold = matcher.config.match.confirmed_log2
    left, right, _, _ = pairs_across(
        mixed(day_codes(shifted), e.sex[asking]), mixed(e.born[asked], e.sex[asked]),
        qgrams, matcher.config.match.max_block, rows=asking, with_rows=asked,
        rule=matcher.prefilter.rule(threshold + CLOSE_LOG2, together=True),
    )  # fmt: skip
    same_kind = e.birth_default[left] == e.birth_default[right]
    return left[same_kind], right[same_kind]


def _taking_part(birth: NDArray[np.int32], share: float) -> NDArray[np.bool_]:
    """Return which records' dates are among the share that is looked at, by a fixed scatter over the dates."""
    scattered = birth.view(np.uint32) * np.uint32(2_654_435_761)
    part: NDArray[np.bool_] = scattered < share * (1 << 32)
    return part


def _other_year(birth: NDArray[np.int32], years: int) -> NDArray[np.int32]:
    date = np.where(birth == NO_DATE, 0, birth).astype("datetime64[D]")
    month = date.astype("datetime64[M]")
    moved = (month + np.timedelta64(12 * years, "M")).astype("datetime64[D]") + (date - month)
    other: NDArray[np.int32] = moved.astype(np.int64).astype(np.int32)
    return other
