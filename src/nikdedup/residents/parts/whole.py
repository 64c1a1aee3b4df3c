"""The whole of an extract in parts: what its parts say of it together, and the signs of damage in all of them.

Where the columns of the extract come from, how many records each source has, which rows are none: as `read` tells it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import accumulate, groupby

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.columnar.spill import Numbers, Shelf
from nikdedup.config import Config
from nikdedup.errors import InputError
from nikdedup.residents.as_of import day_of_births
from nikdedup.residents.damage import NAMED, PEOPLE, Key, Signs, overlaps_of, places_of
from nikdedup.residents.dates import Dates
from nikdedup.residents.keys import with_keys
from nikdedup.residents.normalise import find_reference_date, latest_event, read_events
from nikdedup.residents.parts.blocks import RECORDS
from nikdedup.residents.parts.look import DATE_PARTS, IDS, sign
from nikdedup.residents.parts.seen import Look
from nikdedup.residents.parts.slices import Slice
from nikdedup.residents.read import (
    Extract,
    Loose,
    SkippedRow,
    check_ids,
    fingerprint_of,
    how_read,
    identified,
    mapping_of,
    unused_of,
)
from nikdedup.residents.status import uses_english_sex
from nikdedup.runtime.threads import side_by_side
from nikdedup.schema import in_order


@dataclass(frozen=True)
class Sliced:
    """The parts of an extract, what was seen of each, and of the whole: an Extract without its records.

    slices: none where the extract was read as one part. sizes: how many records each part has. reference: the
    reference date. day: by which two-digit years are read where there is none, None of one part, which tells by itself.
    events: of one part the dates that were read to find the reference date, as `read_events` gives them.
    """

    slices: list[Slice]
    looks: list[Look]
    extract: Extract
    sizes: list[int]
    reference: date | None
    day: date | None = None
    events: Mapping[str, Dates] | None = None

    @classmethod
    def whole(cls, extract: Extract, config: Config, shelf: Shelf) -> Sliced:
        """Put the records of an extract on the shelf as one part; they are let go there as they are used up."""
        frame = with_keys(extract.frame, config)
        shelf.put_table(RECORDS, 0, frame)
        shelf.put_table(IDS, 0, frame.select("record_id"))
        events = read_events(frame, config)
        reference = find_reference_date(events, config)
        return cls([], [], replace(extract, frame=frame.clear()), [len(frame)], reference, events=events)

    @classmethod
    def of(cls, slices: list[Slice], looks: list[Look], config: Config) -> Sliced:
        """Put together what was seen; InputError where there is no record."""
        sources, unused = [], []
        for source, several in groupby(zip(slices, looks, strict=True), lambda both: both[0].source):
            seen = [look for _, look in several]
            rows = sum(look.records for look in seen)
            sources.append(source.info(rows, seen[0].types))
            unused += unused_of(source.file, source.sheet, rows, _added([look.loose for look in seen]))
        if not any(source.rows for source in sources):
            raise InputError(f"{_origin(slices)}: no records, only a header")
        extract = Extract(
            frame=pl.DataFrame(),
            mapping=mapping_of([look.headers for look in looks]),
            unmapped=list(dict.fromkeys(header for look in looks for header in look.unmapped)),
            skipped=[
                SkippedRow(one.source.file, one.source.sheet, row, reason)
                for one, look in zip(slices, looks, strict=True)
                for row, reason in look.skipped
            ],
            sources=sources,
            fingerprint=fingerprint_of(sources),
            how=how_read([one.source.how for one in slices]),
            unused=unused,
        )
        events, births = (
            np.sum([getattr(look, name) for look in looks], axis=0) for name in ("events", "births")
        )
        reference = config.reference_date or latest_event(events)
        sizes = [look.records for look in looks]
        return cls(slices, looks, extract, sizes, reference, reference or day_of_births(births))

    @property
    def records(self) -> int:
        """How many records the extract has."""
        return sum(self.sizes)

    @property
    def one_part(self) -> bool:
        """Whether the extract is one part, which needs nothing told of any other."""
        return not self.slices

    @property
    def first_rows(self) -> list[int]:
        """The row of the first record of each part."""
        return [0, *accumulate(self.sizes[:-1])]

    @property
    def fields(self) -> list[str]:
        """The fields that any record has."""
        found = {name for look in self.looks if look.records for name in look.fields}
        return in_order(found)

    @cached_property
    def inputs(self) -> npt.NDArray[np.int32]:
        """The index of the INPUT that each record is of."""
        sources = self.extract.sources
        return np.repeat(np.array([one.input for one in sources], np.int32), [one.rows for one in sources])

    def given_ids(self, config: Config, shelf: Shelf) -> pl.Series | None:
        """Return the record ids that are given, None where there are none; InputError where they may not be any."""
        if config.record_id is None:
            return None
        if self.one_part:
            return shelf.table(IDS, 0)["record_id"]
        parts = [shelf.table(IDS, part) for part, size in enumerate(self.sizes) if size]
        asked = pl.concat(parts).with_columns(row=pl.int_range(pl.len()))
        check_ids(asked, config.record_id, pseudonym=config.record_id_pseudonym)
        return identified(asked, config)["record_id"]


def signs_of(sliced: Sliced, shelf: Shelf) -> Signs:
    """Return the signs of the whole extract from the numbers that looks have put on the shelf.

    Args:
        sliced: the extract, in parts that were looked at.
        shelf: where parts leave arrays for each other: memory or a folder.
    """
    columns = _Columns(sliced, shelf)
    numbers = [name for name in columns.types if not name.endswith(".text")]
    read = dict(zip(numbers, side_by_side(columns.take, numbers), strict=True))
    texts = {name.removesuffix(".text"): columns.look(name) for name in columns.types if name not in read}
    people = [texts[name] for name in PEOPLE if name in texts]
    blocks = [
        (one.source.key, slice(first, first + size))
        for one, first, size in zip(sliced.slices, sliced.first_rows, sliced.sizes, strict=True)
        if size
    ]
    return Signs(
        places=places_of(blocks),
        row=pl.int_range(sliced.records, eager=True),
        nik=read["nik"],
        temporary=read["temporary"],
        nik_days=read["nik_days"],
        kk=read["kk"],
        dates=_dates(read),
        parents={name.removesuffix(".id"): ids for name, ids in read.items() if name.endswith(".id")},
        english_sex=_english_sex(sliced),
        people=lambda rows: _people_among(people, columns.at(rows)),
        named=tuple(name for name in NAMED if name in texts),
        texts=lambda name, rows: columns.whole(texts[name])[rows],
        overlaps=overlaps_of(read["same"], sliced.inputs) if "same" in read else np.zeros(0, np.intp),
    )


def _dates(read: dict[str, Numbers]) -> dict[str, Dates]:
    found = {}
    for name in (column.removesuffix(".days") for column in read if column.endswith(".days")):
        days, findings, year_first = (read[f"{name}.{part}"] for part in DATE_PARTS)
        found[name] = Dates(
            days, findings, np.broadcast_to(np.int16(0), len(days)), year_first,
            np.broadcast_to(np.int32(0), len(days)),
        )  # fmt: skip
    return found


def _english_sex(sliced: Sliced) -> set[Key]:
    sexes: dict[Key, set[str]] = {}
    for one, look in zip(sliced.slices, sliced.looks, strict=True):
        sexes.setdefault(one.source.key, set()).update(look.sexes)
    return {key for key, texts in sexes.items() if uses_english_sex(pl.Series(sorted(texts)))}


class _Columns:
    """The columns on the shelf that tell damage, in which every row of a part has a place, be it a record or not."""

    def __init__(self, sliced: Sliced, shelf: Shelf) -> None:
        sizes = [one.rows for one in sliced.slices]
        begins = [0, *accumulate(sizes)]
        self._shelf = shelf
        self._filled = [slice(at, at + size) for at, size in zip(begins, sliced.sizes, strict=False)]
        self._gaps = sizes != sliced.sizes
        self.types = {
            name.removeprefix(sign("")): kind for look in sliced.looks for name, kind in look.columns.items()
        }

    def take(self, name: str) -> Numbers:
        return self.whole(self._shelf.take(sign(name), self.types[name]))

    def look(self, name: str) -> Numbers:
        return self._shelf.look(sign(name), self.types[name])

    def whole(self, values: Numbers) -> Numbers:
        """Return the numbers of records alone."""
        return np.concatenate([values[part] for part in self._filled]) if self._gaps else values

    def at(self, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
        """Return the places of some records."""
        return self._places[rows] if self._gaps else rows

    @cached_property
    def _places(self) -> npt.NDArray[np.intp]:
        return np.concatenate([np.arange(part.start, part.stop) for part in self._filled])


def _origin(slices: Sequence[Slice]) -> str:
    sources = list(dict.fromkeys(one.source.key for one in slices))
    if len(sources) != 1:
        return f"{len(sources)} sources"
    _, file, sheet = sources[0]
    return f"{file or 'frame'}" + (f" sheet {sheet!r}" if sheet is not None else "")


def _added(parts: Sequence[Sequence[Loose]]) -> list[Loose]:
    """Return the columns of a file that are not used, the filled cells of its slices added up."""
    return [replace(same[0], filled=sum(one.filled for one in same)) for same in zip(*parts, strict=True)]


def _people_among(columns: Sequence[Numbers], rows: npt.NDArray[np.intp]) -> int:
    """Return how many different people stand in some rows, as `Signs.people` does; 0 is no text."""
    return min((len(np.setdiff1d(column[rows], [0])) for column in columns), default=0)
