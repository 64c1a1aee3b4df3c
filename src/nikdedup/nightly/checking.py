"""Everything that is wrong with a job, found without touching anything: files, passwords, drivers, folders."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from nikdedup.config import Config
from nikdedup.errors import NikdedupError
from nikdedup.nightly.arrow_source import DRIVERS, driver_of
from nikdedup.nightly.job import Fault, Job, JobFile, Password, Source
from nikdedup.nightly.place import is_state
from nikdedup.nightly.toml_lines import Place, line_of
from nikdedup.publish import check_folder, in_the_way
from nikdedup.residents.places import load_regions
from nikdedup.residents.read import FILE_SYSTEMS, expand, kind_of
from nikdedup.runtime.extras import lacks, missing
from nikdedup.settle import load_constraints, load_policy


def faults_of(file: JobFile) -> list[Fault]:
    """Return every fault of a job file by line: of its form, else also of what it names.

    Args:
        file: as it was read.
    """
    if file.job is None or file.config is None:
        return file.faults
    found = [*file.faults, *_named(file, file.job, file.config)]
    return sorted(found, key=lambda fault: fault.line)


def _named(file: JobFile, job: Job, config: Config) -> Iterator[Fault]:
    def at(*place: str | int) -> int:
        return line_of(file.lines, place)

    for number, source in enumerate(job.source):
        for key, said in _of_source(source, config):
            yield Fault(at("source", number, *key), said)
    for said in _of_state(Path(job.state)):
        yield Fault(at("state"), said)
    if job.ledger.database is not None:
        yield from (
            Fault(at("ledger", *key), said)
            for key, said in _of_database(job.ledger.database, job.ledger.password)
        )
    for output, said in _of_output(job):
        yield Fault(at("output", output), said)
    for place, said in _of_settings(config):
        yield Fault(at("settings", *place), said)


def _of_source(source: Source, config: Config) -> Iterator[tuple[Place, str]]:
    if source.path is not None:
        try:
            expand(source.path, config.limits)
        except NikdedupError as fault:
            yield ("path",), str(fault)
    if source.address is not None:
        kind = kind_of(source.address)
        if lacking := missing("fsspec", *([FILE_SYSTEMS[kind]] if kind in FILE_SYSTEMS else [])):
            yield ("address",), lacking
    if source.database is not None and source.through == "adbc":
        yield from _through_adbc(source.database, source.password)
    elif source.database is not None:
        yield from _of_database(source.database, source.password)


def _through_adbc(address: str, password: Password | None) -> Iterator[tuple[Place, str]]:
    driver = driver_of(address)
    if driver is None:
        yield ("database",), f"ADBC reads no such database; allowed: {', '.join(sorted(DRIVERS))}"
    elif lacking := missing(driver):
        yield ("through",), lacking
    elif driver == DRIVERS["sqlite"] and not Path(address.partition(":///")[2]).exists():
        yield ("database",), "no such file"
    if password is not None and (said := password.secret.fault()):
        yield ("password",), said


def _of_database(address: str, password: Password | None) -> Iterator[tuple[Place, str]]:
    if lacking := missing("sqlalchemy"):
        yield ("database",), lacking
        return
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import SQLAlchemyError

    try:
        dialect = make_url(address).get_dialect()
        dialect.import_dbapi()
    except ModuleNotFoundError as fault:
        yield ("database",), lacks((fault.name or "").partition(".")[0])
    except (SQLAlchemyError, ValueError):
        yield (
            ("database",),
            "no address that SQLAlchemy knows; allowed: such as postgresql+psycopg://user@host/name",
        )
    else:
        if dialect.name == "sqlite" and not Path(make_url(address).database or "").exists():
            yield ("database",), "no such file"
    if password is not None and (said := password.secret.fault()):
        yield ("password",), said


def _of_state(folder: Path) -> Iterator[str]:
    if why := in_the_way(folder):
        yield why
        return
    try:
        strange = os.path.exists(folder) and not is_state(folder) and any(folder.iterdir())
    except OSError as fault:
        yield f"cannot be read ({fault.strerror or type(fault).__name__})"
        return
    if strange:
        yield "is not empty and not a state"


def _of_output(job: Job) -> Iterator[tuple[str, str]]:
    if job.output.out is not None:
        try:
            check_folder(Path(job.output.out))
        except NikdedupError as fault:
            yield "out", str(fault)
    if job.output.metrics is not None:
        target = Path(job.output.metrics)
        if not target.absolute().parent.is_dir():
            yield "metrics", f"{target.name}: its folder is not there"
        if lacking := missing("prometheus_client"):
            yield "metrics", lacking
    if job.output.lineage is not None and (lacking := missing("openlineage")):
        yield "lineage", lacking


def _of_settings(config: Config) -> Iterator[tuple[Place, str]]:
    if config.sample is not None:
        yield ("sample",), "a night looks at all records; leave it out"
    checks: dict[Place, Callable[[], object]] = {
        ("settle", "policy"): lambda: load_policy(config.settle.policy, recording=config.settle.recording),
        ("settle", "constraints"): lambda: (
            config.settle.constraints and load_constraints(config.settle.constraints)
        ),
        ("region_codes",): lambda: config.region_codes and load_regions(config.region_codes),
    }
    for place, look in checks.items():
        try:
            look()
        except NikdedupError as fault:
            yield place, str(fault)
