"""m and the share of matches learnt from the extract: found where it can be, refused where it cannot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nikdedup
from nikdedup.lab import generate
from nikdedup.match.levels import SAME_BIRTH, BirthLevel
from nikdedup.match.score.em import SHIPPED_PAIRS, _counted, _patterns, estimate, gain
from nikdedup.match.score.model import shipped_model, with_match

MODEL = shipped_model()
RECORDS = 10_000
NAME, PLACE = np.array([0.02, 0.03, 0.05, 0.6, 0.2, 0.09, 0.01]), np.array([0.3, 0.1, 0.6])


def shipped(field):
    m = np.exp2(MODEL.fields[field].known["match"][1:].astype(float))
    return m / m.sum()


def extract(pairs: int, strangers: int, *, seed: int = 0):
    """Return levels and weights of true pairs drawn from NAME and PLACE, and of strangers far below."""
    rng = np.random.default_rng(seed)
    true = {"name": rng.choice(7, pairs, p=NAME) + 1, "place": rng.choice(3, pairs, p=PLACE) + 1}
    other = {"name": np.ones(strangers, int), "place": np.ones(strangers, int)}
    level = {field: np.concatenate([true[field], other[field]]).astype(np.uint8) for field in true}
    weight = np.concatenate([np.full(pairs, 30.0), np.full(strangers, -30.0)])
    return level, weight


def test_m_is_counted_among_true_pairs():
    level, weight = extract(20_000, 50_000)
    found = estimate(MODEL, level, weight, RECORDS)
    assert found.status == "estimated"
    assert found.pairs == pytest.approx(20_000, rel=0.001)
    for field, m in (("name", NAME), ("place", PLACE)):
        np.testing.assert_allclose(found.match[field], m, atol=0.02)


def test_a_small_extract_moves_the_shipped_m_little():
    level, weight = extract(60, 1_000)
    found = estimate(MODEL, level, weight, 1_000)
    expected = (SHIPPED_PAIRS * shipped("name") + 60 * NAME) / (SHIPPED_PAIRS + 60)
    np.testing.assert_allclose(found.match["name"], expected, atol=0.02)


def test_pairs_without_a_nik_say_nothing_of_how_niks_agree():
    """Half of the pairs have no NIK: the other half alone tell how often NIKs are equal under one birth date."""
    joint = MODEL.fields["nik_birth_sex"].known["match"]
    few = np.array(
        [int(BirthLevel.NIK_AND_BIRTH)] * 3_000 + [int(BirthLevel.BORN_TOGETHER)] * 1_000, np.uint8
    )
    slips = np.full(2_000, BirthLevel.DAY_SLIP, np.uint8)
    for alone in (0, 4_000):
        unseen = np.full(alone, BirthLevel.BORN_TOGETHER_ALONE, np.uint8)
        levels = np.concatenate([few, slips, unseen])
        found = estimate(MODEL, {"nik_birth_sex": levels}, np.full(len(levels), 30.0), RECORDS)
        m = np.array(found.match["nik_birth_sex"])
        assert len(m) == len(joint) - 2
        assert m[BirthLevel.NIK_AND_BIRTH - 1] / m[BirthLevel.BORN_TOGETHER - 1] == pytest.approx(3, rel=0.1)
        assert m[BirthLevel.DAY_SLIP - 1] == pytest.approx(2_000 / (6_000 + alone), abs=0.02)


def test_what_a_birth_date_says_alone_is_any_of_what_niks_would_tell():
    for model in (MODEL, with_match(MODEL, {"nik_birth_sex": [1 / 17] * 17})):
        joint = model.fields["nik_birth_sex"]
        for row in (*joint.known.values(), joint.stranger):
            together = np.exp2(row[list(SAME_BIRTH)].astype(float)).sum()
            assert np.exp2(float(row[BirthLevel.BORN_TOGETHER_ALONE])) == pytest.approx(together, rel=1e-5)


def test_pairs_of_one_pattern_count_each_by_its_own_weight():
    level = {"name": np.array([6, 6, 1], np.uint8), "place": np.array([3, 3, 0], np.uint8)}
    pattern, levels = _patterns(level)
    assert pattern.tolist() == [0, 0, 1]
    assert {name: of.tolist() for name, of in levels.items()} == {"name": [6, 1], "place": [3, 0]}
    counted = _counted(np.array([2.0, -1.0, 0.0]), pattern, np.array([1.0, -3.0]))
    np.testing.assert_allclose(counted, [8 / 9 + 1 / 2, 1 / 9])


def test_missing_values_teach_nothing():
    level, weight = extract(20_000, 10)
    level["place"] = np.where(np.arange(len(weight)) % 2, level["place"], 0).astype(np.uint8)
    found = estimate(MODEL, level, weight, RECORDS)
    np.testing.assert_allclose(found.match["place"], PLACE, atol=0.02)


@pytest.mark.parametrize(
    ("pairs", "records", "reason"),
    [
        pytest.param(0, 1_000, "too few true pairs", id="nobody twice"),
        pytest.param(20, 1_000, "too few true pairs", id="a handful"),
        pytest.param(100, 100_000, "share of matches at its bound", id="a clean register"),
        pytest.param(40_000, 1_000, "share of matches at its bound", id="everybody with everybody"),
    ],
)
def test_refused(pairs, records, reason):
    level, weight = extract(pairs, 500)
    found = estimate(MODEL, level, weight, records)
    assert (found.status, found.reason, found.match) == ("refused", reason, {})
    assert found.as_dict()["reason"] == reason


def test_people_of_many_records_are_no_reason_to_refuse():
    """A hundred people of twenty records each are nine pairs for each record."""
    level, weight = extract(19_000, 500)
    assert estimate(MODEL, level, weight, 2_000).status == "estimated"


def test_what_does_not_settle_is_refused(monkeypatch):
    monkeypatch.setattr("nikdedup.match.score.em.ROUNDS", 1)
    level, weight = extract(2_000, 500)
    assert estimate(MODEL, level, weight, RECORDS).reason == "did not converge"


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(40)), st.integers(0, 5))
def test_order_of_pairs_does_not_matter(order, seed):
    level, weight = extract(40, 0, seed=seed)
    weight = weight - np.linspace(0, 60, len(weight))
    order = np.array(order)
    one = estimate(MODEL, level, weight, 500)
    other = estimate(MODEL, {field: of[order] for field, of in level.items()}, weight[order], 500)
    assert one.status == other.status
    for field, m in one.match.items():
        np.testing.assert_allclose(m, other.match[field], atol=1e-6)


def test_gain_of_missing_is_nothing():
    assert gain(PLACE, np.array([0.6, 0.1, 0.3])).tolist() == pytest.approx([0, 1, 0, -1])


def test_a_model_with_another_m_keeps_the_rest():
    model = with_match(MODEL, {"place": PLACE.tolist()})
    np.testing.assert_allclose(np.exp2(model.fields["place"].known["match"][1:]), PLACE, rtol=1e-5)
    assert model.fields["name"] is MODEL.fields["name"]
    assert model.fields["place"].known["sibling"] is MODEL.fields["place"].known["sibling"]


@pytest.fixture(scope="module")
def hard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("estimate") / "hard.parquet"
    generate(path, rows=6_000, seed=12, profile="hard")
    return path


def test_a_run_says_what_it_learnt_and_explains_with_it(hard, tmp_path):
    run = nikdedup.dedupe(hard)
    assert run.run["estimate"]["status"] == "estimated"
    assert set(run.run["estimate"]["match"]) == set(run.run["levels"])
    run.write(tmp_path / "run")
    again = nikdedup.open(tmp_path / "run")
    for row_l, row_r, weight in run.pairs.select("row_l", "row_r", "weight_log2").head(20).iter_rows():
        for result in (run, again):
            assert result.explain(row_l, row_r).weight_log2 == pytest.approx(weight, abs=1e-3)


def test_it_can_be_left_out(hard):
    off = nikdedup.dedupe(hard, estimate=False)
    assert off.run["estimate"] == {"status": "off"}
    on = nikdedup.dedupe(hard)
    truth = pl.read_parquet(str(hard).replace(".parquet", ".truth.parquet"))["true_person_id"]

    def true_pairs(result):
        pairs = result.pairs.filter(band="confirmed").select("row_l", "row_r")
        return int((truth.gather(pairs["row_l"]) == truth.gather(pairs["row_r"])).sum())

    assert true_pairs(on) >= true_pairs(off) > 0
    assert on.run["weights"] != off.run["weights"]
