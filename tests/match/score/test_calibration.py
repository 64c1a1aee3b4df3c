"""The chance that a pair is one person: rising with the weight, by kind of pair, as fitted and shipped."""

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
from nikdedup.match.pipeline import Matcher
from nikdedup.match.score.calibration import CURVES, PairKind, shipped_calibration
from tests.match.registry import evidence, nik

SHIPPED = shipped_calibration()
kinds = st.sampled_from(list(PairKind))


def chance(weight: float, kind: PairKind, *, parted: bool = False) -> float:
    found = SHIPPED.probability(np.array([weight]), np.array([kind], np.uint8), np.array([parted]))
    return float(found[0])


@given(st.floats(-60, 60), st.floats(-60, 60), kinds)
def test_a_higher_weight_is_never_less_likely(one, other, kind):
    low, high = sorted((one, other))
    assert 0 <= chance(low, kind) <= chance(high, kind) <= 1


def test_every_kind_has_a_curve_that_bends_where_the_weights_do():
    assert len(CURVES) == len(PairKind)
    assert SHIPPED.odds_log2.shape == (len(CURVES), len(SHIPPED.weights_log2))
    assert (np.diff(SHIPPED.weights_log2) > 0).all()
    assert (np.diff(SHIPPED.odds_log2, axis=1) >= 0).all()


def test_what_looks_like_twins_or_was_checked_twice_is_less_likely_one_person():
    for weight in (-4.0, -2.0):
        free, held = chance(weight, PairKind.FREE), chance(weight, PairKind.TWINS)
        assert held < free
        assert chance(weight, PairKind.CHECKED) < free
        assert chance(weight, PairKind.NIK_MISSING) < free


def test_pairs_that_clustering_parted_have_their_own_chance():
    assert chance(20.0, PairKind.FREE, parted=True) == SHIPPED.parted < chance(20.0, PairKind.FREE)


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
    assert matcher.kinds(compared, *pair).tolist() == [kind]
    expected = SHIPPED.probability(scored.weight_log2, np.array([kind], np.uint8))
    assert matcher.probability(compared, scored, *pair).tolist() == expected.tolist()


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
