"""Records that two inputs hold: one resident seen twice, no duplicate."""

from __future__ import annotations

import polars as pl

from nikdedup.residents.keys import COUNT, HASH

SAME = (
    "nik_clean",
    "nama_lgkp_clean",
    "tgl_lhr_clean",
    "jenis_klmin_clean",
    "nama_lgkp_ibu_clean",
    "no_kk_clean",
)
"""Identity fields: records of different inputs that are equal in all of them are one resident seen twice."""


def fold_overlap(residents: pl.DataFrame) -> tuple[pl.Series, pl.DataFrame]:
    """Return, per record, the row of its first copy in another input, and residents with `source_overlap` flagged.

    Only records with a usable NIK and a name fold; equal records of one input are duplicates, not overlap: the
    k-th of them, by what they are known by, is the k-th in another input.
    """
    usable = pl.col("nik_verdict").is_in(["valid", "warning"]) & pl.col("nama_lgkp_clean").is_not_null()
    marked = residents.select("row", *SAME, usable=usable, copy=_copies(residents))
    group = [*SAME, "usable", "copy"]
    first = marked.select(
        pl.when("usable").then(pl.col("row").min().over(group)).otherwise("row")
    ).to_series()
    overlap = marked.select(pl.col("usable") & (pl.len().over(group) > 1)).to_series()
    flags = pl.when(overlap).then(pl.col("flags").list.concat(pl.lit(["source_overlap"])).list.sort())
    return first, residents.with_columns(flags.otherwise("flags").alias("flags"))


def _copies(residents: pl.DataFrame) -> pl.Series:
    """Return how many records of its input are equal to a record and stand before it."""
    count = residents.select(copy=pl.int_range(pl.len()).over([*SAME, "_source"])).to_series()
    known_by = [name for name in (*HASH, COUNT) if name in residents.columns]
    if not known_by or not (count > 0).any():
        return count
    order = residents.select(pl.arg_sort_by(*known_by)).to_series()
    ordered = residents.select(*SAME, "_source")[order]
    ranked = ordered.select(copy=pl.int_range(pl.len()).over([*SAME, "_source"])).to_series()
    return count.scatter(order, ranked)


def unfold(people: pl.DataFrame, residents: pl.DataFrame, first: pl.Series) -> pl.DataFrame:
    """Give every copy the person of the record it is a copy of."""
    copies = residents.select("row", "record_id", first=first)
    return (
        copies.join(people.select(first="row", person_id="person_id"), on="first", how="left")
        .select("row", "record_id", "person_id")
        .sort("row")
    )


def on_first_copies(officers: pl.DataFrame, row: pl.Series, first: pl.Series) -> pl.DataFrame:
    """Return officers' links (row_l, row_r, kind) between the records that are compared, first copies alone.

    row, first: every record and the row of its first copy. A link between two copies of one record says nothing.
    """
    sides = [pl.col(side).replace_strict(row, first) for side in ("row_l", "row_r")]
    return officers.with_columns(sides).filter(pl.col("row_l") != pl.col("row_r"))
