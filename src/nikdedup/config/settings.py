"""Config: everything that decides the result of a run, its sections with it."""

from __future__ import annotations

import difflib
import re
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ValidationError, field_validator

from nikdedup.config.allowed import Whole, all_among, reference_day, region_code
from nikdedup.config.faults import one_line
from nikdedup.config.sections import (
    SECTIONS,
    EvidenceColumn,
    LimitsConfig,
    MatchConfig,
    RunConfig,
    Section,
    SettleConfig,
    place_of,
    undotted,
)
from nikdedup.config.toml_file import text_of, toml_of
from nikdedup.errors import ConfigError, door
from nikdedup.schema import (
    CLEAN,
    EVIDENCE,
    FIELDS,
    FURTHER,
    IDENTITY,
    LEVELS,
    LIFE,
    RECORDING_CLASSES,
    VERDICTS,
)

FLAG_FIELDS = ("flag_status", "stat_hidup", "stat_ktp", "flag_pindah")
"""Columns of which `flag_codes` says what their codes mean."""


MOST_EVIDENCE = 12
"""Further columns that are compared, at the most."""
TAKEN = frozenset(
    {*IDENTITY, *CLEAN, *VERDICTS, *EVIDENCE, *LEVELS, "record_key", "weight_log2"}
    | {"nik", "no_kk", "nama_lgkp", "jenis_klmin", "tmpt_lhr", "tgl_lhr", "ttl"}
    | {"nama_lgkp_ibu", "nama_lgkp_ayah", "alamat"}
)
"""Names that no further column may have: columns that are written already, and fields that are compared as they are."""


class Config(Section):
    """Everything that decides the result of a run."""

    record_id: str | None = None
    """Column that identifies a record, unique and never blank; the row number if not given. A column of NIKs
    or names is refused."""
    record_id_pseudonym: bool = False
    """Record ids stand in all tables as 24 digits of a hash (BLAKE2b without a key, the same every night),
    also where they are NIKs or names; who has a list of the ids can compute them."""
    reference_date: Annotated[date, BeforeValidator(reference_day)] | None = None
    """Decides ages and centuries; else the latest entry, change or recording date in the extract, never
    today; where there is none either, ages are unknown, coverage is not computed, and two-digit years follow
    the latest year of birth."""
    nik_scheme: Literal["nik", "opaque"] = "nik"
    """`"opaque"` takes the id as a plain identifier without date, sex and region inside."""
    names: Literal["indonesian", "plain"] | None = None
    """`"indonesian"` reads names by the rules of Indonesian names and takes titles off; `"plain"` takes every
    word as it is, in any script (written in Latin letters to be compared); not given: `"plain"` with opaque
    ids, else `"indonesian"`."""
    columns: dict[str, str | list[str]] = Field(default={})
    """SIAK field (below) to header, or to several headers joined with a space."""
    evidence: dict[str, EvidenceColumn] = Field(default={})
    """Further columns that are compared, `[evidence]`: `paspor = {kind = "id", header = "No. Paspor"}`.
    Kinds: `id` (a number or code of one person; equal ones are always compared), `text`, `category` (one of
    few values), `postcode`, `email`. The name is that of the header unless `header` says another, and stands
    in `level_<name>` of pairs, in explanations and in `run.json`; at most 12."""
    date_formats: list[str] = Field(default=[])
    """Formats of strptime tried before the usual ones."""
    accept_damaged_nik: bool = False
    """Read a NIK column that is already a float; its digits are then only evidence."""
    status: dict[str, str] = Field(default={})
    """Text of the recording status to `belum`, `captured`, `failed`, `in_dispute`, `duplicate`, `unique` or
    `unknown`."""
    counts_as_recorded: list[str] = Field(default=["captured", "unique"])
    """Recording classes that count as recorded; offices differ."""
    life_status: dict[str, str] = Field(default={})
    """Text of FLAG_STATUS, STAT_HIDUP or Status to `alive`, `dead`, `moved`, `abroad`, `inactive` or
    `unknown`."""
    flag_codes: dict[str, dict[str, str]] = Field(default={})
    """`flag_status`, `stat_hidup`, `stat_ktp` or `flag_pindah` to the codes of that column, each to one of
    the same; codes that are not mapped are counted, never guessed."""
    wajib_ktp_age: Whole = Field(default=17, ge=0, le=120)
    """From this age on a KTP-el is due (below it, for who is or was married)."""
    coverage_target: float = Field(default=0.992, gt=0, le=1)
    """Share of wajib KTP that should be recorded."""
    region_codes: Path | None = None
    """CSV `code,name` of further region codes."""
    home_region: Annotated[str, BeforeValidator(region_code)] | None = None
    """Province or regency code of the office; the kecamatan of rows without codes and without a regency is
    looked up in it."""
    sample: Annotated[Whole, Field(ge=1)] | None = None
    """Look at the first N records only."""
    match: MatchConfig = MatchConfig()
    settle: SettleConfig = SettleConfig()
    limits: LimitsConfig = LimitsConfig()
    run: RunConfig = RunConfig()

    @field_validator("columns")
    @classmethod
    def _known_fields(cls, columns: dict[str, Any]) -> dict[str, Any]:
        for name in columns:
            if name not in FIELDS:
                close = difflib.get_close_matches(name, FIELDS, n=3)
                raise ValueError(
                    f"{name!r} is no SIAK field; "
                    + (f"close: {', '.join(close)}" if close else "see docs/settings.md")
                )
        return columns

    @field_validator("evidence")
    @classmethod
    def _evidence_named(cls, found: dict[str, EvidenceColumn]) -> dict[str, EvidenceColumn]:
        for name, column in found.items():
            if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name, flags=re.ASCII) or name.endswith("_clean"):
                raise ValueError(
                    f"{name[:40]!r} is no name; allowed: lower-case letters, digits and _, such as phone"
                )
            if not TAKEN.isdisjoint((name, f"{name}_clean")):
                raise ValueError(f"{name!r} is compared or written already; allowed: another name")
            if name in FIELDS and column.header is not None:
                raise ValueError(f"{name!r} is a SIAK field; allowed: its header in columns.{name}")
        if len(found) > MOST_EVIDENCE:
            raise ValueError(f"{len(found)} columns; allowed: {MOST_EVIDENCE} or fewer")
        return found

    @field_validator("date_formats")
    @classmethod
    def _known_directives(cls, formats: list[str]) -> list[str]:
        for one in formats:
            try:
                datetime.strptime("", one)
            except (ValueError, re.error) as fault:
                if not str(fault).startswith("time data"):  # an empty text matches no sound format
                    raise ValueError(
                        f"{one[:40]!r} is no strptime format; allowed: such as %d-%m-%Y"
                    ) from None
        return formats

    @field_validator("status", "counts_as_recorded")
    @classmethod
    def _known_classes(cls, found: Any) -> Any:
        return all_among(found, RECORDING_CLASSES, "recording class")

    @field_validator("life_status")
    @classmethod
    def _known_lives(cls, found: dict[str, str]) -> Any:
        return all_among(found, LIFE, "life status")

    @field_validator("flag_codes")
    @classmethod
    def _known_flags(cls, found: dict[str, dict[str, str]]) -> Any:
        all_among(list(found), FLAG_FIELDS, "column of flags")
        for codes in found.values():
            all_among(codes, LIFE, "life status")
        return found

    @classmethod
    @door
    def load(cls, path: str | Path) -> Self:
        """Read a TOML file.

        Args:
            path: the TOML file.

        Raises:
            ConfigError: with every fault in one line.
        """
        path = Path(path)
        origin = f"config {path.name or path}"
        return cls.of(toml_of(text_of(path, origin), origin), origin=origin)

    @classmethod
    @door
    def of(cls, values: dict[str, Any], *, origin: str = "config") -> Self:
        """Build from a mapping, dotted keys allowed.

        Args:
            values: key -> value; keys of a section in a mapping of their own, or dotted.
            origin: how messages name the mapping.

        Raises:
            ConfigError: names `origin` and every fault.
        """
        try:
            return cls.model_validate(undotted(values))
        except ValidationError as faults:
            raise ConfigError(f"{origin}: {one_line(faults, cls)}") from None

    @classmethod
    @door
    def resolve(
        cls,
        config: Self | str | Path | dict[str, Any] | None,
        options: dict[str, Any],
    ) -> Self:
        """Return a Config from what a public function was given: one, a TOML file or a mapping, and keywords.

        Args:
            config: a Config, a path of a TOML file, a mapping, or None for the shipped settings.
            options: keywords, which go before `config`.

        Raises:
            ConfigError: names every key that is unknown or holds something that is not allowed.
        """
        if isinstance(config, dict):
            config = cls.of(config)
        elif isinstance(config, str | Path):
            config = cls.load(config)
        elif config is not None and not isinstance(config, cls):
            found = type(config).__name__
            raise ConfigError(f"config is {found}; allowed: a Config, a path of a TOML file, a mapping")
        return (config or cls())._with(options)

    @door
    def with_options(self, **options: Any) -> Self:
        """Return a copy with keywords set; keys of a section are found by their own name.

        `review_log2=5`, `match={"review_log2": 5}` and `**{"match.review_log2": 5}` set the same.

        Args:
            **options: key -> value.

        Raises:
            ConfigError: names every key that is unknown, with the closest known name, or holds something that
                is not allowed.

        Example:
            >>> Config().with_options(review_log2=-3).match.review_log2
            -3.0
        """
        return self._with(options)

    def _with(self, options: dict[str, Any]) -> Self:
        values = self.model_dump()
        written: dict[tuple[int | str, ...], str] = {}
        for key, value in options.items():
            *home, name = place_of(key)
            place = values[home[0]] if home else values
            if name in SECTIONS and isinstance(value, dict):
                values[name] = (values[name] if isinstance(values[name], dict) else {}) | value
            elif isinstance(place, dict):  # a section that is none is a fault already
                place[name] = value
            written[(*home, name)] = key
        try:
            return self.model_validate(values)
        except ValidationError as faults:
            raise ConfigError(one_line(faults, type(self), written)) from None

    @property
    def plain_names(self) -> bool:
        """Whether names are read by no rules of Indonesian names."""
        return self.names == "plain" or (self.names is None and self.nik_scheme == "opaque")

    @property
    def further(self) -> dict[str, str]:
        """Name of each further column that is compared where an extract has it -> its kind, see schema.FURTHER."""
        return FURTHER | {name: column.kind for name, column in self.evidence.items()}

    def deciding(self) -> dict[str, Any]:
        """Return what decides the result, ready for JSON; threads and the like left out."""
        return self.model_dump(mode="json", exclude={"run", "limits"})
