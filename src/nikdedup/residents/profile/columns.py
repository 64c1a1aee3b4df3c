"""How full each column is, how far it was understood, and what the texts of a coded column mean."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.columnar.distinct import distinct_at, distinct_count, map_distinct
from nikdedup.config import FLAG_FIELDS, Config
from nikdedup.masking import LONGEST, MOST_DIGITS, is_plain
from nikdedup.residents.damage import PARENTS
from nikdedup.residents.ids import clean_identifiers
from nikdedup.residents.profile.measure import FIRST_ROWS, Columns, Measure
from nikdedup.residents.status import read_flag
from nikdedup.runtime.threads import side_by_side
from nikdedup.schema import CLEAN, FIELDS, in_order

_COMMON, _COMMON_SHARE, _CATEGORIES = 10, 0.05, 20
"""Records and share of a column from which a text of it is a category, if it has no more texts than the last."""
Places = npt.NDArray[np.int64]

_NONE_IS_ZERO = ("no_rt", "no_rw")
"""Fields in which 0, 000 or a dash says that there is none, and was understood so."""
_TEXTS = 40
"""Texts of a column that are shown; the others are counted together."""
_CLEAN_OF = {name.removesuffix("_clean"): name for name in CLEAN} | {"ektp_status": "recording_class"}
_CODED = ("ektp_status", *FLAG_FIELDS, "jenis_klmin", "stat_kwn", "stat_hbkel")
"""Columns of statuses and codes, of which each text is shown with its meaning, in this order."""


def columns_and_texts(
    columns: Columns, mapping: Mapping[str, Sequence[str]], types: Mapping[str, str], config: Config
) -> Iterator[Measure]:
    """Measure each field: filled, distinct, understood where there is a clean form of it; then texts of coded ones.

    mapping: field -> headers it was read from. types: field -> kind of its cells, where known.
    """

    def measured(field: str) -> tuple[list[Measure], list[Measure]]:
        residents = columns(field, _clean_of(field, config))
        clean, cells = _clean(residents, field, config), residents[field]
        if field not in _CODED or clean is None:
            return list(_column(cells, field, clean, distinct_count(cells))), []
        known, index, rows = distinct_at(cells)
        texts = _texts(field, known, np.bincount(index, minlength=len(known) + 1)[1:], clean, rows)
        return list(_column(cells, field, clean, len(known))), list(texts)

    texts_of: dict[str, list[Measure]] = {}
    there = [name for name in in_order({*FIELDS, *config.evidence}) if name in columns.names]
    for measures, texts in side_by_side(measured, there):
        field, filled = str(measures[0].column), measures[0].count
        header = ", ".join(" ".join(name.split()) for name in mapping.get(field, ()))
        yield replace(measures[0], value=header or None)
        yield from measures[1:]
        if field in types:
            yield Measure("columns", field, "type", filled, value=types[field])
        texts_of[field] = texts
    for field in _CODED:
        yield from texts_of.get(field, ())


def _column(texts: pl.Series, field: str, clean: pl.Series | None, several: int) -> Iterable[Measure]:
    """Measure one field; how far it is filled comes first. several: how many distinct texts it has."""
    filled = texts.count()
    yield Measure("columns", field, "filled", filled, len(texts))
    yield Measure("columns", field, "distinct", several)
    if clean is not None:
        unread = texts.is_not_null() & _unread(clean, coded=field in _CODED)
        at = unread.arg_true().to_numpy()
        if field in _NONE_IS_ZERO and len(at):
            at = at[~map_distinct(texts.filter(unread), _says_none, pl.Boolean()).to_numpy()]
        first_rows = tuple(at[:FIRST_ROWS].tolist())
        yield Measure("columns", field, "not_understood", len(at), filled, at=first_rows)


def _says_none(text: str) -> bool:
    return re.fullmatch(r"[\s0./-]*", text) is not None


def _clean(residents: pl.DataFrame, field: str, config: Config) -> pl.Series | None:
    """Return how a field was understood; None where fields of its kind are not.

    Several columns of flags have one clean form between them, so each is read again by itself.
    """
    if field in FLAG_FIELDS:
        return read_flag(residents[field], field, config=config)
    if field in PARENTS and config.nik_scheme == "nik":
        return pl.Series(field, clean_identifiers(residents[field]).values).replace(0, None)
    name = _clean_of(field, config)
    return residents[name] if name != field and name in residents.columns else None


def _clean_of(field: str, config: Config) -> str:
    """Return the column of a field's clean form, the field itself where it has none."""
    return _CLEAN_OF.get(field, f"{field}_clean" if field in config.further else field)


def _unread(clean: pl.Series, *, coded: bool) -> pl.Series:
    """Return where nothing was understood; coded: a status, which may be "unknown" too."""
    missing = clean.is_null()
    return missing | (clean == "unknown") if coded and clean.dtype == pl.String else missing


def _texts(
    field: str, known: pl.Series, counts: Places, clean: pl.Series, places: Places
) -> Iterable[Measure]:
    """Say how each text of a coded column was understood, the most frequent first.

    What may be anybody's name in the wrong column is counted, not shown. known: distinct texts. counts: how often each
    of them occurs. places: where it first does.
    """
    if not len(known):
        return
    meaning = clean.gather(places).cast(pl.String).fill_null("unknown").to_list()
    yield from _text_lines(field, known.to_list(), counts.tolist(), meaning, places.tolist())


def _text_lines(
    column: str, texts: list[str], counts: list[int], meanings: list[str], places: list[int]
) -> Iterable[Measure]:
    total = sum(counts)
    order = sorted(range(len(texts)), key=lambda i: (-counts[i], texts[i]))
    category = max(_COMMON, math.ceil(total * _COMMON_SHARE)) if len(texts) <= _CATEGORIES else None
    hidden = [i for i in order if not _may_be_shown(texts[i], counts[i], meanings[i], category=category)]
    shown = [i for i in order if i not in set(hidden)]
    for i in shown[:_TEXTS]:
        at: tuple[int, ...] = (places[i],) if meanings[i] == "unknown" else ()
        yield Measure("texts", column, meanings[i], counts[i], total, " ".join(texts[i].split()), at)
    rest = sum(counts[i] for i in shown[_TEXTS:])
    if rest:
        yield Measure("texts", column, "other_texts", rest, total, str(len(shown) - _TEXTS))
    if hidden:
        at = tuple(sorted(places[i] for i in hidden)[:FIRST_ROWS])
        count = sum(counts[i] for i in hidden)
        yield Measure("texts", column, "not_shown", count, total, str(len(hidden)), at)


def _may_be_shown(text: str, count: int, meaning: str, *, category: int | None) -> bool:
    """Say whether a text is a status for certain, and no name, number or date in the wrong column.

    It is in a list, of plain words alone, or frequent enough (`category` times) in a column of few texts.
    """
    if sum(sign.isdigit() for sign in text) > MOST_DIGITS or len(text) > LONGEST:
        return False
    return meaning != "unknown" or is_plain(text) or (category is not None and count >= category)
