"""Close names of which one has all words of the other and more: what twins look like, and who dropped a word."""

from __future__ import annotations

import numpy as np
import pytest

from nikdedup.config import Config
from nikdedup.match.pipeline import Matcher
from nikdedup.match.score.model import shipped_model, with_word_counts
from tests.match.registry import compared, evidence, nik

SHORT, LONG, MISSPELT = "YULIANA", "YULIANA KAMELOH", "YULIAMA"


def sisters(name: str) -> list[dict]:
    """Return two girls of one mother, father and day, whose NIKs are neighbours and whose cards nobody knows."""
    born = "2011-05-17"
    both = {"born": born, "sex": "P", "mother": "SELPIANA", "father": "ITAK NARANG", "place": "PURUK CAHU"}
    return [
        both | {"name": SHORT, "nik": nik(born, 9001, sex="P")},
        both | {"name": name, "nik": nik(born, 9002, sex="P")},
    ]


@pytest.mark.parametrize(
    ("one", "other", "contained"),
    [
        pytest.param(SHORT, LONG, True, id="a word more"),
        pytest.param("YULIANA BAJIK KAMELOH", LONG, True, id="a word in the middle"),
        pytest.param(SHORT, MISSPELT, False, id="a slip"),
        pytest.param(LONG, LONG, False, id="equal"),
        pytest.param("NUR HAYATI", "NURHAYATI", False, id="one sound, written apart"),
        pytest.param("GUNTUR PRAWIRO KUDRAT", "SELPIANA", False, id="quite different"),
    ],
)
def test_what_is_contained(one, other, contained):
    found = compared(evidence({"name": one}, {"name": other}), [0, 1], [1, 0])
    assert found.contained.tolist() == [contained, contained]


def weight(name: str) -> tuple[float, str]:
    matcher = Matcher.of(evidence(*sisters(name)), Config())
    _, scored, bands = matcher.judge(np.array([0], np.int32), np.array([1], np.int32))
    return float(scored.weight_log2[0]), str(bands[0])


def test_twins_of_whom_one_bears_the_name_of_the_other_and_a_word_more_go_to_review():
    within, slipped = weight(LONG), weight(MISSPELT)
    assert within[1] == "review"
    assert slipped[1] == "confirmed"
    assert within[0] < slipped[0] - 3


def test_names_of_the_shipped_kind_keep_the_shipped_shares():
    model = shipped_model()
    thirds = with_word_counts(model, np.array([0, 1, 1, 1]) * 100_000)  # two of three pairs differ
    assert thirds.contained["stranger"] == pytest.approx(model.contained["stranger"], abs=0.02)


def test_where_all_names_have_two_words_a_dropped_word_is_no_sign_of_two_people():
    model = shipped_model()
    alike = with_word_counts(model, np.array([0, 500, 98_000, 1_500]))
    assert alike.contained["match"] == pytest.approx(model.contained["match"])
    for other in ("stranger", "twin", "sibling", "parent_child"):
        assert alike.contained[other] < model.contained["match"] < model.contained[other]


def test_a_small_extract_says_little_of_its_names():
    model = shipped_model()
    few = with_word_counts(model, np.array([0, 0, 8]))
    assert few.contained["twin"] == pytest.approx(model.contained["twin"], abs=0.01)
