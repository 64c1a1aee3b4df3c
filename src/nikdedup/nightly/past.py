"""What the ledger tells: of nights, of persons and records, and of who did what."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl
from sqlalchemy import or_, select

from nikdedup.errors import InputError
from nikdedup.masking import mask_numbers
from nikdedup.nightly import audit, snapshot
from nikdedup.nightly.facts import current
from nikdedup.nightly.ledger import among
from nikdedup.nightly.persons import number_of
from nikdedup.nightly.place import RUN
from nikdedup.nightly.state import Store, heads
from nikdedup.nightly.tables import DECISIONS, EVENTS, RETIRED, RUNS
from nikdedup.nightly.texts import say
from nikdedup.publish import PEOPLE

if TYPE_CHECKING:
    from sqlalchemy import Connection

COUNTS = (
    "records",
    "people",
    "people_of_two_or_more",
    "confirmed_pairs",
    "review_pairs",
    "shared_niks",
    "decisions",
)
"""Figures of a night that are listed."""


def runs(store: Store) -> pl.DataFrame:
    """Return a line for each night: run, state, based_on, began, ended, who, version, judgement and COUNTS.

    Args:
        store: a state that is open.
    """
    shown = ("run", "state", "based_on", "began", "ended", "who", "version", "judgement")
    with store.ledger.reading() as connection:
        rows = [dict(row) for row in connection.execute(select(RUNS).order_by(RUNS.c.run)).mappings()]
        read = current(connection)
    lines = []
    for row in rows:
        told = json.loads(row["figures"])
        lines.append({name: row[name] for name in shown} | {name: told.get(name) for name in COUNTS})
    schema = {
        "run": pl.Int64, "state": pl.String, "based_on": pl.Int64, "began": pl.String, "ended": pl.String,
        "who": pl.String, "version": pl.String, "judgement": pl.Int64, **dict.fromkeys(COUNTS, pl.Int64),
    }  # fmt: skip
    is_read = pl.col("run").eq_missing(pl.lit(read, pl.Int64))
    return pl.DataFrame(lines, schema=schema).with_columns(is_read.alias("current"))


def runs_text(table: pl.DataFrame, lang: str) -> str:
    """Return the list of nights as people read it, the one that is read marked.

    Args:
        table: as `runs` returns it.
        lang: `id` or `en`.
    """
    heads = [say(f"runs.{name}", lang) for name in ("run", "ended", "state", *COUNTS)]
    lines = [heads]
    for row in table.iter_rows(named=True):
        state = say(f"state.{row['state']}", lang)
        mark = "*" if row["current"] else ""
        counts = [f"{row[name]:,}".replace(",", "." if lang == "id" else ",") for name in COUNTS]
        lines.append([f"{row['run']}{mark}", row["ended"], state, *counts])
    widths = [max(len(line[at]) for line in lines) for at in range(len(heads))]
    return "\n".join(
        "  ".join(text.ljust(w) for text, w in zip(line, widths, strict=True)).rstrip() for line in lines
    )


@dataclass(frozen=True)
class History:
    """What happened to a person or a record. lines: one dict an event, in order."""

    asked: str
    person: int | None
    lines: list[dict[str, Any]]

    def text(self, lang: str = "id") -> str:
        """Return it as people read it; record ids and keys only where they are no NIK."""
        where = say("history.now" if self.person else "history.gone", lang, person=f"P-{self.person}")
        told = [f"{mask_numbers(self.asked)}: {where}", *(_line(one, lang) for one in self.lines)]
        return "\n".join(told)


def _line(one: dict[str, Any], lang: str) -> str:
    head = f"{one['run']:>4}  {one['ended']}  "
    if one["kind"] == "founding":
        return head + say("history.founding", lang, persons=one["after"]["persons"])
    cause = say(f"cause.{one['cause']}", lang)
    if one["kind"] == "decision":
        before, after = (
            say("history.none", lang) if end is None else str(end["action"])
            for end in (one["before"], one["after"])
        )
        said = say(
            "history.decision", lang, before=before, after=after, record=mask_numbers(one["record_key"])
        )
    else:
        key = "history.event_with" if one["other"] else "history.event"
        said = say(
            key, lang,
            person=f"P-{one['person']}", other=f"P-{one['other']}", what=say(f"event.{one['kind']}", lang),
            before=len(one["before"]), after=len(one["after"]),
        )  # fmt: skip
    return head + said + say("history.because", lang, cause=cause)


def history(store: Store, asked: str) -> History:
    """Return what happened to a person (person_id) or a record (record id or key).

    Args:
        store: a state that is open.
        asked: a person_id, a record id or a record key.

    Raises:
        InputError: where it is unknown.
    """
    asked = asked.encode(
        "utf-8", "replace"
    ).decode()  # a terminal in another encoding hands over halves of signs
    with store.ledger.reading() as connection:
        run = current(connection)
        if run is None:
            raise InputError(f"{store.name}: no night was published yet")
        counted = select(RUNS.c.run, RUNS.c.ended).where(RUNS.c.state == "published")
        ended = {int(row.run): str(row.ended) for row in connection.execute(counted)}
        person = number_of(asked)
        keys: set[str] = set()
        if person is None:
            person, keys = _record(connection, store, run, asked)
        events = _events(connection, {person}, keys, ended)
        if not keys and not events and not _is_known(store, run, person):
            raise InputError(
                f"{mask_numbers(asked)}: not in this state; allowed: a person id, a record id or a record key"
            )
        keys |= (
            {key for event in events for key in (*event["before"], *event["after"])} if not keys else set()
        )
        proposals = [
            row for row in among(connection, DECISIONS, "record_key", sorted(keys)) if row["run"] in ended
        ]
        founding = _founding(connection, ended)
    told = [
        {**row, "kind": "decision", "before": _read(row["before"]), "after": _read(row["after"])}
        for row in proposals
    ]
    lines = [
        founding,
        *sorted(
            [*events, *told], key=lambda one: (one["run"], one.get("seq", 1 << 30), one.get("record_key", ""))
        ),
    ]
    there = _is_known(store, run, person)
    return History(asked, person if there else None, [one | {"ended": ended[one["run"]]} for one in lines])


def _read(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def _founding(connection: Connection, ended: dict[int, str]) -> dict[str, Any]:
    row = connection.execute(
        select(EVENTS).where(EVENTS.c.kind == "founding").order_by(EVENTS.c.run)
    ).mappings()
    found = next(dict(one) for one in row if one["run"] in ended)
    return found | {"before": None, "after": json.loads(found["after"])}


def _is_known(store: Store, run: int, person: int) -> bool:
    return bool((snapshot.known_records(store, run)["person"] == person).any())


def _record(connection: Connection, store: Store, run: int, asked: str) -> tuple[int, set[str]]:
    """Return the person of a record, now or when it was last there, and the record's key."""
    known = snapshot.known_records(store, run)
    people = pl.read_parquet(store.snapshot(run) / RUN / PEOPLE, columns=["record_id"])
    found = known.filter((known["record_key"] == asked) | (people["record_id"] == asked))
    if len(found):
        return int(found["person"][0]), {str(found["record_key"][0])}
    gone = among(connection, RETIRED, "record_key", [asked])
    if gone:
        newest = max(gone, key=lambda row: int(row["since"]))
        return int(newest["person"]), {asked}
    raise InputError(
        f"{mask_numbers(asked)}: not in this state; allowed: a person id, a record id or a record key"
    )


def _events(
    connection: Connection, persons: set[int], keys: Collection[str], ended: Collection[int]
) -> list[dict[str, Any]]:
    """Return the events of persons, and of those that the records asked for were with before."""
    done: set[int] = set()
    found: dict[tuple[int, int], dict[str, Any]] = {}
    while persons - done:
        person = min(persons - done)
        done.add(person)
        asked = select(EVENTS).where(or_(EVENTS.c.person == person, EVENTS.c.other == person))
        for row in map(dict, connection.execute(asked).mappings()):
            if row["run"] not in ended:
                continue
            event = row | {"before": json.loads(row["before"]), "after": json.loads(row["after"])}
            found[event["run"], event["seq"]] = event
            if set(keys) & (set(event["before"]) - set(event["after"])):
                persons.add(event["person"])
    return [found[at] for at in sorted(found)]


def audit_faults(store: Store) -> tuple[int, list[tuple[int, str]]]:
    """Return how many entries the audit has, and what is wrong with which of them.

    Args:
        store: a state that is open.
    """
    with store.ledger.reading() as connection:
        return audit.size(connection), audit.faults(connection, heads(store))


def faults_text(entries: int, faults: Iterable[tuple[int, str]], lang: str) -> str:
    """Return the answer of `audit verify`.

    Args:
        entries: number of entries.
        faults: number of an entry and what is wrong with it.
        lang: `id` or `en`.
    """
    lines = [say(f"audit.{fault}", lang, entry=entry) for entry, fault in faults]
    return "\n".join(lines) or say("audit.whole", lang, n=entries)


def audit_text(store: Store, run: int | None, lang: str) -> str:
    """Return the entries about a run, or all.

    Args:
        store: a state that is open.
        run: number of a night; all where None.
        lang: `id` or `en`.

    Raises:
        InputError: where there is none.
    """
    with store.ledger.reading() as connection:
        found = audit.entries(connection, run)
    if not found:
        raise InputError(f"{store.name}: the audit has no entry about run {run}")
    lines = []
    for one in found:
        what = say(f"audit_what.{one['what']}", lang)
        about = "" if one["run"] is None else f"  run {one['run']}"
        details = ", ".join(f"{name}={value}" for name, value in one["details"].items() if value is not None)
        lines.append(f"{one['entry']:>5}  {one['at']}  {one['who']}{about}  {what}  {details}")
        lines.append(f"       {say('audit.rows', lang, n=len(one['rows']))}  {one['hash'][:16]}")
        if run is not None and one["rows"]:
            lines += [f"       {' '.join(one['rows'][at : at + 6])}" for at in range(0, len(one["rows"]), 6)]
    return "\n".join(lines)
