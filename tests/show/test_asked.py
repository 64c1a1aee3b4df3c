"""What `explain` is asked with: every way to name a record leads to it, none to another."""

from __future__ import annotations

import re

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nikdedup.errors import InputError
from nikdedup.publish import Skipped, Source
from nikdedup.show.asked import Asked
from nikdedup.show.decision_sheets import sheet_table
from nikdedup.show.explain_story import explain_case

SOURCES = [
    # file, sheet, line, record id
    ("daftar.xlsx", "Murung", 4, "R-1"),
    ("daftar.xlsx", "Murung", 5, "0"),
    ("daftar.xlsx", "Laung Tuhup", 4, "R-3"),
    ("belum.csv", None, 2, "3"),
    ("belum.csv", None, 7, "R-5"),
]


@pytest.fixture
def asked(people, decisions, residents, run):
    names = ("source_file", "source_sheet", "source_row", "record_id")
    columns = {name: pl.Series([one[i] for one in SOURCES]) for i, name in enumerate(names)}
    run.input.sources = [
        Source(file="daftar.xlsx", sheet="Murung", rows=2),
        Source(file="daftar.xlsx", sheet="Laung Tuhup", rows=1),
        Source(file="belum.csv", sheet=None, rows=2),
    ]
    run.input.skipped = [Skipped(file="daftar.xlsx", sheet="Murung", row=1, reason="header_repeated")]
    ids = columns["record_id"]
    return Asked(
        people=people.with_columns(record_id=ids),
        decisions=decisions.with_columns(record_id=ids.head(4)),
        residents=residents.with_columns(**columns),
        run=run,
    )


@pytest.mark.parametrize(
    ("text", "row"),
    [
        pytest.param(2, 2, id="a number is a row"),
        pytest.param(np.int64(2), 2, id="a number of numpy"),
        pytest.param(0, 0, id="a number is a row though it is an id too"),
        pytest.param("2", 2, id="a row as text"),
        pytest.param("R-3", 2, id="record id"),
        pytest.param("3", 3, id="row and id of one record"),
        pytest.param("row=0", 0, id="said to be a row"),
        pytest.param("record_id = 0", 1, id="said to be an id"),
        pytest.param("daftar.xlsx:Murung:4", 0, id="file, sheet, row"),
        pytest.param(" DAFTAR.XLSX / murung : 4 ", 0, id="in another spelling"),
        pytest.param("Murung:5", 1, id="sheet, row"),
        pytest.param("Laung  Tuhup:4", 2, id="sheet of two words"),
        pytest.param("daftar.xlsx:5", 1, id="file, row"),
        pytest.param("belum.csv:7", 4, id="file without sheets"),
        pytest.param("baris 7", 4, id="row alone"),
        pytest.param("row 7", 4, id="row alone, in English"),
        pytest.param("baris 4 (daftar.xlsx/Laung Tuhup)", 2, id="as reasons name it"),
        pytest.param("baris 4, daftar.xlsx/Laung Tuhup", 2, id="as explanations name it"),
        pytest.param("d1", 1, id="decision id"),
        pytest.param("'R-3", 2, id="with the apostrophe of the workbook"),
    ],
)
def test_a_record_is_found_by_what_is_shown_of_it(asked, text, row):
    assert asked.row(text) == row


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "0",
            "0: 2 records are called so; allowed: row=0 (record number), row=1 (record_id)",
            id="row and id",
        ),
        pytest.param(
            "daftar.xlsx:4",
            "daftar.xlsx:4: 2 records are called so; "
            "allowed: row=0 (daftar.xlsx:Murung:4), row=2 (daftar.xlsx:Laung Tuhup:4)",
            id="a file of two sheets",
        ),
        pytest.param(5, "row 5: no such row; allowed 0 to 4", id="row beyond the last"),
        pytest.param("17", "row 17: no such row; allowed 0 to 4", id="the same as text"),
        pytest.param(-1, "row -1: no such row; allowed 0 to 4", id="row before the first"),
        pytest.param("c0", "c0 is a case; give it alone, or two records", id="a case"),
        pytest.param(
            "Murung:1",
            "Murung:1: that row is no record (header repeated); its records stand in rows 4 to 5",
            id="a header",
        ),
        pytest.param(
            "daftar.xlsx:9",
            "daftar.xlsx:9: no record in that row; its records stand in rows 4 to 5",
            id="no such line",
        ),
        pytest.param(
            "Sapang:4",
            "Sapang:4: no such file or sheet; this run has daftar.xlsx:Murung, daftar.xlsx:Laung Tuhup, belum.csv",
            id="no such sheet",
        ),
        pytest.param(
            True, "a record is asked for by bool; allowed: a number (its row), or a text: ", id="bool"
        ),
        pytest.param(2.0, "a record is asked for by float; allowed: ", id="float"),
    ],
)
def test_what_names_no_record_or_several_is_refused_in_one_line(asked, text, message):
    with pytest.raises(InputError, match="^" + re.escape(message)) as caught:
        asked.row(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["SITI AMINAH", "SITI AMINAH 1980", "6212014107609001", "KK 6212014107609001"]
)
def test_a_refusal_shows_nobody(asked, text):
    with pytest.raises(InputError) as caught:
        asked.row(text)
    assert "SITI" not in str(caught.value)
    assert "6212014107609001" not in str(caught.value)


def test_two_files_of_one_name_are_told_apart_by_row(asked):
    twice = asked.residents.with_columns(source_file=pl.lit("desa.csv"), source_sheet=pl.lit(None, pl.String))
    both = Asked(people=asked.people, decisions=asked.decisions, residents=twice, run=asked.run)
    with pytest.raises(InputError, match=r"row=0 \(desa\.csv:4\), row=2 \(desa\.csv:4\)"):
        both.row("desa.csv:4")


def test_without_residents_places_are_not_known(asked):
    bare = asked.residents.select("row", "record_id")
    run = Asked(people=asked.people, decisions=asked.decisions, residents=bare, run=asked.run)
    assert run.row("R-3") == 2
    with pytest.raises(InputError, match="places are not kept in this run"):
        run.row("Murung:4")


@pytest.mark.parametrize("lang", ["id", "en"])
@pytest.mark.parametrize("framed", [False, True], ids=["files", "a frame"])
def test_every_cell_of_the_workbook_that_names_a_record_leads_to_it(asked, lang, framed):
    residents = asked.residents
    if framed:
        nothing = pl.lit(None, pl.String)
        residents = residents.with_columns(
            source_file=nothing, source_sheet=nothing, source_row=pl.col("row") + 1
        )
    run = Asked(people=asked.people, decisions=asked.decisions, residents=residents, run=asked.run)
    for line in sheet_table(asked.decisions, residents, lang).iter_rows(named=True):
        assert {run.row(line[name]) for name in ("row", "source", "decision")} == {line["row"]}
        assert {run.row(line[name]) for name in ("other_row", "other_source")} == {line["other_row"]}
        assert run.row(f"record_id={line['record_id']}") == line["row"]
        assert run.case(line["case"]) == run.case(line["row"]) == line["case"]


def test_a_record_without_a_proposal_has_no_case(asked):
    with pytest.raises(
        InputError, match=r"^row 4 is in no case, nothing is proposed for it; give two records"
    ):
        asked.case("belum.csv:7")
    with pytest.raises(
        InputError, match=r"^K-9: no record of this run; allowed: a case id, a record number, "
    ):
        asked.case("K-9")


@settings(max_examples=150)
@given(st.text(max_size=30))
def test_any_text_is_one_record_or_one_line(text):
    people = pl.DataFrame({"row": [0, 1], "record_id": ["R-1", "1"], "person_id": ["a", "b"]})
    decisions = pl.DataFrame({"row": [0], "case_id": ["K"], "decision_id": ["D"]})
    asked, said = Asked(people, decisions, None, {"input": {}}), ""
    try:
        assert asked.row(text) in (0, 1)
    except InputError as fault:
        said = str(fault)
    assert said.splitlines() in ([], [said])


def test_a_case_is_told_with_its_records_of_all_people_its_pairs_and_what_is_proposed(asked, pairs):
    decisions = asked.decisions.with_columns(case_id=pl.lit("K-1"))
    tables = {"residents": asked.residents, "pairs": pairs, "people": asked.people, "decisions": decisions}
    story = explain_case("K-1", **tables, lang="en")
    assert [member["row"] for member in story.members] == [0, 1, 2, 3]
    assert [member["person_id"] for member in story.members] == ["p0", "p0", "p0", "p3"]
    assert [(link.row_l, link.row_r, link.inside) for link in story.links] == [
        (0, 1, True), (0, 2, True), (3, 4, False), (1, 3, True),
    ]  # fmt: skip
    assert story.links[0].differs == (
        "NIK, family card, RT, kecamatan or desa, recording status; blank in one: RW"
    )
    text = story.text()
    assert text.startswith("Case K-1: 4 records\n")
    for said in ("row 4, daftar.xlsx/Murung, ID R-1", "Decision for record number 3", "blank in one: RW"):
        assert said in text
    assert not re.search(r"\d{11}|Aminah|AMINAH", text)
    assert "<svg" in story.svg()
    assert "AMINAH" in explain_case("K-1", **tables, show_identities=True).text()
    text.encode("cp1252", errors="strict")
