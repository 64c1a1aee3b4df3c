"""What the cells of a column look like: of which fields they may be, and of which they are without a doubt.

Looked at are the different texts among the first rows, and only of columns that headers leave open.
Recognising is conservative: numbers alone are no codes, and a date is one of birth only where the NIKs
of the same rows say so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import polars as pl

from nikdedup.residents.dates import parse_date
from nikdedup.residents.read.tables import Table, as_text
from nikdedup.residents.status import is_blank, key, list_of, recording_class

LOOKED_AT, TEXTS = 20_000, 1_000
"""Rows looked at, and different texts among them."""
MOST = 0.8
"""Share of the filled cells that must be of one kind."""

_ANY_DAY = date(2026, 12, 31)
"""Dates are only told from other texts here; their century does not matter."""
_NUMBER = re.compile(r"\D{0,2}(\d{6})([0-7]\d)([01]\d)(\d\d)(\d{4})\D{0,2}")
_RT_RW = re.compile(r"\W*(?:RT)?\W*\d{1,3}\s*/\s*(?:RW)?\W*\d{1,3}\W*", re.IGNORECASE)
_NAME = re.compile(r"[^\W\d_][^\d:;=<>]{1,59}")
_STRONG = {
    "ektp_status": re.compile(r"REK|RKM|RECORD|CARD|KTP|ENROL|CAPTUR|CENTRAL|ADJUDICATE|PRINT|SFE|PRR|EFAC"),
    "flag_status": re.compile(r"HIDUP|MATI|MENINGGAL|WAFAT|PINDAH|ALMARHUM|DEAD|MOVED|DECEASED"),
    "stat_kwn": re.compile(r"KAWIN|NIKAH|CERAI|LAJANG|JANDA|DUDA"),
    "stat_hbkel": re.compile(r"KELUARGA|ISTRI|ISTERI|ANAK|CUCU|MENANTU|FAMILI|MERTUA|ORANGTUA"),
    "jenis_klmin": re.compile(r"LAKI|PEREMPUAN|WANITA|PRIA"),
}
"""Words that leave no doubt; letters and words such as SUDAH may be said of many things."""


@dataclass(frozen=True)
class Look:
    """What was seen in a column.

    filled: cells that hold something. alone: fields of which the cells are, whatever the header says.
    may: fields of which they may be, if the header says so too. both: recording and life status in one column.
    """

    filled: int
    alone: frozenset[str] = frozenset()
    may: frozenset[str] = frozenset()
    both: bool = False


def look_at_columns(table: Table, places: Sequence[int], nik: int | None) -> dict[int, Look]:
    """Return what is seen at each of some positions of a table. nik: position of the NIK, if there is one."""
    dtypes = table.frame.collect_schema()
    asked = [*places, *([nik] if nik is not None else [])]
    sample = (
        table.frame.head(LOOKED_AT)
        .select(
            as_text(table.columns[i], dtypes[table.columns[i]], table.headers[i], table.where).alias(str(i))
            for i in dict.fromkeys(asked)
            if not dtypes[table.columns[i]].is_nested() and dtypes[table.columns[i]] != pl.Object
        )
        .collect()
    )
    niks = sample[str(nik)] if nik is not None and str(nik) in sample.columns else None
    return {i: _look(sample[str(i)], niks) if str(i) in sample.columns else Look(0) for i in places}


def _look(cells: pl.Series, niks: pl.Series | None) -> Look:
    counted = cells.drop_nulls().value_counts(sort=True).head(TEXTS)
    texts = {text: n for text, n in counted.iter_rows() if not is_blank(text)}
    filled = sum(texts.values())
    if not filled:
        return Look(0)

    def share(found: Iterable[str]) -> float:
        return float(sum(texts[text] for text in found) / filled)

    words = {name: [t for t in texts if _is_of(name, t)] for name in _STRONG}
    strong = {
        name: [t for t in found if _STRONG[name].search(key(t)) and not key(t).isdigit()]
        for name, found in words.items()
    }
    best = max(map(share, words.values()))
    may = {name for name, found in words.items() if share(found) >= max(MOST, best)}
    alone = {name for name in may if share(strong[name]) >= MOST / 2}
    keys = {key(text) for text in texts}
    if keys == {"L", "P"}:
        alone.add("jenis_klmin")
    recording, life = set(words["ektp_status"]), set(strong["flag_status"])
    both = bool(strong["ektp_status"] and life) and share(recording | life) >= MOST
    alone |= {"ektp_status"} if both else set()
    numbers = [found for text in texts if (found := _NUMBER.fullmatch(text.strip()))]
    if share(found.string for found in numbers if found.string in texts) >= MOST:
        alone_as, may_be = _number_fields(numbers)
        alone, may = alone | alone_as, may | may_be
    elif share(t for t in texts if _RT_RW.fullmatch(t)) >= MOST:
        alone.add("rt_rw")
    elif share(t for t in texts if _day(t) is not None) >= MOST:
        field = "ttl" if share(t for t in texts if re.match(r"[^\W\d]+[^\d]*,", t)) >= MOST / 2 else "tgl_lhr"
        same = _share_of_birth_dates(cells, niks) if niks is not None else None
        may |= {field} if same is None or same > 0.5 else set()
        alone |= {field} if same is not None and same > 0.5 else set()
    elif (
        not alone
        and share(t for t in texts if _NAME.fullmatch(t.strip())) >= MOST
        and len(texts) > filled / 4
    ):
        may |= {"nama_lgkp", "nama_lgkp_ibu", "nama_lgkp_ayah"}
    return Look(filled, frozenset(alone), frozenset(may | alone), both)


def _is_of(field: str, text: str) -> bool:
    """Say whether a list of the registry has a text; a number alone is a code of anything."""
    if key(text).isdigit():
        return False
    if field == "ektp_status":
        return recording_class(text) != "unknown"
    return key(text) in _listed(field)


@cache
def _listed(field: str) -> frozenset[str]:
    groups = {"flag_status": "life", "stat_kwn": "marital", "stat_hbkel": "relation", "jenis_klmin": "sex"}
    return frozenset(list_of(groups[field]))


def _number_fields(numbers: Sequence[re.Match[str]]) -> tuple[set[str], set[str]]:
    """Return what numbers of 16 digits are without a doubt, and what they may be.

    Days from 41 on are women's: the residents' own NIKs have both, those of mothers or fathers one, cards none.
    """
    women = sum(found[2] > "40" for found in numbers)
    if women and women < len(numbers):
        return {"nik"}, {"nik"}
    return set(), {"nik"} if women else {"nik", "no_kk"}


def _day(text: str) -> date | None:
    if sum(sign.isdigit() for sign in text) < 5:
        return None
    return parse_date(text, reference_date=_ANY_DAY).value


def _share_of_birth_dates(cells: pl.Series, niks: pl.Series) -> float | None:
    """Return how many of the dates are those in the NIKs of their rows, as a share; None where nothing compares."""
    compared = agreed = 0
    pairs = pl.DataFrame({"cell": cells, "nik": niks}).drop_nulls().head(TEXTS)
    for cell, nik in pairs.iter_rows():
        day, found = _day(cell), _NUMBER.search(nik)
        if day is None or found is None:
            continue
        compared += 1
        own = (int(found[2]) % 40, int(found[3]), int(found[4]))
        agreed += own == (day.day, day.month, day.year % 100)
    return agreed / compared if compared else None
