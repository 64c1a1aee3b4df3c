"""What changed since the night before: who is who, what happened to persons and proposals, and why."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial

import numpy as np
import polars as pl

from nikdedup.config import Config
from nikdedup.nightly.events import Cause, Event, Why, happened
from nikdedup.nightly.last import Declared, Last
from nikdedup.nightly.numbering import Numbered, Recognised
from nikdedup.nightly.proposals import Changed, changed_proposals
from nikdedup.nightly.records import Same, keyed, same_records, with_corrected
from nikdedup.run.result import Result


@dataclass(frozen=True)
class Changes:
    """Tonight beside the night before.

    result: with the persons' own numbers. first_new, first_free: the numbers given tonight are from the one to
    before the other. known: as a snapshot keeps it. many: persons of two records or more that are others than
    before, with their keys. before: persons that changed or ended, with the keys they had.
    """

    result: Result
    known: pl.DataFrame
    first_new: int
    first_free: int
    same: Same
    many: dict[int, list[str]]
    before: dict[int, list[str]] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    proposals: list[Changed] = field(default_factory=list)
    declared: frozenset[Declared] = frozenset()
    largest: int = 0


def recognised(last: Last, residents: pl.LazyFrame, config: Config, day: date | None) -> Recognised:
    """Recognise the records of the night before. residents: as they are published. day: the reference date."""
    records = keyed(residents, config.evidence)
    before = last.known("record_key", "content")
    same = by_key = same_records(before, records)
    if last.residents is not None and config.record_id is None:
        same = with_corrected(
            by_key, before, records, last.residents, residents, config=config, reference_date=day
        )
    return Recognised(records, same, np.flatnonzero(same.was != by_key.was))


def changes_since(
    last: Last, result: Result, found: Recognised, persons: Numbered, *, otherwise: Cause
) -> Changes:
    """Return what a run is beside the night before. result: as `with_numbers` returns it. otherwise: see Why."""
    declared = _declared(result, found.records)
    told = Changes(
        result, persons.records,
        last.first_free, persons.first_free, found.same, persons.many, persons.before,
        declared=declared, largest=persons.largest,
    )  # fmt: skip
    if last.run is None:
        return told
    touched = {one for link in declared ^ last.declared for one in link[:2]}
    why = Why(changed=set(persons.changed), declared=touched, otherwise=otherwise)
    events = happened(persons.before, persons.others, persons.names, why)
    return replace(told, events=events, proposals=_proposals(last, persons, told, why))


def with_numbers(result: Result, persons: Numbered) -> Result:
    """Return a result whose persons have their own numbers."""
    of_decisions = persons.people["person_id"].gather(result.decisions["row"])
    return replace(result, people=persons.people, decisions=result.decisions.with_columns(of_decisions))


def _declared(result: Result, records: pl.DataFrame) -> frozenset[Declared]:
    officers = result.record.officers
    if officers is None:
        return frozenset()
    keys = records["record_key"]
    links = {(keys[row_l], keys[row_r], kind) for row_l, row_r, kind, *_ in officers.links}
    return frozenset(links | {(keys[row], keys[row], status) for row, status, *_ in officers.statuses})


def _proposals(last: Last, persons: Numbered, told: Changes, why: Why) -> list[Changed]:
    """Return the proposals that are others."""
    records = [record for cluster in persons.others for record in cluster]
    was = {record.key: record.was for record in records if record.was not in (None, record.key)}
    touched: dict[str, Cause] = dict.fromkeys(why.changed, "changed")
    touched |= dict.fromkeys(persons.gone, "withdrawn")
    touched |= dict.fromkeys(was, "changed")
    touched |= {record.key: "new" for record in records if record.was is None}
    return changed_proposals(
        last.decisions, told.result.decisions,
        was=was, persons_of=partial(_persons_of, last.decisions, persons, told),
        touched=touched, declared=why.declared, otherwise=why.otherwise,
    )  # fmt: skip


def _persons_of(
    before: pl.DataFrame, persons: Numbered, told: Changes, keys: Collection[str]
) -> dict[str, int]:
    """Return the person of each record that has, or had, a proposal: now, or of the night before if it is gone."""
    found: dict[str, int] = {}
    for decisions, person in ((before, persons.was), (told.result.decisions, told.known["person"])):
        asked = decisions.filter(pl.col("record_key").is_in(list(keys)))
        found.update(zip(asked["record_key"], person.gather(asked["row"]), strict=True))
    lapsed = set(keys).difference(asked["record_key"])
    still = told.known.filter(pl.col("record_key").is_in(list(lapsed)))
    return found | dict(zip(still["record_key"], still["person"], strict=True))
