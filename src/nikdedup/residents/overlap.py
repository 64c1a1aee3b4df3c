"""Records that two inputs hold: one resident seen twice, no duplicate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.residents.keys import COUNT, HASH
from nikdedup.schema import USABLE_NIK

SAME_RESIDENT = (
    "nik_clean",
    "nama_lgkp_clean",
    "tgl_lhr_clean",
    "jenis_klmin_clean",
    "nama_lgkp_ibu_clean",
    "no_kk_clean",
)
"""Identity fields: records of different inputs that are equal in all of them are one resident seen twice."""


FLAG = "source_overlap"
NO_NIK = ("temporary", "missing")
"""Verdicts on a record that has no NIK of its own."""
CODE = "_same"
"""Code of the identity fields of a record, the same where all of them are; 0 for a record that folds with none."""


@dataclass(frozen=True)
class Overlap:
    """Of every record, in order of rows, the row of its first copy in another input, and whether it has copies."""

    first: pl.Series
    copied: pl.Series

    @property
    def once(self) -> npt.NDArray[np.bool_]:
        """Which records stand for all of their copies."""
        once: npt.NDArray[np.bool_] = self.first.to_numpy() == np.arange(len(self.first))
        return once

    def flagged(self, residents: pl.DataFrame) -> pl.DataFrame:
        """Return residents (row, flags) of any part with `source_overlap` flagged on copies and on no others.

        A survey of the cells as they came may have flagged records that are no copies once they are understood.
        """
        copied = self.copied.gather(residents["row"])
        said = residents["flags"].list.contains(FLAG).fill_null(False)
        turned = (copied != said).alias("_turned")
        if not turned.any():
            return residents
        bare = pl.col("flags").list.filter(pl.element() != FLAG)
        with_it = bare.list.concat(pl.lit([FLAG])).list.sort()
        flags = pl.when(pl.lit(turned)).then(pl.when(pl.lit(copied)).then(with_it).otherwise(bare))
        return residents.with_columns(flags.otherwise("flags").alias("flags"))


def overlap_codes(residents: pl.DataFrame) -> npt.NDArray[np.uint64]:
    """Return CODE of residents: only records with a name fold, by their usable NIK, or without any by their birth
    date.

    A NIK that is damaged may be another one in the other input; a temporary number is none.

    Args:
        residents: residents with their clean columns.
    """
    no_nik = pl.col("nik_verdict").is_in(NO_NIK) & pl.col("tgl_lhr_clean").is_not_null()
    usable = pl.col("nik_verdict").is_in(USABLE_NIK) | no_nik
    usable &= pl.col("nama_lgkp_clean").is_not_null()
    codes = residents.select(SAME_RESIDENT).hash_rows(seed=0).to_numpy() | np.uint64(1)
    return np.where(residents.select(usable).to_series().to_numpy(), codes, np.uint64(0))


def overlap_of(records: pl.DataFrame) -> Overlap:
    """Return which records are copies of each other.

    Equal records of one input are duplicates, not overlap: the k-th of them, by what they are known by, is the
    k-th in another input.

    Args:
        records: row, CODE, `_source` and what they are known by (HASH and COUNT, none where record ids are
            given), of a whole extract in order of rows.
    """
    usable = records.with_row_index("at").filter(pl.col(CODE) != 0)
    usable = usable.with_columns(copy=_copies(usable))
    group = [CODE, "copy"]
    found = usable.select("at", first=pl.col("row").min().over(group), several=pl.len().over(group) > 1)
    found = found.filter("several")
    first = records["row"].scatter(found["at"], found["first"])
    copied = np.zeros(len(records), bool)
    copied[found["at"].to_numpy()] = True
    return Overlap(first, pl.Series(copied))


def _copies(usable: pl.DataFrame) -> pl.Series:
    """Return how many records of its input are equal to a record and stand before it."""
    group = [CODE, "_source"]
    count = usable.select(copy=pl.int_range(pl.len()).over(group)).to_series()
    known_by = [name for name in (*HASH, COUNT) if name in usable.columns]
    if not known_by or not (count > 0).any():
        return count
    order = usable.select(pl.arg_sort_by(*known_by)).to_series()
    ranked = usable.select(group)[order].select(copy=pl.int_range(pl.len()).over(group)).to_series()
    return count.scatter(order, ranked)


def with_codes(residents: pl.DataFrame) -> pl.DataFrame:
    """Return of residents the columns that `overlap_of` asks for.

    Args:
        residents: residents with their clean columns.
    """
    known_by = [name for name in (*HASH, COUNT) if name in residents.columns]
    return residents.select("row", "_source", *known_by).with_columns(
        pl.Series(CODE, overlap_codes(residents))
    )


def unfold(people: pl.DataFrame, residents: pl.DataFrame, first: pl.Series) -> pl.DataFrame:
    """Give every copy the person of the record it is a copy of.

    Args:
        people: people of the records that were compared.
        residents: all residents.
        first: row of the first copy of each.
    """
    copies = residents.select("row", "record_id", first=first)
    return (
        copies.join(people.select(first="row", person_id="person_id"), on="first", how="left")
        .select("row", "record_id", "person_id")
        .sort("row")
    )


def knows_most() -> pl.Expr:
    """Return the rank of a copy by what it knows of the recording: 0 for the one that tells for all."""
    return pl.col("recorded").replace_strict({"yes": 0, "no": 1}, default=2, return_dtype=pl.Int64)


def on_first_copies(officers: pl.DataFrame, row: pl.Series, first: pl.Series) -> pl.DataFrame:
    """Return officers' links (row_l, row_r, kind) between the records that are compared, first copies alone.

    A link between two copies of one record says nothing.

    Args:
        officers: row_l, row_r and kind of links between any records.
        row: number of every record.
        first: row of its first copy, in the same order.
    """
    sides = [pl.col(side).replace_strict(row, first) for side in ("row_l", "row_r")]
    return officers.with_columns(sides).filter(pl.col("row_l") != pl.col("row_r"))
