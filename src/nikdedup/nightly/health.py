"""What must hold for a night beside the nights before it; a check that does not publishes nothing.

Each check compares a figure of tonight with the same figure of the last nights, and fails where it lies further off
than the office allows. Drift of what a night would have learnt only warns: proposals still follow the judgement in
use.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from nikdedup.nightly.texts import say
from nikdedup.publish import Check, RunRecord

if TYPE_CHECKING:
    from nikdedup.match import Judgement

FEW = 50
"""Pairs, records or rows up to which a difference says nothing."""
LAST = 7
"""Nights that tonight is compared with; their median counts."""
TELLING = 0.02
"""Share of true pairs from which a level is said to have drifted: of rarer ones, chance moves m by more."""


class Limits(BaseModel):
    """How far a night may lie from those before it; shares are of 1."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, hide_input_in_errors=True)

    records_lost: float = Field(default=0.02, ge=0, le=1)
    """Share of records by which an extract may shrink."""
    records_gained: float = Field(default=0.2, ge=0)
    """Share by which it may grow."""
    source_lost: float = Field(default=0.1, ge=0, le=1)
    """Share by which any one source may shrink."""
    flagged: float = Field(default=0.05, ge=0, le=1)
    """How much larger the share of rows with a reason code may be."""
    confirmed: float = Field(default=0.25, ge=0)
    """Share by which the number of confirmed pairs may rise or fall."""
    false_match_rate: float = Field(default=0.01, ge=0, le=1)
    """Largest share of false matches that decoys may be sure of."""
    largest_person: float = Field(default=2.0, ge=1)
    """How many times as many records the largest person may have."""
    columns: bool = True
    """Whether a column that came or went fails."""
    drift_log2: float = Field(default=1.0, gt=0)
    """Bits by which prior, m or threshold may differ from the judgement in use before it is said so."""


def figures(record: RunRecord, largest_person: int) -> dict[str, Any]:
    """Return what the ledger keeps of a night, to be shown and compared with: counts only."""
    counts, rows = record.counts, max(1, record.counts.records)
    sources: dict[str, int] = {}
    for source in record.input.sources:
        name = " / ".join(str(part) for part in (source.file, source.sheet) if part is not None) or "data"
        sources[name] = sources.get(name, 0) + source.rows
    decoys = record.decoys
    return {
        "records": counts.records, "people": counts.people, "people_of_two_or_more": counts.people_of_two_or_more,
        "confirmed_pairs": counts.confirmed_pairs, "review_pairs": counts.review_pairs,
        "shared_niks": counts.shared_niks, "decisions": counts.decisions, "actions": counts.actions,
        "sources": sources, "columns": sorted(record.input.mapping),
        "flags": {code: round(count / rows, 6) for code, count in record.quality.flags.items()},
        "false_match_rate": decoys and decoys.low, "largest_person": largest_person,
    }  # fmt: skip


@dataclass(frozen=True)
class Compared:
    """A figure of tonight and the median of the last nights."""

    now: float
    before: float

    @property
    def share(self) -> float:
        """By which share of the earlier figure it has changed."""
        return (self.now - self.before) / self.before if self.before else float(self.now > 0)


def compared_with_last(
    tonight: Mapping[str, Any], last: Sequence[Mapping[str, Any]], limits: Limits
) -> list[Check]:
    """Return the checks of a night. tonight, last: `figures`, of the last published nights, the newest first."""
    if not last:
        return [_rate(tonight, limits)]
    return [
        _records(tonight, last, limits),
        _sources(tonight, last[0], limits),
        _flags(tonight, last, limits),
        _confirmed(tonight, last, limits),
        _rate(tonight, limits),
        _largest(tonight, last, limits),
        _columns(tonight, last[0], limits),
    ]


def _median(name: str, tonight: Mapping[str, Any], last: Sequence[Mapping[str, Any]]) -> Compared:
    return Compared(tonight[name], median(one[name] for one in last[:LAST]))


def _records(tonight: Mapping[str, Any], last: Sequence[Mapping[str, Any]], limits: Limits) -> Check:
    found = Compared(tonight["records"], last[0]["records"])
    fine = abs(found.now - found.before) <= FEW or (
        -limits.records_lost <= found.share <= limits.records_gained
    )
    return check("records", fine, now=int(found.now), before=int(found.before))


def _sources(tonight: Mapping[str, Any], before: Mapping[str, Any], limits: Limits) -> Check:
    bad = []
    for name, rows in before["sources"].items():
        now = tonight["sources"].get(name, 0)
        several = len(before["sources"]) > 1 or name in tonight["sources"]
        if several and rows - now > max(FEW, limits.source_lost * rows):
            bad.append(f"{name} ({rows} -> {now})")
    return check("sources", not bad, sources=", ".join(bad))


def _flags(tonight: Mapping[str, Any], last: Sequence[Mapping[str, Any]], limits: Limits) -> Check:
    bad = []
    for code, share in tonight["flags"].items():
        before = median(one["flags"].get(code, 0.0) for one in last[:LAST])
        if share - before > limits.flagged and (share - before) * tonight["records"] > FEW:
            bad.append(f"{code} ({before:.1%} -> {share:.1%})")
    return check("flags", not bad, flags=", ".join(bad))


def _confirmed(tonight: Mapping[str, Any], last: Sequence[Mapping[str, Any]], limits: Limits) -> Check:
    found = _median("confirmed_pairs", tonight, last)
    fine = abs(found.now - found.before) <= FEW or abs(found.share) <= limits.confirmed
    return check("confirmed", fine, now=int(found.now), before=int(found.before))


def _rate(tonight: Mapping[str, Any], limits: Limits) -> Check:
    rate = tonight["false_match_rate"] or 0.0
    return check(
        "false_match_rate",
        rate <= limits.false_match_rate,
        rate=f"{rate:.2%}",
        limit=f"{limits.false_match_rate:.2%}",
    )


def _largest(tonight: Mapping[str, Any], last: Sequence[Mapping[str, Any]], limits: Limits) -> Check:
    before = max(one["largest_person"] for one in last[:LAST])
    fine = tonight["largest_person"] <= max(limits.largest_person * before, 10)
    return check("largest_person", fine, now=tonight["largest_person"], before=before)


def _columns(tonight: Mapping[str, Any], before: Mapping[str, Any], limits: Limits) -> Check:
    came = [name for name in tonight["columns"] if name not in before["columns"]]
    went = [name for name in before["columns"] if name not in tonight["columns"]]
    told = ", ".join([*(f"+{name}" for name in came), *(f"-{name}" for name in went)])
    return check("columns", not told or not limits.columns, columns=told)


def drifted(record: RunRecord, used: Judgement, limits: Limits) -> list[Check]:
    """Return what tonight would have learnt otherwise than what is used; each is a warning alone."""
    would = record.would_learn
    if would is None:
        return []
    found = [
        _moved("prior", used.prior_log2, would.prior_log2, limits),
        _moved("threshold", used.confirmed_log2, would.confirmed_log2, limits),
    ]
    learnt = would.estimate.match or {}
    for name, m in used.match.items():
        now, then = np.array(learnt.get(name, m)), np.array(m)
        if len(now) == len(then):
            seen = np.maximum(now, then) >= TELLING
            bits = np.abs(np.log2(now[seen] / then[seen])).max(initial=0.0)
            found.append(check("drift", bits <= limits.drift_log2, what=f"m ({name})", bits=f"{bits:.1f}"))
    return [one for one in found if not one.ok]


def _moved(what: str, used: float, would: float, limits: Limits) -> Check:
    bits = abs(would - used)
    called = {lang: say(f"refit.{what}", lang) for lang in ("id", "en")}
    return check("drift", bits <= limits.drift_log2, what=called, bits=f"{bits:.1f}")


def check(name: str, ok: bool, **values: Any) -> Check:
    """Return a check with its sentence in both languages, from data/nightly.toml."""
    end = "ok" if ok else "failed"
    said = {f"text_{lang}": say(f"health_{end}.{name}", lang, **values) for lang in ("id", "en")}
    return Check(check=f"night_{name}", ok=bool(ok), **said)


def failed(checks: Iterable[Check]) -> list[Check]:
    """Return the checks that do not hold."""
    return [one for one in checks if not one.ok]
