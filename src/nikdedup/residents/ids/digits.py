"""Sixteen digits out of what a cell holds: the cleaning that NIK and No. KK share.

`clean_identifier` handles one text in plain Python and is the judge;
`clean_identifiers` does a column, and gives the same (a property test compares).
Nothing is guessed: letters that look like digits are proposed, never put in.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

REASONS = (
    "placeholder",
    "header",
    "scientific",
    "several",
    "float_rounded",
    "masked",
    "letters_for_digits",
    "letters",
    "length",
)
"""What `clean_identifier` may find, without the prefix (`nik_`, `kk_`) that the flag carries."""

EXACT_FLOAT = 2**53
"""Largest integer up to which every integer is a float: 9,007,199,254,740,992."""

_REPUNIT = 1_111_111_111_111_111
_KEYBOARD = 1_234_567_890_123_456

_SEPARATORS = r"[\s\p{Cf}\p{Zs}\p{Pd}'\"`´’‘“”._]+"
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d*)?[eE]\+?\d+")
_FLOAT_TAIL = re.compile(r"(\d{15,16})[.,]0+")
_SIXTEEN = re.compile(r"(?<!\d)\d{16}(?!\d)")
_QUOTES = "'\"`´’‘“”._"
_EDGES = " \t\r\n'\"`´’‘“”_\u00a0\u200b\ufeff"
_LOOKALIKE = str.maketrans("OoIilL|BSs", "0011111855")
_WORDS = frozenset(
    [
        "NULL",
        "NONE",
        "NAN",
        "NA",
        "N/A",
        "NIHIL",
        "KOSONG",
        "BELUMADA",
        "TIDAKADA",
        "TDKADA",
        "TIDAKTAHU",
        "TIDAKPUNYA",
        "BELUMPUNYA",
        "X",
        "XX",
        "XXX",
        "?",
        "#N/A",
        "#NULL!",
    ]
)
_HEADERS = frozenset(
    [
        "NIK",
        "NONIK",
        "NOMORNIK",
        "NIKKTP",
        "NOMORINDUKKEPENDUDUKAN",
        "NOKK",
        "NKK",
        "NOMORKK",
        "KK",
        "NOKARTUKELUARGA",
    ]
)


@dataclass(frozen=True)
class Cleaned:
    """One identifier after cleaning: its digits (of any number, or None), what was found, a proposal."""

    digits: str | None
    reasons: tuple[str, ...] = ()
    proposed: str | None = None


def _separator(char: str) -> bool:
    return char in _QUOTES or char.isspace() or unicodedata.category(char) in ("Cf", "Zs", "Pd")


def clean_identifier(text: str | None) -> Cleaned:
    """Return the digits of one cell, of any script, without separators and invisible characters.

    digits is None when the cell is blank, a placeholder, or holds anything but digits; a number of another
    length than 16 keeps its digits and the reason `length`.

    >>> clean_identifier("'62.1201 410760\u00a09001").digits
    '6212014107609001'
    >>> clean_identifier("6,21201E+15").reasons, clean_identifier("0").reasons
    (('scientific',), ('placeholder',))
    >>> clean_identifier("62120141O760900I")
    Cleaned(digits=None, reasons=('letters_for_digits',), proposed='6212014107609001')
    """
    if text is None:
        return Cleaned(None)
    plain = (
        text if text.isascii() else "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
    )
    bare = "".join(c for c in plain if not (_separator(c) and c not in ".-"))
    if not bare:
        return Cleaned(None)
    if _SCIENTIFIC.fullmatch(bare):
        return Cleaned(None, ("scientific",))
    if len(_SIXTEEN.findall(plain)) > 1:
        return Cleaned(None, ("several",))
    rounded: tuple[str, ...] = ()
    if tail := _FLOAT_TAIL.fullmatch(bare):
        bare = tail[1]
        rounded = ("float_rounded",) if int(bare) > EXACT_FLOAT else ()
    digits = "".join(c for c in bare if not _separator(c))
    if digits.isdigit():
        return _number(digits, rounded)
    return _no_number(digits)


def _number(digits: str, reasons: tuple[str, ...]) -> Cleaned:
    if len(set(digits)) == 1 or digits == str(_KEYBOARD):
        return Cleaned(None, ("placeholder",))
    return Cleaned(digits, reasons if len(digits) == 16 else (*reasons, "length"))


def _no_number(text: str) -> Cleaned:
    upper = text.upper()
    if upper in _HEADERS:
        return Cleaned(None, ("header",))
    if upper in _WORDS or not any(c.isalnum() for c in text):
        return Cleaned(None, ("placeholder",))
    digits = sum(c.isdigit() for c in text)
    if digits >= 4 and ("*" in text or "XX" in upper):
        return Cleaned(None, ("masked",))
    proposed = text.translate(_LOOKALIKE)
    if digits >= 8 and len(proposed) == 16 and proposed.isdigit():
        return Cleaned(None, ("letters_for_digits",), proposed)
    return Cleaned(None, ("letters",))


@dataclass(frozen=True, eq=False)
class Identifiers:
    """A column of identifiers after cleaning; n rows each."""

    digits: pl.Series
    """Digits of any number, null where none."""
    values: npt.NDArray[np.int64]
    """The number where it has 16 digits and no leading 0, else 0."""
    reasons: npt.NDArray[np.uint16]
    """Bit i set where REASONS[i] was found."""
    proposed: Mapping[int, str] = field(default_factory=dict)
    """Position -> proposal, where letters look like digits."""

    def found(self, reason: str) -> npt.NDArray[np.bool_]:
        """Return where `reason` was found."""
        where: npt.NDArray[np.bool_] = (self.reasons & _bit(reason)) != 0
        return where


def clean_identifiers(texts: pl.Series) -> Identifiers:
    """Return what `clean_identifier` says of each text.

    Clean numbers are recognised by length and value alone and are not touched; in the others separators are
    dropped column-wise; what is left is looked at once per distinct text.

    Args:
        texts: n strings or null.
    """
    texts = texts.alias("digits")
    values, clean = _sixteen(texts)
    reasons = np.zeros(len(texts), np.uint16)
    odd = np.flatnonzero(~clean & texts.is_not_null().to_numpy())
    if not len(odd):
        return Identifiers(texts, values, reasons)
    trimmed = texts.gather(odd).str.strip_chars(_EDGES)
    values[odd], trimmed_clean = _sixteen(trimmed)
    texts = texts.scatter(odd, trimmed)
    odd = odd[~trimmed_clean]
    if not len(odd):
        return Identifiers(texts, values, reasons)
    rest = texts.gather(odd)
    digits, reasons[odd] = _columnwise(rest)
    slow = np.flatnonzero(digits.is_null().to_numpy())
    digits, reasons[odd[slow]], proposed = _one_by_one(rest.gather(slow), digits, slow)
    values[odd] = _sixteen(digits)[0]
    texts = texts.scatter(odd, digits)
    return Identifiers(texts, values, reasons, {int(odd[i]): text for i, text in proposed.items()})


def _bit(reason: str) -> np.uint16:
    return np.uint16(1 << REASONS.index(reason))


def _sixteen(texts: pl.Series) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return the value, 0 if it has not 16 digits, and whether the text is a clean number.

    Sixteen bytes that read as an integer of 10^15 or more can hold nothing but digits.
    """
    numbers = texts.cast(pl.Int64, strict=False).fill_null(0).to_numpy()
    whole = (texts.str.len_bytes() == 16).fill_null(False).to_numpy() & (numbers >= 10**15)
    whole &= (numbers % _REPUNIT != 0) & (numbers != _KEYBOARD)
    return np.where(whole, numbers, 0), whole


def _columnwise(rest: pl.Series) -> tuple[pl.Series, npt.NDArray[np.uint16]]:
    """Return digits where dropping separators or a float's `.0` is all it takes, null elsewhere."""
    tail = rest.str.contains(r"[.,]0+[\s\p{Cf}\p{Zs}\p{Pd}'\"`´’‘“”_]*$")
    stripped = rest.str.replace_all(_SEPARATORS, "")
    floats = rest.str.extract(r"^([0-9]{15,16})[.,]0+$")
    digits = stripped.zip_with(~tail, floats)
    usual = digits.str.contains("^[0-9]{10,31}$") & (digits.str.strip_chars(digits.str.head(1)) != "")
    usual = (usual & (digits != str(_KEYBOARD))).fill_null(False)
    digits = digits.to_frame("digits").select(pl.when(usual).then("digits"))["digits"]
    reasons = np.where((digits.str.len_bytes() != 16).fill_null(False).to_numpy(), _bit("length"), 0)
    numbers = digits.cast(pl.Int64, strict=False).fill_null(0).to_numpy()
    inexact = (floats.is_not_null() & usual).to_numpy() & (numbers > EXACT_FLOAT)
    return digits, (reasons | np.where(inexact, _bit("float_rounded"), 0)).astype(np.uint16)


def _one_by_one(
    texts: pl.Series, digits: pl.Series, at: npt.NDArray[np.intp]
) -> tuple[pl.Series, npt.NDArray[np.uint16], dict[int, str]]:
    """Put in what `clean_identifier` says of `texts`, once per distinct one, at the positions `at`."""
    unique = texts.unique(maintain_order=True)
    known = [clean_identifier(text) for text in unique]
    if not len(unique):
        return digits, np.zeros(0, np.uint16), {}
    index = texts.replace_strict(unique, pl.Series(range(len(unique)), dtype=pl.UInt32)).to_numpy()
    masks = np.array([sum(int(_bit(r)) for r in k.reasons) for k in known], np.uint16)
    digits = digits.scatter(at, pl.Series([k.digits for k in known], dtype=pl.String()).gather(index))
    offers = np.array([k.proposed is not None for k in known], bool)[index]
    proposed = {int(at[i]): str(known[index[i]].proposed) for i in np.flatnonzero(offers)}
    return digits, masks[index], proposed
