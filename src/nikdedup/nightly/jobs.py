"""A job run: its sources fetched, a night, and what else is written when it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nikdedup.config import Config
from nikdedup.nightly.health import Limits
from nikdedup.nightly.job import Job, JobFile
from nikdedup.nightly.lineage import tell_lineage
from nikdedup.nightly.metrics import write_metrics
from nikdedup.nightly.one_night import Asked, Night, night
from nikdedup.nightly.place import is_state
from nikdedup.nightly.refitting import Refit, refit
from nikdedup.nightly.sources import fetched
from nikdedup.nightly.state import Store, writing
from nikdedup.publish import writing as writing_run
from nikdedup.runtime.extras import needed
from nikdedup.runtime.journal import about
from nikdedup.runtime.users import user


@dataclass(frozen=True)
class Ready:
    """A job whose state is held and whose sources are there. data: as `dedupe` takes it."""

    job: Job
    config: Config
    store: Store
    data: list[Any]
    asked: Asked


def run_job(file: JobFile, *, dry: bool = False, progress: Callable[[str], None] | None = None) -> Night:
    """Run the night of a job; ConfigError with every fault of its form.

    Args:
        file: the job file.
        dry: nothing is written.
        progress: called with the name of each stage as it begins.
    """
    with _ready(file, dry=dry) as ready, ExitStack() as held:
        out = ready.job.output.out
        if out is not None and not dry:
            held.enter_context(writing_run(Path(out)))
        found = night(ready.store, ready.data, config=ready.config, asked=ready.asked, progress=progress)
        if found.published and out is not None:
            found.result.write(out)
    if ready.job.output.metrics is not None and not dry:
        write_metrics(found, Path(ready.job.output.metrics), job=file.name)
    if ready.job.output.lineage is not None and not dry:
        tell_lineage(found, ready.job.output.lineage, job=file.name, state=Path(ready.job.state))
    return found


def refit_job(file: JobFile, *, apply: bool = False, progress: Callable[[str], None] | None = None) -> Refit:
    """Learn anew from what a job's sources hold now.

    Args:
        file: the job file.
        apply: the next night goes by what was learnt.
        progress: called with the name of each stage as it begins.
    """
    with _ready(file, dry=not apply) as ready:
        return refit(
            ready.store, ready.data, config=ready.config, who=ready.asked.who, apply=apply, progress=progress
        )


@contextmanager
def _ready(file: JobFile, *, dry: bool) -> Iterator[Ready]:
    job, config = file.sound()
    _check_libraries(job)
    limits = Limits(**job.health.model_dump(exclude={"failed"}))
    asked = Asked(
        f"{user()} ({file.name})", limits, warn=job.health.failed == "warn",
        keep=job.retention.snapshots, dry=dry,
    )  # fmt: skip
    with _held(job, dry=dry) as store, about(job=file.name), fetched(job.source) as data:
        yield Ready(job, config, store, data, asked)


def _check_libraries(job: Job) -> None:
    """Raise ConfigError for a library that is missing before the night begins, not when it has ended."""
    asked = {"prometheus_client": job.output.metrics, "openlineage.client": job.output.lineage}
    for library, value in asked.items():
        if value is not None:
            with needed("[output]"):
                import_module(library)


@contextmanager
def _held(job: Job, *, dry: bool) -> Iterator[Store]:
    """Hold the state of a job; for a trial where there is none yet, one that goes at the end."""
    folder = Path(job.state)
    secret = job.ledger.password.secret if job.ledger.password else None
    with ExitStack() as stack:
        if dry and not is_state(folder):
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="nikdedup-"))) / "state"
            yield stack.enter_context(writing(folder, make=True))
        else:
            yield stack.enter_context(writing(folder, make=True, ledger=job.ledger.database, secret=secret))
