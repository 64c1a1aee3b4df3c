"""Evaluation against a slow oracle that lists every pair."""

from dataclasses import replace
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nikdedup import Result
from nikdedup.errors import InputError
from nikdedup.lab import Evaluation, evaluate
from nikdedup.lab.calibration import Calibration, ExpectedFalse, calibrations, expected_false, judged_pairs
from nikdedup.lab.scorecard import GROUPS, TRAPS, GroupScore, Share
from nikdedup.publish.found import DecoysFound
from nikdedup.schema import DECISIONS, KINDS, PAIRS, PEOPLE, TRUTH, TRUTH_GROUPS, empty


def write_run(
    folder: Path,
    persons: list[str],
    *,
    ids: list[str] | None = None,
    review: list[tuple[int, int]] = [],  # noqa: B006
    decisions: list[dict[str, object]] = [],  # noqa: B006
) -> Path:
    """Write the three tables of a run; persons[i] is the person_id of row i."""
    folder.mkdir(parents=True, exist_ok=True)
    ids = ids or [str(i) for i in range(len(persons))]
    frame = pl.DataFrame({"row": range(len(ids)), "record_id": ids, "person_id": persons}, schema=PEOPLE)
    frame.write_parquet(folder / "people.parquet")
    pairs = pl.DataFrame(
        [
            {"row_l": a, "row_r": b, "record_id_l": ids[a], "record_id_r": ids[b], "band": "review"}
            for a, b in review
        ],
        schema={key: PAIRS[key] for key in ("row_l", "row_r", "record_id_l", "record_id_r", "band")},
    )
    pl.concat([empty(PAIRS), pairs], how="diagonal").write_parquet(folder / "pairs.parquet")
    rows = pl.DataFrame(decisions, schema=DECISIONS) if decisions else empty(DECISIONS)
    rows.write_parquet(folder / "decisions.parquet")
    return folder


def write_truth(path: Path, rows: list[tuple[str, str, str | None, str | None]]) -> Path:
    frame = pl.DataFrame(rows, schema=TRUTH, orient="row")
    if path.suffix == ".csv":
        frame.write_csv(path)
    else:
        frame.write_parquet(path)
    return path


def oracle(
    persons: list[int], truth: list[tuple[int, str | None, str | None]], review: list[tuple[int, int]]
) -> dict[str, object]:
    """Count everything by looking at each pair of records."""
    order = {None: -1, **{kind: i for i, kind in enumerate(KINDS)}}
    names = {order[kind]: kind or "none" for kind in order}
    found = true = hits = 0
    by_kind: dict[str, list[int]] = {}
    traps = dict.fromkeys(TRAPS, 0)
    shared_joined = 0
    for a, b in combinations(range(len(persons)), 2):
        joined, same = persons[a] == persons[b], truth[a][0] == truth[b][0]
        found, true, hits = found + joined, true + same, hits + (joined and same)
        if same:
            counts = by_kind.setdefault(names[max(order[truth[a][1]], order[truth[b][1]])], [0, 0])
            counts[0] += joined
            counts[1] += 1
        if joined and not same:
            for trap in TRAPS:
                traps[trap] += truth[a][2] == truth[b][2] == trap
            shared_joined += truth[a][1] == truth[b][1] == "B"
    open_review = {tuple(sorted(pair)) for pair in review if persons[pair[0]] != persons[pair[1]]}
    return {
        "found": found, "true": true, "hits": hits, "by_kind": by_kind, "traps": traps,
        "shared_joined": shared_joined, "review": len(open_review),
        "review_true": sum(truth[a][0] == truth[b][0] for a, b in open_review),
    }  # fmt: skip


@st.composite
def runs(
    draw: st.DrawFn,
) -> tuple[list[int], list[tuple[int, str | None, str | None]], list[tuple[int, int]]]:
    size = draw(st.integers(1, 14))
    persons = draw(st.lists(st.integers(0, 4), min_size=size, max_size=size))
    row = st.tuples(
        st.integers(0, 4), st.sampled_from([None, *KINDS]), st.sampled_from([None, *TRAPS])
    )  # fmt: skip
    truth = draw(st.lists(row, min_size=size, max_size=size))
    pairs = list(combinations(range(size), 2))
    review = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    return persons, truth, review


@settings(max_examples=60, deadline=None)
@given(runs())
def test_counts_equal_the_oracle(
    tmp_path_factory: pytest.TempPathFactory,
    run: tuple[list[int], list[tuple[int, str | None, str | None]], list[tuple[int, int]]],
) -> None:
    persons, truth, review = run
    folder = tmp_path_factory.mktemp("run")
    write_run(folder, [f"p{p}" for p in persons], review=review)
    answers = write_truth(
        folder / "truth.parquet",
        [(str(i), f"t{person}", kind, trap) for i, (person, kind, trap) in enumerate(truth)][::-1],
    )
    got, want = evaluate(folder, answers), oracle(persons, truth, review)
    assert (got.precision.of, got.recall.of, got.recall.hits) == (want["found"], want["true"], want["hits"])
    assert {kind: [share.hits, share.of] for kind, share in got.recall_by_kind.items()} == want["by_kind"]
    assert got.false_by_trap == want["traps"]
    assert got.shared_nik_false_joins == want["shared_joined"]
    assert (got.review_pairs, got.review_true) == (want["review"], want["review_true"])
    assert got.recall_with_review.hits == want["hits"] + want["review_true"]  # type: ignore[operator]
    p, r = got.precision.value, got.recall.value
    if p and r:
        assert got.f1 == pytest.approx(2 * p * r / (p + r))


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 3), st.sets(st.sampled_from(GROUPS[:3]))), max_size=9
    ),
    st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=8),
)
@settings(max_examples=60)
def test_groups_count_the_pairs_that_touch_them(
    tmp_path_factory: pytest.TempPathFactory,
    records: list[tuple[int, int, set[str]]],
    review: list[tuple[int, int]],
) -> None:
    n = len(records)
    review = sorted({(min(pair), max(pair)) for pair in review if max(pair) < n and pair[0] != pair[1]})
    folder = tmp_path_factory.mktemp("run")
    write_run(folder, [f"p{joined}" for joined, _, _ in records], review=review)
    rows = [
        (str(i), f"t{true}", None, None, " ".join(g for g in GROUPS if g in groups) or None)
        for i, (_, true, groups) in enumerate(records)
    ]
    truth = folder / "truth.parquet"
    pl.DataFrame(rows, schema=TRUTH | {TRUTH_GROUPS: pl.String()}, orient="row").write_parquet(truth)
    got = evaluate(folder, truth).by_group
    assert bool(got) == any(groups for *_, groups in records)
    for group, score in got.items():
        found = true = hits = more = 0
        for a, b in combinations(range(n), 2):
            if group in records[a][2] | records[b][2]:
                joined, same = records[a][0] == records[b][0], records[a][1] == records[b][1]
                found, true, hits = found + joined, true + same, hits + (joined and same)
                more += same and not joined and (a, b) in review
        assert score == GroupScore(Share(hits, found), Share(hits, true), Share(hits + more, true)), group


def test_words_that_are_no_group_are_counted_not_shown(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", ["a", "b"])
    rows = [("0", "t", None, None, "bali SITI"), ("1", "u", None, None, None)]
    pl.DataFrame(rows, schema=TRUTH | {TRUTH_GROUPS: pl.String()}, orient="row").write_csv(tmp_path / "t.csv")
    with pytest.raises(
        InputError, match=r"^truth t\.csv: 1 words of groups are unknown; allowed are one_word"
    ):
        evaluate(run, tmp_path / "t.csv")


def banded(pairs: list[tuple[int, int, str | None, float]], truth: list[str]) -> pl.DataFrame:
    """Return what `judged_pairs` makes of pairs of two rows, a band and a probability."""
    rows = [(a, b, str(a), str(b), band, p) for a, b, band, p in pairs]
    names = ("row_l", "row_r", "record_id_l", "record_id_r", "band", "probability")
    frame = pl.DataFrame(rows, schema={name: PAIRS[name] for name in names}, orient="row")
    people = pl.DataFrame({"record_id": [str(i) for i in range(len(truth))], "true_person_id": truth})
    return judged_pairs(frame, people)


def test_calibration_bins_pairs_of_equal_counts() -> None:
    truth = [f"t{i // 2}" for i in range(40)]
    pairs = [(i, i + 1, "review", 0.5 + i / 100) for i in range(20)] + [(20, 21, None, 0.1)]
    found = calibrations(banded(pairs, truth))
    assert found["all"] == found["review"]
    assert found["confirmed"].error is None
    assert [one.pairs for one in found["all"].bins] == [2] * 10
    assert [one.true for one in found["all"].bins] == [1] * 10, "every other pair is of one person"
    expected = [0.5 + (2 * i + 0.5) / 100 for i in range(10)]
    assert found["all"].error == pytest.approx(sum(abs(p - 0.5) for p in expected) / 10, abs=1e-6)
    both = Calibration.together([found["all"], found["confirmed"], found["all"]])
    assert (both.pairs, both.error) == (40, found["all"].error)
    assert found["all"].noise is not None
    assert both.noise == pytest.approx(found["all"].noise / 2**0.5, abs=1e-6), "twice the pairs"


def test_right_probabilities_err_by_chance_as_much_as_is_said() -> None:
    draw = np.random.default_rng(7)
    p = np.sort(draw.beta(0.4, 0.6, 600)).round(3)
    errors = []
    for _ in range(40):
        true = draw.random(600) < p
        rows = {"band": ["review"] * 600, "probability": p, "true": true}
        errors.append(calibrations(pl.DataFrame(rows))["review"])
    said = errors[0].noise
    assert np.mean([one.error for one in errors]) == pytest.approx(said, rel=0.1)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "holds"),
    [
        (None, None),
        ({"status": "not_measurable"}, None),
        ({"false_matches": 7.0}, None),
        ({"false_matches": 1.1, "low": 0.1, "high": 0.2}, True),
        ({"false_matches": 7.0, "low": 0.3, "high": 0.9}, False),
        ({"false_matches": 7.0, "low": 0.2, "high": 0.9}, True),
    ],
    ids=["silent", "unknown", "without bounds", "within-two", "beyond", "covered"],
)
def test_decoys_are_held_to_the_truth(
    said: dict[str, object] | None, holds: bool | None, small_result: Result
) -> None:
    judged = banded([(i, i + 1, "confirmed", 0.9) for i in range(4)], ["a", "a", "b", "b", "c"])
    record = small_result.record
    counts = record.counts.model_copy(update={"confirmed_pairs": 10})
    decoys = None if said is None else DecoysFound.model_validate({"status": "measured", **said})
    found = expected_false(judged, record.model_copy(update={"decoys": decoys, "counts": counts}))
    assert (found.confirmed, found.false, found.holds) == (4, 2, holds)


def decision(
    row: int, other: int, survivor: int | None, recorded: str, kind: str | None = "C"
) -> dict[str, object]:
    values: dict[str, object] = dict.fromkeys(DECISIONS)
    values |= {"row": row, "record_id": str(row), "kind": kind, "survivor_row": survivor, "other_row": other}
    return values | {"recorded": recorded, "reasons": []}


def test_survivors(tmp_path: Path) -> None:
    persons = ["a", "a", "b", "b", "c", "c", "d", "d", "e", "f", "g", "g", "h", "h"]
    rows = [
        decision(0, 1, 0, "yes"), decision(1, 0, 0, "no"),  # right
        decision(2, 3, 3, "yes"), decision(3, 2, 3, "unknown"),  # wrong: the unrecorded one was kept
        decision(4, 5, 4, "no"), decision(5, 4, 4, "no"),  # nobody recorded: not judged
        decision(6, 7, 6, "yes"), decision(7, 6, 6, "yes"),  # both recorded: not judged
        decision(8, 9, 8, "yes"), decision(9, 8, 8, "no"),  # not joined: not judged
        decision(10, 11, 11, "yes") | {"action": "correct_nik"}, decision(11, 10, 11, "no"),  # right: its number is
        decision(12, 13, 13, "yes") | {"action": "drop_copy"}, decision(13, 12, 13, "no"),  # wrong: it goes
    ]  # fmt: skip
    run = write_run(tmp_path / "run", persons, decisions=rows)
    truth = write_truth(tmp_path / "t.csv", [(str(i), f"t{i // 2}", "C", None) for i in range(14)])
    assert evaluate(run, truth).survivor == Share(2, 4)


def test_shared_niks_are_counted_apart(tmp_path: Path) -> None:
    rows = [decision(0, 1, None, "yes", "B"), decision(1, 0, None, "no", "B"), decision(2, 3, 2, "no", "C")]
    run = write_run(tmp_path / "run", ["a", "b", "c", "c"], decisions=rows)
    truth = write_truth(tmp_path / "t.parquet", [(str(i), f"t{i}", "B", None) for i in range(4)])
    result = evaluate(run, truth)
    assert result.shared_niks == Share(2, 4)
    assert result.shared_nik_false_joins == 1
    assert result.recall.of == 0
    assert result.as_dict()["recall"]["value"] is None


def test_a_huge_group_is_counted_not_listed(tmp_path: Path) -> None:
    size = 200_000
    run = write_run(tmp_path / "run", ["one"] * size)
    truth = write_truth(tmp_path / "t.parquet", [(str(i), f"t{i // 2}", None, "twin") for i in range(size)])
    result = evaluate(run, truth)
    assert result.precision == Share(size // 2, size * (size - 1) // 2)
    assert result.largest_person == size


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        (["0", "1"], "1 records of the run are missing and 0 are unknown"),
        (["0", "1", "2", "3"], "0 records of the run are missing and 1 are unknown"),
        (["0", "1", "1"], "1 record_ids are repeated"),
        (["0", "1", None], "1 cells of record_id or true_person_id are empty"),
    ],
    ids=["missing", "unknown", "repeated", "empty"],
)
def test_record_ids_must_match(tmp_path: Path, ids: list[str], message: str) -> None:
    run = write_run(tmp_path / "run", ["a", "b", "c"])
    truth = write_truth(tmp_path / "t.parquet", [(i, "t", None, None) for i in ids])
    with pytest.raises(InputError, match=message) as fault:
        evaluate(run, truth)
    assert fault.value.exit_code == 2
    assert "\n" not in str(fault.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", ["a"])
    good = write_truth(tmp_path / "t.parquet", [("0", "t", None, None)])
    with pytest.raises(InputError, match="no such file"):
        evaluate(run, tmp_path / "none.parquet")
    with pytest.raises(InputError, match="finished run"):
        evaluate(tmp_path, good)
    with pytest.raises(InputError, match="1 cells of kind are unknown"):
        evaluate(run, write_truth(tmp_path / "z.csv", [("0", "t", "Z", None)]))
    pl.DataFrame({"record_id": ["0"]}).write_parquet(tmp_path / "bare.parquet")
    with pytest.raises(InputError, match="true_person_id, kind, trap are missing"):
        evaluate(run, tmp_path / "bare.parquet")
    (tmp_path / "t.txt").write_text("record_id\n")
    with pytest.raises(InputError, match=r"allowed are \.parquet and \.csv"):
        evaluate(run, tmp_path / "t.txt")
    (tmp_path / "broken.parquet").write_text("not parquet")
    with pytest.raises(InputError, match="not readable"):
        evaluate(run, tmp_path / "broken.parquet")


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (50, 100, 0.4038, 0.5962), (999, 1000, 0.9943, 0.9998)],
)
def test_wilson_interval(hits: int, of: int, low: float, high: float) -> None:
    assert Share(hits, of).interval() == pytest.approx((low, high), abs=1e-4)


def small(tmp_path: Path) -> Evaluation:
    run = write_run(tmp_path / "run", ["a", "a", "b", "c"], review=[(2, 3)])
    truth = [("0", "t", "C", None), ("1", "t", "C", None), ("2", "u", "E", None), ("3", "u", "E", None)]
    return evaluate(run, write_truth(tmp_path / "t.parquet", truth))


def test_a_run_in_memory_is_judged_like_its_folder(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", ["a", "a", "b", "c"], review=[(2, 3)])
    rows = [("0", "t", "C", None), ("1", "t", "C", None), ("2", "u", "E", None), ("3", "u", "E", None)]
    truth = write_truth(tmp_path / "t.parquet", rows)
    tables = {name: pl.read_parquet(run / f"{name}.parquet") for name in ("people", "pairs", "decisions")}
    assert evaluate(SimpleNamespace(**tables), str(truth)) == evaluate(str(run), truth)
    with pytest.raises(
        InputError, match=r"^evaluate: found int; allowed: a Result or the folder of a finished run$"
    ):
        evaluate(7, truth)  # type: ignore[arg-type]


def test_text_speaks_both_languages(tmp_path: Path) -> None:
    result = small(tmp_path)
    english, indonesian = result.text("en"), result.text("id")
    assert "Precision" in english
    assert "1.0000" in english
    assert "Presisi" in indonesian
    assert "1,0000" in indonesian
    assert len(english.splitlines()) == len(indonesian.splitlines())
    groups = {group: GroupScore(Share(9, 10), Share(8, 9), Share(9, 9)) for group in GROUPS}
    false = ExpectedFalse(20, 3, 2.5, 1.0, 4.0)
    full = replace(result, by_group=groups, expected_false=false)
    assert "3 (2,5 [1,0 - 4,0])" in full.text("id")
    for lang, word in (("en", "women who married (9)"), ("id", "perempuan yang menikah (9)")):
        assert word in full.text(lang)
        assert len(full.text(lang).splitlines()) == len(english.splitlines()) + len(GROUPS) + 2
    assert "not measurable" in replace(full, expected_false=replace(false, expected=None)).text("en")


def test_dict_is_plain(tmp_path: Path) -> None:
    values = small(tmp_path).as_dict()
    assert values["true_pairs"] == 2
    assert values["found_pairs"] == 1
    assert values["f1"]["value"] == pytest.approx(2 / 3)
    assert values["review"] == {
        "pairs": 1, "true": 1, "recall_with_review": Share(2, 2).as_dict(),
    }  # fmt: skip
    assert values["recall_by_kind"]["E"]["value"] == 0.0
