"""dedupe(): the whole way from an extract to decisions, on one screen."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from nikdedup.account import account_of
from nikdedup.config import Config
from nikdedup.errors import ConfigError
from nikdedup.match import match
from nikdedup.residents.read import read
from nikdedup.residents.understand import understand
from nikdedup.result import Result
from nikdedup.settle.constraints import LINKS, closed_links, load_constraints, resolve_constraints
from nikdedup.settle.decide import decide

STAGES = ("read", "understand", "match", "settle", "write")
"""Stages of a run, in order, as progress and timing name them."""


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
    Raises InputError or ConfigError with one plain line; a broken record is no error.
    """
    settings = _config(config, options)
    if (data is None) == (link is None):
        raise ConfigError("dedupe takes either data or link=(a, b)")
    if link is not None and len(link) != 2:
        raise ConfigError(f"link takes exactly two inputs; found {len(link)}")
    clock = Clock(progress)
    threads = settings.run.threads or os.cpu_count() or 1
    with clock.stage("read"):
        extract = read(data if link is None else list(link), config=settings)
    with clock.stage("understand"):
        reference, residents = understand(extract, settings)
        officers = _officers(residents, settings, reference)
    with clock.stage("match"):
        matched = match(
            residents,
            config=settings,
            link=link is not None,
            threads=threads,
            officers=closed_links(officers),
        )
    with clock.stage("settle"):
        decisions = decide(
            matched.people, matched.pairs, matched.residents, config=settings, constraints=officers
        )
    run = account_of(extract, matched, decisions, config=settings, reference_date=reference)
    return Result(matched.residents, matched.people, matched.pairs, decisions, run, settings, clock.timing)


def _config(config: Config | str | Path | dict[str, Any] | None, options: dict[str, Any]) -> Config:
    if isinstance(config, dict):
        config = Config.of(config, origin="config")
    elif isinstance(config, str | Path):
        config = Config.load(config)
    return (config or Config()).with_options(**options)


def _officers(residents: pl.DataFrame, config: Config, reference: date | None) -> pl.DataFrame:
    """Return the links of officers that settings.constraints names, LINKS of no rows where it names none."""
    if config.settle.constraints is None:
        return pl.DataFrame(schema=LINKS)
    listed = load_constraints(config.settle.constraints)
    return resolve_constraints(listed, residents, reference_date=reference)[0]


@dataclass
class Clock:
    """Seconds and peak memory of each stage; the only place that looks at a clock."""

    progress: Callable[[str], None] | None = None
    timing: dict[str, dict[str, float | None]] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure what runs inside."""
        if self.progress is not None:
            self.progress(name)
        begin = time.perf_counter()
        yield
        self.timing[name] = {"seconds": round(time.perf_counter() - begin, 3), "peak_mb": peak_memory_mb()}


def peak_memory_mb() -> float | None:
    """Return the process's peak resident memory so far in MB (10^6 bytes); None where the system has no such count."""
    try:
        import resource
    except ImportError:
        return None
    import sys

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6, 1)
