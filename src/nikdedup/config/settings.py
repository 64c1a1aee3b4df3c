"""What a run can be told: one Config, from TOML or keywords, checked as a whole.

Every fault is reported at once, named as the caller wrote it. `Config` decides
the result and is recorded in `run.json`; `RunConfig` decides only how the run
goes (threads, memory, language, which files), never what comes out of it.
"""

from __future__ import annotations

import contextlib
import difflib
import re
import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from nikdedup.errors import ConfigError, argument, door
from nikdedup.runtime.files import read_file
from nikdedup.schema import FIELDS, LIFE, RECORDING_CLASSES

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

FLAG_FIELDS = ("flag_status", "stat_hidup", "stat_ktp", "flag_pindah")
"""Columns of which `flag_codes` says what their codes mean."""


LEAST_MEMORY = 200_000_000
"""Bytes below which not even the libraries load."""

MOST = 10**15
"""Largest number that a setting may be: more is a slip of the hand, and no counter holds much more."""

MOST_THREADS = 1024
"""More make no machine faster, and libraries abort the process where the system has no more to give."""

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
"""Between these lies the date that an extract speaks of: the century of a NIK is told from it."""


def _bytes(value: object) -> object:
    """Turn "4GB", "800 MB" or a number of bytes into bytes (1 GB = 10^9)."""
    if isinstance(value, str):
        size = re.fullmatch(r"\s*(\d{1,15}(?:\.\d{1,9})?)\s*([KMGT]?)B?\s*", value, flags=re.IGNORECASE)
        factor = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
        value = int(float(size[1]) * factor[size[2].upper()]) if size else None
    if not isinstance(value, int) or isinstance(value, bool) or not LEAST_MEMORY <= value <= MOST:
        raise ValueError(f"a size of {LEAST_MEMORY // 10**6}MB or more, such as 800MB or 4GB")
    return value


def reference_day(value: object) -> date:
    """Take a date, the day of a datetime, or text YYYY-MM-DD, of this age; a bare number is no date.

    ValueError says what is allowed.
    """
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value.strip(), flags=re.ASCII):
        with contextlib.suppress(ValueError):
            value = date.fromisoformat(value.strip())
    if isinstance(value, datetime):
        value = value.date()
    if not isinstance(value, date):
        raise ValueError("a date YYYY-MM-DD")
    if not FIRST_DAY <= value <= LAST_DAY:
        raise ValueError(f"a date from {FIRST_DAY} to {LAST_DAY}")
    return value


def _whole(value: object) -> object:
    """Take a whole number, also as text; true and false are none."""
    if isinstance(value, bool):
        raise ValueError("a whole number")
    if (isinstance(value, int) and abs(value) > MOST) or (isinstance(value, str) and len(value.strip()) > 16):
        raise ValueError(f"a whole number of at most {MOST:.0e}")
    return value


def _region(value: object) -> object:
    """Take the code of a province or regency as text, dots allowed."""
    code = value.replace(".", "") if isinstance(value, str) else ""
    if not re.fullmatch(r"[1-9]\d(\d\d)?", code, flags=re.ASCII):
        raise ValueError('the code of a province or regency as text, such as "62" or "6212"')
    return code


Whole = Annotated[int, BeforeValidator(_whole)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, hide_input_in_errors=True)


class MatchConfig(_Section):
    """How records are brought together and how sure a match must be."""

    review_log2: float = Field(default=-6.0, ge=-1e9, le=1e9)
    """Pairs at or above this total weight (log2, prior included) are shown to a person."""
    confirmed_log2: float = Field(default=3.5, ge=-1e9, le=1e9)
    """Pairs at or above this total weight (log2, prior included) are joined automatically."""
    target_precision: float | None = Field(default=0.995, ge=0.5, lt=1)
    """Where decoys are sure that fewer confirmed pairs are true, confirmed_log2 is raised; it is never lowered."""
    max_block: Whole = Field(default=4_000, ge=10)
    """Largest block compared exhaustively; a larger one is split by a second key and reported."""
    estimate: bool = True
    """Whether the extract's own pairs adjust the shipped weights (m, by expectation-maximisation)."""

    @model_validator(mode="after")
    def _review_below_confirmed(self) -> Self:
        if self.confirmed_log2 < self.review_log2:
            raise ValueError(
                f"confirmed_log2 = {self.confirmed_log2:g} is below review_log2 = {self.review_log2:g}; "
                "allowed: the same or more"
            )
        return self


class SettleConfig(_Section):
    """What should happen to the records of one person."""

    policy: Path | None = None
    """TOML table of rules; the shipped policy when not given."""
    recording: Literal["first", "latest"] | None = None
    """Which of two recordings of one person holds; the policy's own setting when not given."""
    constraints: Path | None = None
    """CSV or Parquet list of must_link and cannot_link pairs that officers have declared."""
    large_cluster: Whole = Field(default=6, ge=2)
    """A person of more records than this goes to review as a whole."""


class RunConfig(_Section):
    """How the run goes; none of it changes the result."""

    threads: Annotated[Whole, Field(ge=1, le=MOST_THREADS)] | None = None
    """Most threads at work; all cores when not given. In Python the threads of polars are set by
    POLARS_MAX_THREADS before the first import; the command line does that."""
    memory: Annotated[int, BeforeValidator(_bytes)] | None = None
    """Most memory in bytes, or a text such as 4GB (1 GB = 10^9). What does not fit as a whole is worked on in parts
    that do; a run that needs more all the same does not begin."""
    lang: Literal["id", "en"] = "id"
    """Language of summary, report and workbook."""
    residents: bool = True
    """Write residents.parquet."""
    report: bool = True
    """Write report.html and decisions.xlsx."""


class LimitsConfig(_Section):
    """What an input file may ask of the machine; one that asks for more is refused, and the message names the key."""

    cell_bytes: Whole = Field(default=1_000_000, ge=1_000)
    """Longest cell, in bytes of UTF-8."""
    files: Whole = Field(default=1_000, ge=1)
    """Files of one run."""
    rows: Whole = Field(default=20_000_000, ge=1_000)
    """Lines of a CSV file."""
    table_columns: Whole = Field(default=2_000, ge=10)
    """Columns of one table."""
    sheets: Whole = Field(default=1_000, ge=1)
    """Sheets of one workbook."""
    sheet_cells: Whole = Field(default=100_000_000, ge=1_000)
    """Cells of a sheet, from its first row and column to its last filled ones."""
    blank_cells: Whole = Field(default=4_000_000, ge=1_000)
    """Empty cells among these beyond ten for each filled one."""
    expansion: Whole = Field(default=100, ge=10)
    """How many times its packed size a part of a workbook or .gz file may have, above 100 MB unpacked."""


class Config(_Section):
    """Everything that decides the result of a run."""

    record_id: str | None = None
    """Column that identifies a record; the decimal row number when not given."""
    record_id_pseudonym: bool = False
    """Record ids stand in all tables as a hash without a key; for ids that are NIKs or names, refused otherwise."""
    reference_date: Annotated[date, BeforeValidator(reference_day)] | None = None
    """The date the extract speaks of; else the latest date found in it."""
    nik_scheme: Literal["nik", "opaque"] = "nik"
    """`opaque` takes the id as a plain identifier without the structure of a NIK."""
    names: Literal["indonesian", "plain"] | None = None
    """`indonesian` reads names by the rules of Indonesian names and takes titles off; `plain` takes their words as they
    are, in any script. Where it is not given, `plain` with opaque ids, else `indonesian`."""
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
    flag_codes: dict[str, dict[str, str]] = {}
    """flag_status, stat_hidup, stat_ktp or flag_pindah -> code in that column -> the same; goes before life_status."""
    wajib_ktp_age: Whole = Field(default=17, ge=0, le=120)
    coverage_target: float = Field(default=0.992, gt=0, le=1)
    region_codes: Path | None = None
    """CSV `code,name` of further region codes."""
    home_region: Annotated[str, BeforeValidator(_region)] | None = None
    """Province or regency code of the office: kecamatan of rows that name no regency are looked up in it."""
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
                    f"{name!r} is no SIAK field; " + (f"close: {', '.join(close)}" if close else "see README")
                )
        return columns

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
        return _all_among(found, RECORDING_CLASSES, "recording class")

    @field_validator("life_status")
    @classmethod
    def _known_lives(cls, found: dict[str, str]) -> Any:
        return _all_among(found, LIFE, "life status")

    @field_validator("flag_codes")
    @classmethod
    def _known_flags(cls, found: dict[str, dict[str, str]]) -> Any:
        _all_among(list(found), FLAG_FIELDS, "column of flags")
        for codes in found.values():
            _all_among(codes, LIFE, "life status")
        return found

    @classmethod
    @door
    def load(cls, path: str | Path) -> Self:
        """Read a TOML file; ConfigError with every fault in one line."""
        path = Path(path)
        origin = f"config {path.name or path}"
        return cls.of(toml_of(text_of(path, origin), origin), origin=origin)

    @classmethod
    @door
    def of(cls, values: dict[str, Any], *, origin: str = "config") -> Self:
        """Build from a mapping, dotted keys allowed; ConfigError names `origin` and every fault."""
        try:
            return cls.model_validate(_undotted(values))
        except ValidationError as faults:
            raise ConfigError(f"{origin}: {one_line(faults, cls)}") from None

    @classmethod
    @door
    def resolve(
        cls,
        config: Self | str | Path | dict[str, Any] | None,
        options: dict[str, Any],
    ) -> Self:
        """Return a Config from what a public function was given: one, a TOML file or a mapping, and keywords."""
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
        Unknown keywords raise ConfigError with the closest known name.
        """
        return self._with(options)

    def _with(self, options: dict[str, Any]) -> Self:
        values = self.model_dump()
        written: dict[tuple[int | str, ...], str] = {}
        for key, value in options.items():
            *home, name = _place(key)
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

    def deciding(self) -> dict[str, Any]:
        """Return what decides the result, ready for JSON; threads and the like left out."""
        return self.model_dump(mode="json", exclude={"run", "limits"})


def text_of(path: Path, origin: str) -> str:
    """Return the text of a file of settings; ConfigError begins with `origin`."""
    try:
        return read_file(path).decode("utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(f"{origin}: no such file") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{origin}: not UTF-8 text; save it as UTF-8") from None
    except (OSError, ValueError) as fault:
        reason = getattr(fault, "strerror", None) or type(fault).__name__
        raise ConfigError(f"{origin}: cannot be read ({reason})") from None


def toml_of(text: str, origin: str) -> dict[str, Any]:
    """Return the tables of a TOML text; ConfigError begins with `origin`, and quotes nothing of the text."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        said = re.sub(r"\(['\"].*['\"],?\) |'.*' |\".*\" ", "", str(fault), flags=re.DOTALL)
    except ValueError:  # a whole number of more digits than Python reads
        said = "a number is too long"
    except RecursionError:
        said = "brackets within brackets"
    raise ConfigError(f"{origin}: not readable as TOML ({said})")


SECTIONS: dict[str, type[_Section]] = {
    "match": MatchConfig,
    "settle": SettleConfig,
    "limits": LimitsConfig,
    "run": RunConfig,
}


def _place(key: str) -> tuple[str, ...]:
    """Return where a keyword belongs: section and key, or the key alone; unknown ones stay as they are.

    >>> _place("match.review_log2"), _place("review_log2"), _place("sample")
    (('match', 'review_log2'), ('match', 'review_log2'), ('sample',))
    """
    section, dot, name = key.partition(".")
    if dot and section in SECTIONS:
        return section, name
    home = next((name for name, section in SECTIONS.items() if key in section.model_fields), None)
    return (key,) if home is None else (home, key)


def _undotted(values: dict[str, Any]) -> dict[str, Any]:
    """Return a mapping in which keys such as `match.review_log2` stand in their section, as TOML reads them."""
    found = {key: dict(one) if isinstance(one, dict) else one for key, one in values.items()}
    for key in values:
        section, dot, name = str(key).partition(".")
        if dot and section in SECTIONS and isinstance(found.setdefault(section, {}), dict):
            found[section][name] = found.pop(key)
    return found


def _all_among(found: Any, allowed: tuple[str, ...], what: str) -> Any:
    """Return `found`; ValueError where one of its values is none of `allowed`."""
    for value in found.values() if isinstance(found, dict) else found:
        if value not in allowed:
            raise ValueError(f"{value!r} is no {what}; allowed: {', '.join(allowed)}")
    return found


def one_line(
    faults: ValidationError, model: type[BaseModel], written: dict[tuple[int | str, ...], str] | None = None
) -> str:
    """Say every fault of a pydantic validation in one plain line.

    written: name of a key as the caller wrote it, by its place in the model; dotted names for the others.
    """
    names = written or {}
    lines: list[str] = []
    allowed: dict[str, list[str]] = {}
    for fault in faults.errors():
        place = tuple(part for part in fault["loc"] if part not in ("str", "list[str]"))
        name = names.get(place) or ".".join(map(str, place))
        said = fault["msg"].removeprefix("Value error, ")
        if fault["type"] == "extra_forbidden":
            lines.append(_unknown(name, place, model, bare=written is not None))
        elif fault["type"] == "value_error" and "; " in said:
            lines.append(f"{argument(name) if place in names else name}: {said}")
        else:
            found = _shown(fault["input"])
            line = argument(name, found) if place in names else f"{name} = {found!r}"
            allowed.setdefault(line, []).append(_allowed(fault))
    return "; ".join(lines + [f"{line}; allowed: {' or '.join(all_)}" for line, all_ in allowed.items()])


def _shown(found: object) -> object:
    """Return a found value if it is short and plain; else its type, for a frame could hold identities."""
    if isinstance(found, int) and abs(found) > MOST:
        return "a number beyond all counts"
    if isinstance(found, str | int | float | date | Path | None) and len(str(found)) <= 80:
        return found
    return f"a text of {len(found)} characters" if isinstance(found, str) else type(found)


def _allowed(fault: ErrorDetails) -> str:
    """Return what a key may hold, in plain words; pydantic's own where it has no better."""
    limits = fault.get("ctx", {})
    plain = {
        "greater_than_equal": "{ge:g} or more",
        "less_than_equal": "{le:g} or less",
        "greater_than": "more than {gt:g}",
        "less_than": "less than {lt:g}",
        "literal_error": "{expected}",
        "finite_number": "a number",
        "model_type": "a table of keys",
    }
    kinds = {
        "int": "a whole number", "float": "a number", "bool": "true or false", "string": "text",
        "path": "a path", "dict": "a table of keys", "list": "a list",
    }  # fmt: skip
    if fault["type"] in plain:
        return plain[fault["type"]].format(**limits)
    said = fault["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    return kinds.get(fault["type"].split("_")[0], said)


def _unknown(name: str, place: tuple[int | str, ...], model: type[BaseModel], *, bare: bool) -> str:
    """Say that a key is unknown, and which known one is closest.

    bare: keys of sections stand without the section's name, as keywords do.
    """
    section = SECTIONS.get(str(place[0])) if len(place) > 1 else None
    known = {key: key for key in (section or model).model_fields}
    if section is None:
        known |= {
            key: key if bare else f"{home}.{key}"
            for home, one in SECTIONS.items()
            for key in one.model_fields
        }
    close = difflib.get_close_matches(str(place[-1]), known, n=1)
    allowed = sorted(known.values()) if bare else sorted((section or model).model_fields)
    hint = f"did you mean {known[close[0]]!r}?" if close else f"allowed: {', '.join(allowed)}"
    return f"unknown key {name!r}; {hint}"
