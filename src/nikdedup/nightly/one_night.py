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
from nikdedup.nightly.changes import Changes, changes_since, with_numbers
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
    if last.ended > began:
        tell("clock", f"the clock stands before the end of run {last.run}; runs are in order all the same")
    begun, found = Begun(store, config, asked, last, last.judges(config), began, progress), None
    with about(run=last.this_run), leaving(partial(snapshot.remove, store, last.this_run)):
        try:
            found = _worked(begun, inputs)
        finally:
            if found is None or not found.published:
                _clear(store, last.this_run)
        if found.published:
            begin = time.perf_counter()
            give_back_freed_memory()
            snapshot.make_ready(store, last.this_run, plain=config.plain_names)
            tell_stage("ready", {}, measured(begin))
    return found


@dataclass(frozen=True)
class Begun:
    """A night that has begun. judgement: the one that it goes by, None where it learns. began: when."""

    store: Store
    config: Config
    asked: Asked
    last: Last
    judgement: Judgement | None
    began: str
    progress: Callable[[str], None] | None

    @property
    def number(self) -> int:
        """Number of the judgement that it goes by, or learns."""
        last = self.last
        return last.number if self.judgement is not None or last.run is None else last.number + 1


def _worked(begun: Begun, inputs: Inputs) -> Night:
    """Run, and meanwhile do what waits for nothing; then compare."""
    store, last, dry = begun.store, begun.last, begun.asked.dry
    keep = None if dry else partial(snapshot.write_features, store, last.this_run)
    answered = _as_answered(begun.config, store)
    with Meanwhile(store, last, begun.config, dry=dry) as meanwhile:
        result = dedupe(
            inputs, config=answered, judgement=begun.judgement, progress=begun.progress,
            keep_features=keep, keep_residents=meanwhile.begin, keep_people=meanwhile.number,
        )  # fmt: skip
        return _compared(begun, result, meanwhile)


def _compared(begun: Begun, result: Result, meanwhile: Meanwhile) -> Night:
    """Look whether all is well, compare a run with the night before, meanwhile write it, and publish."""
    last, asked, begin = begun.last, begun.asked, time.perf_counter()
    give_back_freed_memory()
    found = meanwhile.recognised(result)
    persons = meanwhile.numbered(result, found)
    figures = health.figures(result.record, persons.largest) | {"judgement": begun.number}
    checks, drift = _checked(begun, result, figures)
    published = not asked.dry and (asked.warn or not checks)
    result = with_numbers(result, persons)
    if published:
        if begun.progress is not None:
            begun.progress("write")
        meanwhile.write(result, persons)
    otherwise = last.otherwise(begun.config, judgement=begun.number)
    changes = changes_since(last, result, found, persons, otherwise=otherwise)
    last.let_go()
    told = {"events": len(changes.events), "proposals": len(changes.proposals)}
    tell_stage("compare", told, measured(begin))
    line = _run_row(begun, result, figures)
    if published:
        learnt = judgement_of(result.record) if begun.judgement is None else None
        publish(begun.store, last, changes, line, learnt, keep=asked.keep, written=meanwhile.written)
    elif not asked.dry:
        refuse(begun.store, line, checks)
    return Night(last.this_run, result, changes, checks, drift, published, first=last.run is None)


def _checked(begun: Begun, result: Result, figures: dict[str, Any]) -> tuple[list[Check], list[Check]]:
    """Return the checks that failed, and the warnings about the judgement in use."""
    limits = begun.asked.limits
    with_last = health.compared_with_last(figures, begun.last.figures, limits)
    drift = [] if begun.judgement is None else health.drifted(result.record, begun.judgement, limits)
    return health.failed([*result.record.health, *with_last]), drift


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


def _run_row(begun: Begun, result: Result, figures: dict[str, Any]) -> dict[str, Any]:
    """Return the line of a run in the ledger, but for its end and state."""
    last, record = begun.last, result.record
    return {
        "run": last.this_run, "based_on": last.run, "began": begun.began, "who": begun.asked.who,
        "version": nikdedup.__version__, "judgement": begun.number,
        "settings": json.dumps(begun.config.deciding(), sort_keys=True),
        "fingerprint": record.input.fingerprint, "reference_date": record.reference_date,
        "figures": json.dumps(figures, sort_keys=True),
    }  # fmt: skip


def _as_answered(config: Config, store: Store) -> Config:
    """Return settings by which holds what villages have answered; what officers have declared goes before it."""
    found = constraints_for(store)
    return config if found is None else config.with_options(verdicts=found)
