"""Repeated records damaged by the corruptor: dates before NIKs are issued, the rest of the cells when written."""

from __future__ import annotations

import numpy as np
import polars as pl

from nikdedup.lab.corruptor import edited
from nikdedup.lab.rates import CorruptionRates, Rates
from nikdedup.lab.records import day_number
from nikdedup.lab.words import Flags

_NAME, _PARENTS = "NAMA_LGKP", ("NAMA_LGKP_IBU", "NAMA_LGKP_AYAH")
_PLACES = ("TMPT_LHR", "ALAMAT")
_NUMBERS = ("NO_KK", "NO_RT", "NO_RW")
_MAY_LACK = (*_PARENTS, *_PLACES, *_NUMBERS)
_SWAPPED = (("NAMA_LGKP_IBU", "NAMA_LGKP_AYAH"), ("TMPT_LHR", "ALAMAT"), ("NO_RT", "NO_RW"))


def misdated(copies: pl.DataFrame, rates: Rates, rng: np.random.Generator) -> pl.DataFrame:
    """Return the copies with wrong birth dates, and in `written` what stands for those that no calendar has.

    A wrong date that is one and not in the future becomes `birth`, and often the date inside the NIK too.
    """
    how = rates.corruption
    if how is None:
        return copies
    n = len(copies)
    text = copies["birth"].cast(pl.Int32).cast(pl.Date).dt.strftime("%d-%m-%Y")
    edits = rng.poisson(how.date, n) * (copies["kind"] != "A").to_numpy()
    wrong = edited(text, edits, how.digits, rng)
    day = wrong.str.to_date("%d-%m-%Y", strict=False)
    real = (day.is_not_null() & (day.dt.year() > 1800)).to_numpy()
    birth = np.where(real, day.cast(pl.Int32).fill_null(0).to_numpy(), copies["birth"].to_numpy())
    real &= birth <= day_number(rates.reference_date)
    birth = np.where(real, birth, copies["birth"].to_numpy()).astype(np.int64)
    issued = (rng.random(n) < how.date_issued) & (copies["kind"] == "C").to_numpy()
    return copies.with_columns(
        pl.Series("birth", birth),
        pl.Series("nik_birth", np.where(issued, birth, copies["nik_birth"].to_numpy())),
        wrong.set(pl.Series(real), None).alias("written"),
    )


def corrupted(
    text: pl.DataFrame, frame: pl.DataFrame, rates: Rates, rng: np.random.Generator
) -> pl.DataFrame:
    """Return the columns of an extract with the cells of copies damaged, and now and then those of any record.

    frame: the same records in their making, with kind, copy and written. Exact copies (A) stay exact, and numbers of
    the kinds that are known by a shared NIK stay as they are.
    """
    how = rates.corruption
    if how is None:
        return text
    whole = (frame["kind"] == "A").fill_null(False).to_numpy()
    hurt = frame["copy"].to_numpy() & ~whole
    by_chance = (rng.random(len(text)) < how.background) & ~whole & ~hurt
    columns = {
        name: edited(text[name], _edits(mean, hurt, by_chance, rng), kinds, rng)
        for name, mean, kinds in _means(how)
    }
    own = frame["kind"].is_null() | (frame["kind"] == "C")
    edits = _edits(how.number, hurt, by_chance, rng) * own.to_numpy()
    columns["NIK"] = edited(text["NIK"], edits, how.digits, rng)
    written = frame["written"]
    columns["TGL_LHR"] = pl.select(pl.coalesce(written, text["TGL_LHR"])).to_series()
    damaged = text.with_columns(**columns)
    damaged = _swapped_fields(damaged, hurt, how, rng)
    return _emptied(_other_sex(damaged, hurt, how, rng), hurt, how, rng)


def _means(how: CorruptionRates) -> list[tuple[str, float, dict[str, float]]]:
    """Return for each damaged column how many edits a cell suffers, and of which kinds."""
    return [
        (_NAME, how.name, how.text),
        *((name, how.parent, how.text) for name in _PARENTS),
        *((name, how.place, how.text) for name in _PLACES),
        *((name, how.number, how.digits) for name in _NUMBERS),
    ]


def _edits(mean: float, hurt: Flags, by_chance: Flags, rng: np.random.Generator) -> np.ndarray:
    """Return edits of each cell: Poisson in the copies; elsewhere one, in every fourth cell of the records hit."""
    chance = by_chance & (rng.random(len(hurt)) < 0.25) & (mean > 0)
    return np.where(hurt, rng.poisson(mean, len(hurt)), chance.astype(np.int64))


def _swapped_fields(
    text: pl.DataFrame, hurt: Flags, how: CorruptionRates, rng: np.random.Generator
) -> pl.DataFrame:
    """Exchange what stands in two fields of one record."""
    for one, other in _SWAPPED:
        swap = pl.Series(hurt & (rng.random(len(text)) < how.fields_swapped))
        first, second = text[one], text[other]
        text = text.with_columns(
            pl.when(swap).then(second).otherwise(first).alias(one),
            pl.when(swap).then(first).otherwise(second).alias(other),
        )
    return text


def _other_sex(
    text: pl.DataFrame, hurt: Flags, how: CorruptionRates, rng: np.random.Generator
) -> pl.DataFrame:
    wrong = pl.Series(hurt & (rng.random(len(text)) < how.sex))
    other = pl.col("JENIS_KLMIN").replace({"PEREMPUAN": "LAKI-LAKI", "LAKI-LAKI": "PEREMPUAN"})
    return text.with_columns(JENIS_KLMIN=pl.when(wrong).then(other).otherwise("JENIS_KLMIN"))


def _emptied(text: pl.DataFrame, hurt: Flags, how: CorruptionRates, rng: np.random.Generator) -> pl.DataFrame:
    shares = [*((name, how.missing) for name in _MAY_LACK), ("TGL_LHR", how.missing_date)]
    gone = {name: pl.Series(hurt & (rng.random(len(text)) < share)) for name, share in shares}
    return text.with_columns(pl.when(gone[name]).then(None).otherwise(name).alias(name) for name in gone)
