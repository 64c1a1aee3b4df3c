"""Names in each other's columns: put right and compared, and never among kin."""

from __future__ import annotations

import pytest

from nikdedup.match.levels import BirthLevel, NameLevel
from tests.match.registry import compared, evidence, levels, nik
from tests.match.score.two_records import CROWD, judge

BORN = "1980-03-17"
RATNA = {
    "name": "RATNA DEWI KAMELOH",
    "mother": "RUSMINI SELPIANA",
    "father": "YOHANES TUMBANG",
    "born": BORN,
}
EXCHANGED, EQUAL, CLOSE = NameLevel.EXCHANGED, NameLevel.EQUAL, NameLevel.CLOSE


def exchanged(one, other, person=RATNA, **more):
    """Return a record of a person with what stands in two columns exchanged."""
    return person | {one: person[other], other: person[one]} | more


def named(one, other):
    found = levels(one, other)
    return found["name"], found["mother"], found["father"]


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        pytest.param(exchanged("name", "mother"), (EXCHANGED, EQUAL, EQUAL), id="name and mother"),
        pytest.param(exchanged("name", "father"), (EXCHANGED, EQUAL, EQUAL), id="name and father"),
        pytest.param(exchanged("mother", "father"), (EQUAL, EXCHANGED, EQUAL), id="mother and father"),
        pytest.param(
            exchanged("name", "mother", name="RUSMINI SELPIAMA"), (EXCHANGED, CLOSE, EQUAL), id="with a slip"
        ),
        pytest.param(
            exchanged("name", "mother", mother="RATNA KAMELOH"), (EXCHANGED, CLOSE, EQUAL), id="a word less"
        ),
        pytest.param(
            exchanged("name", "mother", born="1980-03-18"), (EXCHANGED, EQUAL, EQUAL), id="another day"
        ),
    ],
)
def test_what_stands_crosswise_is_compared_crosswise(other, expected):
    assert named(RATNA, other) == tuple(int(level) for level in expected)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(exchanged("name", "mother", mother="SELVI NARANG"), id="one of the two alone"),
        pytest.param(exchanged("name", "mother", mother=None), id="one of the two, the other missing"),
        pytest.param(exchanged("name", "mother", born=None), id="no date"),
        pytest.param(
            exchanged("name", "mother", born="2001-05-06"), id="a daughter named after her grandmother"
        ),
    ],
)
def test_kin_and_namesakes_are_not_put_right(other):
    assert NameLevel.EXCHANGED not in named(RATNA, other)


def test_names_that_agree_where_they_stand_are_left_there():
    mother = RATNA | {"name": "RUSMINI SELPIANA"}
    assert named(mother, exchanged("name", "mother", mother)) == (EQUAL, EQUAL, EQUAL)


def test_rarity_is_that_of_the_column_where_a_name_is_more_common():
    crowd = [{"name": f"ORANG {chr(65 + i)}A", "mother": "RUSMINI SELPIANA"} for i in range(20)]
    common, rare = (
        compared(evidence(RATNA, exchanged("name", "mother"), *some), [0], [1]) for some in (crowd, CROWD)
    )
    told = [of.shared_log2["name"][0] + of.shared_log2["mother"][0] for of in (common, rare)]
    assert told[0] + 3 < told[1]


def test_one_person_whose_name_and_mother_are_exchanged_is_confirmed():
    one = RATNA | {"sex": "P", "nik": nik(BORN, 9001, sex="P"), "place": "PURUK CAHU"}
    other = exchanged("name", "mother", one, nik=nik(BORN, 9005, sex="P", region="621302"))
    weight, relation, band, against, scored = judge(one, other, *CROWD)
    assert (relation, band, against) == ("same_person", "confirmed", set())
    assert scored.fields["mother"][0] > 5
    in_place = judge(one, one | {"nik": other["nik"]}, *CROWD)[0]
    assert in_place - weight > 5, "an exchange is seldom"


def test_parents_exchanged_are_no_other_parents():
    one = RATNA | {"sex": "P", "nik": nik(BORN, 9001, sex="P"), "place": "PURUK CAHU"}
    other = exchanged("mother", "father", one, nik=nik(BORN, 9005, sex="P", region="621302"))
    _, _, band, against, _ = judge(one, other, *CROWD)
    assert (band, against) == ("confirmed", set())


def test_one_nik_on_exchanged_names_is_one_person():
    one = RATNA | {"sex": "P", "nik": nik(BORN, 9001, sex="P")}
    other = exchanged("name", "mother", one)
    assert levels(one, other)["nik_birth_sex"] == BirthLevel.NIK_AND_BIRTH
    _, _, band, against, _ = judge(one, other, *CROWD)
    assert (band, against) == ("confirmed", set())


@pytest.mark.parametrize(
    "sister",
    [
        pytest.param({"born": "1984-08-02"}, id="another date"),
        pytest.param({"born": "1984-08-02", "nik": nik(BORN, 9001, sex="P")}, id="one NIK on both"),
        pytest.param({"born": "1980-03-19", "sex": "L"}, id="another sex"),
    ],
)
def test_what_else_says_two_people_holds_them(sister):
    card = {"kk": "6212010101159001"}
    one = RATNA | card | {"sex": "P", "nik": nik(BORN, 9001, sex="P")}
    other = exchanged("name", "mother", one) | {"nik": nik("1984-08-02", 9002, sex="P")} | sister
    assert levels(one, other)["name"] == NameLevel.EXCHANGED
    assert judge(one, other, *CROWD)[2] != "confirmed"
