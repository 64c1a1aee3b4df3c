"""Types of kernel.pyx; plain.py says what each function returns."""

import numpy as np
from numpy.typing import NDArray

from nikdedup.grouping.plain import Places, Rows
from nikdedup.match.bound import Screen
from nikdedup.match.bound_tables import Bits

def pairs_of(
    rows: Rows, letters: NDArray[np.uint64], need: NDArray[np.uint8], at: Places, first: Places, stop: Places
) -> tuple[Rows, Rows]: ...
def keeps(
    screen: Screen, left: Rows, right: Rows, least_log2: float, name_log2: Bits | None, together: bool
) -> NDArray[np.bool_]: ...
