"""The pair generator, compiled and in numpy, against two plain loops."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nikdedup.match import kernels as loops
from nikdedup.match.block import pairs as pairing
from nikdedup.match.block.pairs import blocks_of, pairs_across, pairs_in_blocks
from nikdedup.match.kernels import pairs_py as plain
from nikdedup.match.kernels.inputs import QgramFilter
from nikdedup.runtime import kernels

keys = st.lists(st.integers(-1, 4), max_size=60)
words = st.integers(0, 2**16 - 1)


def brute(key, qgrams):
    """Every unordered pair of rows with one non-negative key that the q-gram filter lets pass."""
    pairs = set()
    for i in range(len(key)):
        for j in range(i + 1, len(key)):
            if key[i] >= 0 and key[i] == key[j] and passes(qgrams, i, j):
                pairs.add((i, j))
    return pairs


def passes(qgrams, i, j):
    if qgrams is None:
        return True
    shared = int(qgrams.signature[i] & qgrams.signature[j]).bit_count()
    return shared >= min(int(qgrams.need[i]), int(qgrams.need[j]))


def as_set(left, right):
    return {(min(a, b), max(a, b)) for a, b in zip(left.tolist(), right.tolist(), strict=True)}


@settings(deadline=None)
@given(keys, st.data())
def test_blocks_hold_exactly_the_pairs_of_equal_keys(key, data):
    signature = data.draw(st.lists(words, min_size=len(key), max_size=len(key)))
    need = data.draw(st.lists(st.integers(0, 6), min_size=len(key), max_size=len(key)))
    qgrams = data.draw(
        st.sampled_from([None, QgramFilter(np.array(signature, np.uint64), np.array(need, np.uint8))])
    )
    left, right = pairs_in_blocks(blocks_of(np.array(key, np.int64)), qgrams)
    found = as_set(left, right)
    assert len(found) == len(left), "a pair came twice"
    assert found == brute(key, qgrams)


@pytest.mark.parametrize("size", [2, 3, 511, 1031])
def test_all_pairs_of_one_block(size):
    rng = np.random.default_rng(size)
    qgrams = QgramFilter(
        rng.integers(0, 2**12, size).astype(np.uint64), rng.integers(1, 5, size).astype(np.uint8)
    )
    key = np.zeros(size, np.int64)
    shared = np.bitwise_count(qgrams.signature[:, None] & qgrams.signature)
    passed = np.triu(shared >= np.minimum(qgrams.need[:, None], qgrams.need), 1)
    for gated, expected in ((qgrams, passed), (None, np.triu(np.ones((size, size), bool), 1))):
        left, right = pairs_in_blocks(blocks_of(key), gated)
        found = np.zeros((size, size), np.int64)
        np.add.at(found, (np.minimum(left, right), np.maximum(left, right)), 1)
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("chunk", [1, 50, 1_000_000])
def test_chunks_of_the_plain_way_change_nothing(chunk, monkeypatch):
    rng = np.random.default_rng(7)
    key, other = rng.integers(0, 300, (2, 3_000))
    qgrams = QgramFilter(rng.integers(0, 2**20, 3_000).astype(np.uint64), np.full(3_000, 4, np.uint8))
    whole = pairs_in_blocks(blocks_of(key), qgrams), pairs_across(key, other, qgrams, 100)[:2]
    monkeypatch.setattr(pairing.loops, "block_pairs", plain.block_pairs)
    monkeypatch.setattr(plain, "CHUNK_PAIRS", chunk)
    cut = pairs_in_blocks(blocks_of(key), qgrams), pairs_across(key, other, qgrams, 100)[:2]
    np.testing.assert_array_equal(np.concatenate(whole, axis=1), np.concatenate(cut, axis=1))


@pytest.mark.skipif(
    not kernels.compiled("nikdedup.match.kernels.pairs_cy"), reason="the loops are not compiled here"
)
@settings(deadline=None)
@given(keys, st.data())
def test_compiled_and_plain_give_the_same_pairs_in_the_same_order(key, data):
    n = len(key)
    other = np.array(data.draw(st.lists(st.integers(-1, 4), min_size=n, max_size=n)), np.int64)
    signature = np.array(data.draw(st.lists(words, min_size=n, max_size=n)), np.uint64)
    qgrams = QgramFilter(
        signature, np.array(data.draw(st.lists(st.integers(0, 6), min_size=n, max_size=n)), np.uint8)
    )
    codes = np.array(key, np.int64)
    found = []
    for way in (loops.block_pairs, plain.block_pairs):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pairing.loops, "block_pairs", way)
            found.append(
                [*pairs_in_blocks(blocks_of(codes), qgrams), *pairs_across(codes, other, qgrams, 5)[:2]]
            )
    for compiled, numpy in zip(*found, strict=True):
        assert compiled.dtype == numpy.dtype
        np.testing.assert_array_equal(compiled, numpy)


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
