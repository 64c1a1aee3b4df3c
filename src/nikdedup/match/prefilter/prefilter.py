"""Cheap before dear: which candidates can still reach the review threshold.

A first weight of each candidate from integers alone: birth date and NIK, equal codes,
and the share of letter pairs that two names have in common. Letters are compared only
for pairs whose first weight lies within a margin of the threshold; the others would
be thrown away afterwards. Two explanations are weighed: that the two are strangers, and
that they are siblings, who agree on parents and household but on neither date nor name. `python -m
benchmarks.prefilter` counts what it loses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nikdedup.columnar.arrays import Bits, Rows
from nikdedup.match import kernels as loops
from nikdedup.match.compare import BIRTHDAYS, ComparedNames, place_tf_log2, tf_log2
from nikdedup.match.features import Evidence, among
from nikdedup.match.kernels import (
    ADDRESS,
    BIRTHS,
    EQUAL,
    FATHER,
    KK,
    MOTHER,
    NAME,
    NIK,
    PLACE,
    WORTH,
    PrefilterRule,
    PrefilterTables,
)
from nikdedup.match.levels import KkLevel, NameLevel
from nikdedup.match.score import Field, Model
from nikdedup.runtime.threads import chunks, side_by_side
from nikdedup.schema import IDS

CHUNK = 1 << 14
"""Records put together at a time, in the cache of a core."""
FURTHER_LOG2, MOST_FURTHER_LOG2 = 2.0, 6.0
"""What a further column of words, codes or postcodes is reckoned to lift a pair by, and all of them together."""
LINE = 64
"""Bytes of a line of the processor's cache."""


@dataclass(frozen=True)
class Prefilter(PrefilterTables):
    """Weighs candidates of one extract cheaply. A pair costs two looks at memory for each side."""

    @classmethod
    def of(cls, e: Evidence, model: Model) -> Prefilter:
        """Prepare the prefilter for the records at hand."""
        records = _aligned(len(e) * 8, np.dtype(np.uint64)).reshape(-1, 8)
        worth = _aligned(len(e), WORTH)

        def fill(part: slice) -> None:
            for begin in range(part.start, min(part.stop, len(e)), CHUNK):
                some = slice(begin, begin + CHUNK)
                _fill_records(records[some], e, some)
                _fill_worth(worth[some], e, model, some)

        side_by_side(fill, chunks(len(e)))
        _add_aliases(records, worth, e, model)
        return cls(
            e,
            records,
            worth,
            model.prior_log2("match", e.population.records),
            float(np.log2(model.expected["match"] / model.expected["sibling"])),
            _one_card_log2(model, e.population.records),
            model.prefilter,
        )

    def keeps(
        self, left: Rows, right: Rows, *, review_log2: float, name_log2: tuple[Bits, Bits] | None = None
    ) -> NDArray[np.bool_]:
        """Return which pairs are worth comparing.

        name_log2: exact weights of the name against strangers and siblings, where they are known already.
        """
        margin = self.weights.margin_log2 if name_log2 is None else self.weights.named_margin_log2
        name, kin = (None, None) if name_log2 is None else name_log2
        least = review_log2 - margin - self.further_log2
        kept = side_by_side(
            lambda some: loops.keeps(
                self,
                left[some],
                right[some],
                least,
                None if name is None else name[some],
                None if kin is None else kin[some],
                False,
            ),
            chunks(len(left)),
        )
        return np.concatenate(kept)

    def rule(
        self, review_log2: float, *, together: bool = False, source: NDArray[np.int32] | None = None
    ) -> PrefilterRule:
        """Return what keeps the pairs of blocks that are worth comparing; see `PrefilterRule`."""
        return PrefilterRule(
            self, review_log2 - self.weights.margin_log2 - self.further_log2, together, source
        )

    @property
    def further_log2(self) -> float:
        """How much further columns of evidence may still lift a pair; equal ids have a pass without prefilter."""
        words = sum(kind not in IDS for kind in self.evidence.kinds.values())
        return min(words * FURTHER_LOG2, MOST_FURTHER_LOG2)


def names_log2(model: Model, names: ComparedNames) -> tuple[Bits, Bits]:
    """Return what compared names say against strangers, and the most that they may say against siblings, in bits.

    Args:
        model: levels of names and how likely they are for one person and for two.
        names: what the comparison of n pairs of names came to.
    """
    field, level = model.fields["name"], names.level
    match, sibling = field.known["match"], field.known["sibling"]
    odds, kin = match - field.stranger, match - sibling
    for against, of in ((odds, "stranger"), (kin, "sibling")):
        against[NameLevel.CLOSE] += _most_contained(model, of)
    strangers = odds[level] + field.slope[level] * names.shared_log2
    beyond = np.clip(names.own_log2 - model.own_free, 0, model.own_most)
    decay = np.where(level >= NameLevel.ONE_WORD, model.own_decay.get("sibling", 0.0), 0.0)
    return strangers.astype(np.float32), (kin[level] + decay * beyond).astype(np.float32)


def _most_contained(model: Model, other: str) -> float:
    """Return the most that it says of close names that one is contained in the other, or that none is."""
    one, two = model.contained["match"], model.contained[other]
    return float(max(np.log2(one / two), np.log2((1 - one) / (1 - two))))


def _fill_records(record: NDArray[np.uint64], e: Evidence, some: slice) -> None:
    """Put in for each record three sets of letter pairs, four codes (0: missing) and both its birth dates."""
    for word, names in ((NAME, e.names), (MOTHER, e.mothers), (FATHER, e.fathers)):
        record[:, word] = names.letters.take(names.words.name[some])
    record[:, PLACE], record[:, ADDRESS] = e.places.index[some], e.addresses.index[some]
    nik = e.nik_prefix(some) if e.structured else e.nik[some]  # an opaque id has no first 15 digits
    record[:, KK], record[:, NIK] = (code.view(np.uint64) + np.uint64(1) for code in (e.kk[some], nik))
    born, in_nik = (days[some].view(np.uint32).astype(np.uint64) for days in (e.birth, e.nik_birth))
    record[:, BIRTHS] = born << np.uint64(32) | in_nik


def _add_aliases(record: NDArray[np.uint64], worth: NDArray[np.void], e: Evidence, model: Model) -> None:
    """Let a record with two names agree by either: both their letter pairs, and what the rarer one says."""
    row, name = e.aliases.row, e.aliases.name
    record[row, NAME] |= e.names.letters[name]
    told = _most_told(model.fields["name"], e.names.total_log2[name]) - model.prefilter.whole_less_log2
    worth["name"][row] = np.maximum(worth["name"][row], told)


def _one_card_log2(model: Model, records: int) -> float:
    """Return what one family card says, as the score has it."""
    same = float(model.fields["kk"].known["match"][KkLevel.EQUAL])
    return same + float(np.log2(among(records) / model.household))


def _most_told(field: Field, tf_log2: Bits) -> Bits:
    """Return the most that the score gives for names that agree on the whole. tf_log2: of all their words."""
    match, stranger, slope = field.known["match"], field.stranger, field.slope
    whole = (NameLevel.SAME_SOUND, NameLevel.EQUAL)
    says = [match[level] - stranger[level] + slope[level] * tf_log2 for level in whole]
    most: Bits = np.maximum(*says).astype(np.float32)
    return most


def _fill_worth(worth: NDArray[np.void], e: Evidence, model: Model, some: slice) -> None:
    """Put in for each record what agreement on its values says, its birth date in parts, and its sex."""
    many, records, weights = e.frequencies, e.population.records, model.prefilter
    for field, names, counts in (
        ("name", e.names, many.skeleton),
        ("mother", e.mothers, many.mother),
        ("father", e.fathers, many.father),
    ):
        words_log2 = names.total_log2.take(names.words.name[some])
        worth[field] = _most_told(model.fields[field], np.minimum(words_log2, tf_log2(counts[some], records)))
    worth["name"] -= weights.whole_less_log2
    worth["place"] = place_tf_log2(many.place[some], records)
    worth["address"] = tf_log2(many.address[some], records)
    born = np.log2((records + BIRTHDAYS) / many.birth[some].astype(np.float32)) + weights.common_date_log2
    worth["birth"] = np.minimum(weights.birth_log2[EQUAL], born)
    worth["year"], worth["month"], worth["day"] = (part[some] for part in e.calendar)
    worth["default"], worth["sex"] = e.birth_default[some], e.sex[some]


def _aligned(n: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return n zeros of a type, so that no record of 64 bytes lies across two lines of the cache."""
    room = np.zeros(n * dtype.itemsize + LINE, np.uint8)
    begin = -room.ctypes.data % LINE
    return room[begin : begin + n * dtype.itemsize].view(dtype)
