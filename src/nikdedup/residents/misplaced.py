"""Numbers that stand where another one belongs: the family card's in the NIK column, or one NIK on a whole family.

A NIK that stands on many people is no NIK, unless it is one family's, or somebody's: then its holders are to be told.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nikdedup.residents.agreement import both_known, same_day
from nikdedup.residents.readings import Rows, Signs

Mask = npt.NDArray[np.bool_]

HOLDERS = 20
"""Records up to which a NIK on a family, or on people of whom it is one's own, is a shared NIK; more are a fault of
the file."""


def fits(signs: Signs, rows: Rows | slice = slice(None)) -> Mask:
    """Return which records have the birth date that is inside their NIK, the century aside."""
    births = signs.dates.get("tgl_lhr")
    if births is None:
        return np.zeros(len(signs.nik[rows]), bool)
    days, inside = births.days[rows], signs.nik_days[rows]
    fit: Mask = both_known(days, inside) & same_day(days, inside)
    return fit


def cards(signs: Signs) -> dict[str, Rows]:
    """Return reason code -> rows in which NIK and No. KK are one number, by what it is.

    With the birth date inside it is the NIK (`kk_is_nik`); else the card's (`nik_is_kk`), and so it is on the other
    rows that have it for their NIK and not for their birth date: only the head's row may give the card.
    """
    one = np.flatnonzero((signs.nik > 0) & (signs.nik == signs.kk))
    if not len(one):
        return {}
    own = fits(signs, one)
    number = np.unique(signs.nik[one[~own]])
    place = np.searchsorted(number, signs.nik).clip(max=max(0, len(number) - 1))
    of_card = np.flatnonzero(number[place] == signs.nik) if len(number) else one[:0]
    return {"kk_is_nik": one[own], "nik_is_kk": of_card[~fits(signs, of_card)]}


def one_family(signs: Signs, holders: Rows) -> bool:
    """Return whether holders of a NIK, so few that they may be a family, are all on one card."""
    kk = signs.kk[holders]
    return bool(len(holders) <= HOLDERS and kk[0] > 0 and (kk == kk[0]).all())


def shared(signs: Signs, holders: Rows) -> bool:
    """Return whether a NIK on several people is one family's or one of theirs, and no fault of the file."""
    return one_family(signs, holders) or bool(len(holders) <= HOLDERS and fits(signs, holders).any())
