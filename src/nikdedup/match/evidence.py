"""What the matcher knows of each record, as arrays that compare in one machine instruction.

Strings are compared last and only where a pair can still matter. Everything before
that works on integers: a date is its day number, an identifier or a name is a
64-bit code that is equal where the text is equal. A code of -1 means missing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nikdedup.match.dates import NO_DAY, Calendar, calendar_of
from nikdedup.match.words import Words, signatures, split_words, telling_words, total_surprise
from nikdedup.residents.regions import region_now
from nikdedup.residents.uniques import after_null, distinct
from nikdedup.threads import at_once

Codes = NDArray[np.int64]

FIRST_DAY = 1_000_000
"""Added to the number of a day, so that none is negative."""
SEED = 62_12
"""Seed of the codes; any fixed number will do."""


@dataclass(frozen=True)
class NameEvidence:
    """One name column: its words, letter pairs as bits, how many, and the surprise of all words together."""

    words: Words
    text: pl.Series
    signature: NDArray[np.uint64]
    size: NDArray[np.uint8]
    bits_log2: NDArray[np.float32]

    @classmethod
    def of(cls, names: pl.Series) -> NameEvidence:
        """Split clean names (n strings or null) into words and sum up what they hold."""
        words = split_words(names)
        letters = signatures(words)
        return cls(words, names, letters, np.bitwise_count(letters), total_surprise(words))


@dataclass(frozen=True)
class Evidence:
    """One value per record in every array, in order of `row`; n records."""

    row: NDArray[np.int64]
    source: NDArray[np.int32]
    birth: NDArray[np.int32]  # days since 1970-01-01, NO_DAY if missing
    calendar: Calendar  # year, month and day of birth, -1 if missing
    birth_default: NDArray[np.bool_]
    birth_from_nik: NDArray[np.bool_]
    sex: NDArray[np.int8]  # 0 missing, 1 L, 2 P
    nik: Codes  # equal where the usable NIK is equal
    nik_prefix: Codes  # the first 15 digits, valid and truncated NIKs alike
    nik_plain: NDArray[np.bool_]  # verdict valid or warning
    nik_truncated: NDArray[np.bool_]
    nik_birth: NDArray[np.int32]
    passed_check: NDArray[np.bool_]
    kk: Codes
    skeleton: Codes
    mother: Codes  # of the mother's skeleton
    father: Codes
    telling: tuple[Codes, NDArray[np.int32]]  # sound of each uncommon word of the names, and its record
    place: Codes
    region: Codes  # kecamatan of the residence, a retired one under its successor
    address: Codes
    names: NameEvidence
    mothers: NameEvidence
    fathers: NameEvidence
    text: pl.DataFrame  # clean strings of the fields that are compared letter by letter
    structured: bool  # the NIK has region, date and sex inside

    def __len__(self) -> int:
        return len(self.row)

    @cached_property
    def born(self) -> NDArray[np.int32]:
        """The birth date as a code: never negative, -1 if missing."""
        return day_codes(self.birth)


TEXT = ("nik_clean", "alamat_clean", "tmpt_lhr_clean")


def evidence_of(residents: pl.DataFrame, *, structured: bool) -> Evidence:
    """Return the evidence of residents (schema.CLEAN, VERDICTS and EVIDENCE columns), n rows."""
    mothers, fathers = (
        partial(NameEvidence.of, residents[f"nama_lgkp_{whose}_clean"]) for whose in ("ibu", "ayah")
    )
    parts: list[Callable[[], dict[str, Any]]] = [
        partial(_own_names, residents["nama_lgkp_clean"]),
        partial(_codes, residents, structured=structured),
        lambda: {"mothers": mothers()},
        lambda: {"fathers": fathers()},
    ]
    found: dict[str, Any] = {}
    for part in at_once(*parts):
        found |= part
    return Evidence(**found)


def _own_names(names: pl.Series) -> dict[str, Any]:
    """Return the evidence of the names of the persons themselves."""
    evidence = NameEvidence.of(names)
    return {"names": evidence, "telling": telling_words(evidence.words)}


def _codes(residents: pl.DataFrame, *, structured: bool) -> dict[str, Any]:
    """Return the evidence beside names, by its names in `Evidence`."""
    verdict = residents["nik_verdict"]
    usable = verdict.is_in(["valid", "warning"])
    truncated = verdict == "suspect_truncated"
    nik = residents["nik_clean"]
    prefix = nik.str.slice(0, 15).set(~(usable | truncated) | (not structured), None)
    sex = residents["jenis_klmin_clean"]
    regions, region = distinct(residents["wilayah_clean"])
    birth = _days(residents["tgl_lhr_clean"])
    return {
        "row": residents["row"].to_numpy(),
        "source": residents["_source"].cast(pl.Int32).to_numpy()
        if "_source" in residents.columns
        else np.zeros(len(residents), np.int32),
        "birth": birth,
        "calendar": calendar_of(birth),
        "birth_default": _true(residents["birth_default"]) & structured,  # a habit of Indonesian registers
        "birth_from_nik": _true(residents["birth_from_nik"]),
        "sex": _true(sex == "L") + np.int8(2) * _true(sex == "P"),
        "nik": codes_of(nik.set(~usable, None)),
        "nik_prefix": codes_of(prefix),
        "nik_plain": _true(usable),
        "nik_truncated": _true(truncated),
        "nik_birth": _days(residents["nik_birth"]),
        "passed_check": _true(residents["passed_check"]),
        "kk": codes_of(residents["no_kk_clean"]),
        "skeleton": codes_of(residents["nama_skeleton"]),
        "mother": codes_of(residents["ibu_skeleton"]),
        "father": codes_of(residents["ayah_skeleton"]),
        "place": codes_of(residents["tmpt_lhr_clean"]),
        "region": codes_of(region_now(after_null(regions).str.slice(0, 6)))[region],
        "address": codes_of(residents["alamat_clean"]),
        "text": residents.select(TEXT),
        "structured": structured,
    }


def day_codes(days: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return day numbers as codes: never negative, -1 if missing (dates before 1970 are negative days)."""
    return np.where(days == NO_DAY, np.int32(-1), days + np.int32(FIRST_DAY))


def codes_of(text: pl.Series) -> Codes:
    """Return a non-negative 63-bit code per distinct text, -1 for null."""
    code = (text.hash(SEED).to_numpy() >> np.uint64(1)).view(np.int64)
    return np.where(text.is_null().to_numpy(), np.int64(-1), code)


def _days(dates: pl.Series) -> NDArray[np.int32]:
    return dates.to_physical().fill_null(int(NO_DAY)).cast(pl.Int32).to_numpy()


def _true(flags: pl.Series) -> NDArray[np.bool_]:
    return flags.fill_null(False).to_numpy()
