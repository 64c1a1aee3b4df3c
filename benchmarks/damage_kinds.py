"""Healthy synthetic residents, and each kind of damage with what must be recognised of it.

All people are synthetic (serials from 9001).
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.damage_cells import (
    Frame,
    Mask,
    Rng,
    fifteen_digits,
    filled_down,
    floats_of_papua,
    hidden_rows,
    letters_for_digits,
    mixed_rows,
    month_name,
    one_digit_off,
    other_format,
    pasted_rows,
    place_and_date,
    placeholder,
    rt_rw_date,
    scientific,
    separated,
    serial_date,
    short_year,
    single_swaps,
    some_cells,
    temporary,
    two_names,
    two_niks,
    us_with_nik,
    us_without_nik,
    whole_column,
)
from nikdedup.lab.generator import generate

SEED = 20_260_630
MADE = datetime(2026, 6, 30)
"""Creation date of all workbooks, so that they are the same whenever they are made."""

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


@dataclass(frozen=True)
class Damage:
    """One kind of damage.

    make: healthy records of one file -> the file as damaged, and which rows were damaged.
    codes: reason codes that recognise it, any of them; none where recognised means read right.
    right: clean columns that must come out as of the healthy record.
    everywhere: the damage is of the whole column, so that no row of such a file is healthy.
    """

    name: str
    make: Callable[[Frame, Rng], tuple[Frame, Mask]]
    codes: tuple[str, ...] = ()
    right: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    """Columns written as number cells of a workbook."""
    hides: bool = False
    """The damaged rows are hidden rows of a workbook, as a filter or a hand leaves them."""
    everywhere: bool = False
    note: str = ""
    known: bool = True
    """Whether every damaged row can be told from healthy ones; `note` says why not."""
    most_accused: float = 1e-4
    """Share of healthy rows that may be accused; more only where nobody can tell, as `note` says."""
    config: dict[str, Any] = field(default_factory=dict)

    @property
    def in_workbook(self) -> bool:
        """Whether the damage shows in a workbook only."""
        return bool(self.numbers) or self.hides

    @property
    def slug(self) -> str:
        """Name of the labelled file of this damage."""
        return "_".join(re.findall(r"[a-z0-9]+", self.name.lower()))


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
    """Return healthy residents as an extract; the last digits of their ids are as evenly spread as life's.

    The lab counts serials up from 9001, so that far fewer than a tenth end in 0; here the serial is drawn
    anew from 9001 to 9999, which keeps date, sex and region.
    """
    with tempfile.TemporaryDirectory() as folder:
        profile = Path(folder) / "healthy.toml"
        profile.write_text(_HEALTHY.replace("[healthy]\n", "").replace("[healthy.", "["))
        out = Path(folder) / "healthy.parquet"
        generate(out, rows=rows, seed=seed, profile=str(profile))
        frame = pl.read_parquet(out)
    group = pl.col("NIK").str.head(12)
    serial = (group.hash(seed) % 999 + pl.int_range(pl.len()).over(group) * 7) % 999 + 9001
    card = pl.col("NO_KK").hash(seed) % 999 + 9001
    frame = frame.with_columns(
        NIK=group + serial.cast(pl.String), NO_KK=pl.col("NO_KK").str.head(12) + card.cast(pl.String)
    )
    rt_rw = pl.concat_str(pl.col("NO_RT"), pl.lit("/"), pl.col("NO_RW")).alias("RT_RW")
    columns = [
        "NIK", "NO_KK", "NAMA_LGKP", "JENIS_KLMIN", "TMPT_LHR", "TGL_LHR", "STAT_KWN", "STAT_HBKEL",
        "NAMA_LGKP_IBU", "ALAMAT", "EKTP_STATUS", "TGL_ENTRI",
    ]  # fmt: skip
    ids = pl.int_range(pl.len()).cast(pl.String).alias("ID")
    return frame.select(ids, *columns, rt_rw)


DAMAGES: tuple[Damage, ...] = (
    Damage(
        "Excel, 15 digits, NIK (number cells)",
        whole_column("NIK", fifteen_digits),
        ("nik_truncated",),
        numbers=("NIK",),
        everywhere=True,
    ),
    Damage(
        "Excel, 15 digits, NIK (saved as CSV since)",
        whole_column("NIK", fifteen_digits),
        ("nik_truncated",),
        everywhere=True,
    ),
    Damage(
        "Excel, 15 digits, No. KK (number cells)",
        whole_column("NO_KK", fifteen_digits),
        ("kk_truncated",),
        numbers=("NO_KK",),
        everywhere=True,
    ),
    Damage(
        "Excel, 15 digits, a pasted stretch of rows",
        pasted_rows,
        ("nik_truncated",),
        note="the first and the last cut row beside typed ones are left alone: one time in ten such a row is a "
        "typed NIK ending in 0. Such NIKs inside a stretch cannot be told from cut ones and count as damaged",
        known=False,
    ),
    Damage(
        "Excel, 15 digits, typed and cut rows mixed",
        mixed_rows,
        ("nik_truncated",),
        note="a typed NIK ending in 0, one in ten, cannot be told from a cut one where both alternate",
        most_accused=0.13,
    ),
    Damage("scientific notation, NIK", some_cells("NIK", scientific), ("nik_scientific",)),
    Damage("scientific notation, No. KK", some_cells("NO_KK", scientific), ("kk_scientific",)),
    Damage(
        "float column above 2^53",
        floats_of_papua,
        ("nik_float_rounded",),
        config={"accept_damaged_nik": True},
        everywhere=True,
    ),
    Damage("apostrophes, invisible signs, dots", some_cells("NIK", separated), right=("nik_clean",)),
    Damage("letters for digits", some_cells("NIK", letters_for_digits), ("nik_letters_for_digits",)),
    Damage("15 or 17 digits", some_cells("NIK", one_digit_off), ("nik_length",)),
    Damage("filled down", filled_down(0), ("nik_filled_down",)),
    Damage("dragged, +1 series", filled_down(1), ("nik_series",)),
    Damage("placeholders", some_cells("NIK", placeholder), ("nik_placeholder",)),
    Damage("village temporary number", temporary(False), ("nik_temporary",), everywhere=True),
    Damage(
        "village temporary number, 0 eaten",
        temporary(True),
        ("nik_temporary_zero_lost",),
        everywhere=True,
        note="known only where others kept their 0; a NIK that lost a digit there looks the same",
    ),
    Damage(
        "dates swapped by a US locale",
        us_with_nik,
        ("birth_swapped_by_locale",),
        ("tgl_lhr_clean",),
        everywhere=True,
    ),
    Damage(
        "the same, without NIKs",
        us_without_nik,
        ("birth_swapped_by_locale",),
        ("tgl_lhr_clean",),
        everywhere=True,
    ),
    Damage(
        "single dates swapped",
        single_swaps,
        ("birth_swapped_by_locale", "birth_in_future"),
        ("tgl_lhr_clean",),
    ),
    Damage(
        "two-digit years", some_cells("TGL_LHR", short_year), ("birth_two_digit_year",), ("tgl_lhr_clean",)
    ),
    Damage("Excel serial dates", some_cells("TGL_LHR", serial_date), right=("tgl_lhr_clean",)),
    Damage("month names, all spellings", some_cells("TGL_LHR", month_name), right=("tgl_lhr_clean",)),
    Damage("other date formats", some_cells("TGL_LHR", other_format), right=("tgl_lhr_clean",)),
    Damage(
        "place and date in one cell",
        place_and_date,
        right=("tgl_lhr_clean", "tmpt_lhr_clean"),
        everywhere=True,
    ),
    Damage("RT/RW turned into a date", some_cells("RT_RW", rt_rw_date), ("rt_rw_was_date",)),
    Damage("two NIKs in one cell", two_niks, ("nik_several",)),
    Damage(
        "two people in one name cell",
        two_names,
        ("name_two_people", "name_alias"),
        note="a slash may part two people or introduce an alias; both compare the first name",
    ),
    Damage("hidden and filtered-out rows", hidden_rows, ("row_hidden",), hides=True),
)
"""Damages of cells; repeated headers and the BIP printout, which are of rows, are measured by themselves."""
