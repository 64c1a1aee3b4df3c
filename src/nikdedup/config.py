"""What a run can be told: one Config, from TOML or keywords, checked as a whole.

Every fault is reported at once, named as the caller wrote it. `Config` decides
the result and is recorded in `run.json`; `RunConfig` decides only how the run
goes (threads, memory, language, which files), never what comes out of it.
"""

from __future__ import annotations

import difflib
import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from nikdedup.errors import ConfigError
from nikdedup.schema import FIELDS, RECORDING_CLASSES


def _bytes(value: object) -> object:
    """Turn "4GB", "800 MB" or a number of bytes into bytes (1 GB = 10^9)."""
    if not isinstance(value, str):
        return value
    text = value.strip().upper().removesuffix("B")
    factor = {"K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}.get(text[-1:], 1)
    try:
        return int(float(text.rstrip("KMGT ")) * factor)
    except ValueError:
        raise ValueError("a size such as 4GB or 800MB") from None


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MatchConfig(_Section):
    """How records are brought together and how sure a match must be."""

    target_precision: float = Field(default=0.999, gt=0.5, lt=1)
    """`confirmed` is set so that at least this share of confirmed pairs is right (raises, never lowers)."""
    review_log2: float = -6.0
    """Pairs at or above this total weight (log2, prior included) are shown to a person."""
    confirmed_log2: float = 3.5
    """Pairs at or above this total weight (log2, prior included) are joined automatically."""
    estimate: bool = False
    """Re-estimate m and u from the extract with EM instead of using the shipped weights."""
    max_block: int = Field(default=4_000, ge=10)
    """Largest block compared exhaustively; a larger one is split by a second key and reported."""
    seed: int = 20_260_630
    """Seed of every sample drawn (EM, u, decoys)."""


class SettleConfig(_Section):
    """What should happen to the records of one person."""

    policy: Path | None = None
    """TOML table of rules; the shipped policy when not given."""
    recording: Literal["first", "latest"] | None = None
    """Which of two recordings of one person holds; the policy's own setting when not given."""
    constraints: Path | None = None
    """CSV or Parquet list of must_link and cannot_link pairs that officers have declared."""
    large_cluster: int = Field(default=6, ge=2)
    """A person of more records than this goes to review as a whole."""


class RunConfig(_Section):
    """How the run goes; none of it changes the result."""

    threads: int | None = Field(default=None, ge=1)
    memory: Annotated[int, BeforeValidator(_bytes)] | None = Field(default=None, ge=200_000_000)
    lang: Literal["id", "en"] = "id"
    residents: bool = True
    report: bool = True


class Config(_Section):
    """Everything that decides the result of a run."""

    record_id: str | None = None
    """Column that identifies a record; the decimal row number when not given."""
    reference_date: date | None = None
    """The date the extract speaks of; else the latest date found in it."""
    nik_scheme: Literal["nik", "opaque"] = "nik"
    """`opaque` takes the id as a plain identifier without the structure of a NIK."""
    columns: dict[str, str | list[str]] = {}
    """SIAK field -> header of the extract, or several headers joined with a space."""
    date_formats: list[str] = []
    """strptime formats tried before the usual ones."""
    accept_damaged_nik: bool = False
    """Read a NIK column that is already a float; its digits are then only evidence."""
    status: dict[str, str] = {}
    """Text of the recording status (any case) -> recording class."""
    counts_as_recorded: list[str] = ["captured", "unique"]
    """Recording classes that count as recorded (offices differ)."""
    life_status: dict[str, str] = {}
    """Text of FLAG_STATUS, STAT_HIDUP or STATUS -> alive, dead, moved, abroad, inactive."""
    wajib_ktp_age: int = Field(default=17, ge=0, le=120)
    coverage_target: float = Field(default=0.992, gt=0, le=1)
    region_codes: Path | None = None
    """CSV `code,name` of further region codes."""
    sample: int | None = Field(default=None, ge=1)
    """Look at the first N records only."""
    match: MatchConfig = MatchConfig()
    settle: SettleConfig = SettleConfig()
    run: RunConfig = RunConfig()

    @field_validator("columns")
    @classmethod
    def _known_fields(cls, columns: dict[str, Any]) -> dict[str, Any]:
        for name in columns:
            if name not in FIELDS:
                close = difflib.get_close_matches(name, FIELDS, n=3)
                raise ValueError(
                    f"{name!r} is no SIAK field; " + (f"close: {', '.join(close)}" if close else "see README")
                )
        return columns

    @field_validator("status")
    @classmethod
    def _known_classes(cls, status: dict[str, str]) -> dict[str, str]:
        for value in status.values():
            if value not in RECORDING_CLASSES:
                raise ValueError(f"{value!r} is no recording class; allowed: {', '.join(RECORDING_CLASSES)}")
        return status

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a TOML file; ConfigError with every fault in one line."""
        path = Path(path)
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except FileNotFoundError:
            raise ConfigError(f"config {path.name}: no such file") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as fault:
            raise ConfigError(f"config {path.name}: not readable as TOML ({fault})") from None
        return cls.of(values, origin=f"config {path.name}")

    @classmethod
    def of(cls, values: dict[str, Any], *, origin: str = "option") -> Self:
        """Build from a mapping; ConfigError names `origin` and every fault."""
        try:
            return cls.model_validate(values)
        except ValidationError as faults:
            raise ConfigError(f"{origin}: {_one_line(faults, cls)}") from None

    @classmethod
    def resolve(cls, config: Self | str | Path | dict[str, Any] | None, options: dict[str, Any]) -> Self:
        """Return a Config from what a public function was given: one, a TOML file or a mapping, and keywords."""
        if isinstance(config, dict):
            config = cls.of(config, origin="config")
        elif isinstance(config, str | Path):
            config = cls.load(config)
        return (config or cls()).with_options(**options)

    def with_options(self, **options: Any) -> Self:
        """Return a copy with keywords set; keys of a section are found by their own name.

        `threads=2` sets `run.threads`, `review_log2=5` sets `match.review_log2`.
        Unknown keywords raise ConfigError with the closest known name.
        """
        values = self.model_dump()
        sections = {"match": MatchConfig, "settle": SettleConfig, "run": RunConfig}
        for key, value in options.items():
            home = next((s for s, model in sections.items() if key in model.model_fields), None)
            if isinstance(value, dict) and key in sections:
                values[key].update(value)
            elif home is not None:
                values[home][key] = value
            else:
                values[key] = value
        return self.of(values)

    def deciding(self) -> dict[str, Any]:
        """Return what decides the result, ready for JSON; threads and the like left out."""
        return self.model_dump(mode="json", exclude={"run"})


def _one_line(faults: ValidationError, model: type[BaseModel]) -> str:
    """Say every fault of a pydantic validation in one plain line."""
    lines = []
    for fault in faults.errors():
        name = ".".join(str(part) for part in fault["loc"])
        if fault["type"] == "extra_forbidden":
            known = _allowed(model, fault["loc"][:-1])
            close = difflib.get_close_matches(str(fault["loc"][-1]), known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"allowed: {', '.join(known)}"
            lines.append(f"unknown key {name!r}; {hint}")
        else:
            reason = fault["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
            found = fault["input"]
            lines.append(f"{name} = {found!r}; allowed: {reason}")
    return "; ".join(lines)


def _allowed(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    for part in loc:
        annotation = model.model_fields[str(part)].annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            model = annotation
    return sorted(model.model_fields)
