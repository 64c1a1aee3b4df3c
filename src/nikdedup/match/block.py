"""Which records are compared: passes, each a grouping by one key.

The first pass is exhaustive within a birth date and sex. The others bring back what
a wrong date, sex or spelling hides. Block sizes are known before anything is compared;
a block above the budget is split by a second key and the split is reported.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nikdedup.config import MatchConfig
from nikdedup.match.bound import Screen
from nikdedup.match.dates import NO_DAY
from nikdedup.match.evidence import Codes, Evidence, codes_of
from nikdedup.match.tiles import Blocks, Gate, Keep, Rows, blocks_of, pairs_across, pairs_in_blocks
from nikdedup.match.words import telling_words

GATE = 0.62
"""Share of the shorter name's letter pairs that a pair must have in common where only the date brings it together."""
LEAST_BUDGET = 1 << 20
"""Pairs that every pass may look at, however small the extract."""
LONGEST_ID = 20
"""Signs of an opaque id that are left out in turn."""
SHORT_NAME, SHORT_SHARE = 8, 0.7
"""A slip costs a short name most of its letter pairs: up to so many, this part of the share is enough."""
LOOSE_GATE = 0.45
"""The same where a household or the parents bring a pair together."""


Keyed = tuple[Codes, Rows]
"""Keys, and the row each belongs to, where a record may have several or none."""


@dataclass(frozen=True)
class Pass:
    """One way to bring records together.

    key: evidence -> n x int64, -1 where the record takes no part.
    share: how much of the shorter name's signature must be shared (0: no gate).
    """

    name: str
    key: Callable[[Evidence], Codes | Keyed]
    share: float = 0.0
    with_key: Callable[[Evidence], Codes] | None = None
    """A second key: pairs are rows whose `key` equals the other row's `with_key`."""
    budget: int = 20
    """Pairs for each record of the extract that may be looked at; beyond it the largest blocks are split."""


@dataclass
class PassReport:
    """What a pass did: compared = pairs looked at by the gate, candidates = pairs that went on from it,
    unique = those of them that no other pass found.
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

    def keep(self, which: NDArray[np.bool_]) -> Candidates:
        """Return the candidates that `which` marks."""
        return replace(self, left=self.left[which], right=self.right[which], found=self.found[which])


def mix(*codes: NDArray[np.signedinteger[Any]]) -> Codes:
    """Return one code for several; -1 where any is missing (negative)."""
    mixed = np.zeros(len(codes[0]), np.uint64)
    missing = np.zeros(len(codes[0]), np.bool_)
    for code in codes:
        missing |= code < 0
        mixed ^= code.astype(np.int64, copy=False).view(np.uint64)
        mixed *= np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    mixed >>= np.uint64(1)
    out: Codes = mixed.view(np.int64)
    out[missing] = -1
    return out


def _day(days: NDArray[np.int32]) -> Codes:
    """Return a day number as a non-negative code, -1 if missing (dates before 1970 are negative days)."""
    return np.where(days == NO_DAY, np.int64(-1), days.astype(np.int64) + 1_000_000)


def _birth_sex(e: Evidence) -> Codes:
    return mix(_day(e.birth), e.sex)


def _birth_mother(e: Evidence) -> Codes:
    return mix(_day(e.birth), e.mother)


def _nik_birth(e: Evidence) -> Codes:
    """The date inside the NIK where it says something else than the column."""
    return np.where((e.nik_birth == e.birth) | ~e.nik_plain, np.int64(-1), _day(e.nik_birth))


def _birth(e: Evidence) -> Codes:
    return _day(e.birth)


def _swapped(e: Evidence) -> Codes:
    """The birth date with day and month exchanged, where that is another date."""
    year, month, day = (part.astype(np.int64) for part in e.calendar)
    # One of the two asks for the other: the one with the earlier day.
    possible = (day < month) & (year >= 0)
    swapped = (year - 1970).astype("datetime64[Y]").astype("datetime64[M]") + (day - 1).astype(
        "timedelta64[M]"
    )
    number = (swapped.astype("datetime64[D]") + (month - 1).astype("timedelta64[D]")).astype(np.int64)
    return np.where(possible, number + 1_000_000, np.int64(-1))


def _skeleton_year(e: Evidence) -> Codes:
    return mix(e.skeleton, e.calendar[0])


def _skeleton_day_month(e: Evidence) -> Codes:
    _, month, day = e.calendar
    return mix(e.skeleton, month, day)


def _word_day_month_decade(e: Evidence) -> Keyed:
    """Each telling word of the name with day, month and decade: finds a year one off under another spelling."""
    word, row = e.telling
    year, month, day = e.calendar
    return mix(word, month[row], day[row], year[row] // 10), row


def _word_day_month_digit(e: Evidence) -> Keyed:
    """The same with the last digit of the year: finds a year ten off."""
    word, row = e.telling
    year, month, day = e.calendar
    return mix(word, month[row], day[row], year[row] % 10), row


def _word_mother(e: Evidence) -> Keyed:
    """Each telling word of the name with the mother: finds a wrong date."""
    word, row = e.telling
    return mix(word, e.mother[row]), row


def _word_father(e: Evidence) -> Keyed:
    """The same with the father: finds a wrong date where the mother is misspelt or missing too."""
    word, row = e.telling
    return mix(word, e.father[row]), row


def _mother_day_month(e: Evidence) -> Keyed:
    """Each telling word of the mother's name with day and month: finds a wrong year under a misspelt name."""
    word, row = telling_words(e.mothers.words)
    _, month, day = e.calendar
    return mix(word, month[row], day[row]), row


def _undated_place(e: Evidence) -> Codes:
    """Name and place of birth of records without a birth date."""
    return np.where(e.birth == NO_DAY, _name_place(e), np.int64(-1))


def _name_place(e: Evidence) -> Codes:
    return mix(e.skeleton, e.place)


def _birth_father(e: Evidence) -> Codes:
    return mix(_day(e.birth), e.father)


def _birth_kk(e: Evidence) -> Codes:
    return mix(_day(e.birth), e.kk)


def _near_id(e: Evidence) -> Keyed:
    """An opaque id with each sign left out in turn: finds one sign wrong, or two exchanged.

    A NIK needs no such pass: the date inside a NIK with a slip is found by `nik_birth`.
    """
    if e.structured:
        return np.empty(0, np.int64), np.empty(0, np.int32)
    ids = pl.DataFrame({"id": e.text["nik_clean"], "row": np.arange(len(e), dtype=np.int32)}).filter(
        e.nik >= 0
    )
    longest = min(int(ids["id"].str.len_chars().max() or 0), LONGEST_ID)  # type: ignore[arg-type]
    left_out = [
        ids.filter(pl.col("id").str.len_chars() > at).select(
            pl.concat_str(pl.col("id").str.slice(0, at), pl.col("id").str.slice(at + 1)), "row"
        )
        for at in range(longest)
    ]
    if not left_out:
        return np.empty(0, np.int64), np.empty(0, np.int32)
    table = pl.concat(left_out).unique(maintain_order=True)
    return codes_of(table["id"]), table["row"].to_numpy()


def _skeleton_mother(e: Evidence) -> Codes:
    return mix(e.skeleton, e.mother)


def _skeleton_address(e: Evidence) -> Codes:
    return mix(e.skeleton, e.address)


def _mother_year(e: Evidence) -> Codes:
    return mix(e.mother, e.calendar[0])


def _birth_address(e: Evidence) -> Codes:
    return mix(_day(e.birth), e.address)


def _word_address(e: Evidence) -> Keyed:
    """Each telling word of the name with the address, of records without a mother: she would tell more."""
    word, row = e.telling
    return mix(word, np.where(e.mother[row] < 0, e.address[row], np.int64(-1))), row


def _parents(e: Evidence) -> Codes:
    return mix(e.mother, e.father)


PASSES: tuple[Pass, ...] = (
    Pass("birth_sex", _birth_sex, GATE, budget=1_000),
    Pass("nik", lambda e: e.nik),
    Pass("id_near", _near_id),
    Pass("nik_prefix", lambda e: e.nik_prefix, LOOSE_GATE),
    Pass("birth_mother", _birth_mother),
    Pass("birth_father", _birth_father),
    Pass("birth_kk", _birth_kk),
    Pass("nik_birth", _nik_birth, GATE, with_key=_birth),
    Pass("day_month_swapped", _swapped, 0.75, with_key=_birth),
    Pass("name_year", _skeleton_year),
    Pass("name_day_month", _skeleton_day_month),
    Pass("word_day_month_decade", _word_day_month_decade, GATE),
    Pass("word_day_month_digit", _word_day_month_digit, GATE),
    Pass("word_mother", _word_mother, GATE),
    Pass("word_father", _word_father, GATE),
    Pass("mother_day_month", _mother_day_month, LOOSE_GATE),
    Pass("name_mother", _skeleton_mother),
    Pass("name_place_undated", _undated_place, with_key=_name_place),
    Pass("name_address", _skeleton_address),
    Pass("birth_address", _birth_address),
    Pass("word_address", _word_address, GATE),
    Pass("mother_year", _mother_year, LOOSE_GATE),
    Pass("kk", lambda e: e.kk, GATE),
    Pass("parents", _parents, LOOSE_GATE),
)


def candidates(
    evidence: Evidence, screen: Screen, config: MatchConfig, *, across_only: bool = False, threads: int = 1
) -> Candidates:
    """Return every pair that at least one pass brings together and that can still reach the review threshold.

    across_only: keep pairs of different sources only (linking two files). threads: passes that run at a time.
    """

    def worth(left: Rows, right: Rows) -> NDArray[np.bool_]:
        wanted: NDArray[np.bool_] = screen.keeps(left, right, review_log2=config.review_log2) & (
            left != right
        )
        if across_only:
            wanted &= evidence.source[left] != evidence.source[right]
        return wanted

    needs = {share: _gate(evidence, share) for share in {p.share for p in PASSES}}
    pairs: list[Codes] = []
    bits: list[NDArray[np.uint32]] = []
    reports = []
    with ThreadPoolExecutor(threads) as pool:
        done = pool.map(lambda one: _run(one, evidence, needs[one.share], worth, config), PASSES)
    for number, (left, right, report) in enumerate(done):
        code = np.minimum(left, right).astype(np.int64) * len(evidence) + np.maximum(left, right)
        report.candidates = len(code)
        pairs.append(code)
        bits.append(np.full(len(code), 1 << number, np.uint32))
        reports.append(report)
    found = (
        pl.DataFrame({"pair": np.concatenate(pairs), "bit": np.concatenate(bits)})
        .group_by("pair")
        .agg(pl.col("bit").bitwise_or())
        .sort("pair")
    )
    mask = found["bit"].to_numpy()
    for number, report in enumerate(reports):
        report.unique = int((mask == 1 << number).sum())
    left, right = np.divmod(found["pair"].to_numpy(), max(1, len(evidence)))
    return Candidates(left.astype(np.int32), right.astype(np.int32), mask, reports)


def passes_of(e: Evidence, left: int, right: int) -> list[str]:
    """Return the names of the passes that bring two records together, budgets aside."""
    pair = {left, right}
    found = []
    for one in PASSES:
        keyed = one.key(e)
        key, rows = keyed if isinstance(keyed, tuple) else (keyed, np.arange(len(e), dtype=np.int32))
        at = np.isin(rows, list(pair)) & (key >= 0)
        key, rows = key[at], rows[at]
        gate = _gate(e, one.share)
        if one.with_key is not None:
            other = one.with_key(e)
            met = any(k == other[(pair - {int(r)}).pop()] for k, r in zip(key, rows, strict=True))
        else:
            sides = [set(key[rows == row].tolist()) for row in pair]
            met = bool(sides[0] & sides[-1])
        if met and (gate is None or _passes_gate(gate, left, right)):
            found.append(one.name)
    return found


def _passes_gate(gate: Gate, left: int, right: int) -> bool:
    shared = int(np.bitwise_count(gate.signature[left] & gate.signature[right]))
    return shared >= min(int(gate.need[left]), int(gate.need[right]))


def birth_sex_gate(e: Evidence) -> Gate | None:
    """Return the gate of the first pass."""
    return _gate(e, GATE)


def _gate(evidence: Evidence, share: float) -> Gate | None:
    """Return the gate that asks for a share of each record's own letter pairs, at least two of them."""
    if share == 0:
        return None
    size = evidence.names.size
    need = np.ceil(size * np.where(size <= SHORT_NAME, share * SHORT_SHARE, share))
    need = np.maximum(need, 2).astype(np.uint8)
    return Gate(evidence.names.signature, np.where(size == 0, np.uint8(255), need))


def _run(
    one: Pass, e: Evidence, gate: Gate | None, keep: Keep, config: MatchConfig
) -> tuple[Rows, Rows, PassReport]:
    report = PassReport(one.name)
    keyed = one.key(e)
    key, rows = keyed if isinstance(keyed, tuple) else (keyed, np.arange(len(e), dtype=np.int32))
    if one.with_key is not None:
        left, right, report.compared, report.skipped_pairs = pairs_across(
            key, one.with_key(e), gate, config.max_block, keep=keep
        )
        return left, right, report
    blocks = blocks_of(key, rows)
    report.blocks = len(blocks.sizes)
    report.largest_block = int(blocks.sizes.max(initial=0))
    most = _largest_within(blocks.sizes, max(LEAST_BUDGET, one.budget * len(e)), config.max_block)
    over = blocks.sizes > most
    usual = Blocks(blocks.order, blocks.starts[~over], blocks.sizes[~over])
    parts = [usual]
    if over.any():
        report.split_blocks = int(over.sum())
        parts += _split(blocks, over, e, most, report)
    report.compared = sum(part.pairs for part in parts)
    found = [pairs_in_blocks(part, gate, keep=keep) for part in parts]
    left = np.concatenate([left for left, _ in found])
    return left, np.concatenate([right for _, right in found]), report


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
        part = blocks_of(mix(block, second[rows]), rows)
        fits = part.sizes <= most
        large = part.sizes[~fits]
        skipped.append((int((large * (large - 1) // 2).sum()), len(large)))
        parts.append(Blocks(part.order, part.starts[fits], part.sizes[fits]))
    # Both keys may leave out the same pairs: the larger figure counts them once.
    report.skipped_pairs, report.skipped_blocks = max(skipped)
    return parts
