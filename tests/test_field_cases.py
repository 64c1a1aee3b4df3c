"""Situations met in the field, each alone and inside three thousand other residents: who is one person, who never.

Every person is made up. A case stands for its kind: further words, families and numbers of the same kinds follow below.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import polars as pl
import pytest

from nikdedup import Result, dedupe, generate

CASES = Path(__file__).parent / "cases" / "field"
DAY = "2026-06-30"

Pairs = Iterable[tuple[int, int]]


@dataclass(frozen=True)
class Right:
    """What is right: pairs that are one person, or at least to be looked at; rows that never are; kinds; flags.

    apart: groups of rows of which no two are one person.
    """

    one: Pairs = ()
    looked_at: Pairs = ()
    apart: Iterable[Iterable[int]] = ()
    kinds: tuple[tuple[int, str], ...] = ()
    flags: tuple[tuple[int, str], ...] = ()


def in_pairs(rows: int) -> list[tuple[int, int]]:
    return [(row, row + 1) for row in range(0, rows, 2)]


RIGHT = {
    "baby-by-ny": Right(
        looked_at=[(0, 1)],
        apart=[(2, 3), (4, 5), (6, 7), (0, 2, 4, 6)],
        kinds=((0, "F"), (1, "F")),
        flags=((0, "name_unnamed_baby"), (7, "name_unnamed_baby")),
    ),
    "head-nik-on-family": Right(
        one=[(2, 5)], apart=[range(5)], kinds=((0, "B"), (1, "B"), (3, "B"), (4, "B"))
    ),
    "placeholder-mothers": Right(
        apart=[range(34)], flags=tuple((row, "mother_placeholder") for row in range(34))
    ),
    "bin-different-fathers": Right(apart=in_pairs(8), flags=((0, "father_from_name"),)),
    "nik-15-17-dots": Right(one=in_pairs(10), kinds=((6, "E"), (7, "E"))),
    "same-nik-birth-other-name": Right(
        looked_at=[(5, 6)], apart=[(0, 1), (2, 3, 4)], kinds=tuple((row, "B") for row in range(5))
    ),
    "kk-in-nik-column": Right(
        looked_at=[(1, 4)], apart=[range(4)], flags=tuple((row, "nik_is_kk") for row in range(4))
    ),
    "recorded-row-has-broken-nik": Right(one=in_pairs(8), kinds=((6, "F"), (7, "F"))),
    "placeholder-names": Right(
        apart=in_pairs(56), flags=tuple((row, "name_placeholder") for row in range(56))
    ),
    "nik-is-kk-everywhere": Right(
        one=[(0, 12)], apart=[range(12)], flags=tuple((row, "nik_is_kk") for row in range(13))
    ),
    "one-nik-on-twins": Right(apart=in_pairs(6), kinds=tuple((row, "B") for row in range(6))),
    "alias-moved": Right(looked_at=in_pairs(6), flags=((1, "name_alias"),)),
}


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """Three thousand residents."""
    path = tmp_path_factory.mktemp("others") / "others.parquet"
    generate(path, rows=3_000, seed=1407)
    return pl.read_parquet(path)


def among(case: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """Put the rows of a case in front of other residents."""
    return pl.concat([case, others.select(c for c in others.columns if c in case.columns)], how="diagonal")


def case_of(name: str) -> pl.DataFrame:
    return pl.read_csv(CASES / f"{name}.csv", infer_schema=False)


def holds(result: Result, right: Right, rows: int) -> None:
    """Assert that a result says of the first rows what is right, and joins none of them with others."""
    person = result.people["person_id"].to_list()
    looked_at = set(result.pairs.filter(pl.col("band").is_not_null()).select("row_l", "row_r").iter_rows())
    assert [pair for pair in right.one if person[pair[0]] != person[pair[1]]] == []
    assert [pair for pair in right.looked_at if pair not in looked_at] == []
    one = [
        pair for group in right.apart for pair in combinations(group, 2) if person[pair[0]] == person[pair[1]]
    ]
    assert one == []
    assert set(person[:rows]).isdisjoint(person[rows:])
    kinds = dict(result.decisions.select("row", "kind").iter_rows())
    assert [(row, kinds.get(row)) for row, _ in right.kinds] == list(right.kinds)
    flags = result.residents["flags"].to_list()
    assert [(row, code) for row, code in right.flags if code not in flags[row]] == []


@pytest.mark.parametrize("inside", [False, True], ids=["alone", "inside three thousand"])
@pytest.mark.parametrize("name", RIGHT)
def test_case(name: str, inside: bool, others: pl.DataFrame) -> None:
    case = case_of(name)
    result = dedupe(among(case, others) if inside else case, reference_date=DAY)
    holds(result, RIGHT[name], len(case))


def test_every_case_is_tried() -> None:
    assert {path.stem for path in CASES.glob("*.csv")} >= set(RIGHT)
