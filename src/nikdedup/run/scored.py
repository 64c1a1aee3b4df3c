"""Any two records of a run, scored as the run has scored them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.match import pair_scorer
from nikdedup.match.block import COPIES
from nikdedup.match.features import Counted
from nikdedup.publish import RunRecord
from nikdedup.residents import Again, overlap_of, with_codes, with_hashes, with_sources
from nikdedup.run.learnt import judgement_of
from nikdedup.run.ran import Ran


class Kept(Ran, Protocol):
    """What scoring reads of a Result."""

    @property
    def understood(self) -> pl.DataFrame | None: ...  # noqa: D102


def scorer_of(run: Kept) -> Callable[[int, int], dict[str, Any]] | None:
    """Return what scores any two rows of a run; None where its residents have no names."""
    record, config = run.record, run.config
    understood = run.understood
    residents = run.residents if understood is None else understood
    if "nama_lgkp" not in residents.columns:
        return None
    several = len({source.input for source in record.input.sources}) > 1
    extract = Counted.of(
        residents,
        Again(residents, record, config) if understood is None else understood.__getitem__,
        structured=config.nik_scheme == "nik",
        plain=config.plain_names,
        further=config.further,
        once=_once(residents, record) if several and not record.input.link else None,
        copies=any(one.name == COPIES for one in record.passes),
        named=_named(record),
    )
    return pair_scorer(extract, config=config, judgement=judgement_of(record))


def _once(residents: pl.DataFrame, run: RunRecord) -> npt.NDArray[np.bool_]:
    """Return which records of several INPUTs are compared, for their copies in others too."""
    if "_source" not in residents.columns:
        residents = with_sources(with_hashes(residents), run)
    return overlap_of(with_codes(residents)).once


def _named(run: RunRecord) -> npt.NDArray[np.int64]:
    """Return the rows that officers have named."""
    links = [] if run.officers is None else run.officers.links
    return np.array([row for link in links for row in link[:2]], np.int64)
