"""What happened to persons from one night to the next, one event after the other.

Events are told in an order in which each begins where the one before it has ended, so that whoever takes the
persons of a night and follows the events of the next has the persons of that. First records whose own cells were
corrected, then those that are gone, then those that change from one person to another, at last those that are new.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Kind = Literal["birth", "return", "growth", "correction", "loss", "end", "split", "merge"]
Cause = Literal["new", "changed", "withdrawn", "verdict", "weights", "version", "settings", "others"]
"""others: none of these; records elsewhere in the extract came, changed or went, and moved what is rare."""


class Record(NamedTuple):
    """A record of tonight: its key, and the key it had the night before, None where it is new."""

    key: str
    was: str | None


@dataclass(frozen=True)
class Event:
    """One thing that happened to a person.

    before, after: keys of its records, sorted. other: the person to whom the records went that it has no more; None
    where they went to nobody, or none did.
    """

    kind: Kind
    cause: Cause
    person: int
    other: int | None
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True)
class Why:
    """What may have moved records from one person to another. changed: keys of the night before, of other cells now.

    declared: keys of tonight of which officers have declared something since. otherwise: what holds for all records.
    """

    changed: Collection[str] = ()
    declared: Collection[str] = ()
    otherwise: Cause = "others"


@dataclass
class Told:
    """The persons as they are after what was told so far, and what was told."""

    why: Why
    state: dict[int, set[str]]
    events: list[Event] = field(default_factory=list)

    def tell(
        self, kind: Kind, cause: Cause, person: int, after: Iterable[str], other: int | None = None
    ) -> None:
        """Tell an event: `person` has the records `after` from now on, and `other` those that it has lost."""
        before = self.state.get(person, set())
        event = Event(kind, cause, person, other, tuple(sorted(before)), tuple(sorted(after)))
        follow(self.state, event)
        self.events.append(event)


def follow(state: MutableMapping[int, set[str]], event: Event) -> None:
    """Change persons as an event says; persons without records are none."""
    if event.after:
        state[event.person] = set(event.after)
    else:
        state.pop(event.person, None)
    if event.other is not None:
        state[event.other] = state.get(event.other, set()) | (set(event.before) - set(event.after))


def happened(
    before: Mapping[int, Collection[str]],
    clusters: Sequence[Sequence[Record]],
    names: Sequence[int],
    why: Why,
) -> list[Event]:
    """Return what happened to persons that came out otherwise than the night before.

    before: persons with the keys of their records then. clusters: the records of each person of tonight, named
    `names`; every record that `before` knows and that is still there must be among them.
    """
    told = Told(why, {person: set(records) for person, records in sorted(before.items())})
    now = {record.was: record.key for cluster in clusters for record in cluster if record.was is not None}
    _corrected(told, before, now)
    _withdrawn(told, before, now)
    _moved(told, before, clusters, names, there=now.keys())
    _came(told, before, clusters, names)
    return told.events


def _corrected(told: Told, before: Mapping[int, Collection[str]], now: Mapping[str, str]) -> None:
    for person in list(told.state):
        records = before[person]
        if any(now.get(key, key) != key for key in records):
            told.tell("correction", "changed", person, [now.get(key, key) for key in records])


def _withdrawn(told: Told, before: Mapping[int, Collection[str]], now: Mapping[str, str]) -> None:
    for person in list(told.state):
        left = [now[key] for key in before[person] if key in now]
        if len(left) < len(before[person]):
            told.tell("loss" if left else "end", "withdrawn", person, left)


def _moved(
    told: Told,
    before: Mapping[int, Collection[str]],
    clusters: Sequence[Sequence[Record]],
    names: Sequence[int],
    *,
    there: Collection[str],
) -> None:
    owner = {record.key: at for at, cluster in enumerate(clusters) for record in cluster}
    of_name = {name: clusters[at] for at, name in enumerate(names)}
    for person in sorted(told.state):
        leaving: dict[int, set[str]] = {}
        for key in sorted(told.state[person]):
            name = names[owner[key]]
            if name != person:
                leaving.setdefault(name, set()).add(key)
        for name, keys in sorted(leaving.items()):
            left = told.state[person] - keys
            cause = _cause(told.why, before, (person, name), of_name, there)
            told.tell("split" if left else "merge", cause, person, left, name)


def _cause(
    why: Why,
    before: Mapping[int, Collection[str]],
    persons: tuple[int, int],
    of_name: Mapping[int, Sequence[Record]],
    there: Collection[str],
) -> Cause:
    """Return why records went from one person to another: what happened to a record of either, else to all.

    there: keys of the night before of all records that are still there.
    """
    was = {key for person in persons for key in before.get(person, ())}
    records = [record for person in persons for record in of_name.get(person, ())]
    if any(record.key in why.declared for record in records):
        return "verdict"
    if was & set(why.changed) or any(record.was not in (None, record.key) for record in records):
        return "changed"
    if any(key not in there for key in was):
        return "withdrawn"
    if any(record.was is None for record in records):
        return "new"
    return why.otherwise


def _came(
    told: Told,
    before: Mapping[int, Collection[str]],
    clusters: Sequence[Sequence[Record]],
    names: Sequence[int],
) -> None:
    known = max(before, default=0)
    for name, cluster in sorted(zip(names, clusters, strict=True), key=lambda pair: pair[0]):
        keys = {record.key for record in cluster}
        there = told.state.get(name, set())
        if keys - there:
            came: Kind = "growth" if there else "birth" if name > known else "return"
            told.tell(came, "new", name, keys)
