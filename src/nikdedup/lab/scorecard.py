"""The result of an evaluation: shares with their intervals, as plain values and as text."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

TRAPS = ("twin", "father_son", "common_name_default_date")


@dataclass(frozen=True)
class Share:
    """`hits` of `of`, with the 95 % Wilson interval; value and bounds are null when `of` is 0."""

    hits: int
    of: int

    @property
    def value(self) -> float | None:
        """Return hits / of."""
        return self.hits / self.of if self.of else None

    def interval(self) -> tuple[float, float] | None:
        """Return the 95 % Wilson score interval (Wilson 1927).

        >>> low, high = Share(9, 10).interval()
        >>> round(low, 3), round(high, 3)
        (0.596, 0.982)
        """
        if not self.of:
            return None
        z, n, p = 1.959963984540054, self.of, self.hits / self.of
        centre = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return max(0.0, centre - half), min(1.0, centre + half)

    def as_dict(self) -> dict[str, Any]:
        """Return counts, value and interval as plain values."""
        interval = self.interval()
        return {
            "hits": self.hits,
            "of": self.of,
            "value": self.value,
            "interval": list(interval) if interval else None,
        }


@dataclass(frozen=True)
class Evaluation:
    """What a run found, missed and invented, in pairs of records."""

    records: int
    precision: Share
    recall: Share
    recall_by_kind: dict[str, Share]
    review_pairs: int
    review_true: int
    recall_with_review: Share
    shared_niks: Share
    shared_nik_false_joins: int
    false_by_trap: dict[str, int]
    survivor: Share
    largest_person: int

    @property
    def f1(self) -> float | None:
        """Return the harmonic mean of precision and recall; null when there is no pair at all."""
        wanted = self.precision.of + self.recall.of
        return 2 * self.recall.hits / wanted if wanted else None

    def f1_interval(self) -> tuple[float, float] | None:
        """Return the interval of F1: that of the hits among all pairs found or true, J, as 2J / (1 + J)."""
        jaccard = Share(self.recall.hits, self.precision.of + self.recall.of - self.recall.hits).interval()
        return (2 * jaccard[0] / (1 + jaccard[0]), 2 * jaccard[1] / (1 + jaccard[1])) if jaccard else None

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values, ready for JSON."""
        interval = self.f1_interval()
        return {
            "records": self.records,
            "true_pairs": self.recall.of,
            "found_pairs": self.precision.of,
            "precision": self.precision.as_dict(),
            "recall": self.recall.as_dict(),
            "f1": {"value": self.f1, "interval": list(interval) if interval else None},
            "recall_by_kind": {kind: share.as_dict() for kind, share in self.recall_by_kind.items()},
            "review": {
                "pairs": self.review_pairs,
                "true": self.review_true,
                "recall_with_review": self.recall_with_review.as_dict(),
            },
            "shared_niks": {**self.shared_niks.as_dict(), "false_joins": self.shared_nik_false_joins},
            "traps": dict(self.false_by_trap),
            "survivor": self.survivor.as_dict(),
            "largest_person": self.largest_person,
        }

    def text(self, lang: Literal["id", "en"] = "id") -> str:
        """Return a plain table for people, in Indonesian or English."""
        words = _WORDS[lang]
        comma = lang == "id"
        true = _number(self.review_true, comma)
        lines = [
            _line(words["records"], _number(self.records, comma)),
            _line(words["true_pairs"], _number(self.recall.of, comma)),
            _line(words["found_pairs"], _number(self.precision.of, comma)),
            _line(words["precision"], _share(self.precision, comma)),
            _line(words["recall"], _share(self.recall, comma)),
            _line("F1", _with_interval(self.f1, self.f1_interval(), comma)),
            *(
                _line(f"  {words['kind']} {kind}", _share(s, comma))
                for kind, s in self.recall_by_kind.items()
            ),
            _line(words["review"], f"{_number(self.review_pairs, comma)} ({true} {words['true']})"),
            _line(words["with_review"], _share(self.recall_with_review, comma)),
            _line(words["shared"], _share(self.shared_niks, comma)),
            _line(words["shared_joined"], _number(self.shared_nik_false_joins, comma)),
            *(_line(f"  {words[trap]}", _number(n, comma)) for trap, n in self.false_by_trap.items()),
            _line(words["survivor"], _share(self.survivor, comma)),
        ]
        return "\n".join(lines)


_WORDS = {
    "id": {
        "records": "Baris data",
        "true_pairs": "Pasangan ganda sebenarnya",
        "found_pairs": "Pasangan yang digabung",
        "precision": "Presisi",
        "recall": "Recall",
        "kind": "jenis",
        "review": "Pasangan perlu diperiksa",
        "true": "benar ganda",
        "with_review": "Recall dengan yang diperiksa",
        "shared": "NIK dipakai dua orang (B) ditemukan",
        "shared_joined": "  dua orang se-NIK salah digabung",
        "twin": "salah gabung: kembar",
        "father_son": "salah gabung: ayah dan anak",
        "common_name_default_date": "salah gabung: nama umum + tanggal baku",
        "survivor": "Data yang dipertahankan benar",
    },
    "en": {
        "records": "Records",
        "true_pairs": "True pairs",
        "found_pairs": "Joined pairs",
        "precision": "Precision",
        "recall": "Recall",
        "kind": "kind",
        "review": "Pairs for review",
        "true": "true",
        "with_review": "Recall with review",
        "shared": "Shared NIKs (B) found",
        "shared_joined": "  two people of one NIK joined",
        "twin": "false joins: twins",
        "father_son": "false joins: father and son",
        "common_name_default_date": "false joins: common name, default date",
        "survivor": "Right record kept",
    },
}


def _line(label: str, value: str) -> str:
    return f"{label:<46}{value}"


def _number(value: int, comma: bool) -> str:
    return f"{value:,}".replace(",", ".") if comma else f"{value:,}"


def _decimal(value: float, comma: bool) -> str:
    return f"{value:.4f}".replace(".", ",") if comma else f"{value:.4f}"


def _with_interval(value: float | None, interval: tuple[float, float] | None, comma: bool) -> str:
    if value is None or interval is None:
        return "-"
    low, high = (_decimal(bound, comma) for bound in interval)
    return f"{_decimal(value, comma)} [{low} - {high}]"


def _share(share: Share, comma: bool) -> str:
    counts = f"{_number(share.hits, comma)} / {_number(share.of, comma)}"
    return f"{_with_interval(share.value, share.interval(), comma)}  {counts}" if share.of else "-"
