"""Stretches of cut ids: found wherever they lie, and healthy ids left alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nikdedup.residents.damage import excel_cut, excel_cut_py
from nikdedup.residents.damage.excel_cut import cut_rows


def typed(rng, n):
    """Return ids whose last digits are as evenly spread as life's."""
    return rng.integers(6212_0101_0176_0000, 6212_0101_0176_9999, n)


def cut(values):
    return values // 10 * 10


@pytest.mark.parametrize(("files", "rows"), [(1_000, 200), (100, 2_000), (4, 250_000)])
def test_healthy_ids_are_left_alone(files, rows):
    rng = np.random.default_rng(rows)
    accused = sum(int(cut_rows(typed(rng, rows)).sum()) for _ in range(files))
    assert accused <= 1e-5 * files * rows


@given(st.integers(0, 2**32), st.integers(12, 400), st.integers(0, 1_000))
def test_a_stretch_is_found_but_for_its_edges(seed, size, start):
    rng = np.random.default_rng(seed)
    values = typed(rng, 1_500)
    values[start : start + size] = cut(values[start : start + size])
    found = np.flatnonzero(cut_rows(values))
    assert set(range(start + 1, start + size - 1)) <= set(found.tolist())


def test_edges_accuse_few_healthy_ids():
    rng = np.random.default_rng(7)
    accused = 0
    for _ in range(300):
        values = typed(rng, 500)
        values[200:320] = cut(values[200:320])
        found = cut_rows(values)
        accused += int(found[:200].sum() + found[320:].sum())
    assert accused <= 2e-4 * 300 * 380


@pytest.mark.parametrize("share", [0.4, 0.55, 0.7, 0.85])
def test_cut_ids_among_typed_ones_are_found(share):
    rng = np.random.default_rng(int(100 * share))
    found = hurt = 0
    for _ in range(200):
        values = typed(rng, int(rng.integers(100, 900)))
        cut_here = rng.random(len(values)) < share
        values[cut_here] = cut(values[cut_here])
        found += np.count_nonzero(cut_rows(values) & cut_here)
        hurt += np.count_nonzero(cut_here)
    assert found >= 0.98 * hurt


def test_rows_without_an_id_do_not_part_a_stretch():
    rng = np.random.default_rng(3)
    values = typed(rng, 300)
    values[100:140] = cut(values[100:140])
    values[110:130:2] = 0
    found = cut_rows(values)
    assert found[101:139:2].all()
    assert not found[values == 0].any()


@given(st.lists(st.integers(0, 99), max_size=60))
def test_only_ids_ending_in_0_are_accused(numbers):
    values = np.array(numbers, np.int64)
    found = cut_rows(values)
    assert not found[(values == 0) | (values % 10 != 0)].any()


def test_compiled_and_python_walk_alike():
    rng = np.random.default_rng(5)
    scores = np.where(rng.random(3_000) < 0.2, 2.3, -0.9) + np.repeat([0, 1.0, 0], 1_000)
    np.testing.assert_array_equal(excel_cut.walked(scores, 6.9), excel_cut_py.walked(scores, 6.9))
    assert (excel_cut.walked(scores, 6.9) > 6.9).any(), "the path never gets inside"
