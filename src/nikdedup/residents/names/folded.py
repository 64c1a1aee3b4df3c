"""Letters of any keyboard as one: accents and signs without width go, quotes and hyphens are those of ASCII."""

from __future__ import annotations

import unicodedata

_FOLDED = str.maketrans(
    {
        "Ø": "O",
        "Æ": "AE",
        "Œ": "OE",
        "ß": "SS",
        "Ł": "L",
        "Đ": "D",
        "\u2026": "...",
        "\u2018": "'",
        "\u2019": "'",
    }
    | {"`": "'", "\u00b4": "'", "\u02bc": "'", "\u2010": "-", "\u2011": "-", "\u2013": "-", "\u2014": "-"}
)


def fold(text: str) -> str:
    """Return `text` in upper-case ASCII where letters have an ASCII base; other letters stay.

    Args:
        text: any text.

    Example:
        >>> fold("Ma'ruf Amín")
        "MA'RUF AMIN"
    """
    upper = text.upper()
    if upper.isascii():
        return upper.replace("`", "'")
    parts = unicodedata.normalize("NFKD", upper.translate(_FOLDED))
    # Accents, and signs without width that spreadsheets and web pages leave behind.
    return "".join([sign for sign in parts if unicodedata.category(sign) not in ("Mn", "Cf")]).upper()
