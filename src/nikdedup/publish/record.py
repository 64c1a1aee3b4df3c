"""What a run says of itself, as typed models: the one form of run.json.

No identities: counts, row numbers, settings. A part that earlier versions did not write has a default here, so that
readers ask for it all the same; what a run did not say stays unsaid when it is written again. Every part may hold
more than is named: a run of the same SCHEMA_VERSION may have learnt to say more.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from nikdedup.publish.found import (
    DecoysFound,
    EstimateFound,
    Histogram,
    Input,
    PassDone,
    Quality,
    RunCounts,
    Thresholds,
    WouldLearn,
)
from nikdedup.publish.layout import OUTPUTS
from nikdedup.publish.values import Count, Day, Named, Number, Part, Row

SCHEMA_VERSION = 1
"""Of run.json. A run of a greater one may mean something else by a name, and is not read; 0.1 wrote none."""


class Check(Part):
    """A health check and its sentence."""

    check: str
    ok: bool
    text_id: str
    text_en: str

    def text(self, lang: str) -> str:
        """Return the sentence in `lang`."""
        return self.text_id if lang == "id" else self.text_en


Link = tuple[Row, Row, str, str | None, Day | None, Day | None, Row | None, Named | None]
"""row_l, row_r, kind, who, when, until, the line of the list, and where a village has answered it."""
Status = tuple[Row, str, str | None, Day | None, Day | None, Row | None, Named | None]
"""row, status, who, when, until, the line of the list, and where a village has answered it."""


class OfficersKept(Part):
    """What officers and villages have declared of this extract, so that every decision can be computed again.

    entries: of the officers; answers: of villages, numbered after them. aside: answers that officers contradict.
    """

    entries: Count
    lapsed: list[Count]
    unmatched: list[Count]
    links: list[Link]
    answers: Count = 0
    aside: list[Count] = []
    statuses: list[Status] = []

    @field_validator("links", mode="before")
    @classmethod
    def _of_before(cls, links: Any) -> Any:
        """Runs of before say nothing of where a link comes from."""
        if not isinstance(links, list):
            return links
        told = [tuple(link) if isinstance(link, list | tuple) else link for link in links]
        return [(*link, None) if isinstance(link, tuple) and len(link) == 7 else link for link in told]


class Chain(Part):
    """Rows of a chain too large to be joined, and how many confirmed pairs it holds."""

    rows: Annotated[list[Row], Field(min_length=1)]
    links: Row


class RefusedKept(Part):
    """Joins that clustering refused: row_l, row_r, reason, and the two rows that are two people."""

    joins: list[tuple[Row, Row, str, Row, Row]]
    chains: list[Chain]


class PolicyKept(Part):
    """The policy that decided; its text where it is not the shipped one."""

    file: Named | None
    sha256: str | None = None
    text: str | None


class MatchSettings(Part):
    """What readers take from the settings of matching."""

    review_log2: Number
    confirmed_log2: Number
    confirmed_probability: Number | None = None  # runs of before had none: their weights decided


class Settings(Part):
    """What readers take from the settings that decided; `Config` looks at all of them."""

    nik_scheme: str
    match: MatchSettings
    evidence: dict[str, Any] = {}


class Options(Part):
    """How the run was asked for."""

    lang: Literal["id", "en"] = "id"
    residents: bool = True
    report: bool = True


class RunRecord(Part):
    """What a run says of itself: all of run.json but how long it took and which files it wrote.

    The same for the same input, config and version.
    """

    nikdedup: str
    schema_version: Annotated[int, Field(ge=0, le=SCHEMA_VERSION)] = 0
    input: Input
    reference_date: Day | None
    counts: RunCounts
    model: str | None = None
    prior_log2: Number
    estimate: EstimateFound = Field(default_factory=lambda: EstimateFound())
    would_learn: WouldLearn | None = None
    levels: dict[str, dict[str, str]] = {}
    weights: dict[str, list[Number | None]] = {}
    thresholds: Thresholds
    decoys: DecoysFound | None = None
    passes: list[PassDone] = []
    candidate_pairs: Count | None = None
    refused_joins: Count | None = None
    refused: RefusedKept | None = None
    officers: OfficersKept | None = None
    policy: PolicyKept | None = None
    histogram: Histogram
    quality: Quality
    config: Settings
    options: Options = Field(default_factory=lambda: Options())
    versions: dict[str, str] = {}
    health: list[Check]

    def as_dict(self) -> dict[str, Any]:
        """Return what the run said, ready for JSON; defaults that it did not say are left out."""
        return self.model_dump(mode="json", exclude_unset=True, exclude={"timing", "files"})

    @property
    def day(self) -> date | None:
        """The date that the extract speaks of."""
        return date.fromisoformat(self.reference_date) if self.reference_date else None


class FileWritten(Part):
    """Size and digest of a file of a run."""

    bytes: Count
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class RunJson(RunRecord):
    """The whole of run.json."""

    timing: dict[str, Any] = {}
    files: dict[Literal[OUTPUTS], FileWritten]  # type: ignore[valid-type]
