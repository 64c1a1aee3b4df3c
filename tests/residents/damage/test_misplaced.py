"""Numbers of one column among those of another."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nikdedup.residents.damage.misplaced import _among, _stands

alike = st.builds(lambda high, low: high << 16 | low, st.integers(0, 3), st.integers(0, 3))
numbers = st.lists(st.one_of(alike, st.integers(0, 10**16 - 1)), max_size=20)


@given(numbers, numbers)
def test_numbers_are_found_by_all_their_digits(few: list[int], many: list[int]) -> None:
    known, values = np.unique(np.array(few, np.int64)), np.array(many, np.int64)
    np.testing.assert_array_equal(_stands(known, values), np.isin(values, known))
    np.testing.assert_array_equal(_among(known, values), np.isin(known, values))
