"""How right an answer is, counted in pairs of records; thresholds swept for the peers that leave them open.

`nikdedup` is judged by `nikdedup evaluate`. A peer hands over scored pairs, and gets its best case: every
threshold is tried, once with the pairs as they are and once with their connected components as persons, and
the best F1 of all is its figure. No office could choose that threshold, since it takes the truth to find it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl


@dataclass(frozen=True)
class Best:
    """The best F1 over all thresholds: `threshold` is the lowest score accepted, `level` pairs or persons."""

    precision: float
    recall: float
    f1: float
    threshold: float | None
    level: str


def judge_ours(run: Path, truth: Path) -> dict[str, Any]:
    """Return what `nikdedup evaluate` finds in `run`, as plain values, flat."""
    from nikdedup.lab.evaluation import evaluate

    seen = evaluate(run, truth)
    return {
        "true_pairs": seen.recall.of,
        "precision": seen.precision.value or 0.0,
        "recall": seen.recall.value or 0.0,
        "f1": seen.f1 or 0.0,
        "f1_interval": list(seen.f1_interval() or ()),
        "level": "shipped",
        "threshold": None,
        "review_pairs": seen.review_pairs,
        "review_true": seen.review_true,
        "recall_with_review": seen.recall_with_review.value,
        "shared_niks": seen.shared_niks.value,
        "shared_nik_false_joins": seen.shared_nik_false_joins,
        "traps": dict(seen.false_by_trap),
        "survivor": seen.survivor.value,
        "largest_person": seen.largest_person,
    }


def judge_pairs(pairs: Path, truth: Path, *, own_threshold: float | None = None) -> dict[str, Any]:
    """Return the best case of scored pairs (row_l, row_r, score), and the F1 at the peer's own threshold.

    Rows are positions in the truth file. `blocked_recall` is the share of true pairs among all pairs handed
    over: no threshold finds more, connected components aside.
    """
    person = pl.read_parquet(truth, columns=["true_person_id"])["true_person_id"].rank("dense").to_numpy()
    scored = pl.read_parquet(pairs, columns=["row_l", "row_r", "score"])
    scored = scored.sort("score", "row_l", "row_r", descending=[True, False, False])
    left, right = scored["row_l"].to_numpy(), scored["row_r"].to_numpy()
    score = scored["score"].to_numpy()
    sizes = np.unique(person, return_counts=True)[1]
    true = int((sizes * (sizes - 1) // 2).sum())
    hit = person[left] == person[right]
    curves = [_pair_curve(hit, score, true), _person_curve(left, right, score, person, true)]
    best = max(
        (_best(curve, level) for curve, level in zip(curves, ("pairs", "persons"), strict=True)), key=_f1
    )
    answer = {
        "true_pairs": true,
        "scored_pairs": len(scored),
        "blocked_recall": int(hit.sum()) / max(true, 1),
    }
    if own_threshold is not None:
        answer["f1_own_threshold"] = max(_f1_at(curve, own_threshold) for curve in curves)
    return {**asdict(best), **answer}


def _f1(best: Best) -> float:
    return best.f1


@dataclass(frozen=True)
class Curve:
    """Found pairs and hits with every score down to `score` accepted; one entry per distinct score."""

    score: np.ndarray
    found: np.ndarray
    hits: np.ndarray
    true: int

    def f1(self) -> np.ndarray:
        return np.asarray(2 * self.hits / np.maximum(self.found + self.true, 1))


def _ends(score: np.ndarray) -> np.ndarray:
    """Return the last position of every run of equal scores."""
    return np.flatnonzero(np.r_[score[1:] != score[:-1], True]) if len(score) else np.empty(0, int)


def _pair_curve(hit: np.ndarray, score: np.ndarray, true: int) -> Curve:
    ends = _ends(score)
    return Curve(score[ends], ends + 1, np.cumsum(hit)[ends] if len(hit) else ends, true)


class _Components:
    """Records joined so far. The smaller component always joins the larger: a chain of joins costs n log n."""

    def __init__(self, person: np.ndarray) -> None:
        self.found = self.hits = 0
        self._person = person
        self._home: dict[int, int] = {}
        self._members: dict[int, list[int]] = {}
        self._persons: dict[int, Counter[int]] = {}

    def _find(self, row: int) -> int:
        if row not in self._home:
            self._home[row], self._members[row] = row, [row]
            self._persons[row] = Counter({int(self._person[row]): 1})
        return self._home[row]

    def join(self, a: int, b: int) -> None:
        big, small = self._find(a), self._find(b)
        if big == small:
            return
        if len(self._members[big]) < len(self._members[small]):
            big, small = small, big
        moved, theirs = self._members.pop(small), self._persons.pop(small)
        self.found += len(self._members[big]) * len(moved)
        self.hits += sum(number * self._persons[big][who] for who, number in theirs.items())
        self._home.update(dict.fromkeys(moved, big))
        self._members[big] += moved
        self._persons[big].update(theirs)


def _person_curve(
    left: np.ndarray, right: np.ndarray, score: np.ndarray, person: np.ndarray, true: int
) -> Curve:
    """Join the pairs from the best score down and count, after each score, the pairs inside the components."""
    ends = _ends(score)
    components = _Components(person)
    counts = np.zeros((len(ends), 2), int)
    start = 0
    for at, end in enumerate(ends.tolist()):
        for a, b in zip(left[start : end + 1].tolist(), right[start : end + 1].tolist(), strict=True):
            components.join(a, b)
        counts[at] = components.found, components.hits
        start = end + 1
    return Curve(score[ends], counts[:, 0], counts[:, 1], true)


def _best(curve: Curve, level: str) -> Best:
    if not len(curve.score):
        return Best(0.0, 0.0, 0.0, None, level)
    at = int(np.argmax(curve.f1()))
    return _at(curve, at, level)


def _at(curve: Curve, at: int, level: str) -> Best:
    found, hits = int(curve.found[at]), int(curve.hits[at])
    return Best(
        hits / max(found, 1), hits / max(curve.true, 1), float(curve.f1()[at]), float(curve.score[at]), level
    )


def _f1_at(curve: Curve, threshold: float) -> float:
    """Return F1 with every score of at least `threshold` accepted; 0 where none is."""
    accepted = int((curve.score >= threshold).sum())
    return float(curve.f1()[accepted - 1]) if accepted else 0.0
