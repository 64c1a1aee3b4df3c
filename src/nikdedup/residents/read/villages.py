"""Village, kecamatan and larger regions that no column tells: from titles, sheet names and group rows.

An office's list has one sheet per village, the village in a title, or a row "DESA X" above its residents.
What has a label ("DESA : X", "Kec. Y") is taken at its word; a sheet's bare name only where the workbook has
several sheets of residents and every name of them could be that of a place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath

import polars as pl

from nikdedup.residents.read.wording import column_lists

LEVELS = {
    "prop_name": ("prop_name", "no_prop"),
    "kab_name": ("kab_name", "no_kab"),
    "kec_name": ("kec_name", "no_kec"),
    "kel_name": ("kel_name", "no_kel"),
}
"""Field of a name -> fields that tell the same; the largest region first."""

_LABELS = {
    "prop_name": r"PROVINSI|PROPINSI|PROV|PROP",
    "kab_name": r"KABUPATEN(?:\s*/\s*KOTA)?|KAB",
    "kec_name": r"KECAMATAN|KEC|DISTRIK",
    "kel_name": r"(?:DESA|KELURAHAN|KEL|DS)(?:\s*/\s*(?:DESA|KELURAHAN|KEL))?|NAGARI|GAMPONG",
}
Names = dict[str, str | None]
"""Field of LEVELS -> the name that a row gives, None for none."""
_LABEL = re.compile(
    r"(?<![\w/])(?:"
    + "|".join(f"(?P<{name}>{words})" for name, words in _LABELS.items())
    + r")(?![\w/])\s*\.?\s*[:=]?\s*"
)
_NAME = re.compile(r"[A-Z][A-Z.'`’ -]*")
_LETTERS = 3
"""Letters of a bare sheet name, at the least."""


def regions_in(text: str) -> dict[str, str]:
    """Return field -> name for the regions that a text labels; nothing for labels without a name.

    >>> regions_in("DESA : Muara Joloi I  KECAMATAN : Seribu Riam")
    {'kel_name': 'MUARA JOLOI I', 'kec_name': 'SERIBU RIAM'}
    >>> regions_in("DAFTAR BELUM REKAM KTP-EL PER DESA"), regions_in("Kepala Desa Beriwit,")
    ({}, {})
    """
    upper = " ".join(text.upper().split())
    labels = list(_LABEL.finditer(upper))
    found: dict[str, str] = {}
    for label, following in zip(labels, [*labels[1:], None], strict=False):
        if set(re.findall(r"[A-Z]+", upper[: label.start()])[-1:]) & _words("before_no_place"):
            continue
        end = following.start() if following else len(upper)
        name = _name(upper[label.end() : end])
        if name and label.lastgroup:
            found.setdefault(label.lastgroup, name)
    return found


def _name(text: str) -> str:
    """Return the words of a name up to one that belongs to no name."""
    match = _NAME.match(text)
    words = []
    for word in match[0].split() if match else []:
        if word.strip(".-'") in _words("no_place"):
            break
        words.append(word)
    return " ".join(words).strip(" .-'")


def _words(group: str) -> set[str]:
    return set(column_lists()["places"][group])


def regions_of_sheets(names: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return sheet -> field -> name, for the sheets of residents of one workbook.

    >>> regions_of_sheets(["Desa Beriwit", "Data"]), regions_of_sheets(["01 BERIWIT", "02 BAHITOM"])["02 BAHITOM"]
    ({'Desa Beriwit': {'kel_name': 'BERIWIT'}, 'Data': {}}, {'kel_name': 'BAHITOM'})
    """
    labelled = {name: regions_in(name.replace("_", " ")) for name in names}
    bare = {name: _bare(name) for name in names}
    if any(labelled.values()) or len(names) < 2 or not all(bare.values()):
        return labelled
    level = "kec_name" if _are_kecamatan(bare.values()) else "kel_name"
    return {name: {level: text} for name, text in bare.items()}


def _bare(name: str) -> str:
    """Return a sheet's name without numbers in front, empty where it is that of no place."""
    text = re.sub(r"^\W*\d*[\W_]*", "", " ".join(name.upper().replace("_", " ").split()))
    words = text.split()
    is_name = _NAME.fullmatch(text) and sum(sign.isalpha() for sign in text) >= _LETTERS
    return text if is_name and not set(words) & (_words("no_place") | _words("no_bare_place")) else ""


def _are_kecamatan(names: Iterable[str]) -> bool:
    """Say whether all names are kecamatan of one regency."""
    from nikdedup.residents.places import regencies_of

    found = [regencies_of(name) for name in names]
    return bool(set.intersection(*found)) if found else False


def regions_around(titles: Iterable[str], sheet: Mapping[str, str], file: str) -> dict[str, tuple[str, str]]:
    """Return field -> name and what told it (`columns.HOW`), for all records of a table.

    titles: texts above the header. sheet: what the sheet's name tells. file: name of the file.
    """
    found: dict[str, tuple[str, str]] = {}
    texts = [*((regions_in(title), "title") for title in titles), (sheet, "sheet_name")]
    stem = re.sub(r"[_\W]+", " ", PurePath(file).name.split(".")[0])
    for told, how in (*texts, (regions_in(stem), "file_name")):
        for name, text in told.items():
            found.setdefault(name, (text, how))
    return found


def with_places(
    fields: pl.DataFrame,
    rows: pl.Series,
    groups: pl.DataFrame,
    around: Mapping[str, tuple[str, str]],
) -> tuple[pl.DataFrame, dict[str, str]]:
    """Return the records with the names that no column of theirs tells, and field -> what told it.

    fields: the records. rows: their positions in the table, sorted. groups: as `regions_of_group_rows` gives them.
    """
    above = rows.alias("index").to_frame().join_asof(groups, on="index") if groups.height else None
    told: dict[str, str] = {}
    for name, same in LEVELS.items():
        if set(same) & set(fields.columns):
            continue
        text, how = around.get(name, (None, ""))
        names = pl.Series(name, [text], dtype=pl.String).new_from_index(0, len(rows))
        if above is not None and above[name].count():
            names, how = above[name].fill_null(text) if text else above[name], "group_row"
        if names.count():
            fields, told[name] = fields.with_columns(names.alias(name)), how
    return fields, told


def regions_of_group_rows(texts: pl.DataFrame, above: Names | None = None) -> pl.DataFrame:
    """Return, for every row of a table, the names that the last group row above it gives.

    texts: `index` and `text` of rows that may be group rows, in order. above: what the last group row gives of those
    above the table, as the last line of an earlier answer has it; none if not given. A new kecamatan ends the village
    of the one before it.
    """
    state: Names = dict(above or {})
    lines = [(0, *(state.get(name) for name in LEVELS))] if state else []
    for index, text in texts.iter_rows():
        found = regions_in(text)
        levels = list(LEVELS)
        if found:
            largest = min(levels.index(name) for name in found)
            state = {
                name: state.get(name) if i < largest else found.get(name) for i, name in enumerate(levels)
            }
            lines.append((index, *(state[name] for name in levels)))
    return pl.DataFrame(lines, schema={"index": pl.UInt32, **dict.fromkeys(LEVELS, pl.String)}, orient="row")
