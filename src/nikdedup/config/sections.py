"""The sections of a config: match, settle, limits, run."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from nikdedup.config.allowed import LowAndHigh, Memory, Threads, Whole


class Section(BaseModel):
    """Settings that go together: fixed once they are made, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, hide_input_in_errors=True)


class MatchConfig(Section):
    """How records are brought together and how sure a match must be."""

    review_log2: float = Field(default=-6.0, ge=-1e9, le=1e9)
    """Pairs from this weight on (log2, prior included) are shown to a person."""
    confirmed_log2: float = Field(default=3.5, ge=-1e9, le=1e9)
    """Pairs from this weight on (log2, prior included) are joined, unless all they tell puts them a bit and more below
    it."""
    confirmed_probability: float | None = Field(default=0.97, ge=0.5, le=1)
    """Pairs of a lower weight are joined too where all they tell makes them as probable as this, and as pairs of
    `confirmed_log2`; `null` never."""
    target_precision: float | None = Field(default=0.995, ge=0.5, lt=1)
    """Share of confirmed pairs that shall be true: `confirmed_log2` is moved as far as decoys are sure of it;
    `null` leaves it."""
    decoy_limits: LowAndHigh = (2.5, 12.0)
    """Lowest and highest weight (log2) that decoys may move `confirmed_log2` to."""
    max_block: Whole = Field(default=4_000, ge=10)
    """Largest block compared as a whole; a larger one is split by a second key and reported."""
    estimate: bool = True
    """Whether the extract's own pairs adjust the shipped weights (m, by expectation-maximisation); `run.json`
    says what came of it."""

    @model_validator(mode="after")
    def _review_below_confirmed(self) -> Self:
        if self.confirmed_log2 < self.review_log2:
            raise ValueError(
                f"confirmed_log2 = {self.confirmed_log2:g} is below review_log2 = {self.review_log2:g}; "
                "allowed: the same or more"
            )
        return self


class EvidenceColumn(Section):
    """A further column that is compared."""

    kind: Literal["id", "text", "category", "postcode", "email"]
    """`id`: a number or code of one person, compared sign by sign and brought together where it is equal; `text`:
    words; `category`: one of few values; `postcode`; `email`."""
    header: str | list[str] | None = None
    """Header of the column, or several joined with a space; its name in the config when not given."""

    def headers(self, name: str) -> list[str]:
        """Return the headers of the column.

        Args:
            name: its name in the config.
        """
        if self.header is None:
            return [name]
        return [self.header] if isinstance(self.header, str) else self.header


class SettleConfig(Section):
    """What should happen to the records of one person."""

    policy: Path | None = None
    """A policy table of one's own."""
    recording: Literal["first", "latest"] | None = None
    """Which of two recordings holds, `"first"` or `"latest"`; the policy's own setting if not given."""
    constraints: Path | None = None
    """CSV or Parquet of what officers have declared: pairs that are `must_link` or `cannot_link`, records that are
    `dead`, `moved`, `abroad` or `inactive`; a record is named by `record_id`, `nik` or `record_key`."""
    verdicts: Path | None = None
    """The same of what villages have answered, `verdicts/constraints.csv` of a state; officers go before it."""
    large_cluster: Whole = Field(default=6, ge=2)
    """A person of more records goes to review as a whole."""


class RunConfig(Section):
    """How the run goes; none of it changes the result."""

    threads: Threads | None = None
    """Most threads at work; all cores if not given. In Python the threads of polars are set by POLARS_MAX_THREADS
    before the first import; the command line does that."""
    memory: Memory | None = None
    """Most memory of all processes together, such as `"4GB"` (1 GB = 10^9 bytes): what does not fit as a
    whole is worked on in parts that do; a run that needs more all the same does not begin."""
    lang: Literal["id", "en"] = "id"
    """Language of summary, report and workbook: `"id"` or `"en"`."""
    residents: bool = True
    """Write `residents.parquet`."""
    report: bool = True
    """Write `report.html` and `decisions.xlsx`."""


class LimitsConfig(Section):
    """What an input file may ask of the machine; one that asks for more is refused, and the message names the key."""

    cell_bytes: Whole = Field(default=1_000_000, ge=1_000)
    """Longest cell, in bytes of UTF-8; a file beyond any of these limits is refused in one line that names it."""
    files: Whole = Field(default=1_000, ge=1)
    """Most files of one run."""
    rows: Whole = Field(default=20_000_000, ge=1_000)
    """Most lines of a CSV file."""
    table_columns: Whole = Field(default=2_000, ge=10)
    """Most columns of a table."""
    sheets: Whole = Field(default=1_000, ge=1)
    """Most sheets of a workbook."""
    sheet_cells: Whole = Field(default=100_000_000, ge=1_000)
    """Most cells of a sheet, from its first column to the last filled one and row."""
    blank_cells: Whole = Field(default=4_000_000, ge=1_000)
    """Most empty cells among these, beyond ten for each filled one: a single cell far from the table is no
    table."""
    expansion: Whole = Field(default=100, ge=10)
    """How many times its packed size a workbook, a .gz file or a page of Parquet may have, above 100 MB
    unpacked."""


SECTIONS: dict[str, type[Section]] = {
    "match": MatchConfig,
    "settle": SettleConfig,
    "limits": LimitsConfig,
    "run": RunConfig,
}


def place_of(key: str) -> tuple[str, ...]:
    """Return where a keyword belongs: section and key, or the key alone; unknown ones stay as they are.

    >>> place_of("match.review_log2"), place_of("review_log2"), place_of("sample")
    (('match', 'review_log2'), ('match', 'review_log2'), ('sample',))
    """
    section, dot, name = key.partition(".")
    if dot and section in SECTIONS:
        return section, name
    home = next((name for name, section in SECTIONS.items() if key in section.model_fields), None)
    return (key,) if home is None else (home, key)


def undotted(values: dict[str, Any]) -> dict[str, Any]:
    """Return a mapping in which keys such as `match.review_log2` stand in their section, as TOML reads them."""
    found = {key: dict(one) if isinstance(one, dict) else one for key, one in values.items()}
    for key in values:
        section, dot, name = str(key).partition(".")
        if dot and section in SECTIONS and isinstance(found.setdefault(section, {}), dict):
            found[section][name] = found.pop(key)
    return found
