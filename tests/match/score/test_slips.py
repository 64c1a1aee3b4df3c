"""Names on one card and date under NIKs side by side: a slip of the keys, or two children whose names rhyme."""

from __future__ import annotations

import pytest

from nikdedup.config import Config
from nikdedup.match.pipeline import Matcher
from nikdedup.match.score import vetoes
from tests.match.registry import evidence, nik
from tests.match.score.two_records import CROWD, pair_of_first_two

BORN = "2011-05-17"
HOME = {"born": BORN, "sex": "P", "mother": "SELPIANA", "father": "ITAK NARANG", "kk": "6212010101159001"}
OTHERS = [
    {"name": f"{word} KAMELOH", "born": "1980-02-03"} for word in ("PURNAWATI", "RINA") for _ in range(40)
]


@pytest.mark.parametrize(
    ("one", "other", "twins"),
    [
        pytest.param("PURNAWATI BAJIK", "PURNAWATUI BAJIK", False, id="a letter too many"),
        pytest.param("PURNAWATI BAJIK", "PURNAWTAI BAJIK", False, id="two exchanged"),
        pytest.param("PURNAWATI BAJIK", "P BAJIK", False, id="an initial"),
        pytest.param("RINA BAJIK", "RINI BAJIK", True, id="rhyming"),
        pytest.param("PURNAWATI BAJIK", "PURNAWATIA BAJIK", True, id="another end"),
        pytest.param("PURNAWATI BAJIK", "PURNAWATUI BAJAK", True, id="two words differ"),
        pytest.param("PURNAWATI", "PURNAWATI BAJIK", True, id="a word more"),
        pytest.param("SULANDRI BAJIK", "SULANDURI BAJIK", True, id="neither is borne by others"),
    ],
)
def test_a_slip_of_the_keys_is_no_twin(one, other, twins):
    pair = [
        HOME | {"name": one, "nik": nik(BORN, 9001, sex="P")},
        HOME | {"name": other, "nik": nik(BORN, 9002, sex="P")},
    ]
    e = evidence(*pair, *CROWD, *OTHERS)
    compared, _ = Matcher.of(e, Config()).score(*pair_of_first_two())
    assert vetoes(e, compared, *pair_of_first_two())["twins_possible"].tolist() == [twins]
