"""What is done in a part of an extract, and what is put together of all parts.

Parts leave what they find on a shelf: numbers of each record in columns of the whole extract, tables as tables of
their own. An extract that is one part is worked on in the same steps; as there is nothing that other parts could tell,
its damage is surveyed while it is understood, and nothing of it is read twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate
from typing import Any

import numpy as np
import polars as pl

from nikdedup.columnar.spill import Numbers, Shelf
from nikdedup.config import Config
from nikdedup.engines import Engine
from nikdedup.match.features import part_features_of
from nikdedup.residents import (
    CODE,
    COUNT,
    HASH,
    OTHERS,
    Overlap,
    counted,
    hashed,
    normalise_and_survey,
    overlap_codes,
    overlap_of,
    record_keys,
)
from nikdedup.residents.damage import Key, SourceDamage, Survey, examine
from nikdedup.residents.dates import Dates
from nikdedup.residents.parts import (
    RECORDS,
    Look,
    Rows,
    Slice,
    Sliced,
    fields_of,
    look_at,
    read_slice,
    signs_of,
    slices_of,
)
from nikdedup.residents.read import SourceInfo, extract_of, read_parts
from nikdedup.run.inputs import Inputs
from nikdedup.run.resources import Cut, check_whole
from nikdedup.run.run_record import Census
from nikdedup.runtime.share import handed_out, within
from nikdedup.schema import FIELDS, MATCHED
from nikdedup.settle import named_in, with_declared

RESIDENTS, AGAIN, HOLDERS = "residents", "again", "holders"
"""Tables on the shelf: the residents of a part, those that decisions are about, those who count in its coverage."""
KEYS: dict[str, Any] = {
    HASH[0]: np.uint64,
    HASH[1]: np.uint32,
    OTHERS: np.uint64,
    COUNT: np.uint32,
    CODE: np.uint64,
}
"""Columns on the shelf by which records are known, and by which copies in several INPUTs are found."""


@dataclass(frozen=True)
class Part:
    """A part of an extract before anything is known of the others.

    slice: its rows; None for an extract that is one part. place: of its first row among those of all parts, records or
    not. fields: of all parts. several: whether there are several INPUTs. kept: whether its residents are.
    """

    number: int
    slice: Slice | None
    config: Config
    shelf: Shelf
    place: int
    fields: list[str]
    several: bool
    kept: bool


@dataclass(frozen=True)
class Known(Part):
    """A part of an extract of which damage and reference date are known.

    first_row: number of its first record in the extract. skipped: which of its rows are no records. survey: None where
    the part itself tells, with what the reader knows of its sources. reference: the reference date. day, events: as
    `normalise_and_survey` takes them. declared: what officers have. wanted: which of its records are asked for, by
    their numbers in the extract; None for all.
    """

    first_row: int
    skipped: list[int]
    reference: date | None
    day: date | None
    survey: Survey | None
    declared: pl.DataFrame | None
    sources: Sequence[SourceInfo] = ()
    events: Mapping[str, Dates] | None = None
    wanted: Rows | None = None

    @property
    def here(self) -> Rows | None:
        """Which of its records are asked for, counted from its first one."""
        return None if self.wanted is None else self.wanted - self.first_row


@dataclass(frozen=True)
class Understood:
    """What is found in a part. named: its residents that officers may have named. damage: of sources as a whole."""

    census: Census
    named: pl.DataFrame | None
    damage: Mapping[Key, SourceDamage]


def looked_at(
    inputs: Inputs, config: Config, cut: Cut | None, shelf: Shelf, engine: Engine
) -> tuple[Sliced, list[Part]]:
    """Return the extract in its parts as they are seen first."""
    kept = cut is None or config.run.residents or config.run.report
    if cut is None:
        sliced = Sliced.whole(
            extract_of(read_parts(handed_out(inputs.items), config=config), config=config), config, shelf
        )
        return sliced, [Part(0, None, config, shelf, 0, [], inputs.several, kept)]
    with within(0.0, 0.5):
        slices = slices_of(
            handed_out(inputs.items),
            config,
            shelf,
            most=cut.rows,
            whole=lambda path: check_whole(path, config),
        )
    ends, fields = list(accumulate(one.rows for one in slices)), fields_of(slices)
    parts = [
        Part(number, one, config, shelf, end - one.rows, fields, inputs.several, kept)
        for number, (one, end) in enumerate(zip(slices, ends, strict=True))
    ]
    with within(0.5, 1.0):
        return Sliced.of(slices, engine.map(look, parts), config), parts


def look(part: Part) -> Look:
    """Return what a first look at a part finds."""
    assert part.slice is not None
    return look_at(
        part.slice, part.config, part.shelf,
        part=part.number, place=part.place, fields=part.fields, several=part.several,
    )  # fmt: skip


def surveyed(sliced: Sliced, parts: Sequence[Part], declared: pl.DataFrame | None) -> list[Known]:
    """Return the parts that have records, with what the whole extract tells of each."""
    config, shelf = parts[0].config, parts[0].shelf
    survey = None
    if not sliced.one_part:
        signs = signs_of(sliced, shelf)
        survey = examine(signs, sources=sliced.extract.sources, names=not config.plain_names)
    known = []
    for part, first_row, size in zip(parts, sliced.first_rows, sliced.sizes, strict=True):
        about = {**vars(part), "fields": sliced.fields or part.fields}
        skipped = _skipped(sliced, part)
        here = None if survey is None else _in_rows(survey, first_row, size)
        known.append(Known(
            **about, first_row=first_row, skipped=skipped, reference=sliced.reference, day=sliced.day, survey=here,
            declared=declared, sources=sliced.extract.sources if sliced.one_part else (), events=sliced.events,
        ))  # fmt: skip
    return [part for part, size in zip(known, sliced.sizes, strict=True) if size]


def _skipped(sliced: Sliced, part: Part) -> list[int]:
    """Return which rows of a range of a file are no records."""
    begin = getattr(part.slice, "begin", None)
    return [] if begin is None else [row - 1 - begin for row, _ in sliced.looks[part.number].skipped]


def _in_rows(survey: Survey, first: int, size: int) -> Survey:
    inside = pl.col("row").is_between(first, first + size, closed="left")
    return replace(survey, marks=survey.marks.filter(inside))


def understand(part: Known) -> Understood:
    """Understand the residents of a part, put what matching needs of them on the shelf, return what is counted."""
    residents, survey = _residents([part])
    shelf, structured = part.shelf, part.config.nik_scheme == "nik"
    features = part_features_of(
        residents, structured=structured, plain=part.config.plain_names, further=part.config.further
    )
    features.put(shelf, part.number, part.first_row)
    known_by = {name: residents[name].to_numpy() for name in KEYS if name in residents.columns}
    if part.several:
        known_by[CODE] = overlap_codes(residents)
    shelf.put(known_by, part.first_row)
    census = Census.of(residents, several=part.several)
    shelf.put_table(HOLDERS, part.number, census.holders)
    named = None if part.declared is None else named_in(part.declared, residents)
    if part.kept:
        shelf.put_table(RESIDENTS, part.number, residents.drop(OTHERS, strict=False))
    return Understood(replace(census, holders=census.holders.clear()), named, survey.sources)


def named(understood: Sequence[Understood], keys: dict[str, Numbers]) -> pl.DataFrame:
    """Return the residents of all parts that officers may have named, with their keys. keys: see `key_columns`."""
    found = [one.named for one in understood if one.named is not None]
    if not found:
        return pl.DataFrame()
    residents = marked(pl.concat(found), keys, None)
    return residents.with_columns(record_keys(residents))


def census_of(
    parts: Sequence[Known],
    understood: Sequence[Understood],
    overlap: Overlap | None,
    *,
    link: bool,
    statuses: pl.DataFrame,
) -> Census:
    """Return what is counted over all parts; overlap, link, statuses as for `Census.together`."""
    shelf = parts[0].shelf
    holders = pl.concat([shelf.table(HOLDERS, part.number) for part in parts])
    counts = [one.census for one in understood]
    return Census.together(counts, holders, overlap, link=link, statuses=statuses)


def key_columns(sliced: Sliced, config: Config, shelf: Shelf) -> dict[str, Numbers]:
    """Return what records of the whole extract are known by, HASH and COUNT; nothing where record ids are given."""
    if config.record_id is not None:
        return {}
    if not sliced.one_part:
        found = {name: shelf.look(name, KEYS[name]) for name in (*HASH, OTHERS)}
        row = pl.int_range(sum(sliced.sizes), eager=True).alias("row")
        shelf.put({COUNT: counted(pl.DataFrame(found).with_columns(row))[COUNT].to_numpy()}, 0)
    return {name: shelf.look(name, KEYS[name]) for name in (*HASH, COUNT)}


def overlap_in(sliced: Sliced, keys: dict[str, Numbers], shelf: Shelf) -> Overlap:
    """Return which records stand in several INPUTs."""
    row = pl.int_range(sum(sliced.sizes), eager=True).alias("row")
    code = shelf.take(CODE, KEYS[CODE])
    return overlap_of(pl.DataFrame({CODE: code, "_source": sliced.inputs, **keys}).with_columns(row))


def involved(parts: Sequence[Known], rows: pl.Series, cut: Cut | None, engine: Engine) -> pl.DataFrame:
    """Return some residents, sorted by row, as `understand` understood them. rows: sorted, one at least."""
    split = np.split(rows.to_numpy(), np.searchsorted(rows, [part.first_row for part in parts[1:]]))
    asks = [replace(part, wanted=some, declared=None) for part, some in zip(parts, split, strict=True)]
    asks = [ask for ask, some in zip(asks, split, strict=True) if len(some)] or asks[:1]
    shelf, shares = parts[0].shelf, _shared_out(asks, cut)
    engine.map(once_more, shares)
    found = pl.concat([shelf.table(AGAIN, share[0].number) for share in shares])
    for share in shares:
        shelf.drop(AGAIN, share[0].number)
    return found


def marked(
    residents: pl.DataFrame,
    keys: dict[str, Numbers],
    overlap: Overlap | None,
    statuses: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return residents of any part with what the whole extract tells of them: their number among equals, and copies.

    overlap: None where copies in several INPUTs are not marked. statuses: what is declared of them, see
    `settle.with_declared`; None where it is not written beside them.
    """
    if keys:
        rows = residents["row"].to_numpy()
        residents = residents.with_columns(pl.Series(COUNT, keys[COUNT][rows]))
    if statuses is not None and len(statuses):
        residents = with_declared(residents, statuses)
    return residents if overlap is None else overlap.flagged(residents)


def let_go_of_matched(shelf: Shelf) -> None:
    """Have the residents of an extract of one part without the columns of which the matcher has made features."""
    shelf.put_table(RESIDENTS, 0, shelf.table(RESIDENTS, 0).drop(MATCHED, strict=False))


def residents_of(
    parts: Sequence[Known], keys: dict[str, Numbers], overlap: Overlap | None, statuses: pl.DataFrame
) -> Iterator[pl.DataFrame]:
    """Give the residents of one part after the other, as `marked` returns them; the shelf does not keep them."""
    for part in parts:
        residents = part.shelf.table(RESIDENTS, part.number)
        part.shelf.drop(RESIDENTS, part.number)
        yield marked(residents, keys, overlap, statuses)


def _shared_out(asks: Sequence[Known], cut: Cut | None) -> list[list[Known]]:
    """Put parts together of which few residents are wanted: each start costs as much as some ten thousand of them.

    A share for each worker, and more where they would hold more residents than a part.
    """
    if cut is None:
        return [list(asks)]
    wanted = [0 if ask.wanted is None else len(ask.wanted) for ask in asks]
    most = min(cut.rows, -(-sum(wanted) // cut.workers))
    shares: list[list[Known]] = [[]]
    held = 0
    for ask, more in zip(asks, wanted, strict=True):
        if shares[-1] and held + more > most:
            shares.append([])
            held = 0
        shares[-1].append(ask)
        held += more
    return shares


def once_more(parts: Sequence[Known]) -> None:
    """Put the residents that are asked for of several parts on the shelf together, under the number of the first."""
    first = parts[0]
    residents = pl.concat([_kept(part) for part in parts]) if first.kept else _residents(parts)[0]
    first.shelf.put_table(AGAIN, first.number, residents)


def _kept(part: Known) -> pl.DataFrame:
    """Return the residents that are asked for of a part whose residents lie on the shelf, without FIELDS."""
    residents = part.shelf.table(RESIDENTS, part.number).drop(*FIELDS, strict=False)
    return residents if part.here is None else residents[part.here]


def _residents(parts: Sequence[Known]) -> tuple[pl.DataFrame, Survey]:
    """Return the residents of parts with their clean, verdict and evidence columns, and the survey they went by.

    Beside the fields as they came where they are to be published, else alone. An extract that is one part is used up.
    """
    first = parts[0]
    published = first.config.run.residents or first.config.run.report
    if first.slice is None:
        frame = first.shelf.table(RECORDS, first.number)
        first.shelf.drop(RECORDS, first.number)
    else:
        frame = pl.concat([_records(part) for part in parts])
    survey = first.survey
    if survey is not None:
        survey = replace(survey, marks=pl.concat([part.survey.marks for part in parts if part.survey]))
    return normalise_and_survey(
        frame, config=first.config, reference_date=first.reference, day=first.day, consume=not published, survey=survey,
        sources=first.sources, events=first.events,
    )  # fmt: skip


def _records(part: Known) -> pl.DataFrame:
    assert part.slice is not None
    frame = read_slice(
        part.slice, part.config, part.shelf,
        first_row=part.first_row, fields=part.fields, wanted=part.here, skipped=part.skipped,
    )  # fmt: skip
    return frame if part.config.record_id is not None else hashed(frame, others=part.wanted is None)
