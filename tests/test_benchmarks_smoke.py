"""The benchmark harness measures what it says, judges as an oracle does, and runs from end to end."""

import sys
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("resource", reason="processes are measured on POSIX only")

import nikdedup
from benchmarks import (
    accuracy,
    blocking,
    charts,
    data,
    decisions,
    decoys,
    losses,
    missing,
    nightly,
    report,
    run,
    store,
)
from benchmarks.febrl import truth_of
from benchmarks.judge import judge_pairs
from benchmarks.machine import machine, versions
from benchmarks.measure import measure
from nikdedup.lab.calibration import PARTS, Bin, Calibration
from nikdedup.lab.scorecard import TRAPS, Evaluation, Share
from nikdedup.publish.layout import OUTPUTS

ROOT = Path(__file__).parents[1]
MB = 1_000_000
Scored = list[tuple[int, int, int]]


def python(code: str, **options: Any) -> Any:
    return measure([sys.executable, "-c", code], **options)


def test_memory_of_the_whole_tree_is_seen() -> None:
    child = "import time; held = bytearray(120_000_000); time.sleep(0.6)"
    parent = (
        "import subprocess, sys, time; held = bytearray(120_000_000); "
        f"subprocess.run([sys.executable, '-c', {child!r}])"
    )
    alone, both = python(child), python(parent)
    assert alone.exit_code == both.exit_code == 0
    assert 120 * MB < alone.peak_bytes < 200 * MB
    assert 240 * MB < both.peak_bytes < 400 * MB


def test_processor_time_is_not_wall_time() -> None:
    idle = python("import time; time.sleep(0.8)")
    busy = python("import time\nend = time.process_time() + 0.8\nwhile time.process_time() < end: pass")
    assert idle.wall_s >= 0.8
    assert idle.cpu_s < 0.5 < 0.8 <= busy.cpu_s


def test_a_failed_run_tells_its_code_and_last_line() -> None:
    cost = python("import sys; print('first\\nlast', file=sys.stderr); sys.exit(2)")
    assert (cost.exit_code, cost.error) == (2, "last")


def test_a_run_past_its_time_is_stopped_with_its_children() -> None:
    nested = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
    cost = python(nested, timeout_s=1.0)
    assert cost.exit_code != 0
    assert cost.error == "stopped after 1 s"
    assert cost.wall_s < 20


def oracle(scored: Scored, person: list[int]) -> float:
    """Return the best F1 over all thresholds, by listing pairs of pairs and of components."""
    true = {p for p in combinations(range(len(person)), 2) if person[p[0]] == person[p[1]]}
    best = 0.0
    for threshold in {score for *_, score in scored}:
        direct = {(a, b) for a, b, score in scored if score >= threshold}
        components = nx.connected_components(nx.Graph(direct))
        closed = {pair for members in components for pair in combinations(sorted(members), 2)}
        for found in (direct, closed):
            best = max(best, 2 * len(found & true) / (len(found) + len(true)))
    return best


@st.composite
def answers(draw: st.DrawFn) -> tuple[Scored, list[int]]:
    person = draw(st.lists(st.integers(0, 4), min_size=2, max_size=9))
    pairs = draw(st.lists(st.sampled_from(list(combinations(range(len(person)), 2))), unique=True))
    return [(a, b, draw(st.integers(-3, 3))) for a, b in pairs], person


def judged(folder: Path, scored: Scored, person: list[int]) -> dict[str, Any]:
    schema = {"row_l": pl.Int64, "row_r": pl.Int64, "score": pl.Float64}
    pl.DataFrame(scored, schema=schema, orient="row").write_parquet(folder / "pairs.parquet")
    people = [f"P{number}" for number in person]
    pl.DataFrame({"true_person_id": people}).write_parquet(folder / "truth.parquet")
    return judge_pairs(folder / "pairs.parquet", folder / "truth.parquet", own_threshold=0.0)


@settings(max_examples=60, deadline=None)
@given(answers())
def test_best_case_is_that_of_the_oracle(
    tmp_path_factory: pytest.TempPathFactory, case: tuple[Scored, list[int]]
) -> None:
    scored, person = case
    seen = judged(tmp_path_factory.mktemp("judge"), scored, person)
    assert seen["f1"] == pytest.approx(oracle(scored, person))
    assert seen["f1_own_threshold"] <= seen["f1"] + 1e-12


def test_components_add_the_pairs_between(tmp_path: Path) -> None:
    seen = judged(tmp_path, [(0, 1, 5), (1, 2, 4), (2, 3, -2)], [1, 1, 1, 2])
    assert (seen["level"], seen["threshold"], seen["f1"]) == ("persons", 4.0, 1.0)
    assert seen["f1_own_threshold"] == 1.0
    assert seen["blocked_recall"] == pytest.approx(2 / 3)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("data")
    peers = ["ours", "ours-written", *(["recordlinkage"] if "recordlinkage" in versions() else []), "floor"]
    return run.run(run.Plan([2_000], ["murung-raya"], peers, 1, timeout_s=120, folder=folder))


def test_ours_and_floor_from_generate_to_evaluate(results: list[dict[str, Any]]) -> None:
    by_peer = {result["peer"]: result for result in results}
    assert all(result["exit_code"] in run.ANSWERED for result in results)
    assert all(result["wall_s"] > 0 and result["peak_mb"] > 20 for result in results)
    assert by_peer["ours"]["answer"]["f1"] > 0.85
    assert by_peer["ours"]["answer"]["true_pairs"] > 20
    assert by_peer["floor"]["answer"] == {}
    written = by_peer["ours-written"]["answer"]["written"]
    assert set(written["files"]) == {*OUTPUTS} - {"run.json"}
    assert all(file["bytes"] > 0 <= file["cpu_s"] for file in written["files"].values())
    if "recordlinkage" in by_peer:
        assert 0.3 < by_peer["recordlinkage"]["answer"]["f1"] <= 1


def test_results_survive_the_file_and_replace_their_like(
    results: list[dict[str, Any]], tmp_path: Path
) -> None:
    file = tmp_path / "results.jsonl"
    other = {**results[0], "rows": 5_000}
    store.save(store.merged([other, *results], [{**results[0], "wall_s": 9.5}]), file)
    seen = store.load(file)
    assert len(seen) == len(results) + 1
    assert [r["wall_s"] for r in seen if r["peer"] == results[0]["peer"] and r["rows"] == 2_000] == [9.5]
    assert store.load(tmp_path / "absent.jsonl") == []


def test_the_page_holds_every_contestant_and_no_path(results: list[dict[str, Any]], tmp_path: Path) -> None:
    text = report.results_text(results, charts=["time.svg"])
    for result in results:
        assert f"{result['wall_s']:.2f} | " in text
    assert machine()["cpu"] in text
    assert "![time](time.svg)" in text
    [head, _, row] = text.split("## Writing a run")[1].strip().splitlines()[2:5]
    assert head.count("|") == row.count("|")
    assert "report.html" in head
    for trace in (str(ROOT), str(Path.home()), str(tmp_path.parent), sys.prefix):
        assert trace not in text


def test_ratios_stand_within_one_run_only(results: list[dict[str, Any]]) -> None:
    ours, *others = ({**result, "wall_s": 2.0} for result in results)
    floor = {**others[-1], "wall_s": 0.5}
    [*_, row] = report.table([ours, floor]).splitlines()
    assert row.split(" | ")[2] == "0.25"
    [*_, row] = report.table([ours, {**floor, "run": "another"}]).splitlines()
    assert row.split(" | ")[2] == "-"
    [*_, row] = report.table([ours, {**floor, "exit_code": 137, "error": ""}]).splitlines()
    assert "no answer: exit code 137" in row
    assert row.count("|") == report.table([ours]).splitlines()[0].count("|")


def test_charts_are_drawn(results: list[dict[str, Any]], tmp_path: Path) -> None:
    pytest.importorskip("altair")
    pytest.importorskip("vl_convert")
    assert charts.draw([], tmp_path) == []
    for name in charts.draw(results, tmp_path):
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert text.startswith("<svg")
        assert "nikdedup" in text


def test_data_is_made_once_and_again_when_the_generator_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []

    def generate(command: list[str], **_: Any) -> Any:
        made.append(command)
        out = Path(command[command.index("--out") + 1])
        for file in (out, out.with_name(f"{out.stem}.truth.parquet")):
            file.touch()
        return type("Done", (), {"returncode": 0})()

    monkeypatch.setattr(data.subprocess, "run", generate)
    for print_ in ("one", "one", "two"):
        monkeypatch.setattr(data, "generator_print", lambda p=print_: p)
        data.extract("hard", 10, 1, folder=tmp_path)
    assert len(made) == 2


def evaluation(hits: int, found: int, true: int) -> Evaluation:
    return Evaluation(
        records=100,
        precision=Share(hits, found),
        recall=Share(hits, true),
        recall_by_kind={"C": Share(hits, true)},
        review_pairs=3,
        review_true=1,
        recall_with_review=Share(hits + 1, true),
        shared_niks=Share(2, 2),
        shared_nik_false_joins=0,
        false_by_trap=dict.fromkeys(TRAPS, 1),
        survivor=Share(hits, hits),
        largest_person=found,
    )


def test_true_pairs_reach_comparison_by_kind(tmp_path: Path) -> None:
    found = blocking.reached("hard", 3_000, 5, folder=tmp_path)
    assert found["all"] == tuple(np.sum([count for kind, count in found.items() if kind != "all"], axis=0))
    assert found["all"][0] > 0.97 * found["all"][1] > 90
    both = blocking.added([found, {"all": (0, 10), "Z": (0, 10)}])
    assert both["all"] == (found["all"][0], found["all"][1] + 10)
    assert "0.0000 (10)" in blocking.table({"hard": both})


def test_decoys_are_judged_by_the_truth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoys, "ENOUGH", 5)
    one = decoys.judged("hard", 8_000, 5, folder=tmp_path)
    assert one.true >= 5
    assert one.low < one.expected < one.high
    assert "| yes |" in decoys.table([replace(one, expected=float(one.true))])
    assert "| no |" in decoys.table(
        [replace(one, expected=9.0 * one.true, low=8.0 * one.true, high=10.0 * one.true)]
    )


def test_pooled_accuracy_adds_counts() -> None:
    small, large = evaluation(1, 2, 2), evaluation(80, 80, 100)
    both = accuracy.pooled([small, large])
    assert (both.precision, both.recall) == (Share(81, 82), Share(81, 102))
    assert (both.review_pairs, both.false_by_trap["twin"], both.largest_person) == (6, 2, 80)
    table = accuracy.table([1, 2], [small, large])
    assert f"{both.f1:.4f}" in table.split("**pooled**")[1].splitlines()[0]
    rows = [line for line in table.splitlines() if line.startswith("|")]
    assert len({row.count("|") for row in rows}) == 1


def test_further_seeds_count_for_calibration_alone() -> None:
    """The figures of the profile stay those of its own seeds; the pairs to review add up."""
    bins = Calibration((Bin(40, 20.0, 25, 8.0),))
    seen = replace(evaluation(1, 2, 2), calibration=dict.fromkeys(PARTS, bins))
    alone, more = accuracy.table([1, 2], [seen, seen]), accuracy.table([1, 2], [seen, seen], [seen])
    added = [line for line in more.splitlines() if line not in alone.splitlines()]
    assert len(added) == 1
    assert added[0].startswith("| **with 1 further seeds** | 0.1250 |")
    assert "| 120 |" in added[0]
    assert added[0].count("|") == alone.split("| seed | calibration error")[1].splitlines()[0].count("|") + 2


def test_decisions_are_timed_and_judged(tmp_path: Path) -> None:
    lines = decisions.measure(1_500, 5, tmp_path, workbook_rows=300)
    assert [line.split()[0] for line in lines] == ["records", "decide", "workbook", "survivor"]
    assert all(float(line.split()[1]) < 60 for line in lines[1:3])
    assert float(lines[3].split()[1]) > 0.9
    assert decisions.measure(1_500, 5, tmp_path, workbook_rows=300)[0] == lines[0]


def test_columns_are_missed_one_by_one(tmp_path: Path) -> None:
    found = dict(missing.judged("stranger", 2_000, 5, folder=tmp_path))
    assert list(found) == [*missing.WITHOUT, missing.ONLY_FEW]
    assert len({seen.recall.of for seen in found.values()}) == 1
    assert found["nothing"].review_pairs != found[missing.ONLY_FEW].review_pairs
    rows = missing.table(found).splitlines()
    assert len(rows) == len(found) + 2
    assert len({row.count("|") for row in rows}) == 1


def test_every_true_pair_that_is_not_joined_has_a_cause(tmp_path: Path) -> None:
    file, truth = data.extract("stranger", 6_000, 5, folder=tmp_path)
    result, answers = nikdedup.dedupe(file), pl.read_parquet(truth)
    found = losses.losses(result, answers)
    seen = nikdedup.evaluate(result, truth)
    joined = found.filter(pl.col("cause") == losses.JOINED)
    assert (len(joined), len(found)) == (seen.recall.hits, seen.recall.of)
    review = found.filter(pl.col("cause").str.starts_with("review: "))
    assert len(joined) + len(review) == seen.recall_with_review.hits
    lost = found.filter(pl.col("cause").str.starts_with("lost: "))
    assert len(joined) + len(review) + len(lost) == len(found)
    assert found.filter(pl.col("cause") != losses.JOINED)["name"].null_count() == 0
    text = losses.report(result, answers)
    assert f"| **joined** | {len(joined):,} |" in text
    assert len(losses.false_joins(result, answers)) == seen.expected_false.false


@pytest.mark.parametrize(
    ("told", "in_review", "refused", "cause"),
    [
        ({"weight_log2": 9.0}, True, "sex_differs", "review: clustering refused, sex_differs"),
        ({"weight_log2": 9.0, "held": ["twins_possible"]}, True, None, "review: veto twins_possible"),
        ({"weight_log2": 3.0, "held": ["a", "b"]}, True, None, "review: veto a + b, weight too"),
        ({"weight_log2": 3.0}, True, None, "review: weight"),
        ({"weight_log2": -9.0}, False, None, "lost: weight below review"),
        ({"weight_log2": 9.0}, False, None, "lost: prefilter or budget"),
        ({"weight_log2": 9.0, "passes": []}, False, None, "lost: no pass"),
        ({"weight_log2": -9.0, "passes": []}, False, None, "lost: no pass, weight below review too"),
    ],
)
def test_causes(told: dict[str, Any], in_review: bool, refused: str | None, cause: str) -> None:
    limits = {"confirmed_log2": 5.0, "review_log2": 0.0}
    assert losses._cause({"held": [], "passes": ["name"]} | told, in_review, refused, limits) == cause


def test_linked_records_are_one_person() -> None:
    truth = truth_of(pl.Series(["a", "b", "c", "d"]), {("b", "c"), ("a", "b")})
    assert truth["true_person_id"].to_list() == ["a", "a", "a", "d"]


def test_nights_are_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_extract: Path) -> None:
    monkeypatch.setattr(nightly, "extract", lambda *_: (small_extract, small_extract))
    page, fine = nightly._measured_in(tmp_path, 600, 1, 1, repeats=1)
    rows = [line for line in page.splitlines() if line.startswith(("| 1 |", "| 2 |"))]
    assert fine == ("All kept." in page)
    assert len(rows) == 2
    events, ledger = (rows[1].split("|")[at].strip() for at in (6, 7))
    assert int(events) > 0
    assert 0 < float(ledger) < 60
    assert "one person in a warm process" in page
