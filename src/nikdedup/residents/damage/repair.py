"""The survey of damage applied: identifiers and dates of a part of an extract, put right or taken away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.columnar.calendar import NO_DATE, as_dates, parts
from nikdedup.columnar.distinct import spread
from nikdedup.config import Config
from nikdedup.residents.damage.agreement import same_day
from nikdedup.residents.damage.crowds import undated
from nikdedup.residents.damage.signs import Key, Readings
from nikdedup.residents.damage.survey import Survey, turned
from nikdedup.residents.dates import Dates, parse_dates, resolve_birth, split_ttl
from nikdedup.residents.flags import Flags
from nikdedup.residents.ids import EXACT_FLOAT, SEXES, Decoded
from nikdedup.residents.places import load_regions
from nikdedup.schema import NIK_VERDICTS, READABLE_NIK

Mask = npt.NDArray[np.bool_]
Blocks = Sequence[tuple[Key, slice]]

EVENTS = ("tgl_entri", "tgl_ubah", "ektp_created")
"""Dates of what was done to a record; the latest tells of which day the extract speaks."""


def date_texts(frame: pl.DataFrame) -> dict[str, pl.Series]:
    """Return the text of each date column; the date of birth may stand behind the place.

    Args:
        frame: fields as they came.
    """
    texts = {name: frame[name] for name in ("tgl_lhr", *EVENTS) if name in frame.columns}
    if "ttl" in frame.columns:
        day = split_ttl(frame["ttl"])[1]
        texts["tgl_lhr"] = texts["tgl_lhr"].fill_null(day) if "tgl_lhr" in texts else day
    return texts


def damaged_niks(decoded: Decoded, readings: Readings, survey: Survey, blocks: Blocks) -> Decoded:
    """Apply the survey to the NIKs: lower verdicts, and take away numbers that are not the person's own.

    Args:
        decoded: the NIKs, as `decode` returns them.
        readings: fields of the records as they were read one by one.
        survey: damage of the whole extract, as `examine` returns it.
        blocks: runs of rows of one source, as `blocks_of` returns them.
    """
    n, values = len(decoded.verdict), decoded.values
    marked = survey.here(readings.frame)
    ends_in_0 = (values > 0) & (values % 10 == 0)
    sound = np.isin(decoded.verdict, [NIK_VERDICTS.index(v) for v in READABLE_NIK])
    cut = (survey.where(blocks, n, "nik_truncated") & ends_in_0) | marked.get("nik_truncated", False)
    _set(decoded, sound & cut, "nik_truncated", "suspect_truncated")
    inexact = survey.where(blocks, n, "nik_float") & (values > EXACT_FLOAT)
    _set(decoded, sound & inexact, "nik_float_rounded", "suspect_truncated")
    if (eaten := survey.where(blocks, n, "temporaries")).any():
        eaten &= (decoded.digits.str.len_bytes() == 15).fill_null(False).to_numpy()
        eaten[eaten] = ~lost_a_digit(decoded.digits.filter(pl.Series(eaten)), _birthdays(readings, eaten))
        _set(decoded, eaten, "nik_temporary_zero_lost", "temporary")
    foreign = np.zeros(n, bool)
    if "nik_is_kk" in marked:
        foreign |= marked["nik_is_kk"]
        _set(decoded, foreign, "nik_is_kk", "invalid")
    for code in ("nik_filled_down", "nik_series", "nik_of_other_row", "nik_on_many_people", "nik_crowded"):
        if code in marked:
            _set(decoded, sound & marked[code], code, "invalid")
            foreign |= sound & marked[code]
    if "source_overlap" in marked:
        decoded.flags.add("source_overlap", marked["source_overlap"])
    if not foreign.any():
        return decoded
    return replace(
        decoded,
        values=np.where(foreign, 0, values),
        birth=np.where(foreign, NO_DATE, decoded.birth),
        sex=np.where(foreign, 0, decoded.sex).astype(np.uint8),
    )


def lost_a_digit(numbers: pl.Series, birthdays: npt.NDArray[np.int64]) -> Mask:
    """Return which of n numbers of 15 digits are NIKs that lost one behind the region, by the birth date inside.

    birthdays: DDMMYY as a number, 0 where unknown. A village's temporary number that lost its leading 0 stands one
    place further left.
    """
    digits = numbers.cast(pl.Int64).to_numpy()
    whole, moved, short = digits // 10**3 % 10**6, digits // 10**4 % 10**6, digits // 10**4 % 10**5
    fields = (birthdays, birthdays + 40 * 10**4)
    cut = [field // 10 ** (at + 1) * 10**at + field % 10**at for field in fields for at in range(6)]
    here, further_left = ((number == fields[0]) | (number == fields[1]) for number in (whole, moved))
    found: Mask = here | (np.any([short == one for one in cut], axis=0) & ~further_left)
    return found & (birthdays > 0)


def _birthdays(readings: Readings, where: Mask) -> npt.NDArray[np.int64]:
    """Return the birth dates of some rows as DDMMYY, 0 where unknown."""
    if "tgl_lhr" not in readings.dates:
        return np.zeros(np.count_nonzero(where), np.int64)
    year, month, day = (part.astype(np.int64) for part in parts(readings.dates["tgl_lhr"].days[where]))
    return day * 10**4 + month * 100 + year % 100


def _set(decoded: Decoded, where: Mask, code: str, verdict: str) -> None:
    """Give a reason, and a verdict, to the rows of a mask."""
    if where.any():
        decoded.flags.add(code, where)
        decoded.verdict[where] = NIK_VERDICTS.index(verdict)


def family_cards(
    readings: Readings, survey: Survey, blocks: Blocks, flags: Flags, config: Config
) -> pl.Series:
    """Return No. KK as 16 digits; null, with a reason, where it is missing, unusable or truncated.

    Args:
        readings: fields of the records as they were read one by one.
        survey: damage of the whole extract, as `examine` returns it.
        blocks: runs of rows of one source, as `blocks_of` returns them.
        flags: reason codes of the records; more are added.
        config: settings of the run.
    """
    kk = readings.kk
    if config.nik_scheme == "opaque":
        return kk.digits
    n, values = flags.n, kk.values
    for code, reasons in (
        ("kk_placeholder", ("placeholder",)),
        ("kk_scientific", ("scientific",)),
        ("kk_float_rounded", ("float_rounded",)),
        ("kk_unusable", ("several", "masked", "letters_for_digits", "letters", "length")),
    ):
        for reason in reasons:
            flags.add(code, kk.found(reason))
    if (values == 0).any():
        flags.add(
            "kk_temporary", (kk.digits.str.len_bytes() == 16).fill_null(False).to_numpy() & (values == 0)
        )
    ends_in_0 = (values > 0) & (values % 10 == 0)
    marked = survey.here(readings.frame)
    cut = (survey.where(blocks, n, "kk_truncated") & ends_in_0) | marked.get("kk_truncated", False)
    cut |= (values > 0) & (values % 10**4 == 0)
    inexact = kk.found("float_rounded") | (survey.where(blocks, n, "kk_float") & (values > EXACT_FLOAT))
    flags.add("kk_truncated", cut)
    flags.add("kk_float_rounded", inexact)
    foreign = np.zeros(n, bool)
    for code in ("kk_is_nik", "kk_crowded"):
        if code in marked:
            flags.add(code, marked[code])
            foreign |= marked[code]
    return _keep(kk.digits, (values > 0) & ~cut & ~inexact & ~foreign)


def parents_niks(readings: Readings, survey: Survey, flags: Flags) -> None:
    """Give a reason to the records whose parents' NIKs are damaged; the numbers themselves are left alone.

    Args:
        readings: fields of the records as they were read one by one.
        survey: damage of the whole extract, as `examine` returns it.
        flags: reason codes of the records; more are added.
    """
    for ids in readings.parents.values():
        for code, reasons in (
            ("parent_nik_placeholder", ("placeholder",)),
            ("parent_nik_scientific", ("scientific",)),
            ("parent_nik_float_rounded", ("float_rounded",)),
            ("parent_nik_unusable", ("several", "masked", "letters_for_digits", "letters", "length")),
        ):
            for reason in reasons:
                flags.add(code, ids.found(reason))
        flags.add("parent_nik_truncated", (ids.values > 0) & (ids.values % 10**4 == 0))
    if readings.parents:
        for code, rows in survey.here(readings.frame).items():
            if code.startswith("parent_nik_"):
                flags.add(code, rows)


def _keep(series: pl.Series, where: Mask) -> pl.Series:
    """Return the series with null wherever the mask is false."""
    if where.all():
        return series
    return series.to_frame("x").select(pl.when(pl.Series(where)).then("x"))["x"]


def reread(
    readings: Readings, survey: Survey, blocks: Blocks, config: Config, reference_date: date
) -> Readings:
    """Read the dates again, month first, in the sources that write them so; a crowded birth date is none.

    Args:
        readings: fields of the records as they were read one by one.
        survey: damage of the whole extract, as `examine` returns it.
        blocks: runs of rows of one source, as `blocks_of` returns them.
        config: settings of the run.
        reference_date: date the extract speaks of.
    """
    dates = {name: _reread(readings, name, survey, blocks, config, reference_date) for name in readings.dates}
    if (crowd := survey.here(readings.frame).get("birth_crowded")) is not None:
        dates["tgl_lhr"] = undated(dates["tgl_lhr"], crowd)
    return replace(readings, dates=dates)


def births(
    readings: Readings,
    decoded: Decoded,
    columns: dict[str, pl.Series],
    survey: Survey,
    blocks: Blocks,
    reference_date: date,
    *,
    ages: bool,
) -> dict[str, pl.Series]:
    """Settle the birth date with the NIK, and turn round the dates of what was done to a record where need be.

    Args:
        readings: fields of the records as they were read one by one.
        decoded: the NIKs, as `decode` returns them.
        columns: clean columns so far.
        survey: damage of the whole extract, as `examine` returns it.
        blocks: runs of rows of one source, as `blocks_of` returns them.
        reference_date: date the extract speaks of.
        ages: as `resolve_birth` takes it.
    """
    n, read = len(decoded.verdict), readings.dates
    none = Dates(
        np.full(n, NO_DATE, np.int32), np.zeros(n, np.uint8), np.zeros(n, np.int16), np.zeros(n, bool),
        np.zeros(n, np.int32),
    )  # fmt: skip
    trusted = np.isin(decoded.verdict, [NIK_VERDICTS.index(v) for v in READABLE_NIK])
    adult = (columns["stat_kwn_clean"] >= 2).fill_null(False) | columns["stat_hbkel_clean"].is_in(
        [1, 2, 3, 7, 8]
    ).fill_null(False)
    adult |= ~columns["recording_class"].is_in(["belum", "unknown"])
    found = resolve_birth(
        read.get("tgl_lhr", none),
        np.where(trusted, decoded.birth, NO_DATE),
        adult=adult.to_numpy(),
        reference_date=reference_date,
        ages=ages,
        swapped=_swapped(read.get("tgl_lhr", none), "tgl_lhr", survey, blocks),
        late=_late(read.get("tgl_lhr", none), decoded, survey, blocks),
    )
    for code, where in found.found.items():
        decoded.flags.add(code, where)
    if (crowd := survey.here(readings.frame).get("birth_crowded")) is not None:
        decoded.flags.add("birth_crowded", crowd)
    warned = found.found["nik_birth_differs"] & (decoded.verdict == NIK_VERDICTS.index("valid"))
    decoded.verdict[warned] = NIK_VERDICTS.index("warning")
    result = {
        "tgl_lhr_clean": as_dates(found.days),
        "nik_birth": as_dates(found.nik_days),
        "birth_from_nik": pl.Series(found.from_nik),
        "birth_default": pl.Series(found.default),
        "birth_known": pl.Series(np.where(found.days == NO_DATE, read.get("tgl_lhr", none).known, 0)),
    }
    for name in EVENTS:
        event = read.get(name, none)
        days = turned(event, _swapped(event, name, survey, blocks))
        decoded.flags.add("date_unreadable", event.findings & 0b111 != 0)
        result[f"{name}_clean"] = as_dates(days)
    return result


def _swapped(read: Dates, name: str, survey: Survey, blocks: Blocks) -> Mask:
    """Return rows of which the survey says that day and month stand exchanged."""
    where = np.zeros(len(read.days), bool)
    for key, rows in blocks:
        source = survey.sources.get(key)
        if source is not None and name in source.swapped:
            where[rows] = read.year_first[rows]
        if source is not None and name == "tgl_lhr" and source.births_swapped:
            where[rows] = True
    return where


def _late(read: Dates, decoded: Decoded, survey: Survey, blocks: Blocks) -> Mask | None:
    """Return rows of which the survey says that their date counts from 1904, those aside that the NIK bears out."""
    late = survey.where(blocks, len(read.days), "births_shifted")
    return late & ~same_day(read.days, decoded.birth) if late.any() else None


def _reread(
    readings: Readings,
    name: str,
    survey: Survey,
    blocks: Blocks,
    config: Config,
    reference_date: date,
) -> Dates:
    """Return a date column, read again month first in the sources that write it so."""
    read = readings.dates[name]
    wrong = [rows for key, rows in blocks if name in getattr(survey.sources.get(key), "month_first", ())]
    if not wrong:
        return read
    texts = date_texts(readings.frame)[name]
    days, findings = read.days.copy(), read.findings.copy()
    years, known = read.years.copy(), read.known.copy()
    for rows in wrong:
        part = parse_dates(
            texts[rows], reference_date=reference_date, formats=config.date_formats, month_first=True
        )
        days[rows], findings[rows], years[rows], known[rows] = (
            part.days,
            part.findings,
            part.years,
            part.known,
        )
    return Dates(days, findings, years, read.year_first, known)


def identity(
    decoded: Decoded, readings: Readings, columns: dict[str, pl.Series], config: Config
) -> dict[str, pl.Series]:
    """Return NIK, verdict and sex of the NIK, after comparing sex and region with the columns.

    Args:
        decoded: the NIKs, as `decode` returns them.
        readings: fields of the records as they were read one by one.
        columns: clean columns so far.
        config: settings of the run.
    """
    flags, verdict = decoded.flags, decoded.verdict
    if config.nik_scheme == "opaque":
        missing = readings.nik.digits.is_null().to_numpy()
        verdict = np.where(missing, NIK_VERDICTS.index("missing"), 0)
        nik = readings.nik.digits
    else:
        stated = columns["jenis_klmin_clean"].replace_strict(
            ["L", "P"], [1, 2], default=0, return_dtype=pl.UInt8
        )
        differs = (
            (decoded.sex > 0)
            & (stated.fill_null(0).to_numpy() > 0)
            & (decoded.sex != stated.fill_null(0).to_numpy())
        )
        flags.add("nik_sex_differs", differs)
        verdict = np.where(differs & (verdict == 0), NIK_VERDICTS.index("warning"), verdict)
        nik = _keep(readings.nik.digits, decoded.values > 0)
    return {
        "nik_clean": nik,
        "nik_verdict": spread(NIK_VERDICTS, verdict, pl.String()),
        "nik_sex": spread(SEXES, decoded.sex, pl.String()),
    }


def elsewhere(values: npt.NDArray[np.int64], homes: npt.NDArray[np.int32], config: Config) -> Mask:
    """Return whose NIK was issued in another regency than that of residence, renumbered regions taken as one.

    Args:
        values: NIKs as numbers, 0 where there is none.
        homes: kecamatan codes as numbers, 0 where unknown.
        config: settings of the run.
    """
    now = load_regions(config.region_codes).regency_now
    issued = values // 10**10
    result: Mask = (homes > 0) & (values > 0) & (issued < 99 * 10**4) & (now[issued] != now[homes])
    return result
