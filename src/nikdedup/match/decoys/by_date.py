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

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nikdedup.columnar.arrays import Rows
from nikdedup.columnar.calendar import NO_DATE
from nikdedup.columnar.grouping import mixed
from nikdedup.match.block import birth_sex_filter, pairs_across
from nikdedup.match.compare import born_together, compare, date_relations
from nikdedup.match.decoys.scores import Decoys, as_if
from nikdedup.match.features import Evidence, day_codes
from nikdedup.match.kernels import QgramFilter
from nikdedup.match.levels import BirthLevel
from nikdedup.match.matcher import Matcher
from nikdedup.runtime.threads import side_by_side

SHIFTS = (47, 83, 129, 223, 271)
"""Days between the birth dates of decoys: odd, no week, month, ten or hundred of days, no whole years together."""
DEFAULT_YEARS = (12, 13, 14, 16, 17)
"""Years between default dates, for each shift: two digits differ, so that no slip of one explains them."""
BUDGET = 200_000
"""Pairs of ordinary dates looked at per shift, or a pair for every four records where these are more; a quarter of them
of default dates. Only some dates of a large extract take part, and of a very large one some records of these dates."""
DATES = 400
"""Dates that take part, where there are so many: one date alone is no picture of an extract."""
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


@dataclass(frozen=True)
class Share:
    """Which part of a kind of dates is looked at: a share of the dates, and of the records that ask on each."""

    dates: float
    records: float

    @property
    def one(self) -> float:
        """The false matches that a single decoy of equal dates stands for."""
        return 1 / len(SHIFTS) / (self.dates * self.records)

    @classmethod
    def of(cls, birth: NDArray[np.int32], records: int, part: float = 1.0) -> Share:
        """Choose so that the pairs of these dates stay within the budget, and DATES of them take part at least.

        Args:
            birth: dates of the records, as days; none is missing.
            records: how many records the extract has.
            part: of the budget that these dates may take.
        """
        many = np.bincount(birth - birth.min()).astype(np.float64) if len(birth) else np.zeros(1)
        pairs, most = max(float((many**2).sum()), 1.0), part * max(BUDGET, records // 4)
        dates = min(1.0, max(most / pairs, DATES / max(int(np.count_nonzero(many)), 1)))
        return cls(dates, min(1.0, most / (pairs * dates)))


def shares(e: Evidence) -> tuple[Share, Share]:
    """Return which part of the ordinary dates is looked at, and which of the default dates."""
    dated = e.birth != NO_DATE
    ordinary, default = e.birth[dated & ~e.birth_default], e.birth[dated & e.birth_default]
    return Share.of(ordinary, len(e)), Share.of(default, len(e), 0.25)


def date_decoys(matcher: Matcher, of_dates: tuple[Share, Share]) -> Decoys:
    """Return decoys of chance from a share of the dates, see `shares`."""
    e = matcher.evidence
    shifts = zip(SHIFTS, DEFAULT_YEARS, strict=True)
    qgrams = birth_sex_filter(e)
    rows = asking(e, of_dates)
    sides = side_by_side(lambda shift: _shifted(matcher, qgrams, rows, *shift), shifts)
    left, right = (np.concatenate(side) for side in zip(*sides, strict=True))
    # A shift that a slip of the pen explains (7 May and 5 July) may be a true pair: no decoy.
    compared = compare(e, left, right)
    found = compared.level["nik_birth_sex"]
    plain = (found >= BirthLevel.DIFFERENT) & (found <= BirthLevel.SAME_YEAR)
    left, right = left[plain], right[plain]
    together = born_together(e, compared.take(plain), left)
    often = _times_as_often(matcher)
    one = np.where(e.birth_default[left], of_dates[1].one, of_dates[0].one)
    parts = []
    for level in CHANCE_LEVELS:
        weight, counted = as_if(matcher, together, left, right, level)
        parts.append(Decoys.of(weight, counted.astype(np.float64) * (one * often[level])))
    return Decoys.together(parts)


def _times_as_often(matcher: Matcher) -> dict[int, float]:
    """Return how many pairs of strangers have dates of each level for one of equal dates and sex."""
    e = matcher.evidence
    draw = np.random.default_rng(SAMPLE)
    left, right = draw.integers(0, len(e), (2, SAMPLE)).astype(np.int32)
    some = (left != right) & (e.sex[left] == e.sex[right])
    year, day = date_relations(e, left[some], right[some])
    dated = e.birth != NO_DATE
    born = e.birth[dated]
    alike = np.bincount((born - born.min()) * SEXES + e.sex[dated])
    sexes = np.bincount(e.sex)
    equal = float((alike * (alike - 1.0)).sum()) / float((sexes * (sexes - 1.0)).sum() or 1)
    expected = max(equal * int(some.sum()), 1e-9)
    stranger = matcher.model.fields["nik_birth_sex"].stranger
    near = float(np.exp2(stranger[BirthLevel.NEIGHBOURS] - stranger[BirthLevel.BORN_TOGETHER]))
    slips = int(year.sum()) / expected, int(day.sum()) / expected
    return dict(zip(CHANCE_LEVELS, (*slips, near, 1.0), strict=True))


def asking(e: Evidence, of_dates: tuple[Share, Share]) -> Rows:
    """Return the records that ask for decoys, by a fixed scatter over dates and records, whatever their order."""
    date = e.birth.view(np.uint32) * np.uint32(2_654_435_761)
    record = (e.skeleton ^ e.nik ^ e.kk).view(np.uint64) * np.uint64(11_400_714_819_323_198_485)
    of_record = (record >> np.uint64(32)).astype(np.uint32)
    ordinary, default = of_dates
    dates = np.where(e.birth_default, default.dates, ordinary.dates) * (1 << 32)
    records = np.where(e.birth_default, default.records, ordinary.records) * (1 << 32)
    return np.flatnonzero((e.birth != NO_DATE) & (date < dates) & (of_record < records)).astype(np.int32)


def _shifted(
    matcher: Matcher, qgrams: QgramFilter | None, asking: Rows, days: int, years: int
) -> tuple[Rows, Rows]:
    """Return pairs whose dates lie one shift apart and that the first pass would bring together, were they equal."""
    e = matcher.evidence
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


def _other_year(birth: NDArray[np.int32], years: int) -> NDArray[np.int32]:
    date = np.where(birth == NO_DATE, 0, birth).astype("datetime64[D]")
    month = date.astype("datetime64[M]")
    moved = (month + np.timedelta64(12 * years, "M")).astype("datetime64[D]") + (date - month)
    other: NDArray[np.int32] = moved.astype(np.int64).astype(np.int32)
    return other
