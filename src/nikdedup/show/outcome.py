"""What became of a pair, and why: a code, and a sentence for people."""

from __future__ import annotations

from collections import deque
from typing import Any

import polars as pl

from nikdedup.match.cluster import Refused
from nikdedup.publish import RunRecord
from nikdedup.settle import templates
from nikdedup.show import numbers
from nikdedup.show.texts import label, say

Outcome = tuple[str, str]
"""A code, as Explanation.outcome has it, and the sentence."""


def outcome_of(
    row_a: int,
    row_b: int,
    pair: dict[str, Any] | None,
    stored: bool,
    residents: tuple[dict[str, Any], dict[str, Any]],
    pairs: pl.DataFrame,
    people: pl.DataFrame,
    run: RunRecord,
    lang: str,
) -> Outcome:
    """Return the code and the sentence of what became of the pair.

    Args:
        row_a: row of one record.
        row_b: row of the other one.
        pair: what is known of the pair, as a line of schema.PAIRS; None for nothing.
        stored: whether the run keeps it among its pairs.
        residents: the two records, {} where they were not kept.
        pairs: as schema.PAIRS.
        people: as schema.PEOPLE.
        run: record of the run.
        lang: `id` or `en`.
    """
    person = dict(people.filter(pl.col("row").is_in([row_a, row_b])).select("row", "person_id").iter_rows())
    band = pair["band"] if pair else None
    if person[row_a] == person[row_b]:
        if all("source_overlap" in (row.get("flags") or []) for row in residents):
            return _told("source_overlap", lang)
        if stored and pair and band == "confirmed":
            return _joined(pair, run, lang)
        path = _path(row_a, row_b, pairs)
        if len(path) > 2:
            return _told("joined_through", lang, path=" – ".join(map(str, path)))
        return _told("joined", lang)
    if pair is None:
        return _told("not_stored", lang)
    why = _refused(run, row_a, row_b, lang) if stored and band else None
    if (stored and band == "confirmed") or why is not None:
        code, said = _told("kept_apart", lang)
        return code, said if why is None else f"{said} {why}"
    weight, limits = float(pair["weight_log2"]), run.thresholds
    if stored and band == "review":
        return _short("review", limits.confirmed_log2 - weight, pair, lang)
    if pair["relation"] not in (None, "none", "same_person"):
        return _told("related", lang, relation=label("relation", pair["relation"], lang))
    if not pair.get("passes"):
        return _told("no_pass_strong" if weight >= limits.review_log2 else "no_pass", lang)
    return _short("below_review", limits.review_log2 - weight, pair, lang)


def _told(code: str, lang: str, **values: str) -> Outcome:
    return code, say(f"outcome.{code}", lang, **values)


def _joined(pair: dict[str, Any], run: RunRecord, lang: str) -> Outcome:
    """Say that a pair was joined, and by what probability where its weight alone would not have done."""
    code, said = _told("joined", lang)
    gap = run.thresholds.confirmed_log2 - float(pair["weight_log2"])
    if gap <= 0:
        return code, said
    chance = numbers.percent(pair["probability"], lang, digits=1)
    return code, f"{said} {say('explain.probable', lang, gap=numbers.decimal(gap, lang), chance=chance)}"


def _short(code: str, gap: float, pair: dict[str, Any], lang: str) -> Outcome:
    """Say by how much a pair misses a threshold; or, where it does not, which rules hold it."""
    if gap > 0:
        return _told(code, lang, gap=numbers.decimal(gap, lang))
    code, said = _told("review_above", lang)
    rules = ", ".join(label("held", name, lang) for name in pair.get("held") or ())
    return code, f"{said} {say('explain.held', lang, rules=rules)}" if rules else said


def _refused(run: RunRecord, row_a: int, row_b: int, lang: str) -> str | None:
    """Return why the join of a strong pair was refused; None if it was not."""
    refused = Refused.of(run.refused)
    low, high = min(row_a, row_b), max(row_a, row_b)
    said = templates()["split"]
    for left, right, reason, a, b in refused.joins.iter_rows():
        if (left, right) == (low, high) and reason in said:
            number = [say("explain.number", lang, row=row) for row in (row_b, a, b)]
            return str(said[reason][lang].format(third=number[0], a=number[1], b=number[2]))
    chain = refused.chains.filter(pl.col("row").is_in([low, high]))
    if chain.height == 2 and chain["chain"].n_unique() == 1:
        size = refused.chains.filter(pl.col("chain") == chain["chain"][0]).height
        places = {
            "third": say("explain.number", lang, row=row_b),
            "records": size,
            "links": chain["links"][0],
        }
        return str(said["chain_too_large"][lang].format(**places))
    return None


def _path(start: int, end: int, pairs: pl.DataFrame) -> list[int]:
    """Return the shortest chain of confirmed pairs from one row to the other; [] if there is none."""
    reached: dict[int, int | None] = {start: None}
    queue = deque([start])
    confirmed = pairs.filter(pl.col("band") == "confirmed").select("row_l", "row_r")
    while queue and end not in reached:
        row = queue.popleft()
        links = confirmed.filter((pl.col("row_l") == row) | (pl.col("row_r") == row))
        for other in sorted({r for link in links.iter_rows() for r in link} - set(reached)):
            reached[other] = row
            queue.append(other)
    path: list[int] = []
    step: int | None = end if end in reached else None
    while step is not None:
        path.append(step)
        step = reached[step]
    return path[::-1]
