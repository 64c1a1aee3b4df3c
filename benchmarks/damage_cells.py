"""Every way in which the file of an office hurts cells.

A way takes the records of one file and returns the file as it then is, with the rows it hurt. All chance
comes from the generator given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import polars as pl

from nikdedup.residents.dates.parse import months

Frame = pl.DataFrame
Rng = np.random.Generator
Mask = np.ndarray[Any, np.dtype[np.bool_]]


def _some(n: int, rng: Rng, share: float = 0.5) -> Mask:
    """Return about a share of n rows; never the first, which often tells the reader what a column is."""
    chosen: Mask = rng.random(n) < share
    chosen[0] = False
    return chosen


def _set(frame: Frame, column: str, values: Sequence[str | None] | pl.Series, where: Mask) -> Frame:
    """Put values in the chosen rows of a column."""
    new = pl.Series(column, values, dtype=pl.String())
    return frame.with_columns(pl.when(pl.Series(where)).then(new).otherwise(pl.col(column)).alias(column))


def some_cells(column: str, change: Callable[[str, Rng], str]) -> Callable[[Frame, Rng], tuple[Frame, Mask]]:
    """Damage about half of the cells of a column one by one."""

    def make(frame: Frame, rng: Rng) -> tuple[Frame, Mask]:
        where = _some(len(frame), rng)
        new = [change(text, rng) if hurt else text for text, hurt in zip(frame[column], where, strict=True)]
        return _set(frame, column, new, where), where

    return make


def whole_column(
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


def fifteen_digits(text: str, rng: Rng) -> str:
    """Keep 15 digits, as Excel does; a number that ended in 0 anyway is hurt without a trace."""
    return text[:15] + "0"


def pasted_rows(frame: Frame, rng: Rng) -> tuple[Frame, Mask]:
    """Paste a stretch of rows that went through Excel between typed ones; NIKs that ended in 0 are hurt too."""
    size = int(rng.integers(30, 200))
    start = int(rng.integers(1, max(2, len(frame) - size)))
    where = np.zeros(len(frame), bool)
    where[start : start + size] = True
    return _set(frame, "NIK", frame["NIK"].str.head(15) + "0", where), where


def mixed_rows(frame: Frame, rng: Rng) -> tuple[Frame, Mask]:
    """Put rows that went through Excel and typed ones in one sorted list, about half of each."""
    where = _some(len(frame), rng, float(rng.uniform(0.4, 0.7)))
    return _set(frame, "NIK", frame["NIK"].str.head(15) + "0", where), where


def scientific(text: str, rng: Rng) -> str:
    digits = int(rng.integers(1, 6))
    point = rng.choice([",", "."])
    return f"{text[0]}{point}{text[1 : 1 + digits]}E+15"


def separated(text: str, rng: Rng) -> str:
    signs = ["'" + text, " " + text, text + "\u00a0", "\u200b" + text, "`" + text, text + "\t", f"{text}.0"]
    grouped = [sign.join([text[:6], text[6:12], text[12:]]) for sign in (".", " ", "-", "\u00a0", "\u2013")]
    return str(rng.choice([*signs, *grouped, f"{text[:2]}.{text[2:]}", "\ufeff" + text + " "]))


_LOOKALIKES = {"0": "Oo", "1": "Il", "5": "Ss", "8": "B"}


def letters_for_digits(text: str, rng: Rng) -> str:
    places = [i for i, digit in enumerate(text) if digit in _LOOKALIKES]
    chosen = rng.choice(places, size=min(len(places), int(rng.integers(1, 4))), replace=False)
    signs = list(text)
    for i in chosen:
        signs[i] = str(rng.choice(list(_LOOKALIKES[signs[i]])))
    return "".join(signs)


def one_digit_off(text: str, rng: Rng) -> str:
    at = int(rng.integers(1, 16))
    return (
        text[:at] + text[at + 1 :] if rng.random() < 0.5 else text[:at] + str(rng.integers(0, 10)) + text[at:]
    )


def placeholder(text: str, rng: Rng) -> str:
    return str(rng.choice([
        "0", "-", "--", "1111111111111111", "9999999999999999", "0000000000000000", "1234567890123456",
        "TIDAK ADA", "BELUM ADA", "N/A", "X", "?",
    ]))  # fmt: skip


def filled_down(step: int) -> Callable[[Frame, Rng], tuple[Frame, Mask]]:
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


def temporary(eaten: bool) -> Callable[[Frame, Rng], tuple[Frame, Mask]]:
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


def us_without_nik(frame: Frame, rng: Rng) -> tuple[Frame, Mask]:
    damaged, where = whole_column("TGL_LHR", _us_cells)(frame, rng)
    return damaged.with_columns(NIK=pl.lit(None, pl.String)), where & _tells(frame)


def us_with_nik(frame: Frame, rng: Rng) -> tuple[Frame, Mask]:
    damaged, where = whole_column("TGL_LHR", _us_cells)(frame, rng)
    return damaged, where & _tells(frame)


def single_swaps(frame: Frame, rng: Rng) -> tuple[Frame, Mask]:
    where = _some(len(frame), rng, 0.3) & _tells(frame)
    new = [_swapped(text, rng) for text in frame["TGL_LHR"]]
    return _set(frame, "TGL_LHR", new, where), where


def _tells(frame: Frame) -> Mask:
    """Return dates that an exchange of day and month changes to another date."""
    day, month = (frame["TGL_LHR"].str.slice(i, 2).cast(pl.Int8).to_numpy() for i in (0, 3))
    telling: Mask = (day <= 12) & (day != month)
    return telling


def short_year(text: str, rng: Rng) -> str:
    return text[:6] + text[8:]


def serial_date(text: str, rng: Rng) -> str:
    day = np.datetime64(f"{text[6:]}-{text[3:5]}-{text[:2]}")
    return str(int((day - np.datetime64("1899-12-30")).astype(int)))


def month_name(text: str, rng: Rng) -> str:
    names = [name for name, number in months().items() if number == int(text[3:5])]
    name = str(rng.choice(names))
    name = name.title() if rng.random() < 0.5 else name
    sign = str(rng.choice([" ", "-", "/"]))
    day = text[:2] if rng.random() < 0.5 else text[:2].lstrip("0")
    return f"{day}{sign}{name}{sign}{text[6:]}"


def other_format(text: str, rng: Rng) -> str:
    day, month, year = text.split("-")
    short = f"{int(day)}/{int(month)}/{year}"
    options = [
        f"{day}/{month}/{year}",
        f"{day}.{month}.{year}",
        f"{year}-{month}-{day}",
        f"{day}{month}{year}",
    ]
    return str(rng.choice([*options, short, f"{year}-{month}-{day} 00:00:00"]))


def place_and_date(frame: Frame, rng: Rng) -> tuple[Frame, Mask]:
    """Put place and date in one column, as "Tempat, tanggal"."""
    place, day = pl.col("TMPT_LHR"), pl.col("TGL_LHR")
    sign = rng.choice([", ", ",", " / ", " "])
    joint = pl.concat_str(place, pl.lit(sign), day).alias("TEMPAT/TGL LAHIR")
    where = frame.select(place.is_not_null() & (place != "") & ~place.str.contains(r"\d"))["TMPT_LHR"]
    return frame.with_columns(joint).drop("TMPT_LHR", "TGL_LHR"), where.fill_null(False).to_numpy()


_SHORT_MONTHS = ["Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"]


def rt_rw_date(text: str, rng: Rng) -> str:
    rt, rw = int(text[:3]), int(text[4:])
    if not (1 <= rt <= 31 and 1 <= rw <= 12):
        rt, rw = int(rng.integers(1, 13)), int(rng.integers(1, 13))
    forms = [
        f"{rt:02d}-{_SHORT_MONTHS[rw - 1]}",
        f"2026-{rw:02d}-{rt:02d}",
        f"2026-{rw:02d}-{rt:02d} 00:00:00",
    ]
    return str(rng.choice(forms))


def two_niks(frame: Frame, rng: Rng) -> tuple[Frame, Mask]:
    where = _some(len(frame), rng)
    signs = rng.choice(["\n", " / ", ", ", "; ", " "], len(frame))
    both = frame.select((pl.col("NIK") + pl.Series(signs) + pl.col("NIK").shift(1)).alias("NIK"))["NIK"]
    return _set(frame, "NIK", both, where), where


def two_names(frame: Frame, rng: Rng) -> tuple[Frame, Mask]:
    where = _some(len(frame), rng)
    signs = rng.choice(
        [" / ", "/", " & ", " DAN ", "; "], len(frame)
    )  # a line break is how one wrapped name looks
    both = frame.select(pl.col("NAMA_LGKP") + pl.Series(signs) + pl.col("NAMA_LGKP").shift(1))["NAMA_LGKP"]
    return _set(frame, "NAMA_LGKP", both, where), where


def hidden_rows(frame: Frame, rng: Rng) -> tuple[Frame, Mask]:
    """Hide rows, as a filter on some column or an officer does; no cell changes."""
    return frame, _some(len(frame), rng, float(rng.uniform(0.05, 0.6)))


def floats_of_papua(frame: Frame, rng: Rng) -> tuple[Frame, Mask]:
    """Store the NIKs as floats; above 2^53, in Papua, they may be off by one."""
    prefixes = rng.choice(["910301", "920301", "930101", "940401", "950101", "960101"], len(frame))
    niks = pl.Series(prefixes) + frame["NIK"].str.slice(6)
    floats = niks.cast(pl.Int64).cast(pl.Float64)
    return frame.with_columns(NIK=floats), np.ones(len(frame), bool)
