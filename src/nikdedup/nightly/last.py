"""What the night before has left: its records, proposals and figures, and the judgement in use."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import select

import nikdedup
from nikdedup.config import Config
from nikdedup.errors import ConfigError, argument
from nikdedup.match import Judgement
from nikdedup.match.score import shipped_model
from nikdedup.nightly.events import Cause
from nikdedup.nightly.facts import current, number
from nikdedup.nightly.health import LAST
from nikdedup.nightly.ledger import among
from nikdedup.nightly.place import RUN
from nikdedup.nightly.proposals import SAYS
from nikdedup.nightly.snapshot import KNOWN, check_snapshot, read_known
from nikdedup.nightly.state import Store
from nikdedup.nightly.tables import CONSTRAINTS, JUDGEMENTS, RETIRED, RUNS
from nikdedup.publish import RESIDENTS
from nikdedup.schema import DECISIONS

COMPARED = ("row", "record_key", "case_id", "survivor_row", *SAYS)
"""Columns of decisions that tell who is who and what is proposed; most of the rest are sentences."""
Declared = tuple[str, str, str]
"""record_l, record_r and kind of what officers have declared; of one record alone both are that one."""


@dataclass(frozen=True)
class Last:
    """The night before. run: None before the first one. number: of the judgement, that comes next where there is none.

    snapshot: its folder. figures: of the last published nights, the newest first.
    """

    run: int | None
    this_run: int
    first_free: int
    judgement: Judgement | None = None
    number: int = 0
    settings: dict[str, Any] = field(default_factory=dict)
    version: str = ""
    ended: str = ""
    figures: Sequence[dict[str, Any]] = ()
    snapshot: Path | None = None
    declared: frozenset[Declared] = frozenset()

    @classmethod
    def of(cls, store: Store) -> Last:
        """Read what a state has."""
        with store.ledger.reading() as connection:
            run = current(connection)
            counters = number(connection, "next_run", 1), number(connection, "next_person", 1)
            newest = select(JUDGEMENTS).order_by(JUDGEMENTS.c.judgement.desc()).limit(1)
            learnt = connection.execute(newest).mappings().first()
            if run is None:
                return cls(None, *counters, number=1 if learnt is None else int(learnt["judgement"]) + 1)
            used = number(connection, "judgement", 0)
            found = among(connection, JUDGEMENTS, "judgement", [used])[0]
            asked = select(RUNS).where(RUNS.c.state == "published").order_by(RUNS.c.run.desc()).limit(LAST)
            runs = [dict(row) for row in connection.execute(asked).mappings()]
            live = select(CONSTRAINTS).where(CONSTRAINTS.c.until.is_(None))
            links = [(row.record_l, row.record_r, row.kind) for row in connection.execute(live)]
        newest_run = next(row for row in runs if row["run"] == run)
        check_snapshot(store.snapshot(run))
        return cls(
            run, *counters,
            judgement=Judgement(**json.loads(found["content"])), number=used,
            settings=json.loads(newest_run["settings"]), version=newest_run["version"], ended=newest_run["ended"],
            figures=[json.loads(row["figures"]) for row in runs],
            snapshot=store.snapshot(run), declared=frozenset(links),
        )  # fmt: skip

    def known(self, *names: str) -> pl.DataFrame:
        """Return columns of KNOWN of the records of the night before; read anew each time, so that none is kept."""
        if self.snapshot is None:
            return pl.DataFrame(schema={name: KNOWN[name] for name in names})
        return read_known(self.snapshot, names)

    @cached_property
    def decisions(self) -> pl.DataFrame:
        """COMPARED of the proposals of the night before."""
        if self.snapshot is None:
            return pl.DataFrame(schema={name: DECISIONS[name] for name in COMPARED})
        return pl.read_parquet(self.snapshot / RUN / "decisions.parquet", columns=list(COMPARED))

    def let_go(self) -> None:
        """Hold the proposals of the night before no longer: tonight has been compared with them."""
        vars(self).pop("decisions", None)

    @property
    def residents(self) -> pl.LazyFrame | None:
        """The residents of the night before, of which no more is read than is used."""
        return None if self.snapshot is None else pl.scan_parquet(self.snapshot / RUN / RESIDENTS)

    def judges(self, config: Config) -> Judgement | None:
        """Return the judgement that tonight goes by; None where tonight learns: first, or by other weights or settings.

        ConfigError where records would no longer be known by what they were known by.
        """
        now = config.deciding()
        if self.run is None or self.judgement is None:
            return None
        for name in ("record_id", "record_id_pseudonym"):
            if now[name] != self.settings.get(name):
                raise ConfigError(
                    f"{argument(name)}: {now[name]!r}; the state knows its records by "
                    f"{self.settings.get(name)!r}; allowed: the same"
                )
        alike = all(now[name] == self.settings.get(name) for name in ("match", "nik_scheme"))
        return self.judgement if alike and self.judgement.model == shipped_model().version else None

    def otherwise(self, config: Config, *, judgement: int) -> Cause:
        """Return what changed for all records since. judgement: number of the one that tonight goes by."""
        if self.version != nikdedup.__version__:
            return "version"
        if config.deciding() != self.settings:
            return "settings"
        return "weights" if self.figures and judgement != self.figures[0].get("judgement") else "others"

    @property
    def survivors(self) -> set[str]:
        """Keys of the records that were to stay."""
        kept = self.decisions.filter(pl.col("survivor_row") == pl.col("row"))["record_key"]
        return set(kept.to_list())


def retired_by(store: Store, keys: Sequence[str]) -> dict[str, list[int]]:
    """Return for records the persons that are no more and had them last."""
    with store.ledger.reading() as connection:
        rows = among(connection, RETIRED, "record_key", keys)
    found: dict[str, list[int]] = {}
    for row in rows:
        if row["until"] is None:
            found.setdefault(row["record_key"], []).append(row["person"])
    return found
