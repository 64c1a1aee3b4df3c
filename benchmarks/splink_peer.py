"""Splink 5 on the same file, tuned as its own guides advise: `python -m benchmarks.splink_peer FILE OUT`.

Reads the extract, cleans it, trains (u by random sampling, m by EM on three blocking rules), predicts,
clusters at `THRESHOLD`, and writes scored pairs and clusters, as `nikdedup dedupe` does from the same file.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from splink import SettingsCreator

U_PAIRS = 1e7
EM_PAIRS = 5e6
RECALL_OF_RULES = 0.4
"""Assumed share of true pairs that the deterministic rules find; the truth of `hard` says about 0.4."""
KEEP_WEIGHT = -5.0
"""Pairs scored below are not kept: no threshold of use lies there."""
THRESHOLD = 0.95
"""Match probability of the clusters written and timed; accuracy is judged at the best threshold instead."""


def cleaned(file: Path) -> pl.DataFrame:
    """Return one row per record: text folded, placeholders null, dates read, keys for blocking."""
    raw = pl.read_parquet(file)
    birth = pl.col("TGL_LHR").str.to_date("%d-%m-%Y", strict=False)
    nik = pl.when(pl.col("NIK").str.contains(r"^[1-9]\d{15}$")).then(pl.col("NIK"))
    table = raw.select(
        pl.int_range(pl.len()).alias("row"),
        _words("NAMA_LGKP").alias("name"),
        pl.col("JENIS_KLMIN").str.slice(0, 1).alias("sex"),
        birth.alias("dob"),
        birth.dt.year().alias("birth_year"),
        _words("TMPT_LHR").alias("place"),
        _words("NAMA_LGKP_IBU").alias("mother"),
        _words("NAMA_LGKP_AYAH").alias("father"),
        nik.alias("nik"),
        pl.col("NO_KK").alias("kk"),
        pl.concat_str("NO_KEC", "NO_KEL", separator=".").alias("village"),
    )
    sorted_words = pl.col("name").str.split(" ").list.sort().list.join(" ")
    return table.with_columns(
        sorted_words.alias("name_sorted"),
        *(pl.col(c).str.split(" ").list.first().alias(f"{c}_first") for c in ("name", "mother", "father")),
        pl.col("name").str.split(" ").list.last().alias("name_last"),
        pl.col("nik").str.slice(0, 12).alias("nik_head"),
        pl.col("nik").str.slice(6, 6).alias("nik_birth"),
    )


def _words(column: str) -> pl.Expr:
    """Fold a text to upper-case words; placeholders and blanks become null."""
    text = pl.col(column).str.to_uppercase().str.replace_all(r"[^A-Z0-9]+", " ").str.strip_chars()
    return pl.when(text != "").then(text)
