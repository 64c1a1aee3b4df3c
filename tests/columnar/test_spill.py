"""Numbers put aside slice by slice come back as they were, in whatever order they were put."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nikdedup.columnar.spill import file_of, put, take

columns = st.sampled_from([np.int8, np.int32, np.int64, np.uint32, np.bool_])


@given(st.lists(st.integers(0, 40), min_size=1, max_size=6), columns, st.randoms(use_true_random=False))
def test_a_column_comes_back_whole(sizes, dtype, random):
    whole = np.random.default_rng(sum(sizes)).integers(0, 2, sum(sizes)).astype(dtype)
    places = [0, *np.cumsum(sizes)[:-1].tolist()]
    slices = list(zip(places, sizes, strict=True))
    random.shuffle(slices)
    with TemporaryDirectory() as folder:
        for place, size in slices:
            put(Path(folder), {"a": whole[place : place + size], "b": whole[place : place + size]}, place)
        for name in ("a", "b"):
            np.testing.assert_array_equal(take(Path(folder), name, dtype), whole)
            assert not file_of(Path(folder), name).exists()
