"""Identities as they may be shown on a screen or in a report (contracts.md 6)."""

from __future__ import annotations

import re

from nikdedup.masking import HIDDEN


def mask_nik(text: str | None) -> str:
    """Return an id with its first 6 and last 2 characters, the rest hidden.

    A text of fewer than 12 characters would be nearly whole: it is hidden
    altogether. Null and blank give an empty string.

    >>> mask_nik("6212014107609001")
    '621201••••••••01'
    >>> mask_nik("62120141")
    '••••••••'
    """
    text = (text or "").strip()
    if len(text) < 12:
        return HIDDEN * len(text)
    return text[:6] + HIDDEN * (len(text) - 8) + text[-2:]


def mask_name(text: str | None) -> str:
    """Return the initials of a name.

    >>> mask_name("siti AMINAH binti H. Kasim")
    'S. A. B. H. K.'
    >>> mask_name(None)
    ''
    """
    words = re.findall(r"[^\W_]+", text or "")
    return " ".join(f"{word[0].upper()}." for word in words)


def mask_birth(text: str | None) -> str:
    """Return a date (yyyy-mm-dd) with day and month hidden.

    >>> mask_birth("1980-07-01")
    '••-••-1980'
    """
    return f"••-••-{text[:4]}" if text else ""


def mask_text(text: str | None) -> str:
    """Return a fixed mark for any text that is present, so that not even its length shows.

    >>> mask_text("Jl. Merdeka 5"), mask_text(" ")
    ('•••', '')
    """
    return HIDDEN * 3 if text and text.strip() else ""
