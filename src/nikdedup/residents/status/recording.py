"""Recording status, life status, sex, marriage and relation: texts and codes put in classes.

The lists are data (data/statuses.toml). Texts are compared without case, spaces,
line breaks and punctuation. What is in no list is unknown, and counted.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np
import polars as pl

from nikdedup.columnar.distinct import distinct, map_distinct, spread
from nikdedup.config import Config

_BLANK = frozenset(["", "NULL", "NONE", "NAN", "NA", "TIDAKTAHU", "0"])


@lru_cache(maxsize=1)
def _lists() -> dict[str, Any]:
    text = resources.files("nikdedup").joinpath("data/statuses.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def key(text: str) -> str:
    r"""Return the letters and digits of a text in upper case; a float's `.0` is dropped.

    Args:
        text: a cell.

    Example:
        >>> key("Print_Ready\nRecord "), key("3.0"), key("Laki-laki")
        ('PRINTREADYRECORD', '3', 'LAKILAKI')
    """
    text = text.strip().removesuffix(".0")
    bare = "".join(c for c in text.upper() if c.isalnum())
    return bare.lstrip("0") or "0" if bare.isdigit() else bare


def list_of(group: str) -> dict[str, str]:
    """Return key -> value of one group of the lists: life, sex, marital, relation and others.

    Args:
        group: name of a group in data/statuses.toml.
    """
    return {key(text): value for value, texts in _lists()[group].items() for text in texts}


@lru_cache(maxsize=1)
def _recording() -> dict[str, str]:
    table = {}
    for entry in _lists()["recording"]:
        for text in (*entry["texts"], *entry.get("codes", ())):
            table[key(text)] = entry["class"]
    return table


@lru_cache(maxsize=1)
def _spellings() -> dict[str, str]:
    """Return short or misspelt word -> the word; the empty word is left out."""
    return {short: word for word, shorts in _lists()["words"].items() for short in shorts}


def spelled_out(text: str) -> str:
    """Return the key of a text with its short words in full, and KTP left out of it.

    >>> spelled_out("Sdh rkm"), spelled_out("blm perekaman KTP-el")
    ('SUDAHREKAM', 'BELUMREKAM')
    """
    words = re.findall(r"[A-Z0-9]+", re.sub(r"\bE?-?KTP(?:-?EL)?\b", " ", text.upper()))
    return key("".join(_spellings().get(word, word) for word in words))


@lru_cache(maxsize=1)
def _passed() -> frozenset[str]:
    return frozenset(entry["class"] for entry in _lists()["recording"] if entry.get("passed"))


@dataclass(frozen=True, eq=False)
class Recording:
    """What the recording status says; n rows each."""

    recorded: pl.Series
    """yes, no or unknown."""
    recording_class: pl.Series
    """One of schema.RECORDING_CLASSES."""
    passed_check: pl.Series
    """The status proves that the national 1:N check was passed; false where it does not."""
    unknown: dict[str, int]
    """Texts in no list, with the number of records; blank cells are not among them."""


def recording_class(text: str, *, own: Mapping[str, str] | None = None) -> str:
    """Return the recording class of one status text; `own` (any case) goes before the shipped lists.

    Args:
        text: a status.
        own: an office's texts -> class, any case; they go before the shipped lists.

    Example:
        >>> recording_class("CARD_ISSUED"), recording_class("Sent for enrollment"), recording_class("???")
        ('unique', 'captured', 'unknown')
    """
    mine = {key(text): value for text, value in (own or {}).items()}
    found = mine.get(key(text)) or _recording().get(key(text))
    return found or _recording().get(spelled_out(text), "unknown")


def read_recording(statuses: pl.Series, *, config: Config) -> Recording:
    """Return recorded, class and proof of the national check for each status text or code.

    `config.status` adds texts, `config.counts_as_recorded` says which classes count as recorded. Source: domain
    of the KTP-el life cycle, see data/statuses.toml.

    Args:
        statuses: n strings or null; null and texts in no list are unknown.
        config: settings of the run.
    """
    known, index = distinct(statuses)
    classes = ["unknown", *(recording_class(text, own=config.status) for text in known)]
    counts = np.bincount(index, minlength=len(classes)).tolist()
    unknown = {
        text: n
        for text, name, n in zip(known, classes[1:], counts[1:], strict=True)
        if name == "unknown" and key(text) not in _BLANK
    }
    counted = {name: "yes" if name in config.counts_as_recorded else "no" for name in classes} | {
        "unknown": "unknown"
    }
    return Recording(
        spread([counted[name] for name in classes], index, pl.String()),
        spread(classes, index, pl.String()),
        spread([name in _passed() for name in classes], index, pl.Boolean()),
        dict(sorted(unknown.items())),
    )


def life_texts(config: Config) -> dict[str, str]:
    """Return key of a status text -> one of LIFE; `config.life_status` goes before the shipped list.

    Numeric codes are in it only where it maps them: no list is public.
    """
    return list_of("life") | {key(text): value for text, value in config.life_status.items()}


def is_blank(text: str) -> bool:
    """Say whether a cell of a status holds nothing; 0 is a code.

    Args:
        text: a cell.

    Example:
        >>> is_blank(" - "), is_blank("0")
        (True, False)
    """
    return key(text) in _BLANK - {"0"}


def uses_english_sex(values: pl.Series) -> bool:
    """Return whether a column says M and F: it holds F, and no letter or word of the Indonesian lists.

    Args:
        values: n strings or null.

    Example:
        >>> uses_english_sex(pl.Series(["M", "F"])), uses_english_sex(pl.Series(["L", "P", "M"]))
        (True, False)
    """
    keys = {key(text) for text in distinct(values)[0]}
    return "F" in keys and not keys & list_of("sex").keys()


def read_sex(values: pl.Series, *, english: bool = False) -> pl.Series:
    """Return L, P or null per code or whole word; M and F only where `english` says that the file means them.

    Args:
        values: n strings or null.
        english: whether M and F are meant, see `uses_english_sex`.

    Example:
        >>> read_sex(pl.Series(["Pria", "P", "2", "M"])).to_list()
        ['L', 'P', 'P', None]
    """
    table = list_of("sex") | (list_of("sex_english") if english else {})
    return map_distinct(values, _meaning(table), pl.String())


def read_marital(values: pl.Series) -> pl.Series:
    """Return STAT_KWN 1 to 4 per code or text, null where unknown.

    Args:
        values: n strings or null.

    Example:
        >>> read_marital(pl.Series(["CERAI HIDUP", "BK", "2", "?"])).to_list()
        [3, 1, 2, None]
    """
    table = {text: int(code) for text, code in list_of("marital").items()}
    return map_distinct(values, _meaning(table), pl.UInt8())


def read_relation(values: pl.Series) -> pl.Series:
    """Return STAT_HBKEL 1 to 11 per code or text, null where unknown.

    Args:
        values: n strings or null.

    Example:
        >>> read_relation(pl.Series(["KEP. KELUARGA", "4", "Orang Tua"])).to_list()
        [1, 4, 7]
    """
    table = {text: int(code) for text, code in list_of("relation").items()}
    return map_distinct(values, _meaning(table), pl.UInt8())


def _meaning(table: Mapping[str, Any]) -> Callable[[str], Any]:
    return lambda text: table.get(key(text))


def of_age(reference_date: date, years: int) -> date:
    """Return the latest birth date of somebody who is `years` old on the reference date.

    Args:
        reference_date: date the extract speaks of.
        years: age in whole years.

    Example:
        >>> of_age(date(2024, 2, 29), 17)
        datetime.date(2007, 2, 28)
    """
    try:
        return reference_date.replace(year=reference_date.year - years)
    except ValueError:
        return date(reference_date.year - years, 2, 28)


def must_hold_ktp(
    birth: pl.Series,
    marital: pl.Series,
    *,
    citizenship: pl.Series | None = None,
    stated: pl.Series | None = None,
    reference_date: date | None,
    age: int = 17,
) -> pl.Series:
    """Return whether each resident must hold a KTP on the reference date; null where nothing tells.

    Source: UU 24/2013 art. 63(1): citizens and ITAP holders of 17, or married or ever married.

    Args:
        birth: dates or null.
        marital: STAT_KWN 1..4 or null.
        citizenship: texts of WARGANEGARA; ITAS holders need none.
        stated: what the file says, used only where birth and marriage are silent.
        reference_date: without it no age is known.
        age: from which on a KTP is held.
    """
    frame = pl.DataFrame({"birth": birth, "marital": marital})
    unknown = pl.lit(None, pl.Boolean)
    old_enough = unknown if reference_date is None else pl.col("birth") <= of_age(reference_date, age)
    married = (pl.col("marital") >= 2).fill_null(False)
    duty = frame.select(pl.when(married).then(True).otherwise(old_enough).alias("duty"))["duty"]
    if stated is not None and duty.null_count():
        table = list_of("duty")
        said = map_distinct(
            stated, lambda text: {"yes": True, "no": False}.get(table.get(key(text), "")), pl.Boolean()
        )
        duty = duty.fill_null(said)
    return duty if citizenship is None else duty & ~_foreign(citizenship)


KIA = ("kia_without_photo", "kia_with_photo")
"""A child's card: without a photo below 5, with one from 5 to the day before 17."""


def due_kia(
    birth: pl.Series,
    marital: pl.Series,
    *,
    citizenship: pl.Series | None = None,
    reference_date: date,
    age: int = 17,
) -> pl.Series:
    """Return one of KIA for each child who is to have a KIA on the reference date; null for anybody else.

    Source: Permendagri 2/2016.

    Args:
        birth: dates or null.
        marital: STAT_KWN 1..4 or null; who is or was married holds a KTP instead.
        citizenship: texts of WARGANEGARA; ITAS holders have none.
        reference_date: date the extract speaks of.
        age: that of the duty to hold a KTP.

    Example:
        >>> born = pl.Series([date(2022, 7, 1), date(2010, 1, 1), date(2009, 6, 30), None])
        >>> due_kia(born, pl.Series([1, 1, 1, 1]), reference_date=date(2026, 6, 30)).to_list()
        ['kia_without_photo', 'kia_with_photo', None, None]
    """
    frame = pl.DataFrame({"birth": birth, "marital": marital})
    small = pl.col("birth") > of_age(reference_date, 5)
    child = (pl.col("birth") > of_age(reference_date, age)) & (pl.col("birth") <= reference_date)
    child &= ~(pl.col("marital") >= 2).fill_null(False)
    kind = pl.when(small).then(pl.lit(KIA[0], pl.Enum(KIA))).otherwise(pl.lit(KIA[1], pl.Enum(KIA)))
    due = frame.select(pl.when(child).then(kind).alias("kia"))["kia"]
    if citizenship is None:
        return due
    return due.to_frame().select(pl.when(~_foreign(citizenship)).then("kia").alias("kia"))["kia"]


def _foreign(citizenship: pl.Series) -> pl.Series:
    """Return who is a foreigner without a permit to stay for good; false where nothing is said."""
    table = list_of("citizenship")
    found = map_distinct(citizenship, lambda text: table.get(key(text)) == "foreigner", pl.Boolean())
    return found.fill_null(False)
