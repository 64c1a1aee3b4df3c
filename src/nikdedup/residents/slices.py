"""A large extract of Parquet files in slices of rows: each is read by itself, and no record is ever in two.

What the whole extract says of itself (where its columns come from, how many records each file has) is put
together from what was seen of each slice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, groupby
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.columnar.spill import Numbers, file_of, put, take
from nikdedup.config import Config
from nikdedup.errors import InputError
from nikdedup.residents.as_of import count_births
from nikdedup.residents.damage import EVENTS, NAMED, PEOPLE, Key, Readings, Signs, places_of, text_codes
from nikdedup.residents.dates import Dates
from nikdedup.residents.long_cells import shortened
from nikdedup.residents.normalise import ANY_DAY, count_events, first_reading
from nikdedup.residents.read import (
    ColumnMap,
    Extract,
    Loose,
    Shaped,
    SkippedRow,
    SourceInfo,
    Table,
    check_overrides,
    columns_of,
    expand,
    fingerprint_of,
    footer,
    identified,
    mapping_of,
    placed,
    read_parquet,
    shape,
    suffix,
    tables_of,
    told_by,
    unused_of,
)
from nikdedup.residents.status import uses_english_sex
from nikdedup.runtime.threads import side_by_side

Rows = npt.NDArray[np.int64]

DATE_PARTS = ("days", "findings", "year_first")
"""Of the columns of `Dates`, those that tell damage."""


@dataclass(frozen=True)
class Slice:
    """Rows of one Parquet file: so many from row `begin` (0-based) of the file on.

    columns: where the fields of the file stand. digest, changed: of the whole file, and its size and time
    of change, by which a slice is known to be still the same.
    """

    path: Path
    digest: str
    changed: tuple[int, int]
    begin: int
    rows: int
    columns: ColumnMap


@dataclass(frozen=True)
class Look:
    """What a first look at a slice has found: how many records, what are none, and what `Shaped` says of columns.

    events, births: as `count_events` and `count_births` give them. sexes: texts of the column of sex. columns: what was
    put aside, with types.
    """

    records: int
    skipped: list[tuple[int, str]]
    headers: dict[str, list[str]]
    unmapped: list[str]
    types: dict[str, str]
    loose: list[Loose]
    events: npt.NDArray[np.int64] = field(default_factory=lambda: count_events([]))
    births: npt.NDArray[np.int64] = field(default_factory=lambda: count_births(None))
    sexes: list[str] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)


def only_parquet(data: Any) -> bool:
    """Return whether the inputs are one INPUT of Parquet files alone; InputError as `expand`."""
    return all(
        index == 0 and isinstance(item, Path) and suffix(item) in (".parquet", ".pq")
        for index, item in expand(data)
    )


def slices_of(data: Any, config: Config, *, most: int) -> list[Slice]:
    """Return the slices of Parquet files, of `most` rows each at most; where it can be, of whole row groups.

    Raises InputError or ConfigError for what tells that the files are no extract before a row is read.
    """
    paths = [path for _, path in expand(data, config.limits)]
    tables = [table for _, table in tables_of(data, config)]
    check_overrides([table.headers for table in tables], config)
    maps = [columns_of(table, config) for table in tables]
    return [
        Slice(path, table.digest or "", _changed(path), begin, rows, columns)
        for path, table, columns in zip(paths, tables, maps, strict=True)
        for begin, rows in _cuts(_row_groups(path), most) or [(0, 0)]  # an empty part is a source too
    ]


def _changed(path: Path) -> tuple[int, int]:
    about = path.stat()
    return about.st_size, about.st_mtime_ns


def _row_groups(path: Path) -> list[int]:
    """Return how many rows each row group of a Parquet file has."""
    about = footer(path)
    return [about.row_group(i).num_rows for i in range(about.num_row_groups)]


def _cuts(groups: Sequence[int], most: int) -> list[tuple[int, int]]:
    """Return where slices begin and how many rows they have.

    >>> _cuts([40, 40, 40, 250], 100)
    [(0, 80), (80, 40), (120, 100), (220, 100), (320, 50)]
    """
    cuts: list[tuple[int, int]] = []
    begin = size = 0
    for rows in groups:
        if size + rows > most:
            cuts.append((begin, size))
            begin, size = begin + size, 0
        size += rows
        while size > most:
            cuts.append((begin, most))
            begin, size = begin + most, size - most
    return [cut for cut in (*cuts, (begin, size)) if cut[1]]


def look_at(one: Slice, config: Config, folder: Path, place: int) -> Look:
    """Read a slice for the first time and put the numbers that tell damage aside, from `place` of their columns on.

    The dates are read as of the reference date that is configured, else of ANY_DAY: of a damage only days and
    months tell, not the century.
    """
    table, part = _shaped(one, config, counted=True)
    frame = placed(table, part, index=0, rows=pl.int_range(part.fields.height, eager=True))
    if not len(frame):
        return Look(0, part.skipped, part.headers, part.unmapped, part.types, part.loose)
    frame = shortened(frame).frame
    readings, _ = first_reading(frame, config, config.reference_date or ANY_DAY)
    numbers = _numbers(readings) if config.nik_scheme == "nik" else {}
    put(folder, numbers, place)
    return Look(
        records=frame.height,
        skipped=part.skipped,
        headers=part.headers,
        unmapped=part.unmapped,
        types=part.types,
        loose=part.loose,
        events=count_events(readings.dates[name].days for name in EVENTS if name in readings.dates),
        births=count_births(readings.dates.get("tgl_lhr")),
        sexes=frame["jenis_klmin"].unique().drop_nulls().to_list() if "jenis_klmin" in frame.columns else [],
        columns={name: values.dtype.str for name, values in numbers.items()},
    )


def _numbers(readings: Readings) -> dict[str, Numbers]:
    """Return what `Sliced.signs` takes back: columns of a slice, a text being a number that is 0 if missing."""
    found: dict[str, Numbers] = {
        "nik": readings.nik.values,
        "temporary": readings.temporary,
        "nik_days": readings.nik_days,
        "kk": readings.kk.values,
    }
    for name, dates in readings.dates.items():
        found |= {f"{name}.{part}": getattr(dates, part) for part in DATE_PARTS}
    found |= {f"{name}.id": ids.values for name, ids in readings.parents.items()}
    for name in dict.fromkeys((*PEOPLE, *NAMED)):
        if name in readings.frame.columns:
            found[f"{name}.text"] = text_codes(readings.frame[name])
    return found


def read_slice(
    one: Slice, config: Config, *, first_row: int, wanted: Rows | None = None, skipped: Sequence[int] = ()
) -> pl.DataFrame:
    """Return the records of a slice, as `read` gives those of a whole extract.

    first_row: number of the first record. wanted: which of them, counted from 0; None for all. skipped: rows of the
    slice that are no records, as its `Look` tells; asked for with `wanted`, of which no other row is understood.
    """
    if wanted is None:
        table, part = _shaped(one, config)
        wanted = np.arange(part.fields.height)
    else:
        table, part = _shaped(one, config, np.delete(np.arange(one.rows), skipped)[wanted])
    return identified(placed(table, part, index=0, rows=pl.Series(first_row + wanted)), config)


def _shaped(
    one: Slice, config: Config, rows: Rows | None = None, *, counted: bool = False
) -> tuple[Table, Shaped]:
    """Return the table of a file and the records of a slice of it. rows: of the slice, sorted; None for all."""
    if _changed(one.path) != one.changed:
        raise InputError(f"{one.path.name}: was changed while it was read; run again")
    table = read_parquet(one.path, one.digest)
    frame, place = table.frame.slice(one.begin, one.rows), pl.int_range(1, one.rows + 1, eager=True)
    if rows is not None:
        frame, place = frame.map_batches(lambda read: read[rows], slice_pushdown=False), place[rows]
    part = shape(replace(table, frame=frame), config, known=one.columns, counted=counted)
    source_rows = place.gather(part.source_rows - 1) + one.begin
    skipped = [(row + one.begin, reason) for row, reason in part.skipped]
    return table, replace(part, source_rows=source_rows, skipped=skipped)


@dataclass(frozen=True)
class Sliced:
    """The slices of an extract, what was seen of each, and of the whole: an Extract without its records."""

    slices: list[Slice]
    looks: list[Look]
    extract: Extract

    @classmethod
    def of(cls, slices: list[Slice], looks: list[Look]) -> Sliced:
        """Put together what was seen; InputError where there is no record."""
        if not any(look.records for look in looks):
            files = {one.path.name for one in slices}
            origin = files.pop() if len(files) == 1 else f"{len(files)} sources"
            raise InputError(f"{origin}: no records, only a header")
        sources, unused = [], []
        for (path, digest), several in groupby(
            zip(slices, looks, strict=True), lambda both: (both[0].path, both[0].digest)
        ):
            seen = [look for _, look in several]
            rows = sum(look.records for look in seen)
            sources.append(SourceInfo(path.name, None, 0, rows, seen[0].types, digest, []))
            unused += unused_of(path.name, None, rows, _added([look.loose for look in seen]))
        extract = Extract(
            frame=pl.DataFrame(),
            mapping=mapping_of([look.headers for look in looks]),
            unmapped=list(dict.fromkeys(header for look in looks for header in look.unmapped)),
            skipped=[
                SkippedRow(one.path.name, None, row, reason)
                for one, look in zip(slices, looks, strict=True)
                for row, reason in look.skipped
            ],
            sources=sources,
            fingerprint=fingerprint_of(sources),
            how=told_by([one.columns.how for one in slices]),
            unused=unused,
        )
        return cls(slices, looks, extract)

    @property
    def sizes(self) -> list[int]:
        """How many records each slice has."""
        return [look.records for look in self.looks]

    @property
    def first_rows(self) -> list[int]:
        """The row of the first record of each slice."""
        return [0, *accumulate(self.sizes[:-1])]

    @property
    def events(self) -> npt.NDArray[np.int64]:
        """As `count_events` gives them."""
        total: npt.NDArray[np.int64] = np.sum([look.events for look in self.looks], axis=0)
        return total

    @property
    def births(self) -> npt.NDArray[np.int64]:
        """As `count_births` gives them."""
        total: npt.NDArray[np.int64] = np.sum([look.births for look in self.looks], axis=0)
        return total

    def signs(self, folder: Path) -> Signs:
        """Return the signs of the whole extract from the numbers that looks have put aside."""
        begins = [0, *accumulate(one.rows for one in self.slices)]
        filled = [slice(at, at + size) for at, size in zip(begins, self.sizes, strict=False)]
        gaps = [one.rows for one in self.slices] != self.sizes

        def whole(values: Numbers) -> Numbers:
            return np.concatenate([values[part] for part in filled]) if gaps else values

        put_aside = next(look.columns for look in self.looks if look.records)
        texts = [name for name in put_aside if name.endswith(".text")]
        numbers = [name for name in put_aside if name not in texts]
        read = side_by_side(lambda name: whole(take(folder, name, put_aside[name])), numbers)
        columns = dict(zip(numbers, read, strict=True))
        later = {
            name.removesuffix(".text"): np.memmap(file_of(folder, name), put_aside[name], "r")
            for name in texts
        }
        people = [later[name] for name in PEOPLE if name in later]
        dates = {}
        for name in (found.removesuffix(".days") for found in columns if found.endswith(".days")):
            days, findings, year_first = (columns[f"{name}.{part}"] for part in DATE_PARTS)
            dates[name] = Dates(days, findings, np.broadcast_to(np.int16(0), len(days)), year_first)
        blocks = [
            ((0, one.path.name, None), slice(first, first + size))
            for one, first, size in zip(self.slices, self.first_rows, self.sizes, strict=True)
        ]
        sexes: dict[Key, set[str]] = {}
        for (key, _), look in zip(blocks, self.looks, strict=True):
            sexes.setdefault(key, set()).update(look.sexes)
        place = np.concatenate([np.arange(part.start, part.stop) for part in filled]) if gaps else None
        return Signs(
            places=places_of(blocks),
            row=pl.int_range(len(columns["nik"]), eager=True),
            nik=columns["nik"],
            temporary=columns["temporary"],
            nik_days=columns["nik_days"],
            kk=columns["kk"],
            dates=dates,
            parents={name.removesuffix(".id"): ids for name, ids in columns.items() if name.endswith(".id")},
            english_sex={key for key, texts in sexes.items() if uses_english_sex(pl.Series(sorted(texts)))},
            people=lambda rows: _people_among(people, rows if place is None else place[rows]),
            named=tuple(name for name in NAMED if name in later),
            texts=lambda name, rows: whole(later[name])[rows],
        )


def _added(parts: Sequence[Sequence[Loose]]) -> list[Loose]:
    """Return the columns of a file that are not used, the filled cells of its slices added up."""
    return [replace(same[0], filled=sum(one.filled for one in same)) for same in zip(*parts, strict=True)]


def _people_among(columns: Sequence[Numbers], rows: npt.NDArray[np.intp]) -> int:
    """Return how many different people stand in some rows, as `Signs.people` does; 0 is no text."""
    return min((len(np.setdiff1d(column[rows], [0])) for column in columns), default=0)
