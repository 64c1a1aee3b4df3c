"""Healthy synthetic residents, and every way in which an office's file damages them.

Each damage takes the records of one file and returns the file as it then is, with the rows it hurt. All
chance comes from the generator given; all people are synthetic (serials from 9001).
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from nikdedup.lab.generator import generate
from nikdedup.residents.dates.parse import months

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

Frame = pl.DataFrame
Rng = np.random.Generator
Mask = np.ndarray[Any, np.dtype[np.bool_]]


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


def _some(n: int, rng: Rng, share: float = 0.5) -> Mask:
    """Return about a share of n rows; never the first, which often tells the reader what a column is."""
    chosen: Mask = rng.random(n) < share
    chosen[0] = False
    return chosen


def _set(frame: Frame, column: str, values: Sequence[str | None] | pl.Series, where: Mask) -> Frame:
    """Put values in the chosen rows of a column."""
    new = pl.Series(column, values, dtype=pl.String())
    return frame.with_columns(pl.when(pl.Series(where)).then(new).otherwise(pl.col(column)).alias(column))


def _cells(column: str, change: Callable[[str, Rng], str]) -> Callable[[Frame, Rng], tuple[Frame, Mask]]:
    """Damage about half of the cells of a column one by one."""

    def make(frame: Frame, rng: Rng) -> tuple[Frame, Mask]:
        where = _some(len(frame), rng)
        new = [change(text, rng) if hurt else text for text, hurt in zip(frame[column], where, strict=True)]
        return _set(frame, column, new, where), where

    return make


def _whole(
    column: str, change: Callable[[str, Rng], str | None]
) -> Callable[[Frame, Rng], tuple[Frame, Mask]]:
    """Damage every cell of a column; cells for which `change` returns None cannot be hurt this way."""

    def make(frame: Frame, rng: Rng) -> tuple[Frame, Mask]:
        new = [change(text, rng) for text in frame[column]]
        where = np.array(
            [text is not None and text != old for text, old in zip(new, frame[column], strict=True)]
        )
        return _set(frame, column, [text or "" for text in new], where), where

    return make


def _excel(text: str, rng: Rng) -> str:
    """Keep 15 digits, as Excel does; a number that ended in 0 anyway is hurt without a trace."""
    return text[:15] + "0"


def _pasted(frame: Frame, rng: Rng) -> tuple[Frame, Mask]:
    """Paste a stretch of rows that went through Excel between typed ones; NIKs that ended in 0 are hurt too."""
    size = int(rng.integers(30, 200))
    start = int(rng.integers(1, max(2, len(frame) - size)))
    where = np.zeros(len(frame), bool)
    where[start : start + size] = True
    return _set(frame, "NIK", frame["NIK"].str.head(15) + "0", where), where


def _mixed(frame: Frame, rng: Rng) -> tuple[Frame, Mask]:
    """Put rows that went through Excel and typed ones in one sorted list, about half of each."""
    where = _some(len(frame), rng, float(rng.uniform(0.4, 0.7)))
    return _set(frame, "NIK", frame["NIK"].str.head(15) + "0", where), where


def _scientific(text: str, rng: Rng) -> str:
    digits = int(rng.integers(1, 6))
    point = rng.choice([",", "."])
    return f"{text[0]}{point}{text[1 : 1 + digits]}E+15"


def _separated(text: str, rng: Rng) -> str:
    signs = ["'" + text, " " + text, text + "\u00a0", "\u200b" + text, "`" + text, text + "\t", f"{text}.0"]
    grouped = [sign.join([text[:6], text[6:12], text[12:]]) for sign in (".", " ", "-", "\u00a0", "\u2013")]
    return str(rng.choice([*signs, *grouped, f"{text[:2]}.{text[2:]}", "\ufeff" + text + " "]))


_LOOKALIKES = {"0": "Oo", "1": "Il", "5": "Ss", "8": "B"}


def _letters(text: str, rng: Rng) -> str:
    places = [i for i, digit in enumerate(text) if digit in _LOOKALIKES]
    chosen = rng.choice(places, size=min(len(places), int(rng.integers(1, 4))), replace=False)
    signs = list(text)
    for i in chosen:
        signs[i] = str(rng.choice(list(_LOOKALIKES[signs[i]])))
    return "".join(signs)


def _length(text: str, rng: Rng) -> str:
    at = int(rng.integers(1, 16))
    return (
        text[:at] + text[at + 1 :] if rng.random() < 0.5 else text[:at] + str(rng.integers(0, 10)) + text[at:]
    )


def _placeholder(text: str, rng: Rng) -> str:
    return str(rng.choice([
        "0", "-", "--", "1111111111111111", "9999999999999999", "0000000000000000", "1234567890123456",
        "TIDAK ADA", "BELUM ADA", "N/A", "X", "?",
    ]))  # fmt: skip


def _runs(step: int) -> Callable[[Frame, Rng], tuple[Frame, Mask]]:
    """Drag a NIK down over the next rows, the same (step 0, from 3 rows on) or rising by 1 (from 5 on).

    Shorter runs cannot be known: couples get neighbouring numbers, and a record may be there twice.
    """

    def make(frame: Frame, rng: Rng) -> tuple[Frame, Mask]:
        niks, where = frame["NIK"].to_list(), np.zeros(len(frame), bool)
        at = int(rng.integers(2, 10))
        while at < len(frame) - 40:
            length = int(rng.integers(5 if step else 3, 31))
            for i in range(1, length):
                niks[at + i] = str(int(niks[at]) + step * i)
                where[at + i] = True
            at += length + int(rng.integers(5, 30))
        return frame.with_columns(pl.Series("NIK", niks)), where

    return make


def _temporary(eaten: bool) -> Callable[[Frame, Rng], tuple[Frame, Mask]]:
    """Write village numbers with a leading 0; of the damaged ones Excel has eaten the 0, if `eaten`."""

    def make(frame: Frame, rng: Rng) -> tuple[Frame, Mask]:
        some = _some(len(frame), rng)
        lost = some & (rng.random(len(frame)) < (0.5 if eaten else 0.0))
        new = [
            text[1:] if gone else "0" + text[1:] if hurt else text
            for text, hurt, gone in zip(frame["NIK"], some, lost, strict=True)
        ]
        return _set(frame, "NIK", new, some), (lost if eaten else some)

    return make


def _us_cells(text: str, rng: Rng) -> str | None:
    """Open dd-mm-yyyy on a US computer: days to 12 become date cells with day and month exchanged."""
    day, month, year = text.split("-")
    return f"{year}-{day}-{month}" if int(day) <= 12 else text


def _swapped(text: str, rng: Rng) -> str | None:
    day, month, year = text.split("-")
    return f"{month}-{day}-{year}" if int(day) <= 12 else text


def _us_without_nik(frame: Frame, rng: Rng) -> tuple[Frame, Mask]:
    damaged, where = _whole("TGL_LHR", _us_cells)(frame, rng)
    return damaged.with_columns(NIK=pl.lit(None, pl.String)), where & _tells(frame)


def _us_with_nik(frame: Frame, rng: Rng) -> tuple[Frame, Mask]:
    damaged, where = _whole("TGL_LHR", _us_cells)(frame, rng)
    return damaged, where & _tells(frame)


def _single_swaps(frame: Frame, rng: Rng) -> tuple[Frame, Mask]:
    where = _some(len(frame), rng, 0.3) & _tells(frame)
    new = [_swapped(text, rng) for text in frame["TGL_LHR"]]
    return _set(frame, "TGL_LHR", new, where), where


def _tells(frame: Frame) -> Mask:
    """Return dates that an exchange of day and month changes to another date."""
    day, month = (frame["TGL_LHR"].str.slice(i, 2).cast(pl.Int8).to_numpy() for i in (0, 3))
    telling: Mask = (day <= 12) & (day != month)
    return telling


def _short_year(text: str, rng: Rng) -> str:
    return text[:6] + text[8:]


def _serial(text: str, rng: Rng) -> str:
    day = np.datetime64(f"{text[6:]}-{text[3:5]}-{text[:2]}")
    return str(int((day - np.datetime64("1899-12-30")).astype(int)))


def _month_name(text: str, rng: Rng) -> str:
    names = [name for name, number in months().items() if number == int(text[3:5])]
    name = str(rng.choice(names))
    name = name.title() if rng.random() < 0.5 else name
    sign = str(rng.choice([" ", "-", "/"]))
    day = text[:2] if rng.random() < 0.5 else text[:2].lstrip("0")
    return f"{day}{sign}{name}{sign}{text[6:]}"


def _other_format(text: str, rng: Rng) -> str:
    day, month, year = text.split("-")
    short = f"{int(day)}/{int(month)}/{year}"
    options = [
        f"{day}/{month}/{year}",
        f"{day}.{month}.{year}",
        f"{year}-{month}-{day}",
        f"{day}{month}{year}",
    ]
    return str(rng.choice([*options, short, f"{year}-{month}-{day} 00:00:00"]))


def _joint(frame: Frame, rng: Rng) -> tuple[Frame, Mask]:
    """Put place and date in one column, as "Tempat, tanggal"."""
    place, day = pl.col("TMPT_LHR"), pl.col("TGL_LHR")
    sign = rng.choice([", ", ",", " / ", " "])
    joint = pl.concat_str(place, pl.lit(sign), day).alias("TEMPAT/TGL LAHIR")
    where = frame.select(place.is_not_null() & (place != "") & ~place.str.contains(r"\d"))["TMPT_LHR"]
    return frame.with_columns(joint).drop("TMPT_LHR", "TGL_LHR"), where.fill_null(False).to_numpy()


_SHORT_MONTHS = ["Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"]


def _rt_rw_date(text: str, rng: Rng) -> str:
    rt, rw = int(text[:3]), int(text[4:])
    if not (1 <= rt <= 31 and 1 <= rw <= 12):
        rt, rw = int(rng.integers(1, 13)), int(rng.integers(1, 13))
    forms = [
        f"{rt:02d}-{_SHORT_MONTHS[rw - 1]}",
        f"2026-{rw:02d}-{rt:02d}",
        f"2026-{rw:02d}-{rt:02d} 00:00:00",
    ]
    return str(rng.choice(forms))


def _two_niks(frame: Frame, rng: Rng) -> tuple[Frame, Mask]:
    where = _some(len(frame), rng)
    signs = rng.choice(["\n", " / ", ", ", "; ", " "], len(frame))
    both = frame.select((pl.col("NIK") + pl.Series(signs) + pl.col("NIK").shift(1)).alias("NIK"))["NIK"]
    return _set(frame, "NIK", both, where), where


def _two_names(frame: Frame, rng: Rng) -> tuple[Frame, Mask]:
    where = _some(len(frame), rng)
    signs = rng.choice(
        [" / ", "/", " & ", " DAN ", "; "], len(frame)
    )  # a line break is how one wrapped name looks
    both = frame.select(pl.col("NAMA_LGKP") + pl.Series(signs) + pl.col("NAMA_LGKP").shift(1))["NAMA_LGKP"]
    return _set(frame, "NAMA_LGKP", both, where), where


def _hidden(frame: Frame, rng: Rng) -> tuple[Frame, Mask]:
    """Hide rows, as a filter on some column or an officer does; no cell changes."""
    return frame, _some(len(frame), rng, float(rng.uniform(0.05, 0.6)))


def _papua(frame: Frame, rng: Rng) -> tuple[Frame, Mask]:
    """Store the NIKs as floats; above 2^53, in Papua, they may be off by one."""
    prefixes = rng.choice(["910301", "920301", "930101", "940401", "950101", "960101"], len(frame))
    niks = pl.Series(prefixes) + frame["NIK"].str.slice(6)
    floats = niks.cast(pl.Int64).cast(pl.Float64)
    return frame.with_columns(NIK=floats), np.ones(len(frame), bool)


DAMAGES: tuple[Damage, ...] = (
    Damage(
        "Excel, 15 digits, NIK (number cells)",
        _whole("NIK", _excel),
        ("nik_truncated",),
        numbers=("NIK",),
        everywhere=True,
    ),
    Damage(
        "Excel, 15 digits, NIK (saved as CSV since)",
        _whole("NIK", _excel),
        ("nik_truncated",),
        everywhere=True,
    ),
    Damage(
        "Excel, 15 digits, No. KK (number cells)",
        _whole("NO_KK", _excel),
        ("kk_truncated",),
        numbers=("NO_KK",),
        everywhere=True,
    ),
    Damage(
        "Excel, 15 digits, a pasted stretch of rows",
        _pasted,
        ("nik_truncated",),
        note="the first and the last cut row beside typed ones are left alone: one time in ten such a row is a "
        "typed NIK ending in 0. Such NIKs inside a stretch cannot be told from cut ones and count as damaged",
        known=False,
    ),
    Damage(
        "Excel, 15 digits, typed and cut rows mixed",
        _mixed,
        ("nik_truncated",),
        note="a typed NIK ending in 0, one in ten, cannot be told from a cut one where both alternate",
        most_accused=0.13,
    ),
    Damage("scientific notation, NIK", _cells("NIK", _scientific), ("nik_scientific",)),
    Damage("scientific notation, No. KK", _cells("NO_KK", _scientific), ("kk_scientific",)),
    Damage(
        "float column above 2^53",
        _papua,
        ("nik_float_rounded",),
        config={"accept_damaged_nik": True},
        everywhere=True,
    ),
    Damage("apostrophes, invisible signs, dots", _cells("NIK", _separated), right=("nik_clean",)),
    Damage("letters for digits", _cells("NIK", _letters), ("nik_letters_for_digits",)),
    Damage("15 or 17 digits", _cells("NIK", _length), ("nik_length",)),
    Damage("filled down", _runs(0), ("nik_filled_down",)),
    Damage("dragged, +1 series", _runs(1), ("nik_series",)),
    Damage("placeholders", _cells("NIK", _placeholder), ("nik_placeholder",)),
    Damage("village temporary number", _temporary(False), ("nik_temporary",), everywhere=True),
    Damage(
        "village temporary number, 0 eaten",
        _temporary(True),
        ("nik_temporary_zero_lost",),
        everywhere=True,
        note="known only where others kept their 0; a NIK that lost a digit there looks the same",
    ),
    Damage(
        "dates swapped by a US locale",
        _us_with_nik,
        ("birth_swapped_by_locale",),
        ("tgl_lhr_clean",),
        everywhere=True,
    ),
    Damage(
        "the same, without NIKs",
        _us_without_nik,
        ("birth_swapped_by_locale",),
        ("tgl_lhr_clean",),
        everywhere=True,
    ),
    Damage(
        "single dates swapped",
        _single_swaps,
        ("birth_swapped_by_locale", "birth_in_future"),
        ("tgl_lhr_clean",),
    ),
    Damage("two-digit years", _cells("TGL_LHR", _short_year), ("birth_two_digit_year",), ("tgl_lhr_clean",)),
    Damage("Excel serial dates", _cells("TGL_LHR", _serial), right=("tgl_lhr_clean",)),
    Damage("month names, all spellings", _cells("TGL_LHR", _month_name), right=("tgl_lhr_clean",)),
    Damage("other date formats", _cells("TGL_LHR", _other_format), right=("tgl_lhr_clean",)),
    Damage("place and date in one cell", _joint, right=("tgl_lhr_clean", "tmpt_lhr_clean"), everywhere=True),
    Damage("RT/RW turned into a date", _cells("RT_RW", _rt_rw_date), ("rt_rw_was_date",)),
    Damage("two NIKs in one cell", _two_niks, ("nik_several",)),
    Damage(
        "two people in one name cell",
        _two_names,
        ("name_two_people", "name_alias"),
        note="a slash may part two people or introduce an alias; both compare the first name",
    ),
    Damage("hidden and filtered-out rows", _hidden, ("row_hidden",), hides=True),
)
"""Damages of cells; repeated headers and the BIP printout, which are of rows, are measured by themselves."""
