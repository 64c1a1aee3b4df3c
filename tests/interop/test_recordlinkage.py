"""recordlinkage as a guest: pairs, comparison vectors and sampled non-matches in, links back as people."""

import json
import warnings
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

import nikdedup
from nikdedup.errors import ConfigError, InputError

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    recordlinkage = pytest.importorskip("recordlinkage", reason="needs the extra recordlinkage")
    from nikdedup.interop.recordlinkage import Agreement, Passes, constraints, result

WHEN = "2026-01-05"


def extract(rows: int, seed: int, folder: Path) -> tuple[pd.DataFrame, dict[Any, str]]:
    """Return synthetic residents under labels of their own, and label -> true person."""
    nikdedup.generate(rows=rows, seed=seed, out=folder / "a.parquet", profile="murung-raya")
    frame = pd.read_parquet(folder / "a.parquet")
    truth = pl.read_parquet(folder / "a.truth.parquet")
    person = dict(zip(truth["record_id"], truth["true_person_id"], strict=True))
    frame.index = pd.Index([f"r{i}" for i in range(len(frame))], name="label")
    return frame, {label: person[str(i)] for i, label in enumerate(frame.index)}


def f1(links: pd.MultiIndex, person: dict[Any, str]) -> float:
    sizes = pd.Series(list(person.values())).value_counts()
    right = sum(person[a] == person[b] for a, b in links)
    return float(2 * right / (len(links) + (sizes * (sizes - 1) // 2).sum()))


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, dict[Any, str]]:
    return extract(6_000, 3, tmp_path_factory.mktemp("guest"))


def ecm_links(frame: pd.DataFrame) -> pd.MultiIndex:
    pairs = recordlinkage.Index([Passes()]).index(frame)
    return recordlinkage.ECMClassifier().fit_predict(Agreement().compute(pairs, frame))


def test_ecm_learns_without_a_label(people: tuple[pd.DataFrame, dict[Any, str]]) -> None:
    frame, person = people
    assert f1(ecm_links(frame), person) >= 0.9


@pytest.mark.slow
@pytest.mark.parametrize("seed", [11, 12])
def test_ecm_on_a_hundred_thousand(seed: int, tmp_path: Path) -> None:
    frame, person = extract(100_000, seed, tmp_path)
    assert f1(ecm_links(frame), person) >= 0.9


def test_pairs_as_recordlinkage_has_them(people: tuple[pd.DataFrame, dict[Any, str]]) -> None:
    frame, _ = people
    pairs = Passes().index(frame)
    assert list(pairs.names) == ["label_1", "label_2"]
    assert pairs.is_unique
    place = {label: i for i, label in enumerate(frame.index)}
    assert all(place[first] > place[second] for first, second in pairs)
    again = recordlinkage.Index([recordlinkage.index.Block("NIK"), Passes()]).index(frame)
    assert set(pairs) <= set(again)
    assert len(set(again)) == len(again)


def test_the_same_frame_gives_the_same_pairs(people: tuple[pd.DataFrame, dict[Any, str]]) -> None:
    frame, _ = people
    assert Passes().index(frame).equals(Passes().index(frame))


def test_non_matches_are_non_matches(people: tuple[pd.DataFrame, dict[Any, str]]) -> None:
    frame, person = people
    alone, with_others = (Passes(non_matches=share).index(frame) for share in (0, 2))
    assert set(alone) < set(with_others)
    assert len(with_others) == 3 * len(alone)
    drawn = with_others.difference(alone)
    assert sum(person[a] == person[b] for a, b in drawn) <= 0.01 * len(drawn)
    vectors = Agreement(kind="weight").compute(drawn, frame)["weight_log2"]
    assert (vectors < -6).all()
    every = Passes(non_matches=0, reach="all").index(frame)
    assert set(alone) < set(every)
    near = Passes(non_matches=1, near=0.5).index(frame).difference(alone)
    assert len(set(near) & set(every)) == round(len(alone) / 2)
    assert not set(drawn) & set(every)


def test_classifiers_that_are_told(people: tuple[pd.DataFrame, dict[Any, str]]) -> None:
    frame, person = people
    pairs = Passes(near=0.2).index(frame)
    vectors = Agreement().compute(pairs, frame)
    true = pairs[[person[a] == person[b] for a, b in pairs]]
    classifier = recordlinkage.LogisticRegressionClassifier()
    classifier.fit(vectors, true)
    assert f1(classifier.predict(vectors), person) >= 0.95


def test_vectors(people: tuple[pd.DataFrame, dict[Any, str]]) -> None:
    frame, _ = people
    pairs = Passes().index(frame)
    vectors = Agreement().compute(pairs, frame)
    assert vectors.index.equals(pairs)
    assert list(vectors.columns) == [
        "name", "nik", "birth", "birth_near", "mother", "father", "kk", "place", "address",
    ]  # fmt: skip
    assert set(pd.unique(vectors.to_numpy().ravel())) == {0, 1}
    levels = Agreement(kind="levels").compute(pairs, frame)
    assert list(levels.columns) == ["name", "nik_birth_sex", "mother", "father", "kk", "place", "address"]
    kept = nikdedup.dedupe(frame).pairs.select("row_l", "row_r", "level_name", "level_mother").head(50)
    place = {label: i for i, label in enumerate(frame.index)}
    by_rows = {
        (place[b], place[a]): row for (a, b), row in zip(levels.index, levels.itertuples(), strict=True)
    }
    compared = [
        (name, mother, by_rows[left, right])
        for left, right, name, mother in kept.iter_rows()
        if (left, right) in by_rows
    ]
    assert len(compared) > 10
    assert all((row.name_, row.mother) == (n, m) for n, m, row in renamed(compared))


def renamed(compared: list[tuple[int, int, Any]]) -> list[tuple[int, int, Any]]:
    """Give the column `name` of a row under a name that tuples do not have themselves."""
    from types import SimpleNamespace

    return [(n, m, SimpleNamespace(name_=row[1], mother=row[3])) for n, m, row in compared]


def test_two_frames_are_linked_across_alone(people: tuple[pd.DataFrame, dict[Any, str]]) -> None:
    frame, person = people
    left, right = frame.iloc[::2], frame.iloc[1::2].rename(index=lambda label: f"x{label}")
    pairs = recordlinkage.Index([Passes()]).index(left, right)
    assert set(pairs.get_level_values(0)) <= set(left.index)
    assert set(pairs.get_level_values(1)) <= set(right.index)
    vectors = Agreement().compute(pairs, left, right)
    links = recordlinkage.ECMClassifier().fit_predict(vectors)
    right_ones = sum(person[a] == person[b[1:]] for a, b in links)
    assert right_ones > 0.85 * len(links) > 10
    made = result(links, left, right, who="ECM", when=WHEN, reference_date="2026-06-30")
    both = made.people.filter(pl.col("person_id").is_duplicated())
    assert both.height >= len(set(links.get_level_values(0)))


def test_links_come_back_as_people(people: tuple[pd.DataFrame, dict[Any, str]], tmp_path: Path) -> None:
    frame, _ = people
    links = ecm_links(frame)
    made = result(links, frame, who="ECM", when=WHEN, reference_date="2026-06-30")
    person = made.people.sort("row")["person_id"].to_list()
    place = {label: i for i, label in enumerate(frame.index)}
    assert all(person[place[a]] == person[place[b]] for a, b in links)
    joined = sum(n - 1 for n in made.people.group_by("person_id").len()["len"])
    assert joined <= len(links)
    assert not made.pairs.filter(pl.col("band") == "confirmed").height
    assert made.decisions.height
    made.write(tmp_path / "run")
    assert json.loads((tmp_path / "run" / "run.json").read_text())["config"]["settle"]["constraints"] is None


def test_links_come_back_as_constraints(people: tuple[pd.DataFrame, dict[Any, str]], tmp_path: Path) -> None:
    frame, _ = people
    links = ecm_links(frame)[:20]
    table = constraints(links, frame, who="ECM", when=WHEN, record_id="label")
    assert table[["record_id_l", "record_id_r"]].values.tolist() == [list(pair) for pair in links]
    table.to_csv(tmp_path / "links.csv", index=False)
    made = nikdedup.dedupe(frame, record_id="label", constraints=tmp_path / "links.csv")
    person = dict(made.people.select("record_id", "person_id").iter_rows())
    assert all(person[a] == person[b] for a, b in links)


def test_rows_that_are_no_records_keep_their_place() -> None:
    frame = pd.DataFrame(
        {
            "NAMA": ["SITI AMINAH", "NAMA", "SITI AMINAH"],
            "NIK": ["6212014107609001", "NIK", "6212014107609001"],
        },
        index=["a", "b", "c"],
    )
    pairs = Passes(non_matches=5).index(frame)
    assert pairs.to_list() == [("c", "a")]
    other = pd.MultiIndex.from_tuples([("c", "a"), ("b", "a")])
    assert Agreement().compute(other, frame)["name"].to_list() == [1, 0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Passes(reach="some"), "reach = 'some'; allowed: review, all"),
        (lambda: Passes(non_matches=-1), "non_matches = -1; allowed: 0 or more"),
        (lambda: Passes(near=2), "near = 2; allowed: 0 to 1"),
        (
            lambda: Agreement(kind="x").compute(pd.MultiIndex.from_tuples([(0, 0)]), pd.DataFrame()),
            "kind = 'x'; allowed: agreement, levels, weight",
        ),
        (
            lambda: Agreement().compute(
                pd.MultiIndex.from_tuples([(0, 9)]), pd.DataFrame({"NAMA": ["SITI", "ALI"]})
            ),
            "pairs: 1 labels are not in the index of the frame",
        ),
        (
            lambda: Agreement().compute(
                pd.MultiIndex.from_tuples([(5, 5)]), pd.DataFrame({"NAMA": ["SITI", "ALI"]}, index=[5, 5])
            ),
            "pairs: a label stands more than once in the index of the frame",
        ),
    ],
)
def test_what_cannot_be_done_is_one_line(call: Any, message: str) -> None:
    with pytest.raises((ConfigError, InputError)) as caught:
        call()
    assert str(caught.value) == message
