"""One person asked about: whatever is said of them says something, else the answer would be about somebody else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from nikdedup.errors import ConfigError, argument
from nikdedup.nightly.lookup import Lookup


@dataclass(frozen=True)
class _Told:
    """What can be said of a person. columns: those that hold it once it is understood, one of them at least."""

    header: str
    columns: tuple[str, ...]
    fault: str
    allowed: str


_NAME = "holds no name", "a name in letters"
SAID = {
    "nama": _Told("NAMA_LGKP", ("nama_lgkp_clean",), *_NAME),
    "nik": _Told("NIK", ("nik_clean",), "is no NIK as they are issued", "its 16 digits"),
    "no_kk": _Told("NO_KK", ("no_kk_clean",), "is no number of a family card", "its 16 digits"),
    "tgl_lhr": _Told(
        "TGL_LHR", ("tgl_lhr_clean",), "is no date", "such as 17-08-1990, or the year alone where only that is known"
    ),
    "tmpt_lhr": _Told("TMPT_LHR", ("tmpt_lhr_clean",), "holds no place", "the name of a place"),
    "jenis_klmin": _Told("JENIS_KLMIN", ("jenis_klmin_clean",), "is no sex", "L or P"),
    "nama_ibu": _Told("NAMA_LGKP_IBU", ("nama_lgkp_ibu_clean",), *_NAME),
    "nama_ayah": _Told("NAMA_LGKP_AYAH", ("nama_lgkp_ayah_clean",), *_NAME),
    "alamat": _Told("ALAMAT", ("alamat_clean", "no_rt_clean", "no_rw_clean"), "holds no address", "an address"),
}  # fmt: skip
"""What can be said of a person, by the names of arguments."""
_UNUSABLE = ("invalid", "suspect_truncated")
"""Verdicts on a NIK by which nobody is found."""
_NO_DATE = frozenset(["birth_impossible", "birth_unreadable"])
_READ_OTHERWISE = frozenset(["birth_partial", "birth_two_digit_year", "birth_month_first"])
"""Flags of dates that mean another day, or less than a day, than what is written says by itself."""


@dataclass(frozen=True)
class Question:
    """One person asked about.

    residents: one row, as `Lookup.understood` returns it. birth: date of birth that is searched for, `?` where a part
    of it is not known; None where it is the one that was said, or none was.
    """

    residents: pl.DataFrame
    birth: str | None

    @classmethod
    def of(cls, lookup: Lookup, said: Mapping[str, str]) -> Question:
        """Return the person asked about, as the newest night understands people.

        Args:
            lookup: the night that is asked.
            said: name of SAID -> text, as it is written; nama or nik at least.

        Raises:
            ConfigError: for what says nothing; it shows none of the texts.
        """
        # A terminal in another encoding hands over halves of signs.
        said = {name: text.encode("utf-8", "replace").decode() for name, text in said.items()}
        for name, text in said.items():
            if not text.strip():
                raise _fault(name)
        cells = {"NAMA_LGKP": None} | {SAID[name].header: text for name, text in said.items()}
        residents = lookup.understood(pl.DataFrame([cells], schema=dict.fromkeys(cells, pl.String)))
        known = residents.row(0, named=True)
        for name in said:
            empty = all(known[column] is None for column in SAID[name].columns)
            unusable = name == "nik" and known["nik_verdict"] in _UNUSABLE
            if name != "tgl_lhr" and (empty or unusable):
                raise _fault(name)
        return cls(residents, _birth(known, lookup) if "tgl_lhr" in said else None)


def _fault(name: str) -> ConfigError:
    return ConfigError(f"{argument(name)} {SAID[name].fault}; allowed: {SAID[name].allowed}")


def _birth(known: dict[str, Any], lookup: Lookup) -> str | None:
    """Return the date of birth as `Question.birth` has it; ConfigError where the text is no date."""
    flags = set(known["flags"])
    if "birth_in_future" in flags:
        raise ConfigError(
            f"{argument('tgl_lhr')} is after {lookup.record.day}, the day of the newest night; allowed: a date up to it"
        )
    parts = known["birth_known"]
    if flags & _NO_DATE or (known["tgl_lhr_clean"] is None and not parts):
        raise _fault("tgl_lhr")
    if not flags & _READ_OTHERWISE:
        return None
    if known["tgl_lhr_clean"] is not None:
        return f"{known['tgl_lhr_clean']:%d-%m-%Y}"
    year, month, day = parts >> 9, parts >> 5 & 15, parts & 31
    return f"{day or '??':>02}-{month or '??':>02}-{year or '????'}"
