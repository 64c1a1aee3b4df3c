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
from nikdedup.match.evidence import Evidence, NameEvidence
from nikdedup.match.model import Model
from nikdedup.match.tiles import Rows

Bits = NDArray[np.float32]

MARGIN_LOG2 = 4.0
"""How far the first weight may lie below the threshold and the pair still be compared."""

EQUAL, CROSSED, SLIP, DEFAULT, APART, UNKNOWN = range(6)
"""What two birth dates and NIKs have to do with each other, strongest first."""
BIRTH_LOG2 = np.array([16.0, 13.5, 6.0, 2.0, -6.5, 0.0], np.float32)
"""What each of these brings against strangers."""
COMMON_DATE_LOG2 = np.float32(4)
"""An equal date never counts for more than its surprise and this: sex, and a count that a small extract exaggerates."""
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

NAME, MOTHER, FATHER, KK, PLACE, ADDRESS, NIK, BIRTHS = range(8)
"""What stands in the eight words of a record, see `_records`."""
MISSING = np.uint64(0)
CHUNK = 1 << 15
"""Pairs looked at together: both their records stay in the cache of a core."""


@dataclass(frozen=True)
class Screen:
    """Weighs candidates of one extract cheaply.

    records: n x 8 words, all that the screen asks of a record in one line of the processor's cache: a pair
    costs two looks at memory. place_log2, address_log2: the surprise of each record's value.
    """

    evidence: Evidence
    records: NDArray[np.uint64]
    prior_log2: float
    siblings_log2: float
    place_log2: Bits
    address_log2: Bits
    birth_log2: Bits
    """What an equal birth date says of each record: little on a date that a crowd was given."""
    most_log2: np.float32
    """The most that place, address and date together can bring."""

    @classmethod
    def of(cls, e: Evidence, model: Model, frequencies: Frequencies) -> Screen:
        """Prepare the screen for an extract."""
        place, address = (surprise(count, len(e)) for count in (frequencies.place, frequencies.address))
        return cls(
            e,
            _records(e),
            model.prior_log2("match", len(e)),
            float(np.log2(model.expected["match"] / model.expected["sibling"])),
            place,
            address,
            np.minimum(BIRTH_LOG2[EQUAL], surprise(frequencies.birth, len(e)) + COMMON_DATE_LOG2),
            np.float32(BIRTH_LOG2[EQUAL] + place.max(initial=0) + address.max(initial=1)),
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
        kept = np.empty(len(left), np.bool_)
        least = np.float32(review_log2 - MARGIN_LOG2)
        for begin in range(0, len(left), CHUNK):
            part = slice(begin, begin + CHUNK)
            exact = None if name_log2 is None else name_log2[part]
            kept[part] = self._keeps(left[part], right[part], least, exact, together)
        return kept

    def _keeps(
        self, left: Rows, right: Rows, least: np.float32, name_log2: Bits | None, together: bool
    ) -> NDArray[np.bool_]:
        a, b = self.records.take(left, axis=0), self.records.take(right, axis=0)
        kept: NDArray[np.bool_] = (a[:, NIK] == b[:, NIK]) & (a[:, NIK] != MISSING)
        kept[kept] = self._nik_equal(left[kept], right[kept])
        cell, weight = self._name(self.evidence.names, a[:, NAME], b[:, NAME], left, right)
        if name_log2 is not None:
            weight = name_log2.copy()
        weight += np.float32(self.prior_log2)
        weight += self._name(self.evidence.mothers, a[:, MOTHER], b[:, MOTHER], left, right)[1]
        weight += self._name(self.evidence.fathers, a[:, FATHER], b[:, FATHER], left, right)[1]
        weight += np.where((a[:, KK] == b[:, KK]) & (a[:, KK] != MISSING), np.float32(12), np.float32(0))
        # What neither place, address nor date could mend needs no look at them.
        some = np.flatnonzero(~kept & (weight + self.most_log2 >= least))
        left, right, a, b, weight = left[some], right[some], a[some], b[some], weight[some]
        weight += _says(a[:, PLACE], b[:, PLACE], self.place_log2[left], otherwise=-1.0)
        weight += _says(a[:, ADDRESS], b[:, ADDRESS], self.address_log2[left], otherwise=1.0)
        if together:
            kept[some] = weight + BIRTH_LOG2[EQUAL] >= least
            return kept
        birth = _birth(self.evidence, a[:, BIRTHS], b[:, BIRTHS], left, right)
        siblings = np.float32(self.siblings_log2) + SIBLING_LOG2[birth] + SIBLING_TABLE[cell[some]]
        dated = np.where(birth == EQUAL, self.birth_log2[left], BIRTH_LOG2[birth])
        kept[some] = (weight + dated >= least) & (siblings >= least)
        return kept

    def _nik_equal(self, left: Rows, right: Rows) -> NDArray[np.bool_]:
        """Return where the usable NIK is equal, of pairs with the same first 15 digits, or one side is truncated."""
        e = self.evidence
        equal: NDArray[np.bool_] = (e.nik[left] >= 0) & (e.nik[left] == e.nik[right])
        return equal | e.nik_truncated[left] | e.nik_truncated[right]

    @staticmethod
    def _name(
        names: NameEvidence, a: NDArray[np.uint64], b: NDArray[np.uint64], left: Rows, right: Rows
    ) -> tuple[NDArray[np.uint16], Bits]:
        """Return each pair's cell of the tables by share, and what its share of letter pairs says, in bits.

        Where nearly all are shared, the rarity of the rarer name counts in full.
        """
        size = np.minimum(np.bitwise_count(a), np.bitwise_count(b))
        cell = np.bitwise_count(a & b).astype(np.uint16) * np.uint16(65) + size
        says = NAME_TABLE[cell]
        whole = np.flatnonzero(WHOLE[cell])
        rarity = np.minimum(names.bits_log2[left[whole]], names.bits_log2[right[whole]])
        says[whole] = np.maximum(rarity, says[whole])
        return cell, says


def _records(e: Evidence) -> NDArray[np.uint64]:
    """Return for each record three sets of letter pairs, four codes (0: missing) and both its birth dates."""
    records = np.zeros((len(e), 8), np.uint64)
    for word, names in ((NAME, e.names), (MOTHER, e.mothers), (FATHER, e.fathers)):
        records[:, word] = names.signature
    nik = np.where(e.nik_prefix >= 0, e.nik_prefix, e.nik)  # an opaque id has no first 15 digits
    for word, code in ((KK, e.kk), (PLACE, e.place), (ADDRESS, e.address), (NIK, nik)):
        records[:, word] = (code + 1).view(np.uint64)
    born, in_nik = (days.view(np.uint32).astype(np.uint64) for days in (e.birth, e.nik_birth))
    records[:, BIRTHS] = born << np.uint64(32) | in_nik
    return records


def _says(a: NDArray[np.uint64], b: NDArray[np.uint64], bits: Bits, *, otherwise: float) -> Bits:
    """Return the bits where two codes are equal, `otherwise` where both are there and differ, else 0."""
    known = np.where((a != MISSING) & (b != MISSING), np.float32(otherwise), np.float32(0))
    return np.where((a == b) & (a != MISSING), bits, known)


def _birth(
    e: Evidence, a: NDArray[np.uint64], b: NDArray[np.uint64], left: Rows, right: Rows
) -> NDArray[np.int8]:
    """Say what birth dates have to do with each other. a, b: the date and the date inside the NIK."""
    (birth_l, nik_l), (birth_r, nik_r) = (
        ((both >> np.uint64(32)).astype(np.uint32), both.astype(np.uint32)) for both in (a, b)
    )
    none = NO_DAY.view(np.uint32)
    missing = (birth_l == none) | (birth_r == none)
    crossed = (nik_l == birth_r) | (nik_r == birth_l)
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
