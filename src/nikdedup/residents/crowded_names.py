"""Names that so many people have that they say nothing: what no list of such entries knows.

The commonest name of the country stands on one resident in a thousand, the commonest mother of a district has three
in a thousand. A text on many times as many records, of many families and of all birthdays, is no name but a habit of
the clerks.
"""

from __future__ import annotations

import numpy as np

from nikdedup.residents.birth import parts
from nikdedup.residents.dates import NO_DATE
from nikdedup.residents.readings import Rows, Signs

CODES = {"nama_lgkp": "name_on_many", "nama_lgkp_ibu": "mother_on_many", "nama_lgkp_ayah": "father_on_many"}
"""Columns of names, and the reason code of a text that stands on too many."""
SHARE = {"nama_lgkp": 0.01, "nama_lgkp_ibu": 0.02, "nama_lgkp_ayah": 0.02}
"""Share of a column's names from which on a text is none: ten times that of the commonest one, or nearly."""
FEWEST = 20
"""Records, families and days of birth that such a text stands on, at the least."""
SAMPLE = 20_000
"""Records looked at to know which texts to count."""


def crowded_names(signs: Signs) -> dict[str, Rows]:
    """Return reason code -> rows whose own, mother's or father's name stands on too many people to say anything."""
    return {
        code: np.concatenate([np.zeros(0, np.intp), *_crowds(signs, column)])
        for column, code in CODES.items()
        if column in signs.named
    }


def _crowds(signs: Signs, column: str) -> list[Rows]:
    """Return the rows of each text of a column that is no name."""
    share = SHARE[column]
    sample = signs.texts(column, slice(None, None, max(1, len(signs.row) // SAMPLE)))
    sample = sample[sample > 0]
    known, count = np.unique(sample, return_counts=True)
    often = known[count >= share / 2 * len(sample)]
    if not len(often):
        return []
    texts = signs.texts(column, slice(None))
    least = max(FEWEST, share * np.count_nonzero(texts))
    found = (np.flatnonzero(texts == text) for text in often)
    return [rows for rows in found if len(rows) >= least and _everywhere(signs, rows)]


def _everywhere(signs: Signs, rows: Rows) -> bool:
    """Return whether the rows are of many families and birthdays, as far as the extract tells them."""
    told = [np.unique(signs.kk[rows][signs.kk[rows] > 0])]
    if (births := signs.dates.get("tgl_lhr")) is not None:
        days = births.days[rows]
        _, month, day = parts(days[days != NO_DATE])
        told.append(np.unique(month.astype(np.int32) * 100 + day))
    known = [len(values) for values in told if len(values)]
    return bool(known) and min(known) >= FEWEST
