"""coverage(): how many must have a paper and how many have it, by place, sex and age, before and after settling."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import polars as pl

from nikdedup.errors import ConfigError, argument, door
from nikdedup.publish import opened_whole
from nikdedup.run.covered import BOOK, CHART, MAP, TREND, CoverageFound, coverage_of, rolled
from nikdedup.run.result import load
from nikdedup.village import BY, Targets

__all__ = ["BOOK", "CHART", "MAP", "TREND", "CoverageFound", "coverage", "groups_of", "rolled"]


@door
def coverage(
    folder: str | Path,
    *,
    targets: str | Path | Targets | None = None,
    areas: str | Path | None = None,
    verdicts: pl.DataFrame | None = None,
    nights: pl.DataFrame | None = None,
    lang: Literal["id", "en"] | None = None,
) -> CoverageFound:
    """Return the coverage of a run's folder.

    Args:
        folder: of the run.
        targets: a TOML file of shares to be reached.
        areas: a GeoJSON file of kecamatan or desa, for a map.
        verdicts: answers of villages, village.ENTRIES; after settling they are counted too.
        nights: coverage of the nights of a state, see CoverageFound.
        lang: of the texts; that of the run if not given.

    Raises:
        InputError: where the run kept no residents, has no reference date, or says of nobody whether they are recorded.
    """
    shapes = None
    if areas is not None:
        from nikdedup.show.village import read_areas

        shapes = read_areas(Path(areas))
    with opened_whole(Path(folder)) as run:
        result = load(run)
    found = coverage_of(result, targets=targets, verdicts=verdicts, lang=lang)
    return replace(found, areas=shapes, nights=nights)


def groups_of(by: str | None) -> tuple[str, ...]:
    """Return which groups are listed; ConfigError for one that there is not."""
    if by is None:
        return ("kecamatan",)
    asked = tuple(one.strip() for one in by.split(","))
    for one in asked:
        if one not in BY:
            raise ConfigError(f"{argument('by', one)}; allowed: {', '.join(BY)}, several with commas")
    return asked
