"""The matcher through the front door, on synthetic residents whose truth is known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import nikdedup
from nikdedup.config import Config
from nikdedup.lab import evaluate, generate
from nikdedup.match import match
from nikdedup.match.features import part_features_of
from nikdedup.match.score import decided_log2
from nikdedup.residents import overlap_of, with_codes
from nikdedup.residents.understanding import understand
from nikdedup.run.result import Result
from nikdedup.schema import LEVELS, PAIRS, PEOPLE
from tests.match.registry import nik

ROWS = 8_000
PROFILES = {"hard": (7, 0.98, 0.88), "murung-raya": (7, 0.99, 0.93)}
"""Profile -> seed, least precision, least recall at shipped settings."""
DAY = "2026-06-30"


class Made:
    """An extract, its truth, and one run over it."""

    def __init__(self, folder: Path, profile: str, rows: int = ROWS) -> None:
        self.path = folder / f"{profile}.parquet"
        self.report = generate(self.path, rows=rows, seed=PROFILES[profile][0], profile=profile)
        self.frame = pl.read_parquet(self.path)
        self.truth = pl.read_parquet(self.report.truth)
        self.result = nikdedup.dedupe(self.path)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Made]:
    folder = tmp_path_factory.mktemp("match")
    return {profile: Made(folder, profile) for profile in PROFILES}


@pytest.fixture(scope="module")
def some(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """A smaller extract with a record_id of its own, for runs in another order or shape.

    Without its last rows, whose NIKs were cut: a damaged stretch is known by its place in the file.
    """
    path = tmp_path_factory.mktemp("some") / "hard.parquet"
    generate(path, rows=1_500, seed=31, profile="hard")
    return (
        pl.read_parquet(path)
        .head(1_470)
        .with_row_index("ID")
        .with_columns(ID="R" + pl.col("ID").cast(pl.String))
    )


def dedupe(data: Any = None, **options: Any) -> Result:
    return nikdedup.dedupe(data, reference_date=DAY, **options)


@pytest.fixture(scope="module")
def plain(some: pl.DataFrame) -> Result:
    """`some` at shipped settings."""
    return dedupe(some, record_id="ID", threads=1)


def by_id(result: Result) -> pl.DataFrame:
    """Return the pairs of a run by record_id, the smaller one first, without what depends on the order of rows."""
    low, high = (
        pl.min_horizontal("record_id_l", "record_id_r"),
        pl.max_horizontal("record_id_l", "record_id_r"),
    )
    return result.pairs.with_columns(low=low, high=high).sort("low", "high").drop(
        "row_l", "row_r", "record_id_l", "record_id_r"
    )  # fmt: skip


def persons(result: Result) -> set[frozenset[str]]:
    """Return the records of each person of two or more."""
    people = result.people.group_by("person_id").agg("record_id").filter(pl.col("record_id").list.len() > 1)
    return {frozenset(ids) for ids in people["record_id"]}


@pytest.mark.parametrize("profile", PROFILES)
def test_floors(made, profile, tmp_path):
    one = made[profile]
    _, least_precision, least_recall = PROFILES[profile]
    result = replace(one.result, config=one.result.config.with_options(report=False))
    judged = evaluate(result.write(tmp_path / "run"), one.report.truth)
    assert judged.recall.of > 100
    assert judged.precision.value >= least_precision, judged.as_dict()
    assert judged.recall.value >= least_recall, judged.as_dict()
    assert judged.recall_with_review.value >= judged.recall.value
    assert judged.largest_person <= 4


def test_review_pairs_are_worth_looking_at(made):
    """What goes to a person holds true pairs that were not joined, and is no flood."""
    one = made["hard"]
    review = one.result.pairs.filter(band="review")
    assert 0 < len(review) < 0.02 * ROWS
    person = dict(one.truth.select("record_id", "true_person_id").iter_rows())
    right = [person[a] == person[b] for a, b in review.select("record_id_l", "record_id_r").iter_rows()]
    assert sum(right) >= 5


@pytest.mark.parametrize("profile", PROFILES)
def test_people_partition_the_records(made, profile):
    people, frame = made[profile].result.people, made[profile].frame
    assert people.schema == pl.Schema(PEOPLE)
    assert people["row"].to_list() == list(range(len(frame)))
    assert people["record_id"].to_list() == [str(row) for row in range(len(frame))]
    first = people.group_by("person_id").agg(pl.col("record_id").cast(pl.Int64).min().cast(pl.String))
    assert (first["person_id"] == "P" + first["record_id"]).all(), (
        "a person is named after its smallest record_id"
    )


@pytest.mark.parametrize("profile", PROFILES)
def test_pairs_and_people_agree(made, profile):
    result = made[profile].result
    person = result.people["person_id"]
    pairs = result.pairs.with_columns(
        l=person.gather(result.pairs["row_l"]), r=person.gather(result.pairs["row_r"])
    )
    assert result.pairs.schema == pl.Schema(PAIRS)
    assert (pairs["row_l"] < pairs["row_r"]).all()
    assert pairs.select("row_l", "row_r").is_unique().all()
    assert pairs.select("row_l", "row_r").equals(pairs.select("row_l", "row_r").sort("row_l", "row_r"))
    assert (pairs["passes"].list.len() > 0).all()
    confirmed = pairs.filter(band="confirmed")
    assert (confirmed["l"] == confirmed["r"]).all()
    joined = {frozenset(pair) for pair in confirmed.select("record_id_l", "record_id_r").iter_rows()}
    for ids in persons(result):
        assert any(pair <= ids for pair in joined), "a person without a confirmed pair"
    assert pairs.select(pl.any_horizontal(f"level_{field}" for field in LEVELS) > 0).to_series().all()


def test_order_of_records_does_not_matter(some, plain):
    shuffled = some.sample(fraction=1, shuffle=True, seed=4)
    one, two = plain, dedupe(shuffled, record_id="ID")
    assert persons(one) == persons(two)
    assert len(persons(one)) > 20
    ids = [dict(r.people.select("record_id", "person_id").iter_rows()) for r in (one, two)]
    assert ids[0] == ids[1]
    assert by_id(one).drop("weight_log2", "probability").equals(by_id(two).drop("weight_log2", "probability"))
    assert (by_id(one)["weight_log2"] - by_id(two)["weight_log2"]).abs().max() < 1e-3


def test_threads_do_not_matter(some, tmp_path):
    for threads in (1, 2):
        dedupe(some, record_id="ID", threads=threads, report=False).write(tmp_path / str(threads))
    for name in ("people.parquet", "pairs.parquet", "residents.parquet", "decisions.parquet"):
        one, two = (tmp_path / str(threads) / name for threads in (1, 2))
        assert one.read_bytes() == two.read_bytes(), name


def test_link_joins_only_across(made):
    """A file linked with itself finds each record's own twin in the other, and nothing inside."""
    half = made["murung-raya"].frame.head(1_500)
    result = dedupe(link=(half, half.reverse()))
    n = len(half)
    assert (result.pairs["row_l"] < n).all()
    assert (result.pairs["row_r"] >= n).all()
    sides = result.people.group_by("person_id").agg((pl.col("row") < n).sum().alias("a"), pl.len().alias("n"))
    joined = sides.filter(pl.col("n") > 1)
    assert len(joined) > 0.9 * n
    assert ((joined["a"] > 0) & (joined["a"] < joined["n"])).all()
    same = result.pairs.filter(pl.col("row_r") == 2 * n - 1 - pl.col("row_l"))
    assert (same["band"] == "confirmed").sum() > 0.9 * n


def test_two_sources_that_overlap_hold_no_duplicates(made, tmp_path):
    """A register and a list drawn from it: the same resident seen twice is one record, not a double."""
    frame = made["murung-raya"].frame.head(2_000)
    drawn = frame.filter(pl.col("NIK").str.contains("^[1-9].{15}$")).sample(200, seed=1)
    frame.write_parquet(tmp_path / "a.parquet")
    drawn.write_parquet(tmp_path / "b.parquet")
    alone, both = dedupe(frame), dedupe([tmp_path / "a.parquet", tmp_path / "b.parquet"])
    flagged = both.residents.filter(pl.col("flags").list.contains("source_overlap"))["row"].to_list()
    assert sum(row >= len(frame) for row in flagged) > 0.95 * len(drawn)
    assert sum(row < len(frame) for row in flagged) == sum(row >= len(frame) for row in flagged)
    assert len(both.people) == len(frame) + len(drawn)
    assert both.pairs.select("row_l", "row_r", "band").equals(alone.pairs.select("row_l", "row_r", "band"))
    person = both.people["person_id"]
    copies = [row for row in flagged if row >= len(frame)]
    register = set(person.gather([row for row in flagged if row < len(frame)]))
    assert set(person.gather(copies)) == register
    assert set(both.decisions["row"]) & set(copies) <= set(flagged)
    assert both.run["counts"]["confirmed_pairs"] == alone.run["counts"]["confirmed_pairs"]


@pytest.mark.parametrize("number", ["0000000000000012", None])
def test_a_resident_without_a_nik_in_two_sources_is_one(made, number):
    """A temporary number is none: what folds such records is all else that identifies them."""
    twice = made["murung-raya"].frame.head(50).with_columns(NIK=pl.lit(number, pl.String))
    twice = twice.filter(pl.col("TGL_LHR").str.contains("^[0-9]{2}-[0-9]{2}-[12]"))
    both = dedupe([twice, twice])
    n = len(twice)
    person = both.people["person_id"].to_list()
    assert person[:n] == person[n:]
    assert not both.pairs.filter(pl.col("row_r") - pl.col("row_l") == n).height
    flags = both.residents["flags"].to_list()
    assert all(of.count("source_overlap") == 1 for of in flags)
    assert both.run["quality"]["flags"]["source_overlap"] == 2 * n


def test_any_number_of_sources_is_linked(made):
    frame = made["murung-raya"].frame.head(40)
    result = nikdedup.dedupe(link=(frame, frame[::-1], frame), reference_date=DAY)
    source = result.pairs.select(pl.col("row_l") // 40, pl.col("row_r") // 40)
    assert (source["row_l"] != source["row_r"]).all()
    assert set(source.iter_rows()) == {(0, 1), (0, 2), (1, 2)}


def test_equal_records_of_one_source_are_duplicates_and_no_overlap(made):
    frame = made["murung-raya"].frame.head(300)
    whole = frame.filter(pl.col("NIK").str.len_chars() == 16).head(1)
    result = dedupe(pl.concat([frame, whole]))
    assert "source_overlap" not in result.residents["flags"].explode().unique().to_list()
    assert result.pairs.filter(row_r=300)["band"].to_list() == ["confirmed"]


def test_a_far_away_record_changes_nothing_about_the_others(some, plain):
    """One more record moves every frequency by a hair and no pair to another band, level or relation."""
    stranger = pl.DataFrame(
        {"ID": ["R-far"], "NIK": [nik("1931-02-27", region="719901")], "NAMA_LGKP": ["ZWENDOLF QUAXTIR"],
         "TGL_LHR": ["27-02-1931"], "JENIS_KLMIN": ["L"]}
    )  # fmt: skip
    one, two = (
        dedupe(some, record_id="ID"),
        dedupe(pl.concat([some, stranger], how="diagonal"), record_id="ID"),
    )
    assert persons(one) == persons(two)
    a, b = by_id(one), by_id(two)
    assert a.drop("weight_log2", "probability").equals(b.drop("weight_log2", "probability"))
    assert (a["weight_log2"] - b["weight_log2"]).abs().max() < 0.02
    assert "R-far" not in b["low"].to_list() + b["high"].to_list()


def test_a_far_away_double_is_found_and_alone(some, plain):
    two = pl.DataFrame(
        {"ID": ["Z1", "Z2"], "NIK": [nik("1931-02-27", region="719901"), nik("1931-02-27", region="719903")],
         "NAMA_LGKP": ["ZWENDOLF QUAXTIR"] * 2, "TGL_LHR": ["27-02-1931"] * 2, "JENIS_KLMIN": ["L"] * 2,
         "NAMA_LGKP_IBU": ["UXORIA"] * 2}
    )  # fmt: skip
    result = dedupe(pl.concat([some, two], how="diagonal"), record_id="ID")
    assert frozenset({"Z1", "Z2"}) in persons(result)
    others = (
        by_id(result).filter(pl.col("low") != "Z1").join(by_id(plain), on=["low", "high"], suffix="_before")
    )
    assert len(others) == len(plain.pairs)
    # One more match raises the share of matches in the extract, and so every weight, by a hair.
    assert (others["weight_log2"] - others["weight_log2_before"]).abs().max() < 0.1
    assert (others["level_name"] == others["level_name_before"]).all()


def test_a_third_record_does_not_join_two_that_a_rule_keeps_apart(some):
    """B, without a mother, fits A and C, whose mothers differ: one of them gets B, the other is reviewed."""
    born = "1931-02-27"
    three = pl.DataFrame(
        {"ID": ["A", "B", "C"], "NIK": [nik(born, region=f"71990{k}") for k in range(3)],
         "NAMA_LGKP": ["ZWENDOLF QUAXTIR"] * 3, "TGL_LHR": ["27-02-1931"] * 3, "JENIS_KLMIN": ["L"] * 3,
         "NAMA_LGKP_IBU": ["SUKINEM LASTRI", None, "YUSTINA KERTI"], "NAMA_LGKP_AYAH": ["QUENDARIUS ZWELT"] * 3}
    )  # fmt: skip
    result = dedupe(pl.concat([some, three], how="diagonal"), record_id="ID")
    mine = [ids for ids in persons(result) if ids & {"A", "B", "C"}]
    assert len(mine) == 1
    assert len(mine[0]) == 2
    assert "B" in mine[0]
    bands = {
        frozenset((a, b)): c
        for a, b, c in result.pairs.select("record_id_l", "record_id_r", "band").iter_rows()
    }
    expected = {frozenset(pair): "review" for pair in ("AB", "AC", "BC")} | {mine[0]: "confirmed"}
    assert {pair: c for pair, c in bands.items() if pair & {"A", "B", "C"}} == expected


def test_a_third_record_does_not_join_two_names_under_one_nik():
    """SITI AMINAH and SITI RUKMANA on one NIK are two people, whoever bears both names."""
    home = {
        "NIK": "6212015204889001",
        "JENIS_KLMIN": "P",
        "TGL_LHR": "12-04-1988",
        "NAMA_LGKP_IBU": "MARIYATUN",
    }
    names = ("SITI AMINAH", "SITI RUKMANA", "SITI AMINAH RUKMANA")
    found = dedupe(pl.DataFrame([home | {"NAMA_LGKP": name} for name in names]))
    person = found.people["person_id"]
    assert person[0] != person[1]
    assert found.pairs.filter(row_l=0, row_r=1)["relation"].to_list() == ["shared_nik"]
    assert "split_nik_of_two" in found.decisions["reasons"].explode().to_list()


def test_thresholds_are_obeyed(some, plain):
    shipped = plain
    strict = dedupe(some, record_id="ID", confirmed_log2=15.0)
    shown = ["record_id_l", "record_id_r", "weight_log2", "probability", "band"]
    weight = shipped.pairs.filter(pl.col("band").is_not_null()).select(shown)
    both = weight.join(strict.pairs, on=["record_id_l", "record_id_r"], suffix="_strict")
    assert len(both) == len(weight)
    decided = decided_log2(*both.select("weight_log2", "probability").to_numpy().T, sure=0.97)
    expected = (both["band"] == "confirmed") & pl.Series(decided >= 15)
    assert (expected == (both["band_strict"] == "confirmed")).all()
    heavy = both.filter((pl.col("band") == "confirmed") & (pl.col("weight_log2") >= 15))
    assert (heavy["band_strict"] == "confirmed").all()
    assert strict.run["counts"]["confirmed_pairs"] < shipped.run["counts"]["confirmed_pairs"]
    narrow = dedupe(some, record_id="ID", review_log2=4.0, confirmed_log2=4.0)
    assert narrow.pairs.filter(pl.col("band").is_not_null())["weight_log2"].min() >= 4.0


@pytest.mark.parametrize("rows", [1, 2])
def test_tiny_extracts(some, rows):
    result = dedupe(some.head(rows), record_id="ID")
    assert len(result.people) == rows
    assert result.people["person_id"].n_unique() == rows


def test_run_says_what_the_passes_did(made):
    run = made["hard"].result.run
    counted = {"blocks", "compared", "candidates", "unique", "skipped_blocks", "skipped_pairs"}
    assert all(counted < set(one) and one["unique"] <= one["candidates"] for one in run["passes"])
    assert run["passes"][0]["compared"] > run["passes"][0]["candidates"] > 0
    assert 0 < run["candidate_pairs"] <= sum(one["candidates"] for one in run["passes"])
    found = made["hard"].result.pairs["passes"].explode().unique()
    assert set(found) <= {one["name"] for one in run["passes"]}
    assert {field: len(levels) for field, levels in run["levels"].items()}.keys() == set(LEVELS)


def test_an_officers_word_about_a_copy_holds_for_the_record_it_is_a_copy_of():
    """The list repeats the second record of the register; the officer named the copy."""
    register = pl.DataFrame(
        {
            "NIK": ["6212014107809001", "6212054107809013", "6212011203859001"],
            "NAMA_LGKP": ["SITI AMINAH", "SITI AMINAH", "MUHAMMAD YUSUF"],
            "JENIS_KLMIN": ["P", "P", "L"],
            "TGL_LHR": ["01-07-1980", "01-07-1980", "12-03-1985"],
            "NAMA_LGKP_IBU": ["AMINAH", "AMINAH", "SARINAH"],
        }
    )
    sources = [register, register[1:2]]
    joined = nikdedup.dedupe(sources, reference_date="2026-06-30").people["person_id"].to_list()
    assert joined[0] == joined[1] == joined[3] != joined[2]
    settings = Config.of({"reference_date": DAY})
    residents = understand(nikdedup.read(sources, config=settings), settings)[1]
    word = pl.DataFrame({"row_l": [0], "row_r": [3], "kind": ["cannot_link"]})
    matched = match(
        part_features_of(residents, structured=True), settings,
        source=np.array([0, 0, 0, 1], np.int32), overlap=overlap_of(with_codes(residents)), officers=word,
    )  # fmt: skip
    people = matched.people["person_id"].to_list()
    assert people[0] != people[1] == people[3] != people[2]
