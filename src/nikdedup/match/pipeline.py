"""The way through the matcher: the features of an extract in, pairs and people out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nikdedup.columnar.arrays import Rows
from nikdedup.columnar.distinct import taken
from nikdedup.config import Config
from nikdedup.match.beside import beside
from nikdedup.match.block import COPIES, PASSES, Candidates, PassReport
from nikdedup.match.cluster import CERTAIN_LOG2, Constraints, Refused, cluster
from nikdedup.match.compare import Compared
from nikdedup.match.decoys import FalseMatches
from nikdedup.match.features import Copies, Evidence, PartFeatures, evidence_in, named_after
from nikdedup.match.levels import FURTHER_LEVELS, LEVEL_NAMES
from nikdedup.match.matcher import Judgement, Matcher
from nikdedup.match.score import (
    Chances,
    Estimate,
    Scored,
    likelier,
    shipped_calibration,
    typical_weights,
    unrivalled_log2,
)
from nikdedup.match.tables import pairs_table, people_table
from nikdedup.match.weighed import weighed
from nikdedup.residents import Overlap, on_first_copies, unfold
from nikdedup.runtime.memory import give_back_freed_memory
from nikdedup.runtime.share import share
from nikdedup.runtime.threads import at_once


@dataclass(frozen=True)
class Matched:
    """pairs: schema.PAIRS. people: schema.PEOPLE. report: what run.json says about matching.

    refused: joins that clustering refused.
    """

    pairs: pl.DataFrame
    people: pl.DataFrame
    report: dict[str, Any]
    refused: Refused = field(default_factory=Refused)


@dataclass(frozen=True)
class Judged:
    """What matching came to, by positions of records; `tables` makes tables of it.

    bands: of each pair found, "" where it joins nothing. chance: that it is one person. label: for each record, the
    position of the record that its person is named after.
    """

    found: Candidates
    compared: Compared
    scored: Scored
    bands: NDArray[np.str_]
    chance: NDArray[np.float64]
    label: Rows
    report: dict[str, Any]
    refused: Refused

    def tables(self, records: pl.DataFrame) -> Matched:
        """Return pairs and people. records: row and record_id of each position."""
        pairs, people = at_once(
            partial(pairs_table, self.found, self.compared, self.scored, self.bands, self.chance, records),
            partial(people_table, records, self.label),
        )
        return Matched(pairs, people, self.report, self.refused)


def match(
    features: PartFeatures,
    config: Config,
    *,
    source: NDArray[np.int32],
    ids: pl.Series | None = None,
    link: bool = False,
    overlap: Overlap | None = None,
    threads: int = 1,
    officers: pl.DataFrame | None = None,
    tie: NDArray[np.integer[Any]] | None = None,
    judgement: Judgement | None = None,
) -> Matched:
    """Find the pairs and people among the records of a whole extract, whose features are used up.

    Args:
        features: what is known of the n records of a whole extract; used up.
        config: settings of the run.
        source: index of the INPUT that each of n records is of.
        ids: their record ids; None where the rows are.
        link: whether inputs are compared across each other only.
        overlap: which records two inputs hold (an office sends its register and a list drawn from it): such a
            record is compared once; its copies share its person and are no duplicates.
        threads: most threads at work.
        officers: row_l, row_r and kind (must_link, cannot_link) of what officers have constrained, with every
            consequence; it goes before any weight.
        tie: what breaks ties; None where record ids are given, which break them.
        judgement: of an earlier run, to be gone by; else the extract's own is learnt.
    """
    row = np.arange(len(source), dtype=np.int32)
    judged = partial(_judged_records, config=config, link=link, threads=threads, judgement=judgement)
    if link or overlap is None:
        return judged(features, row, source, ids, officers, tie)
    on_firsts = officers if officers is None else on_first_copies(officers, pl.Series(row), overlap.first)
    once = np.flatnonzero(overlap.once)
    tie = None if tie is None else tie[once]
    each = features.of(once)
    features.clear()
    matched = judged(each, row[once], source[once], ids, on_firsts, tie)
    return replace(matched, people=unfold(matched.people, _records(row, ids), overlap.first))


def _judged_records(
    features: PartFeatures,
    row: NDArray[np.int32],
    source: NDArray[np.int32],
    ids: pl.Series | None,
    officers: pl.DataFrame | None,
    tie: NDArray[np.integer[Any]] | None,
    *,
    config: Config,
    link: bool,
    threads: int,
    judgement: Judgement | None,
) -> Matched:
    """Return what matching some records of an extract came to; the evidence is gone when the tables are made."""
    rank = row if ids is None else rank_of(taken(ids, row))
    judged = judge(
        features, rank, config,
        row=row, source=source, link=link, threads=threads, officers=officers, tie=tie, judgement=judgement,
    )  # fmt: skip
    give_back_freed_memory()
    return judged.tables(_records(row, ids))


def _records(row: NDArray[np.int32], ids: pl.Series | None) -> pl.DataFrame:
    """Return row and record_id of records."""
    rows = pl.Series("row", row).cast(pl.Int64)
    given = rows.cast(pl.String) if ids is None else taken(ids, row)
    return pl.DataFrame([rows, given.alias("record_id")])


def judge(
    features: PartFeatures,
    rank: NDArray[np.integer[Any]],
    config: Config,
    *,
    row: NDArray[np.integer[Any]],
    source: NDArray[np.int32] | None = None,
    link: bool = False,
    threads: int = 1,
    officers: pl.DataFrame | None = None,
    tie: NDArray[np.integer[Any]] | None = None,
    judgement: Judgement | None = None,
) -> Judged:
    """Find the pairs and people among n records, whose features are used up.

    Args:
        features: what is known of n records; used up.
        rank: place of each record in the order of record ids, see `rank_of`.
        config: settings of the run.
        row: as `evidence_in` takes it.
        source: as `evidence_in` takes it.
        link: whether inputs are compared across each other only.
        threads: as for `match`.
        officers: as for `match`.
        tie: as for `match`.
        judgement: as for `match`.
    """
    named = None if officers is None else np.isin(row, officers.select("row_l", "row_r").to_numpy())
    copies = (
        None if link else Copies.of(features, rank, tie=tie, asked_for=named)
    )  # one input is not compared with itself
    if copies is None:
        e = evidence_in(features, row=row, source=source)
        return _judged(
            _matcher(e, config, officers), rank, link=link, threads=threads, tie=tie, judgement=judgement
        )[1]
    once = copies.once
    e = evidence_in(features.take(once), row=row[once], source=None if source is None else source[once])
    features.clear()
    matcher, judged = _judged(
        _matcher(e, config, officers),
        rank[once],
        link=link,
        threads=threads,
        tie=None if tie is None else tie[once],
        judgement=judgement,
    )
    return _with_copies(judged, copies, matcher, rank)


def _matcher(e: Evidence, config: Config, officers: pl.DataFrame | None) -> Matcher:
    return replace(Matcher.of(e, config), constraints=Constraints.of(officers, e.row))


def _judged(
    matcher: Matcher,
    rank: NDArray[np.integer[Any]],
    *,
    link: bool,
    threads: int,
    tie: NDArray[np.integer[Any]] | None,
    judgement: Judgement | None,
) -> tuple[Matcher, Judged]:
    """Return what matching came to among the records of a matcher, and the matcher as it judged in the end.

    By `judgement` where one is given; what the extract itself would have taught is reported beside it.
    """
    e, config = matcher.evidence, matcher.config
    model = matcher.model
    found, compared, scored = weighed(matcher, across_only=link, threads=threads)
    share(0.75)
    no_rival = partial(unrivalled_log2, compared, found.left, found.right, link=link)
    more = no_rival(scored.weight_log2) if link and not e.structured else 0.0
    of_its_own, own_scores, learnt = matcher.estimated(compared, scored, more_log2=more)
    if judgement is None:
        matcher, scored = of_its_own, own_scores
    else:
        matcher, scored = matcher.by(judgement, compared, scored)
    false = FalseMatches.of(matcher)
    chances = matcher.chances(compared, scored, found.left, found.right)
    decided = matcher.decided_log2(scored.weight_log2, chances.chance)
    asked_log2 = false.threshold(decided[~chances.held], config.match)
    matcher = matcher.with_confirmed(asked_log2 if judgement is None else judgement.confirmed_log2)
    if not e.structured:
        chances = chances._replace(chance=likelier(chances.chance, no_rival(scored.weight_log2)))
    bands = matcher.banded(scored, chances)
    apart = matcher.constraints.apart(found.left, found.right)
    bands = np.where(apart, "", bands)
    confirmed = bands == "confirmed"
    must = matcher.constraints.must
    left = np.concatenate([found.left[confirmed], must[0]])
    share(0.9)
    people = cluster(
        len(e),
        left,
        np.concatenate([found.right[confirmed], must[1]]),
        np.concatenate([scored.weight_log2[confirmed], np.full(len(must[0]), CERTAIN_LOG2)]),
        rank,
        matcher.edges,
        join_log2=config.match.review_log2,
        tie=tie,
    )
    parted = confirmed & (people.label[found.left] != people.label[found.right])
    bands = np.where(parted, "review", bands)
    refused = Refused.by(people, e.row, left)
    thresholds = config.match
    report = {
        "model": model.version,
        "prior_log2": matcher.prior_log2,
        **_learnt(learnt, of_its_own.prior_log2, asked_log2, judgement),
        "levels": {
            field: {str(level): text for level, text in names.items()}
            for field, names in (LEVEL_NAMES | dict.fromkeys(e.kinds, FURTHER_LEVELS)).items()
        },
        "weights": typical_weights(model, compared, scored),
        "thresholds": {
            "review_log2": thresholds.review_log2,
            "confirmed_log2": matcher.config.match.confirmed_log2,
            "shipped_confirmed_log2": type(thresholds)().confirmed_log2,
        },
        "decoys": false.as_dict(
            matcher.config.match.confirmed_log2,
            int((bands == "confirmed").sum()),
            config.match,
            parted=int(parted.sum()),
        ),
        "passes": [one.as_dict() for one in found.passes],
        "candidate_pairs": len(found.left),
        "refused_joins": int(parted.sum()),
        "refused": refused.as_dict(),
    }
    chance = _settled_chance(matcher, found, compared, scored, chances, bands, parted, people.label)
    return matcher, Judged(found, compared, scored, bands, chance, people.label, report, refused)


def _settled_chance(
    matcher: Matcher,
    found: Candidates,
    compared: Compared,
    scored: Scored,
    chances: Chances,
    bands: NDArray[np.str_],
    parted: NDArray[np.bool_],
    label: Rows,
) -> NDArray[np.float64]:
    """Return how likely each pair is one person now that the records are persons; label: which person each is.

    Of ids that are no NIK it was not counted what stands beside a pair. parted: pairs that clustering kept apart.
    """
    if not matcher.evidence.structured:
        return np.where(parted, shipped_calibration().parted, chances.chance)
    asked = np.flatnonzero(bands == "review").astype(np.int32)
    left, right, chance = found.left[asked], found.right[asked], chances.chance.copy()
    chance[asked] = matcher.reviewed_chance(
        compared.take(asked), scored.take(asked), left, right,
        kind=chances.kind[asked], beside=beside(matcher, left, right, label),
    )  # fmt: skip
    return chance


def _learnt(
    estimate: Estimate | None, prior_log2: float, confirmed_log2: float, judgement: Judgement | None
) -> dict[str, Any]:
    """Return what `run.json` says of learning: the judgement that was gone by, and what else would have been."""
    own = estimate.as_dict() if estimate else {"status": "off"}
    if judgement is None:
        return {"estimate": own}
    kept = {"status": "kept"} | ({"match": judgement.match} if judgement.match else {})
    would = {"prior_log2": prior_log2, "confirmed_log2": confirmed_log2, "estimate": own}
    return {"estimate": kept, "would_learn": would}


def _with_copies(judged: Judged, copies: Copies, matcher: Matcher, rank: NDArray[np.integer[Any]]) -> Judged:
    """Return what was judged of some records as it holds for all, each copy paired with the one compared for it.

    rank: place of each record, copies too, in the order of record ids.
    """
    once, spare = copies.once, copies.spare
    firsts, back = np.unique(copies.compared_as, return_inverse=True)
    compared, scored, bands = matcher.judge(firsts, firsts)
    each = back.astype(np.int32)
    chance = matcher.chances(compared, scored, firsts, firsts).chance[each]
    compared, scored, bands = compared.take(each), scored.take(each), bands[each]
    left, right = np.sort(np.stack([once[copies.compared_as], spare]), axis=0)
    found = judged.found
    report = PassReport(
        COPIES,
        len(firsts),
        int(np.bincount(copies.compared_as).max()) + 1,
        len(spare),
        len(spare),
        len(spare),
    )
    person = once[judged.label][copies.place()]
    alone = spare[bands != "confirmed"]
    person[alone] = alone
    every = Judged(
        Candidates(
            np.concatenate([once[found.left], left]),
            np.concatenate([once[found.right], right]),
            np.concatenate([found.found, np.full(len(spare), 1 << len(PASSES), np.uint32)]),
            [*found.passes, report],
        ),
        Compared.joined([judged.compared, compared]),
        Scored.joined([judged.scored, scored]),
        np.concatenate([judged.bands, bands]),
        np.concatenate([judged.chance, chance]),
        named_after(person, rank),
        judged.report,
        judged.refused,
    )
    of_all = {
        "weights": typical_weights(matcher.model, every.compared, every.scored),
        "passes": [one.as_dict() for one in every.found.passes],
        "candidate_pairs": len(every.found.left),
    }
    return replace(every, report=every.report | of_all)


def rank_of(ids: pl.Series) -> NDArray[np.int64]:
    """Return the order of record ids: shorter first, then by text, so that 9 comes before 10."""
    frame = pl.DataFrame({"id": ids})
    order = frame.select(pl.arg_sort_by(pl.col("id").str.len_bytes(), "id")).to_series().to_numpy()
    rank = np.empty(len(ids), np.int64)
    rank[order] = np.arange(len(ids))
    return rank
