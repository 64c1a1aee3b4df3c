"""The names of a record set against each other: what says nothing is missing, what one column lacks another says.

Behind bin or binti stands the father, and a newborn without a name is entered under its mother's. Where the
parent's own column is blank, that is evidence of the parent.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.columnar.distinct import map_distinct
from nikdedup.columnar.text import may_hold
from nikdedup.residents.damage import NAMES
from nikdedup.residents.flags import Flags
from nikdedup.residents.names import name_skeleton

Mask = npt.NDArray[np.bool_]
Columns = dict[str, pl.Series]

_SKELETONS = {
    "nama_lgkp": "nama_skeleton",
    "nama_lgkp_ibu": "ibu_skeleton",
    "nama_lgkp_ayah": "ayah_skeleton",
}
_CROWDS = ("on_many", "crowded")
_PARENTS = {"mother": "nama_lgkp_ibu", "father": "nama_lgkp_ayah"}


def settle_names(columns: Columns, marked: Mapping[str, Mask], flags: Flags, *, plain: bool = False) -> None:
    """Take away names that say nothing and fill in what the person's own name says of the parents, each with a reason.

    columns: clean names, their skeletons, `name_patronymic`, `name_mother` and `<parent>_nothing` as read, changed in
    place; `father_in_name` is added. marked: what the survey of the whole extract has found, by reason code.
    plain: no word of a name says who the father is.
    """
    for field, code in ((field, f"{name}_{how}") for field, name in NAMES.items() for how in _CROWDS):
        if code in marked:
            flags.add(code, marked[code])
            _take_away(columns, field, marked[code])
    for parent, field in _PARENTS.items():
        flags.add(f"{parent}_placeholder", columns.pop(f"{field}_nothing").to_numpy())
    mother, father = (columns[f"{field}_clean"] for field in _PARENTS.values())
    both = (mother == father).fill_null(False).to_numpy()
    if both.any():
        flags.add("parents_one_name", both)
        for field in _PARENTS.values():
            _take_away(columns, field, both)
    said = columns["name_patronymic"].is_not_null()
    if not plain and may_hold(columns["nama_lgkp_clean"], b" IBNU "):
        said |= columns["nama_lgkp_clean"].str.contains(" IBNU ", literal=True).fill_null(False)
    columns["father_in_name"] = said
    for parent, name in (("mother", "name_mother"), ("father", "name_patronymic")):
        flags.add(f"{parent}_from_name", _fill_in(columns, _PARENTS[parent], columns.pop(name)))


def _take_away(columns: Columns, field: str, where: Mask) -> None:
    """Make the names of some rows missing."""
    for name in (f"{field}_clean", _SKELETONS[field]):
        columns[name] = columns[name].to_frame("name").select(pl.when(pl.Series(~where)).then("name"))["name"]


def _fill_in(columns: Columns, field: str, said: pl.Series) -> npt.NDArray[np.intp]:
    """Put in the names that are said where there are none; return the rows."""
    clean, skeleton = f"{field}_clean", _SKELETONS[field]
    rows = np.flatnonzero((columns[clean].is_null() & said.is_not_null()).to_numpy())
    if len(rows):
        names = said.gather(rows)
        forms = map_distinct(names, lambda name: name_skeleton(name.split()), pl.String())
        columns[clean] = columns[clean].scatter(rows, names)
        columns[skeleton] = columns[skeleton].scatter(rows, forms)
    return rows
