"""How many damaged cells are recognised, and how many healthy rows are accused.

`python -m benchmarks.damage [--cases 10000]` makes healthy synthetic residents, damages them one way after
another in files of the size an office handles (FILE_ROWS records), reads them the way `dedupe` does, and
writes benchmarks/DAMAGE.md. Everything is seeded: the same call gives the same figures.

Recognised means: the damaged row carries the reason code of the damage; where a text can be read without
loss, that it is read right. Accused are healthy rows, in the damaged files and in files without any damage,
that carry such a code or are read wrong.
"""

from __future__ import annotations

import argparse
import io
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from nikdedup.config import Config
from nikdedup.lab.generate import generate
from nikdedup.pipeline import understand
from nikdedup.residents.dates import months
from nikdedup.residents.read import Extract, read

FILE_ROWS = 500
HEALTHY_ROWS = 100_000
SEED = 20_260_630
FLOOR = 0.95
"""Least share recognised, unless the case says why it cannot be known."""
MOST_ACCUSED = 1e-4
OUT = Path(__file__).with_name("DAMAGE.md")

_HEALTHY = """
[healthy]
reference_date = 2026-06-30
[healthy.people]
default_july = 0.054
zero_dates = 0.0
[healthy.noise]
nik_date_mismatch = 0.0
nik_sex_mismatch = 0.0
missing_nik = 0.0
missing_mother = 0.0
missing_father = 0.0
[healthy.kinds]
A = 0.0
B = 0.0
C = 0.0
D = 0.0
E = 0.0
F = 0.0
"""

Frame = pl.DataFrame
Rng = np.random.Generator
Mask = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class Damage:
    """One kind of damage.

    make: healthy records of one file -> the file as damaged, and which rows were damaged.
    codes: reason codes that recognise it; none where recognised means read right.
    right: columns that must come out as in the healthy record (clean columns), where codes are none.
    """

    name: str
    make: Callable[[Frame, Rng], tuple[Frame, Mask]]
    codes: tuple[str, ...] = ()
    right: tuple[str, ...] = ()
    as_workbook: bool = False
    numbers: tuple[str, ...] = ()
    """Columns written as number cells of a workbook."""
    note: str = ""
    floor: float = FLOOR
    config: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Figure:
    """What was measured of one damage."""

    name: str
    cases: int
    recognised: int
    healthy: int
    accused: int
    note: str

    @property
    def share(self) -> float:
        return self.recognised / max(1, self.cases)

    @property
    def accused_share(self) -> float:
        return self.accused / max(1, self.healthy)


def healthy_records(rows: int, seed: int = SEED) -> Frame:
    """Return healthy residents as an extract: an ID, and last digits of NIK and No. KK as evenly spread as life's.

    The lab counts serials up from 9001, so that far fewer than a tenth end in 0; here the serial is drawn
    anew from 9001 to 9999, which keeps date, sex and region.
    """
    with tempfile.TemporaryDirectory() as folder:
        profile = Path(folder) / "healthy.toml"
        profile.write_text(_HEALTHY.replace("[healthy]\n", "").replace("[healthy.", "["))
        out = Path(folder) / "healthy.parquet"
        generate(out, rows=rows, seed=seed, profile=str(profile))
        frame = pl.read_parquet(out)
    rng = np.random.default_rng(seed)
    for column in ("NIK", "NO_KK"):
        key = frame[column].str.head(12)
        # A running number within each date group, walked through in steps that spread the last digit.
        rank = frame.select(pl.int_range(pl.len()).over(key))[column if False else frame.columns[0]].to_numpy() \
            if False else pl.DataFrame({"k": key}).select(pl.int_range(pl.len()).over("k").alias("r"))["r"].to_numpy()
        start = pl.DataFrame({"k": key}).select(pl.col("k").hash(seed).alias("h"))["h"].to_numpy() % 999
        if column == "NO_KK":
            house = frame["NO_KK"].to_physical() if False else pl.DataFrame({"k": frame["NO_KK"]}).select(
                pl.col("k").hash(seed + 1).alias("h")
            )["h"].to_numpy() % 999
            serial = 9001 + house
        else:
            serial = 9001 + (start + rank * 7) % 999
        frame = frame.with_columns((key + pl.Series(serial).cast(pl.String)).alias(column))
    del rng
    rt_rw = pl.concat_str(pl.col("NO_RT"), pl.lit("/"), pl.col("NO_RW")).alias("RT_RW")
    columns = [
        "NIK", "NO_KK", "NAMA_LGKP", "JENIS_KLMIN", "TMPT_LHR", "TGL_LHR", "STAT_KWN", "STAT_HBKEL",
        "NAMA_LGKP_IBU", "ALAMAT", "EKTP_STATUS", "TGL_ENTRI",
    ]  # fmt: skip
    ids = pl.int_range(pl.len()).cast(pl.String).alias("ID")
    return frame.select(ids, *columns, rt_rw)
