"""Records to a SIAK extract: upper-case columns, all text, gaps as offices leave them."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from nikdedup.lab.households import CHILD, GRANDPARENT, HEAD, RELATIVE, TWIN, WIFE
from nikdedup.lab.numbers import day_field, digits, numbered
from nikdedup.lab.places import Home, names, spelt
from nikdedup.lab.rates import Rates
from nikdedup.lab.records import RECORDED, day_number, is_default
from nikdedup.lab.words import FEMALE, Floats, Ints

COLUMNS = (
    "NIK", "NO_KK", "NAMA_LGKP", "JENIS_KLMIN", "TMPT_LHR", "TGL_LHR", "STAT_KWN", "STAT_HBKEL",
    "NAMA_LGKP_IBU", "NAMA_LGKP_AYAH", "ALAMAT", "NO_RT", "NO_RW", "NO_PROP", "NO_KAB", "NO_KEC", "NO_KEL",
    "KAB_NAME", "KEC_NAME", "KEL_NAME", "EKTP_STATUS", "EKTP_CREATED", "TGL_ENTRI", "TGL_UBAH", "FLAG_STATUS",
)  # fmt: skip
_RELATION = {HEAD: "KEPALA KELUARGA", WIFE: "ISTRI", CHILD: "ANAK", TWIN: "ANAK", RELATIVE: "FAMILI LAIN"}
_HAS_DATE = (
    *RECORDED, "SUDAH REKAM", "BIO_CAPTURED", "SENT_FOR_ENROLLMENT", "PROCESSING", "RECEIVED_AT_CENTRAL",
    "DUPLICATE_RECORD", "ADJUDICATE_RECORD",
)  # fmt: skip


def nik_numbers(frame: pl.DataFrame, chunk: int, home: Home) -> pl.Series:
    """Return a NIK of its own for every record, from issuing kecamatan, frozen date and frozen sex."""
    day, month, year = _parts(frame["nik_birth"].to_numpy())
    field = day_field(day, month, year, frame["nik_sex"].to_numpy())
    return numbered(
        frame["prefix"].to_numpy(),
        field,
        foreign=frame["foreign"].to_numpy(),
        slice_=chunk,
        spill=int(home.regency),
    )


def kk_numbers(
    frame: pl.DataFrame, chunk: int, home: Home, rates: Rates, rng: np.random.Generator
) -> pl.Series:
    """Return one No. KK per household; `frame` has one row per household with its `village`."""
    n = len(frame)
    latest = day_number(rates.reference_date)
    day, month, year = _parts(latest - (rng.random(n) ** 1.3 * 7600).astype(np.int64))
    foreign = rng.random(n) < 0.08
    lives_in = home.village_kec[frame["village"].to_numpy()]
    prefix = np.where(foreign, rng.choice(home.foreign, n), lives_in)
    no_woman = np.zeros(n, dtype=np.int64)
    field = day_field(day, month, year, no_woman)
    return numbered(prefix, field, foreign=foreign, slice_=chunk, spill=int(home.regency))


def _parts(days: Ints) -> tuple[Ints, Ints, Ints]:
    stamp = days.astype("datetime64[D]")
    month = stamp.astype("datetime64[M]")
    year = stamp.astype("datetime64[Y]").astype(np.int64) + 1970
    return (stamp - month.astype("datetime64[D]")).astype(np.int64) + 1, month.astype(np.int64) % 12 + 1, year


def _date_text(days: pl.Series) -> pl.Series:
    return days.cast(pl.Int32).cast(pl.Date).dt.strftime("%d-%m-%Y")


def _birth_text(frame: pl.DataFrame) -> pl.Series:
    """Return dd-mm-yyyy; 00-00-yyyy or 00-mm-yyyy where an old import never knew the day."""
    text = _date_text(frame["birth"])
    zero = pl.Series(is_default(frame["birth"].to_numpy())) & frame["zero_date"]
    fifteenth = text.str.starts_with("15")
    unknown = pl.when(fifteenth).then("00" + text.str.slice(2)).otherwise("00-00" + text.str.slice(5))
    return pl.select(pl.when(zero).then(unknown).otherwise(text)).to_series()


def _gap(missing: pl.Series, rng: np.random.Generator) -> pl.Series:
    """Return what stands in an empty parent cell: nothing, a dash, an empty text."""
    signs = pl.Series([None, "-", ""], dtype=pl.String)
    return signs.gather(pl.Series(rng.choice(3, len(missing), p=(0.6, 0.3, 0.1))))


def _relation(frame: pl.DataFrame, latest: int) -> pl.Series:
    """Return STAT_HBKEL; grown people who got a card of their own are its head or the wife in it."""
    role, sex = frame["role"].to_numpy(), frame["sex"].to_numpy()
    text = pl.Series(role).replace_strict(_RELATION | {GRANDPARENT: "ORANGTUA"}, return_dtype=pl.String)
    head = pl.Series(np.where(sex == FEMALE, "ISTRI", "KEPALA KELUARGA"), dtype=pl.String)
    moved = frame["own_card"] & pl.Series(role != HEAD) & pl.Series(_age(frame, latest) > 19)
    return pl.select(pl.when(moved).then(head).otherwise(text)).to_series()


def _age(frame: pl.DataFrame, latest: int) -> Floats:
    return np.asarray((latest - frame["birth"].to_numpy()) / 365.2425)


def _marriage(frame: pl.DataFrame, latest: int, rng: np.random.Generator) -> pl.Series:
    role = frame["role"].to_numpy()
    age = _age(frame, latest)
    dice = rng.random(len(role))
    ended = np.where(dice < 0.55, "CERAI MATI", "CERAI HIDUP")
    head = np.where(dice < 0.78, "KAWIN", np.where(age > 30, ended, "BELUM KAWIN"))
    old = np.where(dice < 0.35, "KAWIN", "CERAI MATI")
    young = np.where((age > 24) & (dice < 0.25), "KAWIN", "BELUM KAWIN")
    text = np.select([role == HEAD, role == WIFE, role == GRANDPARENT], [head, "KAWIN", old], young)
    moved_out = frame["own_card"].to_numpy() & (age > 19)
    return pl.Series(np.where(moved_out, "KAWIN", text))


def render(frame: pl.DataFrame, home: Home, rates: Rates, rng: np.random.Generator) -> pl.DataFrame:
    """Return the extract's text columns for records that have `nik` and `kk`; same rows, same order."""
    n, latest = len(frame), day_number(rates.reference_date)
    village = frame["village"].to_numpy()
    kecamatan = home.village_kec[village]
    has_date = frame["status"].is_in(_HAS_DATE)
    captured = _date_text(frame["captured"])
    spelling = rng.integers(0, rates.kec_spellings, n)
    may_lack = ~frame["kind"].is_in(["A", "B", "D", "E", "F"]).fill_null(False)
    no_nik = pl.Series(rng.random(n) < rates.noise.missing_nik) & may_lack
    no_kk = pl.Series(rng.random(n) < rates.noise.missing_kk)
    columns: dict[str, Any] = {
        "NIK": pl.when(no_nik).then(pl.lit("0")).otherwise(frame["nik"]),
        "NO_KK": pl.when(no_kk).then(None).otherwise(frame["kk"]),
        "NAMA_LGKP": frame["name"],
        "JENIS_KLMIN": pl.Series(np.where(frame["sex"].to_numpy() == FEMALE, "PEREMPUAN", "LAKI-LAKI")),
        "TMPT_LHR": frame["place"],
        "TGL_LHR": _birth_text(frame),
        "STAT_KWN": _marriage(frame, latest, rng),
        "STAT_HBKEL": _relation(frame, latest),
        "NAMA_LGKP_IBU": frame["mother"].fill_null(_gap(frame["mother"], rng)),
        "NAMA_LGKP_AYAH": frame["father"].fill_null(_gap(frame["father"], rng)),
        "ALAMAT": frame["address"],
        "NO_RT": digits(frame["rt"].to_numpy(), 3),
        "NO_RW": digits(frame["rw"].to_numpy(), 3),
        "NO_PROP": pl.Series(kecamatan // 10_000).cast(pl.String),
        "NO_KAB": pl.Series(kecamatan // 100 % 100).cast(pl.String),
        "NO_KEC": pl.Series(kecamatan % 100).cast(pl.String),
        "NO_KEL": pl.Series(home.village_part[village]).cast(pl.String),
        "KAB_NAME": pl.lit(names()[int(home.regency)]),
        "KEC_NAME": spelt(kecamatan, spelling),
        "KEL_NAME": home.village_name.gather(pl.Series(village)),
        "EKTP_STATUS": frame["status"],
        "EKTP_CREATED": pl.when(has_date).then(captured).otherwise(None),
        "TGL_ENTRI": _date_text(frame["entry"]),
        "TGL_UBAH": _date_text(frame["change"]),
        "FLAG_STATUS": frame["flag"],
    }
    return frame.select([columns[name].alias(name) for name in COLUMNS])
