"""Records copied many times over: one is compared, all are told of."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nikdedup
from nikdedup.config import Config
from nikdedup.match.block.passes import COPIES
from nikdedup.match.features.copies import MANY, Copies, named_after
from nikdedup.match.features.part_features import part_features_of
from nikdedup.match.pipeline import match
from nikdedup.run.result import Result
from tests.match.registry import residents_of

SITI = {
    "NIK": "6212014107909001",
    "NAMA_LGKP": "SITI AMINAH",
    "TGL_LHR": "01-07-1990",
    "NO_KK": "6212010101019001",
}
EDI = {
    "NIK": "6212010203859002",
    "NAMA_LGKP": "EDI SUPRAPTO",
    "TGL_LHR": "02-03-1985",
    "NO_KK": "6212010101019002",
}
ANI = {
    "NIK": "6212015203889003",
    "NAMA_LGKP": "ANI LESTARI",
    "TGL_LHR": "12-03-1988",
    "NO_KK": "6212010101019003",
}
DAY = "2026-06-30"


def dedupe(*rows: dict[str, Any], **options: Any) -> Result:
    return nikdedup.dedupe(pl.DataFrame(list(rows)), reference_date=DAY, **options)


def people_of(result: Result) -> set[frozenset[int]]:
    groups = result.people.group_by("person_id").agg("row")["row"].to_list()
    return {frozenset(rows) for rows in groups}


def test_copies_are_one_person_by_as_many_pairs_as_there_are_copies() -> None:
    result = dedupe(*[SITI] * 30, EDI, *[ANI] * 40)
    assert people_of(result) == {frozenset(range(30)), frozenset([30]), frozenset(range(31, 71))}
    assert result.pairs["passes"].to_list() == [[COPIES]] * (29 + 39)
    assert set(result.pairs["row_l"]) | set(result.pairs["row_r"]) == set(range(71)) - {30}
    assert result.people["person_id"].to_list() == ["P0"] * 30 + ["P30"] + ["P31"] * 40
    assert {one["name"]: one["largest_block"] for one in result.run["passes"]}[COPIES] == 40
    check = next(one for one in result.run["health"] if one["check"] == "few_copies")
    assert not check["ok"]
    assert "68 of 71 rows" in check["text_en"]


def test_equal_names_alone_are_no_copies() -> None:
    """A list of names holds many people of each: nothing tells them apart, and the run says so."""
    result = dedupe(*[{"NAMA_LGKP": name} for name in ("SITI AMINAH", "EDI SUSANTO") for _ in range(30)])
    assert len(people_of(result)) == 60
    assert COPIES not in {one["name"] for one in result.run["passes"]}
    assert not next(one for one in result.run["health"] if one["check"] == "people_told_apart")["ok"]


def test_a_few_copies_are_compared_as_ever() -> None:
    result = dedupe(*[SITI] * MANY, EDI)
    assert len(result.pairs) == MANY * (MANY - 1) // 2
    assert COPIES not in {name for passes in result.pairs["passes"] for name in passes}
    assert "few_copies" not in {one["check"] for one in result.run["health"]}


def test_copies_share_the_person_of_the_record_that_stands_for_them() -> None:
    again = SITI | {"NO_KK": "6212010101019009"}
    result = dedupe(again, EDI, *[SITI] * 30)
    assert people_of(result) == {frozenset([0, *range(2, 32)]), frozenset([1])}
    assert result.people["person_id"][31] == "P0"


def test_copies_in_two_inputs() -> None:
    """The same list twice, with a few more rows in the second: what both hold is compared once."""
    first, second = (pl.DataFrame([SITI] * 30 + more) for more in ([EDI], [EDI, ANI] + [SITI] * 10))
    result = nikdedup.dedupe([first, second], reference_date=DAY)
    assert people_of(result) == {
        frozenset([*range(30), *range(31, 61), *range(63, 73)]), frozenset([30, 61]), frozenset([62])
    }  # fmt: skip
    assert result.people["person_id"].unique().sort().to_list() == ["P0", "P30", "P62"]


def test_copies_that_say_too_little_are_nobody_for_certain() -> None:
    result = dedupe(*[{"NAMA_LGKP": "SITI AMINAH"}] * 12, EDI)
    assert len(people_of(result)) == 13


def test_a_pair_of_copies_is_explained() -> None:
    result = dedupe(*[SITI] * 30, EDI)
    assert result.explain(3, 20).outcome == "joined_through"
    assert result.explain(0, 1).weight_log2 == pytest.approx(result.pairs["weight_log2"][0])


def test_officers_are_heard_about_a_copy(tmp_path) -> None:
    links = tmp_path / "links.csv"
    links.write_text(
        "kind,record_id_l,record_id_r,who,when\ncannot_link,3,7,Rina,2026-06-01\n", encoding="utf-8"
    )
    result = dedupe(*[SITI] * 30, EDI, constraints=links)
    person = result.people["person_id"]
    assert person[3] != person[7]


def test_slices_find_the_same(tmp_path) -> None:
    path = tmp_path / "copies.parquet"
    pl.DataFrame([SITI] * 30 + [EDI] + [ANI] * 40 + [SITI] * 5).write_parquet(path)
    whole, cut = (
        nikdedup.dedupe(path, reference_date=DAY, residents=residents, report=residents, memory=memory)
        for residents, memory in ((True, None), (False, "1GB"))
    )
    for table in ("people", "pairs", "decisions"):
        assert getattr(whole, table).equals(getattr(cut, table))


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1)), max_size=60), st.randoms(use_true_random=False)
)
def test_only_equal_records_stand_for_each_other(kinds: list[tuple[int, int]], random: Any) -> None:
    people = [
        {"name": ("SITI", "EDI", "ANI")[name], "place": "PURUK CAHU" if place else None, "born": "1980-03-17"}
        for name, place in kinds
    ]
    rank = list(range(len(people)))
    random.shuffle(rank)
    copies = Copies.of(part_features_of(residents_of(people), structured=True), np.array(rank, np.int64))
    counts = {kind: kinds.count(kind) for kind in set(kinds)}
    if copies is None:
        assert max(counts.values(), default=0) <= MANY
        return
    compared_as = copies.once[copies.place()]
    for at, kind in enumerate(kinds):
        equal = [other for other, one in enumerate(kinds) if one == kind]
        assert compared_as[at] == (min(equal, key=rank.__getitem__) if len(equal) > MANY else at)


@given(st.lists(st.integers(0, 9), min_size=10, max_size=10), st.permutations(range(10)))
def test_a_person_is_named_after_its_first_record(homes: list[int], rank: list[int]) -> None:
    member = [homes.index(home) for home in homes]
    named = named_after(np.array(member, np.int32), np.array(rank, np.int64)).tolist()
    for home, first in zip(homes, named, strict=True):
        assert first == min((at for at in range(10) if homes[at] == home), key=rank.__getitem__)


def test_linked_inputs_are_not_compared_with_themselves() -> None:
    people = [{"name": "SITI AMINAH", "born": "1990-07-01", "source": 0}] * 20
    features = part_features_of(residents_of(people), structured=True)
    matched = match(features, Config(), source=np.zeros(20, np.int32), link=True)
    assert matched.pairs.is_empty()
