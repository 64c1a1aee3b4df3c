"""Which records of two nights are the same record.

By their keys, which a record keeps for as long as its own identity cells stay as they are. Where no column tells
records apart, a record whose identity cells were corrected has another key: so the records that are gone and those
that are new are compared by the matcher, and two that it finds to be one are one record, corrected.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nikdedup.columnar.grouping import numbered
from nikdedup.config import Config
from nikdedup.match import match
from nikdedup.match.features import part_features_of
from nikdedup.residents import contents, normalise_and_survey
from nikdedup.schema import FIELDS, in_order

Places = NDArray[np.int64]
NEW = -1
_BATCH = 1_000_000
"""Records of which the cells are hashed at once."""


def keyed(residents: pl.LazyFrame, further: Iterable[str] = ()) -> pl.DataFrame:
    """Return record_key and content of residents as they are published, in the order of their rows.

    further: names of further columns of evidence.
    """
    columns = residents.collect_schema().names()
    read = residents.select(
        "record_key", *(name for name in in_order({*FIELDS, *further}) if name in columns)
    )
    parts: list[pl.DataFrame] = []
    while True:
        part = read.slice(_BATCH * len(parts), _BATCH).collect()
        parts.append(part.select("record_key").with_columns(contents(part, further=further)))
        if len(part) < _BATCH:
            return pl.concat(parts)


@dataclass(frozen=True)
class Same:
    """was: for each record of tonight the place of the same record the night before, NEW where there is none.

    gone: places of the night before of which no record is there. changed: places of records with other cells now.
    corrected: how many records were recognised although their key is another.
    """

    was: Places
    gone: Places
    changed: Places
    corrected: int = 0


def same_records(before: pl.DataFrame, now: pl.DataFrame) -> Same:
    """Find each record of tonight among those of the night before, by its key. before, now: record_key, content.

    By 64-bit hashes of the keys, as `columnar.distinct`: a third of what joining two tables of them costs.
    """
    keys = [of["record_key"].hash(seed=0).to_numpy() for of in (before, now)]
    number, first = numbered(np.concatenate(keys))
    place = first[number[len(before) :]]
    return _same(np.where(place < len(before), place, NEW), before, now)


def _same(was: Places, before: pl.DataFrame, now: pl.DataFrame, corrected: int = 0) -> Same:
    old = np.flatnonzero(was >= 0)
    place = was[old]
    cells_before, cells = before["content"].to_numpy(), now["content"].to_numpy()
    still = np.zeros(len(before), np.bool_)
    still[place] = True
    changed = place[cells[old] != cells_before[place]]
    return Same(was, np.flatnonzero(~still), np.sort(changed), corrected)


def with_corrected(
    same: Same,
    before: pl.DataFrame,
    now: pl.DataFrame,
    residents_before: pl.LazyFrame,
    residents: pl.LazyFrame,
    *,
    config: Config,
    reference_date: date | None,
) -> Same:
    """Find records that are gone again among the new ones, by comparing them as two extracts are linked.

    before, now: as `same_records` takes them. residents_before, residents: as they are published; none but those that
    are gone and new are read.
    """
    new = np.flatnonzero(same.was == NEW)
    if not len(same.gone) or not len(new):
        return same
    old, young = (_rows(of, rows, config) for of, rows in ((residents_before, same.gone), (residents, new)))
    pairs = _linked(old, young, config, reference_date)
    was = same.was.copy()
    was[new[pairs[:, 1]]] = same.gone[pairs[:, 0]]
    return _same(was, before, now, len(pairs))


def _rows(residents: pl.LazyFrame, rows: Places, config: Config) -> pl.DataFrame:
    read = {"row", "source_file", "source_sheet", *FIELDS, *config.evidence}
    known = [name for name in residents.collect_schema().names() if name in read]
    return (
        residents.filter(pl.col("row").is_in(pl.Series(rows).implode())).select(known).sort("row").collect()
    )


def _linked(
    old: pl.DataFrame, young: pl.DataFrame, config: Config, reference_date: date | None
) -> NDArray[np.int64]:
    """Return places in `old` and `young` of records that are one, each of them at most once."""
    both = pl.concat([old, young], how="diagonal").with_columns(row=pl.int_range(pl.len(), dtype=pl.Int64))
    residents, _ = normalise_and_survey(both, config=config, reference_date=reference_date)
    features = part_features_of(
        residents,
        structured=config.nik_scheme == "nik",
        plain=config.plain_names,
        further=config.further,
    )
    # That both passed the national check makes two people of two records of one night, not of one record at two times.
    features.numbers["passed_check"] = np.zeros(len(both), np.bool_)
    source = np.repeat(np.array([0, 1], np.int32), [len(old), len(young)])
    matching = config.match.model_copy(update={"estimate": False})
    matched = match(features, config.model_copy(update={"match": matching}), source=source, link=True)
    sure = matched.pairs.filter(pl.col("band") == "confirmed")
    sure = sure.sort("weight_log2", "row_l", "row_r", descending=[True, False, False])
    taken: set[int] = set()
    pairs = []
    for left, right in sure.select("row_l", "row_r").iter_rows():
        if not {left, right} & taken:
            taken |= {left, right}
            pairs.append((left, right - len(old)))
    return np.array(sorted(pairs), np.int64).reshape(-1, 2)
