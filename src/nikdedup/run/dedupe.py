"""dedupe(): the whole way from an extract to decisions, on one screen, for every size of it.

An extract is a list of parts: one, held in memory, where it is small; many where it is large, seen to by worker
processes that leave what they find in a folder (run/parts.py). What the whole tells is put together between the steps.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from nikdedup.columnar.spill import InFolder, InMemory, Numbers, Shelf
from nikdedup.config import Config
from nikdedup.engines import Engine, InPlace, Workers
from nikdedup.errors import ConfigError, InputError, argument, door
from nikdedup.match import Judgement, match
from nikdedup.match.features import PartFeatures, taken_back
from nikdedup.residents import HASH, Overlap
from nikdedup.residents.places import load_regions
from nikdedup.run import parts as steps
from nikdedup.run.inputs import Inputs
from nikdedup.run.kept import Stored, published
from nikdedup.run.resources import Cut, check_memory, cut_of, scratch_needed
from nikdedup.run.result import Result
from nikdedup.run.run_record import record_of
from nikdedup.runtime.journal import tell_not_compiled
from nikdedup.runtime.kernels import all_compiled
from nikdedup.runtime.memory import give_back_freed_memory
from nikdedup.runtime.stopping import leaving
from nikdedup.runtime.threads import processors
from nikdedup.runtime.timing import Clock
from nikdedup.settle import (
    Officers,
    check_entries,
    closed_links,
    decide,
    load_constraints,
    load_policy,
    rows_involved,
    with_villages,
)

STAGES = ("read", "understand", "match", "settle", "write")
"""Stages of a run, in order, as progress and timing name them."""


@door
def dedupe(
    data: Any = None,
    *,
    config: Config | str | Path | dict[str, Any] | None = None,
    link: Sequence[Any] | None = None,
    progress: Callable[[str], None] | bool | None = None,
    judgement: Judgement | None = None,
    keep_features: Callable[[PartFeatures], None] | None = None,
    keep_residents: Callable[[pl.DataFrame, date | None], None] | None = None,
    keep_people: Callable[[pl.DataFrame], None] | None = None,
    **options: Any,
) -> Result:
    """Return the people, pairs and decisions of an extract.

    A large extract, and one that does not fit in `memory`, is worked on in parts by worker processes; the tables are
    the same bytes. Of such a run `residents` is read when it is first asked for, and holds the ids alone where
    neither residents nor report are wanted.

    Args:
        data: a path (file, folder, glob), an address (`s3://…`), a frame (pandas, polars, pyarrow or anything with
            the Arrow PyCapsule interface), or a list of these.
        config: a Config, a path of a TOML file, or a mapping; the shipped settings where None.
        link: two or more inputs in place of `data`, which are compared only across each other.
        progress: True shows a bar with the stage, the share that is done and the time left, in a notebook or on
            standard error, if the run takes more than a second; or what is called with the name of each stage (STAGES)
            as it begins. None shows nothing: nothing is ever printed unasked.
        judgement: what an earlier run has learnt, in place of what this extract tells.
        keep_features: called with what the matcher knows of each record, before it uses it up.
        keep_residents: called with the residents as they are published and the reference date, before they are
            matched; not where they are too many to be held. The result then keeps no others.
        keep_people: called with the people, before anything is decided.
        **options: keys of the config, which go before it: `reference_date`, `record_id`, `columns`, `threads`...

    Returns:
        Tables of polars (see schema), and the record of the run. A broken record is in them with its reason codes; it
        is no error.

    Raises:
        InputError: for an input that cannot be read without guessing, in one line.
        ConfigError: for settings that are unknown or not allowed, all of them in one line.

    Example:
        >>> people = pl.DataFrame({
        ...     "NIK": ["6212014107809001", "6212014107809002", "6212014107809001"],
        ...     "NAMA_LGKP": ["SITI AMINAH", "RUSLAN EFENDI", "SITI AMINAH"],
        ...     "TGL_LHR": ["1980-07-01", "1980-07-01", "1980-07-01"],
        ... })
        >>> dedupe(people, reference_date="2026-06-30")
        Result(3 records, 2 people, 1 confirmed and 0 review pairs)
    """
    settings = Config.resolve(config, options)
    inputs = Inputs.of(data, link, limits=settings.limits)
    check_memory(inputs, settings)
    declared = _declared(settings)
    if not all_compiled():
        tell_not_compiled()
    threads = settings.run.threads or processors()
    cut = cut_of(inputs, settings, threads=threads)
    with _told(progress, settings) as tell, _shelf(inputs, settings, cut) as shelf:
        keep = Kept(keep_features, keep_residents, keep_people)
        return _worked(inputs, settings, cut, shelf, declared, Clock(tell), threads, judgement, keep)


@dataclass(frozen=True)
class Kept:
    """Who is given something on the way, see `dedupe`."""

    features: Callable[[PartFeatures], None] | None = None
    residents: Callable[[pl.DataFrame, date | None], None] | None = None
    people: Callable[[pl.DataFrame], None] | None = None


def _told(
    progress: Callable[[str], None] | bool | None, config: Config
) -> AbstractContextManager[Callable[[str], None] | None]:
    """Return what is told of stages; ConfigError for what cannot be told."""
    if progress is True:
        from nikdedup.show import show_progress

        return show_progress(sys.stderr, config.run.lang)
    if progress in (None, False):
        return nullcontext()
    if not callable(progress):
        raise ConfigError(f"{argument('progress', progress)}; allowed: true or false")
    return nullcontext(progress)


def _worked(
    inputs: Inputs,
    config: Config,
    cut: Cut | None,
    shelf: Shelf,
    declared: pl.DataFrame | None,
    clock: Clock,
    threads: int,
    judgement: Judgement | None,
    keep: Kept,
) -> Result:
    """Look at the parts, understand them by what the whole tells, match, settle, and tell of it."""
    with _engine(cut) as engine:
        with clock.stage("read") as counts:
            extract, parts = steps.looked_at(inputs, config, cut, shelf, engine)
            counts["records"] = extract.records
            ids = extract.given_ids(config, shelf)
            if cut is None:
                check_memory(inputs, config, records=extract.records)
        with clock.stage("understand") as counts:
            known = steps.surveyed(extract, parts, declared)
            understood = engine.map(steps.understand, known)
            counts["records"] = extract.records
    with clock.stage("match"):
        keys = steps.key_columns(extract, config, shelf)
        officers = Officers.resolved(
            declared, steps.named(understood, keys), reference_date=extract.reference
        )
        overlap = steps.overlap_in(extract, keys, shelf) if inputs.several else None
        seen = None if inputs.link else overlap
        given = None
        if keep.residents is not None and cut is None and known[0].kept:
            given = published(steps.marked(shelf.table(steps.RESIDENTS, 0), keys, seen, officers.statuses))
            steps.let_go_of_matched(shelf)
            keep.residents(given, extract.reference)
        features = taken_back(
            shelf, extract.sizes, structured=config.nik_scheme == "nik", plain=config.plain_names,
            further={name: kind for name, kind in config.further.items() if name in extract.extract.mapping},
        )  # fmt: skip
        if keep.features is not None:
            keep.features(features)
        matched = match(
            features, config,
            source=extract.inputs, ids=ids, link=inputs.link, overlap=overlap, threads=threads,
            officers=closed_links(officers.links), tie=keys.get(HASH[0]), judgement=judgement,
        )  # fmt: skip
        del features
        give_back_freed_memory()
        if keep.people is not None:
            keep.people(matched.people)
    with clock.stage("settle") as counts:
        rows = rows_involved(matched.people, matched.pairs)
        with _engine(cut) as engine:
            involved = steps.involved(known, rows, cut, engine)
        decisions = decide(
            matched.people[rows], matched.pairs, steps.marked(involved, keys, seen),
            config=config, constraints=officers.links, refused=matched.refused, statuses=officers.statuses,
        )  # fmt: skip
        counts |= {"pairs": len(matched.pairs), "decisions": len(decisions)}
        census = steps.census_of(known, understood, overlap, link=inputs.link, statuses=officers.statuses)
        record = record_of(
            extract.extract, matched, decisions, census,
            config=config, reference_date=extract.reference, officers=officers,
            damage={key: found for one in understood for key, found in one.damage.items()}, link=inputs.link,
        )  # fmt: skip
        residents = _kept(matched.people, known, keys, seen, officers.statuses) if given is None else given
    return Result(residents, matched.people, matched.pairs, decisions, record, config, clock.timing)


def _kept(
    people: pl.DataFrame,
    parts: list[steps.Known],
    keys: dict[str, Numbers],
    overlap: Overlap | None,
    statuses: pl.DataFrame,
) -> pl.DataFrame | Stored:
    """Return the residents as a Result keeps them."""
    if not parts[0].kept:
        return people.select("row", "record_id")
    residents = steps.residents_of(parts, keys, overlap, statuses)
    return next(residents) if parts[0].slice is None else Stored.of(map(published, residents))


def _engine(cut: Cut | None) -> AbstractContextManager[Engine]:
    """Return what works on the parts: worker processes, or where it is one part this process."""
    return nullcontext(InPlace()) if cut is None else Workers(cut.workers, steps.__name__)


@contextmanager
def _shelf(inputs: Inputs, config: Config, cut: Cut | None) -> Iterator[Shelf]:
    """Give memory to one part, a folder to many, readable by its owner only; what is left on it goes at the end."""
    if cut is None:
        yield InMemory()
        return
    need, free = scratch_needed(inputs, config), shutil.disk_usage(tempfile.gettempdir()).free
    if free < need:
        raise InputError(
            f"the folder for temporary files has {free // 10**6} MB free; about {need // 10**6} MB are needed; "
            "TMPDIR names another one"
        )
    with (
        tempfile.TemporaryDirectory(prefix="nikdedup-", ignore_cleanup_errors=True) as folder,
        leaving(lambda: shutil.rmtree(folder, ignore_errors=True)),
    ):
        yield InFolder(Path(folder))


def _declared(config: Config) -> pl.DataFrame | None:
    """Return what officers and villages have declared; the files of settings are looked at before work."""
    load_policy(config.settle.policy, recording=config.settle.recording)
    if config.region_codes is not None:
        load_regions(config.region_codes)
    lists = config.settle.constraints, config.settle.verdicts
    officers, villages = (None if path is None else load_constraints(path) for path in lists)
    if officers is not None:
        check_entries(officers, reference_date=config.reference_date)
    return with_villages(officers, villages)
