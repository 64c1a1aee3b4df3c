"""The weights of the screen: what dates, and shares of letter pairs in common, say before letters are compared."""

from __future__ import annotations

import numpy as np

from nikdedup.columnar.arrays import Bits

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
"""What stands in the eight words of a record, see prefilter.py."""
MISSING = np.uint64(0)

WORTH = np.dtype(
    [(field, np.float32) for field in ("name", "mother", "father", "place", "address", "birth")]
    + [("year", np.int16), ("month", np.int8), ("day", np.int8), ("default", np.int32)]
)
"""What agreement on each value of a record says, in bits (an equal birth date says little on a date that a crowd was
given), and the date of birth in parts, -1 if missing: half a line of the processor's cache."""
