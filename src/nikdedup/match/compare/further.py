"""Further columns of evidence compared: two texts of one column, by what the column holds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA, Levenshtein

from nikdedup.columnar.arrays import Bits, Counts, LevelArray, Rows
from nikdedup.columnar.grouping import mixed, numbered
from nikdedup.match.compare.rarity import place_tf_log2, tf_log2
from nikdedup.match.features import Coded, Evidence
from nikdedup.match.levels import FurtherLevel, NameLevel

SIMILAR = 0.75
"""Levenshtein similarity from which two texts are one, misspelt."""
LEAST_SIGNS = 5
"""Signs of an id from which on one wrong among them is a slip."""
PARENTS = {"nik_ibu": "mother", "nik_ayah": "father"}
"""Number of a parent -> the name of the same parent: what the name gives already counts once."""

Alike = Callable[[list[str], list[str]], NDArray[np.bool_]]


def compare_further(e: Evidence, left: Rows, right: Rows) -> dict[str, tuple[LevelArray, Bits]]:
    """Return level (FurtherLevel) and term frequency of what is shared, by name of the further column."""
    return {name: _compare(e, name, left, right) for name in e.further}


def _compare(e: Evidence, name: str, left: Rows, right: Rows) -> tuple[LevelArray, Bits]:
    missing, different, similar, equal = FurtherLevel
    texts = e.further[name]
    a, b = texts.code(left), texts.code(right)
    level = np.select([(a < 0) | (b < 0), a == b], [missing, equal], different).astype(np.uint8)
    if (alike := _ALIKE.get(e.kinds[name])) is not None:
        level[_similar(texts, level == different, left, right, alike)] = similar
    counts = e.frequencies.further[name]
    common = np.maximum(counts[left], counts[right])
    bits = _RARITY.get(e.kinds[name], tf_log2)(common, e.population.records)
    return level, np.where(level >= similar, bits, 0).astype(np.float32)


def _category_log2(count: Counts, records: int) -> Bits:
    """Return -log2 of the share of records with a value: there are few, so that their own shares tell, however few."""
    most = np.float32(max(records, 2))
    tf: Bits = np.log2(most) - np.log2(np.clip(count.astype(np.float32), 1, most))
    return tf


_RARITY: dict[str, Callable[[Counts, int], Bits]] = {"category": _category_log2, "postcode": place_tf_log2}
"""Kind -> how rare a shared value is, where most records of an extract may have one; `tf_log2` for the others."""


def without_what_names_told(
    level: dict[str, LevelArray], bits: dict[str, Bits], name: str, parent: str
) -> Bits:
    """Return what an equal number of a parent says beyond the parent's name, which is no second witness."""
    of_name = np.where(level[parent] >= NameLevel.SIMILAR, bits[parent], np.float32(0))
    return np.maximum(bits[name] - of_name, np.float32(0))


def _similar(
    texts: Coded, where: NDArray[np.bool_], left: Rows, right: Rows, alike: Alike
) -> NDArray[np.intp]:
    """Return which of the pairs `where` have like texts, each distinct pair of texts compared once."""
    asked = np.flatnonzero(where)
    left, right = left[asked], right[asked]
    number, firsts = numbered(mixed(texts.code(left), texts.code(right)).view(np.uint64))
    found = alike(*(texts.of(rows[firsts]).to_list() for rows in (left, right)))
    return asked[found[number]]


def _one_slip(one: list[str], other: list[str]) -> NDArray[np.bool_]:
    """One sign wrong, missing or too many, or two exchanged."""
    edits = process.cpdist(one, other, scorer=OSA.distance, score_cutoff=1, dtype=np.uint8)
    long = np.array([min(len(a), len(b)) >= LEAST_SIGNS for a, b in zip(one, other, strict=True)], np.bool_)
    slip: NDArray[np.bool_] = (edits == 1) & long
    return slip


def _same_box(one: list[str], other: list[str]) -> NDArray[np.bool_]:
    """The same name in front of another host, or one slip in the whole."""
    same = [a.partition("@")[0] == b.partition("@")[0] for a, b in zip(one, other, strict=True)]
    return np.array(same, np.bool_) | _one_slip(one, other)


def _one_sign(one: list[str], other: list[str]) -> NDArray[np.bool_]:
    edits = process.cpdist(one, other, scorer=OSA.distance, score_cutoff=1, dtype=np.uint8)
    near: NDArray[np.bool_] = edits == 1
    return near


def _like(one: list[str], other: list[str]) -> NDArray[np.bool_]:
    alike = process.cpdist(
        one, other, scorer=Levenshtein.normalized_similarity, score_cutoff=SIMILAR, dtype=np.float32
    )
    found: NDArray[np.bool_] = alike > 0
    return found


_ALIKE: dict[str, Alike] = {
    "id": _one_slip,
    "parent_id": _one_slip,
    "certificate": _one_slip,
    "phone": _one_slip,
    "email": _same_box,
    "postcode": _one_sign,
    "text": _like,
}
"""Kind -> which different texts are like each other; of a category none is."""
