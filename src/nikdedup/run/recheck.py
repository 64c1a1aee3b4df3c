"""recheck(): every decision of a run computed again from its pairs and residents, and compared."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import polars as pl

import nikdedup
from nikdedup.errors import InputError, argument
from nikdedup.match.cluster import Refused
from nikdedup.publish import PEOPLE, RESIDENTS, OpenRun
from nikdedup.residents import understand_again
from nikdedup.run.ran import Ran
from nikdedup.schema import DECISIONS, EVIDENCE, holds_residents
from nikdedup.settle import Officers, decide, policy_again

NEEDED = (RESIDENTS, PEOPLE, "pairs.parquet", "decisions.parquet")
"""Files that a decision is computed from, and the decisions themselves."""


@dataclass(frozen=True)
class Recheck:
    """What came of computing the decisions of a run again; counts and row numbers, no identity.

    decisions: how many were stored. differing: row and column, one line per value that came out otherwise;
    column is "not_stored" or "not_reproduced" where one side has no decision for the row.
    changed: files that are not as the run wrote them. filled_in: whether somebody has changed decisions.xlsx, which
    is what it is for. version: of the nikdedup that made the run.
    """

    decisions: int
    differing: pl.DataFrame = field(repr=False)
    changed: tuple[str, ...] = ()
    filled_in: bool = False
    version: str = nikdedup.__version__
    lang: Literal["id", "en"] = "id"

    @property
    def ok(self) -> bool:
        """Whether every decision was reproduced and no file was changed."""
        return self.differing.is_empty() and not self.changed

    @property
    def rows(self) -> list[int]:
        """Rows whose decision did not come out as stored."""
        return self.differing["row"].unique().sort().to_list()

    def text(self, lang: Literal["id", "en"] | None = None) -> str:
        """Return one line where all is equal, else the columns that differ with counts and row numbers."""
        from nikdedup.show import recheck_text

        other = None if self.version == nikdedup.__version__ else self.version
        return recheck_text(
            self.decisions, self.differing, self.changed, other, lang or self.lang, filled_in=self.filled_in
        )


class Kept(Ran, Protocol):
    """What a recheck reads of a Result."""

    @property
    def understood(self) -> pl.DataFrame | None: ...  # noqa: D102


def check_whole(run: OpenRun) -> None:
    """Raise InputError where an open run lacks a file that decisions are computed from."""
    missing = [name for name in NEEDED if name not in run.files]
    if missing:
        without = missing == [RESIDENTS] and RESIDENTS not in run.record.files
        why = (
            f"the run was written without it ({argument('residents', False)})"
            if without
            else "the folder is not whole"
        )
        raise InputError(f"{run.name}: {', '.join(missing)} missing, {why}; needed: {', '.join(NEEDED)}")


def recheck(result: Kept, *, changed: tuple[str, ...] = (), filled_in: bool = False) -> Recheck:
    """Return the recheck of a result: its decisions against those computed again.

    InputError where it was kept without residents, or its tables lack columns.
    """
    record, config = result.record, result.config
    if not holds_residents(result.residents):
        raise InputError(f"recheck: this run was written without residents ({argument('residents', False)})")
    lacking = [name for name in DECISIONS if name not in result.decisions.columns]
    if lacking:
        raise InputError(f"recheck: decisions lack {', '.join(lacking)}")
    officers = Officers.of(record.officers)
    again = decide(
        result.people,
        result.pairs,
        _with_evidence(result),
        config=config,
        constraints=officers.links,
        statuses=officers.statuses,
        refused=Refused.of(record.refused),
        policy=policy_again(record.policy, recording=config.settle.recording),
    )
    found = differences(result.decisions, again)
    return Recheck(len(result.decisions), found, changed, filled_in, record.nikdedup, config.run.lang)


def _with_evidence(result: Kept) -> pl.DataFrame:
    """Return the residents as published, with the evidence columns, made anew from the fields as they came."""
    if result.understood is not None:
        return result.understood
    again = understand_again(result.residents, result.record, result.config)
    extra = [name for name in (*EVIDENCE, "_source") if name in again.columns]
    return pl.concat([result.residents.sort("row"), again.sort("row").select(extra)], how="horizontal")


def differences(stored: pl.DataFrame, again: pl.DataFrame) -> pl.DataFrame:
    """Return row and column of every value that differs, sorted; a row decided twice differs in all columns."""
    columns = [name for name in DECISIONS if name != "row"]
    kept = stored.select(pl.col(name).cast(kind, strict=False) for name, kind in DECISIONS.items())
    sides = [
        table.select("row", pl.struct(pl.col(name) for name in columns).alias(side), pl.lit(True).alias(f"_{side}"))
        for table, side in ((kept, "stored"), (again, "again"))
    ]  # fmt: skip
    both = sides[0].join(sides[1], on="row", how="full", coalesce=True)
    twice = pl.col("row").is_in(stored.filter(stored["row"].is_duplicated())["row"].implode())
    found: list[Any] = [
        both.filter(pl.col("_stored").is_null()).select("row", column=pl.lit("not_stored")),
        both.filter(pl.col("_again").is_null()).select("row", column=pl.lit("not_reproduced")),
    ]
    known = both.filter(pl.col("_stored") & pl.col("_again"))
    for name in columns:
        other = pl.col("stored").struct.field(name).ne_missing(pl.col("again").struct.field(name))
        found.append(known.filter(other | twice).select("row", column=pl.lit(name)))
    everything: pl.DataFrame = pl.concat(found)
    return everything.unique().sort("row", "column")
