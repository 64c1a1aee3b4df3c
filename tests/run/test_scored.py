"""Any two records weigh on demand what they weighed in the run: in memory, from its folder, and from older folders."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import nikdedup
from nikdedup import dedupe, generate
from nikdedup.columnar.calendar import NO_DATE
from nikdedup.match.block import passes_of
from nikdedup.match.features.features import evidence_of
from nikdedup.publish import RUN
from nikdedup.residents import understanding
from nikdedup.run.result import Result
from nikdedup.schema import EVIDENCE
from tests.run.cutting import cut

SITI = {
    "NIK": "6212014107909001",
    "NAMA_LGKP": "SITI AMINAH",
    "TGL_LHR": "01-07-1990",
    "NAMA_LGKP_IBU": "RUSMINI",
    "NO_KK": "6212010101019001",
}
IDI = {**SITI, "NIK": None, "NAMA_LGKP": "EDI ALIAS IDI", "TGL_LHR": None, "NO_KK": "6212010101019002"}
DAY = "2026-06-30"
CASES = Path(__file__).parents[1] / "cases" / "damage"


@pytest.fixture(scope="module")
def hard(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """500 residents of the hard profile; some have a second name, some no date of birth."""
    path = tmp_path_factory.mktemp("hard") / "hard.parquet"
    generate(path, rows=500, seed=23, profile="hard")
    row = pl.int_range(pl.len())
    second = pl.when(row % 9 == 0).then(pl.col("NAMA_LGKP") + " ALIAS " + pl.col("NAMA_LGKP").shift(5))
    undated = pl.when(row % 7 > 0).then("TGL_LHR")
    no_nik = pl.when(row % 14 > 0).then("NIK")
    return pl.read_parquet(path).with_columns(
        second.otherwise("NAMA_LGKP").alias("NAMA_LGKP"), undated.alias("TGL_LHR"), no_nik.alias("NIK")
    )


def _excel(hard: pl.DataFrame) -> Any:
    """Excel has cut the NIKs of one list, and knows a few temporary numbers; the other is sound."""
    cut = hard[:250].with_columns(pl.col("NIK").str.slice(0, 15) + "0")
    return [cut.to_pandas(), hard[250:].to_pandas()]


def _copies(hard: pl.DataFrame) -> Any:
    other = {**SITI, "NIK": "6212014107909002", "NAMA_LGKP": "SITI AMINA"}
    lists = [*[SITI] * 30, *[other] * 2, *[IDI] * 3, *[{**other, "NAMA_LGKP_IBU": None}] * 12]
    return pl.concat([hard, pl.DataFrame(lists)], how="diagonal")


def _overlapping(hard: pl.DataFrame) -> Any:
    return [hard[:350], pl.concat([hard[200:], hard[210:215], hard[210:213]])]


EXTRACTS: dict[str, tuple[Callable[[pl.DataFrame], Any], dict[str, Any]]] = {
    "hard": (lambda hard: hard, {}),
    "no_day": (lambda hard: hard.drop("TGL_ENTRI", "TGL_UBAH", "EKTP_CREATED"), {}),
    "excel": (_excel, {"reference_date": DAY}),
    "dragged": (lambda _: CASES / "dragged_1_series.csv", {"reference_date": DAY}),
    "turned": (lambda _: CASES / "dates_swapped_by_a_us_locale.csv", {"reference_date": DAY}),
    "copies": (_copies, {"reference_date": DAY}),
    "overlap": (_overlapping, {"reference_date": DAY}),
    "opaque": (lambda hard: hard, {"nik_scheme": "opaque"}),
    "plain": (lambda hard: hard, {"names": "plain"}),
    "further": (lambda hard: hard.with_columns(TELEPON=pl.col("NO_KK").str.head(11)), {}),
}


@pytest.fixture(scope="module", params=EXTRACTS)
def result(request: pytest.FixtureRequest, hard: pl.DataFrame) -> Result:
    made, settings = EXTRACTS[request.param]
    return dedupe(made(hard), **settings)


@pytest.fixture(scope="module")
def folder(result: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return result.write(tmp_path_factory.mktemp("run") / "run")


def scores(result: Result, pairs: list[tuple[int, int]]) -> list[dict[str, Any]]:
    score = result._scorer
    assert score is not None
    return [score(*pair) for pair in pairs]


def asked(result: Result) -> list[tuple[int, int]]:
    """Return some stored pairs and some that are not: strangers, and those who share a name, dated and not."""
    stored = result.pairs.sample(min(8, len(result.pairs)), seed=5).select("row_l", "row_r").rows()
    rows, rng = result.residents.select("row", "nama_lgkp_clean"), np.random.default_rng(5)
    alike = rows.join(rows, on="nama_lgkp_clean").filter(pl.col("row") < pl.col("row_right"))
    same = alike.select("row", "row_right").sort("row", "row_right").head(2).rows()
    strangers = [tuple(sorted(rng.choice(len(rows), 2, replace=False).tolist())) for _ in range(2)]
    return [*stored, *same, *strangers]


@pytest.fixture(scope="module")
def told(result: Result) -> dict[tuple[int, int], dict[str, Any]]:
    """What the run in memory says of some pairs."""
    pairs = asked(result)
    return dict(zip(pairs, scores(result, pairs), strict=True))


def test_stored_pairs_weigh_what_they_weighed(result: Result, told: dict[tuple[int, int], Any]) -> None:
    levels = [name for name in result.pairs.columns if name.startswith("level_")]
    stored = [one for one in result.pairs.iter_rows(named=True) if (one["row_l"], one["row_r"]) in told]
    assert stored
    for one in stored:
        found = told[one["row_l"], one["row_r"]]
        assert found["weight_log2"] == one["weight_log2"]
        assert [found[name] for name in levels] == [one[name] for name in levels]
        assert set(found["passes"]) >= set(one["passes"])


def test_a_folder_tells_what_memory_tells(folder: Path, told: dict[tuple[int, int], Any]) -> None:
    assert scores(nikdedup.open(folder), list(told)) == list(told.values())


def test_a_run_that_does_not_say_its_damage_is_examined_again(
    folder: Path, told: dict[tuple[int, int], Any]
) -> None:
    path = folder / RUN
    text = path.read_text(encoding="utf-8")
    record = json.loads(text)
    for source in record["input"]["sources"]:
        del source["damage"]
    path.write_text(json.dumps(record), encoding="utf-8")
    try:
        before = nikdedup.open(folder)
    finally:
        path.write_text(text, encoding="utf-8")
    assert scores(before, list(told)[::4]) == list(told.values())[::4]


def test_a_few_residents_are_understood_as_among_all(result: Result) -> None:
    assert result.understood is not None
    rows = np.arange(0, len(result.people), 3)
    again = understanding.Again(result.residents, result.record, result.config)(rows)
    assert again.select(*EVIDENCE).equals(result.understood[rows].select(*EVIDENCE))
    assert again.drop(*EVIDENCE).equals(result.residents[rows])


def test_an_opened_run_understands_no_more_than_it_is_asked(
    small_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = nikdedup.open(small_run)
    sizes: list[int] = []
    understand = understanding.normalise_and_survey

    def counted(raw: pl.DataFrame, **how: Any) -> Any:
        sizes.append(len(raw))
        return understand(raw, **how)

    monkeypatch.setattr(understanding, "normalise_and_survey", counted)
    monkeypatch.setattr(understanding, "understand_again", None)
    run.explain(3, 411)
    assert sizes
    assert max(sizes) < 40


def test_whether_an_undated_record_brings_others_together_is_seen(hard: pl.DataFrame) -> None:
    """Two dated records share a word and a place; the pass keeps such keys only where a record without a date is."""
    here = {"TMPT_LHR": "PURUK CAHU", "NAMA_LGKP": "WIRDANELA SARI"}
    extra = [
        {**here, "NIK": "6212014107909001", "TGL_LHR": "01-07-1990"},
        {**here, "NIK": "6212015203859002", "TGL_LHR": "12-03-1985", "NAMA_LGKP": "WIRDANELA PUTRI"},
        {**here, "NIK": None, "TGL_LHR": None, "NAMA_LGKP": "WIRDANELA"},
    ]
    for wanted, found in ((3, True), (2, False)):
        result = dedupe(pl.concat([hard, pl.DataFrame(extra[:wanted])], how="diagonal"), reference_date=DAY)
        [one] = scores(result, [(500, 501)])
        assert ("word_place" in one["passes"]) is found
        assert result.understood is not None
        e = evidence_of(result.understood, structured=True)
        assert (e.birth == NO_DATE).any()
        assert passes_of(e, 500, 501) == one["passes"]


def test_linked_extracts_compare_their_copies_each(hard: pl.DataFrame, tmp_path: Path) -> None:
    copies = pl.DataFrame([SITI] * 12)
    lists = [pl.concat([hard[:250], copies], how="diagonal"), pl.concat([hard[200:], copies], how="diagonal")]
    result = dedupe(link=lists, reference_date=DAY)
    assert result.run["input"]["link"] is True
    pairs = result.pairs.sample(6, seed=1)
    for run in (result, nikdedup.open(result.write(tmp_path / "run"))):
        found = scores(run, pairs.select("row_l", "row_r").rows())
        assert [one["weight_log2"] for one in found] == pairs["weight_log2"].to_list()


def test_a_run_in_parts_tells_the_same(
    hard: pl.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "hard.parquet"
    hard.write_parquet(path)
    whole = dedupe(path, reference_date=DAY)
    cut(monkeypatch, tmp_path / "scratch")
    parts = dedupe(path, reference_date=DAY)
    assert parts.understood is None
    pairs = asked(whole)
    assert scores(parts, pairs) == scores(whole, pairs)


def test_officers_have_named_copies_that_are_compared_all_the_same(tmp_path: Path) -> None:
    links = tmp_path / "links.csv"
    links.write_text(
        "kind,record_id_l,record_id_r,who,when\ncannot_link,3,7,Rina,2026-06-01\n", encoding="utf-8"
    )
    other = {**SITI, "NIK": "6212015203889003", "TGL_LHR": "12-03-1988", "NAMA_LGKP": "ANI LESTARI"}
    people = pl.DataFrame([*[SITI] * 30, other, {**other, "NAMA_LGKP": "ANI LESTARIE"}])
    result = dedupe(people, constraints=links, reference_date=DAY)
    pairs = result.pairs.select("row_l", "row_r").rows()
    assert [one["weight_log2"] for one in scores(result, pairs)] == result.pairs["weight_log2"].to_list()


def test_run_json_says_what_is_wrong_with_a_source(hard: pl.DataFrame) -> None:
    cut = hard.with_columns(pl.col("NIK").str.slice(0, 15) + "0")
    (sound, excel) = (
        dedupe(one, reference_date=DAY).run["input"]["sources"][0]["damage"] for one in (hard, cut)
    )
    assert "nik_truncated" not in sound
    assert excel["nik_truncated"] is True
