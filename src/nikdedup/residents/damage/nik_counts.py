"""How often the NIKs of each source agree with the columns beside them: counts, by file and sheet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from nikdedup.residents.damage.signs import blocks_of

PLACE = ("input", "file", "sheet")
"""Names a source: index of the INPUT, base name, sheet."""

COUNTS: dict[str, pl.Expr] = {
    "rows": pl.col("nik_verdict").is_not_null(),
    "niks": pl.col("nik_verdict") != "missing",
    "is_kk": pl.col("_is_kk"),
    "birth_known": pl.col("_birth_known") | pl.col("_foreign"),
    "birth_agrees": pl.col("_birth_known") & pl.col("nik_birth").eq(pl.col("tgl_lhr_clean")),
    "sex_known": pl.col("nik_sex").is_not_null() & pl.col("jenis_klmin_clean").is_not_null(),
    "sex_agrees": pl.col("nik_sex").eq(pl.col("jenis_klmin_clean")),
    "birth_unreadable": pl.col("_unreadable"),
}
"""What is counted, each as one condition of a record.

niks: a cell that is not blank. is_kk: it holds the number of the family card.
birth_known: a birth date of its own beside a date inside the NIK; a NIK that was found to be no NIK of its row
counts here, and never agrees.
birth_unreadable: the cell of the birth date says nothing that could be read.
"""

_IS_KK = ("nik_is_kk",)
_FOREIGN = ("nik_of_other_row", *_IS_KK)
_UNREADABLE = ("birth_unreadable", "birth_impossible")


def nik_checks(residents: pl.DataFrame) -> pl.DataFrame:
    """Return one line per source: PLACE and the integer columns of COUNTS, in order of the sources.

    Args:
        residents: columns of schema.IDENTITY, CLEAN, VERDICTS and EVIDENCE, with `_source` where there are
            several INPUTs.
    """
    source = pl.col("_source") if "_source" in residents.columns else pl.lit(0, pl.UInt32)
    told = _told(residents["flags"])
    marked = residents.select(
        source.alias("input"),
        pl.col("source_file").alias("file"),
        pl.col("source_sheet").alias("sheet"),
        "nik_verdict", "nik_birth", "tgl_lhr_clean", "nik_sex", "jenis_klmin_clean",
        _having(told, _FOREIGN, len(residents)).alias("_foreign"),
        _having(told, _IS_KK, len(residents)).alias("_is_kk"),
        _having(told, _UNREADABLE, len(residents)).alias("_unreadable"),
        (pl.col("nik_birth").is_not_null() & pl.col("tgl_lhr_clean").is_not_null() & ~pl.col("birth_from_nik"))
        .alias("_birth_known"),
    )  # fmt: skip
    counts = [condition.sum().cast(pl.Int64).alias(name) for name, condition in COUNTS.items()]
    if len(blocks_of(residents)) == 1:
        return marked.select(pl.col(PLACE).first(), *counts)
    return marked.group_by(PLACE, maintain_order=True).agg(counts)


def together(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return the counts of the parts of one extract added up, a line per source.

    Args:
        parts: counts of each part, as `nik_checks` returns them.
    """
    return pl.concat(parts).group_by(PLACE, maintain_order=True).agg(pl.col(name).sum() for name in COUNTS)


def _told(flags: pl.Series) -> pl.DataFrame:
    """Return place and reason code of each code asked for that a record carries. flags: a list for each record."""
    codes = flags.explode().drop_nulls()  # whether an empty list is a null or nothing depends on the version
    at = codes.is_in([*_FOREIGN, *_UNREADABLE]).arg_true()
    ends = flags.list.len().cum_sum()
    return pl.DataFrame({"place": ends.search_sorted(at, "right"), "code": codes.gather(at)})


def _having(told: pl.DataFrame, codes: Sequence[str], records: int) -> pl.Series:
    """Return which records carry one of some reason codes. told: those that they carry."""
    where = np.zeros(records, bool)
    where[told.filter(pl.col("code").is_in(codes))["place"].to_numpy()] = True
    return pl.Series(where)
