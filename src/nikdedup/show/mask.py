"""Identities as they may be shown on a screen or in a report (docs/contracts.md 6)."""

from __future__ import annotations

import re
from functools import cache

from nikdedup.masking import HIDDEN, ends_of, is_plain
from nikdedup.residents.places import load_regions


def mask_nik(text: str | None) -> str:
    """Return an id with its first 6 and last 2 characters, the rest hidden.

    A text of fewer than 12 characters would be nearly whole: it is hidden altogether, and so is one of other
    signs than digits, a name in the wrong column. Null and blank give an empty string.

    Args:
        text: as the extract has it; None and blank give an empty text.

    >>> mask_nik("6212014107609001")
    '621201••••••••01'
    >>> mask_nik("62120141")
    '••••••••'
    """
    text = (text or "").strip()
    if not re.fullmatch(r"\d[\d .\-]*", text, flags=re.ASCII):
        return mask_text(text)
    if len(text) < 12:
        return HIDDEN * len(text)
    return ends_of(text)


def mask_name(text: str | None) -> str:
    """Return the initials of a name.

    Args:
        text: as the extract has it; None and blank give an empty text.

    >>> mask_name("siti AMINAH binti H. Kasim")
    'S. A. B. H. K.'
    >>> mask_name(None)
    ''
    """
    words = re.findall(r"[^\W_]+", text or "")
    return " ".join(f"{word[0].upper()}." for word in words)


def mask_birth(text: str | None) -> str:
    """Return a date (yyyy-mm-dd) with day and month hidden; of a text that is none nothing stays.

    Args:
        text: as the extract has it; None and blank give an empty text.

    >>> mask_birth("1980-07-01"), mask_birth("1 Juli 80")
    ('••-••-1980', '•••')
    """
    return f"••-••-{text[:4]}" if text and re.match(r"\d{4}-\d\d-\d\d", text, re.ASCII) else mask_text(text)


def mask_state(text: str | None) -> str:
    """Return a code or a text of plain words as it is, any other hidden.

    >>> mask_state("L"), mask_state("SITI AMINAH")
    ('L', '•••')
    """
    return text or "" if is_plain(text or "") else mask_text(text)


def mask_place(text: str | None) -> str:
    """Return the name of a region as it is, any other hidden: it may be a hamlet, or no place at all.

    Args:
        text: as the extract has it; None and blank give an empty text.

    >>> mask_place("MURUNG RAYA"), mask_place("Tumbang Olong RT 3")
    ('MURUNG RAYA', '•••')
    """
    return text if text and " ".join(text.upper().split()) in _regions() else mask_text(text)


def mask_region(text: str | None) -> str:
    """Return the code of a region as it is, any other text hidden.

    >>> mask_region("6212012001"), mask_region("SITI AMINAH")
    ('6212012001', '•••')
    """
    return text if text and re.fullmatch(r"\d{2,10}", text, re.ASCII) else mask_text(text)


@cache
def _regions() -> frozenset[str]:
    """Return the names of all provinces, regencies and kecamatan in upper case, without what kind they are."""
    kind = re.compile(r"^(KABUPATEN|KOTA ADMINISTRASI|KOTA|PROVINSI) ")
    names = {name.upper() for name in load_regions().names.values()}
    return frozenset(names | {kind.sub("", name) for name in names})


def mask_text(text: str | None) -> str:
    """Return a fixed mark for any text that is present, so that not even its length shows.

    >>> mask_text("Jl. Merdeka 5"), mask_text(" ")
    ('•••', '')
    """
    return HIDDEN * 3 if text and text.strip() else ""
