"""Tables as frames of pandas: whole numbers stay whole, texts stay text, under pandas 2 and 3."""

from datetime import date

import pandas as pd
import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from nikdedup.columnar.pandas_frame import pandas_frame

TABLE = pl.DataFrame(
    {"row": [9_007_199_254_740_993, None], "level": [3, None], "nik": ["0012014107609001", None],
     "found": [True, None], "weight": [1.5, None], "born": [date(1976, 7, 1), None], "flags": [["a"], []]},
    schema_overrides={"level": pl.UInt8},
)  # fmt: skip


def test_types_hold_nulls() -> None:
    kinds = pandas_frame(TABLE).dtypes.astype(str).to_dict()
    assert kinds.pop("born").startswith("datetime64")
    assert kinds == {
        "row": "Int64", "level": "UInt8", "nik": "string", "found": "boolean", "weight": "float64", "flags": "object",
    }  # fmt: skip


def test_values_are_what_they_were() -> None:
    frame = pandas_frame(TABLE)
    assert int(frame["row"].iloc[0]) == 9_007_199_254_740_993  # no float holds it
    assert frame["nik"].iloc[0] == "0012014107609001"
    assert frame["row"].isna().tolist() == frame["nik"].isna().tolist() == [False, True]
    assert list(frame["flags"].iloc[0]) == ["a"]


def test_an_empty_table_keeps_its_types() -> None:
    assert pandas_frame(TABLE.clear()).dtypes.equals(pandas_frame(TABLE).dtypes)


@given(
    st.lists(
        st.tuples(st.none() | st.text(max_size=20), st.none() | st.integers(-(2**63), 2**63 - 1)), max_size=8
    )
)
def test_there_and_back(rows: list[tuple[str | None, int | None]]) -> None:
    table = pl.DataFrame(rows, schema={"text": pl.String, "number": pl.Int64}, orient="row")
    assert_frame_equal(pl.from_pandas(pandas_frame(table)), table)


def test_it_joins_with_frames_of_users() -> None:
    given_ = pd.DataFrame({"nik": ["0012014107609001"], "note": ["x"]})
    assert pandas_frame(TABLE).merge(given_, on="nik")["note"].tolist() == ["x"]
