"""The vectorised pair generator against two plain loops."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nikdedup.match import tiles
from nikdedup.match.tiles import SMALL, TILE, Gate, blocks_of, pairs_across, pairs_in_blocks

keys = st.lists(st.integers(-1, 4), max_size=60)
words = st.integers(0, 2**16 - 1)


def brute(key, gate):
    """Every unordered pair of rows with one non-negative key that the gate lets pass."""
    pairs = set()
    for i in range(len(key)):
        for j in range(i + 1, len(key)):
            if key[i] >= 0 and key[i] == key[j] and passes(gate, i, j):
                pairs.add((i, j))
    return pairs


def passes(gate, i, j):
    if gate is None:
        return True
    shared = int(gate.signature[i] & gate.signature[j]).bit_count()
    return shared >= min(int(gate.need[i]), int(gate.need[j]))


def as_set(left, right):
    return {(min(a, b), max(a, b)) for a, b in zip(left.tolist(), right.tolist(), strict=True)}


@settings(deadline=None)
@given(keys, st.data())
def test_blocks_hold_exactly_the_pairs_of_equal_keys(key, data):
    signature = data.draw(st.lists(words, min_size=len(key), max_size=len(key)))
    need = data.draw(st.lists(st.integers(0, 6), min_size=len(key), max_size=len(key)))
    gate = data.draw(st.sampled_from([None, Gate(np.array(signature, np.uint64), np.array(need, np.uint8))]))
    left, right = pairs_in_blocks(blocks_of(np.array(key, np.int64)), gate, threads=1)
    found = as_set(left, right)
    assert len(found) == len(left), "a pair came twice"
    assert found == brute(key, gate)


@settings(deadline=None)
@given(st.lists(st.integers(-1, 60), max_size=60), st.sampled_from([0.0, 0.25, 1.0]))
def test_leaving_out_keys_that_stand_alone_changes_nothing(key, worth_sorting):
    codes = np.array(key, np.int64)
    expected = blocks_of(codes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiles, "WORTH_A_TABLE", 1)
        patch.setattr(tiles, "WORTH_SORTING", worth_sorting)
        found = blocks_of(codes)
    assert found.sizes.tolist() == expected.sizes.tolist()
    assert as_set(*pairs_in_blocks(found, None)) == as_set(*pairs_in_blocks(expected, None))


@pytest.mark.parametrize("size", [2, SMALL, SMALL + 1, TILE - 1, TILE, TILE + 1, 2 * TILE + 7])
def test_block_sizes_around_the_edges(size):
    rng = np.random.default_rng(size)
    gate = Gate(rng.integers(0, 2**12, size).astype(np.uint64), rng.integers(1, 5, size).astype(np.uint8))
    key = np.zeros(size, np.int64)
    shared = np.bitwise_count(gate.signature[:, None] & gate.signature)
    passed = np.triu(shared >= np.minimum(gate.need[:, None], gate.need), 1)
    for gated, expected in ((gate, passed), (None, np.triu(np.ones((size, size), bool), 1))):
        left, right = pairs_in_blocks(blocks_of(key), gated, threads=1)
        found = np.zeros((size, size), np.int64)
        np.add.at(found, (np.minimum(left, right), np.maximum(left, right)), 1)
        np.testing.assert_array_equal(found, expected)


def test_threads_do_not_change_order():
    rng = np.random.default_rng(7)
    key = rng.integers(0, 300, 9_000)
    gate = Gate(rng.integers(0, 2**20, 9_000).astype(np.uint64), np.full(9_000, 4, np.uint8))
    one, four = (pairs_in_blocks(blocks_of(key), gate, threads=threads) for threads in (1, 4))
    np.testing.assert_array_equal(one[0], four[0])
    np.testing.assert_array_equal(one[1], four[1])


@settings(deadline=None)
@given(keys, st.data())
def test_across_finds_every_row_with_the_asked_key(key, data):
    other = data.draw(st.lists(st.integers(-1, 4), min_size=len(key), max_size=len(key)))
    left, right, looked, skipped = pairs_across(
        np.array(key, np.int64), np.array(other, np.int64), None, 10_000
    )
    assert skipped == 0
    rows = range(len(key))
    expected = {(i, j) for i in rows for j in rows if i != j and key[i] == other[j] >= 0}
    assert set(zip(left.tolist(), right.tolist(), strict=True)) == expected
    assert looked >= len(expected)


def test_across_leaves_out_values_that_too_many_rows_hold():
    key = np.array([1, 2], np.int64)
    with_key = np.array([1, 1], np.int64)
    left, _, _, skipped = pairs_across(key, with_key, None, 1)
    assert skipped == 2
    assert len(left) == 0
