"""Life status out of every column that tells of it: status texts, and flags whose codes are the office's own.

What the codes of STAT_HIDUP, STAT_KTP and FLAG_PINDAH mean is not public. A code says what `flag_codes` of
the config gives it; any other is counted, and says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.columnar.distinct import map_distinct
from nikdedup.config import FLAG_FIELDS, Config
from nikdedup.residents.status.recording import is_blank, key, life_texts
from nikdedup.schema import LIFE

TEXT_FIELDS = ("flag_status", "stat_hidup")
"""Columns that also hold texts such as HIDUP or PINDAH; in the others TIDAK AKTIF may be said of the card."""

_STRONGEST = ("dead", "abroad", "moved", "inactive", "alive", "unknown")
"""Which status holds where columns differ: a resident who moved stays HIDUP in STAT_HIDUP."""

Mask = npt.NDArray[np.bool_]


def meanings(field: str, config: Config) -> dict[str, str]:
    """Return key of a text or code of one of FLAG_FIELDS -> one of LIFE, the office's own first."""
    shipped = life_texts(config) if field in TEXT_FIELDS else {}
    return shipped | {key(code): life for code, life in config.flag_codes.get(field, {}).items()}


def read_flag(values: pl.Series, field: str, *, config: Config) -> pl.Series:
    """Return one of LIFE per value of a column; null where blank, unknown for what no list and no config has.

    Args:
        values: n strings or null.
        field: which of FLAG_FIELDS the column is.
        config: settings of the run.

    Example:
        >>> office = Config(flag_codes={"flag_pindah": {"1": "moved"}})
        >>> read_flag(pl.Series(["1", "01", "2", None]), "flag_pindah", config=office).to_list()
        ['moved', 'moved', 'unknown', None]
    """
    known = meanings(field, config)
    return map_distinct(values, lambda text: _meaning(known, text), pl.String())


def _meaning(known: Mapping[str, str], text: str) -> str | None:
    return known.get(key(text)) or (None if is_blank(text) else "unknown")


def read_life(frame: pl.DataFrame, *, config: Config) -> tuple[pl.Series, Mask]:
    """Return the life status of n records, one of LIFE or null, and whose code was not understood.

    A code of STAT_KTP or FLAG_PINDAH that is not mapped leaves the status to the other columns, null if none
    tells. The mask leaves out whose status is unknown, for that says it already.

    Args:
        frame: any of FLAG_FIELDS as text.
        config: settings of the run.
    """
    fields = [field for field in FLAG_FIELDS if field in frame.columns]
    unread = np.zeros(len(frame), bool)
    ranks = []
    for field in fields:
        life = read_flag(frame[field], field, config=config)
        if fields != ["flag_status"]:
            unread |= _unread(frame[field], field, config)
        if field not in TEXT_FIELDS:
            life = life.to_frame("life").select(pl.when(pl.col("life") != "unknown").then("life"))["life"]
        if fields == [field]:
            return life, unread & (life != "unknown").fill_null(True).to_numpy()
        ranks.append(life.replace_strict(_STRONGEST, range(len(LIFE)), default=None, return_dtype=pl.UInt8))
    if not ranks:
        return pl.Series("life", [None], dtype=pl.String()).new_from_index(0, len(frame)), unread
    best = pl.DataFrame(ranks, schema=fields).min_horizontal()
    life = best.replace_strict(range(len(LIFE)), _STRONGEST, default=None, return_dtype=pl.String())
    return life, unread & (life != "unknown").fill_null(True).to_numpy()


def _unread(values: pl.Series, field: str, config: Config) -> Mask:
    """Return where a column holds what no list and no config has; what the office maps to unknown is read."""
    known = meanings(field, config)
    odd = map_distinct(values, lambda text: key(text) not in known and not is_blank(text), pl.Boolean())
    found: Mask = odd.fill_null(False).to_numpy()
    return found
