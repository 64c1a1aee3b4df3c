"""From an extract as it was read to residents as we understand them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.config import Config
from nikdedup.publish import Damage, RunRecord
from nikdedup.residents.as_of import day_to_read_by
from nikdedup.residents.damage import SourceDamage, Survey
from nikdedup.residents.long_cells import shortened
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
    raw = _as_they_came(residents, config)
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


def _as_they_came(residents: pl.DataFrame, config: Config) -> pl.DataFrame:
    """Return the fields of published residents as they came."""
    fields = {*IDENTITY, *FIELDS, *config.evidence}
    return residents.select(column for column in residents.columns if column in fields)


@dataclass(frozen=True, eq=False)
class Again:
    """Residents of an earlier run, of whom any few are understood anew, by what the run found in all of them.

    residents: the published table, in order of rows. run: record of the run (run.json). config: its settings.
    """

    residents: pl.DataFrame
    run: RunRecord
    config: Config

    def __call__(self, rows: npt.NDArray[np.integer[Any]]) -> pl.DataFrame:
        """Return some residents, as they are published and with their evidence.

        Args:
            rows: numbers of records.
        """
        few = self.residents[rows]
        damage = [source.damage for source in self.run.input.sources]
        if None in damage:  # a run of before, which did not say what it had found
            return pl.concat([few, self._all.select(*EVIDENCE)[rows]], how="horizontal")
        raw = with_sources(_as_they_came(few, self.config), self.run)
        keys = raw.select("_source", "source_file", "source_sheet").iter_rows()
        sources = {key: _damage(damage[at]) for key, at in zip(keys, _places(rows, self.run), strict=True)}
        # The flags of a record say what the survey had marked it with.
        marks = few.select("row", code="flags").explode("code").drop_nulls()
        again, _ = normalise_and_survey(
            raw, config=self.config, reference_date=self.run.day, day=self._day, survey=Survey(sources, marks)
        )
        return pl.concat([few, again.select(*EVIDENCE)], how="horizontal")

    @cached_property
    def _all(self) -> pl.DataFrame:
        return understand_again(self.residents, self.run, self.config).sort("row")

    @cached_property
    def _day(self) -> date:
        """The day by which all of them were read."""
        return self.run.day or day_to_read_by(
            shortened(_as_they_came(self.residents, self.config)).frame, self.config
        )


def with_sources(residents: pl.DataFrame, run: RunRecord) -> pl.DataFrame:
    """Return residents of an earlier run with `_source`, the index of the INPUT of each.

    Args:
        residents: any part of the published table.
        run: record of the run (run.json).
    """
    inputs = np.array([source.input for source in run.input.sources], np.uint32)
    return residents.with_columns(pl.Series("_source", inputs[_places(residents["row"].to_numpy(), run)]))


def _places(rows: npt.NDArray[np.integer[Any]], run: RunRecord) -> npt.NDArray[np.intp]:
    """Return which of the sources of a run each of its records comes from."""
    return np.searchsorted(np.cumsum([source.rows for source in run.input.sources]), rows, side="right")


def _damage(told: Damage) -> SourceDamage:
    """Return what `run.json` says of the damage of a source as the survey has it."""
    known: dict[str, Any] = {name: getattr(told, name) for name in Damage.model_fields}
    dates = {name: frozenset(value) for name, value in known.items() if isinstance(value, list)}
    return SourceDamage(**{**known, **dates})
