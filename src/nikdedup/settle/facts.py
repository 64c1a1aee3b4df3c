"""What a rule may ask about a case, and by what the records of a person are ranked.

A fact is a count over the records, or over the pairs, of one unit: a person, the
holders of one NIK, or two records under review. Facts come from the clean columns and
the verdicts only, so that every decision can be computed again.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nikdedup.columnar.distinct import distinct, taken
from nikdedup.match import NameLevel
from nikdedup.schema import GONE, KIN, RECORDING_RANK, USABLE_NIK

_recorded = pl.col("recorded") == "yes"
undamaged = pl.col("nik_verdict").is_in(USABLE_NIK) & pl.col("nik_clean").is_not_null()
_temporary = pl.col("nik_verdict").is_in(["temporary", "missing"])
damaged = ~undamaged & ~_temporary
_life = pl.col("flag_status_clean").fill_null("unknown")
_inactive = _life == "inactive"

_dated = pl.col("tgl_lhr_clean").is_not_null() & ~pl.col("birth_from_nik").fill_null(False)
_birth_fits = (pl.col("nik_birth") == pl.col("tgl_lhr_clean")).fill_null(False) & _dated
_sex_fits = (pl.col("nik_sex") == pl.col("jenis_klmin_clean")).fill_null(False)
_fits = _birth_fits & _sex_fits
_misfits = _dated & (pl.col("nik_birth") != pl.col("tgl_lhr_clean")).fill_null(False)

RECORD_FACTS: dict[str, pl.Expr] = {
    "recorded": _recorded,
    "never_recorded": pl.col("recorded") == "no",
    "unknown": pl.col("recorded") == "unknown",
    "duplicate": pl.col("recording_class") == "duplicate",
    "in_dispute": pl.col("recording_class") == "in_dispute",
    "failed": pl.col("recording_class") == "failed",
    "passed": pl.col("passed_check").fill_null(False),
    "real": undamaged,
    "real_recorded": undamaged & _recorded,
    "temporary": _temporary,
    "temporary_recorded": _temporary & _recorded,
    "damaged": damaged,
    "damaged_recorded": damaged & _recorded,
    "fit": undamaged & _fits,
    "recorded_fit": undamaged & _recorded & _fits,
    "recorded_misfit": undamaged & _recorded & _misfits,
    "deceased": _life == "dead",
    "moved": _life.is_in(["moved", "abroad"]),
    "inactive": _inactive,
    "active": ~_inactive,
    "recorded_active": _recorded & ~_inactive,
    "wajib_ktp": pl.col("wajib_ktp_clean").fill_null(True),
    "shared_nik": pl.col("in_shared_nik"),
}
"""Facts that count records. Unknown life status counts as living: nobody is presumed dead (art. 44(4))."""

PAIR_FACTS: dict[str, pl.Expr] = {
    **{f"kind_{kind.lower()}": pl.col("kind") == kind for kind in "ABCDEF"},
    "truncated_pair": pl.col("truncated_pair"),
    "kinship": pl.col("relation").is_in(KIN),
    "split": pl.col("split"),
    "mother_differs": pl.col("level_mother") == NameLevel.DIFFERENT,
    "default_date": pl.col("birth_evidence") == "birth_default",
    "cannot_link": pl.col("cannot_link"),
}
"""Facts that count the compared pairs inside the unit."""

UNIT_FACTS = ("records", "undamaged_niks", "passed_niks", "large")
"""Facts of the unit as a whole; passed_niks takes NIKs that a must-link joins as one."""

FACTS = (*RECORD_FACTS, *PAIR_FACTS, *UNIT_FACTS)

_kk_issued = (
    pl.col("no_kk_clean").str.slice(10, 2)
    + pl.col("no_kk_clean").str.slice(8, 2)
    + pl.col("no_kk_clean").str.slice(6, 2)
)
_nik_fits = _birth_fits.cast(pl.Int64) + _sex_fits.cast(pl.Int64)
_recorded_on = pl.col("ektp_created_clean").to_physical().cast(pl.Int64)

ORDER_KEYS: dict[str, pl.Expr] = {
    "recorded": pl.col("recorded").replace_strict({"yes": 2, "unknown": 1}, default=0, return_dtype=pl.Int64),
    "passed_check": pl.col("passed_check").fill_null(False).cast(pl.Int64),
    "recording_rank": pl.col("recording_class").replace_strict(
        RECORDING_RANK, default=0, return_dtype=pl.Int64
    ),
    "first_recording": -_recorded_on,
    "latest_recording": _recorded_on,
    "latest_activity": pl.max_horizontal("tgl_ubah_clean", "tgl_entri_clean").to_physical().cast(pl.Int64),
    "complete_parents": pl.col("nama_lgkp_ibu_clean").is_not_null().cast(pl.Int64)
    + pl.col("nama_lgkp_ayah_clean").is_not_null().cast(pl.Int64),
    "newest_kk": _kk_issued.cast(pl.Int64, strict=False),
    "undamaged_nik": undamaged.cast(pl.Int64),
    "nik_fits": _nik_fits,
    "living": (~_life.is_in(GONE)).cast(pl.Int64),
    "active": (~_inactive).cast(pl.Int64),
    "record_key": -pl.col("key_order"),
    "record_id": -pl.col("key_order"),  # its name in policies of before
}
"""Rank keys, higher is kept; null ranks last. Sources of the hints: domain practice, newest TGL_UBAH,
complete parents, current KK (digits 7 to 12 of a KK number are its date of issue, ddmmyy, from 2000 on).
record_key is the order of the record keys, 9 before 10: a stated order that says nothing about the person, and
that does not depend on where its records stand in the file."""


READ = frozenset(
    name for said in (*RECORD_FACTS.values(), *ORDER_KEYS.values()) for name in said.meta.root_names()
)
"""Columns of a record that rules read."""

Units = NDArray[np.int64]


def unit_facts(members: pl.DataFrame, edges: pl.DataFrame, *, large: int) -> pl.DataFrame:
    """Return one row per unit with every fact of FACTS as a count (Int64, never null).

    members: sorted by unit, the columns the record facts read, `nik_group` (the NIK, or one label for NIKs that
    a must-link joins). edges: unit and the columns the pair facts read. A unit without edges counts 0.
    """
    unit = members["unit"].rle_id().to_numpy().astype(np.int64)
    units = taken(members["unit"], np.flatnonzero(np.diff(unit, prepend=-1)))
    of_edge = units.search_sorted(edges["unit"]).to_numpy().astype(np.int64)
    facts = _counts(members, RECORD_FACTS, unit, len(units)) | _counts(edges, PAIR_FACTS, of_edge, len(units))
    facts |= _nik_counts(members, unit, len(units))
    facts["records"] = np.bincount(unit, minlength=len(units))
    facts["large"] = (facts["records"] > large).astype(np.int64)
    return pl.DataFrame({"unit": units, **{name: facts[name] for name in FACTS}})


def _counts(
    table: pl.DataFrame, facts: Mapping[str, pl.Expr], unit: Units, units: int
) -> dict[str, NDArray[np.int64]]:
    """Return of how many rows of each unit every fact holds. unit: number of each row's."""
    held = table.select(fact.fill_null(False).alias(name) for name, fact in facts.items())
    return {one.name: np.bincount(unit[one.to_numpy()], minlength=units) for one in held}


def _nik_counts(members: pl.DataFrame, unit: Units, units: int) -> dict[str, NDArray[np.int64]]:
    """Return per unit how many undamaged NIKs there are, and under how many the check was passed."""
    real = members.select(undamaged).to_series().to_numpy()
    passed = real & members["passed_check"].fill_null(False).to_numpy()
    return {
        "undamaged_niks": _distinct_counts(members["nik_clean"], unit, real, units),
        "passed_niks": _distinct_counts(members["nik_group"], unit, passed, units),
    }


def _distinct_counts(
    labels: pl.Series, unit: Units, counted: NDArray[np.bool_], units: int
) -> NDArray[np.int64]:
    """Return how many different labels stand in the rows of each unit that are counted."""
    _, number = distinct(labels)
    both = np.sort(unit[counted] << 32 | number[counted])
    once = both[np.flatnonzero(np.diff(both, prepend=-1))]
    return np.bincount(once >> 32, minlength=units)
