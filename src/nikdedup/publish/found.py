"""What a run has read, learnt and counted: parts of run.json that hold sources, coverage, decoys, passes, quality."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from nikdedup.publish.values import Code, Count, Counts, InputNumber, Named, Number, Part, Share


class Damage(Part):
    """What is wrong with the whole of a source, see `residents.damage.SourceDamage`; a healthy one says nothing."""

    nik_truncated: bool = False
    kk_truncated: bool = False
    nik_float: bool = False
    kk_float: bool = False
    temporaries: bool = False
    english_sex: bool = False
    month_first: list[Code] = []
    swapped: list[Code] = []
    births_swapped: bool = False
    births_shifted: bool = False
    niks_of_others: bool = False


class Source(Part):
    """A file, sheet or frame that was read. types: field -> kind of the column; None where 0.1 kept none.

    damage: what is wrong with all of it; None where earlier runs kept none.
    """

    file: Named | None
    sheet: Named | None = None
    rows: Count
    input: InputNumber = 0
    types: dict[str, str] | None = None
    ragged_rows: list[Count] = []
    surplus_cells: Count = 0
    misquoted_rows: list[Count] = []
    damage: Damage | None = None


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
    """What was read, and how. mapping: field -> headers; how: field -> what told it.

    link: whether the inputs were compared across each other only.
    """

    fingerprint: str
    sources: list[Source]
    mapping: dict[str, list[str]]
    how: dict[str, list[Code]] = {}
    unmapped: list[str] = []
    unused: list[Unused] = []
    cost: list[Cost] = []
    skipped: list[Skipped]
    link: bool = False


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
