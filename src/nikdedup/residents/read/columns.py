"""Which column of an extract is which SIAK field: as the config says, by header, or by what it holds.

Headers are compared without case, punctuation, spaces and diacritics against
`data/columns.toml`, first whole, then without a note such as "(dd-mm-yyyy)" or "*wajib diisi".
What the cells hold decides where a header says too little, see `contents`. Where two columns
would be one field, nobody guesses: the office says which. What may be a person's data in the
place of a header is counted, never shown.
"""

from __future__ import annotations

import difflib
from collections.abc import Container, Sequence
from dataclasses import dataclass, field

from nikdedup.config import Config
from nikdedup.errors import ConfigError, InputError, argument
from nikdedup.masking import HIDDEN, is_plain, mask_numbers
from nikdedup.residents.read.wording import field_of_key, header_key, one_line, variants, without_note
from nikdedup.schema import FIELDS, in_order

NAME = "nama_lgkp"
_MOST = 40
"""Headers listed in a message."""
_USUAL = 7
"""Headers of the name that a message tells of: those of registry and offices, which come first."""

HOW = ("config", "header", "note", "content", "sheet_name", "file_name", "title", "group_row", "filled_down")
"""What tells where a field stands: the config, its header, its header without a note, or what the column holds;
or, where no column has it, what stands around the records."""


@dataclass(frozen=True)
class ColumnMap:
    """Positions of the headers of one table: per field, of the record id, and of those nobody claims.

    how: field -> what told it, one of HOW. unsure: position of an unmapped column -> fields it may be.
    """

    fields: dict[str, list[int]]
    record_id: int | None
    unmapped: list[int]
    how: dict[str, str] = field(default_factory=dict)
    unsure: dict[int, list[str]] = field(default_factory=dict)


def known_keys(config: Config) -> dict[str, str]:
    """Return header key -> field as `field_of_key`, with the headers that the config names added.

    The record id's header counts under the name `record_id`; this is how a header row is recognised.
    """
    keys = dict(field_of_key())
    for name, headers in _overrides(config).items():
        keys |= {header_key(header): name for header in headers}
    if config.record_id is not None:
        keys.setdefault(header_key(config.record_id), "record_id")
    return keys


@dataclass
class Claims:
    """Which columns claim which field, while it is being settled; a field may have several claims."""

    headers: Sequence[str]
    fields: dict[str, list[int]]
    how: dict[str, str]
    record_id: int | None
    unsure: dict[int, list[str]] = field(default_factory=dict)

    @property
    def open(self) -> list[int]:
        """Positions that nothing has claimed."""
        taken = {place for places in self.fields.values() for place in places} | {self.record_id}
        return [place for place in range(len(self.headers)) if place not in taken]

    def take(self, name: str, place: int, how: str) -> None:
        """Settle a field: this column and no other."""
        self.fields[name], self.how[name] = [place], how

    def give_up(self, name: str, place: int) -> None:
        """Take a claim back."""
        self.fields[name] = [other for other in self.fields[name] if other != place]
        if not self.fields[name]:
            del self.fields[name], self.how[name]

    def settled(self, config: Config, where: str) -> ColumnMap:
        """Return the map; InputError where two columns still claim one field, or nothing the name."""
        for name, places in self.fields.items():
            if len(places) > 1 and self.how[name] != "config":
                shown = shown_headers(self.headers, config)
                raise InputError(_two_claims(where, name, *(shown[place] for place in places[:2])))
        if NAME not in self.fields:
            check_overrides([self.headers], config)
            raise InputError(_no_name(where, self.headers, config))
        names = in_order(self.fields)
        unmapped = self.open
        return ColumnMap(
            fields={name: self.fields[name] for name in names},
            record_id=self.record_id,
            unmapped=unmapped,
            how={name: self.how[name] for name in names},
            unsure={place: self.unsure[place] for place in unmapped if place in self.unsure},
        )


def claims_of(headers: Sequence[str], config: Config, where: str) -> Claims:
    """Return what the config and the headers claim: whole headers before those with a note.

    The config wins; a header it uses is not mapped a second time by its name. A header it
    names that this table lacks is left to `check_overrides`, since another table may have it.
    """
    asked = {name: _positions(headers_of, headers) for name, headers_of in _overrides(config).items()}
    fields = {name: places for name, places in asked.items() if places}
    how = dict.fromkeys(fields, "config")
    for manner, plain in (("header", str), ("note", without_note)):
        used = {place for places in fields.values() for place in places}
        claims: dict[str, list[int]] = {}
        for place, header in enumerate(headers):
            name = field_of_key().get(header_key(plain(header)))
            if name is not None and place not in used and name not in fields:
                claims.setdefault(name, []).append(place)
        fields |= claims
        how |= dict.fromkeys(claims, manner)
    return Claims(headers, fields, how, _record_id(headers, config, where, fields.get("nik", [])))


def map_columns(headers: Sequence[str], config: Config, where: str) -> ColumnMap:
    """Say for each field at which positions of `headers` it stands, by headers alone.

    headers: as they came, in order. where: name of the file, sheet or frame, for messages.
    Raises InputError without a name column, for two columns of one field, or without the record id.
    """
    return claims_of(headers, config, where).settled(config, where)


def check_overrides(tables: Sequence[Sequence[str]], config: Config) -> None:
    """Raise ConfigError for a header in `config.columns` that no table has; it names close ones.

    Args:
        tables: headers of each table.
        config: settings of the run.
    """
    seen = list(dict.fromkeys(header for headers in tables for header in headers))
    for asked, names in _overrides(config).items():
        for name in names:
            if not _positions([name], seen):
                close = _close(name, seen, config)
                if asked not in FIELDS:
                    raise ConfigError(f"evidence.{asked}: no column {one_line(name)!r}; {close}")
                raise ConfigError(f"columns.{asked}: no column {one_line(name)!r}; {close}")


def shown_headers(headers: Sequence[str], config: Config) -> list[str]:
    r"""Return headers on one line as they may be shown; the column's number (1-based) where one may be data.

    Shown are known headers, those that the config names, and what consists of plain words; of a known one with a
    note that is not plain, the header alone.

    >>> shown_headers(["NO_KK", "KET.\nRekam", "SITI AMINAH", "01-07-1990", "NIK (SITI AMINAH)"], Config())
    ['NO_KK', 'KET. Rekam', '•••(3)', '•••(4)', 'NIK']
    """
    known = known_keys(config)
    shown = []
    for number, header in enumerate(headers, 1):
        plain = next((text for text in (header, without_note(header)) if _is_header(text, known)), None)
        shown.append(f"{HIDDEN * 3}({number})" if plain is None else mask_numbers(one_line(plain)))
    return shown


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
    own = {name: one.headers(name) for name, one in config.evidence.items() if name not in FIELDS}
    return {name: _as_list(headers) for name, headers in config.columns.items()} | own


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
    if places == nik and config.nik_scheme == "nik" and not config.record_id_pseudonym:
        raise InputError(
            f"{argument('record_id')} {config.record_id!r}: is the NIK, which two records may share; "
            "name another column"
        )
    return places[0]


def _two_claims(where: str, field: str, first: str, second: str) -> str:
    return f"{where}: columns {first!r} and {second!r} both claim {field}; say which one with columns.{field}"


def _no_name(where: str, headers: Sequence[str], config: Config) -> str:
    allowed = ", ".join(variants()[NAME][:_USUAL])
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
