"""Further columns of evidence: what an office has of its residents beside the fields of SIAK, in one writing."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import polars as pl

from nikdedup.columnar.distinct import map_distinct
from nikdedup.config import Config
from nikdedup.residents.damage import PARENTS, Readings
from nikdedup.residents.names import in_latin, says_nothing

_WORD = re.compile(r"[A-Z0-9]+")
_NOTHING = frozenset(
    ["NA", "NULL", "NONE", "NAN", "NIHIL", "KOSONG", "UNKNOWN", "TIDAKADA", "BELUMADA", "TDKADA", "X", "XXX"]
)
_LEAST_ID = 3
"""Signs of an id, at the least; a shorter one names nobody."""
_COUNTRY = "62"
"""Indonesia's number in front of telephone numbers, where a 0 stands at home."""
_LEAST_PHONE = 6
_POST = re.compile(r"([^@\s]+)@([^@\s]+\.[^@\s]+)")


def clean_further(texts: pl.Series, kind: str) -> pl.Series:
    """Return each text as it compares, null where it says nothing. kind: a value of `Config.further`.

    texts: n strings or null. Each distinct one is read once.

    >>> clean_further(pl.Series(["A-17/b", "0000", "-"]), "id").to_list()
    ['A17B', None, None]
    >>> clean_further(pl.Series(["+62 812-3456-789", "08123456789", "8123456789.0"]), "phone").to_list()
    ['8123456789', '8123456789', '8123456789']
    >>> clean_further(pl.Series([" Siti.A@Mail.Example ", "none"]), "email").to_list()
    ['siti.a@mail.example', None]
    """
    return map_distinct(texts.cast(pl.String), _READ[kind], pl.String())


def further_columns(readings: Readings, config: Config) -> dict[str, pl.Series]:
    """Return `<name>_clean` of each further column that an extract has.

    A parent's NIK that lost digits is no evidence.
    """
    found = {}
    for name, kind in config.further.items():
        if name not in readings.frame.columns:
            continue
        texts = readings.frame[name]
        if name in PARENTS and name in readings.parents:
            ids = readings.parents[name]
            sound = (ids.values > 0) & (ids.values % 10**4 > 0)
            texts = ids.digits.to_frame("x").select(pl.when(pl.Series(sound)).then("x"))["x"]
        found[f"{name}_clean"] = clean_further(texts, kind)
    return found


def without_damaged_parents(
    columns: dict[str, pl.Series], marked: dict[str, np.typing.NDArray[np.bool_]]
) -> None:
    """Take away the parents' NIKs of the rows of which the survey says that the column lost digits."""
    for code in ("parent_nik_truncated", "parent_nik_float_rounded"):
        if code in marked:
            for name in (f"{parent}_clean" for parent in PARENTS if f"{parent}_clean" in columns):
                sound = pl.Series(~marked[code])
                columns[name] = columns[name].to_frame("x").select(pl.when(sound).then("x"))["x"]


def _signs(text: str) -> str:
    return "".join(_WORD.findall(in_latin(text.strip().removesuffix(".0"))))


def _id(text: str) -> str | None:
    """Read an id: its letters and digits; none where they are one sign again and again, or too few."""
    signs = _signs(text)
    if len(signs) < _LEAST_ID or len(set(signs)) == 1 or signs in _NOTHING:
        return None
    return signs


def _phone(text: str) -> str | None:
    """Read a telephone number: its digits, without the country's number or the 0 in its place."""
    digits = "".join(sign for sign in text.strip().removesuffix(".0") if sign.isdecimal() and sign.isascii())
    home = digits.removeprefix(_COUNTRY) if len(digits) > _LEAST_PHONE + 4 else digits
    number = home.lstrip("0")
    return number if len(number) >= _LEAST_PHONE and len(set(number)) > 1 else None


def _email(text: str) -> str | None:
    found = _POST.fullmatch(text.strip().lower())
    return found[0] if found else None


def _text(text: str) -> str | None:
    words = _WORD.findall(in_latin(text))
    return " ".join(words) if words and "".join(words) not in _NOTHING and not says_nothing(words) else None


def _category(text: str) -> str | None:
    signs = _signs(text)
    return signs if signs and signs not in _NOTHING else None


_READ: dict[str, Callable[[str], str | None]] = {
    "id": _id,
    "parent_id": _id,
    "certificate": _id,
    "phone": _phone,
    "email": _email,
    "text": _text,
    "category": _category,
    "postcode": _category,
}
