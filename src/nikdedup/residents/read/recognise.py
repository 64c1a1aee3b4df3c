"""Columns of a table by header and, where headers leave something open, by what they hold.

A column is taken for a field only where one column alone fits it. What stays open is said, with the
fields it may be, and never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping

from nikdedup.config import Config
from nikdedup.residents.read.columns import NAME, Claims, ColumnMap, claims_of
from nikdedup.residents.read.contents import Look, look_at_columns
from nikdedup.residents.read.tables import Table
from nikdedup.residents.read.wording import hinted, is_about_another, is_of_several, is_running_number
from nikdedup.schema import FURTHER

_STATUSES = ("flag_status", "ektp_status", "stat_kwn", "stat_hbkel")
_BIRTH = {"tgl_lhr", "ttl"}
_ROOM = {"no_rt", "no_rw", "rt_rw"}
_EXCLUDES = dict.fromkeys(_BIRTH, _BIRTH) | {"rt_rw": _ROOM}
"""Fields that are there if one of these is."""


def columns_of(table: Table, config: Config) -> ColumnMap:
    """Say for each field at which positions of the table's headers it stands.

    Args:
        table: a table as it came.
        config: settings of the run.

    Raises:
        InputError: without a name column, for two columns of one field, or without the record id.
    """
    claims = claims_of(table.headers, config, table.where)
    several = [
        place
        for place in claims.fields.get("flag_status", [])
        if claims.how["flag_status"] != "config" and is_of_several(table.headers[place])
    ]
    rivals = {
        name: places
        for name, places in claims.fields.items()
        if len(places) > 1 and claims.how[name] != "config"
    }
    asked = {place for places in rivals.values() for place in places} | {*several, *_worth_a_look(claims)}
    if asked:
        nik = claims.fields.get("nik", [])
        looks = look_at_columns(table, sorted(asked), nik[0] if len(nik) == 1 else None)
        _settle_rivals(claims, rivals, looks)
        _free_statuses(claims, several, looks)
        _by_content(claims, looks)
        _statuses_left(claims, several, looks)
    return claims.settled(config, table.where)


def _worth_a_look(claims: Claims) -> list[int]:
    return [place for place in claims.open if not is_running_number(claims.headers[place])]


def _settle_rivals(claims: Claims, rivals: Mapping[str, list[int]], looks: Mapping[int, Look]) -> None:
    """Of two columns of one field, take the only one that holds something; of statuses, the only one that fits.

    Of further evidence, which nobody need have, the first.
    """
    for name, places in rivals.items():
        filled = [place for place in places if looks[place].filled]
        if name in _STATUSES and len(filled) > 1:
            filled = [place for place in filled if name in looks[place].may]
        if len(filled) == 1:
            claims.take(name, filled[0], "content")
        elif (
            name in FURTHER
        ):  # a telephone at home and one in the pocket: the first is compared, the others are told
            claims.take(name, (filled or places)[0], claims.how[name])


def _free_statuses(claims: Claims, several: list[int], looks: Mapping[int, Look]) -> None:
    """Open a column STATUS that holds something else than the life status."""
    for place in several:
        if place in claims.fields.get("flag_status", ()):
            look = looks[place]
            if (look.may & set(_STATUSES) and "flag_status" not in look.may) or look.both:
                claims.give_up("flag_status", place)


def _by_content(claims: Claims, looks: Mapping[int, Look]) -> None:
    """Take each field that one open column alone fits; the others are unsure."""
    fitting: dict[int, set[str]] = {}
    for place in _worth_a_look(claims):
        look, header = looks[place], claims.headers[place]
        hints = hinted(header) & look.may
        if {"stat_kwn", "ektp_status"} <= look.may - look.alone and is_of_several(header):
            continue  # S and B, SUDAH and BELUM: of what, other columns tell
        alone = set() if is_about_another(header) else set(look.alone)
        found = {name for name in (hints & alone) or alone or hints if _is_free(name, claims)}
        if found:
            fitting[place] = found
    for place, names in fitting.items():
        name = next(iter(names))
        others = {n for other, found in fitting.items() if other != place for n in found}
        if len(names) == 1 and name not in others:
            claims.take(name, place, "content")
            if looks[place].both and "flag_status" not in claims.fields:
                claims.take("flag_status", place, "content")
        else:
            claims.unsure[place] = sorted(names)
    for place in _worth_a_look(claims):
        if place not in claims.unsure and not is_about_another(claims.headers[place]):
            _note_what_it_may_be(claims, place, looks[place])


def _note_what_it_may_be(claims: Claims, place: int, look: Look) -> None:
    """Note an open column that holds numbers of 16 digits, dates or statuses while such a field is missing."""
    names = {name for name in look.may if name not in _NAMES and _is_free(name, claims)}
    if names and not (names == {"no_kk"} and claims.headers[place].strip() == ""):
        claims.unsure[place] = sorted(names)


_NAMES = (NAME, "nama_lgkp_ibu", "nama_lgkp_ayah")


def _statuses_left(claims: Claims, several: list[int], looks: Mapping[int, Look]) -> None:
    """Take a column STATUS of letters such as B and S where only one of the two statuses is missing."""
    for place in several:
        if place not in claims.open:
            continue
        names = [name for name in ("stat_kwn", "ektp_status") if name in looks[place].may]
        missing = [name for name in names if _is_free(name, claims)]
        if len(missing) == 1 and len(names) == 2:
            claims.unsure.pop(place, None)
            claims.take(missing[0], place, "content")


def _is_free(name: str, claims: Claims) -> bool:
    return not claims.fields.keys() & _EXCLUDES.get(name, {name})
