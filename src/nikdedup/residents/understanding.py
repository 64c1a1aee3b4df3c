"""From an extract as it was read to residents as we understand them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import accumulate

import numpy as np
import polars as pl

from nikdedup.config import Config
from nikdedup.publish import RunRecord
from nikdedup.residents.damage import Survey
from nikdedup.residents.normalise import (
    find_reference_date,
    normalise,
    normalise_and_survey,
    read_events,
)
from nikdedup.residents.read import Extract
from nikdedup.schema import EVIDENCE, FIELDS, IDENTITY


def understand(
    extract: Extract, config: Config, *, consume: bool = False
) -> tuple[date | None, pl.DataFrame]:
    """Return the reference date and the residents with their clean, verdict and evidence columns.

    Args:
        extract: the records as they came.
        config: settings of the run.
        consume: the columns of FIELDS are let go as they are read, from the extract too, see
            `normalise_and_survey`.
    """
    reference, residents, _ = understand_and_survey(extract, config, consume=consume)
    return reference, residents


def understand_and_survey(
    extract: Extract, config: Config, *, consume: bool = False
) -> tuple[date | None, pl.DataFrame, Survey]:
    """Return what `understand` does, and the survey of damage it went by.

    Args:
        extract: the records as they came.
        config: settings of the run.
        consume: as `understand` takes it.
    """
    events = read_events(extract.frame, config)
    reference = find_reference_date(events, config)
    return reference, *normalise_and_survey(
        extract.frame,
        config=config,
        reference_date=reference,
        sources=extract.sources,
        events=events,
        consume=consume,
    )


def understand_again(residents: pl.DataFrame, run: RunRecord, config: Config) -> pl.DataFrame:
    """Return residents of an earlier run with their evidence, understood anew from the fields as they came.

    Args:
        residents: the published table.
        run: record of the run (run.json).
        config: settings of the run.
    """
    if set(EVIDENCE) <= set(residents.columns):
        return residents
    fields = {*IDENTITY, *FIELDS, *config.evidence}
    raw = residents.select(column for column in residents.columns if column in fields)
    told = [(s, s.types) for s in run.input.sources if s.types is not None]
    if not told:
        return normalise(raw, config=config, reference_date=run.day)
    sizes = [s.rows for s, _ in told]
    index = np.repeat(np.array([s.input for s, _ in told], np.uint32), sizes)
    raw = raw.sort("row").with_columns(pl.Series("_source", index))
    sources = [
        # The names as the records have them: run.json masks those that hold a NIK.
        _Told(raw["source_file"][first], raw["source_sheet"][first], source.input, types)
        for (source, types), first in zip(told, accumulate(sizes, initial=0), strict=False)
        if source.rows
    ]
    return normalise(raw, config=config, reference_date=run.day, sources=sources)


@dataclass(frozen=True)
class _Told:
    """What `run.json` kept of a source: enough to find its damage again."""

    file: str | None
    sheet: str | None
    input: int
    column_types: dict[str, str]
