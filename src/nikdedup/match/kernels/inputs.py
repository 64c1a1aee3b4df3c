"""What the innermost loops read, as plain data; prefilter.py fills the tables of the prefilter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nikdedup.match.features import Evidence
from nikdedup.match.kernels.prefilter_weights import PrefilterWeights


@dataclass(frozen=True)
class PrefilterTables:
    """What the prefilter knows of the records of one extract.

    records: n x 8 words, what is compared of a record in one line of the processor's cache. worth: n times
    prefilter_weights.WORTH, what agreement on each of them gives. kk_log2: what
    one family card gives.
    """

    evidence: Evidence
    records: NDArray[np.uint64]
    worth: NDArray[np.void]
    prior_log2: float
    siblings_log2: float
    kk_log2: float
    weights: PrefilterWeights


@dataclass(frozen=True)
class QgramFilter:
    """What two rows of a block must share to become a pair.

    signature: n x uint64, a set of up to 64 letter pairs; need: n x uint8, how many
    of them must be shared, the smaller of both sides counts (0 lets everything pass).
    """

    signature: NDArray[np.uint64]
    need: NDArray[np.uint8]


@dataclass(frozen=True)
class PrefilterRule:
    """Which of the pairs that pass the q-gram filter are kept: those that may reach a weight, as the prefilter has it.

    together: as if all were born on one date. source: n x int32 where only pairs of different sources count.
    """

    screen: PrefilterTables
    least_log2: float
    together: bool = False
    source: NDArray[np.int32] | None = None
