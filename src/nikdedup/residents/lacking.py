"""What a run cannot know because no column of the extract says it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from nikdedup.residents.read import SourceInfo

NEEDED: dict[str, tuple[str, ...]] = {
    "no_nik": ("nik",),
    "no_birth": ("tgl_lhr", "ttl"),
    "no_status": ("ektp_status",),
    "no_mother": ("nama_lgkp_ibu",),
    "no_sex": ("jenis_klmin",),
    "no_card": ("no_kk",),
    "no_village": ("kel_name", "no_kel"),
}
"""Code -> fields of which a source needs one; the loss that costs most first."""


def costs(sources: Iterable[SourceInfo]) -> list[tuple[str, int]]:
    """Return each code of NEEDED that concerns a record, with the number of records whose source lacks the fields.

    Args:
        sources: files, sheets and frames of the extract.

    Example:
        >>> [code for code, _ in costs([SourceInfo("a.csv", None, 0, 2, {"nik": "text", "tgl_lhr": "text"}, "", [])])]
        ['no_status', 'no_mother', 'no_sex', 'no_card', 'no_village']
    """
    sources = list(sources)
    rows = {code: sum(s.rows for s in sources if _lacks(s.column_types, code)) for code in NEEDED}
    return [(code, n) for code, n in rows.items() if n]


BLANK: dict[str, tuple[str, float]] = {
    "blank_nik": ("nik", 0.5),
    "blank_mother": ("nama_lgkp_ibu", 0.5),
    "blank_sex": ("jenis_klmin", 0.5),
    "blank_card": ("no_kk", 0.2),
}
"""Code -> field, and the share of records without it above which the code holds."""


def blanks(mapping: Collection[str], missing: Mapping[str, int], records: int) -> list[tuple[str, int]]:
    """Return each code of BLANK that holds, with the number of records without the field.

    Args:
        mapping: fields that the extract has columns for.
        missing: field -> records without it.
        records: number of records.

    Example:
        >>> blanks(["nik", "no_kk"], {"nik": 0, "no_kk": 40}, 100)
        [('blank_card', 40)]
    """
    return [
        (code, missing[name])
        for code, (name, share) in BLANK.items()
        if name in mapping and missing[name] > share * records
    ]


def _lacks(fields: Mapping[str, str], code: str) -> bool:
    return not fields.keys() & set(NEEDED[code])
