"""Rules that forbid to confirm a pair: what each of them holds back, and what it lets go."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nikdedup.config import Config, MatchConfig
from nikdedup.match.pipeline import Matcher
from nikdedup.match.score import vetoes
from nikdedup.match.score.held import twins_without_card
from nikdedup.match.score.model import shipped_model
from tests.match.registry import evidence, nik
from tests.match.score.two_records import CROWD, FAR_NIK, HANDOKO, judge, pair_of_first_two

DEFAULT = {"born": "1980-07-01", "default": True}


@pytest.mark.parametrize(
    ("one", "other", "held"),
    [
        pytest.param({}, {}, False, id="whole names agree"),
        pytest.param({}, {"name": "HANDOKO WIBISONO SETIADI"}, True, id="one word of the name"),
        pytest.param(
            {}, {"nik": nik("1955-02-02", region="621305")}, True, id="a generation between the NIKs"
        ),
        pytest.param(
            {}, {"nik": nik("1975-02-02", region="621305")}, False, id="some years between the NIKs"
        ),
    ],
)
def test_a_default_date_is_no_witness_of_its_own(one, other, held):
    *_, against, _ = judge(HANDOKO | DEFAULT | one, HANDOKO | FAR_NIK | DEFAULT | other, *CROWD)
    assert ("default_date_alone" in against) == held


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        pytest.param({}, None, id="nothing speaks against it"),
        pytest.param({"mother": "YUSTINA KERTI", "kk": "6212010101159001"}, "mother_differs", id="mothers"),
        pytest.param({"mother": None}, "four_elements_alone", id="four elements alone"),
        pytest.param(
            {"mother": None, "kk": "6212010101159001"}, None, id="a missing mother is no other mother"
        ),
        pytest.param({"sex": "P"}, "sex_differs", id="sex"),
        pytest.param({"sex": None}, None, id="a missing sex is no other sex"),
        pytest.param({"born": "1969-11-30", "nik": None}, "birth_differs", id="dates with nothing in common"),
        pytest.param({"born": None}, None, id="a missing date is no other date"),
        pytest.param({"born": "1960-03-17", "nik": None}, "generation_apart", id="one digit, but 20 years"),
    ],
)
def test_rules_against_confirming(change, rule):
    weight, _, band_, against, _ = judge(HANDOKO, HANDOKO | FAR_NIK | change, *CROWD)
    assert against == ({rule} if rule else set())
    if rule is None:
        assert band_ == "confirmed", weight
    else:
        assert band_ != "confirmed"


FOUR = {
    "name": "HANDOKO LESMANA",
    "sex": "L",
    "born": "1980-03-17",
    "place": "PURUK CAHU",
    "nik": nik("1980-03-17"),
}


@pytest.mark.parametrize(
    ("both", "change", "alone"),
    [
        pytest.param({}, {}, True, id="four elements"),
        pytest.param({"mother": "SUKINEM"}, {}, False, id="mother too"),
        pytest.param({"mother": "SUKINEM"}, {"mother": "SUKIMEN"}, False, id="a mother misspelt"),
        pytest.param({"mother": "SUKINEM"}, {"mother": None}, True, id="mother in one record only"),
        pytest.param({"father": "PONIRAN"}, {}, False, id="father too"),
        pytest.param({"kk": "6212010101159001"}, {}, False, id="card too"),
        pytest.param({"kk": "6212010101159001"}, {"kk": "6212010202169002"}, True, id="two cards"),
        pytest.param({"address": "JALAN BERINGIN 4", "region": "6212012001"}, {}, False, id="address too"),
        pytest.param(
            {"region": "6212012001"}, {"address": "JALAN BERINGIN 4"}, True, id="the kecamatan is no address"
        ),
        pytest.param({}, {"nik": nik("1980-03-17")}, False, id="one NIK"),
        pytest.param({}, {"nik": None}, False, id="no NIK"),
        pytest.param({}, {"verdict": "suspect_truncated"}, False, id="a damaged NIK"),
        pytest.param({}, {"nik": nik("1980-03-18")}, False, id="a slip in the date digits of the NIK"),
        pytest.param({}, {"nik": nik("1980-03-17", region="621101")}, True, id="another regency is no slip"),
    ],
)
def test_four_elements_alone_prove_nothing(both, change, alone):
    """Whatever the weight: name, date, sex and place never confirm two undamaged NIKs (docs/domain.md 6)."""
    weight, _, band_, against, _ = judge(
        FOUR | both, FOUR | both | FAR_NIK | {"kk": both.get("kk")} | change, *CROWD
    )
    assert ("four_elements_alone" in against) == alone
    if alone:
        assert weight >= MatchConfig().review_log2
        assert band_ == "review"


@pytest.mark.parametrize(
    ("more", "alone"),
    [
        ({}, True),
        ({"place": "PURUK CAHU"}, False),
        ({"mother": "SUKINEM"}, False),
        ({"born": "1980-03-17"}, False),
    ],
)
def test_a_name_alone_proves_nothing(more, alone):
    one = {"name": "ZWENDOLF QUAXTIR", "sex": "L"} | more
    *_, band_, against, _ = judge(one, one, *CROWD)
    assert ("name_alone" in against) == alone
    assert not (alone and band_ == "confirmed")


def test_ids_that_are_no_nik_may_be_several():
    """A foreign register gives one person several ids as a matter of course."""
    e = evidence(FOUR, FOUR | {"nik": "A-17"}, *CROWD, opaque=True)
    compared, _, _ = Matcher.of(e, Config(nik_scheme="opaque")).judge(*pair_of_first_two())
    assert not vetoes(e, compared, *pair_of_first_two())["four_elements_alone"].any()


def test_passed_checks_speak_against_two_niks_only():
    passed = {"passed": True}
    two = judge(HANDOKO | passed, HANDOKO | FAR_NIK | passed, *CROWD)
    one = judge(HANDOKO | passed, HANDOKO | FAR_NIK, *CROWD)
    same_nik = judge(HANDOKO | passed, HANDOKO | passed, *CROWD)
    cut = judge(HANDOKO | passed, HANDOKO | FAR_NIK | passed | {"verdict": "suspect_truncated"}, *CROWD)
    assert "both_passed_check" in two[3]
    assert two[2] == "review"
    assert two[0] == pytest.approx(one[0] + shipped_model().both_passed_log2)
    for other in (one, same_nik, cut):
        assert "both_passed_check" not in other[3]
        assert other[4].recording_log2[0] == 0


def test_strangers_with_truncated_niks_share_15_digits_of_a_default_date():
    """Serials 1 to 9 of one kecamatan and date are one number when the last digit is cut."""
    cut = {"nik": nik("1970-07-01", 9000), "verdict": "suspect_truncated", "default": True}
    one = {"name": "SUTRISNO", "sex": "L", "born": "1970-07-01"} | cut
    assert "default_date_without_mother" in judge(one, one, *CROWD)[3]


TWIN = {
    "name": "HANDOKO LESMANA",
    "sex": "L",
    "born": "2015-03-17",
    "mother": "SUKINEM",
    "father": "PONIRAN",
    "nik": nik("2015-03-17"),
}


CARD = "6212010101159001"
CUT = {"nik": nik("2015-03-17", 9000), "verdict": "suspect_truncated"}


@pytest.mark.parametrize(
    ("one", "other", "held"),
    [
        pytest.param({}, {"name": "HANDOKO", "nik": None}, True, id="one name within the other, no NIKs"),
        pytest.param(CUT, CUT | {"name": "HANDOKO"}, True, id="NIKs cut by Excel"),
        pytest.param({"nik": nik("2015-03-17")}, {"name": "HANDOKO", "nik": None}, False, id="a whole NIK"),
        pytest.param({}, {"name": "HANDOKO", "nik": None, "kk": "6212010202169002"}, False, id="two cards"),
        pytest.param({}, {"nik": None}, False, id="one name"),
        pytest.param({}, {"name": "HANDOKO LESMAMA", "nik": None}, False, id="a word misspelt"),
        pytest.param({}, {"name": "HANDOKO", "nik": None, "born": "2015-03-18"}, False, id="two dates"),
    ],
)
def test_names_of_twins_on_one_card_are_held_where_no_whole_nik_tells(one, other, held):
    """Where Excel has cut all NIKs, twins of whom one bears a word more look as one person does."""
    at_home = TWIN | {"kk": CARD, "nik": None}
    e = evidence(at_home | one, at_home | other, *CROWD)
    compared, _ = Matcher.of(e, Config()).score(*pair_of_first_two())
    assert vetoes(e, compared, *pair_of_first_two())["twins_possible"].tolist() == [held]


@pytest.mark.parametrize(
    ("one", "other", "twins"),
    [
        pytest.param({}, {"name": "HANDOKO"}, True, id="one name within the other, neighbours, no card"),
        pytest.param({"kk": CARD}, {"name": "HANDOKO"}, True, id="a card on one side"),
        pytest.param({"kk": CARD}, {"name": "HANDOKO", "kk": "6212010202169002"}, False, id="two cards"),
        pytest.param({}, {"name": "HANDOKO", "nik": None}, False, id="a NIK is missing"),
        pytest.param({}, {"name": "HANDOKO", "nik": nik("2015-03-17", 9007)}, False, id="no neighbours"),
        pytest.param({}, {"name": "HANDOKO LESMANA"}, False, id="one name"),
        pytest.param({}, {"name": "HANDOKO LESMAMA"}, False, id="a word misspelt"),
        pytest.param({}, {"name": "HANDOKO", "sex": "P"}, False, id="a brother and a sister"),
    ],
)
def test_neighbours_without_a_card_are_confirmed_only_where_it_is_sure(one, other, twins):
    """One name within the other may be one person's, or two twins': then the chance decides."""
    matcher = Matcher.of(
        evidence(TWIN | one, TWIN | {"nik": nik("2015-03-17", 9002)} | other, *CROWD), Config()
    )
    pair = pair_of_first_two()
    compared, scored = matcher.score(*pair)
    assert twins_without_card(matcher.evidence, compared).tolist() == [twins]
    for weight, sure in ((-5.0, False), (60.0, True)):
        weighed = replace(scored, weight_log2=np.full(1, weight))
        rules = matcher.rules(compared, weighed, *pair)
        assert rules["twins_possible"].tolist() == [twins and not sure]
        assert matcher.chances(compared, weighed, *pair).held[0] == any(rule[0] for rule in rules.values())
