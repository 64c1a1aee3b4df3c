"""Pairs and how they agree, for whoever wants to judge them otherwise: no prior, no threshold, nobody joined."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nikdedup.columnar.arrays import LevelArray, Rows
from nikdedup.config import Config
from nikdedup.match.features import PartFeatures, evidence_in
from nikdedup.match.levels import AddressLevel, BirthLevel, FurtherLevel, KkLevel, NameLevel, PlaceLevel
from nikdedup.match.matcher import Matcher
from nikdedup.match.weighed import weighed
from nikdedup.schema import LEVELS

Mask = NDArray[np.bool_]

_NAMES = tuple(range(NameLevel.CLOSE, NameLevel.EXCHANGED + 1))
_NIK = (
    BirthLevel.NIK_SLIP,
    BirthLevel.BORN_TOGETHER_NIK_SLIP,
    BirthLevel.NIK_ALONE,
    BirthLevel.NIK_TRUNCATED,
    BirthLevel.NIK_AND_BIRTH,
    BirthLevel.NIK_UNDATED,
)
_BIRTH = (
    BirthLevel.NEIGHBOURS,
    BirthLevel.BORN_TOGETHER,
    BirthLevel.BORN_TOGETHER_NIK_SLIP,
    BirthLevel.NIK_TRUNCATED,
    BirthLevel.NIK_AND_BIRTH,
    BirthLevel.BORN_TOGETHER_ALONE,
)
_NEAR_BIRTH = (
    *_BIRTH,
    BirthLevel.DEFAULT_NEAR,
    BirthLevel.DEFAULT_SAME_YEAR,
    BirthLevel.YEAR_SLIP,
    BirthLevel.DAY_SLIP,
    BirthLevel.DATE_IN_NIK,
    BirthLevel.TWO_PARTS,
    BirthLevel.KNOWN_PARTS,
)
_AGREES: dict[str, tuple[str, tuple[int, ...]]] = {
    "name": ("name", _NAMES),
    "nik": ("nik_birth_sex", _NIK),
    "birth": ("nik_birth_sex", _BIRTH),
    "birth_near": ("nik_birth_sex", _NEAR_BIRTH),
    "mother": ("mother", _NAMES),
    "father": ("father", _NAMES),
    "kk": ("kk", (KkLevel.EQUAL,)),
    "place": ("place", (PlaceLevel.EQUAL,)),
    "address": ("address", (AddressLevel.SIMILAR, AddressLevel.EQUAL)),
}
"""Agreement -> the field it is told by, and the levels of it that agree."""


@dataclass(frozen=True)
class PairVectors:
    """How pairs agree. levels: by field, see `run.json`. weight_log2: with the shipped model and prior."""

    levels: dict[str, LevelArray]
    weight_log2: NDArray[np.float64]

    def agreements(self) -> dict[str, Mask]:
        """Return yes or no per question, further columns of evidence under their own names; missing is no."""
        found = {name: np.isin(self.levels[field], levels) for name, (field, levels) in _AGREES.items()}
        further = self.levels.keys() - {field for field, _ in _AGREES.values()}
        return found | {name: self.levels[name] >= FurtherLevel.SIMILAR for name in sorted(further)}


def pairs_of_passes(
    features: PartFeatures, config: Config, *, source: NDArray[np.int32], link: bool = False, threads: int = 1
) -> tuple[Rows, Rows, Mask]:
    """Return the pairs that passes bring together, left < right, and which of them reach the review threshold.

    Args:
        features: what is known of n records; used up.
        config: settings of a run.
        source: index of the INPUT of each record.
        link: whether inputs are compared across each other only.
        threads: most threads at work.
    """
    found, _, scored = weighed(_matcher(features, config, source), across_only=link, threads=threads)
    return found.left, found.right, scored.weight_log2 >= config.match.review_log2


def pair_vectors(
    features: PartFeatures, config: Config, left: Rows, right: Rows, *, source: NDArray[np.int32]
) -> PairVectors:
    """Return how any pairs of records agree.

    Args:
        features: what is known of n records; used up.
        config: settings of a run.
        left: positions on one side.
        right: positions on the other side.
        source: index of the INPUT of each record.
    """
    compared, scored = _matcher(features, config, source).score(left, right)
    names = [*LEVELS, *sorted(compared.level.keys() - set(LEVELS))]
    return PairVectors({name: compared.level[name] for name in names}, scored.weight_log2.astype(np.float64))


def _matcher(features: PartFeatures, config: Config, source: NDArray[np.int32]) -> Matcher:
    row = np.arange(len(source), dtype=np.int32)
    return Matcher.of(evidence_in(features, row=row, source=source), config)
