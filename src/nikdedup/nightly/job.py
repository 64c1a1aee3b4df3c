"""The job file: what an office has done every night, in TOML, checked as a whole."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from nikdedup.config import Config, Memory, Threads, placed, text_of, toml_of
from nikdedup.errors import ConfigError
from nikdedup.nightly.health import Limits
from nikdedup.nightly.secret import Secret
from nikdedup.nightly.toml_lines import Place, line_of, lines_of

ADDRESS = re.compile(r"[a-z][a-z0-9+]*://")


class Part(BaseModel):
    """A table of the job file."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, hide_input_in_errors=True)


class Password(Part):
    """Where a password is: a variable of the environment, or a file that only its owner can read."""

    env: str | None = None
    file: str | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.env is None) == (self.file is None):
            raise ValueError("a password comes from env or from file; allowed: one of them")
        return self

    @property
    def secret(self) -> Secret:
        """The same, to be asked."""
        return Secret(self.env, self.file)


class Source(Part):
    """Where records come from: path, address or database, one of them."""

    path: str | None = None
    """A file, folder or glob."""
    address: str | None = None
    """A file or glob that fsspec reads, such as s3://bucket/penduduk-*.parquet."""
    database: str | None = None
    """A database as SQLAlchemy writes it, without its password."""
    through: Literal["sqlalchemy", "adbc"] = "sqlalchemy"
    """What asks the database: ADBC reads PostgreSQL and SQLite column by column."""
    query: str | None = None
    table: str | None = None
    password: Password | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        given = [name for name in ("path", "address", "database") if getattr(self, name) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none of them"
            raise ValueError(f"a source has path, address or database, one of them; found: {found}")
        if self.address is not None and not ADDRESS.match(self.address):
            raise ValueError(
                "an address begins with its kind, such as s3://; allowed: a path without one as `path`"
            )
        if self.database is not None:
            _without_password(self.database)
            if (self.query is None) == (self.table is None):
                raise ValueError("a database is asked by query or by table; allowed: one of them")
        elif self.query is not None or self.table is not None or self.through != "sqlalchemy":
            raise ValueError("query, table and through are of a database; allowed: with `database` only")
        return self


class LedgerPart(Part):
    """The database that is the ledger; SQLite inside the state where there is none."""

    database: str | None = None
    password: Password | None = None

    @model_validator(mode="after")
    def _password_apart(self) -> Self:
        if self.database is not None:
            _without_password(self.database)
        return self


class Health(Limits):
    """How far a night may lie from those before it, and what a failed check does."""

    failed: Literal["stop", "warn"] = "stop"


class Output(Part):
    """What else is written when a night is published."""

    out: str | None = None
    """Folder of a run as `dedupe --out` writes it."""
    report: bool = False
    """Whether report.html and decisions.xlsx are made."""
    metrics: str | None = None
    """Prometheus text file."""
    lineage: str | None = None
    """Address of an OpenLineage service."""


class Retention(Part):
    """How long things are kept."""

    snapshots: Annotated[int, Field(ge=1, le=10_000)] = 30


class Job(Part):
    """Everything of one job. settings: keys of a config file."""

    state: str
    source: Annotated[list[Source], Field(min_length=1)]
    lang: Literal["id", "en"] = "id"
    threads: Threads | None = None
    memory: Memory | None = None
    settings: dict[str, Any] = {}
    ledger: LedgerPart = LedgerPart()
    health: Health = Health()
    output: Output = Output()
    retention: Retention = Retention()


def _without_password(address: str) -> None:
    if re.search(r"://[^/@]*:[^/@]*@", address):
        raise ValueError(
            "a password stands in the address; allowed: in the environment or a file, as `password`"
        )
    if not re.match(r"[a-z][a-z0-9_+]*://", address):
        raise ValueError("no address of a database; allowed: such as postgresql+psycopg://user@host/name")


PATHS: tuple[Place, ...] = (
    ("state",),
    ("source", "path"),
    ("source", "password", "file"),
    ("ledger", "password", "file"),
    ("output", "out"),
    ("output", "metrics"),
    ("settings", "region_codes"),
    ("settings", "settle", "policy"),
    ("settings", "settle", "constraints"),
)
"""Keys that name files or folders."""
DATABASES: tuple[Place, ...] = (("source", "database"), ("ledger", "database"))
"""Keys that name a database, which may be a file."""
_SQLITE = re.compile(r"(sqlite(?:\+\w+)?:///)(?!:memory:|file:)([^?]+)")


def from_folder(values: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return a job whose relative paths begin at a folder, that of the job file: a scheduler may start anywhere.

    >>> from_folder({"state": "state", "source": [{"path": "/srv/a.csv"}]}, Path("/etc/nikdedup"))
    {'state': '/etc/nikdedup/state', 'source': [{'path': '/srv/a.csv'}]}
    """
    for place in PATHS:
        values = _changed(values, place, lambda text: str(folder / Path(text).expanduser()))
    for place in DATABASES:
        values = _changed(values, place, lambda text: _file_of(text, folder))
    return values


def _changed(values: Any, place: Place, change: Callable[[str], str]) -> Any:
    """Return values with what stands in a place changed, of a list in each of its entries."""
    if isinstance(values, list):
        return [_changed(one, place, change) for one in values]
    if not place:
        return change(values) if isinstance(values, str) and values else values
    if not isinstance(values, dict) or place[0] not in values:
        return values
    return values | {str(place[0]): _changed(values[str(place[0])], place[1:], change)}


def _file_of(address: str, folder: Path) -> str:
    """Return the address of a database; a file of SQLite with a relative path lies in the folder.

    >>> _file_of("sqlite:///siak.db", Path("/etc/nikdedup")), _file_of("sqlite:////srv/siak.db", Path("/etc"))
    ('sqlite:////etc/nikdedup/siak.db', 'sqlite:////srv/siak.db')
    """
    found = _SQLITE.fullmatch(address)
    return address if found is None else f"{found[1]}{folder / found[2]}"


@dataclass(frozen=True)
class Fault:
    """Something wrong with a job file, and on which line."""

    line: int
    text: str


@dataclass(frozen=True)
class JobFile:
    """A job file that was read. faults: of its form; then job and config are None where they could not be made.

    lang: language of what is said of it, faults included.
    """

    path: Path
    lang: Literal["id", "en"]
    lines: dict[Place, int]
    job: Job | None
    config: Config | None
    faults: list[Fault]

    @property
    def name(self) -> str:
        """What messages and the audit call it."""
        return self.path.name

    @classmethod
    def read(cls, path: Path) -> JobFile:
        """Read a job file; ConfigError where it is no TOML, faults for everything else."""
        origin = f"job {path.name or path}"
        text = text_of(path, origin)
        values = from_folder(toml_of(text, origin), path.absolute().parent)
        lines = lines_of(text)
        wrong: list[tuple[Place, str]] = []
        job = None
        try:
            job = Job.model_validate(values)
        except ValidationError as found:
            wrong = placed(found, Job)
        faults = [Fault(line_of(lines, place), said) for place, said in wrong]
        config = _config(values, {place[0] for place, _ in wrong}, lines, faults)
        lang: Literal["id", "en"] = "en" if values.get("lang") == "en" else "id"
        return cls(path, lang, lines, job, config, sorted(faults, key=lambda fault: fault.line))

    def sound(self) -> tuple[Job, Config]:
        """Return job and settings; ConfigError with every fault in one line where there is one."""
        if self.faults or self.job is None or self.config is None:
            told = "; ".join(f"line {fault.line}: {fault.text}" for fault in self.faults)
            raise ConfigError(f"job {self.name}: {told}")
        return self.job, self.config


def _config(
    values: dict[str, Any], wrong: set[int | str], lines: dict[Place, int], faults: list[Fault]
) -> Config | None:
    """Return the settings of a job; their faults go into `faults`. wrong: keys of the job that are told already."""
    settings, output = values.get("settings", {}), values.get("output", {})
    run = settings.get("run", {}) if isinstance(settings, dict) else None
    if not isinstance(settings, dict) or not isinstance(run, dict) or not isinstance(output, dict):
        return None  # a fault of the job already
    here = {
        name: values[name] for name in ("lang", "threads", "memory") if name in values and name not in wrong
    }
    try:
        return Config.model_validate(
            settings | {"run": {**run, **here, "report": output.get("report", False)}}
        )
    except ValidationError as found:
        faults += [Fault(line_of(lines, ("settings", *place)), said) for place, said in placed(found, Config)]
        return None
