"""What was compared: the values of two records side by side, masked unless asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from nikdedup.show import numbers
from nikdedup.show.mask import mask_birth, mask_name, mask_nik, mask_place, mask_region, mask_state, mask_text
from nikdedup.show.texts import say

Row = dict[str, Any]

PARTS: dict[str, tuple[str, ...]] = {
    "name": ("nama_lgkp",),
    "nik_birth_sex": ("nik", "tgl_lhr", "jenis_klmin"),
    "mother": ("nama_lgkp_ibu",),
    "father": ("nama_lgkp_ayah",),
    "kk": ("no_kk",),
    "place": ("tmpt_lhr",),
    "address": ("alamat", "rt_rw", "wilayah"),
}
"""Field of schema.LEVELS -> the SIAK fields it looks at."""


MASKS: dict[str, Callable[[str | None], str]] = {
    "nama_lgkp": mask_name,
    "nik": mask_nik,
    "tgl_lhr": mask_birth,
    "jenis_klmin": mask_state,
    "nama_lgkp_ibu": mask_name,
    "nama_lgkp_ayah": mask_name,
    "no_kk": mask_nik,
    "tmpt_lhr": mask_place,
    "alamat": mask_text,
    "rt_rw": mask_text,
    "wilayah": mask_region,
}


@dataclass(frozen=True)
class Compared:
    """One SIAK field of two records as shown: `a`, `b` and, in words, where they differ."""

    part: str
    a: str
    b: str
    note: str = ""


def compared(field: str, a: Row, b: Row, *, show_identities: bool, lang: str) -> list[Compared]:
    """Return the values behind one field of schema.LEVELS, or a further column; parts missing on both are left out.

    The notes name digits and date parts that differ by position only, so that a
    masked pair can still be judged and nothing is given away.
    """
    found = []
    for part in PARTS.get(field, (field,)):
        left, right = value(a, part), value(b, part)
        if left or right:
            shown = (text_of(left, part, show_identities, lang), text_of(right, part, show_identities, lang))
            found.append(Compared(part, *shown, note=note_of(part, left, right, lang)))
    return found


def value(row: Row, part: str) -> str:
    """Return the clean text of a part, the original where there is no clean one, else ""."""
    if part == "rt_rw":
        rt, rw = row.get("no_rt_clean"), row.get("no_rw_clean")
        return f"{rt or '-'}/{rw or '-'}" if rt or rw else ""
    for name in (f"{part}_clean", part):
        if row.get(name) is not None:
            found = row[name]
            return found.isoformat() if isinstance(found, date) else str(found).strip()
    return ""


def text_of(text: str, part: str, show_identities: bool, lang: str) -> str:
    """Return a part as it may be shown."""
    if not show_identities:
        return MASKS.get(part, mask_text)(text)
    if part == "tgl_lhr" and _iso(text):
        return numbers.day(text, lang)
    return text


def _iso(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def note_of(part: str, a: str, b: str, lang: str) -> str:
    """Return in which digits, or parts of a date, two values differ; "" where that says nothing."""
    if not a or not b or a == b:
        return ""
    if part in ("nik", "no_kk") and len(a) == len(b):
        differing = [str(i) for i, (x, y) in enumerate(zip(a, b, strict=True), start=1) if x != y]
        return say("explain.digits", lang, which=", ".join(differing)) if len(differing) <= 4 else ""
    if part == "tgl_lhr" and _iso(a) and _iso(b):
        return _date_note(date.fromisoformat(a), date.fromisoformat(b), lang)
    return ""


def _date_note(a: date, b: date, lang: str) -> str:
    if (a.year, a.month, a.day) == (b.year, b.day, b.month):
        return say("explain.swapped", lang)
    differing = [
        say(f"explain.{unit}", lang)
        for unit in ("day", "month", "year")
        if getattr(a, unit) != getattr(b, unit)
    ]
    return say("explain.date_parts", lang, which=", ".join(differing))
