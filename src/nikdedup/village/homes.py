"""Where residents live: code and name of kecamatan and desa; by their names alone where an extract has no codes."""

from __future__ import annotations

import polars as pl

from nikdedup.config import Config
from nikdedup.residents.places import kecamatan_key, kecamatan_name, load_regions

_DESA_DIGITS = 10


def homes_of(residents: pl.DataFrame, config: Config) -> list[pl.Series]:
    """Return kecamatan_code, desa_code, kecamatan and desa of n residents; null where nobody knows.

    Args:
        residents: the published table.
        config: settings of the run.
    """
    columns = residents.columns
    code = pl.col("wilayah_clean") if "wilayah_clean" in columns else pl.lit(None, pl.String)
    desa = pl.col("kel_name") if "kel_name" in columns else pl.lit(None, pl.String)
    desa = desa.str.strip_chars().replace("", None)
    named = pl.concat_str(kecamatan_key(columns), pl.lit("/"), desa.str.to_uppercase())
    found = residents.select(
        kecamatan_key(columns).alias("kecamatan_code"),
        pl.when(code.str.len_chars() == _DESA_DIGITS).then(code).otherwise(named).alias("desa_code"),
        kecamatan_name(columns).alias("_kec"),
        desa.alias("_desa"),
    )
    names = [
        called(found, "kecamatan_code", "_kec", config).alias("kecamatan"),
        called(found, "desa_code", "_desa", config).alias("desa"),
    ]
    return [one.replace("", None) for one in (found["kecamatan_code"], found["desa_code"], *names)]


def called(found: pl.DataFrame, key: str, name: str, config: Config) -> pl.Series:
    """Return one name for each key: the one most residents have, else the official one, else the key.

    Args:
        found: a line for each resident, or for as many as its column `n` says.
        key: column of codes, or of what stands for them.
        name: column of the names that residents give.
        config: settings of the run.
    """
    counted = pl.col("n").sum() if "n" in found.columns else pl.len()
    most = (
        found.drop_nulls([key, name])
        .group_by(key, name)
        .agg(counted.alias("len"))
        .sort("len", name, descending=[True, False])
        .unique(key, keep="first", maintain_order=True)
    )
    names = dict(most.select(key, name).iter_rows())
    official = load_regions(config.region_codes).names
    for code in found[key].unique().drop_nulls():
        names.setdefault(code, official.get(code, code).upper())
    return found[key].replace_strict(names, default=None, return_dtype=pl.String)
