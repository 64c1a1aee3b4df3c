"""Explanations: the sum is right, the outcome is named, nothing shows an identity unasked."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import polars as pl
import pytest

from nikdedup.errors import InputError
from nikdedup.publish import OfficersKept, RefusedKept
from nikdedup.publish.record import Chain
from nikdedup.show.explain import explain_pair
from nikdedup.show.explain_story import explain_person
from nikdedup.show.texts import label
from tests.show.conftest import pair

VETOES = (
    "mother_differs",
    "default_date_without_mother",
    "both_passed_check",
    "four_elements_alone",
    "twins_possible",
    "sex_differs",
    "birth_differs",
    "generation_apart",
    "improbable",
)
"""Names that match.score.vetoes gives; test_score knows them."""


@pytest.fixture
def tables(residents, pairs, people, decisions):
    return {"residents": residents, "pairs": pairs, "people": people, "decisions": decisions}


def test_running_total_goes_from_prior_to_the_weight_of_the_pair(tables, run):
    told = explain_pair(0, 1, **tables, run=run, lang="en")
    total = told.prior_log2
    for step in told.steps:
        total += step.weight_log2
        assert step.total_log2 == pytest.approx(total)
    assert total == pytest.approx(told.weight_log2) == pytest.approx(18.2)
    assert [step.field for step in told.steps][-1] == "adjustment"


def test_weights_of_the_pair_itself_win_over_the_table(tables, run):
    def score(row_a, row_b):
        return pair(row_a, row_b, 18.2, band="confirmed") | {"weight_name": 18.7}

    told = explain_pair(0, 1, **tables, run=run, score=score)
    assert told.steps[0].weight_log2 == 18.7
    assert all(step.field != "adjustment" for step in told.steps)


def test_a_level_that_no_stored_pair_has_has_no_usual_weight(tables, run):
    unknown = run.model_copy(update={"weights": {field: [None] * 16 for field in run.weights}})
    told = explain_pair(
        0, 1, **tables, run=unknown, score=lambda a, b: pair(a, b, 18.2, band=None) | {"weight_name": 18.7}
    )
    assert [step.weight_log2 for step in told.steps[:2]] == [18.7, 0.0]


def scored(weight, **values):
    return lambda a, b: pair(a, b, weight, band=None, relation="none") | values


OUTCOMES = [
    pytest.param((0, 1), None, "joined", id="direct pair"),
    pytest.param((1, 2), None, "joined_through", id="through another record"),
    pytest.param((1, 3), None, "review", id="review"),
    pytest.param((3, 4), None, "related", id="twins"),
    pytest.param((0, 3), None, "not_stored", id="not stored, no scorer"),
    pytest.param((0, 3), scored(-9.0, passes=[]), "no_pass", id="no pass brought them together"),
    pytest.param((0, 3), scored(6.0, passes=[]), "no_pass_strong", id="missed although strong"),
    pytest.param((0, 3), scored(1.5), "below_review", id="below the review weight"),
    pytest.param((0, 4), scored(1.5, relation="sibling"), "related", id="scored as siblings"),
]


@pytest.mark.parametrize(("rows", "score", "outcome"), OUTCOMES)
@pytest.mark.parametrize("lang", ["id", "en"])
def test_outcome(tables, run, rows, score, outcome, lang):
    told = explain_pair(*rows, **tables, run=run, score=score, lang=lang)
    assert told.outcome == outcome
    assert told.verdict in told.text()
    assert explain_pair(*reversed(rows), **tables, run=run, score=score).outcome == outcome


def test_outcome_names_the_chain_and_the_gap(tables, run):
    assert "1 – 0 – 2" in explain_pair(1, 2, **tables, run=run).verdict
    assert "7,00" in explain_pair(1, 3, **tables, run=run).verdict


@pytest.mark.parametrize(
    ("band", "weight", "outcome"), [("confirmed", 20.0, "kept_apart"), ("review", 20.0, "review_above")]
)
def test_strong_pair_of_two_people(tables, run, band, weight, outcome):
    tables["pairs"] = pl.DataFrame([pair(0, 3, weight, band=band)], schema=tables["pairs"].schema)
    assert explain_pair(0, 3, **tables, run=run).outcome == outcome


def test_a_strong_pair_names_the_rule_that_holds_it(tables, run):
    tables["pairs"] = pl.DataFrame([pair(0, 3, 20.0, band="review")], schema=tables["pairs"].schema)
    told = explain_pair(0, 3, **tables, run=run, score=scored(20.0, held=["mother_differs"]), lang="en")
    assert told.verdict.endswith("The reason: the mother's name differs.")


def test_a_pair_joined_below_the_threshold_names_the_probability_that_decided(tables, run):
    weight = run.thresholds.confirmed_log2 - 1.5
    low = pair(0, 1, weight, band="confirmed") | {"probability": 0.981}
    tables["pairs"] = pl.DataFrame([low], schema=tables["pairs"].schema)
    told = explain_pair(0, 1, **tables, run=run, lang="en")
    assert told.outcome == "joined"
    assert "1.50 below the threshold" in told.verdict
    assert told.verdict.endswith("makes the probability 98.1%.")


@pytest.mark.parametrize("name", VETOES)
def test_every_rule_that_holds_a_pair_has_words(name):
    assert label("held", name, "id") != name.replace("_", " ")


def test_a_refused_join_says_which_two_records_are_two_people(tables, run):
    tables["pairs"] = pl.DataFrame([pair(0, 3, 20.0, band="review")], schema=tables["pairs"].schema)
    run.refused = RefusedKept(joins=[(0, 3, "mother_differs", 1, 3)], chains=[])
    told = explain_pair(3, 0, **tables, run=run, lang="en")
    assert told.outcome == "kept_apart"
    assert "the mother's name differs between record number 1 and record number 3" in told.verdict
    run.refused = RefusedKept(joins=[], chains=[Chain(rows=[0, 2, 3], links=9)])
    told = explain_pair(0, 3, **tables, run=run, lang="en")
    assert told.outcome == "kept_apart"
    assert "holds 3 records and 9 pairs" in told.verdict


def test_what_officers_stated_is_told_also_through_chains(tables, run):
    kasi = ("Kasi Dafduk", "2026-05-04", None)
    links = [(0, 1, "must_link", *kasi, 1), (1, 3, "cannot_link", *kasi, 2)]
    run.officers = OfficersKept(entries=2, lapsed=[], unmatched=[], links=links)
    said = [explain_pair(*rows, **tables, run=run, lang="en").officers for rows in ((0, 1), (0, 3), (0, 2))]
    assert said == [
        "one person (Kasi Dafduk, 2026-05-04, entry 1)",
        "not one person (follows from other statements)",
        None,
    ]
    assert "Pernyataan petugas: satu orang" in explain_pair(0, 1, **tables, run=run).text()


def test_rarity_kinship_and_recording_are_steps_of_their_own(tables, run):
    extra = {"weight_name": 12.4, "weight_kinship": -0.5, "weight_recording": -2.0}
    told = explain_pair(0, 1, **tables, run=run, score=scored(18.2, **extra), lang="en")
    assert told.steps[0].meaning == "equal (rare: +1.4)"
    assert [step.weight_log2 for step in told.steps if step.field in ("kinship", "recording")] == [-0.5, -2.0]
    assert told.steps[-1].total_log2 == pytest.approx(18.2)


def test_both_numbers_of_a_record_are_labelled(tables, run):
    text = explain_pair(0, 1, **tables, run=run).text()
    assert text.startswith("Pasangan data nomor 0 (baris 3) dan data nomor 1 (baris 4)\n")
    assert "Data nomor = NOMOR DATA pada decisions.xlsx dan kolom row pada tabel hasil" in text
    several = tables["residents"].with_columns(source_sheet=pl.Series(["Murung", "Laung"] + ["Murung"] * 3))
    told = explain_pair(0, 1, **tables | {"residents": several}, run=run, lang="en")
    assert told.places == {0: "row 3, murung_raya.xlsx/Murung", 1: "row 4, murung_raya.xlsx/Laung"}


def test_overlap_of_sources_is_no_duplicate(tables, run):
    tables["residents"] = tables["residents"].with_columns(flags=pl.lit(["source_overlap"]))
    assert explain_pair(0, 1, **tables, run=run).outcome == "source_overlap"


def everything(told):
    return told.text() + told._repr_html_() + json.dumps(told.as_dict())


def test_masked_unless_asked(tables, run):
    told, story = explain_pair(0, 1, **tables, run=run), explain_person("p0", **tables)
    shown = everything(told) + everything(story)
    hidden = ("6212014107609001", "6212010101109001", "Aminah", "AMINAH", "Kartini", "KARTINI", "Bahitom")
    assert not [text for text in hidden if text in shown]
    assert "01-07-1960" not in shown
    assert not re.search(r"\d{11}", told.text() + story.text())
    assert "S. A." in shown
    asked = everything(explain_pair(0, 1, **tables, run=run, show_identities=True))
    for text in ("6212014107609001", "SITI AMINAH", "01-07-1960", "Jl. Bahitom"):
        assert text in asked


def test_masked_niks_still_tell_where_they_differ(tables, run):
    text = explain_pair(0, 1, **tables, run=run, lang="en").text()
    assert "digits that differ: 6" in text


@pytest.mark.parametrize(
    ("a", "b", "note"),
    [
        ("1980-07-01", "1980-01-07", "day and month swapped"),
        ("1980-07-01", "1981-07-02", "differs in day, year"),
        ("1980-07-01", "1980-07-01", ""),
        ("1980-07-01", "", ""),
        ("0/7/1980", "1980-07-01", ""),
    ],
)
def test_date_notes(a, b, note):
    from nikdedup.show.compared import compared

    (found, *_) = compared("nik_birth_sex", {"tgl_lhr": a}, {"tgl_lhr": b}, show_identities=False, lang="en")
    assert found.note == note


def test_decisions_and_rules_are_told(tables, run):
    text = explain_pair(0, 1, **tables, run=run, lang="en").text()
    assert "Decision for record number 1 (row 4): propose deactivation (C, one person, several NIKs)" in text
    assert "[rule one_recorded]" in text
    assert (
        "No proposal"
        in explain_pair(
            2, 4, **tables | {"decisions": tables["decisions"].head(0)}, run=run, lang="en"
        ).text()
    )


def test_dict_is_json_and_html_is_escaped(tables, run):
    told = explain_pair(3, 4, **tables, run=run, show_identities=True)
    assert json.loads(json.dumps(told.as_dict()))["steps"][0]["compared"][0]["a"] == "=CMD BUDI"
    tables["residents"] = tables["residents"].with_columns(nama_lgkp_clean=pl.lit("<b>X</b>"))
    assert "<b>X" not in explain_pair(3, 4, **tables, run=run, show_identities=True)._repr_html_()


def test_text_prints_on_an_office_console(tables, run):
    for lang in ("id", "en"):
        explain_pair(0, 1, **tables, run=run, lang=lang).text().encode("cp1252")
        explain_person(0, **tables, lang=lang).text().encode("cp1252")


def test_waterfall_has_one_bar_per_step_start_and_total(tables, run):
    told = explain_pair(0, 1, **tables, run=run)
    svg = told.svg()
    assert svg == told.svg()
    for text in ("Titik awal", "Nama ibu", "Bobot akhir", "+11,00", "18,20"):
        assert text in svg
    assert [layer["mark"]["type"] for layer in told.chart().to_dict()["layer"]][:2] == ["bar", "text"]
    for drawn in (explain_pair(0, 3, **tables, run=run).svg, explain_pair(0, 3, **tables, run=run).chart):
        with pytest.raises(InputError, match="not stored"):
            drawn()


@pytest.mark.parametrize("nothing", [None, "bare"], ids=["none", "only ids"])
def test_result_without_residents(tables, run, nothing):
    tables["residents"] = nothing and tables["residents"].select("row", "record_id")
    told = explain_pair(0, 1, **tables, run=run, lang="en")
    assert told.steps[0].compared == ()
    assert "--no-residents" in told.text()
    assert len(explain_person("p0", **tables).members) == 3


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ((0, 99), "row 99: no such row; allowed 0 to 4"),
        ((2, 2), "row 2: a row cannot be compared with itself"),
    ],
)
def test_wrong_rows(tables, run, rows, message):
    with pytest.raises(InputError, match=message):
        explain_pair(*rows, **tables, run=run)


def test_person_tells_members_links_inside_and_outside_and_decisions(tables):
    story = explain_person(2, **tables, lang="en")
    assert story.person_id == "p0"
    assert [member["row"] for member in story.members] == [0, 1, 2]
    assert [(link.row_l, link.row_r, link.inside) for link in story.links] == [
        (0, 1, True),
        (0, 2, True),
        (1, 3, False),
    ]
    assert "Person p0: 3 records" in story.text()
    assert "Decision for record number 2 (row 5)" in story.text()
    assert story.as_dict() == explain_person("p0", **tables, lang="en").as_dict()


def test_person_is_drawn_with_every_record_and_link(tables):
    story = explain_person(2, **tables)
    svg = story.svg()
    assert svg == explain_person("p0", **tables).svg()
    root = ElementTree.fromstring(svg)
    ink = "{http://www.w3.org/2000/svg}"
    assert len(root.findall(f"{ink}circle")) == 4, "three records and one of another person"
    texts = [element.text for element in root.iter(f"{ink}text")]
    for text in ("0", "1", "2", "3", "baris 3", "+18,2", "tetap dipakai", "orang lain", "perlu diperiksa"):
        assert text in texts
    assert not re.search(r"\d{7}|Aminah|AMINAH", svg)


def test_person_of_three_is_told_with_its_shape(tables):
    story = explain_person(0, **tables, lang="en")
    assert story.shape.startswith("Shape of the group: 3 records, joining pairs: 2.")
    assert (
        "Without the pair of record number 0 and record number 2 the group falls into 1 and 2" in story.text()
    )
    assert explain_person(3, **tables, lang="en").shape == ""


@pytest.mark.parametrize("who", [77, "nobody"])
def test_unknown_person(tables, who):
    with pytest.raises(InputError, match="not in this run"):
        explain_person(who, **tables)
