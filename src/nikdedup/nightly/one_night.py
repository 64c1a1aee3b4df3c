"""One night, on one screen: a full run, what changed since the last, health, and one transaction that publishes it."""

from __future__ import annotations

import json
import shutil
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import nikdedup
from nikdedup.config import Config
from nikdedup.errors import ConfigError, RunError, argument
from nikdedup.match import Judgement
from nikdedup.nightly import health, snapshot
from nikdedup.nightly.changes import Changes, changes_since
from nikdedup.nightly.health import Limits
from nikdedup.nightly.last import Last
from nikdedup.nightly.meanwhile import Meanwhile
from nikdedup.nightly.moments import now
from nikdedup.nightly.night_end import publish, refuse
from nikdedup.nightly.state import Store
from nikdedup.nightly.verdict_book import constraints_for
from nikdedup.publish import Check
from nikdedup.run.dedupe import dedupe
from nikdedup.run.inputs import Inputs
from nikdedup.run.learnt import judgement_of
from nikdedup.run.resources import disk_needed
from nikdedup.run.result import Result
from nikdedup.runtime.journal import about, tell, tell_stage
from nikdedup.runtime.memory import give_back_freed_memory
from nikdedup.runtime.stopping import leaving
from nikdedup.runtime.timing import measured

SPARE_BYTES = 50_000_000
"""Bytes of disk that are left free beside what a night writes."""


@dataclass(frozen=True)
class Asked:
    """How a night is asked for. warn: a failed check is told, and the night published all the same.

    keep: how many snapshots stay. dry: nothing is written, not even aside. who: for the audit.
    """

    who: str
    limits: Limits = field(default_factory=Limits)
    warn: bool = False
    keep: int = 30
    dry: bool = False


@dataclass(frozen=True)
class Night:
    """What a night came to. checks: those that failed. drift: warnings about the judgement in use."""

    run: int
    result: Result
    changes: Changes
    checks: list[Check]
    drift: list[Check]
    published: bool
    first: bool

    @property
    def happened(self) -> dict[str, int]:
        """How many events of each kind there were, and of proposals that changed."""
        kinds = Counter(event.kind for event in self.changes.events)
        return dict(sorted(kinds.items())) | {"decision": len(self.changes.proposals)}


def night(
    store: Store,
    data: Any,
    *,
    config: Config,
    asked: Asked,
    progress: Callable[[str], None] | None = None,
) -> Night:
    """Run a night on a state that is held for writing, and publish it unless a check fails.

    The state is as it was before where anything goes wrong.

    Args:
        store: a state that is open.
        data: as `dedupe` takes it.
        config: settings of the run.
        asked: what the night was asked to do beside its settings.
        progress: called with the name of each stage as it begins.
    """
    began = now()
    config = for_a_night(config)
    inputs = Inputs.of(data, limits=config.limits)
    _check_disk(store, inputs)
    last = Last.of(store)
    judgement = last.judges(config)
    if last.ended > began:
        tell("clock", f"the clock stands before the end of run {last.run}; runs are in order all the same")
    found = None
    with about(run=last.this_run), leaving(partial(snapshot.remove, store, last.this_run)):
        try:
            found = _worked(store, inputs, config, asked, last, judgement, began, progress)
        finally:
            if found is None or not found.published:
                _clear(store, last.this_run)
        if found.published:
            begin = time.perf_counter()
            give_back_freed_memory()
            snapshot.make_ready(store, last.this_run, plain=config.plain_names)
            tell_stage("ready", {}, measured(begin))
    return found


def _worked(
    store: Store,
    inputs: Inputs,
    config: Config,
    asked: Asked,
    last: Last,
    judgement: Judgement | None,
    began: str,
    progress: Callable[[str], None] | None,
) -> Night:
    """Run, and meanwhile recognise the records of the night before; then compare."""
    keep = None if asked.dry else partial(snapshot.write_features, store, last.this_run)
    answered = _as_answered(config, store)
    with Meanwhile(store, last, config, dry=asked.dry) as meanwhile:
        result = dedupe(
            inputs, config=answered, judgement=judgement, progress=progress,
            keep_features=keep, keep_residents=meanwhile.begin, keep_people=meanwhile.number,
        )  # fmt: skip
        return _compared(store, result, config, asked, last, judgement, began, progress, meanwhile)


def _compared(
    store: Store,
    result: Result,
    config: Config,
    asked: Asked,
    last: Last,
    judgement: Judgement | None,
    began: str,
    progress: Callable[[str], None] | None,
    meanwhile: Meanwhile,
) -> Night:
    """Compare a run with the night before, look whether all is well, and publish."""
    number = last.number if judgement is not None or last.run is None else last.number + 1
    begin = time.perf_counter()
    give_back_freed_memory()
    found = meanwhile.recognised(result)
    persons = meanwhile.numbered(result, found)
    changes = changes_since(last, result, found, persons, otherwise=last.otherwise(config, judgement=number))
    last.let_go()
    figures = health.figures(result.record, changes.largest) | {"judgement": number}
    checks = health.failed(
        [*result.record.health, *health.compared_with_last(figures, last.figures, asked.limits)]
    )
    drift = [] if judgement is None else health.drifted(result.record, judgement, asked.limits)
    tell_stage(
        "compare", {"events": len(changes.events), "proposals": len(changes.proposals)}, measured(begin)
    )
    done = partial(Night, last.this_run, changes.result, changes, checks, drift, first=last.run is None)
    line = _run_row(last, result, config, asked, began, number, figures)
    if asked.dry:
        return done(published=False)
    if checks and not asked.warn:
        refuse(store, line, checks)
        return done(published=False)
    if progress is not None:
        progress("write")
    learnt = judgement_of(result.record) if judgement is None else None
    publish(store, last, changes, line, learnt, keep=asked.keep, aside=meanwhile.written())
    return done(published=True)


def _clear(store: Store, run: int) -> None:
    """Take away what a night has left that was not published; the next start does it where the ledger cannot tell."""
    with suppress(RunError):  # what is wrong with the ledger is told by what has failed
        if store.current() != run:
            snapshot.remove(store, run)


def for_a_night(config: Config) -> Config:
    """Return the settings of a night: its snapshot holds the residents, and nobody is left out.

    Args:
        config: settings as they were asked for.

    Raises:
        ConfigError: where they cannot be a night's.
    """
    if config.sample is not None:
        raise ConfigError(f"{argument('sample', config.sample)}: a night looks at all records; leave it out")
    if config.settle.verdicts is not None:
        found = argument("verdicts", config.settle.verdicts.name)
        raise ConfigError(f"{found}: a night goes by the answers of its state; leave it out")
    return config.with_options(residents=True)


def _check_disk(store: Store, inputs: Inputs) -> None:
    free, need = shutil.disk_usage(store.folder).free, disk_needed(inputs.records) + SPARE_BYTES
    if free < need:
        raise RunError(
            f"{argument('state')} {store.name}: {free // 10**6} MB of disk are free; "
            f"about {need // 10**6} MB are needed"
        )


def _run_row(
    last: Last,
    result: Result,
    config: Config,
    asked: Asked,
    began: str,
    judgement: int,
    figures: dict[str, Any],
) -> dict[str, Any]:
    """Return the line of a run in the ledger, but for its end and state."""
    return {
        "run": last.this_run, "based_on": last.run, "began": began, "who": asked.who,
        "version": nikdedup.__version__, "judgement": judgement,
        "settings": json.dumps(config.deciding(), sort_keys=True),
        "fingerprint": result.record.input.fingerprint, "reference_date": result.record.reference_date,
        "figures": json.dumps(figures, sort_keys=True),
    }  # fmt: skip


def _as_answered(config: Config, store: Store) -> Config:
    """Return settings by which holds what villages have answered; what officers have declared goes before it."""
    found = constraints_for(store)
    return config if found is None else config.with_options(verdicts=found)
