"""A table as a frame of pandas, with types that hold nulls: the same under pandas 2 and 3."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    import pandas as pd


def pandas_frame(table: pl.DataFrame) -> pd.DataFrame:
    """Return a table as a pandas frame in which whole numbers stay whole and texts stay text.

    Whole numbers are `Int64` (`UInt8` of levels), truths `boolean`, texts `string`, whether or not there are nulls;
    numbers with decimals `float64`, dates `datetime64`, lists arrays. Without this pandas makes floats of whole numbers
    with a null, and what a text is depends on its version.

    Args:
        table: a polars frame.

    Example:
        >>> frame = pandas_frame(pl.DataFrame({"row": [1, None], "nik": ["6212014107609001", None]}))
        >>> frame.dtypes.astype(str).to_dict()
        {'row': 'Int64', 'nik': 'string'}
    """
    import pandas as pd
    import pyarrow as pa

    kinds = {
        pa.int8(): pd.Int8Dtype(), pa.int16(): pd.Int16Dtype(), pa.int32(): pd.Int32Dtype(),
        pa.int64(): pd.Int64Dtype(), pa.uint8(): pd.UInt8Dtype(), pa.uint16(): pd.UInt16Dtype(),
        pa.uint32(): pd.UInt32Dtype(), pa.uint64(): pd.UInt64Dtype(), pa.bool_(): pd.BooleanDtype(),
        pa.string(): pd.StringDtype(), pa.large_string(): pd.StringDtype(),
    }  # fmt: skip
    given = table.to_arrow(compat_level=pl.CompatLevel.oldest())
    frame: pd.DataFrame = given.to_pandas(types_mapper=kinds.get, date_as_object=False)
    return frame
