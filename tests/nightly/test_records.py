"""Which records of two nights are one, by their keys."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from nikdedup.nightly.records import NEW, same_records

keys = st.lists(st.integers(1, 30), unique=True, max_size=20)


def night(held: list[int], draw: st.DataObject) -> pl.DataFrame:
    content = draw.draw(st.lists(st.integers(0, 1), min_size=len(held), max_size=len(held)))
    written = [f"431f2a44662ed9dc48de{one:04x}" for one in held]
    columns = {"record_key": pl.String(), "content": pl.UInt64()}
    return pl.DataFrame({"record_key": written, "content": content}, schema=columns)


@given(keys, keys, st.data())
def test_a_record_is_the_one_that_had_its_key(one: list[int], other: list[int], data: st.DataObject) -> None:
    before, now = night(one, data), night(other, data)
    same = same_records(before, now)
    assert same.was.tolist() == [one.index(key) if key in one else NEW for key in other]
    assert same.was.dtype == np.int64
    assert same.gone.tolist() == [place for place, key in enumerate(one) if key not in other]
    cells = [dict(table.iter_rows()) for table in (before, now)]
    other_now = [key for key, content in cells[0].items() if cells[1].get(key, content) != content]
    assert before["record_key"].gather(same.changed).to_list() == other_now
