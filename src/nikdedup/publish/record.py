"""What readers need of run.json, as a model: a file that somebody has edited is refused in one line."""

from __future__ import annotations

import json
import math
import re
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from nikdedup.errors import InputError
from nikdedup.publish.layout import OUTPUTS

Count = Annotated[int, Field(ge=0, le=2**53)]
Row = Annotated[int, Field(ge=0, lt=2**63)]
Number = Annotated[float, Field(allow_inf_nan=False, ge=-1e12, le=1e12)]
Code = Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")]
Counts = dict[str, Count]


FIRST_YEAR, LAST_YEAR = 1900, 2199
"""Years that a run may speak of, as those of its reference date."""


def _day(text: str) -> str:
    try:
        known = FIRST_YEAR <= date.fromisoformat(text).year <= LAST_YEAR
    except ValueError:
        known = False
    if not known:
        raise ValueError("no such day") from None  # the text may be anything
    return text


Day = Annotated[str, AfterValidator(_day)]


class _Part(BaseModel):
    """A part of run.json: what is named here has this type, what is not may be anything."""

    # Built when a run is read: most processes only write one.
    model_config = ConfigDict(strict=True, extra="allow", defer_build=True)


class _File(_Part):
    bytes: Count
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class _Source(_Part):
    file: str | None
    sheet: str | None = None
    rows: Count
    input: Annotated[int, Field(ge=0, lt=2**32)] = 0
    types: dict[str, str] = {}
    ragged_rows: list[Count] = []
    surplus_cells: Count = 0


class _Unused(_Part):
    file: str | None
    sheet: str | None
    header: str
    column: Count
    share: Annotated[Number, Field(ge=0, le=1)]
    may_be: list[str]


class _Cost(_Part):
    code: Code
    rows: Count


class _Skipped(_Part):
    file: str | None
    sheet: str | None
    row: Count | None
    reason: str


class _Input(_Part):
    fingerprint: str
    sources: list[_Source]
    mapping: dict[str, list[str]]
    how: dict[str, list[Code]] = {}
    unmapped: list[str] = []
    unused: list[_Unused] = []
    cost: list[_Cost] = []
    skipped: list[_Skipped]


class _Recorded(_Part):
    wajib_ktp: Count | None = None
    recorded: Count | None = None


class _Coverage(_Recorded):
    target: Annotated[Number, Field(ge=0, le=1)] = 0.0
    after: _Recorded | None = None

    @model_validator(mode="after")
    def _known_before_and_after(self) -> Self:
        after = self.after or self
        if None not in (self.wajib_ktp, self.recorded) and None in (after.wajib_ktp, after.recorded):
            raise ValueError("counted before and not after")
        return self


class _Counts(_Part):
    records: Count
    people: Count
    people_of_two_or_more: Count
    joined_pairs: Count | None = None
    confirmed_pairs: Count
    review_pairs: Count
    shared_niks: Count
    decisions: Count
    kinds: Counts
    actions: Counts
    relations: Counts
    coverage: _Coverage | None = None


class _Estimate(_Part):
    match: dict[str, list[Number | None]] | None = None


class _Thresholds(_Part):
    review_log2: Number = 0.0
    confirmed_log2: Number = 0.0
    shipped_confirmed_log2: Number = 0.0


class _Pass(_Part):
    name: str
    blocks: Count = 0
    compared: Count = 0
    candidates: Count = 0
    unique: Count = 0
    skipped_blocks: Count = 0
    skipped_pairs: Count = 0


class _Histogram(_Part):
    edges: list[Number]
    counts: list[Count]


class _Quality(_Part):
    flags: Counts
    nik_verdicts: Counts
    recording_classes: Counts
    present: Counts


class _Check(_Part):
    check: str
    ok: bool
    text_id: str
    text_en: str


class _Officers(_Part):
    entries: Count
    lapsed: list[Count]
    unmatched: list[Count]
    links: list[tuple[Row, Row, str, str | None, Day | None, Day | None, Row | None]]


class _Chain(_Part):
    rows: Annotated[list[Row], Field(min_length=1)]
    links: Row


class _Refused(_Part):
    joins: list[tuple[Row, Row, str, Row, Row]]
    chains: list[_Chain]


class _Policy(_Part):
    file: str | None
    text: str | None


class _Match(_Part):
    review_log2: Number
    confirmed_log2: Number


class _Config(_Part):
    """What readers take from the settings as they stand; Config looks at all of them."""

    nik_scheme: str
    match: _Match


class _Options(_Part):
    lang: Literal["id", "en"] = "id"
    residents: bool = True
    report: bool = True


class _Run(_Part):
    nikdedup: str
    files: dict[Literal[OUTPUTS], _File]  # type: ignore[valid-type]
    input: _Input
    reference_date: Day | None
    counts: _Counts
    prior_log2: Number
    estimate: _Estimate = _Estimate()
    levels: dict[str, dict[str, str]] = {}
    weights: dict[str, list[Number | None]] = {}
    thresholds: _Thresholds = _Thresholds()
    decoys: dict[str, Number | str | None] | None = None
    passes: list[_Pass] = []
    refused: _Refused | None = None
    officers: _Officers | None = None
    policy: _Policy | None = None
    histogram: _Histogram | None = None
    quality: _Quality
    config: _Config
    options: _Options = _Options()
    versions: dict[str, str] = {}
    health: list[_Check]
    timing: dict[str, Any] = {}


def record_of(text: bytes, name: str) -> dict[str, Any] | None:
    """Return the content of a run.json, or None where it is no run's.

    InputError where a part of it has another type than every version wrote. name: of the folder.
    """
    try:
        told = json.loads(text, parse_float=_finite, parse_constant=_finite)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict) or "nikdedup" not in told or not isinstance(told.get("files"), dict):
        return None
    strange = sorted(set(told["files"]) - set(OUTPUTS))
    if strange:
        raise InputError(
            f"{name}: run.json names {len(strange)} files that are no run's; allowed are {', '.join(OUTPUTS)}"
        )
    try:
        # As JSON, so that lists pass for tuples, and nothing else for anything else.
        _Run.model_validate_json(text)
    except ValidationError as fault:
        first = fault.errors(include_url=False, include_input=False, include_context=False)[0]
        raise InputError(
            f"{name}: run.json is damaged ({_place(first['loc'])}: {_what(first)}); run dedupe again"
        ) from None
    return told


def _finite(text: str) -> float:
    """Read a number that can be written again; ValueError for others, which no run wrote."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number beyond all sense")
    return number


def _place(loc: tuple[int | str, ...]) -> str:
    """Return where a fault is; names that are not of our making are not repeated."""
    return ".".join(str(part) if re.fullmatch(r"\w{1,30}", str(part)) else "…" for part in loc) or "the file"


def _what(fault: Any) -> str:
    return str(fault["msg"]).removeprefix("Value error, ").lower()
