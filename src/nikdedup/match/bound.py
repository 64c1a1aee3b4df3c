"""Cheap before dear: which candidates can still reach the review threshold.

A first weight of each candidate from integers alone: birth date and NIK, equal codes,
and the share of letter pairs that two names have in common. Letters are compared only
for pairs whose first weight lies within MARGIN_LOG2 of the threshold; the others would
be thrown away afterwards. Two explanations are weighed: that the two are strangers, and
that they are siblings, who agree on parents and household but on neither date nor name.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nikdedup.match.compare import DEFAULT_YEARS, Frequencies, surprise
from nikdedup.match.dates import NO_DAY, date_slips
from nikdedup.match.evidence import Codes, Evidence, NameEvidence
from nikdedup.match.model import Model
from nikdedup.match.tiles import Rows

Bits = NDArray[np.float32]

MARGIN_LOG2 = 4.0
"""How far the first weight may lie below the threshold and the pair still be compared."""

EQUAL, CROSSED, SLIP, DEFAULT, APART, UNKNOWN = range(6)
"""What two birth dates and NIKs have to do with each other, strongest first."""
BIRTH_LOG2 = np.array([16.0, 13.5, 6.0, 2.0, -6.5, 0.0], np.float32)
"""What each of these brings against strangers."""
SIBLING_LOG2 = np.array([14.0, 10.0, 3.5, 1.0, -6.5, 0.0], np.float32)
"""What each brings against siblings, prior odds aside."""

SHARES = (0.45, 0.55, 0.65, 0.75, 0.85)
"""Shares of letter pairs in common to which LONG_LOG2 and SHORT_LOG2 belong; above the last the rarity counts."""
LONG_LOG2 = (-6.5, -5.0, -3.5, 0.0, 4.0)
SHORT_LOG2 = (-5.0, -3.0, -1.0, 0.0, 2.0)
"""log2 of the share's likelihood among true pairs over that among strangers, for names of 7 letter pairs
or more, and of fewer. Measured on synthetic residents: true pairs below 0.5 are 2 in 1000, strangers 85 in 100."""
SHORT = 6
SIBLING_NAME_LOG2 = (-4.0, -3.0, -1.0, 3.0, 8.0)
"""The same for a given name, among true pairs over siblings."""


def _by_share(long_log2: tuple[float, ...], short_log2: tuple[float, ...]) -> Bits:
    """Tabulate log2 likelihoods by letter pairs shared (0..64) and letter pairs of the shorter name (0..64)."""
    shared, size = np.indices((65, 65))
    share = shared / np.maximum(size, 1)
    says = np.where(size <= SHORT, np.interp(share, SHARES, short_log2), np.interp(share, SHARES, long_log2))
    return np.where(size == 0, 0.0, says).astype(np.float32).ravel()


NAME_TABLE = _by_share(LONG_LOG2, SHORT_LOG2)
SIBLING_TABLE = _by_share(SIBLING_NAME_LOG2, SIBLING_NAME_LOG2)
SHARED, SIZE = np.indices((65, 65), np.uint8).reshape(2, -1)
WHOLE = (SIZE > 0) & (SIZE * SHARES[-1] <= SHARED)


@dataclass(frozen=True)
class Screen:
    """Weighs candidates of one extract cheaply; the surprise of each record's place and address is looked up once."""

    evidence: Evidence
    prior_log2: float
    siblings_log2: float
    place_log2: Bits
    address_log2: Bits

    @classmethod
    def of(cls, e: Evidence, model: Model, frequencies: Frequencies) -> Screen:
        """Prepare the screen for an extract."""
        return cls(
            e,
            model.prior_log2("match", len(e)),
            float(np.log2(model.expected["match"] / model.expected["sibling"])),
            surprise(frequencies.place, len(e)),
            surprise(frequencies.address, len(e)),
        )

    def keeps(
        self,
        left: Rows,
        right: Rows,
        *,
        review_log2: float,
        name_log2: Bits | None = None,
        together: bool = False,
    ) -> NDArray[np.bool_]:
        """Return which pairs are worth comparing.

        name_log2: the name's exact weight where it is known already. together: as if all were born on one date.
        """
        e = self.evidence
        least = np.float32(review_log2 - MARGIN_LOG2)
        nik_equal = _nik_equal(e, left, right)
        cell, name = _name(e.names, left, right)
        weight = np.float32(self.prior_log2) + (name if name_log2 is None else name_log2)
        for parent in (e.mothers, e.fathers):
            weight += _name(parent, left, right)[1]
        weight += _equal(e.kk, left, right, 12.0)
        weight += _equal(e.place, left, right, self.place_log2[left], otherwise=-1.0)
        weight += _equal(e.address, left, right, self.address_log2[left], otherwise=1.0)
        # What no date could mend needs no look at the dates.
        kept: NDArray[np.bool_] = nik_equal | (weight + BIRTH_LOG2[EQUAL] >= least)
        if together:
            return kept
        some = np.flatnonzero(kept)
        birth = _birth(e, left[some], right[some])
        siblings = np.float32(self.siblings_log2) + SIBLING_LOG2[birth]
        siblings += SIBLING_TABLE[cell[some]]
        kept[some] = nik_equal[some] | ((weight[some] + BIRTH_LOG2[birth] >= least) & (siblings >= least))
        return kept


def _equal(codes: Codes, left: Rows, right: Rows, bits: Bits | float, *, otherwise: float = 0.0) -> Bits:
    a, b = codes[left], codes[right]
    known = np.where((a >= 0) & (b >= 0), np.float32(otherwise), np.float32(0))
    return np.where((a == b) & (a >= 0), np.asarray(bits, np.float32), known)


def _nik_equal(e: Evidence, left: Rows, right: Rows) -> NDArray[np.bool_]:
    """Return where the usable NIK is equal, or its first 15 digits where one side is truncated."""
    nik, prefix = e.nik[left], e.nik_prefix[left]
    equal = (nik >= 0) & (nik == e.nik[right])
    cut = (prefix >= 0) & (prefix == e.nik_prefix[right]) & (e.nik_truncated[left] | e.nik_truncated[right])
    either: NDArray[np.bool_] = equal | cut
    return either


def _birth(e: Evidence, left: Rows, right: Rows) -> NDArray[np.int8]:
    birth_l, birth_r = e.birth[left], e.birth[right]
    missing = (birth_l == NO_DAY) | (birth_r == NO_DAY)
    crossed = (e.nik_birth[left] == birth_r) | (e.nik_birth[right] == birth_l)
    equal = (birth_l == birth_r) & ~missing
    same_year, slip = date_slips(e.calendar, left, right, ~missing & ~crossed & ~equal)
    years = e.calendar[0]
    near = (e.birth_default[left] | e.birth_default[right]) & (
        np.abs(years[left] - years[right]) <= DEFAULT_YEARS
    )
    kind = np.full(len(left), APART, np.int8)
    for value, where in (
        (DEFAULT, near | same_year),
        (SLIP, slip),
        (CROSSED, crossed),
        (EQUAL, equal),
        (UNKNOWN, missing),
    ):
        kind[where] = value
    return kind


def _name(names: NameEvidence, left: Rows, right: Rows) -> tuple[NDArray[np.uint16], Bits]:
    """Return each pair's cell of the tables by share, and what its share of letter pairs says, in bits.

    Where nearly all are shared, the rarity of the rarer name counts in full.
    """
    a, b = names.packed[left], names.packed[right]
    shared = np.bitwise_count(a[:, 0] & b[:, 0])
    size = np.minimum(a[:, 1], b[:, 1]).astype(np.uint8)
    cell = shared.astype(np.uint16) * np.uint16(65) + size
    says = NAME_TABLE[cell]
    whole = np.flatnonzero(WHOLE[cell])
    rarity = np.minimum(names.bits_log2[left[whole]], names.bits_log2[right[whole]])
    says[whole] = np.maximum(rarity, says[whole])
    return cell, says
