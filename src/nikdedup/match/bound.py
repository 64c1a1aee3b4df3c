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

from nikdedup.match import loops
from nikdedup.match.bound_tables import (
    ADDRESS,
    BIRTH_LOG2,
    BIRTHS,
    COMMON_DATE_LOG2,
    EQUAL,
    FATHER,
    KK,
    MOTHER,
    NAME,
    NIK,
    PLACE,
    Bits,
)
from nikdedup.match.compare import Frequencies, surprise
from nikdedup.match.evidence import Evidence
from nikdedup.match.model import Model
from nikdedup.match.pairing import Rows

MARGIN_LOG2 = 4.0
"""How far the first weight may lie below the threshold and the pair still be compared."""
CHUNK = 1 << 12
"""Records put together at a time, in the cache of a core."""


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
        return loops.keeps(self, left, right, review_log2 - MARGIN_LOG2, name_log2, together)


def _records(e: Evidence) -> NDArray[np.uint64]:
    """Return for each record three sets of letter pairs, four codes (0: missing) and both its birth dates."""
    room = np.zeros((len(e) + 1) * 8, np.uint64)
    begin = -room.ctypes.data % 64 // 8  # each record in one line of the cache
    records = room[begin : begin + len(e) * 8].reshape(-1, 8)
    nik = np.where(e.nik_prefix >= 0, e.nik_prefix, e.nik)  # an opaque id has no first 15 digits
    for begin in range(0, len(e), CHUNK):
        some = slice(begin, begin + CHUNK)
        record = records[some]
        for word, names in ((NAME, e.names), (MOTHER, e.mothers), (FATHER, e.fathers)):
            record[:, word] = names.signature[some]
        for word, code in ((KK, e.kk), (PLACE, e.place), (ADDRESS, e.address), (NIK, nik)):
            record[:, word] = (code[some] + 1).view(np.uint64)
        born, in_nik = (days[some].view(np.uint32).astype(np.uint64) for days in (e.birth, e.nik_birth))
        record[:, BIRTHS] = born << np.uint64(32) | in_nik
    return records
