"""The roll of a run: every resident once, where they live, whether they count, and what is known of their papers.

One line per record of the run. Coverage, worklists and visits are counted from this one table, so that numerator and
denominator, and what is asked of a village, always come from one snapshot.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from nikdedup.columnar.distinct import distinct_lines
from nikdedup.config import Config
from nikdedup.errors import InputError, argument
from nikdedup.publish import RunRecord
from nikdedup.residents import hashed, knows_most, overlap_of, with_codes
from nikdedup.residents.places import kecamatan_key, kecamatan_name
from nikdedup.residents.status import due_kia, must_hold_ktp, of_age
from nikdedup.schema import DISPLACED, GONE, holds_residents
from nikdedup.settle import DECLARED, Officers, with_declared
from nikdedup.village.homes import called, homes_of
from nikdedup.village.targets import Papers

ROLL: dict[str, pl.DataType] = {
    "row": pl.Int64(),
    "record_key": pl.String(),  # what the record is known by from one run to the next
    "person_id": pl.String(),
    "nik": pl.String(),  # as it is clean, else as it came; null where there is none
    "no_kk": pl.String(),
    "name": pl.String(),
    "sex": pl.String(),  # L, P or null
    "birth": pl.Date(),
    "birth_text": pl.String(),  # as it came
    "birth_place": pl.String(),
    "mother": pl.String(),
    "address": pl.String(),
    "rt": pl.String(),
    "rw": pl.String(),
    "kecamatan_code": pl.String(),  # 6 digits, or the name in capitals where an extract has no codes; null if unknown
    "kecamatan": pl.String(),
    "desa_code": pl.String(),  # 10 digits, or kecamatan and desa in capitals; null if unknown
    "desa": pl.String(),
    "age": pl.Int64(),  # whole years on the reference date; null if unknown
    "wajib_ktp": pl.Boolean(),  # must hold a KTP; false where nothing tells
    "recorded": pl.String(),  # one of schema.RECORDED; of copies in several inputs what the one that knows most says
    "recording_class": pl.String(),
    "life": pl.String(),  # one of schema.LIFE: of the extract where that says gone, else as declared
    "own_life": pl.String(),  # the same without what villages have answered
    "once": pl.Boolean(),  # stands for all copies of this resident in other inputs
    "displaced": pl.Boolean(),  # a decision proposes that this record counts no more
    "child": pl.Boolean(),  # under 18: counts for birth certificates
    "certificate": pl.Boolean(),  # has a birth certificate; null where the extract does not tell
    "kia_due": pl.Boolean(),  # a child who is to have a KIA
    "kia": pl.Boolean(),  # has one; null where the extract does not tell
}
CHILD_AGE = 18
"""Birth certificates are counted for children under this age (docs/domain.md 5)."""


@dataclass(frozen=True)
class Roll:
    """residents: ROLL, one line per record in order of rows. day: the date the extract speaks of.

    told: which of certificate and kia the extract has columns for.
    """

    residents: pl.DataFrame
    day: date
    told: tuple[str, ...]


def roll_of(
    residents: pl.DataFrame,
    people: pl.DataFrame,
    decisions: pl.DataFrame,
    record: RunRecord,
    config: Config,
    papers: Papers | None = None,
) -> Roll:
    """Return the roll of a run from its published tables.

    Args:
        residents: the published table.
        people: as schema.PEOPLE.
        decisions: as schema.DECISIONS.
        record: what the run says of itself.
        config: settings of the run.
        papers: how an office writes who has a birth certificate or a KIA.

    Raises:
        InputError: where the run kept no residents or speaks of no date: nobody's age is known then.
    """
    if not holds_residents(residents):
        raise InputError(
            f"this run was written without residents ({argument('residents', False)}); run dedupe again"
        )
    if record.day is None:
        raise InputError(
            f"this run has no reference date, so no age is known; run dedupe with {argument('reference_date')}"
        )
    roll = residents.select("row", *_identity(residents), *homes_of(residents, config))
    roll = roll.with_columns(_own_life(residents, record), life=_life(DECLARED, residents))
    held = residents.select("row", *_papers(residents.columns, papers or Papers())).drop("row")
    roll = roll.with_columns(*_duties(residents, record.day, config), *held)
    roll = roll.with_columns(*_once(residents, record), people["person_id"])
    displaced = decisions.filter(pl.col("action").is_in(DISPLACED))["row"]
    roll = roll.with_columns(displaced=pl.col("row").is_in(displaced.implode()))
    told = tuple(name for name in ("certificate", "kia") if roll[name].null_count() < len(roll))
    return Roll(roll.select(pl.col(name).cast(kind) for name, kind in ROLL.items()), record.day, told)


def counted_roll(
    parts: Iterable[pl.DataFrame], decisions: pl.DataFrame, record: RunRecord, config: Config
) -> Roll:
    """Return the roll of a run counted: a line for all residents of a kecamatan who count alike, `n` says how many.

    It has those columns of ROLL that coverage of the KTP-el by kecamatan is computed from, for a sixth of the time.

    Args:
        parts: the published table in slices, or those of its columns that are read here; with `once` and `recorded`
            as `told_once` gives them where several inputs hold the same residents.
        decisions: as schema.DECISIONS.
        record: what the run says of itself; it must speak of a date.
        config: settings of the run.
    """
    if record.day is None:
        raise InputError(
            f"this run has no reference date, so no age is known; run dedupe with {argument('reference_date')}"
        )
    displaced = decisions.filter(pl.col("action").is_in(DISPLACED))["row"]
    counted = pl.concat([_alike(part, displaced, record, record.day, config) for part in parts])
    lots = counted.group_by(pl.exclude("n")).agg(pl.col("n").sum())
    lots = lots.with_columns(
        pl.col("kecamatan_code").replace("", None),
        kecamatan=called(lots, "kecamatan_code", "named", config).replace("", None),
        age=pl.lit(None, pl.Int64),
    )
    return Roll(lots.drop("named"), record.day, ())


def _alike(
    residents: pl.DataFrame, displaced: pl.Series, record: RunRecord, day: date, config: Config
) -> pl.DataFrame:
    """Return lines for all residents who count alike, and their number `n`; several lines may be alike."""
    known = "once" in residents.columns
    recorded, once = (residents["recorded"], residents["once"]) if known else _once(residents, record)
    told = ("wilayah_clean", "kec_name", "flag_status_clean", DECLARED)
    kinds = residents.select(
        *(name for name in told if name in residents.columns),
        recorded=recorded,
        wajib_ktp=_holds_ktp(residents, day, config).fill_null(False),
        displaced=pl.col("row").is_in(displaced.implode()),
        once=once,
    )
    # As the cells are: what they mean is asked of some thousand lines, not of every resident.
    lots = distinct_lines(kinds)
    return lots.select(
        "recorded", "wajib_ktp", "displaced", "once", "n",
        kecamatan_code=kecamatan_key(lots.columns), named=kecamatan_name(lots.columns), life=_life(DECLARED, lots),
    )  # fmt: skip


def _first(residents: pl.DataFrame, *names: str) -> pl.Expr:
    """Return the first of these columns that has something, as text."""
    found = [pl.col(name).cast(pl.String) for name in names if name in residents.columns]
    return pl.coalesce(*found, pl.lit(None, pl.String))


def _identity(residents: pl.DataFrame) -> list[pl.Expr]:
    """Return the expressions of who a resident is, as lists and letters show it."""
    columns = {
        "record_key": ("record_key", "record_id"),
        "nik": ("nik_clean", "nik"),
        "no_kk": ("no_kk_clean", "no_kk"),
        "name": ("nama_lgkp", "nama_lgkp_clean"),
        "sex": ("jenis_klmin_clean",),
        "birth_text": ("tgl_lhr", "ttl"),
        "birth_place": ("tmpt_lhr", "tmpt_lhr_clean"),
        "mother": ("nama_lgkp_ibu", "nama_lgkp_ibu_clean"),
        "address": ("alamat", "alamat_clean"),
        "rt": ("no_rt_clean",),
        "rw": ("no_rw_clean",),
        "recorded": ("recorded",),
        "recording_class": ("recording_class",),
    }
    shown = [_first(residents, *names).alias(name) for name, names in columns.items()]
    return [*shown, pl.col("tgl_lhr_clean").alias("birth")]


def _life(declared: str, residents: pl.DataFrame) -> pl.Series:
    """Return one of LIFE: what the extract says where that is gone, else the column `declared`, else the extract."""
    own = pl.col("flag_status_clean").fill_null("unknown")
    told = _first(residents, declared)
    found = pl.when(own.is_in(GONE)).then(own).otherwise(pl.coalesce(told, own))
    return residents.select(found.alias("life"))["life"]


def _own_life(residents: pl.DataFrame, record: RunRecord) -> pl.Series:
    """Return life without what villages have answered: by the extract and by officers alone."""
    statuses = Officers.of(record.officers).statuses
    stated = with_declared(
        residents.select("row", "flag_status_clean"), statuses.filter(pl.col("source").is_null())
    )
    return _life(DECLARED, stated).alias("own_life")


def _holds_ktp(residents: pl.DataFrame, day: date, config: Config) -> pl.Series:
    """Return whether each resident must hold a KTP on the reference date; null where nothing tells."""
    foreign, stated = (
        residents[name] if name in residents.columns else None for name in ("warganegara", "wajib_ktp")
    )
    return must_hold_ktp(
        residents["tgl_lhr_clean"], residents["stat_kwn_clean"], citizenship=foreign, stated=stated,
        reference_date=day, age=config.wajib_ktp_age,
    )  # fmt: skip


def _duties(residents: pl.DataFrame, day: date, config: Config) -> list[pl.Series]:
    """Return age, wajib_ktp, child and kia_due on the reference date."""
    birth, marital = residents["tgl_lhr_clean"], residents["stat_kwn_clean"]
    foreign = residents["warganegara"] if "warganegara" in residents.columns else None
    holds = _holds_ktp(residents, day, config)
    kia = due_kia(birth, marital, citizenship=foreign, reference_date=day, age=config.wajib_ktp_age)
    child = (birth > of_age(day, CHILD_AGE)) & (birth <= day)
    return [
        _age(birth, day).alias("age"),
        holds.fill_null(False).alias("wajib_ktp"),
        child.fill_null(False).alias("child"),
        kia.is_not_null().alias("kia_due"),
    ]


def _age(birth: pl.Series, day: date) -> pl.Series:
    """Return whole years of life; null before birth. Who is born on 29 February is a year older on the 28th."""
    month, born = birth.dt.month().cast(pl.Int64), birth.dt.day().cast(pl.Int64)
    had = month * 100 + born <= day.month * 100 + day.day
    if (day.month, day.day) == (2, 28):
        had |= (month == 2) & (born == 29)
    years = day.year - birth.dt.year().cast(pl.Int64) - 1 + had.cast(pl.Int64)
    return years.to_frame("age").select(pl.when(pl.col("age") >= 0).then("age").alias("age"))["age"]


def _papers(columns: list[str], papers: Papers) -> list[pl.Expr]:
    """Return certificate and kia, null where no column tells of them."""
    return [
        papers.held(columns, "akta_lhr", "no_akta_lhr").alias("certificate"),
        papers.held(columns, "kia").alias("kia"),
    ]


def _once(residents: pl.DataFrame, record: RunRecord) -> list[pl.Series]:
    """Return once, and recorded as the copy that knows most has it, of residents that several inputs hold."""
    recorded = residents["recorded"]
    if not residents["flags"].list.contains("source_overlap").any():
        return [recorded, pl.Series("once", np.ones(len(residents), bool))]
    told = told_once([residents], record)
    return [told["recorded"], told["once"]]


def told_once(parts: Iterable[pl.DataFrame], record: RunRecord) -> pl.DataFrame:
    """Return `once` and `recorded` of every resident: one copy stands for all, and the one that knows most tells.

    Args:
        parts: the published table in slices, in order.
        record: what the run says of itself.

    Raises:
        InputError: where the table holds other rows than the run.
    """
    sources = record.input.sources
    index = np.repeat([source.input for source in sources], [source.rows for source in sources]).astype(
        np.uint32
    )
    known, end = [], 0
    for part in parts:
        begin, end = end, end + len(part)
        if end <= len(index):
            coded = with_codes(hashed(part.with_columns(pl.Series("_source", index[begin:end]))))
            known.append(coded.with_columns(part["recorded"]))
    if end != len(index):
        raise InputError("residents.parquet holds other rows than the run; run dedupe again")
    table = pl.concat(known)
    overlap = overlap_of(table.drop("recorded"))
    told = pl.col("recorded").sort_by(knows_most(), "row").first().over(overlap.first)
    return table.select(told, pl.Series("once", overlap.once))
