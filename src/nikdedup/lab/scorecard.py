"""The result of an evaluation: shares with their intervals, as plain values and as text."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Literal

from nikdedup.lab.calibration import Calibration, ExpectedFalse

TRAPS = ("twin", "twin_name_within", "father_son", "common_name_default_date")
GROUPS = (
    "one_word", "initials", "bali", "batak", "tionghoa", "papua", "married_since", "over_60", "child",
    "default_date", "retired_code",
)  # fmt: skip
"""Groups of residents that a truth may name; see `groups`."""


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
class GroupScore:
    """Precision and recall over the pairs of which at least one record is of a group."""

    precision: Share
    recall: Share
    recall_with_review: Share

    def as_dict(self) -> dict[str, Any]:
        """Return the shares as plain values."""
        return {name: share.as_dict() for name, share in vars(self).items()}


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
    by_group: dict[str, GroupScore] = field(default_factory=dict)
    calibration: dict[str, Calibration] = field(default_factory=dict)
    expected_false: ExpectedFalse | None = None

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
            "by_group": {group: score.as_dict() for group, score in self.by_group.items()},
            "calibration": {part: of.as_dict() for part, of in self.calibration.items()},
            "expected_false": self.expected_false.as_dict() if self.expected_false else None,
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
            *self._chances(words, comma),
            *self._groups(words, comma),
        ]
        return "\n".join(lines)

    def _chances(self, words: dict[str, str], comma: bool) -> list[str]:
        """Return the lines on calibration and on what decoys expected, where there is something to tell."""
        told = {part: (of.error, of.noise) for part, of in self.calibration.items()}
        errors = [
            f"{words[f'of_{part}']} {_decimal(error, comma)} ({_decimal(noise, comma)})"
            for part, (error, noise) in told.items()
            if error is not None and noise is not None
        ]
        lines = [_line(words["calibration"], ", ".join(errors))] if errors else []
        if (false := self.expected_false) is not None:
            expected = words["unknown"]
            if false.expected is not None and false.low is not None and false.high is not None:
                said, low, high = (
                    f"{value:.1f}".replace(".", "," if comma else ".")
                    for value in (false.expected, false.low, false.high)
                )
                expected = f"{said} [{low} - {high}]"
            lines.append(_line(words["expected_false"], f"{_number(false.false, comma)} ({expected})"))
        return lines

    def _groups(self, words: dict[str, str], comma: bool) -> list[str]:
        """Return a line for each group that has true pairs."""
        some = {group: score for group, score in self.by_group.items() if score.recall.of}
        lines = [words["groups"]] if some else []
        for group, score in some.items():
            p, r, most = (
                _with_interval(share.value, share.interval(), comma)
                for share in (score.precision, score.recall, score.recall_with_review)
            )
            lines.append(_line(f"  {words[group]} ({_number(score.recall.of, comma)})", f"{p}  {r}  {most}"))
        return lines


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
        "twin_name_within": "salah gabung: kembar, nama termuat",
        "father_son": "salah gabung: ayah dan anak",
        "common_name_default_date": "salah gabung: nama umum + tanggal baku",
        "survivor": "Data yang dipertahankan benar",
        "calibration": "Galat kalibrasi (dari kebetulan saja)",
        "of_all": "semua",
        "of_confirmed": "digabung",
        "of_review": "diperiksa",
        "expected_false": "Salah gabung sebenarnya (perkiraan umpan)",
        "unknown": "tidak terukur",
        "groups": "Menurut kelompok (pasangan): presisi, recall, recall dengan yang diperiksa",
        "one_word": "nama satu kata",
        "initials": "nama disingkat",
        "bali": "nama Bali",
        "batak": "nama Batak",
        "tionghoa": "nama Tionghoa",
        "papua": "nama Papua",
        "married_since": "perempuan yang menikah",
        "over_60": "60 tahun ke atas",
        "child": "anak",
        "default_date": "tanggal baku",
        "retired_code": "kode kecamatan lama",
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
        "twin_name_within": "false joins: twins, name within name",
        "father_son": "false joins: father and son",
        "common_name_default_date": "false joins: common name, default date",
        "survivor": "Right record kept",
        "calibration": "Calibration error (by chance alone)",
        "of_all": "all",
        "of_confirmed": "joined",
        "of_review": "review",
        "expected_false": "False joined pairs (expected by decoys)",
        "unknown": "not measurable",
        "groups": "By group (true pairs): precision, recall, recall with review",
        "one_word": "one-word names",
        "initials": "initials",
        "bali": "Balinese names",
        "batak": "Batak names",
        "tionghoa": "Chinese-Indonesian names",
        "papua": "Papuan names",
        "married_since": "women who married",
        "over_60": "60 and older",
        "child": "children",
        "default_date": "default dates",
        "retired_code": "retired kecamatan codes",
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
