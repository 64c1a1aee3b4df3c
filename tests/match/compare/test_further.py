"""Further columns of evidence: levels, rarity, weights, the pass that brings equal ids together, and what kin share."""

from __future__ import annotations

import numpy as np
import pytest

from nikdedup.config import Config
from nikdedup.match.block.passes import PASSES
from nikdedup.match.compare.fields import compare
from nikdedup.match.features.features import evidence_of
from nikdedup.match.levels import FurtherLevel
from nikdedup.match.pipeline import Matcher
from nikdedup.match.score import vetoes
from nikdedup.match.score.model import shipped_model
from nikdedup.schema import FURTHER
from tests.match.registry import found_in, nik, passes_of, residents_of

MISSING, DIFFERENT, SIMILAR, EQUAL = FurtherLevel
CROWD = [{"name": f"WARGA {chr(65 + k)}U", "born": f"19{50 + k}-06-11"} for k in range(26)]
ONE = {
    "name": "HANDOKO LESMANA",
    "sex": "L",
    "born": "1980-03-17",
    "nik": nik("1980-03-17"),
    "place": "PURUK CAHU",
}
OTHER = ONE | {"nik": nik("1980-03-17", 9003, region="621305")}


def evidence(people, kinds, **columns):
    """Return the evidence of people with further columns: name -> values of the first people, None for the others."""
    frame = residents_of([*people, *CROWD])
    for name, values in columns.items():
        frame = frame.with_columns(np_column(name, values, len(frame)))
    return evidence_of(frame, structured=True, further=kinds)


def np_column(name, values, size):
    import polars as pl

    return pl.Series(f"{name}_clean", [*values, *[None] * (size - len(values))], dtype=pl.String)


def first_two(e):
    left, right = np.array([0], np.int32), np.array([1], np.int32)
    matcher = Matcher.of(e, Config())
    compared, scored, bands = matcher.judge(left, right)
    against = {name for name, hit in vetoes(e, compared, left, right).items() if hit[0]}
    return compared, scored, str(bands[0]), against


@pytest.mark.parametrize(
    ("kind", "one", "other", "level"),
    [
        ("id", "A17B99", "A17B99", EQUAL),
        ("id", "A17B99", "A17B98", SIMILAR),
        ("id", "A17B99", "A17B9", SIMILAR),
        ("id", "A17B99", "A71B99", SIMILAR),
        ("id", "A17B99", "A18B98", DIFFERENT),
        ("id", "A17B", "A18B", DIFFERENT),
        ("id", "A17B99", None, MISSING),
        ("phone", "81234567890", "81234567891", SIMILAR),
        ("parent_id", "6212015204609001", "6212015204609011", SIMILAR),
        ("certificate", "AL171988", "AL181988", SIMILAR),
        ("email", "siti@mail.example", "siti@other.example", SIMILAR),
        ("email", "siti@mail.example", "siti@maul.example", SIMILAR),
        ("email", "siti@mail.example", "sri@mail.example", DIFFERENT),
        ("postcode", "73911", "73912", SIMILAR),
        ("postcode", "73911", "74811", DIFFERENT),
        ("category", "ISLAM", "ISLAN", DIFFERENT),
        ("text", "JUAL BELI IKAN", "JUAL BELI IKN", SIMILAR),
        ("text", "JUAL BELI IKAN", "BENGKEL", DIFFERENT),
    ],
)
def test_levels(kind, one, other, level):
    e = evidence([ONE, OTHER], {"x": kind}, x=[one, other])
    for left, right in ((0, 1), (1, 0)):
        assert compare(e, np.array([left], np.int32), np.array([right], np.int32)).level["x"] == level


def test_a_rare_value_says_more_than_a_common_one():
    weights = []
    for many in (0, 20):
        e = evidence([ONE, OTHER], {"x": "id"}, x=["A17B99"] * (2 + many))
        weights.append(first_two(e)[1].fields["x"][0])
    assert weights[0] > weights[1] + 3


@pytest.mark.parametrize("kind", ["id", "phone", "email", "certificate"])
def test_equal_ids_bring_records_together_whatever_else_differs(kind):
    stranger = {"name": "ZWENDOLF QUAXTIR", "born": "1941-02-27"}
    e = evidence([ONE, stranger], {"x": kind}, x=["siti@mail.example"] * 2)
    assert passes_of(e, 0, 1) == ["further_id"]
    assert not next(one for one in PASSES if one.name == "further_id").filtered


def test_the_number_of_a_parent_brings_nobody_together():
    stranger = {"name": "ZWENDOLF QUAXTIR", "born": "1941-02-27"}
    assert passes_of(evidence([ONE, stranger], {"x": "parent_id"}, x=["6212015204609001"] * 2), 0, 1) == []


@pytest.mark.parametrize(("name", "kind"), FURTHER.items())
def test_an_equal_id_is_a_fifth_element(name, kind):
    bare = first_two(evidence([ONE, OTHER], {}))
    more = first_two(evidence([ONE, OTHER], {name: kind}, **{name: ["siti@mail.example"] * 2}))
    less = first_two(evidence([ONE, OTHER], {name: kind}, **{name: ["siti@mail.example", "abc@other.id"]}))
    assert "four_elements_alone" in bare[3]
    assert "four_elements_alone" not in more[3]
    assert more[2] == "confirmed"
    assert "four_elements_alone" in less[3]
    assert more[1].weight_log2[0] > bare[1].weight_log2[0] > less[1].weight_log2[0]


def test_a_category_is_no_fifth_element():
    found = first_two(evidence([ONE, OTHER], {"x": "category"}, x=["ISLAM"] * 2))
    assert "four_elements_alone" in found[3]


def test_the_number_of_a_mother_and_her_name_are_one_witness():
    both = [one | {"mother": "SUKINEM LASTRI"} for one in (ONE, OTHER)]
    number = {"nik_ibu": ["6212015204609001"] * 2}
    alone = first_two(evidence([ONE, OTHER], {"nik_ibu": "parent_id"}, **number))[1].fields["nik_ibu"][0]
    beside = first_two(evidence(both, {"nik_ibu": "parent_id"}, **number))[1].fields["nik_ibu"][0]
    assert beside < alone - 2


@pytest.mark.parametrize("name", ["nik_ibu", "telepon", "email"])
def test_siblings_share_the_numbers_of_their_home(name):
    """Two children of one mother, card and telephone are nobody's double."""
    home = {"mother": "SUKINEM LASTRI", "father": "PONIRAN", "kk": "6212010101159001", "place": "PURUK CAHU"}
    one = home | {
        "name": "SEPTIANI RANTAI",
        "sex": "P",
        "born": "2003-09-02",
        "nik": nik("2003-09-02", sex="P"),
    }
    other = home | {
        "name": "SEPTIANA RANTAI",
        "sex": "P",
        "born": "2005-09-20",
        "nik": nik("2005-09-20", sex="P"),
    }
    value = ["6212015204609001"] * 2
    found = first_two(evidence([one, other], {name: FURTHER[name]}, **{name: value}))
    bare = first_two(evidence([one, other], {}))
    assert found[2] != "confirmed"
    assert found[1].weight_log2[0] < bare[1].weight_log2[0] + 2
    assert found[1].fields[name][0] > (-1 if name == "nik_ibu" else 2)  # the name has told it already


@pytest.mark.parametrize("kind", shipped_model().further)
def test_shipped_shares_of_further_columns_are_probabilities(kind):
    for row in shipped_model().further[kind].known.values():
        assert np.exp2(row[1:].astype(float)).sum() == pytest.approx(1, abs=1e-3)


def test_a_number_of_a_whole_village_is_compared_in_part():
    """Its pairs go by no prefilter, so that they must be few: a larger block is split by names."""
    people = [
        {"name": f"WARGA {chr(65 + k % 26)}{chr(65 + k // 26)}U", "born": "1950-06-11"} for k in range(2_000)
    ]
    e = evidence(people, {"x": "phone"}, x=["8123456789"] * 2_000)
    found = next(one for one in found_in(e).passes if one.name == "further_id")
    assert found.split_blocks == 1
    assert found.compared < 1 << 20


@pytest.mark.parametrize("kind", ["category", "postcode"])
def test_what_everybody_has_says_nothing(kind):
    """In a small list of one place and one faith, too."""
    e = evidence([ONE, OTHER], {"x": kind}, x=["73911"] * (2 + len(CROWD)))
    assert first_two(e)[1].fields["x"][0] < 1.5
    rare = evidence([ONE, OTHER], {"x": kind}, x=["73911"] * 2 + [f"{74000 + k}" for k in range(len(CROWD))])
    assert first_two(rare)[1].fields["x"][0] > first_two(e)[1].fields["x"][0] + 1
