"""Any two rows of an extract scored on demand, for explanations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl

from nikdedup.columnar.arrays import Rows
from nikdedup.config import Config
from nikdedup.match.block import COPIES, Candidates, passes_of
from nikdedup.match.features import Copies, Counted, evidence_in, part_features_of
from nikdedup.match.matcher import Judgement, Matcher
from nikdedup.match.tables import pairs_table


def pair_scorer(
    extract: Counted, *, config: Config, judgement: Judgement
) -> Callable[[int, int], dict[str, Any]]:
    """Return a function that scores any two rows of an extract, whether a pass brought them together or not.

    The function gives one line of schema.PAIRS as a dict, and `weight_<field>` for the weight each field
    had in this very pair; `held` names the rules by which it is never confirmed;
    `weight_kinship` and `weight_recording` are what takes away from their sum.

    Args:
        extract: the whole extract, which says how common the values of a pair are.
        config: settings of the run.
        judgement: what the run has learnt, or was told.
    """
    found = Candidates(np.zeros(1, np.int32), np.ones(1, np.int32), np.zeros(1, np.uint32), [])

    def score_rows(row_a: int, row_b: int) -> dict[str, Any]:
        rows = sorted((row_a, row_b))
        e = extract.evidence(rows)
        matcher, left, right = Matcher.of(e, config), found.left, found.right
        compared, scored = matcher.score(left, right)
        matcher, scored = matcher.by(judgement, compared, scored)
        matcher = matcher.with_confirmed(judgement.confirmed_log2)
        chances = matcher.chances(compared, scored, left, right)
        bands, chance = matcher.banded(scored, chances), chances.chance
        records = extract.records(rows)
        row = pairs_table(found, compared, scored, bands, chance, records, every=True).row(0, named=True)
        weights = {f"weight_{field}": float(weight[0]) for field, weight in scored.fields.items()}
        against = matcher.rules(compared, scored, left, right)
        least = matcher.config.match.confirmed_log2
        decided = matcher.decided_log2(scored.weight_log2, chance)
        against["improbable"] = (scored.weight_log2 >= least) & (decided < least)
        extra = {
            "held": [name for name, holds in against.items() if holds[0]],
            "weight_kinship": float(scored.kinship_log2[0]),
            "weight_recording": float(scored.recording_log2[0]),
        }
        passes = [COPIES] if extract.are_copies(rows) else passes_of(extract.evidence_beside(e), 0, 1)
        return row | {"passes": passes} | weights | extra

    return score_rows


def matcher_of(
    residents: pl.DataFrame,
    *,
    config: Config,
    prior_log2: float,
    match: dict[str, list[float]] | None = None,
    confirmed_log2: float | None = None,
) -> tuple[Matcher, Rows]:
    """Return what judges any pairs of an extract as its run did, and for each resident the record that stands for it.

    For many pairs at once: all of the extract is made evidence of.

    Args:
        residents: residents of the run with their evidence.
        config: settings of the run.
        prior_log2: prior of the run, in bits.
        match: m per field, as `run.json` holds it; that of the shipped model where None.
        confirmed_log2: threshold of the run, which decoys may have moved; that of `config` where None.
    """
    features = part_features_of(
        residents, structured=config.nik_scheme == "nik", plain=config.plain_names, further=config.further
    )
    row, place = residents["row"].to_numpy(), np.arange(len(residents), dtype=np.int32)
    if (
        copies := Copies.of(features, place)
    ) is not None:  # as the run had it: rarity is that of the records compared
        features, row, place = features.take(copies.once), row[copies.once], copies.place()
    e = evidence_in(features, row=row)
    matcher = Matcher.of(e, config, prior_log2=prior_log2, match=match)
    matcher = matcher if confirmed_log2 is None else matcher.with_confirmed(confirmed_log2)
    return matcher, place
