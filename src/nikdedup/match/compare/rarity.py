"""Term frequency of an agreement between two strangers, in bits, by how many records share the value."""

from __future__ import annotations

import numpy as np

from nikdedup.columnar.arrays import Bits, Counts, LevelArray
from nikdedup.match.features import among, share_of_place
from nikdedup.match.levels import NameLevel


def tf_log2(count: Counts, records: int, floor: float = 0.5) -> Bits:
    """Return -log2 of the share of *other* records with the value, never of less than `floor` records.

    Of a small extract among so many others as is shipped, see small_extracts.py.

    Args:
        count: records with the value of each pair, in this extract.
        records: number of records of the extract.
        floor: fewest other records that a value is taken to have.
    """
    others = np.maximum(count.astype(np.float32) - 1, floor)
    return np.float32(np.log2(among(records))) - np.log2(others)


def cap_whole(bits: Bits, level: LevelArray, most: Bits) -> None:
    """Cap the bits of names that agree on the whole, in place: words of a name depend on each other.

    Args:
        bits: term frequency of what each two names share.
        level: NameLevel of each.
        most: what the count of the whole name says.
    """
    whole = level >= NameLevel.SAME_SOUND
    bits[whole] = np.minimum(bits[whole], most[whole])


def place_tf_log2(count: Counts, records: int) -> Bits:
    """Return the same for places of birth: many are born in one place, in a small extract nearly all of them.

    Args:
        count: records born in the place of each pair.
        records: number of records of the extract.
    """
    return -np.log2(share_of_place(np.maximum(count.astype(np.float32) - 1, 0.5), records))
