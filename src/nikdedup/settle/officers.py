"""What officers have declared about the records of one extract, as a run keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Self

import polars as pl

from nikdedup.publish import OfficersKept
from nikdedup.settle.constraints import LINKS, resolve_constraints

_KEPT = ("row_l", "row_r", "kind", "who", "when", "until", "line")
"""What `run.json` keeps of a link; `why` is free text and may name a resident, it stays in the list."""


@dataclass(frozen=True)
class Officers:
    """links: LINKS between rows. entries: of the list. lapsed, unmatched: numbers of entries without effect.

    lapsed: `until` lies before the date the extract speaks of. unmatched: names a record that is not there.
    """

    links: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=LINKS))
    entries: int = 0
    lapsed: tuple[int, ...] = ()
    unmatched: tuple[int, ...] = ()

    @classmethod
    def resolved(
        cls, declared: pl.DataFrame | None, residents: pl.DataFrame, *, reference_date: date | None
    ) -> Self:
        """Tie a list to the rows of an extract; InputError where its entries contradict each other."""
        if declared is None:
            return cls()
        links, unmatched = resolve_constraints(declared, residents, reference_date=reference_date)
        gone = (
            declared.clear() if reference_date is None else declared.filter(pl.col("until") < reference_date)
        )
        return cls(links, len(declared), tuple(gone["line"]), tuple(unmatched))

    def kept(self) -> OfficersKept | None:
        """Return what `run.json` keeps, so that every decision can be computed again; None without a list."""
        if not self.entries:
            return None
        days = [pl.col(name).dt.strftime("%Y-%m-%d") for name in ("when", "until")]
        links = self.links.select(_KEPT).with_columns(days)
        return OfficersKept(
            entries=self.entries,
            lapsed=list(self.lapsed),
            unmatched=list(self.unmatched),
            links=list(links.iter_rows()),
        )

    @classmethod
    def of(cls, kept: OfficersKept | None) -> Self:
        """Read back what `kept` gave."""
        if kept is None:
            return cls()
        text = {name: pl.String() if name in ("when", "until") else LINKS[name] for name in _KEPT}
        links = pl.DataFrame(kept.links, schema=text, orient="row").with_columns(
            pl.col("when", "until").str.to_date("%Y-%m-%d"), why=pl.lit(None, pl.String)
        )
        return cls(links.select(LINKS.keys()), kept.entries, tuple(kept.lapsed), tuple(kept.unmatched))
