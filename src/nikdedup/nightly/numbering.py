"""Which number each person of tonight has: what of comparing two nights needs no decisions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from nikdedup.nightly.events import Record
from nikdedup.nightly.last import Last
from nikdedup.nightly.persons import NOBODY, Numbers, Tonight, named, person_ids, unchanged
from nikdedup.nightly.records import Same

Retired = Callable[[Sequence[str]], dict[str, list[int]]]


@dataclass(frozen=True)
class Recognised:
    """What is known of tonight before any two records are matched: record_key and content of each, and who is who.

    corrected: rows of records that have another key than the night before.
    """

    records: pl.DataFrame
    same: Same
    corrected: Numbers


@dataclass(frozen=True)
class Numbered:
    """The persons of tonight by their numbers.

    people: schema.PEOPLE with these numbers. records: record_key, content and person. first_free: the next number that
    nobody has had. many: persons of two records or more that are others than before, with their keys. others: the
    records of each person that is not wholly one of the night before, `names` its number. before: persons of the night
    before that are not wholly one of tonight, with their keys then. was: person of each record of the night before.
    changed, gone: keys then of records that have other cells now, and of those that are no more.
    """

    people: pl.DataFrame
    records: pl.DataFrame
    first_free: int
    largest: int
    many: dict[int, list[str]]
    others: list[list[Record]] = field(default_factory=list)
    names: list[int] = field(default_factory=list)
    before: dict[int, list[str]] = field(default_factory=dict)
    was: pl.Series = field(default_factory=lambda: pl.Series(dtype=pl.Int64))
    changed: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


def numbered(last: Last, people: pl.DataFrame, found: Recognised, *, retired: Retired) -> Numbered:
    """Number the persons of a run. people: as schema.PEOPLE. retired: as `last.retired_by`."""
    tonight = Tonight.of(people, found.same.was)
    if last.run is None:
        return _founded(last, people, found, tonight)
    keys, known = found.records["record_key"], last.known("record_key", "person")
    was, person = known["record_key"], known["person"].to_numpy()
    names = unchanged(tonight, person)
    names[tonight.cluster[found.corrected]] = NOBODY
    clusters = _clusters(tonight, names, keys, was)
    others, before = list(clusters.values()), _before(person, names, was)
    persons = named(
        before, others,
        survivors=last.survivors, first_free=last.first_free,
        retired=retired([record.key for cluster in others for record in cluster]),
    )  # fmt: skip
    names[list(clusters)] = persons.names
    many = {
        name: [record.key for record in cluster]
        for name, cluster in zip(persons.names, others, strict=True)
        if len(cluster) > 1
    }
    return Numbered(
        *_with_numbers(people, found, names[tonight.cluster]),
        persons.first_free, tonight.largest, many, others, persons.names, before,
        known["person"], was.gather(found.same.changed).to_list(), was.gather(found.same.gone).to_list(),
    )  # fmt: skip


def _founded(last: Last, people: pl.DataFrame, found: Recognised, tonight: Tonight) -> Numbered:
    """Number the persons of the first night, in the order of their first rows."""
    numbers = last.first_free + tonight.cluster
    named_people, records = _with_numbers(people, found, numbers)
    of_two = records.filter(pl.len().over("person") > 1).group_by("person", maintain_order=True)
    many = {int(name): list(keys) for name, keys in of_two.agg("record_key").iter_rows()}
    return Numbered(named_people, records, last.first_free + tonight.clusters, tonight.largest, many)


def _with_numbers(
    people: pl.DataFrame, found: Recognised, person: Numbers
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return people and records of a run with their numbers. person: of each row."""
    numbers = pl.Series("person", person)
    return people.with_columns(person_ids(numbers)), found.records.with_columns(numbers)


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
