"""Types of pairs_cy.pyx; pairs_py.py says what each function returns."""

import numpy as np
from numpy.typing import NDArray

from nikdedup.columnar.arrays import Bits
from nikdedup.columnar.grouping_py import Places, Rows
from nikdedup.match.kernels.inputs import PrefilterRule, PrefilterTables, QgramFilter

def block_pairs(
    rows: Rows,
    starts: Places,
    middles: Places | None,
    stops: Places,
    qgrams: QgramFilter | None,
    rule: PrefilterRule | None,
) -> tuple[Rows, Rows]: ...
def keeps(
    tables: PrefilterTables,
    left: Rows,
    right: Rows,
    least_log2: float,
    name_log2: Bits | None,
    kin_log2: Bits | None,
    together: bool,
) -> NDArray[np.bool_]: ...
