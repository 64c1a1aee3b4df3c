"""Twins as decoys: how often two people born together are taken for one.

Twins of unlike names are two people, and the extract shows them: their cards, their NIKs, where they live and what is
missing of it all. Some twins' names are alike, though, and those cannot be told from one person by looking. How often
names are alike among twins is shipped with the model; each pair of twins of unlike names, scored as if its names were
alike, says what such twins would be taken for.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nikdedup.columnar.arrays import Bits, Rows
from nikdedup.columnar.grouping import mixed
from nikdedup.match.compare import Compared, compare
from nikdedup.match.decoys.by_kin import children_of, families, of_one_family
from nikdedup.match.decoys.scores import Decoys, none, weighed
from nikdedup.match.features import Evidence
from nikdedup.match.levels import BirthLevel, KkLevel, NameLevel
from nikdedup.match.matcher import Matcher

BUDGET = 8_000
"""Pairs of twins looked at; of a larger extract, only every so many families take part."""
BORN_ALIKE = (
    BirthLevel.NEIGHBOURS,
    BirthLevel.BORN_TOGETHER,
    BirthLevel.BORN_TOGETHER_NIK_SLIP,
    BirthLevel.BORN_TOGETHER_ALONE,
    BirthLevel.NIK_TRUNCATED,
)
"""Levels of one birth date and sex under two NIKs."""
UNLIKE = (NameLevel.DIFFERENT, NameLevel.ONE_WORD)
"""Levels of names that no person has two of."""
OF_SIMILAR = 0.5
"""Share of a name that similar names have in common, about."""


def twin_decoys(matcher: Matcher) -> Decoys:
    """Return decoys made of twins, each with the number of false matches it stands for."""
    e = matcher.evidence
    left, right, share = _born_together(e)
    compared = compare(e, left, right)
    twins = (
        of_one_family(compared)
        & _surely_kin(compared)
        & np.isin(compared.level["nik_birth_sex"], BORN_ALIKE)
        & np.isin(compared.level["name"], UNLIKE)
    )
    if not twins.any():
        return none()
    left, right, compared = left[twins], right[twins], compared.take(twins)
    of_twin = np.exp2(matcher.model.fields["name"].known["twin"].astype(np.float64))
    within = matcher.model.contained["twin"]
    named = [
        (NameLevel.SIMILAR, False, of_twin[NameLevel.SIMILAR]),
        (NameLevel.CLOSE, True, of_twin[NameLevel.CLOSE] * within),
        (NameLevel.CLOSE, False, of_twin[NameLevel.CLOSE] * (1 - within)),
        (NameLevel.EQUAL, False, of_twin[NameLevel.SAME_SOUND] + of_twin[NameLevel.EQUAL]),
    ]
    unlike = sum(of_twin[level] for level in UNLIKE)
    bearer = np.where(np.arange(len(left)) % 2, left, right)
    parts = []
    for level, contained, often in named:
        alike = _named(e, compared, bearer, level, contained=contained)
        each = np.full(len(left), often / unlike / share)
        parts.append(Decoys.of(weighed(matcher, alike, left, right), each))
    return Decoys.together(parts)


def _surely_kin(compared: Compared) -> NDArray[np.bool_]:
    """Return which pairs are on one card, or have both parents in common: mothers of one name are many."""
    level = compared.level
    both = (level["mother"] >= NameLevel.CLOSE) & (level["father"] >= NameLevel.CLOSE)
    kin: NDArray[np.bool_] = both | (level["kk"] == KkLevel.EQUAL)
    return kin


def _born_together(e: Evidence) -> tuple[Rows, Rows, float]:
    """Return pairs of one sex and birth date with the same mother, and the share of families looked at.

    The father stands in for a mother who is missing, the card for both.
    """
    father = np.where(e.mother < 0, e.father, np.int64(-1))
    card = np.where((e.mother < 0) & (e.father < 0), e.kk, np.int64(-1))
    found = [families(mixed(e.born, e.sex, of)) for of in (e.mother, father, card)]
    pairs = int(sum(int((sizes * (sizes - 1)).sum()) for _, _, sizes in found)) // 2
    share = min(1.0, BUDGET / max(1, pairs))
    return *children_of(found, share), share


def _named(e: Evidence, compared: Compared, bearer: Rows, level: NameLevel, *, contained: bool) -> Compared:
    """Return the comparison that pairs would have if both bore the name of `bearer`, alike to a level."""
    bits: Bits = e.names.total_log2[e.names.words.name[bearer]]
    bits = bits * np.float32(OF_SIMILAR if level == NameLevel.SIMILAR else 1)
    many: NDArray[np.uint8] = np.full(len(bearer), level, np.uint8)
    return replace(
        compared,
        level=compared.level | {"name": many},
        shared_log2=compared.shared_log2 | {"name": bits},
        own_log2=bits,
        contained=np.full(len(bearer), contained),
    )
