"""People from confirmed pairs, against networkx where nothing is kept apart."""

import json

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nikdedup.match.cluster.people import LARGEST, WEAK_BRIDGE, Edges, cluster
from nikdedup.match.cluster.refused import Refused
from nikdedup.publish import RefusedKept

RECORDS = 12
pairs_of = st.lists(
    st.tuples(st.integers(0, RECORDS - 1), st.integers(0, RECORDS - 1)).filter(lambda p: p[0] < p[1]),
    max_size=20, unique=True,
)  # fmt: skip


def people(pairs, apart=(), weight=None, rank=None, records=RECORDS):
    """Cluster with weight 20 on confirmed pairs and 5 on the others, unless told otherwise."""
    weight = weight or {}
    left = np.array([a for a, _ in pairs], np.int32)
    right = np.array([b for _, b in pairs], np.int32)

    def inside(one, other):
        keys = [(min(a, b), max(a, b)) for a, b in zip(one.tolist(), other.tolist(), strict=True)]
        weights = [weight.get(key, 20.0 if key in pairs else 5.0) for key in keys]
        rules = np.array(["mother_differs" if key in apart else "" for key in keys], np.str_)
        return Edges(one, other, np.array(weights, float), rules)

    weights = np.array([weight.get(pair, 20.0) for pair in pairs], float)
    rank = np.arange(records) if rank is None else np.asarray(rank)
    return cluster(records, left, right, weights, rank, inside, join_log2=4.0)


def partition(label):
    groups = {}
    for record, first in enumerate(label.tolist()):
        groups.setdefault(first, set()).add(record)
    return {frozenset(group) for group in groups.values()}


@settings(deadline=None)
@given(pairs_of)
def test_without_objections_people_are_connected_components(pairs):
    graph = nx.Graph(pairs)
    graph.add_nodes_from(range(RECORDS))
    assert partition(people(pairs).label) == {frozenset(c) for c in nx.connected_components(graph)}


@settings(deadline=None)
@given(pairs_of, pairs_of)
def test_kept_apart_is_never_joined(pairs, apart):
    pairs = [pair for pair in pairs if pair not in apart]  # a confirmed pair is never one a rule keeps apart
    label = people(pairs, apart=set(apart)).label
    assert all(label[a] != label[b] for a, b in apart)


@settings(deadline=None)
@given(pairs_of, pairs_of)
def test_a_refused_pair_is_in_two_people_and_its_reason_lies_across_them(pairs, apart):
    pairs = [pair for pair in pairs if pair not in apart]
    result = people(pairs, apart=set(apart))
    label = result.label
    parted = [pair for pair in pairs if label[pair[0]] != label[pair[1]]]
    assert [refusal[:2] for refusal in result.refused] == parted
    for left, right, reason, first, second in result.refused:
        assert (label[first], label[second]) == (label[left], label[right])
        met = (min(first, second), max(first, second))
        assert (reason == "mother_differs") == (met in apart)


@settings(deadline=None)
@given(pairs_of, pairs_of, st.permutations(range(RECORDS)))
def test_order_of_records_does_not_matter(pairs, apart, order):
    pairs = [pair for pair in pairs if pair not in apart]
    before = partition(people(pairs, apart=set(apart)).label)

    def moved(pair):
        a, b = order[pair[0]], order[pair[1]]
        return (min(a, b), max(a, b))

    rank = np.empty(RECORDS, np.int64)
    rank[list(order)] = np.arange(RECORDS)
    after = people([moved(p) for p in pairs], apart={moved(p) for p in apart}, rank=rank)
    assert {frozenset(order[r] for r in group) for group in before} == partition(after.label)


def test_every_refused_pair_is_named():
    result = people([(0, 1), (1, 2)], apart={(0, 2)}, weight={(0, 1): 30.0, (1, 2): 15.0})
    assert partition(result.label) >= {frozenset({0, 1}), frozenset({2})}
    assert result.refused == [(1, 2, "mother_differs", 0, 2)]


def test_a_weak_bridge_does_not_join_two_people():
    strangers = {(a, b): -20.0 for a in (0, 1, 2) for b in (3, 4, 5)} | {(2, 3): 12.0}
    pairs = [(0, 1), (0, 2), (1, 2), (2, 3), (3, 4), (3, 5), (4, 5)]
    result = people(pairs, weight=strangers)
    assert {frozenset({0, 1, 2}), frozenset({3, 4, 5})} <= partition(result.label)
    assert result.refused == [(2, 3, WEAK_BRIDGE, 2, 3)]


def test_an_oversized_chain_is_not_joined():
    records = LARGEST + 1
    pairs = [(i, i + 1) for i in range(records - 1)]
    result = people(pairs, records=records)
    assert len(partition(result.label)) == records
    assert [sorted(chain.tolist()) for chain in result.too_large] == [list(range(records))]
    assert result.refused == []


def test_what_was_refused_is_told_in_rows_and_read_back():
    strangers = {(a, b): -20.0 for a in (0, 1, 2) for b in (3, 4, 5)} | {(2, 3): 12.0}
    pairs = [(0, 1), (0, 2), (1, 2), (2, 3), (3, 4), (3, 5), (4, 5)]
    chain = [(i, i + 1) for i in range(20, 20 + LARGEST)]
    result = people(pairs + chain, weight=strangers, records=30 + LARGEST)
    row = np.arange(30 + LARGEST)[::-1].astype(np.int64) * 10
    refused = Refused.by(result, row, np.array([a for a, _ in pairs + chain], np.int32))
    assert refused.joins.rows() == [(row[3], row[2], WEAK_BRIDGE, row[3], row[2])]
    assert refused.chains["row"].to_list() == sorted(row[20 : 21 + LARGEST].tolist())
    assert refused.chains.select("chain", "links").unique().rows() == [(row[20 + LARGEST], LARGEST)]
    again = Refused.of(RefusedKept.model_validate_json(json.dumps(refused.as_dict())))
    assert again.joins.equals(refused.joins)
    assert again.chains.equals(refused.chains)


def test_label_is_the_record_of_smallest_rank():
    label = people([(0, 1)], rank=[5, 2, *range(6, 6 + RECORDS - 2)]).label
    assert label[0] == label[1] == 1
