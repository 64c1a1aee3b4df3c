"""Cheap before dear: which candidates can still reach the review threshold.

Integers and signatures bound the weight a pair can get. Letters are compared only for
pairs whose bound is above the threshold; the others would be thrown away afterwards.
Two explanations are bounded: that the two are strangers, and that they are siblings,
who agree on parents, household and address but neither on date nor on name.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nikdedup.match.dates import date_slips
from nikdedup.match.evidence import NO_DAY, Evidence, NameEvidence
from nikdedup.match.model import Model
from nikdedup.match.tiles import Rows

Bound = NDArray[np.float32]

EQUAL, CROSSED, SLIP, APART, UNKNOWN = range(5)
"""What two birth dates and NIKs have to do with each other, strongest first."""
BIRTH_LOG2 = np.array([17.0, 14.0, 6.0, -5.0, 0.0], np.float32)
"""Most that each of these brings against strangers."""
SIBLING_LOG2 = np.array([14.0, 8.0, 3.5, -5.0, 0.0], np.float32)
"""Most that each brings against siblings."""
NIK_LOG2 = 30.0
SHORT = 6
"""Letter pairs up to which a slip may leave a name without common ones."""


def can_matter(
    e: Evidence, model: Model, left: Rows, right: Rows, *, review_log2: float, name_log2: Bound | None = None
) -> NDArray[np.bool_]:
    """Return which pairs may reach `review_log2`; generous, so that hardly one that does is lost.

    name_log2: the weight of the name where it is known already, instead of its bound.
    """
    prior = np.float32(model.prior_log2("match", len(e)))
    birth, nik_equal = _birth(e, left, right)
    share, bits = _shared(e.names, left, right)
    name = bits if name_log2 is None else name_log2
    household = sum(_parent(model, parent, names, left, right) for parent, names in (("mother", e.mothers), ("father", e.fathers)))
    for field, codes, top in (("kk", e.kk, 14.0), ("place", e.place, 9.0), ("address", e.address, 7.0)):
        a, b = codes[left], codes[right]
        household += np.where((a == b) & (a >= 0), np.float32(top), np.float32(0.5 if field == "address" else 0))
    strangers = prior + BIRTH_LOG2[birth] + name + household
    between_siblings = np.float32(np.log2(model.expected["match"] / model.expected["sibling"])) + SIBLING_LOG2[birth]
    siblings = between_siblings + (np.interp(share, (0, 0.3, 0.6, 0.8), (-4, -2, 6, 11)) if name_log2 is None else 11)
    possible: NDArray[np.bool_] = nik_equal | ((strangers >= review_log2) & (siblings >= review_log2))
    return possible


def _birth(e: Evidence, left: Rows, right: Rows) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
    birth_l, birth_r = e.birth[left], e.birth[right]
    missing = (birth_l == NO_DAY) | (birth_r == NO_DAY)
    nik_equal = (e.nik[left] >= 0) & (e.nik[left] == e.nik[right])
    nik_equal |= (e.nik_prefix[left] >= 0) & (e.nik_prefix[left] == e.nik_prefix[right]) & (
        e.nik_truncated[left] | e.nik_truncated[right]
    )
    crossed = (e.nik_birth[left] == birth_r) | (e.nik_birth[right] == birth_l)
    open_dates = ~missing & ~crossed & (birth_l != birth_r)
    _, slip = date_slips(birth_l, birth_r, open_dates)
    kind = np.select([missing, birth_l == birth_r, crossed, slip], [UNKNOWN, EQUAL, CROSSED, SLIP], APART)
    return kind.astype(np.int8), nik_equal


def _shared(names: NameEvidence, left: Rows, right: Rows) -> tuple[Bound, Bound]:
    """Return the share of letter pairs two names have in common, and the most that agreement can bring."""
    size = np.minimum(names.size[left], names.size[right])
    shared = np.bitwise_count(names.signature[left] & names.signature[right])
    share = shared / np.maximum(size, 1).astype(np.float32)
    bits = np.minimum(names.bits_log2[left], names.bits_log2[right]) * np.minimum(1, 0.1 + 1.4 * share)
    return share.astype(np.float32), bits.astype(np.float32)


def _parent(model: Model, parent: str, names: NameEvidence, left: Rows, right: Rows) -> Bound:
    """Return the most that a parent's name can bring; what clearly differs counts against the pair."""
    share, bits = _shared(names, left, right)
    size = np.minimum(names.size[left], names.size[right])
    field = model.fields[parent]
    unlike = float(field.known["match"][1] - field.stranger[1])
    alike = np.maximum(bits - field.stranger[6], 0)
    bound = np.where((share < 0.2) & (size > SHORT), np.float32(unlike), alike)
    return np.where(size == 0, np.float32(0), bound).astype(np.float32)
