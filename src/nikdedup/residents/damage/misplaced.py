"""Numbers that stand where another one belongs: the family card's in the NIK column, or one NIK on a whole family.

A NIK that stands on many people is no NIK, unless it is one family's, or somebody's: then its holders are to be told.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nikdedup.columnar.calendar import NO_DATE
from nikdedup.residents.damage.agreement import FEWEST, both_known, of_century, same_day, share_at_most
from nikdedup.residents.damage.signs import Rows, Signs

Mask = npt.NDArray[np.bool_]

_LOWEST = (1 << 16) - 1
"""The lowest bits of a number, by which a few among many are sooner found than by the whole of it."""
HOLDERS = 20
"""Records up to which a NIK on a family, or on people of whom it is one's own, is a shared NIK; more are a fault of
the file."""


def fits(signs: Signs, rows: Rows | slice = slice(None)) -> Mask:
    """Return which records have the birth date that is inside their NIK, the century aside."""
    dated = _dated(signs, rows)
    if not dated.any():
        return dated
    fit: Mask = dated & same_day(signs.dates["tgl_lhr"].days[rows], signs.nik_days[rows])
    return fit


def _dated(signs: Signs, rows: Rows | slice = slice(None)) -> Mask:
    """Return which records have a birth date, and one inside their NIK."""
    births = signs.dates.get("tgl_lhr")
    if births is None:
        return np.zeros(len(signs.nik[rows]), bool)
    return both_known(births.days[rows], signs.nik_days[rows])


def cards(signs: Signs) -> dict[str, Rows]:
    """Return reason code -> rows whose NIK is a family card's number (`nik_is_kk`), whose No. KK a NIK (`kk_is_nik`).

    Where both are one number, the birth date inside it tells which it is. A card's number is none of a NIK on any
    other row either, its holder's birth date aside: only the head's row may give the card. It is known as a card's
    also from the No. KK of anybody, if it stands for the NIK of several; and by the whole of its source.
    """
    fit, held, dated = fits(signs), signs.nik > 0, _dated(signs)
    one = held & (signs.nik == signs.kk)
    foreign = held & ~fit
    several, rows = np.unique(signs.nik[foreign & ~one], return_counts=True)
    of_cards = np.concatenate([signs.nik[one & ~fit], several[rows > 1][_among(several[rows > 1], signs.kk)]])
    is_card, is_nik = foreign & _stands(np.unique(of_cards), signs.nik), one & fit
    for place in signs.places.values():
        if _all_cards(place.of(signs.nik), place.of(foreign & dated), place.of(fit)):
            at = place.rows
            is_card[at] |= foreign[at]
            is_nik[at] |= _of_births(signs, at) & foreign[at]
    return {"kk_is_nik": np.flatnonzero(is_nik), "nik_is_kk": np.flatnonzero(is_card)}


def _among(numbers: Rows, values: Rows) -> Mask:
    """Return which of a few sorted numbers occur among many values."""
    found = np.zeros(len(numbers), bool)
    if len(numbers):
        some = values[_maybe_among(numbers, values)]
        place = np.searchsorted(numbers, some).clip(max=len(numbers) - 1)
        found[place[numbers[place] == some]] = True
    return found


def _stands(numbers: Rows, values: Rows) -> Mask:
    """Return which of many values are among a few sorted numbers."""
    found = np.zeros(len(values), bool)
    if len(numbers):
        at = _maybe_among(numbers, values)
        place = np.searchsorted(numbers, values[at]).clip(max=len(numbers) - 1)
        found[at] = numbers[place] == values[at]
    return found


def _maybe_among(numbers: Rows, values: Rows) -> Rows:
    """Return the positions of the values whose lowest bits are those of one of the numbers: all that are among them."""
    held = np.zeros(_LOWEST + 1, bool)
    held[numbers & _LOWEST] = True
    return np.flatnonzero(held[values & _LOWEST])


def _all_cards(nik: Rows, foreign: Mask, fit: Mask) -> bool:
    """Return whether the NIKs of a source are its cards' numbers: surely few fit a birth date, most are a family's.

    A family's number is on two rows or more and fits none of them. Where nobody's birth is known, nothing is said.
    """
    known = int(np.count_nonzero(fit | foreign))
    if known < FEWEST or share_at_most(int(np.count_nonzero(fit)), known) >= 0.5:
        return False
    _, group, rows = np.unique(nik[foreign], return_inverse=True, return_counts=True)
    shared_by_all = (rows[group] > 1) & ~_stands(np.unique(nik[fit]), nik[foreign])
    return bool(2 * np.count_nonzero(shared_by_all) >= known)


def _of_births(signs: Signs, rows: Rows) -> Mask:
    """Return which of some rows have their own birth date inside the No. KK, as a NIK has it."""
    births, number = signs.dates["tgl_lhr"], signs.kk[rows]
    day, month, year = (number // 10**place % 100 for place in (8, 6, 4))
    inside = year * 10_000 + month * 100 + np.where(day > 40, day - 40, day)
    found: Mask = (births.days[rows] != NO_DATE) & (inside == of_century(births.days[rows])) & (number > 0)
    return found


def one_family(signs: Signs, holders: Rows) -> bool:
    """Return whether holders of a NIK, so few that they may be a family, are all on one card."""
    kk = signs.kk[holders]
    return bool(len(holders) <= HOLDERS and kk[0] > 0 and (kk == kk[0]).all())


def shared(signs: Signs, holders: Rows) -> bool:
    """Return whether a NIK on several people is one family's or one of theirs, and no fault of the file."""
    return one_family(signs, holders) or bool(len(holders) <= HOLDERS and fits(signs, holders).any())
