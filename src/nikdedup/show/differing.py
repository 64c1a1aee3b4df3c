"""In which fields two records differ, by name: what the workbook shows beside a counterpart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from nikdedup.show.texts import items, say

FIELDS = (
    "nama_lgkp", "nik", "tgl_lhr", "jenis_klmin", "tmpt_lhr", "nama_lgkp_ibu", "nama_lgkp_ayah", "no_kk",
    "alamat", "no_rt", "no_rw", "wilayah", "recorded",
)  # fmt: skip
"""Fields in the order they are named: who, then whose child, then where, then whether recorded."""


@dataclass(frozen=True)
class Differing:
    """What two records of each line differ in. told: in words, null where there is no counterpart.

    fields: one column of truth values for each of FIELDS; also true where only one of the two fills it.
    """

    told: pl.Series
    fields: pl.DataFrame


def differences(pairs: pl.DataFrame, residents: pl.DataFrame, lang: str) -> pl.Series:
    """Return what differs between the two records of each line, in words; null where there is no counterpart.

    pairs, residents: as for `differing`.
    """
    return differing(pairs, residents, lang).told


def differing(pairs: pl.DataFrame, residents: pl.DataFrame, lang: str) -> Differing:
    """Return what differs between the two records of each line, in words: "NIK, nama ibu; kosong: alamat".

    pairs: `row` and `other_row`. residents: the published table, of which clean values are compared, and the
    originals where there is no clean one. A field that only one of the two fills stands behind "blank".
    """
    sides = shown_values(residents, FIELDS)
    mine = pairs.select("row").join(sides, on="row", how="left", maintain_order="left")
    theirs = pairs.select(row="other_row").join(sides, on="row", how="left", maintain_order="left")
    both = pl.concat([mine, theirs.rename(lambda name: f"{name}_other")], how="horizontal")
    known = pl.col("row_other").is_not_null()
    both = both.with_columns(
        *((pl.col(one) != pl.col(f"{one}_other")).fill_null(False).alias(f"{one}_apart") for one in FIELDS),
        *((pl.col(one).is_null() ^ pl.col(f"{one}_other").is_null()).alias(f"{one}_blank") for one in FIELDS),
    )
    names = items("differs", lang)
    apart, blank = (
        [_named(names[one], pl.col(f"{one}_{kind}")) for one in FIELDS] for kind in ("apart", "blank")
    )
    parts = [
        pl.concat_str(apart, separator=", ", ignore_nulls=True).replace("", None),
        pl.lit(f"{say('word.blank', lang)}: ")
        + pl.concat_str(blank, separator=", ", ignore_nulls=True).replace("", None),
    ]
    told = pl.concat_str(parts, separator="; ", ignore_nulls=True).replace("", say("word.nothing", lang))
    fields = ((known & (pl.col(f"{one}_apart") | pl.col(f"{one}_blank"))).alias(one) for one in FIELDS)
    return Differing(both.select(differs=pl.when(known).then(told)).to_series(), both.select(fields))


def _named(name: str, holds: pl.Expr) -> pl.Expr:
    """Return the name of a field where a condition holds, else null."""
    return pl.when(holds).then(pl.lit(name))


def shown_values(residents: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Return of each row the clean values of fields as text, the original where there is none.

    Null where neither says anything: a dash, a dot or blanks do not, nor does a recording status that is not known.
    names: fields, of which a resident has the column, the clean one, both or neither.
    """
    texts = residents.select("row", *(_known(name, residents.columns).alias(name) for name in names))
    return texts.select("row", *(_said(pl.col(name)).alias(name) for name in names))


def _known(name: str, columns: Sequence[str]) -> pl.Expr:
    found = [pl.col(one).cast(pl.String) for one in (f"{name}_clean", name) if one in columns]
    return pl.coalesce(*found, pl.lit(None, pl.String)).str.strip_chars()


def _said(text: pl.Expr) -> pl.Expr:
    return pl.when(text.str.contains(r"[^\W_]") & (text != "unknown")).then(text)
