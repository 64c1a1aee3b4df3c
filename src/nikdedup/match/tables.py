"""The tables that leave the matcher: pairs and people, as schema.py has them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nikdedup import schema
from nikdedup.columnar.arrays import Rows
from nikdedup.columnar.distinct import spread, taken
from nikdedup.match.block import COPIES, PASSES, Candidates
from nikdedup.match.compare import Compared
from nikdedup.match.score import Scored


def people_table(records: pl.DataFrame, label: Rows) -> pl.DataFrame:
    """Return schema.PEOPLE. records: row, record_id. label: of each, the position of whom its person is named after."""
    ids = records["record_id"]
    return pl.DataFrame(
        {"row": records["row"], "record_id": ids, "person_id": "P" + taken(ids, label)},
        schema=schema.PEOPLE,
    )


def pairs_table(
    found: Candidates,
    compared: Compared,
    scored: Scored,
    bands: NDArray[np.str_],
    chance: NDArray[np.float64],
    records: pl.DataFrame,
    *,
    every: bool = False,
) -> pl.DataFrame:
    """Return schema.PAIRS: pairs that are confirmed, to be reviewed or of a named relation; or all of them.

    chance: that each pair is one person.

    Behind the levels of LEVELS stand those of the further columns of evidence, by name.
    """
    relation = np.where(bands != "", "same_person", scored.relation)
    relation = np.where((bands == "") & (relation == "same_person"), "none", relation)
    keep = np.flatnonzero((bands != "") | (relation != "none") | every)
    left, right = found.left[keep], found.right[keep]
    weight = scored.weight_log2[keep]
    names = pl.Series([*(one.name for one in PASSES), COPIES])
    further = sorted(compared.level.keys() - set(schema.LEVELS))
    table = pl.DataFrame(
        {
            "row_l": taken(records["row"], left),
            "row_r": taken(records["row"], right),
            "record_id_l": taken(records["record_id"], left),
            "record_id_r": taken(records["record_id"], right),
            "passes": _pass_names(found.found[keep], names),
            **{f"level_{name}": compared.level[name][keep] for name in [*schema.LEVELS, *further]},
            "weight_log2": weight.round(6),
            "probability": chance[keep].round(9),
            "relation": relation[keep].astype(str),
            "band": pl.Series(bands[keep].astype(str)).replace("", None),
        },
        schema=_with_levels(further),
    )
    return table.sort("row_l", "row_r")


def _with_levels(further: Sequence[str]) -> dict[str, pl.DataType]:
    """Return schema.PAIRS with a level for each further column of evidence behind the others."""
    table: dict[str, pl.DataType] = {}
    for name, kind in schema.PAIRS.items():
        if name == "weight_log2":
            table |= {f"level_{one}": pl.UInt8() for one in further}
        table[name] = kind
    return table


def _pass_names(found: NDArray[np.uint32], names: pl.Series) -> pl.Series:
    """Turn bits into lists of pass names; each distinct combination once."""
    codes, back = np.unique(found, return_inverse=True)
    lists = [[name for bit, name in enumerate(names) if code >> bit & 1] for code in codes.tolist()]
    return spread(lists, back, pl.List(pl.String()))
