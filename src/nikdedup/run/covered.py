"""What coverage found: how many must have a paper and how many have it, by place, sex and age, before and after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Literal

import polars as pl

from nikdedup.errors import InputError, door
from nikdedup.publish import make_folder
from nikdedup.run.ran import Ran
from nikdedup.village import Roll, Tally, Targets, roll_after, roll_of, tallies

BOOK, CHART, MAP, TREND = "coverage.xlsx", "coverage-desa.svg", "coverage-map.svg", "coverage-trend.svg"


@dataclass(frozen=True, repr=False)
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

    def __repr__(self) -> str:
        ktp = self.tallies[0]
        sides = " and then ".join(f"{side.held} of {side.due}" for side in (ktp.before, ktp.after))
        return f"CoverageFound(as of {self.day}, KTP-el {sides} recorded, target {ktp.target:.2%})"

    def _repr_html_(self) -> str:
        from nikdedup.show.village import coverage_html

        return coverage_html(self.tallies, self.day, self.lang)

    @door
    def write(self, out: str | Path) -> list[Path]:
        """Write BOOK, CHART and, where there is something to draw, MAP and TREND into a folder; returns their paths.

        All of them or none. They hold counts alone, no identity.
        """
        from nikdedup.show import write_all

        folder = Path(out)
        files = list(self._files())
        make_folder(folder)
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


def coverage_of(
    result: Ran,
    *,
    targets: str | Path | Targets | None = None,
    verdicts: pl.DataFrame | None = None,
    lang: Literal["id", "en"] | None = None,
) -> CoverageFound:
    """Return the coverage of a run that is open; see `coverage`."""
    wanted = targets if isinstance(targets, Targets) else Targets.load(targets) if targets else Targets()
    roll = rolled(result, wanted)
    if verdicts is not None:
        roll = roll_after(roll, verdicts)
    if (roll.residents["recorded"] == "unknown").all():
        raise InputError(
            "this run says of nobody whether they are recorded; the extract has no recording status"
        )
    found = tallies(roll, wanted, result.config.coverage_target)
    return CoverageFound(found, roll.day, lang or result.config.run.lang)


def rolled(result: Ran, targets: Targets | None = None) -> Roll:
    """Return the roll of a run that is open."""
    papers = None if targets is None else targets.papers
    return roll_of(result.residents, result.people, result.decisions, result.record, result.config, papers)
