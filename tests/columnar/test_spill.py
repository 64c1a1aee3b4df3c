"""What parts put aside comes back as it was, from memory and from a folder."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nikdedup.columnar.spill import InFolder, InMemory

columns = st.sampled_from([np.int8, np.int32, np.int64, np.uint32, np.bool_])


@given(st.lists(st.integers(0, 40), min_size=1, max_size=6), columns, st.randoms(use_true_random=False))
def test_a_column_comes_back_whole(sizes, dtype, random):
    """In whatever order parts put theirs; taken, it is gone from the disk."""
    whole = np.random.default_rng(sum(sizes)).integers(0, 2, sum(sizes)).astype(dtype)
    places = [0, *np.cumsum(sizes)[:-1].tolist()]
    slices = list(zip(places, sizes, strict=True))
    random.shuffle(slices)
    with TemporaryDirectory() as name:
        shelf = InFolder(Path(name))
        for place, size in slices:
            shelf.put({"a": whole[place : place + size], "b": whole[place : place + size]}, place)
        for column in ("a", "b"):
            np.testing.assert_array_equal(shelf.take(column, dtype), whole)
        assert list(Path(name).iterdir()) == []


@pytest.mark.parametrize("kind", ["memory", "folder"])
def test_tables_of_parts(kind, tmp_path):
    shelf = InMemory() if kind == "memory" else InFolder(tmp_path)
    table = pl.DataFrame({"text": ["a", None]})
    shelf.put_table("t", 3, table)
    assert shelf.holds("t", 3)
    assert not shelf.holds("t", 0)
    assert shelf.table("t", 3).equals(table)
    shelf.drop("t", 3)
    assert not shelf.holds("t", 3)
