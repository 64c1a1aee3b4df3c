"""dedupe(): the whole way from an extract to decisions, on one screen."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from nikdedup.config import Config
from nikdedup.errors import ConfigError, door
from nikdedup.match import match
from nikdedup.residents import understand, with_keys
from nikdedup.residents.places import load_regions
from nikdedup.residents.read import read
from nikdedup.run.resources import check_memory, slicing_of
from nikdedup.run.result import Result
from nikdedup.run.run_record import Census, record_of
from nikdedup.runtime.journal import tell_not_compiled
from nikdedup.runtime.kernels import all_compiled
from nikdedup.runtime.memory import give_back_freed_memory
from nikdedup.runtime.timing import Clock
from nikdedup.settle import Officers, check_entries, closed_links, decide, load_constraints, load_policy

STAGES = ("read", "understand", "match", "settle", "write")
"""Stages of a run, in order, as progress and timing name them."""


@door
def dedupe(
    data: Any = None,
    *,
    config: Config | str | Path | dict[str, Any] | None = None,
    link: tuple[Any, Any] | None = None,
    progress: Callable[[str], None] | None = None,
    **options: Any,
) -> Result:
    """Return the people, pairs and decisions of an extract.

    data: a path (file, folder, glob), a list of paths, or a frame (pandas, polars, pyarrow or
    anything with the Arrow PyCapsule interface). link: exactly two of these instead, compared
    only across each other. config: a Config, a TOML file or a mapping; `options` are its keys,
    for instance `reference_date`, `record_id`, `columns`, `threads`. progress is called with
    the name of each stage (STAGES) as it begins.
    Large Parquet extracts of which no residents are kept are read in slices (run/sliced.py): the tables are the same
    bytes, the Result's residents then hold the ids alone.
    Raises InputError or ConfigError with one plain line; a broken record is no error.
    """
    settings = Config.resolve(config, options)
    inputs = _inputs(data, link)
    check_memory(inputs, settings)
    declared = _declared(settings)
    if not all_compiled():
        tell_not_compiled()
    clock = Clock(progress)
    threads = settings.run.threads or os.cpu_count() or 1
    slicing = slicing_of(inputs, settings, threads=threads) if link is None else None
    if slicing is not None:
        from nikdedup.run.sliced import dedupe_sliced

        result = dedupe_sliced(
            inputs, settings, slicing, declared=declared, stage=clock.stage, threads=threads
        )
        return replace(result, timing=clock.timing)
    with clock.stage("read") as counts:
        extract = read(inputs, config=settings)
        counts["records"] = len(extract.frame)
        check_memory(inputs, settings, records=len(extract.frame))
        extract = replace(extract, frame=with_keys(extract.frame, settings))
    with clock.stage("understand") as counts:
        as_they_came = settings.run.residents or settings.run.report
        reference, residents = understand(extract, settings, consume=not as_they_came)
        counts["records"] = len(residents)
        extract = replace(extract, frame=extract.frame.clear())  # what came in is in residents, or not needed
        officers = Officers.heard(declared, residents, reference_date=reference)
    with clock.stage("match"):
        matched, residents = match(
            residents,
            config=settings,
            link=link is not None,
            threads=threads,
            officers=closed_links(officers.links),
        )
        give_back_freed_memory()
    with clock.stage("settle") as counts:
        decisions = decide(
            matched.people,
            matched.pairs,
            residents,
            config=settings,
            constraints=officers.links,
            refused=matched.refused,
        )
        counts |= {"pairs": len(matched.pairs), "decisions": len(decisions)}
    record = record_of(
        extract, matched, decisions, Census.of(residents),
        config=settings, reference_date=reference, officers=officers,
    )  # fmt: skip
    return Result(residents, matched.people, matched.pairs, decisions, record, settings, clock.timing)


def _inputs(data: Any, link: tuple[Any, Any] | None) -> Any:
    if (data is None) == (link is None):
        raise ConfigError("dedupe takes either data or link=(a, b)")
    if link is None:
        return data
    if not isinstance(link, tuple | list) or len(link) != 2:
        found = len(link) if isinstance(link, tuple | list) else type(link).__name__
        raise ConfigError(f"link takes exactly two inputs; found {found}")
    return list(link)


def _declared(config: Config) -> pl.DataFrame | None:
    """Return what officers have declared; every file that a setting names is looked at before work begins."""
    load_policy(config.settle.policy, recording=config.settle.recording)
    if config.region_codes is not None:
        load_regions(config.region_codes)
    if config.settle.constraints is None:
        return None
    declared = load_constraints(config.settle.constraints)
    check_entries(declared, reference_date=config.reference_date)
    return declared
