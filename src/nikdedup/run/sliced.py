"""dedupe() of a large extract of Parquet files: understood in slices by worker processes, matched as a whole.

No process ever holds the residents: a slice leaves its sketch (match/features/part_features.py) and its counts,
and the few residents that decisions are about are read once more at the end. The tables are byte for byte those of
`run.dedupe`.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from nikdedup.columnar.spill import file_of, put
from nikdedup.config import Config
from nikdedup.engines import Workers
from nikdedup.errors import InputError
from nikdedup.match import Judged, judge
from nikdedup.match.features import sketch_of, taken_back
from nikdedup.residents import (
    Look,
    Rows,
    Slice,
    Sliced,
    counted,
    day_of_births,
    hashed,
    latest_event,
    look_at,
    normalise_and_survey,
    read_slice,
    slices_of,
)
from nikdedup.residents.damage import Survey, examine
from nikdedup.run.resources import Slicing, records_of, scratch_needed
from nikdedup.run.result import Result
from nikdedup.run.run_record import Census, record_of
from nikdedup.runtime.memory import give_back_freed_memory
from nikdedup.runtime.stopping import leaving
from nikdedup.settle import Officers, closed_links, decide, named_in, rows_involved

SIGNS = "signs"
"""Where first looks put aside what tells damage."""
KEY = "key"
"""Where slices put aside the longer part of the hash that a record is known by."""

Stage = Callable[[str], AbstractContextManager[dict[str, int]]]


def dedupe_sliced(
    data: Any,
    config: Config,
    slicing: Slicing,
    *,
    declared: pl.DataFrame | None,
    stage: Stage,
    threads: int,
) -> Result:
    """Return what `run.dedupe` does of one INPUT of Parquet files, its residents by their ids alone.

    declared: what officers have declared. stage: measures one of STAGES. threads: most threads that match.
    """
    with _scratch(records_of(data)) as folder:
        with Workers(slicing.workers, __name__) as workers:
            with stage("read") as counts:
                asked = _asked(slices_of(data, config, most=slicing.rows), config, folder)
                sliced = Sliced.of([ask.slice for ask in asked], workers.map(_look, asked))
                counts["records"] = sum(sliced.sizes)
            with stage("understand") as counts:
                reference, parts = _surveyed(sliced, asked, declared)
                understood = workers.map(_understand, parts)
                counts["records"] = sum(sliced.sizes)
                named = [one.named for one in understood if one.named is not None]
                officers = Officers.heard(
                    declared, pl.concat(named) if named else pl.DataFrame(), reference_date=reference
                )
        with stage("match"):
            judged = _judged(folder, sliced, config, threads=threads, officers=officers)
            give_back_freed_memory()
        with stage("settle") as counts:
            with Workers(slicing.workers, __name__) as workers:  # they start while the tables are made
                row = pl.int_range(sum(sliced.sizes), eager=True)
                matched = judged.tables(pl.DataFrame({"row": row, "record_id": row.cast(pl.String)}))
                del judged
                give_back_freed_memory()
                involved = rows_involved(matched.people, matched.pairs)
                wanted = _with_equals(folder, involved)
                shares = _shared_out(_again(parts, wanted.to_numpy()), slicing)
                residents = counted(
                    pl.concat([pl.read_ipc(file) for file in workers.map(_once_more, shares)])
                )
            decisions = decide(
                matched.people[involved], matched.pairs, residents, config=config, constraints=officers.links,
                refused=matched.refused,
            )  # fmt: skip
            counts |= {"pairs": len(matched.pairs), "decisions": len(decisions)}
        census = Census.together([one.census() for one in understood])
    record = record_of(
        sliced.extract, matched, decisions, census, config=config, reference_date=reference, officers=officers
    )
    ids = matched.people.select("row", "record_id")
    return Result(ids, matched.people, matched.pairs, decisions, record, config)


@dataclass(frozen=True)
class _Ask:
    """A slice as it is looked at first. place: of its first row among those of all slices, records or not."""

    part: int
    slice: Slice
    config: Config
    folder: Path
    place: int

    def file(self, name: str) -> Path:
        return self.folder / f"{name}-{self.part}.arrow"


@dataclass(frozen=True)
class _Known(_Ask):
    """A slice of an extract of which damage and reference date are known; day: by which two-digit years are read.

    first_row: number of its first record in the extract. skipped: which of its rows are no records. wanted: which of
    its records are asked for, by their numbers in the extract; None for all.
    """

    first_row: int
    skipped: list[int]
    reference: date | None
    day: date
    survey: Survey
    declared: pl.DataFrame | None
    wanted: Rows | None = None


@dataclass(frozen=True)
class _Understood:
    """What is counted in a slice; `holders` lies in a file. named: its residents that officers may have named."""

    quality: dict[str, dict[str, int]]
    holders: Path
    niks: pl.DataFrame
    named: pl.DataFrame | None

    def census(self) -> Census:
        return Census(self.quality, pl.read_ipc(self.holders), self.niks)


@contextmanager
def _scratch(records: int) -> Iterator[Path]:
    """Make a folder for what slices put aside, readable by its owner only, and take it away at the end."""
    need, free = scratch_needed(records), shutil.disk_usage(tempfile.gettempdir()).free
    if free < need:
        raise InputError(
            f"the folder for temporary files has {free // 10**6} MB free; about {need // 10**6} MB are needed; "
            "TMPDIR names another one"
        )
    with tempfile.TemporaryDirectory(prefix="nikdedup-", ignore_cleanup_errors=True) as folder:
        (Path(folder) / SIGNS).mkdir()
        with leaving(lambda: shutil.rmtree(folder, ignore_errors=True)):
            yield Path(folder)


def _structured(config: Config) -> bool:
    return config.nik_scheme == "nik"


def _asked(slices: Sequence[Slice], config: Config, folder: Path) -> list[_Ask]:
    """Return what is asked of each slice at first: all its rows, be they records or not."""
    ends = list(accumulate(one.rows for one in slices))
    return [
        _Ask(part, one, config, folder, end - one.rows)
        for part, (one, end) in enumerate(zip(slices, ends, strict=True))
    ]


def _look(ask: _Ask) -> Look:
    return look_at(ask.slice, ask.config, ask.folder / SIGNS, ask.place)


def _surveyed(
    sliced: Sliced, asked: Sequence[_Ask], declared: pl.DataFrame | None
) -> tuple[date | None, list[_Known]]:
    """Return the reference date, and what is asked of each slice once the damage of the whole extract is known."""
    config, sources = asked[0].config, sliced.extract.sources
    reference = config.reference_date or latest_event(sliced.events)
    day = reference or day_of_births(sliced.births)
    survey = Survey()
    if _structured(config):
        survey = examine(sliced.signs(asked[0].folder / SIGNS), sources=sources)
    parts = []
    for ask, first_row, look in zip(asked, sliced.first_rows, sliced.looks, strict=True):
        inside = pl.col("row").is_between(first_row, first_row + look.records, closed="left")
        here = replace(survey, marks=survey.marks.filter(inside))
        skipped = [row - 1 - ask.slice.begin for row, _ in look.skipped]
        known = _Known(
            **vars(ask),
            first_row=first_row,
            skipped=skipped,
            reference=reference,
            day=day,
            survey=here,
            declared=declared,
        )
        parts += [known] if look.records else []
    return reference, parts


def _understand(ask: _Known) -> _Understood:
    residents = _residents([ask])
    sketch_of(residents, structured=_structured(ask.config)).put_aside(ask.folder, ask.part, ask.first_row)
    put(ask.folder, {KEY: residents["_key_high"].to_numpy()}, ask.first_row)
    census = Census.of(residents)
    census.holders.write_ipc(ask.file("holders"))
    named = None if ask.declared is None else named_in(ask.declared, residents)
    return _Understood(census.quality, ask.file("holders"), census.niks, named)


def _judged(folder: Path, sliced: Sliced, config: Config, *, threads: int, officers: Officers) -> Judged:
    """Return what matching the sketches of all slices came to; its evidence is gone when this returns."""
    row = np.arange(sum(sliced.sizes), dtype=np.int32)
    sketch = taken_back(folder, sliced.sizes, structured=_structured(config))
    told = closed_links(officers.links)
    return judge(sketch, row, config, row=row, threads=threads, officers=told, tie=_keys(folder))


def _keys(folder: Path) -> Rows:
    """Return the longer part of the hash of each record, where it lies on disk: little of it is looked at."""
    return np.memmap(file_of(folder, KEY), np.uint64, "r")


def _with_equals(folder: Path, rows: pl.Series) -> pl.Series:
    """Return some rows, sorted, and with them all whose records are equal to one of them, by which they are counted."""
    keys = pl.Series(_keys(folder))
    return keys.is_in(keys[rows].implode()).arg_true().cast(pl.Int64)


def _again(parts: Sequence[_Known], rows: Rows) -> list[_Known]:
    """Return which residents of which slices are asked for once more, one slice at least. rows: sorted."""
    split = np.split(rows, np.searchsorted(rows, [ask.first_row for ask in parts[1:]]))
    asks = [replace(ask, wanted=some, declared=None) for ask, some in zip(parts, split, strict=True)]
    return [ask for ask, some in zip(asks, split, strict=True) if len(some)] or asks[:1]


def _shared_out(asks: Sequence[_Known], slicing: Slicing) -> list[list[_Known]]:
    """Put slices together of which few residents are wanted: each start costs as much as some ten thousand of them.

    A share for each worker, and more where they would hold more residents than a slice.
    """
    wanted = [0 if ask.wanted is None else len(ask.wanted) for ask in asks]
    most = min(slicing.rows, -(-sum(wanted) // slicing.workers))
    shares: list[list[_Known]] = [[]]
    held = 0
    for ask, more in zip(asks, wanted, strict=True):
        if shares[-1] and held + more > most:
            shares.append([])
            held = 0
        shares[-1].append(ask)
        held += more
    return shares


def _once_more(asks: Sequence[_Known]) -> Path:
    """Understand some residents of several slices together and put them aside; return the file."""
    file = asks[0].file("again")
    _residents(asks).write_ipc(file)
    return file


def _residents(asks: Sequence[_Known]) -> pl.DataFrame:
    """Return the residents of slices with their clean, verdict and evidence columns alone."""
    first = asks[0]
    frame = hashed(pl.concat(map(_records, asks)), others=first.wanted is not None)
    marks = pl.concat([ask.survey.marks for ask in asks])
    return normalise_and_survey(
        frame, config=first.config, reference_date=first.reference, day=first.day, consume=True,
        survey=replace(first.survey, marks=marks),
    )[0]  # fmt: skip


def _records(ask: _Known) -> pl.DataFrame:
    wanted = None if ask.wanted is None else ask.wanted - ask.first_row
    return read_slice(ask.slice, ask.config, first_row=ask.first_row, wanted=wanted, skipped=ask.skipped)
