"""coverage(): how many must have a paper and how many have it, by place, sex and age, before and after settling."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Literal

import polars as pl

from nikdedup.errors import ConfigError, InputError, argument, door
from nikdedup.publish import opened_whole
from nikdedup.run.result import Result, load
from nikdedup.village import BY, Roll, Tally, Targets, roll_after, roll_of, tallies

BOOK, CHART, MAP, TREND = "coverage.xlsx", "coverage-desa.svg", "coverage-map.svg", "coverage-trend.svg"


@dataclass(frozen=True)
class CoverageFound:
    """Coverage of each paper of which an extract tells, KTP-el first. areas: of a map, by code; None without one.

    nights: a line for each night of a state (day, wajib_ktp, recorded, the same after its proposals); None of a run.
    """

    tallies: tuple[Tally, ...]
    day: date
    lang: Literal["id", "en"] = "id"
    areas: dict[str, dict[str, Any]] | None = field(default=None, repr=False)
    nights: pl.DataFrame | None = field(default=None, repr=False)

    def text(self, lang: Literal["id", "en"] | None = None, *, by: Sequence[str] = ("kecamatan",)) -> str:
        """Return the tables as plain text; by: which groups are listed, of village.BY."""
        from nikdedup.show.village import coverage_text

        return coverage_text(self.tallies, self.day, lang or self.lang, by=by, nights=self.nights)

    @door
    def write(self, out: str | Path) -> list[Path]:
        """Write BOOK, CHART and, where there is something to draw, MAP and TREND into a folder; returns their paths.

        All of them or none. They hold counts alone, no identity.
        """
        from nikdedup.show import write_all

        folder = Path(out)
        files = list(self._files())
        made_folder(folder)
        write_all([(folder / name, writer) for name, writer in files])
        return [folder / name for name, _ in files]

    def _files(self) -> list[tuple[str, Callable[[Path], object]]]:
        from nikdedup.show.village import behind_svg, map_svg, trend_svg, write_coverage_book

        ktp, lang = self.tallies[0], self.lang
        book = partial(write_coverage_book, tallies=self.tallies, day=self.day, lang=lang)
        drawn = [(CHART, behind_svg(ktp, lang))]
        if self.areas is not None:
            drawn.append((MAP, map_svg(ktp, self.areas, lang)))
        if self.nights is not None and len(self.nights) > 1:
            drawn.append((TREND, trend_svg(self.nights, ktp.target, lang)))
        return [(BOOK, book), *((name, partial(_write, text=text)) for name, text in drawn if text)]


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def made_folder(folder: Path) -> None:
    """Make a folder for what is written; InputError where that is none, or cannot be one."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise InputError(f"{argument('out')} {folder.name}: is a file; name a folder") from None
    except OSError as fault:
        raise InputError(f"{argument('out')} {folder.name}: cannot be made ({fault.strerror})") from None


def rolled(result: Result, targets: Targets | None = None) -> Roll:
    """Return the roll of a run that is open."""
    papers = None if targets is None else targets.papers
    return roll_of(result.residents, result.people, result.decisions, result.record, result.config, papers)


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
    wanted = targets if isinstance(targets, Targets) else Targets.load(targets) if targets else Targets()
    shapes = None
    if areas is not None:
        from nikdedup.show.village import read_areas

        shapes = read_areas(Path(areas))
    with opened_whole(Path(folder)) as run:
        result = load(run)
    roll = rolled(result, wanted)
    if verdicts is not None:
        roll = roll_after(roll, verdicts)
    if (roll.residents["recorded"] == "unknown").all():
        raise InputError(
            "this run says of nobody whether they are recorded; the extract has no recording status"
        )
    found = tallies(roll, wanted, result.config.coverage_target)
    return CoverageFound(found, roll.day, lang or result.config.run.lang, shapes, nights)


def groups_of(by: str | None) -> tuple[str, ...]:
    """Return which groups are listed; ConfigError for one that there is not."""
    if by is None:
        return ("kecamatan",)
    asked = tuple(one.strip() for one in by.split(","))
    for one in asked:
        if one not in BY:
            raise ConfigError(f"{argument('by', one)}; allowed: {', '.join(BY)}, several with commas")
    return asked
