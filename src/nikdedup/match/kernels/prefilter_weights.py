"""The weights of the prefilter: what dates, and shares of letter pairs in common, give before letters are compared.

The numbers stand in data/model.toml, [prefilter]; here they become tables that the loops look things up in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nikdedup.columnar.arrays import Bits

EQUAL, CROSSED, SLIP, DEFAULT, PARTS, APART, UNKNOWN, KNOWN_PARTS, KNOWN_YEAR = range(9)
"""What two birth dates and NIKs have to do with each other; the last three where a date is missing."""
BIRTHS_NAMED = (
    "equal", "crossed", "slip", "default", "parts", "apart", "unknown", "known_parts", "known_year",
)  # fmt: skip
"""The same, as model.toml names them."""

NAME, MOTHER, FATHER, KK, PLACE, ADDRESS, NIK, BIRTHS = range(8)
"""What is in the eight words of a record, see prefilter.py."""
MISSING = np.uint64(0)

WORTH = np.dtype(
    [(field, np.float32) for field in ("name", "mother", "father", "place", "address", "birth")]
    + [("year", np.int16), ("month", np.int8), ("day", np.int8), ("default", np.int8), ("sex", np.int8)]
    + [("spare", np.int16)]
)
"""What agreement on each value of a record gives, in bits (an equal birth date gives little on a date that a crowd was
given), the date of birth in parts, -1 if missing, and the sex: half a line of the processor's cache."""

PAIRS = 65
"""Rows and columns of the tables by letter pairs: 0 to 64."""


@dataclass(frozen=True, eq=False)
class PrefilterWeights:
    """log2 weights of the prefilter.

    birth_log2, sibling_birth_log2: by EQUAL ... KNOWN_YEAR, against strangers and against siblings. common_date_log2:
    an equal date never counts for more than its term frequency and this. name_log2, sibling_name_log2: by letter pairs
    shared (times PAIRS) plus letter pairs of the shorter name. whole: where so many are shared that the name's term
    frequency counts. sibling_kk_log2, sibling_kk_differs_log2: one family card and two, against siblings.
    place_differs_log2, address_differs_log2: two that differ.
    margin_log2, named_margin_log2: how far below the review threshold a pair is still compared, and how far once its
    names are. Letter pairs in part leave open what names will say, those in full do not: there the margin is that of
    compared names already.
    """

    birth_log2: Bits
    sibling_birth_log2: Bits
    common_date_log2: np.float32
    name_log2: Bits
    sibling_name_log2: Bits
    whole: NDArray[np.bool_]
    sibling_kk_log2: np.float32
    sibling_kk_differs_log2: np.float32
    place_differs_log2: np.float32
    address_differs_log2: np.float32
    margin_log2: float
    named_margin_log2: float

    @property
    def whole_less_log2(self) -> float:
        """By how much less names that agree on the whole are put, so that their margin is the narrow one."""
        return self.margin_log2 - self.named_margin_log2

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> PrefilterWeights:
        """Return the weights of a [prefilter] table as `data/model.toml` describes it."""
        shares, name = values["name"]["shares"], values["name"]
        shared, size = np.indices((PAIRS, PAIRS), np.uint8).reshape(2, -1)
        short = size <= name["short_pairs"]
        return cls(
            birth_log2=_births(values["birth"]["match"]),
            sibling_birth_log2=_births(values["birth"]["sibling"]),
            common_date_log2=np.float32(values["common_date"]),
            name_log2=_by_share(shared, size, shares, np.where(short, 1, 0), (name["long"], name["short"])),
            sibling_name_log2=_by_share(shared, size, shares, np.zeros_like(size), (name["sibling"],)),
            whole=(size > 0) & (size * shares[-1] <= shared),
            sibling_kk_log2=np.float32(values["sibling_kk"]["equal"]),
            sibling_kk_differs_log2=np.float32(values["sibling_kk"]["differs"]),
            place_differs_log2=np.float32(values["place_differs"]),
            address_differs_log2=np.float32(values["address_differs"]),
            margin_log2=float(values["margin"]),
            named_margin_log2=float(values["named_margin"]),
        )


def _births(values: Mapping[str, float]) -> Bits:
    return np.array([values[name] for name in BIRTHS_NAMED], np.float32)


def _by_share(
    shared: Any, size: Any, shares: Sequence[float], which: Any, log2: Sequence[Sequence[float]]
) -> Bits:
    """Return log2 likelihood ratios by letter pairs shared and those of the shorter name; 0 where there are none.

    which: the list of `log2` that goes by each size.
    """
    share = shared / np.maximum(size, 1)
    given = np.choose(which, [np.interp(share, shares, of_shares) for of_shares in log2])
    return np.where(size == 0, 0.0, given).astype(np.float32)
