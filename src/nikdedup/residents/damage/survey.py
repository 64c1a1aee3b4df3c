"""What happened to a source before it reached us, found per file and sheet before anything is compared.

Excel keeps 15 digits of a number, drags cells down, turns dates round and eats
leading zeros. Each of these makes records look equal that are not, so a survey
of the whole extract comes first; `normalise` then reads every part of it alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.columnar.calendar import NO_DATE, parts, swap
from nikdedup.columnar.grouping import grouped
from nikdedup.residents.damage.agreement import niks_of_others, shifted_by_epoch, slid
from nikdedup.residents.damage.crowds import crowded
from nikdedup.residents.damage.excel_cut import cut_rows
from nikdedup.residents.damage.misplaced import cards, one_family, shared
from nikdedup.residents.damage.signs import Key, Place, Rows, Signs
from nikdedup.residents.dates import Dates
from nikdedup.residents.ids import EXACT_FLOAT
from nikdedup.runtime.threads import at_once

Mask = npt.NDArray[np.bool_]

PARENTS = ("nik_ibu", "nik_ayah")
"""Columns of the parents' NIKs."""

_SURE = 13.8
"""Natural log of 1 in 1,000,000: chance at which a share of zeros is no longer luck."""
_WHOLE = 0.9
"""Share of ids ending in 0 from which on a whole source is cut; below, stretches of it may be."""
_RUN = 3
_SERIES = 5
_CROWD = 5
_CELLS = 20


class SourceLike(Protocol):
    """What the survey needs to know of a source beside its rows (see `read.SourceInfo`)."""

    @property
    def file(self) -> str | None: ...  # noqa: D102
    @property
    def sheet(self) -> str | None: ...  # noqa: D102
    @property
    def input(self) -> int: ...  # noqa: D102
    @property
    def column_types(self) -> dict[str, str]: ...  # noqa: D102


@dataclass(frozen=True)
class SourceDamage:
    """What is wrong with a whole source."""

    nik_truncated: bool = False
    """Excel made the 16th digit 0: each NIK ending in 0 is suspect."""
    kk_truncated: bool = False
    nik_float: bool = False
    """The column was a float: numbers above 2^53 may be off by one."""
    kk_float: bool = False
    temporaries: bool = False
    """Temporary numbers with a leading 0 occur, so 15 digits may be one that lost it."""
    english_sex: bool = False
    """M and F mean male and female here."""
    month_first: frozenset[str] = frozenset()
    """Date columns written month first."""
    swapped: frozenset[str] = frozenset()
    """Date columns whose date cells have day and month exchanged."""
    births_swapped: bool = False
    """The NIKs say that day and month of birth are exchanged throughout."""
    births_shifted: bool = False
    """The NIKs say that dates of birth count from 1904 and were read as counted from 1900."""
    niks_of_others: bool = False
    """The NIKs are those of other rows: the column was sorted, or slid, by itself."""


@dataclass(frozen=True, eq=False)
class Survey:
    """Damage of an extract, found once and applied to any part of it."""

    sources: Mapping[Key, SourceDamage] = field(default_factory=dict)
    marks: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(schema={"row": pl.Int64, "code": pl.String})
    )
    """Rows with a reason code of their own, sorted."""

    def where(self, blocks: Sequence[tuple[Key, slice]], n: int, fact: str) -> Mask:
        """Return which of n rows lie in a source of which `fact` (a boolean field) holds."""
        found = np.zeros(n, bool)
        for key, rows in blocks:
            found[rows] = getattr(self.sources.get(key, SourceDamage()), fact)
        return found

    def here(self, frame: pl.DataFrame) -> dict[str, Mask]:
        """Return reason code -> rows of this part of the extract that are marked with it."""
        if not len(self.marks):
            return {}
        rows = frame["row"] if "row" in frame.columns else pl.Series("row", np.arange(len(frame)))
        here = rows.to_frame("row").with_row_index("at").join(self.marks, on="row", how="inner")
        found = {}
        for (code,), part in here.group_by("code"):
            found[str(code)] = np.zeros(len(frame), bool)
            found[str(code)][part["at"].to_numpy()] = True
        return found


def examine(signs: Signs, *, sources: Sequence[SourceLike] = (), names: bool = True) -> Survey:
    """Return the damage of a whole extract.

    Healthy rows are marked at a rate below 1 in 10,000.

    Args:
        signs: the numbers that tell damage, of all rows.
        sources: what the reader knows of each source; without it the rows alone have to show the damage.
        names: a name is as rare as one of Indonesia, so that one on many records is none; a surname alone may
            be on many.
    """
    types = {(s.input, s.file, s.sheet): s.column_types for s in sources}
    signs = signs if names else replace(signs, named=())
    found: dict[Key, SourceDamage] = {}
    signs, crowds = crowded(signs)
    marks: dict[str, list[Rows]] = {code: [rows] for code, rows in (cards(signs) | crowds).items()}
    if of_cards := marks.get("nik_is_kk"):
        signs = replace(signs, nik=_without(signs.nik, of_cards))
    for key, place in signs.places.items():
        found[key], dragged, *cut = at_once(
            partial(_source_damage, signs, key, types.get(key, {})),
            partial(_dragged, signs, place),
            *(partial(cut_rows, place.of(ids)) for ids in (signs.nik, signs.kk)),
        )
        for code, rows in dragged.items():
            marks.setdefault(code, []).append(rows)
        marks.setdefault("nik_of_other_row", []).append(_of_other_rows(signs, place, found[key]))
        for code, stretches in zip(("nik_truncated", "kk_truncated"), cut, strict=True):
            if not getattr(found[key], code):
                marks.setdefault(code, []).append(place.rows[stretches])
        for name, ids in signs.parents.items():
            for code, where in _parents_damage(place.of(ids), types.get(key, {}).get(name)).items():
                marks.setdefault(code, []).append(place.rows[where])
    explained = [rows for code in _EXPLAINED for rows in marks.get(code, [])]
    truncated = [signs.places[key].rows for key, source in found.items() if source.nik_truncated]
    marks["nik_on_many_people"] = [_crowded(signs, explained, truncated)]
    marks["source_overlap"] = [signs.overlaps]
    return Survey(found, _table(signs.row, marks))


def _table(numbers: pl.Series, marks: Mapping[str, Sequence[Rows]]) -> pl.DataFrame:
    """Return marked rows by their number in the extract, sorted."""
    tables = [Survey().marks]
    for code, lists in marks.items():
        for rows in lists:
            codes = pl.Series([code], dtype=pl.String()).new_from_index(0, len(rows))
            tables.append(pl.DataFrame({"row": numbers.gather(rows), "code": codes}))
    return pl.concat(tables).sort("row", "code")


def _source_damage(signs: Signs, key: Key, types: Mapping[str, str]) -> SourceDamage:
    """Return what is wrong with a source as a whole."""
    place = signs.places[key]
    dates = {name: place.dates(read) for name, read in signs.dates.items()}
    births = dates.get("tgl_lhr")
    nik_days = place.of(signs.nik_days)
    columns = () if births is None else (births.days, nik_days)
    return SourceDamage(
        nik_truncated=_truncated(place.of(signs.nik), types.get("nik")),
        kk_truncated=_truncated(place.of(signs.kk), types.get("no_kk")),
        nik_float=types.get("nik") == "float",
        kk_float=types.get("no_kk") == "float",
        temporaries=bool(place.of(signs.temporary).any()),
        english_sex=key in signs.english_sex,
        month_first=frozenset(
            name
            for name, read in dates.items()
            if _month_first(read, known=bool((nik_days != NO_DATE).any()))
        ),
        swapped=frozenset(name for name, read in dates.items() if _cells_swapped(read)),
        births_swapped=bool(columns) and _births_swapped(*columns),
        births_shifted=bool(columns) and shifted_by_epoch(*columns),
        niks_of_others=bool(columns) and niks_of_others(*columns),
    )


def _of_other_rows(signs: Signs, place: Place, source: SourceDamage) -> Rows:
    """Return the rows of a source whose NIK is that of another row."""
    births = signs.dates.get("tgl_lhr")
    if births is None or source.births_swapped or source.births_shifted:
        return place.rows[:0]
    if source.niks_of_others:
        return place.rows[place.of(signs.nik) > 0]
    return place.rows[slid(place.of(births.days), place.of(signs.nik_days))]


def _surprise(zeros: npt.NDArray[np.float64], n: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return a lower bound of -ln P(at least so many of n digits are 0) where a tenth is natural.

    Chernoff's bound: n times the divergence of the share seen from 1/10.
    """
    share = np.clip(zeros / np.maximum(n, 1), 1e-12, 1 - 1e-12)
    bound = n * (share * np.log(share / 0.1) + (1 - share) * np.log((1 - share) / 0.9))
    return np.where(share > 0.1, bound, 0.0)


def _truncated(values: npt.NDArray[np.int64], kind: str | None) -> bool:
    """Return whether the numbers of a source end in 0 throughout, where a tenth is natural.

    Numeric cells of a workbook are under suspicion to begin with: there three of three suffice.
    """
    n = np.array([np.count_nonzero(values)], float)
    zeros = np.array([np.count_nonzero((values > 0) & (values % 10 == 0))], float)
    if kind == "number" and n[0] >= 3 and zeros[0] == n[0]:
        return True
    return bool(zeros[0] >= _WHOLE * n[0] and _surprise(zeros, n)[0] > _SURE)


def _parents_damage(values: npt.NDArray[np.int64], kind: str | None) -> dict[str, Mask]:
    """Return reason code -> numbers of a source's column of parents that lost digits with the whole column.

    Children share a parent, so each number counts once.
    """
    cut = _truncated(values, kind) and _truncated(np.unique(values), kind)
    return {
        "parent_nik_truncated": cut & (values > 0) & (values % 10 == 0),
        "parent_nik_float_rounded": (kind == "float") & (values > EXACT_FLOAT),
    }


def _dragged(signs: Signs, place: Place) -> dict[str, Rows]:
    """Return rows whose NIK was filled down, or rises by one from the row above, not being their own."""
    values, at = place.of(signs.nik), place.rows
    if len(values) < _RUN:
        return {}
    step = np.diff(values)
    both = (values[1:] > 0) & (values[:-1] > 0)
    found: dict[str, Rows] = {}
    runs = _runs(both & (step == 0), _RUN)
    if len(runs):
        people = [signs.people(at[start:stop]) for start, stop in runs]
        bad = [
            np.arange(start + 1, stop)
            for (start, stop), n in zip(runs, people, strict=True)
            if n >= _RUN and not one_family(signs, at[start:stop])
        ]
        found["nik_filled_down"] = at[np.concatenate([np.zeros(0, int), *bad])]
    rising = both & (step > 0)
    in_order = bool(np.count_nonzero(rising) > 0.95 * np.count_nonzero(both))
    runs = _runs(both & (step == 1), _SERIES)
    bad = [
        np.arange(start + 1, stop)
        for start, stop in runs
        if _foreign_dates(signs, at[start:stop], enough=not in_order and stop - start >= 4 * _SERIES)
    ]
    if bad:
        found["nik_series"] = at[np.concatenate(bad)]
    return found


def _runs(linked: Mask, shortest: int) -> list[tuple[int, int]]:
    """Return (start, stop) of each stretch of at least `shortest` rows, each linked to the next."""
    edges = np.diff(np.concatenate([[0], linked.astype(np.int8), [0]]))
    starts, stops = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) + 1
    long = stops - starts >= shortest
    return list(zip(starts[long].tolist(), stops[long].tolist(), strict=True))


def _foreign_dates(signs: Signs, rows: Rows, *, enough: bool) -> bool:
    """Return whether the dates inside the NIKs of a rising run are mostly not those of the people.

    Registered neighbours do get rising numbers, and a list in order of NIK shows them, with their own dates.
    enough: verdict where the file has no dates to compare.
    """
    births = signs.dates.get("tgl_lhr")
    if births is None:
        return enough
    days, nik_days = births.days[rows], signs.nik_days[rows]
    known = (days != NO_DATE) & (nik_days != NO_DATE)
    if np.count_nonzero(known) < _RUN:
        return enough
    _, month, day = parts(days)
    _, nik_month, nik_day = parts(nik_days)
    alike = ((month == nik_month) & (day == nik_day)) | ((month == nik_day) & (day == nik_month))
    return bool(np.count_nonzero(known & ~alike) >= 0.5 * np.count_nonzero(known))


_EXPLAINED = ("nik_truncated", "nik_filled_down", "nik_series")


def _crowded(signs: Signs, explained: Sequence[Rows], truncated: Sequence[Rows]) -> Rows:
    """Return the rows of numbers that stand on many different people, numbers otherwise explained aside."""
    values = _without(signs.nik, explained)
    for at in truncated:
        values[at] = np.where(values[at] % 10 == 0, 0, values[at])
    members, starts, sizes = grouped(np.where(values > 0, values, -1))
    many = sizes >= _CROWD
    groups = [members[at : at + n].astype(np.intp) for at, n in zip(starts[many], sizes[many], strict=True)]
    crowds = [group for group in groups if signs.people(group) >= _CROWD and not shared(signs, group)]
    return np.sort(np.concatenate([np.zeros(0, np.intp), *crowds]))


def _without(values: npt.NDArray[np.int64], taken: Sequence[Rows]) -> npt.NDArray[np.int64]:
    """Return the numbers with 0 in the rows that are taken away."""
    values = values.copy()
    for at in taken:
        values[at] = 0
    return values


def _month_first(read: Dates, *, known: bool) -> bool:
    """Return whether a column is written month first: proven by days above 12, and contradicted by none.

    known: NIKs say which dates are right. Where none does, a column has one order all the same: that of the
    greater part of the dates which prove one.
    """
    first = read.found("month_first")
    proven = np.count_nonzero(first)
    if proven < (3 if known else 1):
        return False
    against = np.count_nonzero(parts(read.days[~read.year_first & ~first])[2] > 12)
    return bool(against * 20 < proven if known else proven > against)


def _cells_swapped(read: Dates) -> bool:
    """Return whether a foreign locale turned the dates it could read, and left the rest as text.

    Then no date cell has a day above 12, though 6 in 10 should, and nearly every text cell has one.
    """
    cells = read.days[read.year_first]
    if len(cells) < _CELLS or (parts(cells)[2] > 12).any():
        return False
    texts = read.days[~read.year_first & (read.days != NO_DATE)]
    left = np.count_nonzero(parts(texts)[2] > 12)
    return bool(left >= _RUN and left >= 0.9 * len(texts))


def _births_swapped(days: npt.NDArray[np.int32], nik_days: npt.NDArray[np.int32]) -> bool:
    """Return whether the NIKs say that days up to 12 are months throughout the source."""
    known = (days != NO_DATE) & (nik_days != NO_DATE)
    if _exchanged(days, nik_days, known & (days != nik_days))[0] < 10:
        return False
    swapped, straight = _exchanged(days, nik_days, known)
    return swapped > 5 * straight


def _exchanged(days: npt.NDArray[np.int32], nik_days: npt.NDArray[np.int32], asked: Mask) -> tuple[int, int]:
    """Return in how many rows of those asked for the NIK exchanges day and month, and in how many it does not."""
    _, month, day = parts(days[asked])
    _, nik_month, nik_day = parts(nik_days[asked])
    telling = (day <= 12) & (day != month)
    swapped = np.count_nonzero(telling & (day == nik_month) & (month == nik_day))
    straight = np.count_nonzero(telling & (day == nik_day) & (month == nik_month))
    return int(swapped), int(straight)


def turned(read: Dates, where: Mask) -> npt.NDArray[np.int32]:
    """Return the days of a column with day and month exchanged in the rows asked for."""
    if not where.any():
        return read.days
    days = read.days.copy()
    swap(days, where)
    return days
