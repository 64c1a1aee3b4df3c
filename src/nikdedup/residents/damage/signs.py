"""The columns of an extract as first read, and the signs that tell damage: numbers instead of texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.residents.dates import Dates
from nikdedup.residents.ids import Identifiers
from nikdedup.residents.status import uses_english_sex

Rows = npt.NDArray[np.intp]
Value = TypeVar("Value", bound=np.generic)

Key = tuple[int, str | None, str | None]
"""Index of the INPUT, file, sheet."""

PEOPLE = ("nama_lgkp", "tgl_lhr")
"""Columns by which people are counted."""
NAMED = ("nama_lgkp", "nama_lgkp_ibu", "nama_lgkp_ayah")
"""Columns of names."""


@dataclass(frozen=True, eq=False)
class Place:
    """Where the rows of one source stand: in one run or several."""

    runs: list[slice]

    def of(self, values: npt.NDArray[Value]) -> npt.NDArray[Value]:
        """Return the source's own part of an array of all rows; of one run without a copy."""
        parts = [values[run] for run in self.runs]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def dates(self, read: Dates) -> Dates:
        """Return the source's own part of a column of dates."""
        return Dates(
            self.of(read.days),
            self.of(read.findings),
            self.of(read.years),
            self.of(read.year_first),
            self.of(read.known),
        )

    @cached_property
    def rows(self) -> Rows:
        """The numbers of the rows."""
        return np.concatenate([np.arange(run.start, run.stop) for run in self.runs])


def blocks_of(frame: pl.DataFrame) -> list[tuple[Key, slice]]:
    """Return the runs of rows that share a source, in order.

    Args:
        frame: records with their source.
    """
    columns = [c for c in ("_source", "source_file", "source_sheet") if c in frame.columns]
    if not columns or not len(frame):
        return [((0, None, None), slice(0, len(frame)))] if len(frame) else []
    changed = np.arange(len(frame)) == 0
    alike = frame.lazy().select(pl.col(c).eq_missing(pl.col(c).first()).all() for c in columns).collect()
    for column in (c for c in columns if not alike[c][0]):
        changed |= frame[column].ne_missing(frame[column].shift(1)).to_numpy()
    starts = np.flatnonzero(changed)
    stops = [*starts[1:].tolist(), len(frame)]
    keys = frame.select(columns).gather(starts).rows(named=True)
    return [
        ((int(k.get("_source", 0) or 0), k.get("source_file"), k.get("source_sheet")), slice(start, stop))
        for k, start, stop in zip(keys, starts.tolist(), stops, strict=True)
    ]


@dataclass(frozen=True, eq=False)
class Readings:
    """The columns of an extract as first read, before any damage is known."""

    frame: pl.DataFrame
    nik: Identifiers
    nik_days: npt.NDArray[np.int32]
    """Date inside each NIK."""
    kk: Identifiers
    dates: Mapping[str, Dates]
    parents: Mapping[str, Identifiers] = field(default_factory=dict)
    """Parents' NIKs, of the columns there are."""

    @property
    def temporary(self) -> npt.NDArray[np.bool_]:
        """Which NIKs have 16 digits with a leading 0."""
        zero = np.flatnonzero(self.nik.values == 0)
        found = np.zeros(len(self.nik.values), bool)
        found[zero] = (self.nik.digits.gather(zero).str.len_bytes() == 16).fill_null(False).to_numpy()
        return found

    def signs(self) -> Signs:
        """Return what a survey looks at."""
        places = places_of(blocks_of(self.frame))
        numbers = self.frame["row"] if "row" in self.frame.columns else pl.Series(np.arange(len(self.frame)))
        return Signs(
            places=places,
            row=numbers.cast(pl.Int64),
            nik=self.nik.values,
            temporary=self.temporary,
            nik_days=self.nik_days,
            kk=self.kk.values,
            dates=self.dates,
            parents={name: ids.values for name, ids in self.parents.items()},
            english_sex={key for key, place in places.items() if _english_sex(self.frame, place)},
            people=partial(_people_among, self.frame),
            named=tuple(name for name in NAMED if name in self.frame.columns),
            texts=lambda name, rows: text_codes(self.frame[name][rows]),
            overlaps=_overlaps(self.frame),
        )


@dataclass(frozen=True, eq=False)
class Signs:
    """What tells damage: of n records the numbers read from ids and dates, and little else."""

    places: Mapping[Key, Place]
    row: pl.Series
    nik: npt.NDArray[np.int64]
    temporary: npt.NDArray[np.bool_]
    """16 digits with a leading 0."""
    nik_days: npt.NDArray[np.int32]
    kk: npt.NDArray[np.int64]
    dates: Mapping[str, Dates]
    parents: Mapping[str, npt.NDArray[np.int64]]
    english_sex: set[Key]
    """Sources in which M and F mean male and female."""
    people: Callable[[Rows], int]
    """How many different people stand in some rows: by name or by date of birth, the fewer."""
    named: tuple[str, ...] = ()
    """Columns of names that there are."""
    texts: Callable[[str, slice], npt.NDArray[np.uint64]] = lambda name, rows: np.zeros(0, np.uint64)
    """The texts of such a column in some rows as numbers, see `text_codes`."""
    overlaps: Rows = field(default_factory=lambda: np.zeros(0, np.intp))
    """Rows that are equal in all identity fields to a row of another INPUT."""


def text_codes(texts: pl.Series) -> npt.NDArray[np.uint64]:
    """Return a number for each text, the same for the same one; 0 where there is none.

    Args:
        texts: n strings or null.
    """
    codes: npt.NDArray[np.uint64] = texts.hash().to_numpy()
    return np.where(texts.is_null().to_numpy(), np.uint64(0), codes) if texts.null_count() else codes


def places_of(blocks: Sequence[tuple[Key, slice]]) -> dict[Key, Place]:
    """Return where the rows of each source stand.

    Args:
        blocks: runs of rows of one source, as `blocks_of` returns them.
    """
    runs: dict[Key, list[slice]] = {}
    for key, rows in blocks:
        found = runs.setdefault(key, [])
        if found and found[-1].stop == rows.start:
            found[-1] = slice(found[-1].start, rows.stop)
        else:
            found.append(rows)
    return {key: Place(found) for key, found in runs.items()}


def _english_sex(frame: pl.DataFrame, place: Place) -> bool:
    if "jenis_klmin" not in frame.columns:
        return False
    return uses_english_sex(pl.concat([frame["jenis_klmin"][run] for run in place.runs]))


def _people_among(frame: pl.DataFrame, rows: Rows) -> int:
    columns = [c for c in PEOPLE if c in frame.columns]
    return min((frame[c].gather(rows).drop_nulls().n_unique() for c in columns), default=0)


_SAME = ("nik", "no_kk", "nama_lgkp", "jenis_klmin", "tmpt_lhr", "tgl_lhr", "ttl", "nama_lgkp_ibu")


def _overlaps(frame: pl.DataFrame) -> Rows:
    columns = [c for c in _SAME if c in frame.columns]
    if "_source" not in frame.columns or not columns or frame["_source"].n_unique() < 2:
        return np.zeros(0, np.intp)
    several = frame.select((pl.col("_source").n_unique().over(columns) > 1).alias("several"))
    return np.flatnonzero((several["several"] & _named(frame)).to_numpy())


def _named(frame: pl.DataFrame) -> pl.Series:
    """Return which records have a NIK or a name."""
    there = [pl.col(c).is_not_null() for c in ("nik", "nama_lgkp") if c in frame.columns]
    return frame.select(pl.any_horizontal(pl.lit(False), *there).alias("named"))["named"]


def same_codes(frame: pl.DataFrame) -> npt.NDArray[np.uint64]:
    """Return a number for each record, the same where all identity fields are; 0 where nothing names it.

    Args:
        frame: fields as they came.
    """
    codes = frame.select(c for c in _SAME if c in frame.columns).hash_rows(seed=0).to_numpy()
    return np.where(_named(frame).to_numpy(), codes, np.uint64(0))


def overlaps_of(codes: npt.NDArray[np.uint64], inputs: npt.NDArray[np.integer]) -> Rows:
    """Return the rows whose code (see `same_codes`) stands in another INPUT too.

    Args:
        codes: a code for each row.
        inputs: that of each row.
    """
    both = pl.DataFrame({"code": codes, "input": inputs})
    several = both.select((pl.col("code") != 0) & (pl.col("input").n_unique().over("code") > 1))
    return np.flatnonzero(several.to_series().to_numpy())
