"""Names that may stand in each other's columns: of a person and a parent, or of both parents.

A clerk writes the mother where the name belongs, and the name where she does. One of the two alone proves nothing: a
daughter's mother bears her mother's name. Both must agree crosswise, in the letters at least.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nikdedup.columnar.arrays import Rows
from nikdedup.match.features.features import Evidence, NameEvidence

CROSSED = (("name", "mother"), ("name", "father"), ("mother", "father"))
"""Fields whose values are written into each other's columns."""
SHARE = 0.7
"""Share of the shorter name's letter pairs that names of two columns must have in common."""


def names_of(e: Evidence, field: str) -> NameEvidence:
    """Return the evidence of a field of names.

    Args:
        e: evidence of all records.
        field: name, mother or father.
    """
    return {"name": e.names, "mother": e.mothers, "father": e.fathers}[field]


def crosswise(e: Evidence, fields: tuple[str, str], left: Rows, right: Rows) -> NDArray[np.bool_]:
    """Return where the letters of each of two columns are those of the other column in the other record.

    Args:
        e: evidence of all records.
        fields: the two columns.
        left: numbers of the records on the left, one for each of n pairs.
        right: numbers of the records on the right, n too.
    """
    one, other = (names_of(e, field) for field in fields)
    crossed: NDArray[np.bool_] = _alike(one, left, other, right) & _alike(one, right, other, left)
    return crossed


def _alike(one: NameEvidence, rows: Rows, other: NameEvidence, others: Rows) -> NDArray[np.bool_]:
    a, b = one.letters[one.words.name[rows]], other.letters[other.words.name[others]]
    size = np.minimum(np.bitwise_count(a), np.bitwise_count(b))
    alike: NDArray[np.bool_] = (np.bitwise_count(a & b) >= SHARE * size) & (size > 0)
    return alike
