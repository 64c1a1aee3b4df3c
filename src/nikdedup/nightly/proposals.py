"""Which proposals are others than the night before, for which record, and why."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import polars as pl

from nikdedup.nightly.events import Cause

SAYS = ("decision_id", "action", "kind", "rule")
"""What makes a proposal another one."""


@dataclass(frozen=True)
class Changed:
    """A proposal that is another one. before, after: SAYS as JSON; None where there was, or is, none."""

    record_key: str
    cause: Cause
    person: int
    before: str | None
    after: str | None


def changed_proposals(
    before: pl.DataFrame,
    now: pl.DataFrame,
    *,
    was: Mapping[str, str],
    persons_of: Callable[[Collection[str]], Mapping[str, int]],
    touched: Mapping[str, Cause],
    declared: Collection[str],
    otherwise: Cause,
) -> list[Changed]:
    """Compare the decisions of two nights, record by record.

    before, now: schema.DECISIONS. was: key of tonight -> key of the night before, of records that were corrected.
    persons_of: gives by keys of tonight, or of the night before where the record is gone, their persons. touched: what
    happened to a record itself, by either key. declared: keys of which officers have declared something since.
    otherwise: why a proposal changed where nothing happened to any record of its case.
    """
    asked = {*was, *was.values(), *touched, *declared}
    old, new = _rows(before, now, asked), _rows(now, before, asked)
    causes = _Causes(old, new, touched, declared, otherwise)
    found: dict[str, tuple[Cause, str | None, str | None]] = {}
    seen = set()
    for key, row in new.items():
        earlier = old.get(was.get(key, key))
        seen.add(was.get(key, key))
        if earlier is None or any(row[name] != earlier[name] for name in SAYS):
            cause = causes.of(key, row["case_id"], None if earlier is None else earlier["case_id"])
            found[key] = cause, _told(earlier), _told(row)
    back = {before: key for key, before in was.items()}
    for key, row in old.items():
        if key not in seen:
            here = back.get(key, key)
            found[here] = causes.of(here, None, row["case_id"]), _told(row), None
    persons = persons_of(found)
    return [Changed(key, cause, persons[key], *ends) for key, (cause, *ends) in sorted(found.items())]


def _rows(of: pl.DataFrame, other: pl.DataFrame, asked: Collection[str]) -> dict[str, dict[str, str]]:
    """Return the proposals of one night that the other night has not said of the same record, and those asked about.

    By 64-bit hashes of what they say.
    """
    lines, others = (frame.select("record_key", *SAYS).hash_rows(seed=0) for frame in (of, other))
    wanted = of.select("record_key", "case_id", *SAYS).filter(
        ~lines.is_in(others.implode()) | pl.col("record_key").is_in(list(asked))
    )
    return {row["record_key"]: row for row in wanted.to_dicts()}


def _told(row: dict[str, str] | None) -> str | None:
    return None if row is None else json.dumps({name: row[name] for name in SAYS}, separators=(",", ":"))


class _Causes:
    """Why proposals changed: what happened to the record, else to another one of its case, now or the night before."""

    def __init__(
        self,
        old: Mapping[str, Mapping[str, str]],
        new: Mapping[str, Mapping[str, str]],
        touched: Mapping[str, Cause],
        declared: Collection[str],
        otherwise: Cause,
    ) -> None:
        self._touched, self._declared, self._otherwise = touched, declared, otherwise
        self._of_case: dict[str, set[Cause]] = {}
        for rows in (old, new):
            for key, row in rows.items():
                if key in declared:
                    self._of_case.setdefault(row["case_id"], set()).add("verdict")
                if key in touched:
                    self._of_case.setdefault(row["case_id"], set()).add(touched[key])

    def of(self, key: str, *cases: str | None) -> Cause:
        if key in self._declared:
            return "verdict"
        if key in self._touched:
            return self._touched[key]
        found = set().union(*(self._of_case.get(case, set()) for case in cases if case is not None))
        order: tuple[Cause, ...] = ("verdict", "changed", "withdrawn", "new")
        return next((cause for cause in order if cause in found), self._otherwise)
