"""The innermost loops of the matcher in numpy: what pairs_cy.pyx computes, bit by bit, where it is not compiled."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from nikdedup.columnar.arrays import Bits
from nikdedup.columnar.calendar import NO_DATE
from nikdedup.columnar.grouping_py import Places, Rows
from nikdedup.match.features import (
    DEFAULT_YEARS,
    YEARS_OFF,
    Evidence,
    date_slips,
    digits_exchanged,
    years_exchanged,
)
from nikdedup.match.kernels.inputs import PrefilterRule, PrefilterTables, QgramFilter
from nikdedup.match.kernels.prefilter_weights import (
    ADDRESS,
    APART,
    BIRTHS,
    CROSSED,
    DEFAULT,
    EQUAL,
    FATHER,
    KK,
    KNOWN_PARTS,
    KNOWN_YEAR,
    MISSING,
    MOTHER,
    NAME,
    NIK,
    PAIRS,
    PARTS,
    PLACE,
    SLIP,
    UNKNOWN,
)

Records = NDArray[np.uint64]

CHUNK_PAIRS = 1 << 22
"""Pairs of blocks that are looked at before those that passed are weighed: what bounds the memory of a pass."""
CHUNK = 1 << 15
"""Pairs looked at together: both their records stay in the cache of a core."""


def block_pairs(
    rows: Rows,
    starts: Places,
    middles: Places | None,
    stops: Places,
    qgrams: QgramFilter | None,
    rule: PrefilterRule | None,
) -> tuple[Rows, Rows]:
    """Return the pairs inside of blocks that pass the q-gram filter and the prefilter, see pairs.py, in block order.

    rows: of all blocks; block k holds the entries starts[k] to stops[k] - 1. Each entry is paired with those
    behind it; with middles, each from middles[k] on with those before middles[k]. A row is no pair with itself.
    """
    sizes = stops - starts
    at = np.repeat(starts - (np.cumsum(sizes) - sizes), sizes) + np.arange(int(sizes.sum()))
    first, stop = at + 1, np.repeat(stops, sizes)
    if middles is not None:
        asking = at >= np.repeat(middles, sizes)
        at = at[asking]
        first, stop = (np.repeat(of, sizes)[asking] for of in (starts, middles))
    many = np.cumsum(stop - first)
    cuts = np.searchsorted(many, np.arange(0, many[-1] if len(many) else 0, CHUNK_PAIRS), "right")
    found = [(np.empty(0, np.int32), np.empty(0, np.int32))]
    for begin, end in pairwise([*cuts.tolist(), len(at)]):
        some = slice(begin, end)
        found.append(_chunk(rows, at[some], first[some], stop[some], qgrams, rule))
    lefts, rights = zip(*found, strict=True)
    return np.concatenate(lefts), np.concatenate(rights)


def _chunk(
    rows: Rows,
    at: Places,
    first: Places,
    stop: Places,
    qgrams: QgramFilter | None,
    rule: PrefilterRule | None,
) -> tuple[Rows, Rows]:
    """Return the pairs of entry at[k] with each of the entries first[k] to stop[k] - 1 that pass."""
    many = stop - first
    other = np.arange(int(many.sum())) + np.repeat(first - (np.cumsum(many) - many), many)
    left, right = rows[np.repeat(at, many)], rows[other]
    passed = left != right
    if qgrams is not None:
        shared = np.bitwise_count(qgrams.signature[left] & qgrams.signature[right])
        passed &= shared >= np.minimum(qgrams.need[left], qgrams.need[right])
    if rule is not None and rule.source is not None:
        passed &= rule.source[left] != rule.source[right]
    left, right = left[passed], right[passed]
    if rule is not None:
        kept = keeps(rule.screen, left, right, rule.least_log2, None, None, rule.together)
        left, right = left[kept], right[kept]
    return left, right


def keeps(
    tables: PrefilterTables,
    left: Rows,
    right: Rows,
    least_log2: float,
    name_log2: Bits | None,
    kin_log2: Bits | None,
    together: bool,
) -> NDArray[np.bool_]:
    """Return which pairs reach the least weight by what the prefilter knows of their records, see prefilter.py.

    name_log2, kin_log2: the name's weight against strangers and against siblings, where it is known; both or neither.
    """
    kept = np.empty(len(left), np.bool_)
    for begin in range(0, len(left), CHUNK):
        part = slice(begin, begin + CHUNK)
        exact = None if name_log2 is None or kin_log2 is None else (name_log2[part], kin_log2[part])
        kept[part] = _keeps(tables, left[part], right[part], np.float32(least_log2), exact, together)
    return kept


def _keeps(
    tables: PrefilterTables,
    left: Rows,
    right: Rows,
    least: np.float32,
    exact: tuple[Bits, Bits] | None,
    together: bool,
) -> NDArray[np.bool_]:
    e, log2 = tables.evidence, tables.weights
    a, b = tables.records.take(left, axis=0), tables.records.take(right, axis=0)
    kept: NDArray[np.bool_] = (a[:, NIK] == b[:, NIK]) & (a[:, NIK] != MISSING)
    kept[kept] = _nik_equal(e, left[kept], right[kept])
    cell, weight = _name(tables, "name", a[:, NAME], b[:, NAME], left, right)
    kin = log2.sibling_name_log2[cell]
    if exact is not None:
        weight, kin = exact[0].copy(), exact[1]
    weight += np.float32(tables.prior_log2)
    weight += _name(tables, "mother", a[:, MOTHER], b[:, MOTHER], left, right)[1]
    weight += _name(tables, "father", a[:, FATHER], b[:, FATHER], left, right)[1]
    one_card = (a[:, KK] == b[:, KK]) & (a[:, KK] != MISSING)
    weight += np.where(one_card, np.float32(tables.kk_log2), np.float32(0))
    weight += _agreement(
        a[:, PLACE], b[:, PLACE], tables.worth["place"][left], otherwise=log2.place_differs_log2
    )
    weight += _agreement(
        a[:, ADDRESS], b[:, ADDRESS], tables.worth["address"][left], otherwise=log2.address_differs_log2
    )
    if together:
        kept |= weight + log2.birth_log2[EQUAL] >= least
        return kept
    birth = _birth(e, a[:, BIRTHS], b[:, BIRTHS], left, right)
    siblings = np.float32(tables.siblings_log2) + log2.sibling_birth_log2[birth]
    siblings += kin
    two_cards = ~one_card & (a[:, KK] != MISSING) & (b[:, KK] != MISSING)
    siblings += np.select(
        [one_card, two_cards], [log2.sibling_kk_log2, log2.sibling_kk_differs_log2], np.float32(0)
    )
    dated = np.where(birth == EQUAL, tables.worth["birth"][left], log2.birth_log2[birth])
    kept |= (weight + dated >= least) & (siblings >= least)
    return kept


def _nik_equal(e: Evidence, left: Rows, right: Rows) -> NDArray[np.bool_]:
    """Return where the usable NIK is equal, of pairs with the same first 15 digits, or one side is truncated."""
    equal: NDArray[np.bool_] = (e.nik[left] >= 0) & (e.nik[left] == e.nik[right])
    return equal | e.nik_truncated[left] | e.nik_truncated[right]


def _name(
    tables: PrefilterTables, field: str, a: Records, b: Records, left: Rows, right: Rows
) -> tuple[NDArray[np.uint16], Bits]:
    """Return each pair's cell of the tables by share, and what its share of letter pairs gives, in bits.

    field: whose name. Where nearly all are shared, the rarity of the rarer name counts in full.
    """
    size = np.minimum(np.bitwise_count(a), np.bitwise_count(b))
    cell = np.bitwise_count(a & b).astype(np.uint16) * np.uint16(PAIRS) + size
    worth = tables.worth[field]
    bits = tables.weights.name_log2[cell]
    whole = np.flatnonzero(tables.weights.whole[cell])
    rarity = np.minimum(worth[left[whole]], worth[right[whole]])
    bits[whole] = np.maximum(rarity, bits[whole])
    return cell, bits


def _agreement(a: Records, b: Records, bits: Bits, *, otherwise: np.float32) -> Bits:
    """Return the bits where two codes are equal, `otherwise` where both are there and differ, else 0."""
    known = np.where((a != MISSING) & (b != MISSING), otherwise, np.float32(0))
    return np.where((a == b) & (a != MISSING), bits, known)


def _birth(e: Evidence, a: Records, b: Records, left: Rows, right: Rows) -> NDArray[np.int8]:
    """Say what birth dates have to do with each other. a, b: the date and the date inside the NIK."""
    (birth_l, nik_l), (birth_r, nik_r) = (
        ((both >> np.uint64(32)).astype(np.uint32), both.astype(np.uint32)) for both in (a, b)
    )
    none = NO_DATE.view(np.uint32)
    dated = (birth_l != none) & (birth_r != none)
    equal = dated & (birth_l == birth_r)
    sex_differs = (e.sex[left] > 0) & (e.sex[right] > 0) & (e.sex[left] != e.sex[right])
    crossed = ((nik_l == birth_r) & (birth_r != none)) | ((nik_r == birth_l) & (birth_l != none))
    same_year, slip = date_slips(e.calendar, left, right, dated & ~equal)
    slip |= digits_exchanged(e.calendar, left, right, dated & ~equal & ~slip)
    default_l, default_r = e.birth_default[left], e.birth_default[right]
    near = np.abs(e.calendar[0][left] - e.calendar[0][right]) <= DEFAULT_YEARS
    stands_for = (default_l | default_r) & (near | (slip & default_l & default_r))
    agree, year, differ = _parts(e, left, right)
    told = ~dated & ~differ & ~sex_differs
    rules = [
        (EQUAL, equal),
        (CROSSED, crossed & ~sex_differs),
        (DEFAULT, dated & stands_for & ~sex_differs),
        (APART, dated & (default_l | default_r | sex_differs)),
        (SLIP, slip),
        (PARTS, dated & (same_year | (agree == 2))),
        (APART, dated | _years_apart(e, left, right)),
        (KNOWN_PARTS, told & (agree >= 2)),
        (KNOWN_YEAR, told & (agree == 1) & year),
    ]
    return np.select([where for _, where in rules], [kind for kind, _ in rules], UNKNOWN).astype(np.int8)


def _parts(
    e: Evidence, left: Rows, right: Rows
) -> tuple[NDArray[np.int8], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return how many parts of two dates are known and equal, whether the year is one, and where one differs."""
    agree, differ = np.zeros(len(left), np.int8), np.zeros(len(left), np.bool_)
    for part in e.calendar:
        one, other = part[left], part[right]
        agree += (one >= 0) & (one == other)
        differ |= (one >= 0) & (other >= 0) & (one != other)
    years = e.calendar[0]
    return agree, (years[left] >= 0) & (years[left] == years[right]), differ


def _years_apart(e: Evidence, left: Rows, right: Rows) -> NDArray[np.bool_]:
    """Return where two years are known, and so far apart that no slip accounts for it."""
    one, other = e.calendar[0][left], e.calendar[0][right]
    off = np.abs(one - other)
    slip = (off <= YEARS_OFF[-2]) | (off == YEARS_OFF[-1]) | years_exchanged(one, other)
    apart: NDArray[np.bool_] = (one >= 0) & (other >= 0) & ~slip
    return apart
