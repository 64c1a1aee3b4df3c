"""What officers and villages have declared about the records of one extract, as a run keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Self

import polars as pl

from nikdedup.publish import OfficersKept
from nikdedup.settle.constraints import LINKS, held, resolve_constraints
from nikdedup.settle.statuses import STATUSES, resolve_statuses

_KEPT = ("row_l", "row_r", "kind", "who", "when", "until", "line", "source")
"""What `run.json` keeps of a link; `why` is free text and may name a resident, it stays in the list."""


@dataclass(frozen=True)
class Officers:
    """links: LINKS between rows; statuses: STATUSES of rows. entries: of the list. lapsed, unmatched: without effect.

    lapsed: numbers of entries whose `until` lies before the date the extract speaks of. unmatched: of those that name a
    record that is not there. answers: entries of villages, numbered after those of the officers. aside: numbers of
    those that officers, or each other, contradict.
    """

    links: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=LINKS))
    statuses: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=STATUSES))
    entries: int = 0
    lapsed: tuple[int, ...] = ()
    unmatched: tuple[int, ...] = ()
    answers: int = 0
    aside: tuple[int, ...] = ()

    @classmethod
    def resolved(
        cls, declared: pl.DataFrame | None, residents: pl.DataFrame, *, reference_date: date | None
    ) -> Self:
        """Tie a list to the rows of an extract; InputError where entries of officers contradict each other."""
        if declared is None:
            return cls()
        links, lost, torn = resolve_constraints(declared, residents, reference_date=reference_date)
        statuses, gone, other = resolve_statuses(declared, residents, reference_date=reference_date)
        live = held(declared, reference_date)["line"]
        lapsed = declared.filter(~pl.col("line").is_in(live.implode()))["line"]
        answers = int(declared["village"].sum()) if "village" in declared.columns else 0
        return cls(
            links, statuses, len(declared) - answers, tuple(lapsed), (*sorted(lost + gone),), answers,
            (*sorted(torn + other),),
        )  # fmt: skip

    def kept(self) -> OfficersKept | None:
        """Return what `run.json` keeps, so that every decision can be computed again; None without a list."""
        if not self.entries and not self.answers:
            return None
        days = [pl.col(name).dt.strftime("%Y-%m-%d") for name in ("when", "until")]
        links = self.links.select(_KEPT).with_columns(days)
        statuses = self.statuses.with_columns(days)
        return OfficersKept(
            entries=self.entries,
            lapsed=list(self.lapsed),
            unmatched=list(self.unmatched),
            links=list(links.iter_rows()),
            answers=self.answers,
            aside=list(self.aside),
            statuses=list(statuses.iter_rows()),
        )

    @classmethod
    def of(cls, kept: OfficersKept | None) -> Self:
        """Read back what `kept` gave."""
        if kept is None:
            return cls()
        links = _with_days(kept.links, {name: LINKS[name] for name in _KEPT})
        links = links.with_columns(why=pl.lit(None, pl.String)).select(LINKS.keys())
        statuses = _with_days(kept.statuses, STATUSES)
        return cls(
            links, statuses, kept.entries, tuple(kept.lapsed), tuple(kept.unmatched), kept.answers,
            tuple(kept.aside),
        )  # fmt: skip


def _with_days(lines: Sequence[tuple[object, ...]], schema: dict[str, pl.DataType]) -> pl.DataFrame:
    """Return lines as run.json has them, with their days as dates."""
    text = schema | {name: pl.String() for name in ("when", "until")}
    return pl.DataFrame(lines, schema=text, orient="row").with_columns(
        pl.col("when", "until").str.to_date("%Y-%m-%d")
    )
