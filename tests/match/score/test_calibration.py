"""The chance that a pair is one person: rising with the weight, moved by what else it tells, as fitted and shipped."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nikdedup
from nikdedup.config import Config
from nikdedup.lab import generate
from nikdedup.lab.calibration import calibrations, judged_pairs
from nikdedup.match.levels import LEVEL_NAMES
from nikdedup.match.pipeline import Matcher
from nikdedup.match.score.calibration import CURVES, TOGETHER, PairKind, decided_log2, shipped_calibration
from nikdedup.match.score.told import ABSENT, Told
from tests.match.registry import evidence, nik

SHIPPED = shipped_calibration()
ROUNDED = 1e-12
BITS = 40.0
"""More than what a pair tells may move its odds either way."""
kinds = st.sampled_from(list(PairKind))


def chance(weight: float, kind: PairKind) -> float:
    """Return the chance by the weight alone."""
    return float(SHIPPED.probability(np.array([weight]), np.array([kind], np.uint8))[0])


@pytest.fixture(scope="module")
def some_pair():
    """Matcher, comparison, scores and places of a pair that nothing holds."""
    matcher = Matcher.of(
        evidence(PERSON | {"nik": nik(BORN)}, PERSON | {"nik": nik(BORN, region="621203")}), Config()
    )
    pair = np.array([0], np.int32), np.array([1], np.int32)
    return matcher, *matcher.score(*pair), pair


@given(st.floats(-60, 60), st.floats(-60, 60), kinds)
def test_a_higher_weight_is_never_less_likely(some_pair, one, other, kind):
    """By the weight alone, and of two pairs that tell the same besides."""
    matcher, compared, scored, pair = some_pair
    told = Told.of(matcher.evidence, compared, scored, *pair)
    low, high = sorted((one, other))
    assert 0 <= chance(low, kind) <= chance(high, kind) + ROUNDED <= 1 + ROUNDED
    less, more = (
        float(SHIPPED.probability(np.array([weight]), np.array([kind], np.uint8), told)[0])
        for weight in (low, high)
    )
    assert 0 <= less <= more + ROUNDED <= 1 + ROUNDED


def test_every_kind_has_a_curve_that_bends_where_the_weights_do():
    assert len(CURVES) == len(PairKind)
    assert SHIPPED.odds_log2.shape == (len(CURVES), len(SHIPPED.weights_log2))
    assert (np.diff(SHIPPED.weights_log2) > 0).all()
    assert (np.diff(SHIPPED.odds_log2, axis=1) >= 0).all()


@pytest.mark.parametrize("name", TOGETHER)
def test_bits_are_shipped_for_every_level_and_every_fact(some_pair, name):
    matcher, compared, scored, pair = some_pair
    told, table = Told.of(matcher.evidence, compared, scored, *pair), SHIPPED.together[name]
    assert (np.diff(table.curve) >= 0).all()
    assert {field: len(bits) for field, bits in table.levels.items()} == {
        field: len(levels) for field, levels in LEVEL_NAMES.items()
    }
    assert list(table.facts) == list(told.facts)
    assert all(table.levels[field][0] == 0 for field in ABSENT), "what is missing tells by its facts alone"
    assert abs(table.bits(told)[0]) < BITS


def test_what_looks_like_twins_or_was_checked_twice_is_less_likely_one_person():
    for weight in (-4.0, -2.0):
        free, held = chance(weight, PairKind.FREE), chance(weight, PairKind.TWINS)
        assert held < free
        assert chance(weight, PairKind.CHECKED) < free
        assert chance(weight, PairKind.NIK_MISSING) < free


def told_of(*records, opaque=False):
    """Return matcher and what the pair of the first two records tells."""
    matcher = Matcher.of(evidence(*records, opaque=opaque), Config(nik_scheme="opaque" if opaque else "nik"))
    pair = np.array([0], np.int32), np.array([1], np.int32)
    return matcher, Told.of(matcher.evidence, *matcher.score(*pair), *pair)


def test_a_column_that_nobody_fills_tells_nothing():
    nobody = {"name": "GUNTUR PRAWIRO", "born": BORN, "sex": "L", "father": "PONIRAN"}
    facts = told_of(nobody, nobody)[1].facts
    assert facts["absent_mother"][0] == facts["rarely_absent_mother"][0] == facts["no_nik"][0] == 0
    crowd = [PERSON | {"nik": nik(BORN, 9001 + k)} for k in range(8)]
    facts = told_of(nobody, nobody, *crowd)[1].facts
    assert 0 < facts["absent_mother"][0] < 1
    assert facts["rarely_absent_mother"][0] == pytest.approx(-np.log2(1 - 0.8**2))
    assert facts["absent_father"][0] == facts["rarely_absent_father"][0] == 0, "it is there"
    assert facts["no_nik"][0] == pytest.approx(0.8)


def test_of_ids_that_are_no_nik_the_weight_tells_alone():
    matcher, _ = told_of(PERSON | {"nik": "A-1"}, PERSON | {"nik": "A-2"}, opaque=True)
    pair = np.array([0], np.int32), np.array([1], np.int32)
    compared, scored = matcher.score(*pair)
    found = matcher.chances(compared, scored, *pair)
    assert found.chance.tolist() == SHIPPED.probability(scored.weight_log2, found.kind).tolist()


@given(st.floats(-8, 40))
def test_what_is_told_is_the_weight_that_has_such_a_chance(weight):
    free = np.array([PairKind.FREE], np.uint8)
    chance = SHIPPED.probability(np.array([weight]), free)
    assert SHIPPED.told_log2(chance)[0] == pytest.approx(weight, abs=1e-3)


@pytest.mark.parametrize(
    ("weight", "told", "sure", "decided"),
    [
        pytest.param(5.0, 5.5, 0.97, 5.5, id="all that is told is surer"),
        pytest.param(5.0, 4.2, 0.97, 5.0, id="a little less is no doubt"),
        pytest.param(5.0, 1.5, 0.97, 2.5, id="doubted"),
        pytest.param(1.0, 6.0, 0.97, 6.0, id="sure without the weight"),
        pytest.param(1.0, 6.0, None, 1.0, id="chances never decide alone"),
        pytest.param(1.0, 3.0, 0.97, 1.0, id="not sure enough"),
    ],
)
def test_a_pair_is_decided_by_its_weight_and_by_all_it_tells(weight, told, sure, decided):
    chance = SHIPPED.probability(np.array([told]), np.array([PairKind.FREE], np.uint8))
    found = decided_log2(np.array([weight]), chance, sure=sure)
    assert found[0] == pytest.approx(decided, abs=1e-3)


def test_ids_that_are_no_nik_are_decided_by_their_weight():
    weight = np.linspace(-6, 40, 93)
    chance = SHIPPED.probability(weight, np.full(len(weight), PairKind.FREE, np.uint8))
    np.testing.assert_allclose(decided_log2(weight, chance, sure=0.97), weight, atol=1e-3)


BORN = "1988-04-12"
PERSON = {"name": "GUNTUR PRAWIRO", "born": BORN, "sex": "L", "mother": "MARIYATUN", "father": "PONIRAN"}


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        pytest.param({"nik": nik(BORN)}, {"nik": nik(BORN, region="621203")}, PairKind.FREE, id="nothing held"),
        pytest.param({"nik": nik(BORN)}, {}, PairKind.NIK_MISSING, id="no NIK"),
        pytest.param({"nik": nik(BORN)}, {"nik": nik(BORN, 9005), "mother": "SELPIANA"}, PairKind.HELD, id="a mother"),
        pytest.param(
            {"nik": nik(BORN), "kk": "6212010101159001"},
            {"nik": nik(BORN, 9002), "kk": "6212010101159001", "name": "GUNTUR"},
            PairKind.TWINS,
            id="neighbours on one card",
        ),
        pytest.param(
            {"nik": nik(BORN), "passed": True},
            {"nik": nik(BORN, region="621203"), "passed": True},
            PairKind.CHECKED,
            id="both checked",
        ),
    ],
)  # fmt: skip
def test_the_kind_of_a_pair(one, other, kind):
    matcher = Matcher.of(evidence(PERSON | one, PERSON | other), Config())
    pair = np.array([0], np.int32), np.array([1], np.int32)
    compared, scored = matcher.score(*pair)
    found = matcher.chances(compared, scored, *pair)
    assert found.kind.tolist() == [kind]
    assert found.held.tolist() == [kind >= PairKind.HELD]
    told = Told.of(matcher.evidence, compared, scored, *pair)
    expected = SHIPPED.probability(scored.weight_log2, np.array([kind], np.uint8), told)
    assert found.chance.tolist() == expected.tolist()


def test_probabilities_of_a_run_are_those_of_its_pairs(tmp_path):
    """Stored, explained and true: one extract on whose seed nothing was fitted."""
    report = generate(tmp_path / "extract.parquet", rows=20_000, seed=771_203, profile="stranger")
    result = nikdedup.dedupe(tmp_path / "extract.parquet")
    truth = pl.read_parquet(report.truth)
    errors = {part: found.error for part, found in calibrations(judged_pairs(result.pairs, truth)).items()}
    assert errors["all"] < 0.02
    assert errors["confirmed"] < 0.02
    sure = result.pairs.filter(pl.col("band") == "confirmed").head(5)
    for row_l, row_r, told in sure.select("row_l", "row_r", "probability").iter_rows():
        assert result.explain(row_l, row_r).probability == pytest.approx(told, abs=1e-6)
    plain = 1 / (1 + 2.0 ** -result.pairs["weight_log2"].to_numpy())
    assert not np.allclose(result.pairs["probability"].to_numpy(), plain, atol=0.01)
