"""Decoys: what they say about false matches holds against the truth, and they only ever raise the threshold."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nikdedup
from nikdedup.config import Config, MatchConfig
from nikdedup.lab import generate
from nikdedup.match.decoys.by_date import SHIFTS
from nikdedup.match.decoys.false_matches import FalseMatches
from nikdedup.match.decoys.scores import FEW, Decoys, none, poisson_interval
from nikdedup.match.pipeline import Matcher
from tests.match.registry import evidence

ROWS = 20_000


@pytest.fixture(scope="module")
def loose(tmp_path_factory):
    """A run that confirms much too much, and how many of its confirmed pairs are two people."""
    path = tmp_path_factory.mktemp("decoys") / "hard.parquet"
    report = generate(path, rows=ROWS, seed=29, profile="hard")
    result = nikdedup.dedupe(path, confirmed_log2=-6.0, review_log2=-8.0, target_precision=None)
    person = pl.read_parquet(report.truth)["true_person_id"]
    confirmed = result.pairs.filter(band="confirmed")
    false = int((person.gather(confirmed["row_l"]) != person.gather(confirmed["row_r"])).sum())
    return path, result.run, false


def test_the_estimate_holds_against_the_truth(loose):
    _, run, false = loose
    said = run["decoys"]
    assert false >= 15
    assert said["status"] == "measured"
    confirmed = said["false_matches"] / said["false_match_rate"]
    assert said["low"] * confirmed <= 2 * false
    assert said["high"] * confirmed >= false / 2
    assert said["false_matches"] == pytest.approx(said["chance"] + said["kin"], abs=0.02)
    assert said["kin"] > 0


def test_a_target_raises_the_threshold_and_says_so(loose):
    path, run, _ = loose
    strict = nikdedup.dedupe(path, confirmed_log2=-6.0, review_log2=-8.0, target_precision=0.99)
    assert run["thresholds"]["confirmed_log2"] == -6.0
    assert strict.run["thresholds"]["confirmed_log2"] > -6.0
    assert strict.run["thresholds"]["shipped_confirmed_log2"] == MatchConfig().confirmed_log2
    assert strict.run["counts"]["confirmed_pairs"] < run["counts"]["confirmed_pairs"]
    bands = strict.pairs.filter(pl.col("band") == "confirmed")["weight_log2"]
    assert bands.min() >= strict.run["thresholds"]["confirmed_log2"]


weights = st.lists(st.floats(-10, 20), min_size=1, max_size=60)


@given(weights, weights, st.floats(-6, 10), st.floats(0.5, 0.9999))
def test_a_threshold_is_never_lowered(decoys, pairs, lowest, target):
    found = Decoys(np.array(decoys), np.ones(len(decoys)))
    assert found.threshold(np.array(pairs), lowest, target) >= lowest


@given(weights, st.floats(-6, 10))
def test_no_decoys_raise_nothing(pairs, lowest):
    assert none().threshold(np.array(pairs), lowest, 0.9999) == lowest


def test_the_threshold_is_the_first_at_which_decoys_do_not_rule_the_target_out():
    decoys = Decoys(np.linspace(0, 10, 101), np.full(101, 0.5))
    pairs = np.full(1_000, 20.0)
    raised = decoys.threshold(pairs, 2.0, 0.98)

    def surely(threshold):
        total, equal = decoys.above(threshold)
        return poisson_interval(equal)[0] * total / equal

    assert surely(raised) <= 20 < surely(raised - 0.25)


def test_few_decoys_are_not_measurable_and_bound_the_rate():
    said = Decoys(np.array([5.0] * 3), np.full(3, 0.2)).rate(3.0, 1_000, one=0.2)
    assert said["status"] == "not_measurable"
    assert said["low"] < said["false_match_rate"] < said["high"]
    nothing = none().rate(3.0, 1_000, one=0.2)
    assert nothing["false_match_rate"] == 0
    assert nothing["high"] == pytest.approx(3.69 * 0.2 / 1_000, rel=0.01)


def test_unequal_decoys_say_less_than_as_many_equal_ones():
    equal = Decoys(np.full(20, 5.0), np.full(20, 1.0)).above(0.0)
    unequal = Decoys(np.full(20, 5.0), np.array([15.25] + [0.25] * 19)).above(0.0)
    assert equal == pytest.approx((20, 20))
    assert unequal[0] == pytest.approx(20)
    assert unequal[1] < 2


@given(st.floats(FEW, 500))
def test_the_interval_holds_its_count(count):
    low, high = poisson_interval(count)
    assert low < count < high


@pytest.mark.parametrize(
    "people",
    [
        pytest.param([{"name": "BUDI"}, {"name": "SITI"}], id="no birth dates"),
        pytest.param([{"name": "BUDI", "born": "1980-03-17"}], id="one record"),
    ],
)
def test_where_there_is_nothing_to_measure(people):
    matcher = Matcher.of(evidence(*people), Config())
    found = FalseMatches.of(matcher)
    assert found.as_dict(3.5, 0) == {"status": "not_measurable"}
    assert found.threshold(np.array([4.0, 5.0]), Config().match) == Config().match.confirmed_log2


def test_shifts_are_odd():
    """No shift is one that people make: a day, a week, ten days, a month, whole years."""
    assert all(days % 2 and days % 7 and days % 10 and not days % 30 >= 28 for days in SHIFTS)
