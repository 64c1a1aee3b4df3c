"""Stretches of rows whose ids Excel has cut to 15 digits, told from rows that were typed.

A typed id ends in 0 one time in ten, a cut one always. Two pictures of a damaged part are looked for:
one in which all rows are cut (`_CUT`), and one in which cut and typed rows alternate (`_MIXED`). Rows are
put in or outside of such a part by the likeliest path through two states (Viterbi), a step in or out
costing `_STEP`; so a part is only seen where its rows outweigh what chance does once in a million rows.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from nikdedup.runtime.kernels import compiled

if compiled("nikdedup.residents.damage.excel_cut_cy"):
    from nikdedup.residents.damage.excel_cut_cy import walked
else:
    from nikdedup.residents.damage.excel_cut_py import walked

Mask = npt.NDArray[np.bool_]

_NATURAL = 0.1
_CUT = 0.995
_MIXED = 0.55
_STEP = 0.5 * math.log(10**6)
"""Natural log; a part of a source is entered and left, which together is chance of 1 in 1,000,000."""
_SMALL = 2_000
_HINTS = ((16, 7), (64, 16))
"""Rows on end, and the zeros among them without which a small source is not looked at closer."""
_HINTS_IN_LARGE = ((16, 11), (64, 25), (256, 62))
"""The same of a large source, where chance has more places to happen."""


def cut_rows(values: npt.NDArray[np.int64]) -> Mask:
    """Return which ids ending in 0 lie in a stretch of a source that lost the 16th digit.

    values: ids of one source in its order, 0 where there is none. A typed id that ends in 0 inside a stretch
    looks like a cut one; so does one just outside. The outermost zero on either side of a stretch is therefore
    left alone, unless the source begins or ends there: else a stretch would accuse 2 rows in 9, where 1 healthy
    row in 10,000 is allowed. Of mixed parts typed rows that end in 0, a tenth, are accused: nobody can tell.
    """
    found = np.zeros(len(values), bool)
    rows = np.flatnonzero(values > 0)
    zero = values[rows] % 10 == 0
    if _hinted(zero):
        cut = _inside(zero, _CUT)
        mixed = _beyond(_inside(zero, _MIXED), cut, zero)
        found[rows] = zero & (_trimmed(cut) | mixed)
    return found


def _hinted(zero: Mask) -> bool:
    """Return whether zeros crowd anywhere, so that a stretch may be there; nearly all sources end here."""
    at = np.flatnonzero(zero)
    hints = _HINTS if len(zero) < _SMALL else _HINTS_IN_LARGE
    return any(bool((at[zeros - 1 :] - at[: 1 - zeros] < size).any()) for size, zeros in hints)


def _logs(share: float) -> tuple[float, float]:
    """Return the log likelihood of a zero and of another row in a stretch with that share of zeros, against typed."""
    return math.log(share / _NATURAL), math.log((1 - share) / (1 - _NATURAL))


def _score(zero: Mask, share: float) -> float:
    """Return the log likelihood of rows as part of a stretch with that share of zeros, against typed rows."""
    zeros = int(np.count_nonzero(zero))
    of_zero, of_other = _logs(share)
    return zeros * of_zero + (len(zero) - zeros) * of_other


def _inside(zero: Mask, share: float) -> Mask:
    """Return the rows that the likeliest path puts in a stretch."""
    lead = walked(np.where(zero, *_logs(share)), _STEP)
    # Backwards a row is what the next row is, but where the lead is so large that a step pays.
    sure = np.flatnonzero(np.abs(lead) > _STEP)
    inside = np.zeros(len(lead), bool)
    told = np.repeat(lead[sure] > 0, np.diff(sure, prepend=-1))
    inside[: len(told)] = told
    return inside


def _runs(inside: Mask) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return start and stop of each run of rows."""
    edges = np.diff(np.concatenate([[0], inside.astype(np.int8), [0]]))
    return np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)


def _beyond(mixed: Mask, cut: Mask, zero: Mask) -> Mask:
    """Return the mixed parts that wholly cut stretches in them do not explain.

    Either mixing is the likelier picture of the whole part, or what lies outside of its cut stretches
    is itself more than chance.
    """
    kept = np.zeros(len(mixed), bool)
    for start, stop in zip(*_runs(mixed), strict=True):
        rows, wholly = zero[start:stop], cut[start:stop]
        mixing = _score(rows, _MIXED) - 2 * _STEP
        cutting = _score(rows[wholly], _CUT) - 2 * _STEP * len(_runs(wholly)[0])
        kept[start:stop] = mixing > cutting or _score(rows[~wholly], _MIXED) > 2 * _STEP
    return kept


def _trimmed(cut: Mask) -> Mask:
    """Return cut stretches without their outermost rows, where typed rows stand next to them."""
    trimmed = cut.copy()
    starts, stops = _runs(cut)
    trimmed[starts[starts > 0]] = False
    trimmed[stops[stops < len(cut)] - 1] = False
    return trimmed
