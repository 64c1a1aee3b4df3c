"""What an explanation holds: steps of the sum, proposals, and what became of the pair."""

from __future__ import annotations

from dataclasses import dataclass

from nikdedup.show.compared import Compared


@dataclass(frozen=True)
class Step:
    """One line of the sum: a field, how far it agrees, its weight and the running total (log2)."""

    field: str
    name: str
    level: int | None
    meaning: str
    weight_log2: float
    total_log2: float
    compared: tuple[Compared, ...] = ()


@dataclass(frozen=True)
class Ruling:
    """What is proposed for one record, and by which rule."""

    row: int
    action: str
    kind: str | None
    rule: str
    reason: str
    survivor_row: int | None
    place: str = ""


@dataclass(frozen=True)
class Explained:
    """One pair with all that is said of it, see `Explanation`."""

    row_a: int
    row_b: int
    outcome: str
    verdict: str
    steps: tuple[Step, ...]
    prior_log2: float
    weight_log2: float | None
    probability: float | None
    relation: str | None
    band: str | None
    passes: tuple[str, ...]
    thresholds: dict[str, float]
    places: dict[int, str]
    officers: str | None
    declared: tuple[str, ...]
    rulings: tuple[Ruling, ...]
    notes: tuple[str, ...]
    lang: str
