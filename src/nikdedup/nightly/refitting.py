"""Learning anew: what tonight's records teach, and which proposals would change by it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl

from nikdedup.config import Config
from nikdedup.errors import InputError
from nikdedup.match import Judgement
from nikdedup.nightly import audit
from nikdedup.nightly.facts import note
from nikdedup.nightly.last import Last
from nikdedup.nightly.ledger import insert
from nikdedup.nightly.moments import now
from nikdedup.nightly.one_night import for_a_night
from nikdedup.nightly.state import Store
from nikdedup.nightly.tables import JUDGEMENTS
from nikdedup.nightly.texts import say
from nikdedup.run.dedupe import dedupe
from nikdedup.run.learnt import judgement_of

SHOWN = 20
"""Records that are listed one by one."""


@dataclass(frozen=True)
class Refit:
    """What learning anew came to.

    changed: record_key, before and after (actions) of records whose proposal would change. applied: whether the
    next night goes by it.
    """

    used: Judgement
    learnt: Judgement
    changed: pl.DataFrame
    applied: bool

    def text(self, lang: str) -> str:
        """Return it as people read it; records by their keys."""
        lines = [
            say(
                "refit.figures",
                lang,
                what=say(f"refit.{name}", lang),
                used=f"{used:.2f}",
                learnt=f"{learnt:.2f}",
            )
            for name, used, learnt in (
                ("prior", self.used.prior_log2, self.learnt.prior_log2),
                ("threshold", self.used.confirmed_log2, self.learnt.confirmed_log2),
            )
        ]
        lines.append(say("refit.changed", lang, n=len(self.changed)))
        none = say("history.none", lang)
        ways = Counter((before or none, after or none) for _, before, after in self.changed.iter_rows())
        lines += [f"  {n:>7}  {before} -> {after}" for (before, after), n in sorted(ways.items())]
        lines += [
            f"  {key}: {before or none} -> {after or none}"
            for key, before, after in self.changed.head(SHOWN).iter_rows()
        ]
        return "\n".join([*lines, say("refit.applied" if self.applied else "refit.shown", lang)])


def refit(
    store: Store,
    data: Any,
    *,
    config: Config,
    who: str,
    apply: bool,
    progress: Callable[[str], None] | None = None,
) -> Refit:
    """Learn from the records of `data`, and compare the proposals with those by the judgement in use.

    InputError before the first night. apply: the next night of the state goes by what was learnt.
    """
    last = Last.of(store)
    if last.judgement is None:
        raise InputError(f"{store.name}: no night was published yet")
    config = for_a_night(config)
    before = dedupe(data, config=config, judgement=last.judgement, progress=progress)
    after = dedupe(data, config=config, progress=progress)
    learnt = judgement_of(after.record)
    found = Refit(last.judgement, learnt, _changed(before.decisions, after.decisions), apply)
    if apply:
        _apply(store, last, learnt, who, len(found.changed))
    return found


def _changed(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    sides = (
        frame.select("record_key", pl.col("decision_id").alias(f"id_{side}"), pl.col("action").alias(side))
        for side, frame in (("before", before), ("after", after))
    )
    both = next(sides).join(next(sides), on="record_key", how="full", coalesce=True)
    differs = pl.col("id_before").ne_missing(pl.col("id_after")) | pl.col("before").ne_missing(
        pl.col("after")
    )
    return both.filter(differs).select("record_key", "before", "after").sort("record_key")


def _apply(store: Store, last: Last, learnt: Judgement, who: str, changed: int) -> None:
    with store.ledger.changing() as connection:
        from sqlalchemy import func, select

        number = int(connection.execute(select(func.max(JUDGEMENTS.c.judgement))).scalar_one()) + 1
        content = json.dumps(learnt.as_dict(), sort_keys=True)
        insert(
            connection, JUDGEMENTS, [{"judgement": number, "learnt": now(), "who": who, "content": content}]
        )
        note(connection, "judgement", number)
        head = audit.add(
            connection, at=now(), who=who, what="refit", run=last.run,
            details={"judgement": number, "proposals": changed},
        )  # fmt: skip
    store.write_head(head)
