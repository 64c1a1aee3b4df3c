"""Which records are compared: runs the passes of passes.py within their budgets.

Block sizes are known before anything is compared; a block above the budget is split by a
second key and the split is reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nikdedup.columnar.arrays import Rows
from nikdedup.columnar.grouping import may_be_among, mixed
from nikdedup.config import MatchConfig
from nikdedup.match.block.pairs import Blocks, blocks_of, pairs_across, pairs_in_blocks
from nikdedup.match.block.passes import PASSES, QGRAM_SHARE, Pass
from nikdedup.match.features import Codes, Evidence
from nikdedup.match.kernels import PrefilterRule, QgramFilter
from nikdedup.match.prefilter import Prefilter
from nikdedup.runtime.share import arriving
from nikdedup.runtime.threads import side_by_side

LEAST_BUDGET = 1 << 20
"""Pairs that every pass may look at, however small the extract."""
PASS_BITS = 5
"""Bits of the number of a pass."""
RANGES = 64
"""Into how many the records are cut while the pairs of all passes are merged."""
SHORT_NAME, SHORT_SHARE = 8, 0.7
"""A slip costs a short name most of its letter pairs: up to so many, this part of the share is enough."""


@dataclass
class PassReport:
    """What a pass did: compared = pairs looked at by the q-gram filter, candidates = pairs that went on from it,
    unique = those of them that no other pass found, covered = share of the records with a key that were compared with
    all others of their block.
    """

    name: str
    blocks: int = 0
    largest_block: int = 0
    compared: int = 0
    candidates: int = 0
    unique: int = 0
    split_blocks: int = 0
    skipped_blocks: int = 0
    skipped_pairs: int = 0
    covered: float = 1.0

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values."""
        return asdict(self)


@dataclass(frozen=True)
class Candidates:
    """Pairs worth comparing: left < right, sorted; found: bit p is set if PASSES[p] brought them together."""

    left: Rows
    right: Rows
    found: NDArray[np.uint32]
    passes: list[PassReport]

    @property
    def unfiltered(self) -> NDArray[np.bool_]:
        """Which pairs a pass brought together that no prefilter looks at."""
        bits = sum(1 << number for number, one in enumerate(PASSES) if not one.filtered)
        return (self.found & np.uint32(bits)) > 0

    def keep(self, which: NDArray[np.bool_]) -> Candidates:
        """Return the candidates that `which` marks."""
        return replace(self, left=self.left[which], right=self.right[which], found=self.found[which])


def candidates(
    evidence: Evidence,
    prefilter: Prefilter,
    config: MatchConfig,
    *,
    across_only: bool = False,
    threads: int = 1,
) -> Candidates:
    """Return every pair that at least one pass brings together and that can still reach the review threshold.

    Args:
        evidence: evidence of all records.
        prefilter: tells which pairs can still reach the review threshold.
        config: settings of the run.
        across_only: keep pairs of different sources only (linking files).
        threads: passes that run at a time.
    """
    rule = prefilter.rule(config.review_log2, source=evidence.source if across_only else None)
    letters = evidence.signature
    needs = {share: _qgram_filter(evidence, share, letters) for share in {p.share for p in PASSES}}
    no_rule = replace(rule, least_log2=-np.inf)
    with ThreadPoolExecutor(threads) as pool:
        found = pool.map(
            lambda one: _run(one, evidence, needs[one.share], rule if one.filtered else no_rule, config),
            PASSES,
        )
        done = list(arriving(found, len(PASSES)))
    return _merged([pairs for pairs, _ in done], len(evidence), [report for _, report in done])


def _merged(pairs: Sequence[Codes], records: int, reports: list[PassReport]) -> Candidates:
    """Return the distinct pairs of all passes, sorted, and a bit for each pass that has one.

    pairs: codes of each pass as `_run` gives them. A range of left records at a time: what is made on the way stays
    in the processor's cache.
    """
    cuts = np.arange(1, RANGES) * records // RANGES * records
    parts = zip(*(np.split(code, np.searchsorted(code, cuts)) for code in pairs), strict=True)
    found = side_by_side(lambda part: _distinct(part, records), parts)
    left, right, mask = (np.concatenate(parts) for parts in zip(*found, strict=True))
    alone = np.bincount(
        np.bitwise_count(mask - np.uint32(1))[mask & (mask - np.uint32(1)) == 0], minlength=32
    )
    for report, unique in zip(reports, alone.tolist(), strict=False):
        report.unique = unique
    return Candidates(left, right, mask, reports)


def _distinct(pairs: Sequence[Codes], records: int) -> tuple[Rows, Rows, NDArray[np.uint32]]:
    """Return left, right and passes of the distinct pairs. pairs: codes of each pass.

    Code and pass stand in one number, for numbers alone are sorted many times as fast as by an order. Up to 32
    passes and 500 million records.
    """
    by_pass = np.sort(np.concatenate([code << PASS_BITS | number for number, code in enumerate(pairs)]))
    code = by_pass >> PASS_BITS
    bit = np.uint32(1) << (by_pass & ((1 << PASS_BITS) - 1)).astype(np.uint32)
    first = np.flatnonzero(np.diff(code, prepend=-1))
    mask = np.bitwise_or.reduceat(bit, first) if len(first) else bit
    left, right = np.divmod(code[first], max(1, records))
    return left.astype(np.int32), right.astype(np.int32), mask


def passes_of(e: Evidence, left: int, right: int) -> list[str]:
    """Return the names of the passes that bring two records together, budgets aside.

    Args:
        e: evidence of all records, or of these and all without a birth date that share a telling word with them.
        left: row of one record.
        right: row of the other one.
    """
    pair = {left, right}
    letters = e.signature
    found = []
    for one in PASSES:
        key, behind = _keyed(one, e)
        rows = np.arange(len(e), dtype=np.int32) if behind is None else behind
        at = np.isin(rows, list(pair)) & (key >= 0)
        key, rows = key[at], rows[at]
        qgrams = _qgram_filter(e, one.share, letters)
        if one.with_key is not None:
            other = one.with_key(e)
            met = any(k == other[(pair - {int(r)}).pop()] for k, r in zip(key, rows, strict=True))
        else:
            sides = [set(key[rows == row].tolist()) for row in pair]
            met = bool(sides[0] & sides[-1])
        if met and one.where is not None:
            met = bool(one.where(e, *np.array([[left], [right]], np.int32))[0])
        if met and (qgrams is None or _passes_filter(qgrams, left, right)):
            found.append(one.name)
    return found


def _passes_filter(qgrams: QgramFilter, left: int, right: int) -> bool:
    shared = int(np.bitwise_count(qgrams.signature[left] & qgrams.signature[right]))
    return shared >= min(int(qgrams.need[left]), int(qgrams.need[right]))


def birth_sex_filter(e: Evidence) -> QgramFilter | None:
    """Return the q-gram filter of the first pass.

    Args:
        e: evidence of all records.
    """
    return _qgram_filter(e, QGRAM_SHARE, e.signature)


def _qgram_filter(evidence: Evidence, share: float, letters: NDArray[np.uint64]) -> QgramFilter | None:
    """Return the q-gram filter that asks for a share of each record's letter pairs (`letters`), at least two of them.

    Of a record with two names, for a share of the shorter one.
    """
    if share == 0:
        return None
    size = np.bitwise_count(evidence.names.letters)
    need = np.ceil(size * np.where(size <= SHORT_NAME, share * SHORT_SHARE, share))
    need = np.where(size == 0, np.uint8(255), np.maximum(need, 2).astype(np.uint8))
    needs, aliases = need.take(evidence.names.words.name), evidence.aliases
    needs[aliases.row] = np.minimum(needs[aliases.row], need[aliases.name])
    return QgramFilter(letters, needs)


def _keyed(one: Pass, e: Evidence) -> tuple[Codes, Rows | None]:
    """Return the keys of a pass and the row behind each; None where every record has one."""
    keyed = one.key(e)
    return keyed if isinstance(keyed, tuple) else (keyed, None)


def _run(
    one: Pass, e: Evidence, qgrams: QgramFilter | None, rule: PrefilterRule, config: MatchConfig
) -> tuple[Codes, PassReport]:
    """Return the pairs of a pass as codes, sorted: the smaller row times the number of records, plus the other."""
    report = PassReport(one.name)
    left, right = _paired(one, e, qgrams, rule, config, report)
    report.candidates = len(left)
    code = np.minimum(left, right).astype(np.int64)
    code *= len(e)
    code += np.maximum(left, right)
    code.sort()
    return code, report


def _paired(
    one: Pass,
    e: Evidence,
    qgrams: QgramFilter | None,
    rule: PrefilterRule,
    config: MatchConfig,
    report: PassReport,
) -> tuple[Rows, Rows]:
    if one.with_key is not None:
        key, rows = _keyed(one, e)
        if key.max(initial=-1) < 0:
            return np.empty(0, np.int32), np.empty(0, np.int32)
        with_key, own = one.with_key(e), np.arange(len(e), dtype=np.int32)
        asks = may_be_among(key, with_key)
        key, rows = key[asks], (own if rows is None else rows)[asks]
        asked = may_be_among(with_key, key)
        left, right, report.compared, report.skipped_pairs = pairs_across(
            key, with_key[asked], qgrams, config.max_block, rows=rows, with_rows=own[asked], rule=rule
        )
        if one.where is None:
            return left, right
        met = one.where(e, left, right)
        return left[met], right[met]
    keys = _keyed(one, e)
    blocks = blocks_of(*keys)
    report.blocks = len(blocks.sizes)
    report.largest_block = int(blocks.sizes.max(initial=0))
    keyed = int(np.count_nonzero(keys[0] >= 0))
    most = _largest_within(
        blocks.sizes, max(LEAST_BUDGET, one.budget * e.population.records), config.max_block
    )
    over = blocks.sizes > most
    usual = Blocks(blocks.order, blocks.starts[~over], blocks.sizes[~over])
    parts = [usual]
    if over.any():
        report.split_blocks = int(over.sum())
        report.covered = round(1 - int(blocks.sizes[over].sum()) / keyed, 6)
        parts += _split(blocks, over, e, most, report)
    report.compared = sum(part.pairs for part in parts)
    found = [pairs_in_blocks(part, qgrams, rule) for part in parts]
    left = np.concatenate([left for left, _ in found])
    return left, np.concatenate([right for _, right in found])


def _largest_within(sizes: NDArray[np.int64], budget: int, most: int) -> int:
    """Return the size up to which blocks are compared whole: at most `most`, and all of them within the budget."""
    ordered = np.sort(sizes[sizes <= most])
    pairs = np.cumsum(ordered * (ordered - 1) // 2)
    within = int(np.searchsorted(pairs, budget, "right"))
    return most if within == len(ordered) else int(ordered[within]) - 1


def _split(
    blocks: Blocks, over: NDArray[np.bool_], e: Evidence, most: int, report: PassReport
) -> list[Blocks]:
    """Split blocks above the budget by the name's sound and by the mother's; what stays too large is skipped."""
    rows = np.concatenate(
        [blocks.order[s : s + n] for s, n in zip(blocks.starts[over], blocks.sizes[over], strict=True)]
    )
    block = np.repeat(np.arange(int(over.sum()), dtype=np.int64), blocks.sizes[over])
    parts = []
    skipped = []
    for second in (e.skeleton, e.mother):
        part = blocks_of(mixed(block, second[rows]), rows)
        fits = part.sizes <= most
        large = part.sizes[~fits]
        skipped.append((int((large * (large - 1) // 2).sum()), len(large)))
        parts.append(Blocks(part.order, part.starts[fits], part.sizes[fits]))
    # Both keys may leave out the same pairs: the larger figure counts them once.
    report.skipped_pairs, report.skipped_blocks = max(skipped)
    return parts
