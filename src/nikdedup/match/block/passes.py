"""The passes: each a way to bring records together by one key.

The first is exhaustive within a birth date and sex. The others bring back what a wrong date,
sex or spelling hides. How a pass runs is in run_passes.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nikdedup.columnar.arrays import Rows
from nikdedup.columnar.calendar import NO_DATE, day_numbers
from nikdedup.columnar.grouping import mixed
from nikdedup.match.features import Codes, Evidence, codes_of, crosswise, day_codes, telling_words
from nikdedup.schema import IDS

QGRAM_SHARE = 0.62
"""Share of the shorter name's letter pairs that a pair must have in common where only the date brings it together."""
LOOSE_SHARE = 0.45
"""The same where a household or the parents bring a pair together."""
LONGEST_ID = 20
"""Signs of an opaque id that are left out in turn."""

ID_KINDS = tuple(kind for kind in IDS if kind != "parent_id")
"""Kinds of further columns by which records are brought together."""

COPIES = "copies"
"""What brought a copy together with the record that stands for it; see copies.py."""

Keyed = tuple[Codes, Rows]
"""Keys, and the row each belongs to, where a record may have several or none."""


@dataclass(frozen=True)
class Pass:
    """One way to bring records together.

    key: evidence -> n x int64, -1 where the record takes no part.
    share: how much of the shorter name's signature must be shared (0: no q-gram filter).
    """

    name: str
    key: Callable[[Evidence], Codes | Keyed]
    share: float = 0.0
    with_key: Callable[[Evidence], Codes] | None = None
    """A second key: pairs are rows whose `key` equals the other row's `with_key`."""
    where: Callable[[Evidence, Rows, Rows], NDArray[np.bool_]] | None = None
    """What pairs of two keys must be besides."""
    filtered: bool = True
    """Whether the prefilter looks at its pairs: it knows nothing of a slip in an id."""
    budget: int = 20
    """Pairs for each record of the extract that may be looked at; beyond it the largest blocks are split."""


def _birth_sex(e: Evidence) -> Codes:
    return mixed(e.born, e.sex)


def _nik(e: Evidence) -> Codes:
    return np.where(e.nik_plain, e.nik, np.int64(-1))


def _birth_mother(e: Evidence) -> Codes:
    return mixed(e.born, e.mother)


def _nik_birth(e: Evidence) -> Codes:
    """The date inside the NIK where it differs from that of the column."""
    return np.where((e.nik_birth == e.birth) | ~e.nik_plain, np.int64(-1), day_codes(e.nik_birth))


def _birth(e: Evidence) -> Codes:
    return e.born.astype(np.int64)


def _swapped(e: Evidence) -> Codes:
    """The birth date with day and month exchanged, where that is another date."""
    year, month, day = e.calendar
    # One of the two asks for the other: the one with the earlier day, which is a month therefore.
    asks = np.flatnonzero((day < month) & (year >= 0))
    swapped = np.full(len(e), -1, np.int64)
    swapped[asks] = day_codes(day_numbers(year[asks], day[asks], month[asks]))
    return swapped


def _by_name(e: Evidence, *others: NDArray[np.signedinteger[Any]]) -> Codes | Keyed:
    """Return the name's sound together with other codes of each record; a second name is a second key."""
    key = mixed(e.skeleton, *others)
    if not len(e.aliases):
        return key
    row = e.aliases.row
    second = mixed(e.aliases.skeleton, *(other.take(row) for other in others))
    return np.concatenate([key, second]), np.concatenate([np.arange(len(e), dtype=np.int32), row])


def _skeleton_year(e: Evidence) -> Codes | Keyed:
    return _by_name(e, e.calendar[0])


def _skeleton_day_month(e: Evidence) -> Codes | Keyed:
    _, month, day = e.calendar
    return _by_name(e, month, day)


def _word_year_month(e: Evidence) -> Keyed:
    """Each telling word of the name with year and month: finds a wrong day under a misspelt name."""
    word, row = e.telling
    year, month, _ = e.calendar
    return mixed(word, year.take(row), month.take(row)), row


def _word_year_day(e: Evidence) -> Keyed:
    """The same with year and day: finds a wrong month."""
    word, row = e.telling
    year, _, day = e.calendar
    return mixed(word, year.take(row), day.take(row)), row


def _word_day_month(e: Evidence) -> Keyed:
    """The same with day and month: finds a wrong year under a misspelt name."""
    word, row = e.telling
    _, month, day = e.calendar
    return mixed(word, month.take(row), day.take(row)), row


def _word_place(e: Evidence) -> Keyed:
    """The same with the place of birth: finds a date that is missing, in a list of persons a wrong one too."""
    word, row = _asked_words(e)
    return _with_undated(e, mixed(word, e.places.code(row)), row)


def _two_words(e: Evidence) -> Keyed:
    """Two telling words of the name, side by side: finds a missing date, in a list of persons a wrong one too.

    There a word between them may be an initial that the other list leaves out.
    """
    word, row = _asked_words(e)
    keys, rows = [], []
    for apart in (1,) if e.structured else (1, 2):
        first = np.flatnonzero(row[apart:] == row[:-apart])
        one, other = word[first], word[first + apart]
        keys.append(mixed(np.minimum(one, other), np.maximum(one, other)))
        rows.append(row[first])
    return _with_undated(e, np.concatenate(keys), np.concatenate(rows))


def _asked_words(e: Evidence) -> Keyed:
    """Return the telling words where `_with_undated` may keep any."""
    word, row = e.telling
    return (word, row) if not e.structured or (e.birth == NO_DATE).any() else (word[:0], row[:0])


def _with_undated(e: Evidence, key: Codes, row: Rows) -> Keyed:
    """Return the keys that a record without a birth date has; all of them where ids have no date inside.

    Two dates that differ altogether weigh more than names and place together, where the NIK has the date once more.
    """
    if not e.structured:
        return key, row
    asked = np.isin(key, key[e.birth[row] == NO_DATE])
    return key[asked], row[asked]


def _birth_place(e: Evidence) -> Codes:
    return mixed(e.born, e.places.code())


def _word_mother(e: Evidence) -> Keyed:
    """Each telling word of the name with the mother: finds a wrong date."""
    word, row = e.telling
    return mixed(word, e.mother.take(row)), row


def _word_father(e: Evidence) -> Keyed:
    """The same with the father: finds a wrong date where the mother is misspelt or missing too."""
    word, row = e.telling
    return mixed(word, e.father.take(row)), row


def _mother_day_month(e: Evidence) -> Keyed:
    """Each telling word of the mother's name with day and month: finds a wrong year under a misspelt name."""
    word, row = telling_words(e.mothers.words)
    _, month, day = e.calendar
    return mixed(word, month.take(row), day.take(row)), row


def _undated_place(e: Evidence) -> Codes:
    """Name and place of birth of records without a birth date."""
    undated = e.birth == NO_DATE
    return np.where(undated, _name_place(e), np.int64(-1)) if undated.any() else np.full(len(e), np.int64(-1))


def _name_place(e: Evidence) -> Codes:
    return mixed(e.skeleton, e.places.code())


def _birth_father(e: Evidence) -> Codes:
    return mixed(e.born, e.father)


def _birth_parents(e: Evidence) -> Keyed:
    """The birth date with the mother, and with the father."""
    rows = np.arange(len(e), dtype=np.int32)
    return np.concatenate([_birth_mother(e), _birth_father(e)]), np.concatenate([rows, rows])


def _birth_name(e: Evidence) -> Codes:
    return mixed(e.born, e.skeleton)


def _exchanged(e: Evidence, left: Rows, right: Rows) -> NDArray[np.bool_]:
    """Return where the names of persons of one sex are in a parent's column, and the parents' in theirs."""
    with_mother, with_father = (
        crosswise(e, ("name", parent), left, right) for parent in ("mother", "father")
    )
    exchanged: NDArray[np.bool_] = (with_mother | with_father) & (e.sex[left] == e.sex[right])
    return exchanged


def _birth_kk(e: Evidence) -> Codes:
    return mixed(e.born, e.kk)


def _near_id(e: Evidence) -> Keyed:
    """An opaque id with each sign left out in turn: finds one sign wrong, or two exchanged.

    A NIK needs no such pass: the date inside a NIK with a slip is found by `nik_birth`.
    """
    if e.ids is None:
        return np.empty(0, np.int64), np.empty(0, np.int32)
    rows = np.flatnonzero(_nik(e) >= 0).astype(np.int32)
    ids = pl.DataFrame({"id": e.ids.of(rows), "row": rows})
    longest = min(int(ids["id"].str.len_chars().max() or 0), LONGEST_ID)  # type: ignore[arg-type]
    left_out = [
        ids.filter(pl.col("id").str.len_chars() > at).select(
            pl.concat_str(pl.col("id").str.slice(0, at), pl.col("id").str.slice(at + 1)), "row"
        )
        for at in range(longest)
    ]
    if not left_out:
        return np.empty(0, np.int64), np.empty(0, np.int32)
    table = pl.concat(left_out).unique(maintain_order=True)
    return codes_of(table["id"]), table["row"].to_numpy()


def _further_id(e: Evidence) -> Keyed:
    """Each further id that names one person or home: a passport, a telephone, an e-mail address.

    The numbers of parents bring families together, not persons: there is another pass for those.
    """
    keys, rows = [np.empty(0, np.int64)], [np.empty(0, np.int32)]
    for number, name in enumerate(name for name, kind in e.kinds.items() if kind in ID_KINDS):
        code = e.further[name].code().astype(np.int64)
        held = np.flatnonzero(code >= 0).astype(np.int32)
        keys.append(mixed(code[held], np.full(len(held), number, np.int64)))
        rows.append(held)
    return np.concatenate(keys), np.concatenate(rows)


def _skeleton_mother(e: Evidence) -> Codes | Keyed:
    return _by_name(e, e.mother)


def _skeleton_address(e: Evidence) -> Codes | Keyed:
    return _by_name(e, e.addresses.code())


def _mother_year(e: Evidence) -> Codes:
    return mixed(e.mother, e.calendar[0])


def _birth_address(e: Evidence) -> Codes:
    return mixed(e.born, e.addresses.code())


def _word_address(e: Evidence) -> Keyed:
    """Each telling word of the name with the address, of records without a mother: she would tell more."""
    word, row = e.telling
    return mixed(word, np.where(e.mother.take(row) < 0, e.addresses.code(row), np.int64(-1))), row


def _parents(e: Evidence) -> Codes:
    return mixed(e.mother, e.father)


PASSES: tuple[Pass, ...] = (
    Pass("birth_sex", _birth_sex, QGRAM_SHARE, budget=1_000),
    Pass("nik", _nik),
    Pass("id_near", _near_id, filtered=False),
    Pass("nik_prefix", Evidence.nik_prefix, LOOSE_SHARE),
    Pass("birth_mother", _birth_mother),
    Pass("birth_father", _birth_father),
    Pass("birth_kk", _birth_kk),
    Pass("nik_birth", _nik_birth, QGRAM_SHARE, with_key=_birth),
    Pass("exchanged", _birth_parents, with_key=_birth_name, where=_exchanged, filtered=False),
    Pass("day_month_swapped", _swapped, 0.75, with_key=_birth),
    Pass("name_year", _skeleton_year),
    Pass("name_day_month", _skeleton_day_month),
    Pass("word_year_month", _word_year_month, LOOSE_SHARE),
    Pass("word_year_day", _word_year_day, LOOSE_SHARE),
    Pass("word_day_month", _word_day_month, LOOSE_SHARE),
    Pass("word_place", _word_place, LOOSE_SHARE),
    Pass("two_words", _two_words, LOOSE_SHARE),
    Pass("birth_place", _birth_place, LOOSE_SHARE),
    Pass("word_mother", _word_mother, QGRAM_SHARE),
    Pass("word_father", _word_father, QGRAM_SHARE),
    Pass("mother_day_month", _mother_day_month, LOOSE_SHARE),
    Pass("name_mother", _skeleton_mother),
    Pass("name_place_undated", _undated_place, with_key=_name_place),
    Pass("name_address", _skeleton_address),
    Pass("birth_address", _birth_address),
    Pass("word_address", _word_address, LOOSE_SHARE),
    Pass("mother_year", _mother_year, LOOSE_SHARE),
    Pass("further_id", _further_id, filtered=False, budget=1),
    Pass("kk", lambda e: e.kk, QGRAM_SHARE),
    Pass("parents", _parents, LOOSE_SHARE),
)
