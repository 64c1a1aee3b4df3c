"""Which column of an extract is which SIAK field: by header, or as the config says.

Headers are compared without case, punctuation, spaces and diacritics against
`data/columns.toml`. Where two columns would be one field, nobody guesses: the
office says which. What may be a person's data in the place of a header is counted, never shown.
"""

from __future__ import annotations

import difflib
import re
import tomllib
import unicodedata
from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from nikdedup.config import Config
from nikdedup.errors import ConfigError, InputError
from nikdedup.masking import HIDDEN, is_plain, mask_numbers
from nikdedup.schema import FIELDS

NAME = "nama_lgkp"
_MOST = 40
"""Headers listed in a message."""


@dataclass(frozen=True)
class ColumnMap:
    """Positions of the headers of one table: per field, of the record id, and of those nobody claims."""

    fields: dict[str, list[int]]
    record_id: int | None
    unmapped: list[int]


def header_key(header: str) -> str:
    """Return the form in which headers are compared: letters and digits, upper case.

    >>> header_key(" Gol. Darah "), header_key("NO_KK"), header_key("L/P")
    ('GOLDARAH', 'NOKK', 'LP')
    """
    plain = unicodedata.normalize("NFKD", header).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Z0-9]", "", plain.upper())


@cache
def variants() -> dict[str, list[str]]:
    """Return field -> headers it is known by, its own name first; fields in the order of `schema.FIELDS`."""
    text = files("nikdedup").joinpath("data/columns.toml").read_text(encoding="utf-8")
    seen = tomllib.loads(text)
    return {field: [field.upper(), *seen[field]] for field in FIELDS}


@cache
def field_of_key() -> dict[str, str]:
    """Return header key -> the one field it means."""
    return {header_key(header): field for field, headers in variants().items() for header in headers}


def known_keys(config: Config) -> dict[str, str]:
    """Return header key -> field as `field_of_key`, with the headers that the config names added.

    The record id's header counts under the name `record_id`; this is how a header row is recognised.
    """
    keys = dict(field_of_key())
    for field, headers in config.columns.items():
        keys |= {header_key(header): field for header in _as_list(headers)}
    if config.record_id is not None:
        keys.setdefault(header_key(config.record_id), "record_id")
    return keys


def map_columns(headers: Sequence[str], config: Config, where: str) -> ColumnMap:
    """Say for each field at which positions of `headers` it stands.

    headers: as they came, in order. where: name of the file, sheet or frame, for messages.
    The config wins; a header it uses is not mapped a second time by its name. A header it
    names that this table lacks is left to `check_overrides`, since another table may have it.
    Raises InputError without a name column, for two columns of one field, or without the record id.
    """
    asked = {field: _positions(names, headers) for field, names in _overrides(config).items()}
    fields = {field: places for field, places in asked.items() if places}
    told, used = set(fields), {place for places in fields.values() for place in places}
    for place, header in enumerate(headers):
        field = field_of_key().get(header_key(header))
        if place in used or field is None or field in told:
            continue
        if field in fields:
            raise InputError(_two_claims(where, field, headers[fields[field][0]], header))
        fields[field] = [place]
    record_id = _record_id(headers, config, where, fields.get("nik", []))
    if NAME not in fields:
        check_overrides([headers], config)
        raise InputError(_no_name(where, headers, config))
    taken = {place for places in fields.values() for place in places} | {record_id}
    unmapped = [place for place in range(len(headers)) if place not in taken]
    return ColumnMap({f: fields[f] for f in FIELDS if f in fields}, record_id, unmapped)


def check_overrides(tables: Sequence[Sequence[str]], config: Config) -> None:
    """Raise ConfigError for a header in `config.columns` that no table has; it names close ones."""
    seen = list(dict.fromkeys(header for headers in tables for header in headers))
    for field, names in _overrides(config).items():
        for name in names:
            if not _positions([name], seen):
                close = _close(name, seen, config)
                raise ConfigError(f"columns.{field}: no column {one_line(name)!r}; {close}")


def one_line(header: str) -> str:
    """Return the header with line breaks and runs of spaces made one space."""
    return " ".join(header.split())


def shown_headers(headers: Sequence[str], config: Config) -> list[str]:
    r"""Return headers on one line as they may be shown; the column's number (1-based) where one may be data.

    Shown are known headers, those that the config names, and what consists of plain words.

    >>> shown_headers(["NO_KK", "KET.\nRekam", "SITI AMINAH", "01-07-1990"], Config())
    ['NO_KK', 'KET. Rekam', '•••(3)', '•••(4)']
    """
    known = known_keys(config)
    return [
        mask_numbers(one_line(header)) if _is_header(header, known) else f"{HIDDEN * 3}({number})"
        for number, header in enumerate(headers, 1)
    ]


def looks_like_data(headers: Sequence[str], config: Config) -> bool:
    """Say whether these cells are a record, not headers: most may not be shown, and at most one is known."""
    filled = [header for header in headers if header.strip()]
    known = known_keys(config)
    strange = sum(not _is_header(header, known) for header in filled)
    return 2 * strange > len(filled) and sum(header_key(header) in known for header in filled) < 2


def _is_header(header: str, known: Container[str]) -> bool:
    """Say whether a text names a column for certain; `header_key` leaves letters of other scripts out."""
    return is_plain(header) or (header.isascii() and header_key(header) in known)


def _overrides(config: Config) -> dict[str, list[str]]:
    return {field: _as_list(headers) for field, headers in config.columns.items()}


def _as_list(headers: str | list[str]) -> list[str]:
    return [headers] if isinstance(headers, str) else headers


def _positions(names: Sequence[str], headers: Sequence[str]) -> list[int]:
    """Find each name among the headers, as written, else by its key; absent names are left out."""
    places = []
    for name in names:
        exact = [place for place, header in enumerate(headers) if header == name]
        key = header_key(name)
        alike = [place for place, header in enumerate(headers) if key and header_key(header) == key]
        places += (exact or alike)[:1]
    return places


def _record_id(headers: Sequence[str], config: Config, where: str, nik: list[int]) -> int | None:
    if config.record_id is None:
        return None
    places = _positions([config.record_id], headers)
    if not places:
        close = _close(config.record_id, headers, config)
        raise InputError(f"{where}: no record_id column {config.record_id!r}; {close}")
    if places == nik and config.nik_scheme == "nik":
        raise InputError(
            f"record_id: {config.record_id!r} is the NIK, which two records may share; name another column"
        )
    return places[0]


def _two_claims(where: str, field: str, first: str, second: str) -> str:
    return (
        f"{where}: columns {one_line(first)!r} and {one_line(second)!r} both claim {field}; "
        f"say which one with columns.{field}"
    )


def _no_name(where: str, headers: Sequence[str], config: Config) -> str:
    allowed = ", ".join(variants()[NAME])
    if looks_like_data(headers, config):
        return (
            f"{where}: no header row: the first row looks like data; add a row of headers, "
            f"allowed for the name: {allowed}; or set columns.{NAME}"
        )
    return (
        f"{where}: no column for the name; headers found: {listed_headers(headers, config)}; "
        f"allowed: {allowed}; or set columns.{NAME}"
    )


def _close(name: str, headers: Sequence[str], config: Config) -> str:
    known = known_keys(config)
    by_key = {header_key(header): header for header in headers if _is_header(header, known)}
    close = difflib.get_close_matches(header_key(name), by_key, n=3)
    if close:
        return f"close: {', '.join(one_line(by_key[key]) for key in close)}"
    return f"columns found: {listed_headers(headers, config)}"


def listed_headers(headers: Sequence[str], config: Config) -> str:
    """List headers for a message; those that may be a person's data are counted only."""
    filled, known = [header for header in headers if header.strip()], known_keys(config)
    shown = [one_line(header) for header in filled if _is_header(header, known)]
    parts = [", ".join([*shown[:_MOST], *([f"{len(shown) - _MOST} more"] if len(shown) > _MOST else [])])]
    if hidden := len(filled) - len(shown):
        parts.append(f"{hidden} column{'s' if hidden > 1 else ''} without a recognisable header")
    return " and ".join(part for part in parts if part) or "none"
