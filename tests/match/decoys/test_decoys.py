"""Decoys: what they say of false matches holds against the truth; they move the threshold as far as they are sure."""

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
from nikdedup.match.decoys.by_twins import twin_decoys
from nikdedup.match.decoys.false_matches import FalseMatches
from nikdedup.match.decoys.scores import FEW, OF_PARTED, UNSEEN, Decoys, bounds, none, poisson_interval
from nikdedup.match.levels import NameLevel
from nikdedup.match.pipeline import Matcher
from tests.match.registry import evidence, nik

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
    parted = min(OF_PARTED * run["refused_joins"], (said["chance"] + said["kin"]) / 2)
    assert said["false_matches"] == pytest.approx(said["chance"] + said["kin"] - parted, abs=0.02)
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


LIMITS = (0.0, 12.0)


@given(weights, weights, st.floats(-6, 20), st.floats(0.5, 0.9999))
def test_a_threshold_stays_within_its_limits(decoys, pairs, start, target):
    found = Decoys.of(np.array(decoys), np.ones(len(decoys)))
    moved = found.threshold(np.array(pairs), start, target, LIMITS)
    assert min(start, LIMITS[0]) <= moved <= max(start, LIMITS[1])


@given(weights, st.floats(-6, 10))
def test_no_decoys_move_nothing(pairs, start):
    assert none().threshold(np.array(pairs), start, 0.9999, LIMITS) == start


def surely(decoys, threshold, side):
    total, equal = decoys.above(threshold)
    return poisson_interval(equal)[side] * total / equal


def test_it_rises_to_the_first_threshold_at_which_decoys_do_not_rule_the_target_out():
    decoys = Decoys.of(np.linspace(0, 10, 101), np.full(101, 0.5))
    raised = decoys.threshold(np.full(1_000, 20.0), 2.0, 0.98, LIMITS)
    assert raised > 2.0
    assert surely(decoys, raised, 0) <= 20 < surely(decoys, raised - 0.25, 0)


def test_it_falls_as_long_as_decoys_are_sure_of_the_target():
    decoys = Decoys.of(np.linspace(0, 10, 101), np.full(101, 0.5))
    lowered = decoys.threshold(np.full(1_000, 20.0), 8.0, 0.97, LIMITS)
    assert lowered < 8.0
    assert surely(decoys, lowered, 1) <= 30 < surely(decoys, lowered - 0.25, 1)


def test_noise_moves_nothing():
    """Twenty false matches expected, twenty allowed: decoys are sure of neither."""
    decoys = Decoys.of(np.full(20, 5.0), np.ones(20))
    assert decoys.threshold(np.full(1_000, 20.0), 4.0, 0.98, LIMITS) == 4.0


def test_decoys_made_of_one_thing_are_one_witness():
    apart = Decoys.of(np.full(20, 5.0), np.ones(20)).above(0.0)
    of_two = Decoys.of(np.full(20, 5.0), np.ones(20), np.arange(20) % 2).above(0.0)
    assert apart == pytest.approx((20, 20))
    assert of_two == pytest.approx((20, 2))
    both = Decoys.together([Decoys.of(np.ones(3), np.ones(3))] * 2, apart=True)
    assert both.above(0.0) == pytest.approx((6, 6))
    assert Decoys.together([Decoys.of(np.ones(3), np.ones(3))] * 2).above(0.0) == pytest.approx((6, 3))


@pytest.mark.parametrize(("true", "expected"), [(0, 0.6), (1, 0.4), (3, 1.5), (30, 20.0)])
def test_bounds_are_of_the_false_matches_themselves_not_of_how_many_are_expected(true, expected):
    low, high = bounds(expected, 12, 0.2)
    assert low <= true <= high
    assert isinstance(low, int)
    assert isinstance(high, int)


def test_however_many_decoys_there_are_something_is_unseen():
    low, high = bounds(100.0, 1e9, 0.2)
    assert low < 100 * (1 - UNSEEN)
    assert high > 100 * (1 + UNSEEN)
    assert bounds(100.0, 12, 0.2)[0] < low, "few of them say still less"


def test_pairs_that_clustering_parted_are_no_longer_among_the_confirmed():
    decoys = Decoys.of(np.full(20, 5.0), np.full(20, 0.5))
    whole, parted = (decoys.rate(3.0, 1_000, one=0.2, parted=many) for many in (0, 10))
    assert whole["false_matches"] == 10
    assert parted["false_matches"] == 6
    assert parted["low"] <= whole["low"]


@given(weights=weights, parted=st.integers(0, 40), start=st.sampled_from([-6.0, 2.5, 3.25]))
def test_the_curve_says_at_each_threshold_what_is_expected_there_and_only_falls(weights, parted, start):
    decoys = Decoys.of(np.array(weights), np.full(len(weights), 0.4))
    curve = decoys.curve(start, start, one=0.4, parted=parted)
    first, step = curve["from_log2"], curve["step_log2"]
    assert start <= first < start + step
    assert first + step * len(curve["low"]) > max(weights)
    false = curve["false_matches"]
    assert false == sorted(false, reverse=True)
    assert false[-1] == 0 < curve["high"][-1], "above all decoys only a bound is known"
    share = decoys.expected(start, one=0.4, parted=parted)[0] / (decoys.above(start)[0] or 1)
    for at, told in enumerate(false):
        assert told == pytest.approx(decoys.above(first + at * step)[0] * share, abs=0.006)


def test_the_run_keeps_the_curve_and_it_meets_what_was_measured(loose):
    _, run, _ = loose
    said = run["decoys"]
    curve = said["by_weight"]
    at = (run["thresholds"]["confirmed_log2"] - curve["from_log2"]) / curve["step_log2"]
    assert curve["false_matches"][int(at)] == said["false_matches"]
    assert at == 0, "begins where decoys may set a threshold"


def test_few_decoys_are_not_measurable_and_bound_the_rate():
    said = Decoys.of(np.array([5.0] * 3), np.full(3, 0.2)).rate(3.0, 1_000, one=0.2)
    assert said["status"] == "not_measurable"
    assert said["low"] <= said["false_match_rate"] < said["high"]
    nothing = none().rate(3.0, 1_000, one=0.2)
    assert nothing["false_match_rate"] == 0
    assert nothing["high"] == pytest.approx(1 / 1_000)


def test_unequal_decoys_say_less_than_as_many_equal_ones():
    equal = Decoys.of(np.full(20, 5.0), np.full(20, 1.0)).above(0.0)
    unequal = Decoys.of(np.full(20, 5.0), np.array([15.25] + [0.25] * 19)).above(0.0)
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
    assert found.as_dict(3.5, 0, MatchConfig()) == {"status": "not_measurable"}
    assert found.threshold(np.array([4.0, 5.0]), Config().match) == Config().match.confirmed_log2


def twins(
    *, card: str | None = None, mother: str | None = "SELPIANA KAMELOH", father: str | None = "ITAK NARANG"
):
    """Return the matcher of two boys of one family and day, neighbours by their NIKs, with names that are unlike."""
    born = "2011-05-17"
    both = {"born": born, "sex": "L", "mother": mother, "father": father, "kk": card}
    people = [
        both | {"name": "GUNTUR PRAWIRO", "nik": nik(born, 9001)},
        both | {"name": "YOSUA BAJIK", "nik": nik(born, 9002)},
    ]
    return Matcher.of(evidence(*people), Config())


def test_twins_of_unlike_names_say_what_twins_of_like_names_would_be_taken_for():
    found = twin_decoys(twins())
    model = twins().model
    often = np.exp2(model.fields["name"].known["twin"].astype(float))
    assert found.stands_for.sum() == pytest.approx(
        often[NameLevel.SIMILAR : NameLevel.EQUAL + 1].sum() / often[1:3].sum()
    )
    assert np.isfinite(found.weight_log2).any()
    assert set(found.made_of.tolist()) == {0}


def test_twins_on_one_card_are_held_by_a_rule_and_so_are_their_decoys():
    held = twin_decoys(twins(card="6212010101159001"))
    assert not np.isfinite(held.weight_log2[held.stands_for > 0.001]).all()
    assert held.above(0.0)[0] < twin_decoys(twins()).above(0.0)[0] + 1e-9


def test_kin_that_nobody_can_know_of_are_not_measurable():
    seen, unseen = (FalseMatches.of(twins(mother=of, father=of)) for of in ("SELPIANA KAMELOH", None))
    assert seen.measurable
    assert not unseen.measurable
    assert unseen.as_dict(3.5, 1_000, MatchConfig()) == {"status": "not_measurable"}
    assert unseen.threshold(np.full(1_000, 20.0), Config().match) == Config().match.confirmed_log2


def test_shifts_are_odd():
    """No shift is one that people make: a day, a week, ten days, a month, whole years."""
    assert all(days % 2 and days % 7 and days % 10 and not days % 30 >= 28 for days in SHIFTS)
