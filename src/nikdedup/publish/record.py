"""What a run says of itself, as typed models: the one form of run.json.

No identities: counts, row numbers, settings. A part that earlier versions did not write has a default here, so that
readers ask for it all the same; what a run did not say stays unsaid when it is written again. Every part may hold
more than is named: a run of the same SCHEMA_VERSION may have learnt to say more.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from nikdedup.config import FIRST_DAY, LAST_DAY
from nikdedup.masking import mask_numbers
from nikdedup.publish.layout import OUTPUTS

SCHEMA_VERSION = 1
"""Of run.json. A run of a greater one may mean something else by a name, and is not read; 0.1 wrote none."""


def _day(text: str) -> str:
    try:
        known = FIRST_DAY <= date.fromisoformat(text) <= LAST_DAY
    except ValueError:
        known = False
    if not known:
        raise ValueError("no such day") from None  # the text may be anything
    return text


Count = Annotated[int, Field(ge=0, le=2**53)]
Row = Annotated[int, Field(ge=0, lt=2**63)]
InputNumber = Annotated[int, Field(ge=0, lt=2**32)]
Number = Annotated[float, Field(allow_inf_nan=False, ge=-1e12, le=1e12)]
Share = Annotated[Number, Field(ge=0, le=1)]
Code = Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")]
Day = Annotated[str, AfterValidator(_day)]
Named = Annotated[str, AfterValidator(mask_numbers)]
"""The name of a file or sheet, long numbers masked: offices name them by NIKs."""
Counts = dict[str, Count]


class Part(BaseModel):
    """A part of run.json: what is named has this type, what is not may be anything."""

    # Built when a run is written or read, not when the package is imported.
    model_config = ConfigDict(strict=True, extra="allow", defer_build=True)


class Source(Part):
    """A file, sheet or frame that was read. types: field -> kind of the column; None where 0.1 kept none."""

    file: Named | None
    sheet: Named | None = None
    rows: Count
    input: InputNumber = 0
    types: dict[str, str] | None = None
    ragged_rows: list[Count] = []
    surplus_cells: Count = 0
    misquoted_rows: list[Count] = []


class Unused(Part):
    """A column that holds something and is not used. share: of its cells that are filled."""

    file: Named | None
    sheet: Named | None
    header: str
    column: Count
    share: Share
    may_be: list[str]


class Cost(Part):
    """What is lacking, and how many records it concerns."""

    code: Code
    rows: Count


class Skipped(Part):
    """A row of a source that is no record."""

    file: Named | None
    sheet: Named | None
    row: Count
    reason: str


class Input(Part):
    """What was read, and how. mapping: field -> headers; how: field -> what told it."""

    fingerprint: str
    sources: list[Source]
    mapping: dict[str, list[str]]
    how: dict[str, list[Code]] = {}
    unmapped: list[str] = []
    unused: list[Unused] = []
    cost: list[Cost] = []
    skipped: list[Skipped]


class Covered(Part):
    """Residents who must hold a KTP, and how many of them are recorded; null where a run cannot say."""

    wajib_ktp: Count | None = None
    recorded: Count | None = None
    percent: Number | None = None
    missing_to_target: Count | None = None

    @property
    def share(self) -> float:
        """Recorded share of those who must hold a KTP; 0 where nobody must."""
        return (self.recorded or 0) / self.wajib_ktp if self.wajib_ktp else 0.0


class Coverage(Covered):
    """The same before the proposals, the target, and after them."""

    target: Share = 0.0
    after: Covered | None = None

    @property
    def sides(self) -> tuple[Covered, Covered]:
        """Before and after the proposals."""
        return self, self.after or self

    @model_validator(mode="after")
    def _known_before_and_after(self) -> Self:
        after = self.after or self
        before = (self.wajib_ktp, self.recorded, self.missing_to_target)
        if None not in before[:2] and None in (
            *before,
            after.wajib_ktp,
            after.recorded,
            after.missing_to_target,
        ):
            raise ValueError("counted in part")
        return self


class RunCounts(Part):
    """What came out, in numbers."""

    records: Count
    people: Count
    people_of_two_or_more: Count
    joined_pairs: Count | None = None
    confirmed_pairs: Count
    review_pairs: Count
    shared_niks: Count
    decisions: Count
    declared: Counts = {}
    kinds: Counts
    actions: Counts
    relations: Counts
    coverage: Coverage | None = None


class EstimateFound(Part):
    """What the extract's own pairs said of the weights. match: field -> m of each level."""

    status: str = "off"
    rounds: Count | None = None
    pairs: Number | None = None
    match: dict[str, list[Number]] | None = None
    reason: str | None = None


class WouldLearn(Part):
    """What a run that went by an earlier judgement would have learnt of its own extract."""

    prior_log2: Number
    confirmed_log2: Number
    estimate: EstimateFound


class Thresholds(Part):
    """Total weights (log2) from which pairs go to review and are joined; the shipped one for comparison."""

    review_log2: Number
    confirmed_log2: Number
    shipped_confirmed_log2: Number


class DecoyCurve(Part):
    """Expected false matches at each threshold: from_log2, and one step more each; low and high: their bounds."""

    from_log2: Number
    step_log2: Annotated[Number, Field(gt=0)]
    false_matches: Annotated[list[Number], Field(min_length=1)]
    low: list[Number]
    high: list[Number]

    @property
    def thresholds(self) -> list[float]:
        """The thresholds (log2), one for each number."""
        return [self.from_log2 + at * self.step_log2 for at in range(len(self.false_matches))]

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if not len(self.false_matches) == len(self.low) == len(self.high):
            raise ValueError("columns of different lengths")
        return self


class DecoysFound(Part):
    """Expected false matches, from decoys; low and high: bounds of their share of the confirmed pairs.

    by_weight: their number at other thresholds; None where an earlier version kept none.
    """

    status: str
    false_matches: Number | None = None
    false_match_rate: Number | None = None
    low: Number | None = None
    high: Number | None = None
    chance: Number | None = None
    kin: Number | None = None
    decoys: Count | None = None
    decoys_above: Count | None = None
    by_weight: DecoyCurve | None = None


class PassDone(Part):
    """What a pass of blocking looked at, found and skipped."""

    name: str
    blocks: Count = 0
    largest_block: Count = 0
    compared: Count = 0
    candidates: Count = 0
    unique: Count = 0
    split_blocks: Count = 0
    skipped_blocks: Count = 0
    skipped_pairs: Count = 0
    covered: Number = 1.0


class Histogram(Part):
    """Stored pairs by weight (log2); edges has one more entry than counts, or both have none."""

    edges: list[Number] = []
    counts: list[Count] = []


class NikCounts(Part):
    """NIKs of one source against the columns beside them."""

    input: InputNumber
    file: Named | None
    sheet: Named | None
    rows: Count
    niks: Count
    is_kk: Count
    birth_known: Count
    birth_agrees: Count
    sex_known: Count
    sex_agrees: Count
    birth_unreadable: Count


class Quality(Part):
    """Records by flag, verdict and recording class; values that are present by field."""

    flags: Counts
    nik_verdicts: Counts
    recording_classes: Counts
    present: Counts
    niks: list[NikCounts] = []


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
