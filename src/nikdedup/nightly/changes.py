"""What changed since the night before: who is who, what happened to persons and proposals, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import polars as pl

from nikdedup.config import Config
from nikdedup.nightly.events import Cause, Event, Record, Why, happened
from nikdedup.nightly.last import Declared, Last
from nikdedup.nightly.persons import NOBODY, Numbers, Tonight, named, person_ids, unchanged
from nikdedup.nightly.proposals import Changed, changed_proposals
from nikdedup.nightly.records import Same, keyed, same_records, with_corrected
from nikdedup.run.result import Result

Retired = Callable[[Sequence[str]], dict[str, list[int]]]


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


@dataclass(frozen=True)
class Recognised:
    """What is known of tonight before any two records are matched: record_key and content of each, and who is who."""

    records: pl.DataFrame
    same: Same


def recognised(last: Last, residents: pl.LazyFrame, config: Config, day: date | None) -> Recognised:
    """Recognise the records of the night before. residents: as they are published. day: the reference date."""
    records = keyed(residents, config.evidence)
    before = last.known("record_key", "content")
    same = same_records(before, records)
    if last.residents is not None and config.record_id is None:
        same = with_corrected(
            same, before, records, last.residents, residents, config=config, reference_date=day
        )
    return Recognised(records, same)


def changes_since(
    last: Last, result: Result, found: Recognised, *, retired: Retired, otherwise: Cause
) -> Changes:
    """Return what a run is beside the night before. retired: as `last.retired_by`. otherwise: see Why."""
    records, same = found.records, found.same
    tonight = Tonight.of(result.people, same.was)
    declared = _declared(result, records)
    if last.run is None:
        return _founded(last, result, records, same, tonight, declared)
    known = last.known("record_key", "person")
    keys, was, person = records["record_key"], known["record_key"], known["person"].to_numpy()
    names = unchanged(tonight, person)
    names[_clusters_with_other_keys(tonight, keys, was)] = NOBODY
    clusters = _clusters(tonight, names, keys, was)
    before = _before(person, names, was)
    new_keys = [record.key for cluster in clusters.values() for record in cluster]
    persons = named(
        before, list(clusters.values()),
        survivors=last.survivors, retired=retired(new_keys), first_free=last.first_free,
    )  # fmt: skip
    touched = {one for link in declared ^ last.declared for one in link[:2]}
    changed = set(was.gather(same.changed).to_list())
    why = Why(changed=changed, declared=touched, otherwise=otherwise)
    events = happened(before, list(clusters.values()), persons.names, why)
    names[list(clusters)] = persons.names
    many = {
        name: [record.key for record in cluster]
        for name, cluster in zip(persons.names, clusters.values(), strict=True)
        if len(cluster) > 1
    }
    told = Changes(
        _renamed(result, names[tonight.cluster]), _known(records, names[tonight.cluster]),
        last.first_free, persons.first_free, same, many, before, events, declared=declared, largest=_largest(tonight),
    )  # fmt: skip
    return replace(told, proposals=_proposals(last, known, told, list(clusters.values()), changed, why))


def _founded(
    last: Last,
    result: Result,
    records: pl.DataFrame,
    same: Same,
    tonight: Tonight,
    declared: frozenset[Declared],
) -> Changes:
    """Number the persons of the first night, in the order of their first rows."""
    names = last.first_free + tonight.cluster
    table = pl.DataFrame({"person": names, "key": records["record_key"]})
    of_two = table.filter(pl.len().over("person") > 1).group_by("person", maintain_order=True).agg("key")
    many = {int(name): list(keys) for name, keys in of_two.iter_rows()}
    return Changes(
        _renamed(result, names), _known(records, names),
        last.first_free, last.first_free + tonight.clusters, same, many,
        declared=declared, largest=_largest(tonight),
    )  # fmt: skip


def _clusters_with_other_keys(tonight: Tonight, keys: pl.Series, was: pl.Series) -> Numbers:
    """Return the clusters of records that were corrected, so that they have another key."""
    old = np.flatnonzero(tonight.was >= 0)
    other = (keys.gather(old) != was.gather(tonight.was[old])).to_numpy()
    return np.unique(tonight.cluster[old[other]])


def _clusters(tonight: Tonight, names: Numbers, keys: pl.Series, was: pl.Series) -> dict[int, list[Record]]:
    """Return the records of every cluster that is not yet named, by cluster."""
    rows = np.flatnonzero(names[tonight.cluster] == NOBODY)
    places = tonight.was[rows]
    old = was.gather(np.maximum(places, 0)).to_list() if len(was) else [None] * len(rows)
    found: dict[int, list[Record]] = {}
    parts = zip(
        tonight.cluster[rows].tolist(), keys.gather(rows).to_list(), places.tolist(), old, strict=True
    )
    for cluster, key, place, before in parts:
        found.setdefault(cluster, []).append(Record(key, before if place >= 0 else None))
    return dict(sorted(found.items()))


def _before(person: Numbers, names: Numbers, was: pl.Series) -> dict[int, list[str]]:
    """Return persons of the night before that are not wholly one of tonight, with their keys."""
    whole = np.zeros(int(person.max(initial=0)) + 1, np.bool_)
    whole[names[names != NOBODY]] = True
    rows = np.flatnonzero(~whole[person])
    found: dict[int, list[str]] = {}
    for one, key in zip(person[rows].tolist(), was.gather(rows).to_list(), strict=True):
        found.setdefault(one, []).append(key)
    return found


def _renamed(result: Result, person: Numbers) -> Result:
    """Return a result whose persons have their own numbers. person: of each row."""
    ids = person_ids(pl.Series(person))
    people = result.people.with_columns(ids)
    of_decisions = people["person_id"].gather(result.decisions["row"])
    return replace(result, people=people, decisions=result.decisions.with_columns(of_decisions))


def _known(records: pl.DataFrame, person: Numbers) -> pl.DataFrame:
    return records.with_columns(pl.Series("person", person))


def _largest(tonight: Tonight) -> int:
    return int(np.bincount(tonight.cluster).max(initial=0)) if len(tonight.cluster) else 0


def _declared(result: Result, records: pl.DataFrame) -> frozenset[Declared]:
    officers = result.record.officers
    if officers is None:
        return frozenset()
    keys = records["record_key"]
    links = {(keys[row_l], keys[row_r], kind) for row_l, row_r, kind, *_ in officers.links}
    return frozenset(links | {(keys[row], keys[row], status) for row, status, *_ in officers.statuses})


def _proposals(
    last: Last,
    known: pl.DataFrame,
    told: Changes,
    clusters: Sequence[list[Record]],
    changed: set[str],
    why: Why,
) -> list[Changed]:
    """Return the proposals that are others. known: record_key and person of the night before."""
    was = {
        record.key: record.was
        for cluster in clusters
        for record in cluster
        if record.was is not None and record.was != record.key
    }
    gone = known["record_key"].gather(told.same.gone).to_list()
    touched: dict[str, Cause] = dict.fromkeys(changed, "changed")
    touched |= dict.fromkeys(gone, "withdrawn")
    touched |= dict.fromkeys(was, "changed")
    touched |= {record.key: "new" for cluster in clusters for record in cluster if record.was is None}
    return changed_proposals(
        last.decisions, told.result.decisions,
        was=was, person_of=_Persons(last.decisions, known, told, was),
        touched=touched, declared=why.declared, otherwise=why.otherwise,
    )  # fmt: skip


class _Persons(dict[str, int]):
    """Person of each record that has, or had, a proposal, by its key; `was` has those that were corrected since."""

    def __init__(
        self, before: pl.DataFrame, known: pl.DataFrame, told: Changes, was: Mapping[str, str]
    ) -> None:
        super().__init__()
        for records, decisions in ((known, before), (told.known, told.result.decisions)):
            rows = decisions["row"]
            self.update(zip(decisions["record_key"], records["person"].gather(rows), strict=True))
        lapsed = before.join(told.result.decisions, on="record_key", how="anti")["record_key"]
        keys = pl.DataFrame({"record_key": [*lapsed, *was]}, schema={"record_key": pl.String})
        still = told.known.join(keys, on="record_key", how="semi")
        self.update(zip(still["record_key"], still["person"], strict=True))
