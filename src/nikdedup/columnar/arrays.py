"""The arrays that rooms hand to each other, by what they hold; n entries each unless said otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int32]
"""Positions of records."""
Keys = NDArray[np.int64]
"""Keys of blocks; records with a negative one belong to none."""
Pairs = tuple[Rows, Rows]
"""The left and the right record of each pair."""
AnyInts = NDArray[np.integer[Any]]
Counts = NDArray[np.uint32]
"""How many records have a value."""
LevelArray = NDArray[np.uint8]
"""Level of agreement of each pair in one field; 0 where either side is missing."""
Bits = NDArray[np.float32]
"""Weights, log2."""
Days = NDArray[np.int32]
"""Days since 1970-01-01; columnar.calendar.NO_DATE where there is none."""
Mask = NDArray[np.bool_]
