"""Groups of many records and refused joins: their shape and the reason, in words an officer can follow."""

from __future__ import annotations

import doctest
import re

import networkx as nx
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nikdedup.match.cluster.people import WEAK_BRIDGE
from nikdedup.match.cluster.refused import CHAINS, JOINS, Refused
from nikdedup.match.matcher import APART
from nikdedup.settle import shapes
from nikdedup.settle.shapes import shape_of, shape_text
from nikdedup.settle.wording import templates
from tests.settle.household import decided, outcome

A, B, C = "6212010107809001", "6212035703809002", "6212055703809007"
REASONS = (WEAK_BRIDGE, "chain_too_large", "cannot_link", *APART, "possible_relative")


def test_doctests() -> None:
    failed, ran = doctest.testmod(shapes)
    assert ran
    assert not failed


links = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 7), st.integers(-40, 80)).filter(
        lambda link: link[0] < link[1]
    ),
    unique_by=lambda link: link[:2],
    max_size=14,
)


@given(links)
def test_the_bridge_is_the_weakest_that_a_graph_library_finds(found: list[tuple[int, int, int]]) -> None:
    graph = nx.Graph([link[:2] for link in found])
    for part in nx.connected_components(graph):
        inside = [(a, b, weight / 4) for a, b, weight in found if a in part]
        bridges = {tuple(sorted(pair)) for pair in nx.bridges(graph.subgraph(part))}
        shape = shape_of(sorted(part), inside)
        assert (shape.records, shape.links) == (len(part), len(inside))
        assert shape.weakest == min(inside, key=lambda link: (link[2], link[0], link[1]))
        if not bridges:
            assert shape.bridge is None
            continue
        assert shape.bridge is not None
        assert shape.bridge[:2] in bridges
        assert shape.bridge[2] == min(weight for a, b, weight in inside if (a, b) in bridges)
        assert shape.sides is not None
        without = graph.subgraph(part).copy()
        without.remove_edge(*shape.bridge[:2])
        assert sorted(map(len, nx.connected_components(without))) == list(shape.sides)


def test_a_link_that_nobody_compared_is_never_the_weakest() -> None:
    shape = shape_of([1, 2, 3], [(1, 2, None), (2, 3, 4.0)])
    assert shape.weakest == (2, 3, 4.0)
    said = shape_text(shape_of([1, 2], [(1, 2, None)]), "en", str)
    assert said == (
        "Shape of the group: 2 records, joining pairs: 1. "
        "Without the pair of 1 and 2 the group falls into 1 and 1 records."
    )


def test_a_large_person_is_told_with_its_shape() -> None:
    """Two halves of four records hang together by one pair."""
    halves = [(a, b) for half in (range(4), range(4, 8)) for a in half for b in half if a < b]
    story = "\n".join(
        [
            *(f"{row} nik={A[:-1]}{row} class=belum" for row in range(8)),
            *(f"{a}~{b} same_person confirmed 20" for a, b in halves),
            "3~4 same_person confirmed 4",
        ]
    )
    decisions = decided(story)
    assert set(decisions["rule"]) == {"large_person"}
    for text in decisions["reasons_id"]:
        assert "Bentuk gugus: 8 data, 13 pasangan yang menyatukannya." in text
        assert "Pasangan terlemah: data nomor 3 dengan data nomor 4 (bobot 4,0)." in text
        assert (
            "Tanpa pasangan data nomor 3 dengan data nomor 4 gugus ini terbelah menjadi 4 dan 4 data." in text
        )
    assert decisions["reasons_en"].str.contains("falls into 4 and 4 records", literal=True).all()
    assert (
        not decided("\n".join([*story.splitlines()[:2], "0~1 same_person confirmed 9"]))["reasons_id"]
        .str.contains("Bentuk gugus")
        .any()
    )


STORY = f"""0 nik={A} class=unique
    1 nik={B} class=belum
    2 nik={C} class=belum
    0~1 same_person confirmed 20
    1~2 same_person review 13
    people 0+1
    people 2"""


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("lang", ["id", "en"])
def test_every_refusal_says_why_on_both_sides(reason: str, lang: str) -> None:
    joins = [] if reason == "chain_too_large" else [(1, 2, reason, 0, 2)]
    chains = [(1, 1, 77), (2, 1, 77)] if reason == "chain_too_large" else []
    refused = Refused(
        pl.DataFrame(joins, schema=JOINS, orient="row"), pl.DataFrame(chains, schema=CHAINS, orient="row")
    )
    decisions = decided(STORY, refused=refused)
    assert outcome(decisions) == {0: ("keep", 0), 1: ("propose_deactivation", 0), 2: ("verify", None)}
    assert decisions["rule"].to_list()[2] == "review_split"
    said = dict(decisions.select("row", f"reasons_{lang}").iter_rows())
    codes = dict(decisions.select("row", "reasons").iter_rows())
    word = {"id": "data nomor", "en": "record number"}[lang]
    for row, third in ((1, 2), (2, 1)):
        assert f"split_{reason}" in codes[row]
        assert f"split_{reason}" in templates()["code"]
        opening = {"id": "Tidak disatukan dengan", "en": "Not joined with"}[lang]
        sentence = next(part for part in re.split(r"(?<=\.) ", said[row]) if part.startswith(opening))
        assert f"{opening} {word} {third}:" in sentence
        assert ("77" in sentence) == (reason == "chain_too_large")
        assert (f"{word} 0" in sentence) == (reason not in ("chain_too_large", WEAK_BRIDGE))
    assert f"split_{reason}" not in codes[0]


def test_a_pair_in_review_without_a_refusal_is_not_called_split() -> None:
    assert decided(STORY)["rule"].to_list()[2] == "review"
