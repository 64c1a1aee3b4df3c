"""Region codes from region names: for extracts that say "Murung, Tanah Siang" where others hold 62.12.02.

A name counts only where it leads to one region: two kecamatan of one name in the regions it may lie in give
no code at all. Nothing is corrected or completed; a name that no table has gives the code of the larger
region around it, if that one is named too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import polars as pl

from nikdedup.residents.names import fold
from nikdedup.residents.places.birthplace import places_table
from nikdedup.residents.places.region_codes import load_regions

NAMES = ("prop_name", "kab_name", "kec_name", "kel_name")
"""Fields that hold names, from the largest region to the smallest."""

_LEVELS = ("province", "regency", "kecamatan", "village")
_WIDTHS = (2, 4, 6, 10)
_KIND = re.compile(r"^\W*(?:(KABUPATEN|KAB)|KOTA|KOTAMADYA|KODYA)\b[\s.:]*(?=[A-Z])")
_LABELS = (
    re.compile(r"^\W*(?:PROVINSI|PROPINSI|PROV|PROP)\b"),
    None,
    re.compile(r"^\W*(?:KECAMATAN|KEC|DISTRIK)\b"),
    re.compile(r"^\W*(?:DESA|KELURAHAN|KEL|KAMPUNG|NAGARI|GAMPONG)\b"),
)


def name_key(name: str, level: str) -> tuple[str, str]:
    """Return kind (KAB, KOTA or nothing) and letters of a region's name, without label, spaces and signs.

    >>> name_key("Kab. Murung Raya", "regency"), name_key("KEC. SEI BABUAT", "kecamatan")
    (('KAB', 'MURUNGRAYA'), ('', 'SUNGAIBABUAT'))
    >>> name_key("KOTABARU", "regency"), name_key("D.K.I. Jakarta", "province")
    (('', 'KOTABARU'), ('', 'DAERAHKHUSUSIBUKOTAJAKARTA'))
    """
    text, kind = fold(name).replace("'", ""), ""
    if level == "regency":
        if found := _KIND.match(text):
            kind, text = "KAB" if found[1] else "KOTA", text[found.end() :]
    elif label := _LABELS[_LEVELS.index(level)]:
        text = label.sub("", text)
    table = places_table()["region"]
    words = [table["words"].get(word, word) for word in re.findall(r"[A-Z0-9]+", text)]
    key = "".join(words)
    return kind, table["province"].get(key, key) if level == "province" else key


@dataclass(frozen=True, eq=False)
class _Index:
    """Codes of each name; those of a regency with their kind."""

    codes: tuple[dict[str, list[str]], ...]
    kinds: dict[str, str]


@lru_cache(maxsize=4)
def _index(extra: Path | None) -> _Index:
    """Return the codes in use today, by level and name."""
    codes: tuple[dict[str, list[str]], ...] = ({}, {}, {}, {})
    kinds = {}
    current = load_regions(extra).table.filter(pl.col("status") == "current", pl.col("name").is_not_null())
    for code, name, level in current.select("code", "name", "level").iter_rows():
        kind, key = name_key(name, level)
        codes[_LEVELS.index(level)].setdefault(key, []).append(code)
        if level == "regency":
            kinds[code] = kind
    return _Index(codes, kinds)


def code_of_names(names: Sequence[str | None], *, within: str = "", extra: Path | None = None) -> str | None:
    """Return the code that province, regency, kecamatan and village names lead to; None if to none or several.

    within: code known already, which the result begins with. extra: an office's own codes, see
    `load_regions`; villages are known through it alone.

    >>> code_of_names(["KALIMANTAN TENGAH", "MURUNG RAYA", "Tanah Siang", None])
    '621202'
    >>> code_of_names([None, None, "LAUNG TUHUP", None]), code_of_names([None, None, "KARANGANYAR", None])
    ('621203', None)
    >>> code_of_names([None, "Kab. Karanganyar", "KARANGANYAR", None])
    '331309'
    """
    index = _index(extra)
    around, found = [within], within
    for at, (name, level, width) in enumerate(zip(names, _LEVELS, _WIDTHS, strict=True)):
        if not name or width <= len(within) or (level == "village" and len(around[0]) < _WIDTHS[2]):
            continue
        kind, key = name_key(name, level)
        named = _within(index.codes[at].get(key, ()), around)
        if kind:
            named = [code for code in named if index.kinds[code] == kind] or named
            # KOTA BARU may be the regency Kotabaru.
            named = named or _within(index.codes[at].get(kind + key, ()), around)
        if not named:
            # What a region that no table has holds may be anywhere.
            break
        around = named
        found = named[0] if len(named) == 1 else found
    return found or None


def regencies_of(kecamatan: str, *, extra: Path | None = None) -> set[str]:
    """Return the regencies that have a kecamatan of this name today, as codes of 4 digits.

    Args:
        kecamatan: name of a kecamatan.
        extra: an office's own codes, see `load_regions`.

    Example:
        >>> regencies_of("Laung Tuhup"), regencies_of("Beriwit")
        ({'6212'}, set())
    """
    _, key = name_key(kecamatan, "kecamatan")
    return {code[:4] for code in _index(extra).codes[2].get(key, ())}


def _within(codes: Sequence[str], around: Sequence[str]) -> list[str]:
    return [code for code in codes if code.startswith(tuple(around))]


def complete(
    codes: pl.Series, frame: pl.DataFrame, *, home: str = "", extra: Path | None = None
) -> pl.Series:
    """Return region codes made longer where the names in the frame say more; a code there is stays its beginning.

    codes: n codes or null. frame: n rows with any of NAMES. home: province or regency of the office, in which
    a kecamatan is looked up whose regency and province the row does not name; empty for none. Each combination
    is read once.
    """
    columns = [name for name in NAMES if name in frame.columns]
    short = codes.is_null() | (
        codes.str.len_bytes() < (_WIDTHS[3] if "kel_name" in columns and extra else _WIDTHS[2])
    )
    rows = short.arg_true()
    if not columns or not len(rows):
        return codes
    asked = frame.select(columns)[rows].with_columns(codes.gather(rows).alias("code"))
    each = asked.unique(maintain_order=True)
    found = [
        _completed(line["code"], [line.get(name) for name in NAMES], home, extra)
        for line in each.iter_rows(named=True)
    ]
    each = each.with_columns(pl.Series("found", found, dtype=pl.String()))
    at = asked.join(each, on=asked.columns, how="left", nulls_equal=True, maintain_order="left")
    return codes.clone().scatter(rows, at["found"])


def _completed(code: str | None, names: Sequence[str | None], home: str, extra: Path | None) -> str | None:
    """Return the code that code and names give together."""
    begin = code or ("" if names[0] or names[1] else home)
    found = code_of_names(names, within=begin, extra=extra)
    return code if found == begin else found
