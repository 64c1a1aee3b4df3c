"""Records that are asked about, compared with those that are there: pairs alone, by what was learnt before.

A run learns, counts decoys and makes people; here nothing is learnt and nobody is joined. Weights are those that a run
linking the two extracts would give under the same judgement.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nikdedup.config import Config
from nikdedup.match.features import Frequencies, PartFeatures, Population, evidence_in
from nikdedup.match.matcher import Judgement, Matcher
from nikdedup.match.tables import pairs_table
from nikdedup.match.weighed import weighed


def compare_across(
    features: PartFeatures,
    config: Config,
    *,
    source: NDArray[np.int32],
    judgement: Judgement,
    within: tuple[Population, Frequencies] | None = None,
    threads: int = 1,
) -> pl.DataFrame:
    """Return schema.PAIRS of records of different sources that are one person, may be, or are relatives.

    Args:
        features: what is known of n records; used up.
        config: settings of the run whose judgement it is.
        source: index of the extract of each record.
        judgement: what an earlier run has learnt.
        within: the population that the records are a part of, as `evidence_in` takes it; None where they are all.
        threads: most threads at work.
    """
    row = np.arange(len(source), dtype=np.int32)
    e = evidence_in(features, row=row, source=source, within=within)
    matcher = Matcher.of(e, config)
    found, compared, scored = weighed(matcher, across_only=True, threads=threads)
    matcher, scored = matcher.by(judgement, compared, scored)
    matcher = matcher.with_confirmed(judgement.confirmed_log2)
    chances = matcher.chances(compared, scored, found.left, found.right)
    bands = matcher.banded(scored, chances)
    rows = pl.Series("row", row).cast(pl.Int64)
    records = pl.DataFrame([rows, rows.cast(pl.String).alias("record_id")])
    return pairs_table(found, compared, scored, bands, chances.chance, records)


def rarer(population: Population, asked: Population) -> Population:
    """Return a population that knows the sounds of the records asked about too: as those of one bearer.

    Args:
        population: of all that are there.
        asked: of those that are asked about.
    """
    sounds = {}
    for name, there in population.sounds.items():
        new = asked.sounds[name].code
        new = new[~np.isin(new, there.code)]
        code = np.concatenate([there.code, new])
        order = np.argsort(code)
        rarest = np.full(len(new), there.tf_log2.max(initial=0), np.float32)
        sounds[name] = replace(
            there,
            code=code[order],
            tf_log2=np.concatenate([there.tf_log2, rarest])[order],
            common=np.concatenate([there.common, np.zeros(len(new), np.bool_)])[order],
        )
    return replace(population, sounds=sounds)
