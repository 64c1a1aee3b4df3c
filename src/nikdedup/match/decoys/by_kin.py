"""Relatives as decoys: pairs of one mother and father who cannot be one person.

Siblings born on quite different dates are two people. Scored as if a slip told their dates apart, they show how often
kin are taken for one person; the kin of the extract that really stand so, and are not confirmed, say how many chances
for that there are. Twins are their own decoys, see by_twins.py.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nikdedup.columnar.arrays import Rows
from nikdedup.columnar.grouping import grouped, mixed
from nikdedup.match.compare import Compared, born_together, compare
from nikdedup.match.decoys.scores import SLIPS, Decoys, as_if, none
from nikdedup.match.features import Codes, Evidence
from nikdedup.match.levels import BirthLevel, KkLevel, NameLevel
from nikdedup.match.matcher import Matcher
from nikdedup.match.score import score

BUDGET = 15_000
"""Pairs looked at; of a larger extract, only every so many parents take part."""
CHILDREN = 40
"""Records of one mother's name beyond which it is the name of several mothers."""
PARENTS_LOG2 = 11.0
"""Term frequency of the parents' names, in bits, from which two records of different cards are taken for kin."""
DAYS_APART = 300
"""Days between births of one mother, at least."""


def sibling_decoys(matcher: Matcher) -> Decoys:
    """Return decoys made of siblings, each with the number of false matches it stands for."""
    e = matcher.evidence
    left, right, share = siblings(e)
    compared = compare(e, left, right)
    kin = of_one_family(compared)
    left, right, compared = left[kin], right[kin], compared.take(kin)
    level = compared.level["nik_birth_sex"]
    apart = (
        (level >= BirthLevel.DIFFERENT) & (level <= BirthLevel.SAME_YEAR) & (compared.days_apart > DAYS_APART)
    )
    if not apart.any():
        return none()
    chances = np.bincount(level[~_confirmed(matcher, compared, left, right)], minlength=max(SLIPS) + 1)
    left, right = left[apart], right[apart]
    together = born_together(e, compared.take(apart), left)
    parts = []
    for one in SLIPS:
        weight, counted = as_if(matcher, together, left, right, one)
        parts.append(Decoys.of(weight, counted * chances[one] / (len(left) * share), np.arange(len(left))))
    return Decoys.together(parts)


def siblings(e: Evidence) -> tuple[Rows, Rows, float]:
    """Return pairs of one sex with the same mother or the same father, and the share of parents looked at."""
    found = [families(mixed(parent, e.sex)) for parent in (e.mother, e.father)]
    children = np.concatenate([sizes[sizes <= CHILDREN] for _, _, sizes in found])
    share = min(1.0, BUDGET / max(1, int((children * (children - 1)).sum()) // 2))
    return *children_of(found, share), share


def families(key: Codes) -> tuple[Rows, Codes, Codes]:
    """Return the records of keys that occur twice or more, side by side, the key of each family, and its size."""
    members, starts, sizes = grouped(key)
    return members, key[members[starts]], sizes


def children_of(found: list[tuple[Rows, Codes, Codes]], share: float) -> tuple[Rows, Rows]:
    """Return the pairs inside a share of the families, chosen by their keys; each once, sorted."""
    pairs = []
    for members, key, sizes in found:
        asked = (sizes <= CHILDREN) & (key % 1_000_003 < share * 1_000_003)
        child = pl.DataFrame(
            {"key": np.repeat(key[asked], sizes[asked]), "row": members[np.repeat(asked, sizes)]}
        )
        both = child.join(child, on="key", suffix="_r").filter(pl.col("row") < pl.col("row_r"))
        pairs.append(both.select("row", "row_r"))
    both = pl.concat(pairs).unique().sort("row", "row_r")
    return both["row"].to_numpy(), both["row_r"].to_numpy()


def of_one_family(compared: Compared) -> NDArray[np.bool_]:
    """Return which pairs have the parents in common: neither differs, and they are rare or the card is one."""
    mother, father = compared.level["mother"], compared.level["father"]
    same_m, same_f = mother >= NameLevel.CLOSE, father >= NameLevel.CLOSE
    bits = compared.shared_log2["mother"] * same_m + compared.shared_log2["father"] * same_f
    near = (bits >= PARENTS_LOG2) | (compared.level["kk"] == KkLevel.EQUAL)
    kin: NDArray[np.bool_] = (
        (same_m | (mother == NameLevel.MISSING)) & (same_f | (father == NameLevel.MISSING)) & near
    )
    return kin


def _confirmed(matcher: Matcher, compared: Compared, left: Rows, right: Rows) -> NDArray[np.bool_]:
    scored = score(matcher.model, matcher.evidence, compared, left, right, prior_log2=matcher.prior_log2)
    confirmed: NDArray[np.bool_] = matcher.bands(compared, scored, left, right) == "confirmed"
    return confirmed
