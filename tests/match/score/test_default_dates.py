"""Two records on one default date: the mother tells them apart, and where she is missing the father or the card."""

from __future__ import annotations

import numpy as np
import pytest

from nikdedup.config import Config
from nikdedup.match.pipeline import Matcher
from nikdedup.match.score import vetoes
from tests.match.registry import evidence

CARD, OTHER_CARD = "6212010101159001", "6212010202169002"


@pytest.mark.parametrize(
    ("one", "other", "held"),
    [
        pytest.param({}, {}, True, id="nobody known"),
        pytest.param({"mother": "SELPIANA"}, {"mother": "SELPIANA"}, False, id="the mother agrees"),
        pytest.param({"mother": "SELPIANA"}, {}, True, id="a mother on one side"),
        pytest.param({"father": "ITAK NARANG"}, {"father": "ITAK NARANG"}, False, id="the father agrees"),
        pytest.param({"father": "ITAK NARANG"}, {"father": "ITAK NARAMG"}, False, id="the father, misspelt"),
        pytest.param({"father": "ITAK NARANG"}, {"father": "PONIRAN"}, True, id="another father"),
        pytest.param({"kk": CARD}, {"kk": CARD}, False, id="one card"),
        pytest.param({"kk": CARD}, {"kk": OTHER_CARD}, True, id="two cards"),
    ],
)
def test_father_or_card_stand_in_for_a_missing_mother(one, other, held):
    person = {"name": "HANDOKO BASUKI", "sex": "L", "born": "1980-07-01", "default": True}
    e = evidence(person | one, person | other)
    pair = np.array([0], np.int32), np.array([1], np.int32)
    compared, _ = Matcher.of(e, Config()).score(*pair)
    assert vetoes(e, compared, *pair)["default_date_without_mother"].tolist() == [held]
