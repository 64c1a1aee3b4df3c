"""run.json: what a run tells of itself, the same for the same input, and without an identity."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from nikdedup import Result, dedupe, evaluate, generate, schema
from nikdedup.publish import Damage, RunRecord
from nikdedup.residents.damage import SourceDamage
from nikdedup.residents.damage.nik_counts import COUNTS
from nikdedup.run.health import health_checks

NUMBERS = (
    "people",
    "people_of_two_or_more",
    "confirmed_pairs",
    "review_pairs",
    "shared_niks",
    "decisions",
)


def source(file: str, sheet: str, **changes: int) -> dict[str, Any]:
    """A sound sheet of 100 records of which all counts agree."""
    told = dict.fromkeys(COUNTS, 100) | {"is_kk": 0, "birth_unreadable": 0} | changes
    return {"input": 0, "file": file, "sheet": sheet, **told}


def run(**changes: Any) -> RunRecord:
    """A sound run of 10 records in which every check holds; changes go into the counts the checks look at."""
    told: dict[str, Any] = {
        "nikdedup": "0",
        "reference_date": None,
        "counts": {**dict.fromkeys(NUMBERS, 0), "records": 10, "kinds": {}, "actions": {}, "relations": {}},
        "prior_log2": 0.0,
        "thresholds": {"review_log2": 0.0, "confirmed_log2": 0.0, "shipped_confirmed_log2": 0.0},
        "histogram": {},
        "quality": {
            "nik_verdicts": {**dict.fromkeys(schema.NIK_VERDICTS, 0), "valid": 10},
            "recording_classes": {**dict.fromkeys(schema.RECORDING_CLASSES, 0), "unique": 10},
            "present": {"tgl_lhr": 10},
            "flags": {},
            "niks": [source("rekam.xlsx", "Desa A"), source("rekam.xlsx", "Desa B")],
        },
        "config": {"nik_scheme": "nik", "match": {"review_log2": 0.0, "confirmed_log2": 0.0}},
        "input": {
            "fingerprint": "",
            "sources": [],
            "skipped": [],
            "mapping": {"nik": ["NIK"], "tgl_lhr": ["TGL LAHIR"], "ektp_status": ["STATUS REKAM"]},
        },
        "health": [],
        "passes": [{"name": "birth_sex", "skipped_pairs": 0, "largest_block": 5}],
    }
    for key, value in changes.items():
        part = told if key in told else told["quality"]
        part[key] = {**part[key], **value} if isinstance(part[key], dict) else value
    return RunRecord.model_validate_json(json.dumps(told))


@pytest.mark.parametrize(
    ("changes", "failed"),
    [
        pytest.param({}, [], id="all well"),
        pytest.param({"nik_verdicts": {"suspect_truncated": 5}}, [], id="half of the NIKs cut off"),
        pytest.param({"nik_verdicts": {"suspect_truncated": 6}}, ["nik_column_sound"], id="most cut off"),
        pytest.param(
            {"nik_verdicts": {"invalid": 3, "suspect_truncated": 3}}, ["nik_column_sound"], id="both"
        ),
        pytest.param(
            {"nik_verdicts": {"invalid": 10}, "config": {"nik_scheme": "opaque"}}, [], id="no NIKs at all"
        ),
        pytest.param({"nik_verdicts": {"missing": 10}}, [], id="no NIK yet is no damage"),
        pytest.param({"present": {"tgl_lhr": 4, "nik": 10}}, ["birth_dates_read"], id="birth dates unread"),
        pytest.param(
            {"present": {"tgl_lhr": 4}}, ["birth_dates_read", "people_told_apart"], id="names alone"
        ),
        pytest.param(
            {"present": {"tgl_lhr": 0, "nik": 10}, "input": {"mapping": {"nik": ["NIK"]}}},
            [],
            id="no birth dates given",
        ),
        pytest.param({"recording_classes": {"unknown": 5}}, ["status_understood"], id="statuses unknown"),
        pytest.param(
            {"recording_classes": {"unknown": 10}, "input": {"mapping": {"nik": ["NIK"]}}},
            [],
            id="no statuses given",
        ),
        pytest.param(
            {"niks": [source("a", "1"), source("a", "2", birth_agrees=9)]},
            ["nik_agrees_with_birth"],
            id="one sheet of two slid",
        ),
        pytest.param({"niks": [source("a", "1", birth_agrees=80)]}, [], id="one date in five differs"),
        pytest.param(
            {"niks": [source("a", "1", birth_known=4, birth_agrees=0)]}, [], id="four rows tell nothing"
        ),
        pytest.param(
            {"niks": [source("a", "1", sex_agrees=55)]}, ["nik_agrees_with_sex"], id="sexes agree by chance"
        ),
        pytest.param({"niks": [source("a", "1", is_kk=10)]}, [], id="a slip of some rows"),
        pytest.param({"niks": [source("a", "1", is_kk=11)]}, ["nik_is_not_kk"], id="cards exported as NIKs"),
        pytest.param(
            {"niks": [source("a", "1"), source("a", "2", birth_unreadable=51)]},
            ["birth_dates_read"],
            id="dates of one sheet unread",
        ),
        pytest.param(
            {"nik_verdicts": {"invalid": 10}, "flags": {"nik_of_other_row": 10}},
            [],
            id="whole, but of others",
        ),
        pytest.param(
            {
                "passes": [
                    {"name": "birth_sex", "skipped_pairs": 0, "largest_block": 5},
                    {"name": "nik", "skipped_pairs": 7, "largest_block": 5},
                ]
            },
            ["nothing_skipped"],
            id="pairs skipped",
        ),
    ],
)
def test_health(changes: dict[str, Any], failed: list[str]) -> None:
    checks = health_checks(run(**changes))
    assert [one.check for one in checks if not one.ok] == failed
    assert all(one.text_id and one.text_en for one in checks)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"recording_classes": {"unknown": 7}}, "not understood", id="failed says what is wrong"),
        pytest.param(
            {"recording_classes": {"unknown": 1}}, "was understood in 9 of 10", id="passed says what holds"
        ),
        pytest.param(
            {"niks": [source("a", str(i), birth_agrees=0) for i in range(9)]},
            "in a / 0 (0/100), a / 1 (0/100), a / 2 (0/100), a / 3 (0/100), a / 4 (0/100), +4.",
            id="sources are named",
        ),
    ],
)
def test_health_says_what_it_means(changes: dict[str, Any], said: str) -> None:
    assert any(said in one.text_en for one in health_checks(run(**changes)))


def test_a_run_is_plain_json(small_result: Result) -> None:
    assert json.loads(json.dumps(small_result.run, allow_nan=False)) == small_result.run


def test_counts_agree_with_the_tables(small_result: Result) -> None:
    counts, people = small_result.run["counts"], small_result.people
    assert counts["records"] == len(people) == 600
    assert counts["people"] == people["person_id"].n_unique()
    assert (
        counts["people_of_two_or_more"]
        == people.filter(pl.len().over("person_id") > 1)["person_id"].n_unique()
    )
    for band in ("confirmed", "review"):
        assert counts[f"{band}_pairs"] == len(small_result.pairs.filter(pl.col("band") == band))
    for column, table, name in (
        ("kind", small_result.decisions, "kinds"),
        ("action", small_result.decisions, "actions"),
        ("relation", small_result.pairs, "relations"),
    ):
        assert sum(counts[name].values()) == len(table.drop_nulls(column))
        for value, count in counts[name].items():
            assert count == len(table.filter(pl.col(column) == value)), value
    assert sum(small_result.run["histogram"]["counts"]) == len(small_result.pairs)
    assert len(small_result.run["histogram"]["edges"]) == len(small_result.run["histogram"]["counts"]) + 1


def test_quality_agrees_with_the_residents(small_result: Result) -> None:
    quality, residents = small_result.run["quality"], small_result.residents
    assert sum(quality["nik_verdicts"].values()) == len(residents)
    assert sum(quality["recording_classes"].values()) == len(residents)
    flags = residents["flags"].explode(empty_as_null=False).drop_nulls()
    assert sum(quality["flags"].values()) == len(flags)
    assert quality["present"]["nik"] == len(residents) - residents["nik_clean"].null_count()


def test_nothing_to_say_is_said_without_a_fault() -> None:
    """Two records with nothing in common: no pair, no decision, no histogram."""
    people = pl.DataFrame(
        {"NAMA": ["SITI AMINAH", "BUDI HARTONO"], "TGL LAHIR": ["1960-07-01", "1990-02-03"]}
    )
    told = dedupe(people).run
    assert told["histogram"] == {"edges": [], "counts": []}
    assert told["counts"]["coverage"] is None
    assert told["counts"]["decisions"] == 0
    assert told["reference_date"] is None


def test_rows_that_are_no_records_are_told(tmp_path: Any) -> None:
    path = tmp_path / "daftar.csv"
    path.write_text(
        "NIK;NAMA;TGL LAHIR\n6212014107609001;SITI AMINAH;01-07-1960\n"
        "NIK;NAMA;TGL LAHIR\n6212014107609002;RUSMINI;01-07-1960\n",
        encoding="utf-8",
    )
    told = dedupe(path, reference_date="2026-06-30").run["input"]
    assert [(one["file"], one["row"]) for one in told["skipped"]] == [("daftar.csv", 3)]
    types = dict.fromkeys(("nik", "nama_lgkp", "tgl_lhr"), "text")
    counts = {"rows": 2, "input": 0, "ragged_rows": [], "surplus_cells": 0, "misquoted_rows": []}
    assert told["sources"] == [{"file": "daftar.csv", "sheet": None, **counts, "types": types, "damage": {}}]
    assert told["mapping"]["nama_lgkp"] == ["NAMA"]
    assert len(told["fingerprint"]) == 64


def test_what_decides_is_told_and_what_does_not_is_not(small_extract: Any) -> None:
    told = dedupe(small_extract, threads=1, memory="4GB", lang="en", sample=50).run
    assert told["config"]["sample"] == 50
    assert "run" not in told["config"]
    assert told["options"] == {"lang": "en", "residents": True, "report": True}
    assert "threads" not in json.dumps(told)


def test_summary_and_evaluation_count_the_same_pairs(tmp_path: Path) -> None:
    """Pairs joined through other records, and review pairs joined all the same, count in both as one thing."""
    generate(tmp_path / "a.parquet", rows=5_000, seed=3, profile="hard")
    result = dedupe(tmp_path / "a.parquet", report=False)
    judged, counts = evaluate(result, tmp_path / "a.truth.parquet"), result.run["counts"]
    assert (counts["joined_pairs"], counts["review_pairs"]) == (judged.precision.of, judged.review_pairs)
    bands = result.pairs["band"].value_counts(name="n")
    stored = dict(bands.iter_rows())
    assert (stored["confirmed"], stored["review"]) != (counts["joined_pairs"], counts["review_pairs"])
    assert f"{counts['review_pairs']}\n" in result.summary()


def test_a_review_pair_that_officers_joined_is_no_longer_to_be_reviewed(tmp_path: Path) -> None:
    generate(tmp_path / "a.parquet", rows=5_000, seed=3, profile="hard")
    before = dedupe(tmp_path / "a.parquet")
    persons = dict(before.people.select("row", "person_id").iter_rows())
    review = before.pairs.filter(pl.col("band") == "review").select("row_l", "row_r").iter_rows()
    a, b = next(pair for pair in review if persons[pair[0]] != persons[pair[1]])
    listed = tmp_path / "declared.csv"
    listed.write_text(
        f"kind,record_id_l,record_id_r,who,when\nmust_link,{a},{b},Kasi,2026-05-04\n", encoding="utf-8"
    )
    after = dedupe(tmp_path / "a.parquet", constraints=listed)
    assert after.run["counts"]["review_pairs"] < before.run["counts"]["review_pairs"]
    assert after.run["counts"]["joined_pairs"] > before.run["counts"]["joined_pairs"]


def test_one_card_on_all_records_is_told(small_extract: Path) -> None:
    people = pl.read_parquet(small_extract).with_columns(NO_KK=pl.lit("6212010101019001"))
    health = {one["check"]: one for one in dedupe(people).run["health"]}
    assert not health["values_vary"]["ok"]
    assert "No. KK (600/600)" in health["values_vary"]["text_en"]
    assert "hanya dibandingkan sebagian" in health["values_vary"]["text_id"]


def test_one_couple_of_parents_on_all_records_is_told() -> None:
    told = run(
        counts={"records": 600}, passes=[{"name": "parents", "skipped_pairs": 9, "largest_block": 600}]
    )
    health = {one.check: one for one in health_checks(told)}
    assert "names of mother and father (600/600)" in health["values_vary"].text_en
    assert "nama ibu dan ayah (600/600)" in health["values_vary"].text_id


def test_one_nik_on_all_records_is_told() -> None:
    people = pl.DataFrame(
        {"NIK": ["6212014107909001"] * 400, "NAMA": [f"ALI {'ABCDEFGHIJ'[i % 10]}{i}" for i in range(400)]}
    )
    health = {one["check"]: one for one in dedupe(people, reference_date="2026-06-30").run["health"]}
    assert "NIK (399/400)" in health["values_vary"]["text_id"]


def test_an_ordinary_extract_has_no_value_on_too_many(small_result: Any) -> None:
    assert {one["check"]: one["ok"] for one in small_result.run["health"]}["values_vary"]


def test_run_json_has_a_name_for_everything_that_may_be_wrong_with_a_source():
    assert list(Damage.model_fields) == [field.name for field in fields(SourceDamage)]
