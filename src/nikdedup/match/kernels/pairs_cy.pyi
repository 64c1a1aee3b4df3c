"""Types of pairs_cy.pyx; pairs_py.py says what each function returns."""

import numpy as np
from numpy.typing import NDArray

from nikdedup.columnar.arrays import Bits
from nikdedup.columnar.grouping_py import Places, Rows
from nikdedup.match.kernels.inputs import Gate, ScreenTables, Sieve

def block_pairs(
    rows: Rows, starts: Places, middles: Places | None, stops: Places, gate: Gate | None, sieve: Sieve | None
) -> tuple[Rows, Rows]: ...
def keeps(
    screen: ScreenTables, left: Rows, right: Rows, least_log2: float, name_log2: Bits | None, together: bool
) -> NDArray[np.bool_]: ...
