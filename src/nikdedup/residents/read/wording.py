"""What the text of a header says: its field, with or without a note, or words that hint at one.

The lists are data (data/columns.toml). Headers are compared without case, punctuation, spaces and diacritics.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from nikdedup.schema import FIELDS

_MARKUP = re.compile(r"</?\w+\s*/?>|_x000[dDaA]_")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}")
_NOTES = re.compile(
    r"(?i)\*+\)?|\b\d{1,2}\)|[¹²³]|\b\d{2} (?:digit|angka)\b|\b(?:wajib|harap|mohon)(?: di ?isi)?\b|\bformat\b"
    r"|\b(?:dd|hh|tgl)\W?(?:mm|bb|bln)\W?(?:yyyy|tttt|thn|yy|tt)\b|\byyyy\Wmm\Wdd\b|\bsesuai (?:ktp|kk|akta)\b"
)
_SAID_OF_A_PAPER = re.compile(r"(?i)\b(?:sesuai|menurut|sesuai dengan|di|pada) +(?:e?-?ktp|kk|akta|akte)\b")


@lru_cache(1 << 14)
def header_key(header: str) -> str:
    """Return the form in which headers are compared: letters and digits, upper case.

    >>> header_key(" Gol. Darah "), header_key("NO_KK"), header_key("L/P")
    ('GOLDARAH', 'NOKK', 'LP')
    """
    plain = unicodedata.normalize("NFKD", header).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Z0-9]", "", plain.upper())


@cache
def column_lists() -> dict[str, Any]:
    """Return data/columns.toml: the headers of each field, and the words that headers are understood by."""
    text = files("nikdedup").joinpath("data/columns.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def variants() -> dict[str, list[str]]:
    """Return field -> headers it is known by, its own name first; fields in the order of `schema.FIELDS`."""
    return {field: [field.upper(), *column_lists()[field]] for field in FIELDS}


@cache
def field_of_key() -> dict[str, str]:
    """Return header key -> the one field it means."""
    return {header_key(header): field for field, headers in variants().items() for header in headers}


def field_named(header: str, known: Mapping[str, str]) -> str | None:
    """Return the field a header means, whole or without the note behind it; None where it means none.

    known: header key -> field. A note that tells of another person, place or event is no note.

    >>> [field_named(h, field_of_key()) for h in ("NIK (16 digit)", "Tgl Lahir *) dd/mm/yyyy", "Nama (Suami)")]
    ['nik', 'tgl_lhr', None]
    """
    return known.get(header_key(header)) or known.get(header_key(without_note(header)))


def one_line(header: str) -> str:
    """Return the header with line breaks and runs of spaces made one space."""
    return " ".join(header.split())


@cache
def without_note(header: str) -> str:
    """Return a header without mark-up and notes: brackets, asterisks, footnote numbers, forms of dates.

    >>> without_note("NAMA<br>LENGKAP*"), without_note("NIK 1)"), without_note("Nama (Ibu)")
    ('NAMA LENGKAP', 'NIK', 'Nama (Ibu)')
    """
    text = _SAID_OF_A_PAPER.sub(" ", _MARKUP.sub(" ", header))
    bare = _BRACKETS.sub(" ", text)
    own: set[str] = set(column_lists()["words"]["notes"].get(field_of_key().get(header_key(bare), ""), ()))
    if _words(" ".join(_BRACKETS.findall(text))) & (_elsewhere() - own):
        return one_line(text)
    return one_line(_NOTES.sub(" ", bare if header_key(bare) else text)).strip(" *:;.,-()[]{}")


def hinted(header: str) -> set[str]:
    """Return the fields whose words stand in a header that names no other person, place or event.

    >>> sorted(hinted("NAMA LENGKAP WNI")), sorted(hinted("Nama Desa")), sorted(hinted("Nama Ibu / Mama"))
    (['nama_lgkp'], [], ['nama_lgkp_ibu'])
    """
    words = _words(without_note(header).replace("-", ""))
    hints: dict[str, list[str]] = column_lists()["words"]["hints"]
    return {name for name, own in hints.items() if words & set(own) and not (words - set(own)) & _elsewhere()}


def is_about_another(header: str) -> bool:
    """Say whether a header names another person, place or event than the resident's own.

    >>> is_about_another("Status Ibu"), is_about_another("KET")
    (True, False)
    """
    return bool(_words(header) & (_elsewhere() - {"REKAM", "PEREKAMAN"}))


def is_of_a_person(header: str) -> bool:
    """Say whether a header that stands above others names a person whose they are.

    >>> is_of_a_person("Data Ayah"), is_of_a_person("Kelahiran")
    (True, False)
    """
    return bool(_words(header) & set(column_lists()["words"]["persons"]))


def is_of_several(header: str) -> bool:
    """Say whether offices write a header above more than one thing, as STATUS."""
    return header_key(without_note(header)) in _keys("several")


def is_running_number(header: str) -> bool:
    """Say whether a header is that of line numbers or signatures, which hold nothing about a resident.

    >>> is_running_number("No."), is_running_number("No. HP")
    (True, False)
    """
    return header_key(header) in _keys("running")


@cache
def _keys(group: str) -> frozenset[str]:
    return frozenset(header_key(one) for one in column_lists()["words"][group])


@cache
def _elsewhere() -> frozenset[str]:
    """Words of another person, place or event than the field itself."""
    return frozenset(column_lists()["words"]["elsewhere"])


def _words(text: str) -> set[str]:
    return set(re.findall(r"[A-Z]+", text.upper()))
