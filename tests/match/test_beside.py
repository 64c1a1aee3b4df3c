"""What stands beside a pair: the persons whom its records already are, and how likely one is the other."""

from __future__ import annotations

from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nikdedup
from nikdedup.config import Config
from nikdedup.lab import generate
from nikdedup.match.beside import FACTS, MOST, MOST_UNLIKE, _others, beside
from nikdedup.match.pipeline import Matcher
from nikdedup.match.score.calibration import TOGETHER, shipped_calibration
from nikdedup.run.scored import scorer_of
from tests.match.registry import evidence, nik

BORN, CARD = "1988-04-12", "6212010101159001"
PARENTS = {"mother": "MARIYATUN", "father": "PONIRAN", "born": BORN, "sex": "L"}
TWIN = PARENTS | {"name": "GUNTUR PRAWIRO", "nik": nik(BORN, 9001), "kk": CARD}
OTHER_TWIN = PARENTS | {"name": "GANDUNG SISWOYO", "nik": nik(BORN, 9002), "kk": CARD}
MOVED_AWAY = PARENTS | {
    "name": "GUNTUR PRAWIRO",
    "nik": nik(BORN, 9001, region="621305"),
    "kk": "6213050101159001",
}
RECORDS = st.integers(2, 12).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, n - 1), min_size=n, max_size=n),
        st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), min_size=1, max_size=8),
    )
)
"""Which person each of some records is, and pairs of records."""


def rows(*numbers: int):
    return np.array(numbers, np.int32)


@pytest.fixture(scope="module")
def twins():
    """Matcher of twins on one card and of the record of one of them in another regency."""
    return Matcher.of(evidence(OTHER_TWIN, TWIN, MOVED_AWAY), Config())


def test_a_twin_is_laid_beside_the_other_twins_own_record(twins):
    """The moved record is the second twin: the first one is he only if both twins are one person."""
    told = beside(twins, rows(0), rows(2), np.array([0, 1, 1]))
    assert told["has_others"].tolist() == [1]
    assert told["others_unlike"][0] > 4
    assert told["others_alike"][0] == told["in_one_person"][0] == 0
    alone = beside(twins, rows(0), rows(2), np.array([0, 1, 2]))
    assert {name: values.tolist() for name, values in alone.items()} == {name: [0.0] for name in FACTS}


def test_a_pair_that_a_third_record_has_joined_is_in_one_person(twins):
    told = beside(twins, rows(1, 0), rows(2, 1), np.array([0, 1, 1]))
    assert told["in_one_person"].tolist() == [1, 0]
    assert told["has_others"].tolist() == [0, 1]


def test_records_that_are_alike_speak_for_a_pair():
    same = Matcher.of(evidence(TWIN, MOVED_AWAY, TWIN | {"nik": nik(BORN, 9001, region="621207")}), Config())
    told = beside(same, rows(0), rows(1), np.array([0, 1, 0]))
    assert told["others_alike"][0] > 4
    assert told["others_unlike"][0] == 0


@given(RECORDS)
def test_the_others_are_all_pairs_of_the_one_person_and_the_other(given_):
    label, pairs = np.array(given_[0]), given_[1]
    left, right = (rows(*side) for side in zip(*pairs, strict=True))
    pair, first, second = _others(left, right, label, label[left] != label[right])
    found = {k: set() for k in range(len(pairs))}
    for k, one, other in zip(pair.tolist(), first.tolist(), second.tolist(), strict=True):
        found[k].add((one, other))
    for k, (one, other) in enumerate(pairs):
        sides = [np.flatnonzero(label == label[row])[:MOST].tolist() for row in (one, other)]
        every = {(min(cell), max(cell)) for cell in product(*sides)} - {(min(one, other), max(one, other))}
        assert found[k] == (every if label[one] != label[other] else set())


@pytest.mark.parametrize("name", TOGETHER)
def test_what_stands_beside_a_pair_moves_it_the_way_it_says(name):
    facts = shipped_calibration().reviewed[name].facts
    assert set(FACTS) <= facts.keys()
    assert facts["others_unlike"] * MOST_UNLIKE < -4
    assert facts["others_alike"] >= 0
    assert facts["in_one_person"] > 1 or name == "twins", "twins are never in one person"


def test_probabilities_of_pairs_to_review_go_by_it_and_bands_do_not(tmp_path):
    """What decides goes by the two records alone: persons come of it."""
    generate(tmp_path / "extract.parquet", rows=20_000, seed=771_204, profile="hard")
    result = nikdedup.dedupe(tmp_path / "extract.parquet")
    scored = scorer_of(result)
    assert scored is not None
    person = result.people.select("row", "person_id").with_columns(size=pl.len().over("person_id"))
    pairs = result.pairs.filter(pl.col("band").is_not_null())
    for side in ("row_l", "row_r"):
        pairs = pairs.join(person, left_on=side, right_on="row", suffix=f"_{side}", maintain_order="left")
    alone = [scored(*rows)["probability"] for rows in pairs.select("row_l", "row_r").iter_rows()]
    pairs = pairs.with_columns(alone=pl.Series(alone), one=pl.col("person_id") == pl.col("person_id_row_r"))
    review = pairs.filter(pl.col("band") == "review")
    confirmed = pairs.filter(pl.col("band") == "confirmed")
    np.testing.assert_allclose(confirmed["probability"], confirmed["alone"], atol=1e-6)
    joined, others = (
        review.filter("one"),
        review.filter(~pl.col("one") & (pl.col("size") + pl.col("size_row_r") > 2)),
    )
    assert min(len(joined), len(others)) >= 3
    assert joined["probability"].median() > joined["alone"].median()
    assert others["probability"].median() < others["alone"].median()
