"""Types of grouping_cy.pyx; grouping_py.py says what each function returns."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nikdedup.columnar.grouping_py import Places, Rows

def mixed(*codes: NDArray[np.signedinteger[Any]]) -> NDArray[np.int64]: ...
def grouped(key: NDArray[np.int64]) -> tuple[Rows, Places, Places]: ...
def numbered(code: NDArray[np.uint64]) -> tuple[NDArray[np.uint32], Places]: ...
