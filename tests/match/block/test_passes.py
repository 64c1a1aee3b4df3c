"""Which pass brings which records together, and what happens to blocks above the budget."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nikdedup.match.block import run_passes as block
from nikdedup.match.block.passes import PASSES
from tests.match.registry import evidence, found_in, nik, passes_asked, passes_found

EVERYTHING = -1e3
"""A review threshold below which nothing lies: the prefilter keeps every pair."""
BORN, LATER = "1980-03-17", "1968-11-29"


def person(name, born=None, **more):
    return {"name": name, "born": born} | more


BUDI, BUDI_SLIP = "BURHAN HERMAWANSYAH", "BUHRAN HERMAWNSYAH"
"""One name and a misspelling of it, without a word of one sound in common."""
CARD = {"kk": "6212010101109001"}
MOTHER = {"mother": "RUSMINI"}

STORIES = [
    ("birth_sex", [], person(BUDI, BORN, sex="L"), person(BUDI_SLIP, BORN, sex="L")),
    (
        "nik",
        [],
        person("BUDI", BORN, nik=nik("1955-05-05")),
        person("SITI AMINAH", LATER, nik=nik("1955-05-05")),
    ),
    (
        "nik_prefix",
        [],
        person(BUDI, "1979-01-05", nik=nik(BORN, 9007)),
        person(BUDI_SLIP, nik=nik(BORN, 9000), verdict="suspect_truncated"),
    ),
    ("birth_mother", [], person("BUDI", BORN, **MOTHER), person("SITI", BORN, **MOTHER)),
    ("birth_father", [], person("BUDI", BORN, father="SLAMET"), person("SITI", BORN, father="SLAMET")),
    (
        "birth_kk",
        [],
        person("BUDI", BORN, **CARD),
        person("SITI", BORN, **CARD),
    ),
    ("nik_birth", [], person(BUDI, BORN), person(BUDI_SLIP, "1975-11-02", nik=nik(BORN))),
    ("day_month_swapped", [], person(BUDI, "1980-03-07"), person(BUDI_SLIP, "1980-07-03")),
    (
        "exchanged",
        [],
        person("RATNA DEWI", BORN, mother="RUSMINI", father="SLAMET"),
        person("RUSMINI", BORN, mother="RATNA DEWI", father="TUKIMIN"),
    ),
    ("name_year", [], person(BUDI, BORN), person(BUDI, "1980-11-02")),
    ("name_day_month", ["word_day_month"], person(BUDI, BORN), person(BUDI, "1990-03-17")),
    ("word_day_month", [], person("RATNA DEWI", BORN), person("RATNA", "1968-03-17")),
    ("word_year_month", [], person("RATNA DEWI", BORN), person("RATNA", "1980-03-02")),
    ("word_year_day", [], person("RATNA DEWI", BORN), person("RATNA", "1980-11-17")),
    ("word_place", [], person("RATNA DEWI", place="PURUK CAHU"), person("RATNA", BORN, place="PURUK CAHU")),
    ("two_words", [], person("RATNA DEWI SARI"), person("DEWI RATNA", BORN)),
    (
        "birth_place",
        [],
        person(BUDI, BORN, sex="L", place="DURI"),
        person(BUDI_SLIP, BORN, sex="P", place="DURI"),
    ),
    (
        "word_mother",
        [],
        person("RATNA DEWI", BORN, **MOTHER),
        person("RATNA", LATER, **MOTHER),
    ),
    (
        "word_father",
        [],
        person("RATNA DEWI", BORN, father="SLAMET"),
        person("RATNA", LATER, father="SLAMET"),
    ),
    (
        "mother_day_month",
        [],
        person(BUDI, BORN, mother="RUSMINI"),
        person(BUDI_SLIP, "1990-03-17", mother="RUSMINI SARI"),
    ),
    (
        "name_place_undated",
        ["word_place", "two_words"],
        person(BUDI, place="PURUK CAHU"),
        person(BUDI, BORN, place="PURUK CAHU"),
    ),
    (
        "name_mother",
        ["word_mother"],
        person(BUDI, BORN, **MOTHER),
        person(BUDI, LATER, **MOTHER),
    ),
    (
        "name_address",
        ["word_address"],
        person(BUDI, BORN, address="MUARA BAKANON"),
        person(BUDI, LATER, address="MUARA BAKANON"),
    ),
    (
        "birth_address",
        [],
        person("BUDI", BORN, address="MUARA BAKANON"),
        person("SITI", BORN, address="MUARA BAKANON"),
    ),
    (
        "word_address",
        [],
        person("RATNA DEWI", BORN, address="MUARA BAKANON"),
        person("RATNA", LATER, address="MUARA BAKANON"),
    ),
    (
        "mother_year",
        [],
        person(BUDI, BORN, **MOTHER),
        person(BUDI_SLIP, "1980-11-02", **MOTHER),
    ),
    ("kk", [], person(BUDI, BORN, **CARD), person(BUDI_SLIP, LATER, **CARD)),
    (
        "parents",
        [],
        person(BUDI, BORN, **MOTHER, father="SLAMET"),
        person(BUDI_SLIP, LATER, **MOTHER, father="SLAMET"),
    ),
]
STRANGERS = [
    person("YOHANES TUMBANG", "1991-09-09", sex="L", mother="SELPI", address="DURI", nik=nik("1991-09-09")),
    person("MARGARETHA", "1944-12-25", sex="P", father="ITAK", kk="6212020101109002"),
]


@pytest.mark.parametrize(
    ("name", "beside", "one", "other"), [pytest.param(*story, id=story[0]) for story in STORIES]
)
def test_each_pass_brings_back_what_the_others_miss(name, beside, one, other):
    """`beside` names passes that see the same pair; a name that ends in _ stands for all that begin so."""
    e = evidence(STRANGERS[0], one, STRANGERS[1], other)
    found = found_in(e, review_log2=EVERYTHING)
    assert set(passes_found(found)) == {(1, 3)}
    passes = passes_found(found)[1, 3]
    assert name in passes
    assert [p for p in passes if p != name and not p.startswith(tuple(beside))] == []
    reports = {report.name: report for report in found.passes}
    assert [p for p, report in reports.items() if report.candidates] == passes
    assert reports[name].unique == (len(passes) == 1)


def test_every_pass_has_a_story():
    told_elsewhere = {"id_near", "further_id"}  # here below, and in compare/test_further.py
    assert {story[0] for story in STORIES} == {p.name for p in PASSES} - told_elsewhere


@pytest.mark.parametrize(
    ("other", "found"),
    [
        pytest.param(person("RUSMINI", BORN, mother="RATNA DEWY"), True, id="with a slip in one of them"),
        pytest.param(person("RUSMINI", BORN, father="RATNA DEWI"), False, id="each in another column"),
        pytest.param(person("RUSMINI", BORN, mother="SELPI"), False, id="a namesake of the mother"),
        pytest.param(person("RUSMINI", LATER, mother="RATNA DEWI"), False, id="another date"),
        pytest.param(person("RUSMINI", BORN, mother="RATNA DEWI", sex="L"), False, id="another sex"),
    ],
)
def test_names_in_each_others_columns(other, found):
    e = evidence(person("RATNA DEWI", BORN, mother="RUSMINI"), other)
    expected = {(0, 1): ["exchanged"]} if found else {}
    assert passes_found(found_in(e, review_log2=EVERYTHING)) == expected
    assert passes_asked(e) == expected


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        pytest.param("A-1234", "A-1239", True, id="one sign wrong"),
        pytest.param("A-1234", "A-1324", True, id="two signs exchanged"),
        pytest.param("A-1234", "A-1243", True, id="the last two exchanged"),
        pytest.param("A-1234", "A-4321", False, id="another id"),
    ],
)
def test_an_opaque_id_with_a_slip(one, other, found):
    e = evidence(person("BUDI", nik=one), person("SITI", nik=other), opaque=True)
    assert passes_found(found_in(e, review_log2=EVERYTHING)) == ({(0, 1): ["id_near"]} if found else {})


_names = st.sampled_from([None, BUDI, BUDI_SLIP, "RATNA DEWI", "RATNA", "SITI AMINAH"])
_dates = st.sampled_from([None, "1980-03-07", "1980-07-03", BORN, "1990-03-17"])
_some = {
    "name": _names,
    "born": _dates,
    "sex": st.sampled_from([None, "L", "P"]),
    "nik": st.sampled_from([None, nik(BORN), nik(BORN, 9008), nik("1980-07-03"), nik("1955-05-05")]),
    "verdict": st.sampled_from(["valid", "suspect_truncated"]),
    "mother": st.sampled_from([None, "RUSMINI", "SELPI"]),
    "father": st.sampled_from([None, "SLAMET"]),
    "kk": st.sampled_from([None, "6212010101109001"]),
    "address": st.sampled_from([None, "MUARA BAKANON"]),
    "source": st.sampled_from([0, 1]),
}
registers = st.lists(st.fixed_dictionaries(_some), min_size=2, max_size=6)


@settings(max_examples=15, deadline=None)
@given(registers)
def test_candidates_are_exactly_the_pairs_that_some_pass_asks_for(people):
    e = evidence(*people)
    found = found_in(e, review_log2=EVERYTHING)
    assert passes_found(found) == passes_asked(e)
    pairs = list(zip(found.left.tolist(), found.right.tolist(), strict=True))
    assert pairs == sorted(set(pairs))
    assert all(left < right for left, right in pairs)
    assert sum(report.unique for report in found.passes) == sum(
        len(p) == 1 for p in passes_found(found).values()
    )


@settings(max_examples=10, deadline=None)
@given(registers)
def test_across_only_keeps_pairs_of_two_sources_and_no_others(people):
    e = evidence(*people)
    across = passes_found(found_in(e, review_log2=EVERYTHING, across_only=True))
    everywhere = passes_found(found_in(e, review_log2=EVERYTHING))
    assert across == {
        pair: p for pair, p in everywhere.items() if len({people[k]["source"] for k in pair}) == 2
    }


@settings(max_examples=10, deadline=None)
@given(registers, st.floats(-12, 12))
def test_a_higher_threshold_only_takes_candidates_away(people, review):
    e = evidence(*people)
    some = passes_found(found_in(e, review_log2=review, confirmed_log2=20))
    everything = passes_found(found_in(e, review_log2=EVERYTHING))
    assert set(some) <= set(everything)
    assert all(everything[pair] == names for pair, names in some.items())


def test_nothing_and_nobody():
    assert passes_found(found_in(evidence())) == {}
    assert passes_found(found_in(evidence(person("BUDI", BORN)))) == {}
    assert passes_found(found_in(evidence(person(None), person(None)))) == {}


def report_of(found, name):
    return next(report for report in found.passes if report.name == name)


SYLLABLES = ["BA", "CI", "DU", "GE", "JO", "KA", "LI", "MU", "NE", "PO", "RA", "SI", "TU", "WE", "YO"]
NAMES = ["".join(parts) for parts in itertools.product(SYLLABLES, repeat=3)]
"""3,375 made-up words, no two of one sound."""


def test_a_block_above_the_budget_is_split_by_name_and_mother_and_told():
    crowd = [person(f"{name} SARI", BORN, sex="P") for name in NAMES[:30]]
    crowd[7] = crowd[22] = person("RATNA DEWI", BORN, sex="P")
    crowd[3] |= MOTHER
    crowd[4] = person(f"{NAMES[3]} SALI", BORN, sex="P", **MOTHER)
    found = found_in(evidence(*crowd), review_log2=EVERYTHING, max_block=10)
    report = report_of(found, "birth_sex")
    assert (report.blocks, report.largest_block, report.split_blocks) == (1, 30, 1)
    assert (report.skipped_blocks, report.skipped_pairs) == (0, 0)
    assert report.compared < 30 * 29 // 2
    assert "birth_sex" in passes_found(found)[7, 22], "one name of two"
    assert "birth_sex" in passes_found(found)[3, 4], "one mother of two"


def test_a_block_that_nothing_can_split_is_skipped_and_counted(monkeypatch):
    monkeypatch.setattr(block, "PASSES", tuple(p for p in PASSES if p.name == "birth_sex"))
    crowd = [person("RATNA DEWI", BORN, sex="P") for _ in range(12)]
    found = found_in(evidence(*crowd), review_log2=EVERYTHING, max_block=10)
    report = report_of(found, "birth_sex")
    assert len(found.left) == report.candidates == 0
    assert (report.split_blocks, report.skipped_blocks, report.skipped_pairs) == (1, 1, 66)


def test_a_block_within_the_budget_is_compared_whole(monkeypatch):
    monkeypatch.setattr(block, "PASSES", tuple(p for p in PASSES if p.name == "birth_sex"))
    crowd = [person("RATNA DEWI", BORN, sex="P") for _ in range(12)]
    found = found_in(evidence(*crowd), review_log2=EVERYTHING, max_block=12)
    report = report_of(found, "birth_sex")
    assert len(found.left) == report.compared == report.candidates == 66
    assert report.split_blocks == report.skipped_blocks == report.skipped_pairs == 0


@pytest.mark.parametrize(
    ("sizes", "budget", "most", "whole"),
    [
        pytest.param([2, 3, 5], 100, 4_000, 4_000, id="all within the budget"),
        pytest.param([2, 3, 5], 4, 4_000, 4, id="the largest is beyond it"),
        pytest.param([2, 3, 3, 5], 6, 4_000, 2, id="blocks of one size go together"),
        pytest.param([2, 9_000], 100, 4_000, 4_000, id="what is too large anyway does not count"),
        pytest.param([], 0, 4_000, 4_000, id="no blocks"),
    ],
)
def test_a_pass_keeps_to_its_budget(sizes, budget, most, whole):
    assert block._largest_within(np.array(sizes, np.int64), budget, most) == whole


@pytest.fixture(scope="module")
def one_day():
    """3,000 residents of one default date, and 20 of them a second time under a misspelt name."""
    day = {"born": "1970-07-01", "default": True}
    people = [
        person(f"{name} {NAMES[-1 - i]}", sex="LP"[i % 2], mother=f"{NAMES[i // 3]}", **day)
        for i, name in enumerate(NAMES[:3000])
    ]
    again = list(range(0, 3000, 150))
    for i in again:
        first, second = people[i]["name"].split()
        people.append(people[i] | {"name": f"{first[:-1]} {second}"})
    return evidence(*people), {(i, 3000 + k) for k, i in enumerate(again)}


@pytest.mark.parametrize("budget", [4000, 500], ids=["whole", "split"])
def test_3000_residents_of_one_default_date(one_day, budget):
    e, planted = one_day
    found = found_in(e, max_block=budget, threads=2)
    assert planted <= set(passes_found(found))
    assert len(found.left) < 0.1 * len(e) ** 2
    assert (report_of(found, "birth_sex").split_blocks > 0) == (budget == 500)


def test_threads_change_nothing(one_day):
    e, _ = one_day
    one, two = (found_in(e, threads=threads, max_block=2000) for threads in (1, 2))
    for field in ("left", "right", "found"):
        np.testing.assert_array_equal(getattr(one, field), getattr(two, field))
    assert [r.as_dict() for r in one.passes] == [r.as_dict() for r in two.passes]
